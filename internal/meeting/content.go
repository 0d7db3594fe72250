package meeting

// Commands on the content floor (Trình chiếu).
type (
	// LockContent keeps the content floor for the controller to hand out: while
	// it is locked nobody may ask for it, and the chair does not grant it.
	LockContent struct {
		On bool `json:"on"`
	}
	// SetContentSound switches the sound of one's own presentation. It is a
	// microphone like any other: off at the grant, on by this act alone, for the
	// media session it was given on, and closed with all the others.
	SetContentSound struct {
		Point PointID `json:"point,omitempty"`
		On    bool    `json:"on"`
		Media string  `json:"media,omitempty"` // written in by the server, as in SwitchOn
	}
)

func (LockContent) command() string     { return "content.lock" }
func (SetContentSound) command() string { return "content.sound" }

func (c SetContentSound) target() PointID { return c.Point }

// Facts of the content floor.
type (
	// ContentLocked says whether the controller alone hands out the content floor.
	ContentLocked struct {
		On bool `json:"on"`
	}
	// ContentSoundSet switches the sound of a presentation.
	ContentSoundSet struct {
		Point PointID `json:"point"`
		On    bool    `json:"on"`
		Media string  `json:"media,omitempty"` // the media session it is on for. Since version 2
	}
)

func (ContentLocked) fact() string   { return "content.locked" }
func (ContentSoundSet) fact() string { return "content.soundSet" }

func (c LockContent) decide(m *Meeting, _ moment) ([]Fact, error) {
	if m.s.ContentLocked == c.On {
		return nil, nil
	}
	return []Fact{ContentLocked(c)}, nil
}

func (c SetContentSound) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	r := m.presentation(p.ID)
	switch {
	case r == nil:
		return nil, refuse(CodeFloorNotGranted, "point", string(p.ID))
	case p.Presence != Present || c.On && c.Media != "" && c.Media != p.Media:
		return nil, refuse(CodePointAbsent, "point", string(p.ID))
	case r.SoundOff == !c.On:
		return nil, nil
	case !c.On:
		return []Fact{ContentSoundSet{Point: p.ID}}, nil
	case m.s.Mode == ModeChairOnly && !m.isChair(p.ID):
		return nil, refuse(CodeFloorClosed, "mode", string(m.s.Mode))
	}
	return []Fact{ContentSoundSet{Point: p.ID, On: true, Media: p.Media}}, nil
}

// muteContent switches off the sound of whoever presents, but for spared, and
// keeps the picture: it is an open microphone, and is closed with the others.
func (m *Meeting) muteContent(spared PointID) []Fact {
	for _, r := range m.s.Requests {
		if r.Floor == FloorContent && r.State == Granted && !r.SoundOff && r.Point != spared {
			return []Fact{ContentSoundSet{Point: r.Point}}
		}
	}
	return nil
}

// presentation is the point's grant of the content floor, nil if it has none.
func (m *Meeting) presentation(p PointID) *Request {
	if r := m.request(p, FloorContent); r != nil && r.State == Granted {
		return r
	}
	return nil
}

func (f ContentLocked) fold(m *Meeting, _ Event) error {
	m.s.ContentLocked = f.On
	return nil
}

func (f ContentSoundSet) fold(m *Meeting, e Event) error {
	r := m.presentation(f.Point)
	if r == nil || f.On && (m.point(f.Point).Presence != Present || f.Media != m.point(f.Point).Media) {
		return errIllegal
	}
	r.SoundOff = !f.On
	if f.On {
		r.SoundSince = e.Seq
	}
	return nil
}
