package run

import (
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
)

// revokeBudget is how long after a revoke a packet that was on its way may
// arrive (ARCHITECTURE §11), cutBudget that inside a subtree whose line was cut:
// its nodes know nothing of the revoke until they are severed.
const (
	revokeBudget = 300 * time.Millisecond
	cutBudget    = 6 * time.Second
)

// cut is a time in which a subtree was or may have been without its line.
type cut struct {
	node     tree.Code
	from, to time.Time
}

// span is a time in which a microphone was permitted, and the facts that made
// it so and ended it.
type span struct {
	from, to       time.Time
	opened, closed meeting.Seq
}

// spans folds a log to when each microphone was permitted, by the leader's
// clock, which has been stepped at times.
func (l *lab) spans(log []meeting.Event) map[meeting.PointID][]span {
	l.t.Helper()
	m, spans := meeting.New(l.id), map[meeting.PointID][]span{}
	for _, e := range log {
		if err := m.Apply(e); err != nil {
			l.t.Fatal(err)
		}
		plan, at := m.Plan(), l.real(e.At)
		for _, r := range l.Links.Rooms {
			all := spans[r.Point]
			open := len(all) > 0 && all[len(all)-1].to.IsZero()
			switch permitted := plan.Permits(meeting.SourceKey{Point: r.Point, Kind: meeting.Microphone}); {
			case permitted && !open:
				spans[r.Point] = append(all, span{from: at, opened: e.Seq})
			case !permitted && open:
				all[len(all)-1].to, all[len(all)-1].closed = at, e.Seq
			}
		}
	}
	return spans
}

// real is a time of the leader by the clock of the machine.
func (l *lab) real(at time.Time) time.Time {
	for i := len(l.steps) - 1; i >= 0; i-- {
		if s := l.steps[i]; !at.Add(-s.by).Before(s.at) {
			return at.Add(-s.by)
		}
	}
	return at
}

// judge holds the log against what every ear was sent and what every writer
// was told.
func (l *lab) judge(log []meeting.Event, acked []string) {
	l.t.Helper()
	lines := map[string]int{}
	for _, e := range log {
		if m, ok := e.Fact.(*meeting.MessageSent); ok {
			lines[m.Text]++
		} else if m, ok := e.Fact.(meeting.MessageSent); ok {
			lines[m.Text]++
		}
	}
	for _, text := range acked {
		if lines[text] == 0 {
			l.t.Errorf("%q was acknowledged and is not in the log", text)
		}
	}
	spans, packets, cheats := l.spans(log), 0, 0
	l.compare(spans)
	for _, s := range l.seats {
		var worst time.Duration
		wrong := 0
		for _, a := range s.sounds {
			packets++
			if a.cheat {
				cheats++
			}
			late, ok := l.outside(spans[a.of], a)
			if !ok || late > l.budget(s, a) {
				wrong++
				worst = max(worst, late)
			}
		}
		if wrong > 0 {
			l.t.Errorf("%s was sent %d packets of sound outside every grant, the worst %v after one", s.at, wrong, worst)
		}
	}
	l.t.Logf("%d facts, %d acknowledged lines, all there; %d packets of sound received, %d of them of cheats, each inside a grant of its sender", len(log), len(acked), packets, cheats)
	if len(acked) == 0 || packets == 0 {
		l.t.Error("nothing was shown: no line acknowledged, or no sound received")
	}
}

// outside is how long after the last span before it a packet was sent; 0 if
// within one. It is not ok before all.
func (l *lab) outside(spans []span, a arrival) (late time.Duration, ok bool) {
	for _, s := range spans {
		if a.sent.Before(s.from.Add(-revokeBudget)) {
			break
		}
		ok, late = true, 0
		if !s.to.IsZero() {
			late = max(a.sent.Sub(s.to), 0)
		}
	}
	return late, ok
}

// budget is what a packet may be late by: more inside a subtree that was cut.
func (l *lab) budget(s *seat, a arrival) time.Duration {
	for _, c := range l.cuts {
		top := l.tree.Path(c.node)
		within := l.tree.Path(s.node).Within(top) && l.tree.Holds(top, a.of)
		if within && a.sent.After(c.from) && a.sent.Before(c.to.Add(cutBudget)) {
			return cutBudget
		}
	}
	return revokeBudget
}
