package tree

import (
	"slices"
	"strings"

	"github.com/giaoban/giaoban/internal/meeting"
)

// inForce is the nodes of the day, by their codes once each.
func (r *reader) inForce() []Node {
	var nodes []Node
	lines := map[Code]int{}
	for _, w := range r.all {
		if w.from != "" && r.on < w.from || w.until != "" && r.on > w.until {
			continue
		}
		if line, twice := lines[w.Code]; twice {
			r.fault(w.Line, "code %s is that of line %d too; a code names one node", w.Code, line)
			continue
		}
		lines[w.Code] = w.Line
		nodes = append(nodes, w.Node)
	}
	switch {
	case len(nodes) > MaxNodes:
		r.fault(nodes[MaxNodes].Line, "more than %d nodes", MaxNodes)
	case len(nodes) == 0 && len(r.faults) == 0:
		r.fault(1, "no row is in force on %s", r.on)
	}
	return nodes
}

// build joins the nodes to a tree, or says why they are none.
func (r *reader) build(nodes []Node) *Tree {
	t := &Tree{paths: map[Code]meeting.NodePath{}, homes: map[meeting.PointID]Code{}}
	known := map[Code]bool{}
	var root *Node
	for i := range nodes {
		n := &nodes[i]
		known[n.Code] = true
		switch {
		case n.Parent != "":
		case root == nil:
			root = n
		default:
			r.fault(n.Line, "%s has no parent, as %s of line %d; a tree has one root", n.Code, root.Code, root.Line)
		}
		r.settle(t, n)
	}
	if len(r.faults) > 0 {
		return nil
	}
	for _, n := range nodes {
		if n.Parent != "" && !known[n.Parent] {
			r.fault(n.Line, "%s has the parent %s, which no row in force on %s has for its code", n.Code, n.Parent, r.on)
		}
	}
	if len(r.faults) > 0 {
		return nil
	}
	if root != nil {
		t.grow(*root, "", nodes)
	}
	r.strays(t, nodes)
	return t
}

// settle gives a node its points.
func (r *reader) settle(t *Tree, n *Node) {
	for _, p := range n.Points {
		if other, taken := t.homes[p]; taken {
			r.fault(n.Line, "point %s connects to %s already; a point has one node", p, other)
			continue
		}
		t.homes[p] = n.Code
	}
}

// grow adds a node and those below it. What is in a loop is never reached.
func (t *Tree) grow(n Node, above meeting.NodePath, nodes []Node) {
	path := meeting.NodePath(n.Code)
	if above != "" {
		path = above + "/" + path
	}
	t.nodes, t.paths[n.Code] = append(t.nodes, n), path
	if strings.Count(string(path), "/") > MaxDepth {
		return
	}
	for _, child := range nodes {
		if child.Parent == n.Code {
			t.grow(child, path, nodes)
		}
	}
}

// strays reports the loops, and what is too deep.
func (r *reader) strays(t *Tree, nodes []Node) {
	seen := map[Code]bool{}
	for _, n := range nodes {
		if path, ok := t.paths[n.Code]; ok {
			if strings.Count(string(path), "/") == MaxDepth {
				r.fault(n.Line, "%s stands at tier %d; a tree has at most %d", n.Code, MaxDepth+1, MaxDepth)
			}
			continue
		}
		if seen[n.Code] || t.paths[n.Code] != "" {
			continue
		}
		if loop := loopOf(n, nodes, seen); loop != nil {
			r.fault(n.Line, "%s stand below each other in a loop; one of them needs another parent", strings.Join(loop, ", "))
		}
	}
	if len(t.nodes) == 0 && len(nodes) > 0 && len(r.faults) == 0 {
		r.fault(nodes[0].Line, "no node is the root")
	}
}

// loopOf follows the parents of a node that the root does not reach. Those
// below a loop are part of no fault of their own.
func loopOf(n Node, nodes []Node, seen map[Code]bool) []string {
	var way []string
	for {
		if i := slices.Index(way, string(n.Code)); i >= 0 {
			return way[i:]
		}
		if seen[n.Code] {
			return nil
		}
		seen[n.Code] = true
		way = append(way, string(n.Code))
		i := slices.IndexFunc(nodes, func(up Node) bool { return up.Code == n.Parent })
		if i < 0 {
			return nil
		}
		n = nodes[i]
	}
}
