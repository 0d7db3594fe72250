package meeting

import "time"

// switchOn judges the room's OK. The chair point needs no invitation: its OK
// is its own request and grant (D4).
//
// An OK names the media session it was pressed on. One that the meeting does not
// know as the point's opens nothing; a chair's tablet, which has none, and a
// script name none and mean the point's.
func (m *Meeting) switchOn(p *PointState, media string) ([]Fact, error) {
	if p.Presence != Present || media != "" && media != p.Media {
		return nil, refuse(CodePointAbsent, "point", string(p.ID))
	}
	if p.SwitchedOn {
		return nil, nil
	}
	on := SwitchedOn{Point: p.ID, Media: p.Media}
	if r := m.request(p.ID, FloorSpeech); r != nil && r.State == Granted {
		return []Fact{on}, nil
	}
	if !m.isChair(p.ID) {
		return nil, refuse(CodeFloorNotGranted, "point", string(p.ID))
	}
	facts := m.hand(invitation{p: p, floor: FloorSpeech}, nil, "")
	if p.AutoOpen {
		return facts, nil // the grant has switched it on
	}
	return append(facts, on), nil
}

// switchOff closes one's own microphone; the grant stays.
func (m *Meeting) switchOff(p *PointState) []Fact {
	if !p.SwitchedOn {
		return nil
	}
	return []Fact{SwitchedOff{Point: p.ID}}
}

// setCamera switches one's own camera.
func (m *Meeting) setCamera(p *PointState, on bool) []Fact {
	if p.CameraOff == !on {
		return nil
	}
	return []Fact{CameraSet{Point: p.ID, On: on}}
}

func (m *Meeting) applySwitchedOn(e Event, f SwitchedOn) error {
	p := m.point(f.Point)
	r := m.request(f.Point, FloorSpeech)
	if p == nil || p.Presence != Present || p.SwitchedOn || r == nil || r.State != Granted || f.Media != p.Media {
		return errIllegal
	}
	p.SwitchedOn, p.OpenSince, p.OpenAt, p.Resumed = true, e.Seq, e.At, false
	return nil
}

func (m *Meeting) applySwitchedOff(f SwitchedOff) error {
	p := m.point(f.Point)
	if p == nil || !p.SwitchedOn {
		return errIllegal
	}
	p.closeMicrophone()
	return nil
}

func (m *Meeting) applyCamera(e Event, f CameraSet) error {
	p := m.point(f.Point)
	if p == nil {
		return errIllegal
	}
	p.CameraOff = !f.On
	if f.On {
		p.CameraSince = e.Seq
	}
	return nil
}

// closeMicrophone switches the microphone off.
func (p *PointState) closeMicrophone() {
	p.SwitchedOn, p.OpenSince, p.OpenAt, p.Resumed = false, 0, time.Time{}, false
}
