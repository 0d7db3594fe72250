package meeting

import "time"

// Times of presence (ARCHITECTURE "Absence", D3).
const (
	// AbsenceWindow is how long a lost point's seat and grant are held for its device.
	AbsenceWindow = 60 * time.Second
	// TakeoverAfter is how long a point must have been lost before another
	// device of the same credential takes it over by itself.
	TakeoverAfter = 10 * time.Second
)

// connect judges a device with a live session. Another device than the one
// that has the point waits, unless that one is simulated or long lost. The same
// device with another media session was reloaded: what it had switched on was
// switched on elsewhere, so it is lost and back in one decision, whatever was
// said of its loss before.
func (m *Meeting) connect(now time.Time, p *PointState, c Connect) ([]Fact, error) {
	if !validToken(c.Device) {
		return nil, refuse(CodeValueInvalid, "field", "device")
	}
	if c.Media != "" && !validToken(c.Media) {
		return nil, refuse(CodeValueInvalid, "field", "media")
	}
	connected := PointConnected{Point: p.ID, Device: c.Device, Media: c.Media, Simulated: c.Simulated}
	switch {
	case p.Presence == Absent:
		return m.comeIn(p, nil, connected)
	case p.Presence == Lost && !now.Before(p.Since.Add(AbsenceWindow)):
		return m.comeIn(p, m.free(p), connected)
	case p.Device == c.Device && p.Presence == Present && p.Media == c.Media:
		return nil, nil
	case p.Device == c.Device && p.Presence == Present:
		connected.Resumed = true
		return []Fact{PointLost{Point: p.ID, Device: p.Device, Why: LostReload}, connected}, nil
	case p.Device == c.Device:
		connected.Resumed = true
		return []Fact{connected}, nil
	case c.Simulated && !p.Simulated:
		return nil, refuse(CodePointInUse, "point", string(p.ID))
	case p.Simulated && !c.Simulated:
		return append(m.takeOver(p, c.Device, WhySimulated), connected), nil
	case p.Presence == Lost && !now.Before(p.Since.Add(TakeoverAfter)):
		return append(m.takeOver(p, c.Device, WhyLost), connected), nil
	}
	return nil, refuse(CodePointInUse, "point", string(p.ID))
}

// comeIn lets a point that is not in the meeting connect, if it may.
func (m *Meeting) comeIn(p *PointState, freed []Fact, connected PointConnected) ([]Fact, error) {
	if err := m.s.Admits(p); err != nil {
		return nil, err
	}
	return append(freed, connected), nil
}

// takeOver gives the seat to another device. A grant is held for a device, so
// it ends; a request in the queue is the point's and stays, unless a simulated
// device made it.
func (m *Meeting) takeOver(p *PointState, device string, why Why) []Fact {
	var facts []Fact
	for _, r := range m.s.Requests {
		if r.Point == p.ID && (r.State == Granted || p.Simulated) {
			facts = append(facts, endOf(r, WhyTakeover))
		}
	}
	return append(facts, PointTakenOver{Point: p.ID, Device: device, From: p.Device, Why: why})
}

// free ends the absence window: grants are revoked, requests leave the queue,
// the seat is free.
func (m *Meeting) free(p *PointState) []Fact {
	var facts []Fact
	for _, r := range m.s.Requests {
		if r.Point == p.ID {
			facts = append(facts, endOf(r, WhyLost))
		}
	}
	return append(facts, PointFreed{Point: p.ID})
}

// lose judges a loss. Only the device that has the point can lose it; the
// loss of any other changes nothing.
func (m *Meeting) lose(p *PointState, c Lose) ([]Fact, error) {
	switch c.Why {
	case LostMedia, LostSocket, LostReload, LostNode, LostLink:
	default:
		return nil, refuse(CodeValueInvalid, "field", "why")
	}
	if p.Presence != Present || p.Device != c.Device {
		return nil, nil
	}
	return []Fact{PointLost{Point: p.ID, Device: p.Device, Why: c.Why}}, nil
}

// askTakeover judges a second device's wish. It has nothing to ask for if the
// seat is free or its own.
func (m *Meeting) askTakeover(p *PointState, c AskTakeover) ([]Fact, error) {
	if !validToken(c.Device) {
		return nil, refuse(CodeValueInvalid, "field", "device")
	}
	waits := p.Presence == Absent && m.s.Admits(p) != nil && m.s.Phase() != PhaseWaiting
	switch {
	case p.Asking == c.Device:
		return nil, nil
	case waits:
		return []Fact{PointKnocked{Point: p.ID, Device: c.Device}}, nil
	case p.Presence == Absent || p.Device == c.Device:
		return nil, nil
	}
	return []Fact{TakeoverAsked{Point: p.ID, Device: c.Device}}, nil
}

// allowTakeover is the controller's one act; for a device that waits outside it
// is its readmission.
func (m *Meeting) allowTakeover(p *PointState) ([]Fact, error) {
	if p.Asking == "" {
		return nil, refuse(CodePointNotAsking, "point", string(p.ID))
	}
	if p.Presence == Absent {
		return []Fact{PointReadmitted{Point: p.ID}}, nil
	}
	return m.takeOver(p, p.Asking, WhyConfirmed), nil
}

func (m *Meeting) applyConnected(e Event, f PointConnected) error {
	p := m.point(f.Point)
	if p == nil || p.Presence == Present || !validToken(f.Device) || f.Media != "" && !validToken(f.Media) {
		return errIllegal
	}
	if p.Presence == Lost && p.Device != f.Device || f.Resumed && p.Presence != Lost ||
		p.Presence == Absent && m.s.Phase() == PhaseWaiting {
		return errIllegal
	}
	r := m.request(f.Point, FloorSpeech)
	p.Resumed = f.Resumed && r != nil && r.State == Granted
	if p.Presence == Absent {
		p.arrive(e)
		m.closeIncident(e, p.ID)
	}
	p.LostWhy = ""
	p.Presence, p.Since, p.HereSince = Present, e.At, e.Seq
	p.Device, p.Media, p.Simulated = f.Device, f.Media, f.Simulated
	return nil
}

func (m *Meeting) applyLost(e Event, f PointLost) error {
	p := m.point(f.Point)
	if p == nil || p.Presence != Present || p.Device != f.Device {
		return errIllegal
	}
	p.leave(e, Lost)
	m.closeFeed(e, p.ID)
	p.LostWhy = f.Why
	if r := m.presentation(f.Point); r != nil {
		r.SoundOff = true // it is sound: only a fresh act opens it again
	}
	return nil
}

func (m *Meeting) applyFreed(e Event, f PointFreed) error {
	p := m.point(f.Point)
	if p == nil || p.Presence != Lost || m.asks(f.Point) {
		return errIllegal
	}
	m.openIncident(e, p)
	p.LeftAt, p.LostWhy = p.Since, ""
	p.vacate(e)
	return nil
}

func (m *Meeting) applyTakeoverAsked(f TakeoverAsked) error {
	p := m.point(f.Point)
	if p == nil || p.Presence == Absent || p.Device == f.Device || !validToken(f.Device) {
		return errIllegal
	}
	p.Asking = f.Device
	return nil
}

func (m *Meeting) applyTakenOver(e Event, f PointTakenOver) error {
	p := m.point(f.Point)
	if p == nil || p.Presence == Absent || p.Device != f.From || !validToken(f.Device) || m.holds(f.Point) {
		return errIllegal
	}
	p.leave(e, Lost)
	m.closeFeed(e, p.ID)
	p.Device, p.Simulated, p.Asking = f.Device, false, ""
	return nil
}

// leave takes the point out of the meeting's media: its microphone is off,
// whatever comes next.
func (p *PointState) leave(e Event, to Presence) {
	p.Presence, p.Since, p.HereSince, p.Media = to, e.At, 0, ""
	p.closeMicrophone()
}
