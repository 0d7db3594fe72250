package storetest_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/redis"
	"github.com/giaoban/giaoban/internal/store/storetest"
)

// The size of the proof: the full form is that of make prove-sentinel.
const (
	sentinelEnv = "GIAOBAN_PROVE_SENTINEL"
	fullKills   = 20
	fullFreezes = 10
)

// The load, of 100 commands a second, and what is demanded of it. sentinelPatience
// is what the store promises to wait where there are Sentinels.
const (
	loadMeetings     = 5
	loadPace         = time.Second * loadMeetings * sessions / 100
	sentinelPatience = 4 * time.Second
	revokeBudget     = 300 * time.Millisecond
	afterFault       = 500 * time.Millisecond // when closings are given
	loadBefore       = time.Second            // before each fault
	switchPatience   = 20 * time.Second
)

// speaking is the point whose microphone is open in each meeting.
const speaking = sessions - 1

// reply is one acknowledged command of the load.
type reply struct {
	ack
	at   time.Time
	took time.Duration // since it was first given
}

// led is one meeting under load.
type led struct {
	*focus.Focus
	gate *gate

	mu      sync.Mutex
	replies []reply
	off     []meeting.Seq // where its microphone was switched off by its own command
}

// gate is one meeting's media: the microphone of the speaking point.
type gate struct {
	mu     sync.Mutex
	open   bool
	closed int       // how often
	at     time.Time // of the newest closing
}

// gates are the media of all meetings.
type gates map[meeting.ID]*gate

func (gs gates) End(meeting.ID) {}

func (gs gates) Carry(id meeting.ID, plan *meeting.Plan) {
	g := gs[id]
	open := plan.Permits(meeting.SourceKey{Point: pointOf(speaking), Kind: meeting.Microphone})
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open && !open {
		g.closed++
		g.at = time.Now()
	}
	g.open = open
}

func (g *gate) now() (open bool, closed int, at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open, g.closed, g.at
}

// switching is one run of faults under load.
type switching struct {
	*testing.T
	group    *storetest.SentinelGroup
	store    *redis.Store
	meetings []*led
	rows     []row
}

// row is what one fault did.
type row struct {
	fault    string
	silence  time.Duration // the longest time in which a meeting had nothing acknowledged
	p50, p95 time.Duration // of the commands under way at the fault or given within the patience after it
	within   time.Duration // the slowest closing given during the fault, at the media
	closed   int           // microphones closed that nobody had closed
	outages  int           // facts that say so
	all      int           // commands acknowledged
}

func room() meeting.Actor { return meeting.Actor{Role: meeting.RoleRoom, Point: pointOf(speaking)} }

// startSwitching starts the servers and the meetings.
func startSwitching(t *testing.T) *switching {
	s := &switching{T: t, group: storetest.StartSentinels(t)}
	var err error
	s.store, err = redis.Open(t.Context(), redis.Config{
		URL: "redis://nobody/0", Prefix: "giaoban:", Sentinels: s.group.Addrs(), Master: storetest.MasterName,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.store.Close() })
	media := gates{}
	for i := range loadMeetings {
		media[meeting.ID(fmt.Sprint("m", i))] = &gate{}
	}
	registry := focus.NewRegistry(focus.Config{Journal: s.store, Snapshots: s.store, Media: media, Confirm: time.Second})
	t.Cleanup(registry.Close)
	for i := range loadMeetings {
		id := meeting.ID(fmt.Sprint("m", i))
		f, err := begin(registry, id)
		if err != nil {
			t.Fatal(err)
		}
		m := &led{Focus: f, gate: media[id]}
		s.must(m, meeting.Actor{Role: meeting.RoleNode}, meeting.Connect{Point: pointOf(speaking), Device: "d"})
		s.must(m, controller(), meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: pointOf(speaking)})
		s.meetings = append(s.meetings, m)
	}
	return s
}

func (s *switching) must(m *led, by meeting.Actor, c meeting.Command) meeting.Seq {
	s.Helper()
	seq, err := settle(m.Focus, by, meeting.Cause{}, c)
	if err != nil {
		s.Fatalf("%s: %s: %v", m.ID(), meeting.CommandName(c), err)
	}
	return seq
}

// load gives the commands of one session, one after the other, until ctx ends.
func (s *switching) load(ctx context.Context, m *led, session int) {
	pace := time.NewTicker(loadPace)
	defer pace.Stop()
	for id := uint64(1); ; id++ {
		select {
		case <-ctx.Done():
			return
		case <-pace.C:
		}
		given := time.Now()
		seq, err := insist(m.Focus, session, id)
		if err != nil {
			s.Errorf("%s: command %d of s%d: %v", m.ID(), id, session, err)
			return
		}
		m.mu.Lock()
		m.replies = append(m.replies, reply{ack{session, id, seq}, time.Now(), time.Since(given)})
		m.mu.Unlock()
	}
}

// A master of Redis is killed, or hangs and comes back when another has taken
// its place, while 100 commands a second are given: no acknowledged fact is
// lost, none stands twice or out of order, what is closed meanwhile is closed at
// the media at once, and no microphone closes by a switch within the patience.
func TestSwitchedMaster(t *testing.T) {
	t.Parallel()
	full, faults := os.Getenv(sentinelEnv) != "", []string{"freeze", "kill"}
	if full {
		faults = slices.Concat(slices.Repeat([]string{"kill"}, fullKills), slices.Repeat([]string{"freeze"}, fullFreezes))
	}
	s := startSwitching(t)
	ctx, stop := context.WithCancel(t.Context())
	var under sync.WaitGroup
	for _, m := range s.meetings {
		for session := range sessions {
			under.Go(func() { s.load(ctx, m, session) })
		}
	}
	for n, fault := range faults {
		s.suffer(n, fault, full || n < len(faults)-1)
		s.check()
		if t.Failed() {
			break
		}
	}
	stop()
	under.Wait()
	s.check()
	s.tell()
}

// suffer is one fault, from order to order. Of two meetings the microphone is
// switched off by its own command meanwhile; those of the others must stay open.
// It ends when the group is whole again, if that is waited for.
func (s *switching) suffer(n int, fault string, whole bool) {
	before := map[*led]int{}
	outages := 0
	for _, m := range s.meetings {
		if open, _, _ := m.gate.now(); !open {
			s.must(m, room(), meeting.SwitchOn{})
		}
		_, before[m], _ = m.gate.now()
		outages += s.outages(m)
	}
	<-time.After(loadBefore)
	old := s.group.Master()
	began := time.Now()
	if fault == "kill" {
		old.Kill()
	} else {
		old.Freeze()
	}
	<-time.After(afterFault)
	own := []*led{s.meetings[n%loadMeetings], s.meetings[(n+1)%loadMeetings]}
	r := row{fault: fault, within: s.closeAll(own)}
	s.switched(old)
	if fault == "kill" {
		old.Start()
	} else {
		<-time.After(loadBefore) // the hung one has missed much
		old.Thaw()
	}
	if whole {
		s.group.Whole()
	} else {
		<-time.After(loadBefore)
	}
	s.measure(&r, began, time.Now())
	for _, m := range s.meetings {
		_, closed, _ := m.gate.now()
		if r.closed += closed - before[m]; slices.Contains(own, m) {
			r.closed--
		}
		r.outages += s.outages(m)
	}
	r.outages -= outages
	s.rows = append(s.rows, r)
	s.Logf("%2d %v", n+1, r)
	switch {
	case r.silence < sentinelPatience && (r.closed > 0 || r.outages > 0):
		s.Errorf("%d microphones closed, %d outages, though the switch was within the patience: %s", r.closed, r.outages, r.silence)
	case r.within > revokeBudget:
		s.Errorf("a closing took %s at the media", r.within)
	}
}

// closeAll switches microphones off while there is no master, and says how long
// that took at the media.
func (s *switching) closeAll(own []*led) (slowest time.Duration) {
	s.Helper()
	for _, m := range own {
		given := time.Now()
		go func() {
			seq, err := settle(m.Focus, room(), meeting.Cause{}, meeting.SwitchOff{})
			if err != nil {
				s.Errorf("%s: switch off: %v", m.ID(), err)
			}
			m.mu.Lock()
			m.off = append(m.off, seq)
			m.mu.Unlock()
		}()
		for open := true; open; <-time.After(time.Millisecond) {
			var at time.Time
			if open, _, at = m.gate.now(); !open {
				slowest = max(slowest, at.Sub(given))
			} else if time.Since(given) > switchPatience {
				s.Fatalf("%s: its microphone was not closed in %s", m.ID(), switchPatience)
			}
		}
	}
	return slowest
}

// switched returns when the Sentinels name another master.
func (s *switching) switched(old *storetest.RedisServer) {
	s.Helper()
	for deadline := time.Now().Add(switchPatience); s.group.Master() == old; <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("no other master after %s", switchPatience)
		}
	}
}

// measure reads the replies from one time to another.
func (s *switching) measure(r *row, from, to time.Time) {
	var took []time.Duration
	for _, m := range s.meetings {
		last := from
		m.mu.Lock()
		for _, a := range m.replies {
			if a.at.Before(from) || a.at.After(to) {
				continue
			}
			r.silence, last = max(r.silence, a.at.Sub(last)), a.at
			r.all++
			if given := a.at.Add(-a.took); given.Before(from.Add(sentinelPatience)) {
				took = append(took, a.took)
			}
		}
		m.mu.Unlock()
		r.silence = max(r.silence, to.Sub(last))
	}
	slices.Sort(took)
	if len(took) == 0 {
		s.Fatalf("nothing was acknowledged after the fault")
	}
	r.p50, r.p95 = took[len(took)/2], took[len(took)*95/100]
}

// outages counts what a meeting's log says of times in which it took nothing.
func (s *switching) outages(m *led) (n int) {
	for _, e := range storetest.Log(s.T, s.store, m.ID(), 0) {
		if _, is := e.Fact.(meeting.JournalRestored); is {
			n++
		}
	}
	return n
}

// check compares every log with what was acknowledged until now, and folds it.
func (s *switching) check() {
	s.Helper()
	for _, m := range s.meetings {
		m.mu.Lock()
		var acks []ack
		for _, r := range m.replies {
			acks = append(acks, r.ack)
		}
		off := slices.Clone(m.off)
		m.mu.Unlock()
		events := storetest.Log(s.T, s.store, m.ID(), 0)
		for _, wrong := range faults(acks, events) {
			s.Errorf("%s: %s", m.ID(), wrong)
		}
		for _, seq := range off {
			if seq > meeting.Seq(len(events)) {
				s.Errorf("%s: a closing was acknowledged at %d and is not there", m.ID(), seq)
			}
		}
		machine := meeting.New(m.ID())
		for _, e := range events {
			if err := machine.Apply(e); err != nil {
				s.Fatalf("%s: %v", m.ID(), err)
			}
		}
	}
}

// tell prints the table.
func (s *switching) tell() {
	var table strings.Builder
	longest, commands := time.Duration(0), 0
	for i, r := range s.rows {
		longest = max(longest, r.silence)
		fmt.Fprintf(&table, "\n%2d %v", i+1, r)
	}
	for _, m := range s.meetings {
		commands += len(m.replies)
	}
	s.Logf("%d commands acknowledged, longest silence %s%s", commands, longest.Round(10*time.Millisecond), &table)
}

// String is one line of the table.
func (r row) String() string {
	const ms = time.Millisecond
	return fmt.Sprintf("%-6s silence %6s  p50 %6s  p95 %6s  closing %7s  sound closed %d  outages %d  acknowledged %d", r.fault,
		r.silence.Round(ms), r.p50.Round(ms), r.p95.Round(ms), r.within.Round(10*time.Microsecond), r.closed, r.outages, r.all)
}
