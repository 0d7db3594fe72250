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

// Answered is what the session's last command that produced facts came to, for
// answering its retry without carrying it out again. The newest sessions are
// remembered, so a retry must come while its session lives.
func (m *Meeting) Answered(session string) (Answered, bool) {
	a, ok := m.s.Answered[session]
	return a, ok
}

// Decide judges a command at a time and returns the facts that carry it out.
// It changes nothing. A refusal is an *Error; no facts and no error mean that
// the state is already as the command wants it. Commands are given by value.
func (m *Meeting) Decide(now time.Time, by Actor, c Command) ([]Fact, error) {
	if c == nil {
		return nil, refuse(CodeValueInvalid, "field", "command")
	}
	id, pointed := target(c, by)
	if !m.may(by, c, id) {
		return nil, refuse(CodeRights, "role", string(by.Role), "command", c.command())
	}
	if create, ok := c.(CreateMeeting); ok {
		return m.create(create)
	}
	if m.s.Seq == 0 {
		return nil, refuse(CodeMeetingUnknown)
	}
	if !m.s.EndedAt.IsZero() {
		return nil, refuse(CodeMeetingEnded)
	}
	if !pointed {
		return m.decideMeeting(c)
	}
	p := m.point(id)
	if p == nil {
		return nil, unknownPoint(id)
	}
	return m.decidePoint(now, p, c)
}

// decideMeeting judges the commands that are for no point.
func (m *Meeting) decideMeeting(c Command) ([]Fact, error) {
	switch c := c.(type) {
	case EndMeeting:
		return m.end(), nil
	case CloseAll:
		return m.closeAll(), nil
	case SetMode:
		return m.setMode(c)
	case SetLayout:
		return m.setLayout(c)
	case ClearLayout:
		return m.clearLayout(c)
	}
	return nil, refuse(CodeValueInvalid, "field", "command")
}

// decidePoint judges the commands that are for one point.
func (m *Meeting) decidePoint(now time.Time, p *PointState, c Command) ([]Fact, error) {
	switch c := c.(type) {
	case Connect:
		return m.connect(now, p, c)
	case Lose:
		return m.lose(p, c)
	case AskTakeover:
		return m.askTakeover(p, c)
	case AllowTakeover:
		return m.allowTakeover(p)
	case RequestFloor:
		return m.requestFloor(p, c.Floor)
	case CancelRequest:
		return m.cancelRequest(p, c.Floor)
	case GrantFloor:
		return m.grantFloor(p, c)
	case DenyFloor:
		return m.denyFloor(p, c.Floor)
	case RevokeFloor:
		return m.revokeFloor(p, c.Floor)
	case ReleaseFloor:
		return m.releaseFloor(p, c.Floor)
	case GiveFloor:
		return m.giveFloor(p)
	case SwitchOn:
		return m.switchOn(p)
	case SwitchOff:
		return m.switchOff(p), nil
	case SetCamera:
		return m.setCamera(p, c.On), nil
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
	m.remember(e)
	return nil
}

// fold checks a fact against the state, then carries it out.
func (m *Meeting) fold(e Event) error {
	if created, ok := e.Fact.(MeetingCreated); ok {
		return m.applyCreated(created)
	}
	if m.s.Seq == 0 || !m.s.EndedAt.IsZero() {
		return errIllegal
	}
	switch f := e.Fact.(type) {
	case MeetingEnded:
		return m.applyEnded(e)
	case PointConnected:
		return m.applyConnected(e, f)
	case PointLost:
		return m.applyLost(e, f)
	case PointFreed:
		return m.applyFreed(e, f)
	case TakeoverAsked:
		return m.applyTakeoverAsked(f)
	case PointTakenOver:
		return m.applyTakenOver(e, f)
	case FloorRequested:
		return m.applyRequested(e, f)
	case FloorCancelled:
		return m.endWaiting(f.Point, f.Floor)
	case FloorDenied:
		return m.applyDenied(f)
	case FloorGranted:
		return m.applyGranted(e, f)
	case FloorRevoked:
		return m.endGrant(e, f.Point, f.Floor)
	case FloorReleased:
		return m.endGrant(e, f.Point, f.Floor)
	case ModeSet:
		return m.applyMode(f)
	case SwitchedOn:
		return m.applySwitchedOn(e, f)
	case SwitchedOff:
		return m.applySwitchedOff(f)
	case CameraSet:
		return m.applyCamera(e, f)
	case LayoutSet:
		return m.applyLayout(e, f)
	case LayoutCleared:
		return m.applyLayoutCleared(f)
	}
	return errIllegal
}

// remember notes the answer to the event's cause. Beyond maxSession sessions
// the one answered longest ago is forgotten.
func (m *Meeting) remember(e Event) {
	if e.Cause.Session == "" {
		return
	}
	if m.s.Answered == nil {
		m.s.Answered = make(map[string]Answered)
	}
	m.s.Answered[e.Cause.Session] = Answered{ID: e.Cause.ID, Seq: e.Seq}
	if len(m.s.Answered) <= maxSession {
		return
	}
	oldest := e.Cause.Session
	for session, a := range m.s.Answered {
		if a.Seq < m.s.Answered[oldest].Seq {
			oldest = session
		}
	}
	delete(m.s.Answered, oldest)
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
