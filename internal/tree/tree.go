// Package tree is the tree of nodes: which server stands below which, at which
// tier, and which bridge points connect to it. It is data, of any depth from one
// to five; an authority and a node are two things, so a node may belong to no
// authority (a room that only relays), and two authorities may share one.
//
// A tree is read from a table with one node a row, which an office keeps in a
// spreadsheet:
//
//	code,parent,tier,name,points,from,until,relay
//	tw,,Trung ương,Văn phòng Chính phủ,,,,
//	02,tw,Tỉnh,Tỉnh Hà Giang,hg-01 hg-02,,,order
//	024,02,Huyện,H. Xín Mần,hg-11,2025-01-01,2025-06-30,
//
// Rows have dates, so that a change of the tree is written down before it comes.
// The package is pure: the date is an argument. No goroutine, no lock.
package tree

import (
	"slices"
	"strings"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Bounds of a tree.
const (
	MaxDepth = 5       // tiers (Art 5.4: the Centre, province, district, commune; one more for a large province)
	MaxNodes = 1000    // rows that are in force at one date
	maxBytes = 1 << 20 // of a file
)

// Code names a node: what its unit is called by the statistics office, or any
// other short word.
type Code string

// Node is one server's place.
type Node struct {
	Code   Code
	Parent Code   // "" for the root
	Tier   string // what people call its level; two nodes of one depth may differ
	Name   string // what people call it
	Points []meeting.PointID
	// ByOrder: meetings from above cross this node to those below only with an
	// order on record (Art 5.4.a).
	ByOrder bool
	Line    int // in the file
}

// Tree is the nodes in force at one date. It is immutable.
type Tree struct {
	nodes []Node // every parent before its children
	paths map[Code]meeting.NodePath
	homes map[meeting.PointID]Code
}

// Nodes lists every node, parents before their children.
func (t *Tree) Nodes() []Node { return slices.Clone(t.nodes) }

// Node finds a node by its code.
func (t *Tree) Node(c Code) (Node, bool) {
	i := slices.IndexFunc(t.nodes, func(n Node) bool { return n.Code == c })
	if i < 0 {
		return Node{}, false
	}
	return t.nodes[i], true
}

// Path is the node's place from the root down, "" if it is not in the tree.
func (t *Tree) Path(c Code) meeting.NodePath { return t.paths[c] }

// At is the node of a path; ok is false if the tree has no such node there.
func (t *Tree) At(path meeting.NodePath) (Node, bool) {
	n, ok := t.Node(last(path))
	return n, ok && t.paths[n.Code] == path
}

func last(path meeting.NodePath) Code {
	return Code(path[strings.LastIndexByte(string(path), '/')+1:])
}

// Home is the path of the node a point connects to, "" for one that no node has.
func (t *Tree) Home(p meeting.PointID) meeting.NodePath { return t.paths[t.homes[p]] }

// Children lists the nodes directly below one, in the order of the file.
func (t *Tree) Children(c Code) []Node {
	return slices.DeleteFunc(t.Nodes(), func(n Node) bool { return n.Parent != c || c == "" })
}

// Holds reports whether the point connects to the node or to one below it.
func (t *Tree) Holds(path meeting.NodePath, p meeting.PointID) bool {
	home := t.Home(p)
	return home != "" && home.Within(path)
}

// Depth is how many tiers the tree has.
func (t *Tree) Depth() int {
	deepest := 0
	for _, path := range t.paths {
		deepest = max(deepest, strings.Count(string(path), "/")+1)
	}
	return deepest
}

// Date is a day as the table writes it, yyyy-mm-dd; "" is open.
type Date string

func (d Date) valid() bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return d == "" || err == nil
}
