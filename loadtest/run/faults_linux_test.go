package run

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/loadtest"
)

// trouble is one thing that goes wrong with the tree while a commune speaks.
type trouble struct {
	name string
	node tree.Code     // whose line, or which, it is; what is below it may be late to close
	long time.Duration // how long it lasts
	full bool          // is played in the full form alone
	do   func(l *lab, tr trouble)
}

func troubles() []trouble {
	return []trouble{
		{"line of a district cut for 3 s", "024", 3 * time.Second, false, cutLine},
		{"line of a district cut for 12 s", "024", 12 * time.Second, true, cutLine},
		{"line of a district cut for 30 s", "024", 30 * time.Second, true, cutLine},
		{"line of the province cut for 30 s", "02", 30 * time.Second, true, cutLine},
		{"line of a district cut for 5 min", "024", 5 * time.Minute, true, cutLine},
		{"kill -9 of a commune's node", "00694", 0, true, killNode},
		{"kill -9 of the province's node", "02", 0, false, killNode},
		{"kill -9 of the root", "tw", 0, true, killNode},
		{"UDP alone blocked on a district's line", "024", 20 * time.Second, true, blockUDP},
		{"30 % of packets lost on a district's line", "024", time.Minute, true, loseMany},
		{"clock of a district's node 5 s ahead", "024", 10 * time.Second, true, stepClock(5 * time.Second)},
		{"clock of the root's node 5 s behind", "tw", 10 * time.Second, true, stepClock(-5 * time.Second)},
	}
}

func cutLine(l *lab, tr trouble) {
	line := l.hosts.lines[tr.node]
	line.Cut()
	since := time.Now()
	if tr.long > cutBudget {
		l.await(l.seats[atCommune].Bot, "the commune to be told", func(s loadtest.State) bool { return s.View.Meeting != nil && s.View.Meeting.Above != "" })
	}
	l.rest(tr.long - time.Since(since))
	line.Heal()
}

func killNode(l *lab, tr trouble) {
	l.diaries[tr.node].killed(time.Now())
	if err := l.nodes[tr.node].Restart(l.t.Context()); err != nil {
		l.t.Fatal(err)
	}
}

func blockUDP(l *lab, tr trouble) {
	host := l.hosts.all[tr.node]
	above := l.nodes[tr.node].up
	nft := func(rules string) {
		cmd := exec.Command("nft", "-f", "-")
		cmd.Stdin = strings.NewReader(rules)
		out := &strings.Builder{}
		cmd.Stdout, cmd.Stderr = out, out
		if err := host.Start(cmd); err != nil {
			l.t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			l.t.Fatalf("nft: %v: %s", err, out)
		}
	}
	nft(fmt.Sprintf(`table inet hole {
	chain in { type filter hook input priority 0; ip saddr %[1]s meta l4proto udp drop; }
	chain out { type filter hook output priority 0; ip daddr %[1]s meta l4proto udp drop; }
}
`, above))
	l.rest(tr.long)
	nft("delete table inet hole\n")
}

func loseMany(l *lab, tr trouble) {
	n, _ := l.tree.Node(tr.node)
	bad := shapes(n.Tier)
	bad.Loss = 0.3
	l.reshape(tr.node, bad)
	l.rest(tr.long)
	l.reshape(tr.node, shapes(n.Tier))
}

func stepClock(by time.Duration) func(*lab, trouble) {
	return func(l *lab, tr trouble) {
		l.step(tr.node, by)
		l.rest(tr.long)
		l.step(tr.node, 0)
	}
}

// step steps the clock of a node's meetings; its program is built with one that
// can be stepped.
func (l *lab) step(c tree.Code, by time.Duration) {
	l.t.Helper()
	mustWrite(l.t, filepath.Join(l.nodes[c].dir, "clock"), by.String())
	if c == l.tree.Nodes()[0].Code {
		l.steps = append(l.steps, stepped{time.Now(), by})
	}
}

// stepped is the leader's clock from a time on.
type stepped struct {
	at time.Time
	by time.Duration
}

// Lines are cut, nodes killed and clocks stepped while a commune speaks and
// cheats at every tier send sound all the time. Sound and picture come back by
// themselves, every node has the same floor again, no acknowledged fact is
// lost, and nobody was sent sound the log does not allow.
func TestCascadeFaults(t *testing.T) {
	beside(t)
	flags := []string{}
	if inFull() {
		overlay := plant(t, "../testdata/clock/stepping.patch").overlay
		flags = []string{"-overlay", overlay}
	}
	binary := bridge(t, flags...)
	l := layOut(t, fourTiers, func(tree.Code) string { return binary })
	cheats := []meeting.PointID{atProvince, atDistrict, atCommune, atOther}
	l.seat(append(cheats, atCentre)...)
	l.show(meeting.Layout1, atCommune)
	stop := l.cheat(cheats...)
	w := l.write()
	helped := l.help(atCommune)
	defer helped()
	t.Log("| fault | sound back at the centre | picture back | at the neighbour's commune | same floor on all nodes | grant |")
	for _, tr := range troubles() {
		if !tr.full || inFull() {
			t.Run(tr.name, func(t *testing.T) { l.within(t, func() { l.suffer(tr) }) })
		}
	}
	l.order(l.watch, meeting.CloseAll{})
	l.rest(2 * time.Second)
	sent, acked := stop(), w()
	l.judge(l.journal("tw", l.id), acked)
	t.Logf("%d packets sent by cheats", sent)
}

// within has a part of a test fail by itself.
func (l *lab) within(t *testing.T, do func()) {
	whole := l.t
	l.t = t
	defer func() { l.t = whole }()
	do()
}

// suffer lets one thing go wrong.
func (l *lab) suffer(tr trouble) {
	l.t.Helper()
	if s := l.seats[atCommune].State(); !s.Speaking() {
		l.arrives(atCentre, atCommune, false, l.speak(atCommune))
	}
	l.arrives(atCentre, atCommune, true, time.Now())
	before := l.floor(l.watch)
	began := time.Now()
	tr.do(l, tr)
	healed := time.Now()
	l.cuts = append(l.cuts, cut{node: tr.node, from: began, to: healed})
	held := "kept"
	heard := l.returns(atCentre, false, healed, 30*time.Second)
	if heard == 0 { // the absence was longer than the grant lasts
		held = "given again"
		l.await(l.seats[atCommune].Bot, "the commune to be back", inside)
		heard = l.arrives(atCentre, atCommune, false, l.speak(atCommune)) + time.Since(healed)
	}
	seen, other := l.returns(atCentre, true, healed, labWait), l.returns(atOther, false, healed, labWait)
	if seen == 0 || other == 0 {
		l.t.Fatalf("%s: no picture at the centre (%v) or no sound at the other commune (%v): %s", tr.name, seen, other, l.Errors())
	}
	same := l.agree()
	if held == "kept" && l.floor(l.watch) != before {
		l.t.Errorf("%s: the floor was %s, and is %s", tr.name, before, l.floor(l.watch))
	}
	l.t.Logf("| %s | %v | %v | %v | after %v | %s |", tr.name, short3(heard), short3(seen), short3(other), short3(same), held)
}

// returns is how long after a time the commune is there again, 0 if it is not.
func (l *lab) returns(at meeting.PointID, picture bool, since time.Time, most time.Duration) time.Duration {
	var got time.Time
	until(l.t.Context(), most, func() bool { got = l.seats[at].first(atCommune, picture, since); return !got.IsZero() })
	if got.IsZero() {
		return 0
	}
	return got.Sub(since)
}

// help presses OK whenever a room is asked to, as somebody in it would.
func (l *lab) help(p meeting.PointID) (stop func()) {
	ctx, cancel := context.WithCancel(l.t.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		for ctx.Err() == nil {
			if mic := l.seats[p].State().Mic(); mic == wire.MicBack {
				_, _ = l.seats[p].Do(ctx, meeting.SwitchOn{}) // it may be lost again
			}
			pause(ctx, 50*time.Millisecond)
		}
	})
	return func() { cancel(); wait.Wait() }
}

// write has the controllers of the root and of a commune's node write numbered
// lines all the time, until the function it gives is called: it gives those
// that were acknowledged.
func (l *lab) write() (stop func() []string) {
	ctx, cancel := context.WithCancel(l.t.Context())
	var wait sync.WaitGroup
	var mu sync.Mutex
	var acked []string
	for _, code := range []tree.Code{"tw", "00694"} {
		s := l.nodes[code]
		b := l.bot(loadtest.Config{Token: s.Links.Console, Device: "lab-writer-" + string(code), NoMedia: true}, s.Links.URL, s.dial)
		wait.Go(func() {
			defer b.Close()
			for n := 0; ctx.Err() == nil; n++ {
				text := fmt.Sprintf("line %d of %s", n, code)
				limit, over := context.WithTimeout(ctx, answerWait)
				if _, err := b.Do(limit, meeting.SendMessage{Text: text}); err == nil {
					mu.Lock()
					acked = append(acked, text)
					mu.Unlock()
				}
				over()
				pause(ctx, 150*time.Millisecond)
			}
		})
	}
	return func() []string {
		cancel()
		wait.Wait()
		return acked
	}
}

// floor is who holds and who waits, as a controller is shown it.
func (l *lab) floor(b *loadtest.Bot) string {
	text, err := json.Marshal(b.State().View.Floor)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}

// agree waits until the controllers of all nodes are shown the same floor, and
// says how long that took.
func (l *lab) agree() time.Duration {
	l.t.Helper()
	began := time.Now()
	var seen []string
	for _, n := range l.tree.Nodes() {
		s := l.nodes[n.Code]
		b := l.bot(loadtest.Config{Token: s.Links.Console, Device: "lab-desk-" + string(n.Code), NoMedia: true}, s.Links.URL, s.dial)
		defer b.Close()
		if !until(l.t.Context(), labWait, func() bool { return b.State().View.Floor != nil && l.floor(b) == l.floor(l.watch) }) {
			l.t.Errorf("the floor at %s is %s, at the root %s", n.Code, l.floor(b), l.floor(l.watch))
		}
		seen = append(seen, l.floor(b))
	}
	if slices.Contains(seen, "null") {
		l.t.Errorf("a node has no floor: %v", seen)
	}
	return time.Since(began)
}
