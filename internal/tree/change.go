package tree

import "slices"

// Change is what differs between two trees, by the codes of nodes.
type Change struct {
	Added, Removed []Code
	Moved          []Code // to another node above, or with one further up
	Altered        []Code // name, tier, points or orders; their place is the same
}

// Empty reports whether nothing differs.
func (c Change) Empty() bool {
	return len(c.Added)+len(c.Removed)+len(c.Moved)+len(c.Altered) == 0
}

// Since tells what is different from a tree before.
func (t *Tree) Since(before *Tree) (c Change) {
	for _, n := range t.nodes {
		was, known := before.Node(n.Code)
		switch {
		case !known:
			c.Added = append(c.Added, n.Code)
		case t.Path(n.Code) != before.Path(n.Code):
			c.Moved = append(c.Moved, n.Code)
		case was.Name != n.Name || was.Tier != n.Tier || was.ByOrder != n.ByOrder || !slices.Equal(was.Points, n.Points):
			c.Altered = append(c.Altered, n.Code)
		}
	}
	for _, n := range before.nodes {
		if _, known := t.Node(n.Code); !known {
			c.Removed = append(c.Removed, n.Code)
		}
	}
	return c
}
