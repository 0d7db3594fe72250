package meeting

import (
	"slices"
	"unicode/utf8"
)

// maxNote bounds a controller's note, in runes.
const maxNote = 200

// What the controller does with requests before the chair decides (Art 9.1.c).
type (
	// AnnotateRequest puts the controller's note to a waiting request; an empty
	// one takes it away.
	AnnotateRequest struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
		Note  string  `json:"note" max:"800"` // bytes: maxNote runes
	}
	// MoveRequest gives a waiting request another place in its floor's queue,
	// from 1; a place beyond the end is the last.
	MoveRequest struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
		Place int     `json:"place"`
	}
	// AcceptRequest passes a request to the chair (Gửi Chủ trì).
	AcceptRequest struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
	}
	// DeferRequest puts a waiting request last (Để sau).
	DeferRequest struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
	}
)

func (AnnotateRequest) command() string { return "floor.annotate" }
func (MoveRequest) command() string     { return "floor.move" }
func (AcceptRequest) command() string   { return "floor.accept" }
func (DeferRequest) command() string    { return "floor.defer" }

func (c AnnotateRequest) target() PointID { return c.Point }
func (c MoveRequest) target() PointID     { return c.Point }
func (c AcceptRequest) target() PointID   { return c.Point }
func (c DeferRequest) target() PointID    { return c.Point }

// Facts of the queue.
type (
	// FloorAnnotated puts the controller's note to a waiting request.
	FloorAnnotated struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
		Note  string  `json:"note"`
	}
	// FloorMoved gives a waiting request another place in its floor's queue.
	FloorMoved struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
		Place int     `json:"place"`
	}
	// FloorAccepted passes a request to the chair.
	FloorAccepted struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
	}
	// FloorDeferred puts a waiting request last.
	FloorDeferred struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
	}
)

func (FloorAnnotated) fact() string { return "floor.annotated" }
func (FloorMoved) fact() string     { return "floor.moved" }
func (FloorAccepted) fact() string  { return "floor.accepted" }
func (FloorDeferred) fact() string  { return "floor.deferred" }

func (c AnnotateRequest) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	if err := m.needWaiting(p, c.Floor); err != nil {
		return nil, err
	}
	if !validNote(c.Note) {
		return nil, refuse(CodeValueInvalid, "field", "note", "max", maxNote)
	}
	if m.request(p.ID, c.Floor).Note == c.Note {
		return nil, nil
	}
	return []Fact{FloorAnnotated{Floor: c.Floor, Point: p.ID, Note: c.Note}}, nil
}

func (c MoveRequest) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	if err := m.needWaiting(p, c.Floor); err != nil {
		return nil, err
	}
	if c.Place < 1 {
		return nil, refuse(CodeValueInvalid, "field", "place", "min", 1)
	}
	place := min(c.Place, m.waiting(c.Floor))
	if m.place(p.ID, c.Floor) == place {
		return nil, nil
	}
	return []Fact{FloorMoved{Floor: c.Floor, Point: p.ID, Place: place}}, nil
}

func (c AcceptRequest) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	if err := m.needWaiting(p, c.Floor); err != nil {
		return nil, err
	}
	if m.request(p.ID, c.Floor).State == Accepted {
		return nil, nil
	}
	return []Fact{FloorAccepted{Floor: c.Floor, Point: p.ID}}, nil
}

func (c DeferRequest) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	if err := m.needWaiting(p, c.Floor); err != nil {
		return nil, err
	}
	if r := m.request(p.ID, c.Floor); r.Deferred && m.place(p.ID, c.Floor) == m.waiting(c.Floor) {
		return nil, nil
	}
	return []Fact{FloorDeferred{Floor: c.Floor, Point: p.ID}}, nil
}

// place is a waiting request's place in its floor's queue, from 1; 0 if the
// point does not wait.
func (m *Meeting) place(p PointID, floor Floor) int {
	place := 0
	for _, r := range m.s.Requests {
		if r.Floor != floor || r.State == Granted {
			continue
		}
		place++
		if r.Point == p {
			return place
		}
	}
	return 0
}

func (f FloorAnnotated) fold(m *Meeting, _ Event) error {
	if m.place(f.Point, f.Floor) == 0 || !validNote(f.Note) {
		return errIllegal
	}
	m.request(f.Point, f.Floor).Note = f.Note
	return nil
}

func (f FloorMoved) fold(m *Meeting, _ Event) error {
	if m.place(f.Point, f.Floor) == 0 || f.Place < 1 || f.Place > m.waiting(f.Floor) {
		return errIllegal
	}
	m.move(f.Point, f.Floor, f.Place)
	m.request(f.Point, f.Floor).Deferred = false
	return nil
}

func (f FloorAccepted) fold(m *Meeting, e Event) error {
	r := m.request(f.Point, f.Floor)
	if r == nil || r.State != Pending {
		return errIllegal
	}
	r.State, r.Seq, r.Deferred = Accepted, e.Seq, false
	return nil
}

func (f FloorDeferred) fold(m *Meeting, _ Event) error {
	if m.place(f.Point, f.Floor) == 0 {
		return errIllegal
	}
	m.move(f.Point, f.Floor, m.waiting(f.Floor))
	m.request(f.Point, f.Floor).Deferred = true
	return nil
}

// move gives a waiting request a place among those of its floor. The other
// floor's requests in the same list keep their order, and granted ones stay last.
func (m *Meeting) move(p PointID, floor Floor, place int) {
	moved := *m.request(p, floor)
	m.drop(p, floor)
	at := 0
	for at < len(m.s.Requests) && m.s.Requests[at].State != Granted {
		if m.s.Requests[at].Floor == floor {
			if place--; place == 0 {
				break
			}
		}
		at++
	}
	m.s.Requests = slices.Insert(m.s.Requests, at, moved)
}

// validNote reports whether s is one line of at most maxNote runes.
func validNote(s string) bool { return validTitle(s) && utf8.RuneCountInString(s) <= maxNote }
