package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/loadtest/scenario"
)

// Fleet is the bridge of a local run: one node, or a tree of them, each a
// process of its own.
type Fleet struct {
	Links Links

	feed  int        // number of the point that is a relay source, 0 for none
	tree  *tree.Tree // nil for one node
	nodes map[tree.Code]*Server
	log   func(tree.Code) io.Writer // gets all that each node logs; nil is nobody
	ground
}

// ground is where the nodes stand: on loopback, or each on a host of its own
// with a line to the one above.
type ground interface {
	// place gives a node its addresses and says how its process is started.
	place(n tree.Node, s *Server) error
	// line is the line above a node, and access that between it and its points;
	// they are nil on loopback.
	line(c tree.Code) cable
	access(c tree.Code) cable
	close()
}

// cable is what a fault does to a line.
type cable interface {
	Cut()
	Heal()
	Lose(share float64) error
	Lost() int
}

// root is the one node of a fleet without a tree.
const root tree.Code = ""

// StartFleet starts the nodes of a scenario and waits until all serve. With
// netns every node is on a host of its own, which needs root.
func StartFleet(ctx context.Context, binary string, s *scenario.Scenario, netns bool) (*Fleet, error) {
	f := &Fleet{nodes: map[tree.Code]*Server{}, ground: loopback{}}
	if netns {
		var err error
		if f.ground, err = newHosts(); err != nil {
			return nil, err
		}
	}
	sweep()
	err := f.open(ctx, binary, s)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (f *Fleet) open(ctx context.Context, binary string, s *scenario.Scenario) error {
	if s.Tree == scenario.OneNode {
		return f.openOne(ctx, binary)
	}
	table, err := nodesOf(s.Tree, s.Points)
	if err != nil {
		return err
	}
	f.feed = s.Feed
	return f.openTree(ctx, table, provinceOf(s.Tree), func(tree.Code) string { return binary })
}

// openTree starts the nodes of a table, whose points are those of a province,
// each by the program it has.
func (f *Fleet) openTree(ctx context.Context, table, province string, binary func(tree.Code) string) error {
	var err error
	if f.tree, err = tree.Read([]byte(table), tree.Date(time.Now().Format(time.DateOnly))); err != nil {
		return fmt.Errorf("the tree of the run: %w", err)
	}
	for _, n := range f.tree.Nodes() {
		if err := f.add(binary(n.Code), n); err != nil {
			return err
		}
		f.nodes[n.Code].province = province
		if f.feed > 0 {
			f.nodes[n.Code].feed = seats(f.tree, province)[f.feed-1].Point
		}
	}
	if err := f.plant(table); err != nil {
		return err
	}
	for _, n := range f.tree.Nodes() { // the root first: whoever dials finds somebody
		if up := f.nodes[n.Parent]; up != nil {
			f.nodes[n.Code].parent = up.door
		}
		if err := f.nodes[n.Code].start(ctx); err != nil {
			return fmt.Errorf("node %s: %w", n.Code, err)
		}
	}
	return f.collect(province)
}

// openOne starts a node that is alone.
func (f *Fleet) openOne(ctx context.Context, binary string) error {
	if err := f.add(binary, tree.Node{}); err != nil {
		return err
	}
	server := f.nodes[root]
	if err := server.start(ctx); err != nil {
		return err
	}
	f.Links = server.Links
	chairFirst(f.Links.Rooms, catalog.TreeHaGiang)
	return f.Links.validate()
}

// add makes a node and gives it its place.
func (f *Fleet) add(binary string, n tree.Node) error {
	server, err := newServer(binary, n.Code)
	if err != nil {
		return err
	}
	if f.log != nil {
		server.log, server.level = io.MultiWriter(server.errs, f.log(n.Code)), "info"
	}
	f.nodes[n.Code] = server
	return f.place(n, server)
}

// plant gives every node the tree, and its trust in those next to it.
func (f *Fleet) plant(table string) error {
	keys := map[tree.Code]string{}
	for code, s := range f.nodes {
		s.tree = filepath.Join(s.dir, "tree.csv")
		if err := os.WriteFile(s.tree, []byte(table), 0o600); err != nil {
			return fmt.Errorf("write the tree: %w", err)
		}
		var err error
		if keys[code], err = s.command("node", "key", "--data", s.data()); err != nil {
			return err
		}
	}
	for _, n := range f.tree.Nodes() {
		if n.Parent == "" {
			continue
		}
		up, down := f.nodes[n.Parent], f.nodes[n.Code]
		_, err := down.command("node", "trust", "--data", down.data(), "--", string(n.Parent), keys[n.Parent])
		if err == nil {
			_, err = up.command("node", "trust", "--data", up.data(), "--", string(n.Code), keys[n.Code])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// collect joins the links of all nodes, the chair point first.
func (f *Fleet) collect(province string) error {
	for _, n := range f.tree.Nodes() {
		server := f.nodes[n.Code]
		if n.Parent == "" {
			f.Links.URL, f.Links.Console, f.Links.Dial = server.Links.URL, server.Links.Console, server.dial
		}
		for _, room := range server.Links.Rooms {
			room.URL, room.Tier, room.Node, room.Dial = server.Links.URL, n.Tier, string(n.Code), server.dial
			f.Links.Rooms = append(f.Links.Rooms, room)
		}
	}
	chairFirst(f.Links.Rooms, province)
	return f.Links.validate()
}

// seats are the points of a tree in the order of their numbers, as collect
// finds them when the nodes have begun.
func seats(t *tree.Tree, province string) (rooms []Room) {
	for _, n := range t.Nodes() {
		for _, id := range slices.Sorted(slices.Values(n.Points)) {
			rooms = append(rooms, Room{Point: id})
		}
	}
	chairFirst(rooms, province)
	return rooms
}

// provinceOf is whose units a tree has.
func provinceOf(shape scenario.Tree) string {
	if shape == scenario.TwoTiers || shape == scenario.RelayedAreas {
		return catalog.TreeTuyenQuang
	}
	return catalog.TreeHaGiang
}

// chairFirst puts the chair point of a province's meeting before the others.
func chairFirst(rooms []Room, province string) {
	m, err := catalog.DemoMeeting(province, time.Now())
	if err == nil {
		first(rooms, m.ChairPoint)
	}
}

// first puts the room of a point before the others, if it is there.
func first(rooms []Room, point meeting.PointID) {
	i := slices.IndexFunc(rooms, func(r Room) bool { return r.Point == point })
	if i < 0 {
		return
	}
	room := rooms[i]
	copy(rooms[1:i+1], rooms[:i])
	rooms[0] = room
}

// node finds a node by the name a scenario has for it; "" is the root.
func (f *Fleet) node(name string) (tree.Code, *Server) {
	code := tree.Code(name)
	if name == "" && f.tree != nil {
		code = f.tree.Nodes()[0].Code
	}
	return code, f.nodes[code]
}

// beyond lists the points on a node and on those below it.
func (f *Fleet) beyond(code tree.Code) []meeting.PointID {
	if f.tree == nil {
		return nil
	}
	var points []meeting.PointID
	for _, c := range below(f.tree, code) {
		n, _ := f.tree.Node(c)
		points = append(points, n.Points...)
	}
	return points
}

// above reports whether a node has one above it, so that the console, which is
// at the root, does not depend on it.
func (f *Fleet) above(code tree.Code) bool {
	n, _ := f.tree.Node(code)
	return n.Parent != ""
}

// Errors is the end of what the nodes wrote to their logs.
func (f *Fleet) Errors() string {
	var all string
	for c, s := range f.nodes {
		if said := s.errs.String(); said != "" {
			all += fmt.Sprintf("%s: %s\n", c, said)
		}
	}
	return all
}

// Close stops every node, all at once, and removes what they left.
func (f *Fleet) Close() error {
	failed := make(chan error, len(f.nodes))
	var stopping sync.WaitGroup
	for _, s := range f.nodes {
		stopping.Go(func() { failed <- s.Close() })
	}
	stopping.Wait()
	close(failed)
	var all []error
	for err := range failed {
		all = append(all, err)
	}
	f.ground.close()
	return errors.Join(all...)
}

// loopback is the ground of a run without hosts: every node on 127.0.0.1.
type loopback struct{}

func (loopback) place(_ tree.Node, s *Server) error {
	s.address, s.http, s.province = netip.MustParseAddr("127.0.0.1"), "127.0.0.1:0", catalog.TreeHaGiang
	s.door = "127.0.0.1:0"
	return nil
}

func (loopback) line(tree.Code) cable   { return nil }
func (loopback) access(tree.Code) cable { return nil }
func (loopback) close()                 {}
