package meeting

import "time"

// Phase is how far a meeting has come.
type Phase string

// The phases. A meeting without a lobby is open from its creation.
const (
	PhaseWaiting Phase = "waiting" // nobody may connect yet
	PhaseLobby   Phase = "lobby"   // points connect and are checked (Art 7.1–7.3)
	PhaseOpen    Phase = "open"
	PhaseClosing Phase = "closing" // each point's closing check (Art 9.2.e)
	PhaseEnded   Phase = "ended"
)

// maxLobby bounds how long before the start a lobby may open, in minutes.
const maxLobby = 7 * 24 * 60

// Phase says how far the meeting has come.
func (s *Snapshot) Phase() Phase {
	switch {
	case !s.EndedAt.IsZero():
		return PhaseEnded
	case !s.ClosingAt.IsZero():
		return PhaseClosing
	case s.LobbyMinutes == 0 || !s.StartedAt.IsZero():
		return PhaseOpen
	case !s.OpenedAt.IsZero():
		return PhaseLobby
	}
	return PhaseWaiting
}

// Commands of a meeting's life.
type (
	// OpenLobby lets points connect before the lobby opens by itself.
	OpenLobby struct{}
	// StartMeeting opens the meeting. Technical checks end.
	StartMeeting struct{}
	// BeginClosing asks every point for its closing check (Art 9.2.e).
	BeginClosing struct{}
	// MoveChair makes another point the chair point; there is exactly one (Art 2.2).
	MoveChair struct {
		Point PointID `json:"point"`
	}
	// Rehome moves the meeting to another system and chair point in one act (Art 5.2.c).
	Rehome struct {
		System string  `json:"system" max:"800"`
		Point  PointID `json:"point"` // the chair point
	}
)

func (OpenLobby) command() string    { return "meeting.openLobby" }
func (StartMeeting) command() string { return "meeting.start" }
func (BeginClosing) command() string { return "meeting.close" }
func (MoveChair) command() string    { return "meeting.moveChair" }
func (Rehome) command() string       { return "meeting.rehome" }

func (c MoveChair) target() PointID { return c.Point }
func (c Rehome) target() PointID    { return c.Point }

// Facts of a meeting's life.
type (
	// LobbyOpened lets points connect.
	LobbyOpened struct{}
	// MeetingStarted opens the meeting.
	MeetingStarted struct{}
	// ClosingBegun asks every point for its closing check.
	ClosingBegun struct{}
	// ChairMoved makes another point the chair point. Neither has the floor.
	ChairMoved struct {
		Point PointID `json:"point"`
	}
	// MeetingRehomed says that the meeting goes on in another system.
	MeetingRehomed struct {
		System string `json:"system"`
	}
)

func (LobbyOpened) fact() string    { return "meeting.lobbyOpened" }
func (MeetingStarted) fact() string { return "meeting.started" }
func (ClosingBegun) fact() string   { return "meeting.closingBegun" }
func (ChairMoved) fact() string     { return "meeting.chairMoved" }
func (MeetingRehomed) fact() string { return "meeting.rehomed" }

func (OpenLobby) decide(m *Meeting, _ moment) ([]Fact, error) {
	if m.s.Phase() != PhaseWaiting {
		return nil, nil
	}
	return []Fact{LobbyOpened{}}, nil
}

func (StartMeeting) decide(m *Meeting, _ moment) ([]Fact, error) {
	if m.started() {
		return nil, nil
	}
	return append(ends(m.checks(), WhyStarted), MeetingStarted{}), nil
}

func (BeginClosing) decide(m *Meeting, _ moment) ([]Fact, error) {
	switch m.s.Phase() {
	case PhaseOpen:
		return []Fact{ClosingBegun{}}, nil
	case PhaseClosing:
		return nil, nil
	}
	return nil, refuse(CodeMeetingNotStarted)
}

func (c MoveChair) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	if p.Feed {
		return nil, refuse(CodeValueInvalid, "field", "point")
	}
	return m.moveChair(p), nil
}

func (c Rehome) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	if p.Feed {
		return nil, refuse(CodeValueInvalid, "field", "point")
	}
	if !validTitle(c.System) {
		return nil, refuse(CodeValueInvalid, "field", "system", "max", maxTitle)
	}
	facts := m.moveChair(p)
	if c.System != m.s.System {
		facts = append(facts, MeetingRehomed{System: c.System})
	}
	return facts, nil
}

// moveChair ends what the old and the new chair point say: their voices are of
// different kinds.
func (m *Meeting) moveChair(to *PointState) []Fact {
	if m.isChair(to.ID) {
		return nil
	}
	var facts []Fact
	for _, r := range m.s.Requests {
		if r.Floor == FloorSpeech && r.State == Granted && (m.isChair(r.Point) || r.Point == to.ID) {
			facts = append(facts, endOf(r, WhyMoved))
		}
	}
	return append(facts, ChairMoved{Point: to.ID})
}

// started reports whether points may be invited to speak to everyone.
func (m *Meeting) started() bool {
	return m.s.LobbyMinutes == 0 || !m.s.StartedAt.IsZero()
}

// needStarted refuses to let anybody but the chair point be heard or shown
// content by everyone before the meeting is open (Art 7: until then points are
// tested).
func (m *Meeting) needStarted(inv invitation) error {
	if m.started() || inv.audience != "" || m.isChair(inv.p.ID) {
		return nil
	}
	return refuse(CodeMeetingNotStarted)
}

// lobbyDue is when the lobby, still shut, opens by itself; zero means never.
func (m *Meeting) lobbyDue() time.Time {
	if m.s.Phase() != PhaseWaiting {
		return time.Time{}
	}
	return m.s.LobbyAt()
}

func (LobbyOpened) fold(m *Meeting, e Event) error {
	if m.s.Phase() != PhaseWaiting {
		return errIllegal
	}
	m.s.OpenedAt = e.At
	return nil
}

func (MeetingStarted) fold(m *Meeting, e Event) error {
	if m.started() || len(m.checks()) > 0 {
		return errIllegal
	}
	m.s.StartedAt = e.At
	return nil
}

func (ClosingBegun) fold(m *Meeting, e Event) error {
	if m.s.Phase() != PhaseOpen {
		return errIllegal
	}
	m.s.ClosingAt = e.At
	return nil
}

func (f ChairMoved) fold(m *Meeting, _ Event) error {
	if !m.knows(f.Point) || m.point(f.Point).Feed || m.hasFloor(f.Point) || m.hasFloor(m.s.ChairPoint) {
		return errIllegal
	}
	m.s.ChairPoint = f.Point
	return nil
}

// hasFloor reports whether the point is granted the speech floor, for whoever.
func (m *Meeting) hasFloor(p PointID) bool {
	r := m.request(p, FloorSpeech)
	return r != nil && r.State == Granted
}

func (f MeetingRehomed) fold(m *Meeting, _ Event) error {
	if !validTitle(f.System) {
		return errIllegal
	}
	m.s.System = f.System
	return nil
}
