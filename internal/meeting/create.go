package meeting

import "slices"

// create judges the first command of a meeting.
func (m *Meeting) create(c CreateMeeting) ([]Fact, error) {
	if m.s.Seq != 0 {
		return nil, refuse(CodeMeetingExists)
	}
	f := MeetingCreated{
		Title: c.Title, HostUnit: c.HostUnit, System: c.System, ChairPoint: c.ChairPoint,
		StartsAt: canonical(c.StartsAt), Points: c.Points,
		LobbyMinutes: c.LobbyMinutes, ReadmitByClick: c.ReadmitByClick, Home: c.Home,
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	f.Points = slices.Clone(f.Points)
	return []Fact{f}, nil
}

// check judges the values of a meeting's creation, from a command or a log.
func (f MeetingCreated) check() error {
	invalid := func(field string) error { return refuse(CodeMeetingInvalid, "field", field) }
	switch {
	case f.Title == "" || !validTitle(f.Title):
		return invalid("title")
	case !validTitle(f.HostUnit):
		return invalid("hostUnit")
	case !validTitle(f.System):
		return invalid("system")
	case !validTime(f.StartsAt):
		return invalid("startsAt")
	case f.LobbyMinutes < 0 || f.LobbyMinutes > maxLobby || f.LobbyMinutes > 0 && f.StartsAt.IsZero():
		return refuse(CodeMeetingInvalid, "field", "lobbyMinutes", "max", maxLobby)
	case !f.Home.valid():
		return invalid("home")
	case len(f.Points) == 0 || len(f.Points) > MaxPoints:
		return refuse(CodeMeetingInvalid, "field", "points", "max", MaxPoints)
	}
	for i, p := range f.Points {
		if p.Node != "" && !p.Node.Within(f.Home) {
			return refuse(CodeMeetingInvalid, "field", "node", "row", i+1)
		}
	}
	return checkPoints(f.Points, f.ChairPoint)
}

// checkPoints judges a roster: every point well formed, ids and numbers
// unique, the chair point among them. The row of a fault counts from 1.
func checkPoints(points []Point, chair PointID) error {
	ids := make(map[PointID]bool, len(points))
	numbers := make(map[int]bool, len(points))
	for i, p := range points {
		invalid := func(field string) error {
			return refuse(CodeMeetingInvalid, "field", field, "row", i+1)
		}
		switch {
		case !p.ID.valid() || ids[p.ID]:
			return invalid("id")
		case p.Number < 1 || p.Number > maxNumber || numbers[p.Number]:
			return invalid("number")
		case p.Code != "" && !validToken(p.Code):
			return invalid("code")
		case p.Name == "" || !validTitle(p.Name):
			return invalid("name")
		case !validTitle(p.Parent):
			return invalid("parent")
		case p.Tier != "" && !validLevel(p.Tier):
			return invalid("tier")
		case p.System != "" && !validLevel(p.System):
			return invalid("system")
		case !p.Node.valid():
			return invalid("node")
		}
		ids[p.ID], numbers[p.Number] = true, true
	}
	if !ids[chair] || slices.ContainsFunc(points, func(p Point) bool { return p.ID == chair && p.Feed }) {
		return refuse(CodeMeetingInvalid, "field", "chairPoint")
	}
	return nil
}

func (m *Meeting) applyCreated(f MeetingCreated) error {
	if m.s.Seq != 0 {
		return errIllegal
	}
	if err := f.check(); err != nil {
		return err
	}
	m.s.Title, m.s.HostUnit, m.s.System = f.Title, f.HostUnit, f.System
	m.s.ChairPoint, m.s.StartsAt = f.ChairPoint, canonical(f.StartsAt)
	m.s.LobbyMinutes, m.s.ReadmitByClick = f.LobbyMinutes, f.ReadmitByClick
	m.s.Mode, m.s.Limit, m.s.Home = ModeOneByOne, 1, f.Home
	m.s.Points = make([]PointState, len(f.Points))
	for i, p := range f.Points {
		m.s.Points[i] = PointState{Point: p, Presence: Absent}
		m.index[p.ID] = i
	}
	m.s.Layouts = map[Audience]Layout{AudienceAll: {Kind: Layout1, Tiles: []Binding{{Kind: BindSpeaker}}}}
	m.s.LayoutSeqs = map[Audience]Seq{AudienceAll: 1}
	return nil
}

// end closes every gate, then the meeting (Art 9.2.e).
func (m *Meeting) end() []Fact { return append(ends(m.s.Requests, WhyEnded), MeetingEnded{}) }

func (m *Meeting) applyEnded(e Event, f MeetingEnded) error {
	if len(m.s.Requests) != 0 || f.Why != "" && f.Why != WhyRejoined {
		return errIllegal
	}
	m.closeFeed(e, m.s.Feed.Point)
	m.s.EndedAt = e.At
	return nil
}
