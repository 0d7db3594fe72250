package meeting

import "slices"

// How many points discussion mode can let speak besides the chair (D4).
const (
	minDiscussion = 2
	maxDiscussion = 3
)

// requestFloor judges a point's wish to speak or present. The chair point asks
// nobody: its speech request is its grant.
func (m *Meeting) requestFloor(p *PointState, c RequestFloor) ([]Fact, error) {
	floor := c.Floor
	switch {
	case !floor.valid():
		return nil, refuse(CodeValueInvalid, "field", "floor")
	case !validTitle(c.Delegate):
		return nil, refuse(CodeValueInvalid, "field", "delegate", "max", maxTitle)
	case !validTitle(c.Subject):
		return nil, refuse(CodeValueInvalid, "field", "subject", "max", maxTitle)
	case p.Presence != Present:
		return nil, refuse(CodePointAbsent, "point", string(p.ID))
	case m.request(p.ID, floor) != nil:
		return nil, refuse(CodeFloorAlready, "point", string(p.ID))
	case floor == FloorSpeech && m.isChair(p.ID):
		return m.grant(p, floor)
	case floor == FloorSpeech && m.s.Mode == ModeChairOnly:
		return nil, refuse(CodeFloorClosed, "mode", string(m.s.Mode))
	case m.waiting(floor) >= MaxQueue:
		return nil, refuse(CodeFloorQueueFull, "max", MaxQueue)
	}
	return []Fact{FloorRequested{Floor: floor, Point: p.ID, Delegate: c.Delegate, Subject: c.Subject}}, nil
}

// cancelRequest judges the withdrawal of one's own waiting request.
func (m *Meeting) cancelRequest(p *PointState, floor Floor) ([]Fact, error) {
	if err := m.needWaiting(p, floor); err != nil {
		return nil, err
	}
	return []Fact{FloorCancelled{Floor: floor, Point: p.ID, Why: WhyOwn}}, nil
}

// denyFloor judges "not now".
func (m *Meeting) denyFloor(p *PointState, floor Floor) ([]Fact, error) {
	if err := m.needWaiting(p, floor); err != nil {
		return nil, err
	}
	return []Fact{FloorDenied{Floor: floor, Point: p.ID}}, nil
}

// revokeFloor judges the cut of one grant.
func (m *Meeting) revokeFloor(p *PointState, floor Floor) ([]Fact, error) {
	if err := m.needGranted(p, floor); err != nil {
		return nil, err
	}
	return []Fact{FloorRevoked{Floor: floor, Point: p.ID, Why: WhyCut}}, nil
}

// releaseFloor judges the return of one's own grant.
func (m *Meeting) releaseFloor(p *PointState, floor Floor) ([]Fact, error) {
	if err := m.needGranted(p, floor); err != nil {
		return nil, err
	}
	return []Fact{FloorReleased{Floor: floor, Point: p.ID}}, nil
}

// grantFloor judges an invitation, asked for or not (Art 9.2.a).
func (m *Meeting) grantFloor(p *PointState, c GrantFloor) ([]Fact, error) {
	switch {
	case !c.Floor.valid():
		return nil, refuse(CodeValueInvalid, "field", "floor")
	case c.Audience != "" && c.Audience != AudienceAll:
		return nil, refuse(CodeValueInvalid, "field", "audience")
	}
	return m.grant(p, c.Floor)
}

// grant makes room on the floor and grants it.
func (m *Meeting) grant(p *PointState, floor Floor) ([]Fact, error) {
	if r := m.request(p.ID, floor); r != nil && r.State == Granted {
		return nil, refuse(CodeFloorAlready, "point", string(p.ID))
	}
	if p.Presence != Present {
		return nil, refuse(CodePointAbsent, "point", string(p.ID))
	}
	ended, why, err := m.makeRoom(p, floor)
	if err != nil {
		return nil, err
	}
	return m.hand(p, floor, ended, why), nil
}

// hand ends the grants that make room, makes the request if the point made
// none, and grants it. A point that opens by itself (D1) is switched on by its
// grant.
func (m *Meeting) hand(p *PointState, floor Floor, ended []Request, why Why) []Fact {
	facts := ends(ended, why)
	if m.request(p.ID, floor) == nil {
		facts = append(facts, FloorRequested{Floor: floor, Point: p.ID})
	}
	facts = append(facts, FloorGranted{Floor: floor, Point: p.ID, Voice: m.freeVoice(p.ID, floor, ended)})
	if p.AutoOpen && floor == FloorSpeech {
		facts = append(facts, SwitchedOn{Point: p.ID})
	}
	return facts
}

// makeRoom says whose grants end, and why, for one more on the floor. Content has one
// holder; the chair point's speech is not counted.
func (m *Meeting) makeRoom(p *PointState, floor Floor) (ended []Request, why Why, err error) {
	if floor == FloorSpeech && m.isChair(p.ID) {
		return nil, "", nil
	}
	holders := m.holders(floor)
	switch {
	case floor == FloorContent || m.s.Mode == ModeOneByOne:
		return holders, WhyNext, nil
	case m.s.Mode == ModeChairOnly:
		return nil, "", refuse(CodeFloorClosed, "mode", string(m.s.Mode))
	case len(holders) < m.s.Limit:
		return nil, "", nil
	}
	if lost := m.longestLost(holders); lost != nil {
		return []Request{*lost}, WhyLost, nil
	}
	return nil, "", refuse(CodeFloorFull, "limit", m.s.Limit)
}

// longestLost is the held grant whose point has been lost longest, nil if all
// holders are present.
func (m *Meeting) longestLost(holders []Request) *Request {
	var found *Request
	for i := range holders {
		p := m.point(holders[i].Point)
		if p.Presence == Lost && (found == nil || p.Since.Before(m.point(found.Point).Since)) {
			found = &holders[i]
		}
	}
	return found
}

// giveFloor is one act: all others but the chair are closed, the point is
// invited and everyone sees it (Mời và đưa lên hình).
func (m *Meeting) giveFloor(p *PointState) ([]Fact, error) {
	switch {
	case p.Presence != Present:
		return nil, refuse(CodePointAbsent, "point", string(p.ID))
	case m.s.Mode == ModeChairOnly && !m.isChair(p.ID):
		return nil, refuse(CodeFloorClosed, "mode", string(m.s.Mode))
	}
	others := slices.DeleteFunc(m.holders(FloorSpeech), func(r Request) bool { return r.Point == p.ID })
	var facts []Fact
	if r := m.request(p.ID, FloorSpeech); r != nil && r.State == Granted {
		facts = ends(others, WhyNext)
	} else {
		facts = m.hand(p, FloorSpeech, others, WhyNext)
	}
	return append(facts, m.show(p.ID)...), nil
}

// closeAll revokes every speech grant but the chair point's.
func (m *Meeting) closeAll() []Fact { return ends(m.holders(FloorSpeech), WhyAll) }

// setMode judges a change of mode by the table in doc.go: the newest holders
// that the new mode has places for keep their grants.
func (m *Meeting) setMode(c SetMode) ([]Fact, error) {
	limit := c.Limit
	switch c.Mode {
	case ModeChairOnly:
		limit = 0
	case ModeOneByOne:
		limit = 1
	}
	if !validMode(c.Mode, limit) {
		return nil, refuse(CodeModeInvalid, "min", minDiscussion, "max", maxDiscussion)
	}
	if m.s.Mode == c.Mode && m.s.Limit == limit {
		return nil, nil
	}
	holders := m.holders(FloorSpeech)
	facts := ends(holders[:max(0, len(holders)-limit)], WhyMode)
	return append(facts, ModeSet{Mode: c.Mode, Limit: limit}), nil
}

func (m *Meeting) applyMode(f ModeSet) error {
	if !validMode(f.Mode, f.Limit) || len(m.holders(FloorSpeech)) > f.Limit {
		return errIllegal
	}
	m.s.Mode, m.s.Limit = f.Mode, f.Limit
	return nil
}

// validMode reports whether a mode may have the limit.
func validMode(mode Mode, limit int) bool {
	switch mode {
	case ModeChairOnly:
		return limit == 0
	case ModeOneByOne:
		return limit == 1
	case ModeDiscussion:
		return limit >= minDiscussion && limit <= maxDiscussion
	}
	return false
}
