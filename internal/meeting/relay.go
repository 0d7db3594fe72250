package meeting

import (
	"slices"
	"time"
)

// maxRelays bounds the orders of one meeting: one for each node that relays.
const maxRelays = 64

// Relay is the order by which a node passes the meeting on to those below it
// (Chuyển tiếp hình ảnh, âm thanh, Art 5.4.a). Points below it only receive
// until they are invited to speak.
type Relay struct {
	Node     NodePath  `json:"node"`
	Who      string    `json:"who"`      // the leader who ordered it
	Document string    `json:"document"` // number and date of the order
	At       time.Time `json:"at"`
}

// OrderRelay records the order by which a node relays. Node is the actor's own
// if it is empty.
type OrderRelay struct {
	Node     NodePath `json:"node,omitempty"`
	Who      string   `json:"who" max:"800"`
	Document string   `json:"document" max:"800"`
}

func (OrderRelay) command() string { return "relay.order" }

// RelayOrdered is the order on record.
type RelayOrdered struct {
	Node     NodePath `json:"node"`
	Who      string   `json:"who"`
	Document string   `json:"document"`
}

func (RelayOrdered) fact() string { return "relay.ordered" }

func (f RelayOrdered) valid(home NodePath) bool {
	return f.Node.valid() && f.Node != "" && f.Node.Within(home) &&
		f.Who != "" && validTitle(f.Who) && f.Document != "" && validTitle(f.Document)
}

func (c OrderRelay) decide(m *Meeting, at moment) ([]Fact, error) {
	f := RelayOrdered(c)
	if f.Node == "" {
		f.Node = at.by.Node
	}
	switch {
	case f.Who == "" || !validTitle(f.Who):
		return nil, refuse(CodeValueInvalid, "field", "who", "max", maxTitle)
	case f.Document == "" || !validTitle(f.Document):
		return nil, refuse(CodeValueInvalid, "field", "document", "max", maxTitle)
	case !f.valid(m.s.Home) || !f.Node.Within(at.by.Node) && at.by.Node != "" || !m.placed(f.Node):
		return nil, refuse(CodeValueInvalid, "field", "node")
	}
	switch old := m.s.Relay(f.Node); {
	case old != nil && old.Who == f.Who && old.Document == f.Document:
		return nil, nil
	case old == nil && len(m.s.Relays) >= maxRelays:
		return nil, refuse(CodeValueInvalid, "field", "node", "max", maxRelays)
	}
	return []Fact{f}, nil
}

func (f RelayOrdered) fold(m *Meeting, e Event) error {
	if !f.valid(m.s.Home) {
		return errIllegal
	}
	relay := Relay{Node: f.Node, Who: f.Who, Document: f.Document, At: e.At}
	if old := m.s.Relay(f.Node); old != nil {
		*old = relay
		return nil
	}
	if len(m.s.Relays) >= maxRelays {
		return errIllegal
	}
	m.s.Relays = append(m.s.Relays, relay)
	return nil
}

// Relay is the order by which a node passes the meeting on, nil without one.
func (s *Snapshot) Relay(n NodePath) *Relay {
	if i := slices.IndexFunc(s.Relays, func(r Relay) bool { return r.Node == n }); i >= 0 {
		return &s.Relays[i]
	}
	return nil
}

// receives reports whether the point only receives for now: it is below a node
// that relays, and is neither invited to speak nor the relay source that is heard.
func (m *Meeting) receives(p *PointState) bool {
	return !m.hasFloor(p.ID) && m.s.Feed.Point != p.ID && slices.ContainsFunc(m.s.Relays, func(r Relay) bool { return p.Node.below(r.Node) })
}

// checkRelays reports why the orders cannot be ones a log leads to.
func (m *Meeting) checkRelays() error {
	if len(m.s.Relays) > maxRelays {
		return errIllegal
	}
	for i, r := range m.s.Relays {
		f := RelayOrdered{Node: r.Node, Who: r.Who, Document: r.Document}
		if !f.valid(m.s.Home) || m.s.Relay(r.Node) != &m.s.Relays[i] {
			return errIllegal
		}
	}
	return nil
}
