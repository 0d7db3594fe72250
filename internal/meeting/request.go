package meeting

import (
	"slices"
	"time"
)

// The list of live requests: waiting ones in queue order, then granted ones,
// oldest grant first. This file alone changes it.

func (f Floor) valid() bool { return f == FloorSpeech || f == FloorContent }

// request is the point's live request for a floor, nil if it has none.
func (m *Meeting) request(p PointID, floor Floor) *Request {
	for i := range m.s.Requests {
		if r := &m.s.Requests[i]; r.Point == p && r.Floor == floor {
			return r
		}
	}
	return nil
}

// waiting counts the requests in a floor's queue.
func (m *Meeting) waiting(floor Floor) int {
	n := 0
	for _, r := range m.s.Requests {
		if r.Floor == floor && r.State != Granted {
			n++
		}
	}
	return n
}

// holders are the grants of a floor, oldest first; of the speech floor without
// the chair point's and checks, which no limit counts.
func (m *Meeting) holders(floor Floor) []Request {
	var held []Request
	for _, r := range m.s.Requests {
		if r.Floor == floor && r.State == Granted && r.Audience == "" && !(floor == FloorSpeech && m.isChair(r.Point)) {
			held = append(held, r)
		}
	}
	return held
}

// speaks reports whether the point holds the speech floor for everyone.
func (m *Meeting) speaks(p PointID) bool {
	r := m.request(p, FloorSpeech)
	return r != nil && r.State == Granted && r.Audience == ""
}

// holds reports whether the point has a grant of either floor.
func (m *Meeting) holds(p PointID) bool {
	return slices.ContainsFunc(m.s.Requests, func(r Request) bool { return r.Point == p && r.State == Granted })
}

// asks reports whether the point has any live request, granted ones included.
func (m *Meeting) asks(p PointID) bool {
	return slices.ContainsFunc(m.s.Requests, func(r Request) bool { return r.Point == p })
}

// needWaiting refuses unless the point waits in the floor's queue.
func (m *Meeting) needWaiting(p *PointState, floor Floor) error {
	if !floor.valid() {
		return refuse(CodeValueInvalid, "field", "floor")
	}
	if r := m.request(p.ID, floor); r == nil || r.State == Granted {
		return refuse(CodeFloorNotAsked, "point", string(p.ID))
	}
	return nil
}

// needGranted refuses unless the point holds the floor.
func (m *Meeting) needGranted(p *PointState, floor Floor) error {
	if !floor.valid() {
		return refuse(CodeValueInvalid, "field", "floor")
	}
	if r := m.request(p.ID, floor); r == nil || r.State != Granted {
		return refuse(CodeFloorNotGranted, "point", string(p.ID))
	}
	return nil
}

// ends are the facts that end requests.
func ends(requests []Request, why Why) []Fact {
	var facts []Fact
	for _, r := range requests {
		facts = append(facts, endOf(r, why))
	}
	return facts
}

// endOf is the fact that ends a request in its state.
func endOf(r Request, why Why) Fact {
	if r.State == Granted {
		return FloorRevoked{Floor: r.Floor, Point: r.Point, Why: why}
	}
	return FloorCancelled{Floor: r.Floor, Point: r.Point, Why: why}
}

func (m *Meeting) applyRequested(e Event, f FloorRequested) error {
	p := m.point(f.Point)
	if p == nil || byOrder(p, f.Floor) != nil || p.Presence != Present || !f.Floor.valid() || m.request(f.Point, f.Floor) != nil ||
		!validTitle(f.Delegate) || !validTitle(f.Subject) {
		return errIllegal
	}
	end := slices.IndexFunc(m.s.Requests, func(r Request) bool { return r.State == Granted })
	if end < 0 {
		end = len(m.s.Requests)
	}
	m.s.Requests = slices.Insert(m.s.Requests, end, Request{
		Point: f.Point, Floor: f.Floor, State: Pending, AskedAt: e.At, Voice: -1, Seq: e.Seq,
		Delegate: f.Delegate, Subject: f.Subject,
	})
	return nil
}

// endWaiting takes a waiting request out of the queue.
func (m *Meeting) endWaiting(p PointID, floor Floor) error {
	r := m.request(p, floor)
	if r == nil || r.State == Granted {
		return errIllegal
	}
	m.drop(p, floor)
	return nil
}

func (m *Meeting) applyDenied(f FloorDenied) error {
	if err := m.endWaiting(f.Point, f.Floor); err != nil {
		return err
	}
	m.point(f.Point).Denied++
	return nil
}

func (m *Meeting) applyGranted(e Event, f FloorGranted) error {
	r := m.request(f.Point, f.Floor)
	if r == nil || r.State == Granted || m.point(f.Point).Presence != Present || !m.mayHear(f.Audience, f.Point, f.Floor) {
		return errIllegal
	}
	if m.needStarted(invitation{p: m.point(f.Point), audience: f.Audience}) != nil {
		return errIllegal
	}
	if f.Silent && f.Floor != FloorContent || f.Minutes < 0 || f.Minutes > maxMinutes || !m.fits(f) || !m.voiceFits(f.Voice, f.Point, f.Floor) {
		return errIllegal
	}
	granted := *r
	granted.State, granted.GrantedAt, granted.Seq, granted.Deferred = Granted, e.At, e.Seq, false
	granted.By, granted.Audience, granted.Voice, granted.SoundOff = e.By.Role, f.Audience, f.Voice, f.Silent
	if f.Minutes > 0 {
		granted.EndsAt = e.At.Add(time.Duration(f.Minutes) * time.Minute)
	}
	m.drop(f.Point, f.Floor)
	m.s.Requests = append(m.s.Requests, granted)
	if m.speaks(f.Point) && f.Floor == FloorSpeech {
		m.takeTurn(f.Point)
	}
	m.s.Voices[f.Voice] = VoiceState{Source: soundOf(f.Point, f.Floor)}
	return nil
}

// fits reports whether the floor has a place for one more grant.
func (m *Meeting) fits(f FloorGranted) bool {
	held := len(m.holders(f.Floor))
	switch {
	case f.Floor == FloorContent:
		return held == 0
	case f.Audience != "":
		return len(m.checks()) == 0
	}
	return m.isChair(f.Point) || held < m.s.Limit
}

// endGrant ends a grant, frees its voice, and switches the microphone off.
func (m *Meeting) endGrant(e Event, p PointID, floor Floor, why Why) error {
	r := m.request(p, floor)
	if r == nil || r.State != Granted {
		return errIllegal
	}
	if m.speaks(p) && floor == FloorSpeech {
		m.endTurn(p, why)
		if !m.isChair(p) {
			m.s.Previous = p
		}
	}
	m.s.Voices[r.Voice] = VoiceState{FreeAt: e.Seq}
	m.drop(p, floor)
	if floor == FloorSpeech {
		m.point(p).closeMicrophone()
	}
	return nil
}

// drop removes a request from the list.
func (m *Meeting) drop(p PointID, floor Floor) {
	m.s.Requests = slices.DeleteFunc(m.s.Requests, func(r Request) bool { return r.Point == p && r.Floor == floor })
}
