package run

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
)

// diary is all a node has logged, over its restarts, and when each of its
// processes was killed, which closed what it had open.
type diary struct {
	mu    sync.Mutex
	text  bytes.Buffer
	kills []time.Time
}

// Write keeps what a process writes to its log.
func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.Write(p)
}

func (d *diary) killed(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kills = append(d.kills, at)
}

// passage is one time in which a node had the gate of a microphone open, by its
// own log.
type passage struct {
	point    meeting.PointID
	since    meeting.Seq // the fact that opened it
	from, to time.Time
	opened   meeting.Seq // the plan it was opened by,
	closed   meeting.Seq // and closed by; 0 if the process was killed
}

// clockGrain is how exactly a node's log has its times.
const clockGrain = 2 * time.Millisecond

var gateLine = regexp.MustCompile(`^time=(\S+) .*msg="gate (opened|closed)" meeting=(\S+) source=(\S+)/microphone since=(\d+) seq=(\d+)`)

// passages reads a node's log.
func (d *diary) passages(t *testing.T, id meeting.ID) (all []passage) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	open, kills := map[meeting.PointID]passage{}, slices.Clone(d.kills)
	end := func(p passage) { delete(open, p.point); all = append(all, p) }
	lines := bufio.NewScanner(bytes.NewReader(d.text.Bytes()))
	for lines.Scan() {
		m := gateLine.FindStringSubmatch(lines.Text())
		if m == nil || m[3] != string(id) {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, m[1])
		since, _ := strconv.ParseUint(m[5], 10, 64) // they are digits
		seq, _ := strconv.ParseUint(m[6], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		for len(kills) > 0 && kills[0].Before(at) {
			for _, p := range slices.Collect(maps.Values(open)) {
				p.to = kills[0]
				end(p)
			}
			kills = kills[1:]
		}
		p, is := open[meeting.PointID(m[4])]
		switch {
		case m[2] == "opened" && !is:
			p = passage{point: meeting.PointID(m[4]), since: meeting.Seq(since), from: at, opened: meeting.Seq(seq)}
			open[p.point] = p
		case m[2] == "closed" && is && p.since == meeting.Seq(since):
			p.to, p.closed = at, meeting.Seq(seq)
			end(p)
		default:
			t.Errorf("a log that makes no sense: %s", lines.Text())
		}
	}
	for _, p := range open {
		t.Errorf("the gate of %s is left open since %d", p.point, p.since)
	}
	return all
}

// compare holds the gates of every node against the log and each other: a gate
// was opened for one fact, the same at every node and never before it, and was
// closed when the log closed it or before. Every node from where a speaker is up
// to the root let it past.
func (l *lab) compare(spans map[meeting.PointID][]span) {
	l.t.Helper()
	l.t.Log("| node | gates opened | closed by the log | closed ahead of it | longest after the fact: first opened, closed |")
	let := map[tree.Code]map[meeting.Seq]bool{}
	for _, n := range l.tree.Nodes() {
		let[n.Code] = map[meeting.Seq]bool{}
		var byLog, ahead int
		var opened, closed time.Duration
		all := l.diaries[n.Code].passages(l.t, l.id)
		for _, p := range all {
			again := let[n.Code][p.since] // after its line was cut
			let[n.Code][p.since] = true
			i := slices.IndexFunc(spans[p.point], func(s span) bool { return s.opened == p.since })
			if i < 0 {
				l.t.Errorf("%s opened the gate of %s for fact %d, which opens nothing", n.Code, p.point, p.since)
				continue
			}
			s := spans[p.point][i]
			late := p.to.Sub(s.to)
			if p.opened < s.opened || p.from.Before(s.from.Add(-clockGrain)) {
				l.t.Errorf("%s opened the gate of %s at %v by plan %d, before the fact %d of %v", n.Code, p.point, p.from, p.opened, s.opened, s.from)
			}
			if late > l.lateAt(n.Code, s.to) {
				l.t.Errorf("%s closed the gate of %s %v after fact %d of %v", n.Code, p.point, late, s.closed, s.to)
			}
			if p.closed >= s.closed {
				byLog++
				closed = max(closed, late)
			} else {
				ahead++
			}
			if !again {
				opened = max(opened, p.from.Sub(s.from))
			}
		}
		l.t.Logf("| %s | %d | %d | %d | %v, %v |", n.Code, len(all), byLog, ahead, short3(opened), short3(closed))
	}
	l.allThrough(spans, let)
}

// lateAt is how late a node may close after a fact: within the budget of a
// revoke, or, if it was cut off or coming back, of a cut.
func (l *lab) lateAt(c tree.Code, at time.Time) time.Duration {
	for _, cut := range l.cuts {
		if l.tree.Path(c).Within(l.tree.Path(cut.node)) && at.After(cut.from) && at.Before(cut.to.Add(cutBudget)) {
			return cutBudget
		}
	}
	return revokeBudget
}

// allThrough demands that whoever had the floor for a while was let past by each
// node between its own and the root.
func (l *lab) allThrough(spans map[meeting.PointID][]span, let map[tree.Code]map[meeting.Seq]bool) {
	l.t.Helper()
	const awhile = 2 * time.Second
	shown := 0
	for p, all := range spans {
		for _, s := range all {
			if s.to.Sub(s.from) < awhile {
				continue
			}
			shown++
			for _, n := range l.tree.Nodes() {
				if l.tree.Holds(l.tree.Path(n.Code), p) && !let[n.Code][s.opened] {
					l.t.Errorf("%s did not let %s past, permitted by %d for %v", n.Code, p, s.opened, s.to.Sub(s.from))
				}
			}
		}
	}
	if shown == 0 {
		l.t.Error("nobody had the floor: nothing was compared")
	}
	l.t.Log(fmt.Sprintf("%d openings held against every node of their way", shown))
}
