package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// merge adds the minutes of an island to the meeting's own.
func (m *Minutes) merge(island *Minutes) {
	m.Logs = append(m.Logs, island.Logs...)
	for i := range island.Attendance {
		theirs := &island.Attendance[i]
		at := slices.IndexFunc(m.Attendance, func(a Attendance) bool { return a.Point.ID == theirs.Point.ID })
		if at < 0 {
			m.Attendance = append(m.Attendance, *theirs)
			continue
		}
		m.Attendance[at].merge(theirs)
	}
	m.Speeches = append(m.Speeches, island.Speeches...)
	m.RollCalls = append(m.RollCalls, island.RollCalls...)
	m.Incidents = append(m.Incidents, island.Incidents...)
	m.Acts = append(m.Acts, island.Acts...)
	if island.Until.After(m.Until) {
		m.Until = island.Until
	}
}

func (a *Attendance) merge(b *Attendance) {
	a.Stays = append(a.Stays, b.Stays...)
	a.Joins += b.Joins
	a.Losses += b.Losses
	a.FirstAt = earliest(a.FirstAt, b.FirstAt)
	if b.LastAt.After(a.LastAt) {
		a.LastAt, a.LeftEarly = b.LastAt, b.LeftEarly
	}
	if a.Finished.IsZero() {
		a.Finished = b.Finished
	}
}

// earliest is the earlier of two times, of which zero is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// finish works out what follows from the rest, and puts everything in order.
func (m *Minutes) finish() {
	for i := range m.Attendance {
		a := &m.Attendance[i]
		a.Stays = union(a.Stays)
		a.Present = 0
		for _, s := range a.Stays {
			a.Present += s.To.Sub(s.From)
		}
		due := !m.DueAt.IsZero()
		a.Late = due && (a.FirstAt.After(m.DueAt) || a.FirstAt.IsZero() && m.Until.After(m.DueAt))
	}
	slices.SortStableFunc(m.Speeches, func(a, b Speech) int { return a.InvitedAt.Compare(b.InvitedAt) })
	slices.SortStableFunc(m.RollCalls, func(a, b RollCall) int { return a.StartedAt.Compare(b.StartedAt) })
	slices.SortStableFunc(m.Incidents, func(a, b Incident) int { return a.OpenedAt.Compare(b.OpenedAt) })
	slices.SortStableFunc(m.Acts, func(a, b Act) int { return a.At.Compare(b.At) })
	for i := range m.RollCalls {
		m.RollCalls[i].count(len(m.Attendance))
	}
}

// union merges spans that overlap or touch.
func union(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	var merged []Span
	for _, s := range spans {
		if n := len(merged); n > 0 && !s.From.After(merged[n-1].To) {
			if s.To.After(merged[n-1].To) {
				merged[n-1].To = s.To
			}
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

func (r *RollCall) count(points int) {
	r.Present, r.Absent, r.Late = 0, 0, 0
	for _, k := range r.Marks {
		switch k.State {
		case meeting.MarkPresent:
			r.Present++
		case meeting.MarkAbsent:
			r.Absent++
		case meeting.MarkLate:
			r.Late++
		}
	}
	r.Unmarked = points - len(r.Marks)
}
