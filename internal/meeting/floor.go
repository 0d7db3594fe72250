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
	if err := byOrder(p, floor); err != nil {
		return nil, err
	}
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
	case floor == FloorContent && m.s.ContentLocked:
		return nil, refuse(CodeContentLocked)
	case floor == FloorSpeech && m.isChair(p.ID):
		return m.grant(invitation{p: p, floor: floor})
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

// invitation is a grant to be: of which floor, to whom, heard by whom.
type invitation struct {
	p        *PointState
	floor    Floor
	audience Audience // "" is everyone, AudienceControllers a technical check
	minutes  int      // 0: as the programme or the meeting says
	again    bool     // a grant it has ends first, instead of being in the way
}

// grantFloor judges an invitation, asked for or not (Art 9.2.a).
func (m *Meeting) grantFloor(at moment, p *PointState, c GrantFloor) ([]Fact, error) {
	inv := invitation{p: p, floor: c.Floor, minutes: c.Minutes}
	if c.Audience != AudienceAll {
		inv.audience = c.Audience
	}
	switch {
	case !c.Floor.valid():
		return nil, refuse(CodeValueInvalid, "field", "floor")
	case !m.mayHear(inv.audience, p.ID, c.Floor):
		return nil, refuse(CodeValueInvalid, "field", "audience")
	case c.Floor == FloorContent && m.s.ContentLocked && at.by.Role != RoleController:
		return nil, refuse(CodeContentLocked)
	case c.Minutes < 0 || c.Minutes > maxMinutes:
		return nil, refuse(CodeValueInvalid, "field", "minutes", "max", maxMinutes)
	}
	return m.grant(inv)
}

// grant makes room on the floor and grants it.
func (m *Meeting) grant(inv invitation) ([]Fact, error) {
	p := inv.p
	if err := byOrder(p, inv.floor); err != nil {
		return nil, err
	}
	r := m.request(p.ID, inv.floor)
	held := r != nil && r.State == Granted
	if held && !inv.again && (r.Audience == "" || inv.audience != "") {
		return nil, refuse(CodeFloorAlready, "point", string(p.ID))
	}
	if p.Presence != Present {
		return nil, refuse(CodePointAbsent, "point", string(p.ID))
	}
	if err := m.needStarted(inv); err != nil {
		return nil, err
	}
	ended, why, err := m.makeRoom(inv)
	if err != nil {
		return nil, err
	}
	if held && !slices.Contains(ended, *r) {
		ended, why = append(ended, *r), WhyNext
	}
	return m.hand(inv, ended, why), nil
}

// hand ends the grants that make room, makes the request if the point made
// none, and grants it. A point that opens by itself (D1) is switched on by its
// grant.
func (m *Meeting) hand(inv invitation, ended []Request, why Why) []Fact {
	p, floor := inv.p, inv.floor
	facts := ends(ended, why)
	if r := m.request(p.ID, floor); r == nil || slices.Contains(ended, *r) {
		facts = append(facts, FloorRequested{Floor: floor, Point: p.ID})
	}
	facts = append(facts, FloorGranted{
		Floor: floor, Point: p.ID, Audience: inv.audience,
		Voice: m.freeVoice(p.ID, floor, ended), Minutes: m.minutesFor(inv), Silent: floor == FloorContent,
	})
	if p.AutoOpen && floor == FloorSpeech {
		facts = append(facts, SwitchedOn{Point: p.ID, Media: p.Media})
	}
	return facts
}

// makeRoom says whose grants end, and why, for one more on the floor. Content has one
// holder; the chair point's speech is not counted, nor is a check, which ends
// when its voice is needed.
func (m *Meeting) makeRoom(inv invitation) (ended []Request, why Why, err error) {
	holders := m.holders(inv.floor)
	held := slices.ContainsFunc(holders, func(r Request) bool { return r.Point == inv.p.ID })
	switch {
	case inv.floor == FloorSpeech && m.isChair(inv.p.ID):
		return nil, "", nil
	case inv.audience != "":
		return m.roomForCheck(holders)
	case inv.floor == FloorContent || m.s.Mode == ModeOneByOne:
		return holders, WhyNext, nil
	case m.s.Mode == ModeChairOnly:
		return nil, "", refuse(CodeFloorClosed, "mode", string(m.s.Mode))
	case held || len(holders) < min(m.s.Limit, holderVoices-len(m.checks())):
		return nil, "", nil
	case len(holders) < m.s.Limit:
		return m.checks(), WhyNext, nil
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
	if err := byOrder(p, FloorSpeech); err != nil {
		return nil, err
	}
	switch {
	case p.Presence != Present:
		return nil, refuse(CodePointAbsent, "point", string(p.ID))
	case m.s.Mode == ModeChairOnly && !m.isChair(p.ID):
		return nil, refuse(CodeFloorClosed, "mode", string(m.s.Mode))
	}
	if err := m.needStarted(invitation{p: p}); err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(m.microphones(), func(r Request) bool { return r.Point == p.ID && r.Audience == "" })
	var facts []Fact
	if m.speaks(p.ID) {
		facts = ends(others, WhyNext)
	} else {
		facts = m.hand(invitation{p: p, floor: FloorSpeech}, others, WhyNext)
	}
	facts = append(facts, m.muteContent(p.ID)...)
	return append(facts, m.show(p.ID)...), nil
}

// closeAll revokes every speech grant but the chair point's, and silences what
// another presents.
func (m *Meeting) closeAll() []Fact {
	return append(ends(m.microphones(), WhyAll), m.muteContent(m.s.ChairPoint)...)
}

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
	if c.Mode == ModeChairOnly {
		facts = append(facts, m.muteContent(m.s.ChairPoint)...)
	}
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
