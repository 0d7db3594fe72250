package meeting

import (
	"slices"
	"time"
)

// maxIncidents bounds the incidents a state keeps; the log keeps all.
const maxIncidents = 500

// Incident is the loss of a point for longer than the absence window, or of the
// link to a node (Sự cố, Art 9.2.d). It opens and closes by itself: with
// PointFreed, from the moment of the loss, and with the point's return. A
// simulated point has none.
type Incident struct {
	ID         Seq       `json:"id"` // the fact that opened it
	Point      PointID   `json:"point,omitempty"`
	Node       NodePath  `json:"node,omitempty"` // instead of a point: the link to this node
	Why        LostWhy   `json:"why,omitempty"`
	OpenedAt   time.Time `json:"openedAt"` // the loss
	ClosedAt   time.Time `json:"closedAt,omitzero"`
	Cause      string    `json:"cause,omitempty"`     // Nguyên nhân
	Remedy     string    `json:"remedy,omitempty"`    // Giải pháp
	ExpectedAt time.Time `json:"expectedAt,omitzero"` // Dự kiến khắc phục xong lúc
}

// DescribeIncident fills in the point's newest incident: by the room or its
// officer, by a controller when the room is dead, by the carrier.
type DescribeIncident struct {
	Point   PointID `json:"point,omitempty"`
	Cause   string  `json:"cause" max:"800"`   // one line of 200 runes
	Remedy  string  `json:"remedy" max:"800"`  // likewise
	Minutes int     `json:"minutes,omitempty"` // from now to the expected repair; 0: not known
}

func (DescribeIncident) command() string   { return "incident.describe" }
func (c DescribeIncident) target() PointID { return c.Point }

// IncidentDescribed fills in an incident.
type IncidentDescribed struct {
	Incident   Seq       `json:"incident"`
	Cause      string    `json:"cause"`
	Remedy     string    `json:"remedy"`
	ExpectedAt time.Time `json:"expectedAt,omitzero"`
}

func (IncidentDescribed) fact() string { return "incident.described" }

// maxRepair bounds the time to an expected repair, in minutes.
const maxRepair = 30 * 24 * 60

func (c DescribeIncident) decideFor(m *Meeting, at moment, p *PointState) ([]Fact, error) {
	i := m.incident(p.ID)
	switch {
	case i == nil:
		return nil, refuse(CodeIncidentNone, "point", string(p.ID))
	case !validTitle(c.Cause):
		return nil, refuse(CodeValueInvalid, "field", "cause", "max", maxTitle)
	case !validTitle(c.Remedy):
		return nil, refuse(CodeValueInvalid, "field", "remedy", "max", maxTitle)
	case c.Minutes < 0 || c.Minutes > maxRepair:
		return nil, refuse(CodeValueInvalid, "field", "minutes", "max", maxRepair)
	}
	f := IncidentDescribed{Incident: i.ID, Cause: c.Cause, Remedy: c.Remedy}
	if c.Minutes > 0 {
		f.ExpectedAt = canonical(at.now).Add(time.Duration(c.Minutes) * time.Minute)
	}
	if f.Cause == i.Cause && f.Remedy == i.Remedy && f.ExpectedAt.Equal(i.ExpectedAt) {
		return nil, nil
	}
	return []Fact{f}, nil
}

// incident is the point's newest incident, nil if it has none.
func (m *Meeting) incident(p PointID) *Incident {
	for i := len(m.s.Incidents) - 1; i >= 0; i-- {
		if m.s.Incidents[i].Point == p {
			return &m.s.Incidents[i]
		}
	}
	return nil
}

// openIncident opens the incident of a lost point that is freed. Beyond
// maxIncidents the oldest leaves the state.
func (m *Meeting) openIncident(e Event, p *PointState) {
	if p.Simulated {
		return
	}
	m.addIncident(Incident{ID: e.Seq, Point: p.ID, Why: p.LostWhy, OpenedAt: p.Since})
}

func (m *Meeting) addIncident(i Incident) {
	if len(m.s.Incidents) >= maxIncidents {
		m.s.Incidents = slices.Delete(m.s.Incidents, 0, 1)
	}
	m.s.Incidents = append(m.s.Incidents, i)
}

// closeIncident closes the point's incident: it is back.
func (m *Meeting) closeIncident(e Event, p PointID) {
	if i := m.incident(p); i != nil && i.ClosedAt.IsZero() {
		i.ClosedAt = e.At
	}
}

func (f IncidentDescribed) fold(m *Meeting, _ Event) error {
	at := slices.IndexFunc(m.s.Incidents, func(i Incident) bool { return i.ID == f.Incident })
	if at < 0 || !validTitle(f.Cause) || !validTitle(f.Remedy) || !validTime(f.ExpectedAt) {
		return errIllegal
	}
	i := &m.s.Incidents[at]
	i.Cause, i.Remedy, i.ExpectedAt = f.Cause, f.Remedy, canonical(f.ExpectedAt)
	return nil
}

// checkIncidents reports why the incidents cannot be ones a log leads to: a
// point has at most one open, and none while it is there.
func (m *Meeting) checkIncidents() error {
	if len(m.s.Incidents) > maxIncidents {
		return errIllegal
	}
	for n := range m.s.Incidents {
		i := &m.s.Incidents[n]
		if i.Node != "" {
			if i.Point != "" || !i.Node.valid() || i.ClosedAt.IsZero() && m.linkIncident(i.Node) != i {
				return errIllegal
			}
			continue
		}
		p := m.point(i.Point)
		if p == nil || !validTitle(i.Cause) || !validTitle(i.Remedy) {
			return errIllegal
		}
		if i.ClosedAt.IsZero() && (p.Presence != Absent || m.incident(i.Point) != i) {
			return errIllegal
		}
	}
	return nil
}
