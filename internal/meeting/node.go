package meeting

import (
	"slices"
	"strings"
)

// NodePath names a node by the codes from the root of the tree down,
// "tw/02/024". "" is the node of a meeting that knows no tree.
type NodePath string

// maxPath bounds a path: five tiers (Art 5.4) of codes.
const maxPath = 200

// Within reports whether the node is the given one or below it.
func (n NodePath) Within(top NodePath) bool {
	return n == top || top != "" && strings.HasPrefix(string(n), string(top)+"/")
}

// below reports whether the node stands below another, and is not it.
func (n NodePath) below(top NodePath) bool { return n != top && n.Within(top) }

func (n NodePath) valid() bool {
	return len(n) <= maxPath && (n == "" || !slices.ContainsFunc(strings.Split(string(n), "/"), func(code string) bool {
		return !PointID(code).valid()
	}))
}

// Loss and return of a whole part of the tree: the node at the upper end of
// the link says so.
type (
	// LoseNode says that the link to a node is lost for longer than its grace:
	// every point present at it or below is lost with it.
	LoseNode struct {
		Node NodePath `json:"node"`
	}
	// FindNode says that the link to a node is back. Its points come by themselves.
	FindNode struct {
		Node NodePath `json:"node"`
	}
)

func (LoseNode) command() string { return "node.lose" }
func (FindNode) command() string { return "node.find" }

// Facts of links. The incident of a link (Art 9.2.d) is open between the two.
type (
	// LinkLost says that a node cannot be reached from the one above it.
	LinkLost struct {
		Node NodePath `json:"node"`
	}
	// LinkRestored says that it can again.
	LinkRestored struct {
		Node NodePath `json:"node"`
	}
)

func (LinkLost) fact() string     { return "link.lost" }
func (LinkRestored) fact() string { return "link.restored" }

// reachable refuses a node that is none of the meeting's below the actor's own.
func (m *Meeting) reachable(by Actor, n NodePath) error {
	if !n.valid() || !n.below(m.s.Home) || by.Node != "" && !n.below(by.Node) || !m.placed(n) {
		return refuse(CodeValueInvalid, "field", "node")
	}
	return nil
}

// placed reports whether a point of the meeting is at a node or below it. One that
// has none is nobody's: whoever names it invents it.
func (m *Meeting) placed(n NodePath) bool {
	return slices.ContainsFunc(m.s.Points, func(p PointState) bool { return p.Node.Within(n) })
}

func (c LoseNode) decide(m *Meeting, at moment) ([]Fact, error) {
	if err := m.reachable(at.by, c.Node); err != nil {
		return nil, err
	}
	var facts []Fact
	if m.linkIncident(c.Node) == nil {
		facts = append(facts, LinkLost(c))
	}
	for _, p := range m.s.Points {
		if p.Presence == Present && p.Node.Within(c.Node) {
			facts = append(facts, PointLost{Point: p.ID, Device: p.Device, Why: LostLink})
		}
	}
	return facts, nil
}

func (c FindNode) decide(m *Meeting, at moment) ([]Fact, error) {
	if err := m.reachable(at.by, c.Node); err != nil {
		return nil, err
	}
	if m.linkIncident(c.Node) == nil {
		return nil, nil
	}
	return []Fact{LinkRestored(c)}, nil
}

// linkIncident is the open incident of a node's link, nil if there is none.
func (m *Meeting) linkIncident(n NodePath) *Incident {
	for i := range m.s.Incidents {
		if open := &m.s.Incidents[i]; open.Node == n && n != "" && open.ClosedAt.IsZero() {
			return open
		}
	}
	return nil
}

func (f LinkLost) fold(m *Meeting, e Event) error {
	if !f.Node.valid() || !f.Node.below(m.s.Home) || m.linkIncident(f.Node) != nil {
		return errIllegal
	}
	m.addIncident(Incident{ID: e.Seq, Node: f.Node, Why: LostLink, OpenedAt: e.At})
	return nil
}

func (f LinkRestored) fold(m *Meeting, e Event) error {
	i := m.linkIncident(f.Node)
	if i == nil {
		return errIllegal
	}
	i.ClosedAt = e.At
	return nil
}
