package meeting

import (
	"errors"
	"fmt"
	"time"
)

// errIllegal is wrapped by Apply for a fact that cannot follow from the state.
var errIllegal = errors.New("fact does not follow from the state")

// Meeting is the machine of one meeting. It is not safe for concurrent use.
type Meeting struct {
	s     Snapshot        // the state; Snapshot hands out copies
	index map[PointID]int // into s.Points
}

// New returns the machine of a meeting whose log is empty.
func New(id ID) *Meeting {
	return &Meeting{s: Snapshot{Version: SnapshotVersion, ID: id}, index: map[PointID]int{}}
}

// Seq is the number of the last event folded, 0 before the first.
func (m *Meeting) Seq() Seq { return m.s.Seq }

// Decide judges a command at a time and returns the facts that carry it out.
// It changes nothing. A refusal is an *Error; no facts and no error mean that
// the state is already as the command wants it. Commands are given by value.
func (m *Meeting) Decide(now time.Time, by Actor, c Command) ([]Fact, error) {
	if c == nil {
		return nil, refuse(CodeValueInvalid, "field", "command")
	}
	id := target(c, by)
	if !m.may(by, c, id) {
		return nil, refuse(CodeRights, "role", string(by.Role), "command", c.command())
	}
	if err := m.inControl(by, c); err != nil {
		return nil, err
	}
	switch c := c.(type) {
	case CreateMeeting:
		return m.create(c)
	case Fork:
		return m.fork(c)
	}
	if m.s.Seq == 0 {
		return nil, refuse(CodeMeetingUnknown)
	}
	if !m.s.EndedAt.IsZero() {
		return nil, refuse(CodeMeetingEnded)
	}
	return m.judge(moment{now: now, by: by}, c, id)
}

// judge lets a command that its actor may give judge itself.
func (m *Meeting) judge(at moment, c Command, id PointID) ([]Fact, error) {
	switch c := c.(type) {
	case meetingCommand:
		return c.decide(m, at)
	case pointCommand:
		p := m.point(id)
		if p == nil {
			return nil, unknownPoint(id)
		}
		return c.decideFor(m, at, p)
	}
	return nil, refuse(CodeValueInvalid, "field", "command")
}

// Apply folds the next event. It is the only mutator, and on an error it
// changes nothing.
func (m *Meeting) Apply(e Event) error {
	if e.Seq != m.s.Seq+1 {
		return fmt.Errorf("%w: %d after %d", ErrGap, e.Seq, m.s.Seq)
	}
	if e.Fact == nil {
		return fmt.Errorf("meeting: apply event %d: no fact", e.Seq)
	}
	e.At = canonical(e.At)
	if err := m.fold(e); err != nil {
		return fmt.Errorf("meeting: apply event %d, fact %q: %w", e.Seq, e.Fact.fact(), err)
	}
	m.s.Seq = e.Seq
	m.takeControl(e)
	m.remember(e)
	return nil
}

// fold lets a fact that can follow check itself against the state, then carry
// itself out.
func (m *Meeting) fold(e Event) error {
	_, created := e.Fact.(MeetingCreated)
	_, forked := e.Fact.(Forked)
	if first := created || forked; first != (m.s.Seq == 0) || !m.s.EndedAt.IsZero() {
		return errIllegal
	}
	return e.Fact.fold(m, e)
}

// point returns the point's state, nil if it is not of this meeting.
func (m *Meeting) point(id PointID) *PointState {
	if i, ok := m.index[id]; ok {
		return &m.s.Points[i]
	}
	return nil
}

// isChair reports whether p is the chair point (điểm cầu chủ tọa, Art 2.2).
func (m *Meeting) isChair(p PointID) bool { return p == m.s.ChairPoint }

// unknownPoint refuses an id that is not in the roster, without echoing what
// is not an id.
func unknownPoint(id PointID) error {
	if !id.valid() {
		return refuse(CodePointUnknown)
	}
	return refuse(CodePointUnknown, "point", string(id))
}
