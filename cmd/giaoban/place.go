package main

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/giaoban/giaoban/cascade"
	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/config"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
)

// place is the node's place in a tree, and its links. A nil place is that of a
// node that is alone.
type place struct {
	atlas *atlas
	key   auth.NodeKey
	pins  *auth.Pins
	up    *cascade.Uplink    // nil at the root
	down  *cascade.Downlinks // nil without a door for children
	door  net.Listener
	where string // address of the door, "" for none
}

// openPlace reads the tree and the node's key, and opens the door for the nodes
// below.
func (n *node) openPlace() error {
	cfg := n.cfg.Node
	if cfg.ID == "" {
		return nil
	}
	a, err := openAtlas(cfg.File, tree.Code(cfg.ID), today, n.log)
	if err != nil {
		return err
	}
	n.closers = append(n.closers, a.close)
	p := &place{atlas: a}
	if a.path() == "" {
		return &config.Error{Key: "node.id", Want: "the code of a row of " + cfg.File, Got: cfg.ID}
	}
	if (a.node().Parent == "") != (len(cfg.Parents) == 0) {
		return &config.Error{Key: "node.parents", Want: "addresses of the node above, or none for the root of the tree"}
	}
	if p.key, err = auth.OpenNodeKey(n.cfg.Data); err != nil {
		return err
	}
	if p.pins, err = auth.OpenPins(n.cfg.Data); err != nil {
		return err
	}
	if cfg.Listen != "" {
		doors, err := door{what: "the nodes below", network: "tcp", addr: cfg.Listen, flag: "node.listen"}.listen(n.args)
		if err != nil {
			return err
		}
		p.door, p.where = doors[0], doors[0].Addr().String()
		n.closers = append(n.closers, func() error { closeAll(doors); return nil })
	}
	n.place = p
	return nil
}

func today() tree.Date { return tree.Date(time.Now().Format(time.DateOnly)) }

func (p *place) path() meeting.NodePath {
	if p == nil {
		return ""
	}
	return p.atlas.path()
}

// home is the node a point connects to; one that the tree does not know
// connects to this one.
func (p *place) home(id meeting.PointID) meeting.NodePath {
	if p == nil {
		return ""
	}
	if home := p.atlas.tree().Home(id); home != "" {
		return home
	}
	return p.path()
}

// link opens the links: the door for the nodes below, then the way up.
func (n *node) link() error {
	p := n.place
	if p == nil {
		return nil
	}
	base := cascade.Config{
		Tree: p.atlas.tree, Self: p.atlas.self, Build: version(), Meetings: n.meetings,
		Media: n.media.Link, Rooms: n.signals, Cap: 1000 * n.cfg.Node.Cap, Log: n.log,
	}
	if p.door != nil {
		if err := n.openDoor(base); err != nil {
			return err
		}
	}
	if p.atlas.node().Parent == "" {
		return nil
	}
	return n.dialParent(base)
}

// openDoor lets the nodes below in.
func (n *node) openDoor(base cascade.Config) error {
	p := n.place
	down, err := cascade.NewDownlinks(cascade.DownlinksConfig{Config: base, Node: p.trusted})
	if err != nil {
		return err
	}
	secure, err := p.key.TLS(func(*x509.Certificate) error { return nil }) // judged after, so that a refusal has a code
	if err != nil {
		return err
	}
	p.down = down
	n.answer(&http.Server{Handler: down, TLSConfig: secure}, p.door)
	n.closers = append(n.closers, down.Close)
	return nil
}

// dialParent begins the link up. The parent must prove the key that is trusted
// for it.
func (n *node) dialParent(base cascade.Config) error {
	p := n.place
	secure, err := p.key.TLS(func(c *x509.Certificate) error {
		if code, ok := p.trusted(c); !ok || code != p.atlas.node().Parent {
			return fmt.Errorf("the node above shows the key %s, which is not trusted for %s", auth.CertificateKey(c), p.atlas.node().Parent)
		}
		return nil
	})
	if err != nil {
		return err
	}
	cfg := cascade.UplinkConfig{Config: base, TLS: secure, Report: n.islandReport}
	if p.down != nil {
		cfg.Below = p.down.Sights
	}
	for _, addr := range n.cfg.Node.Parents {
		cfg.URLs = append(cfg.URLs, "wss://"+addr+"/cascade")
	}
	if p.up, err = cascade.Dial(cfg); err != nil {
		return err
	}
	n.closers = append(n.closers, p.up.Close)
	return nil
}

func (p *place) trusted(c *x509.Certificate) (tree.Code, bool) {
	code, ok := p.pins.Node(auth.CertificateKey(c))
	return tree.Code(code), ok
}

// above is the name of the node above, "" for none.
func (n *node) above() string {
	if n.place == nil {
		return ""
	}
	parent, _ := n.place.atlas.tree().Node(n.place.atlas.node().Parent)
	return parent.Name
}

// islandReport sums up an island's log: when, how many facts, and their digest.
func (n *node) islandReport(ctx context.Context, id meeting.ID) (meeting.Island, error) {
	island := meeting.Island{ID: id, Node: n.place.path()}
	sum := sha256.New()
	for e, err := range n.store.Read(ctx, id, 0) {
		if err != nil {
			return island, fmt.Errorf("read island %q: %w", id, err)
		}
		line, err := json.Marshal(e)
		if err != nil {
			return island, fmt.Errorf("read island %q: %w", id, err)
		}
		if island.Facts == 0 {
			island.From = e.At
		}
		island.To, island.Facts = e.At, e.Seq
		_, _ = sum.Write(append(line, '\n')) // a hash takes everything
	}
	island.Digest = hex.EncodeToString(sum.Sum(nil))
	return island, nil
}

// cast spreads the demo over the tree: its points are those the tree has, and
// the root leads. A point of the tree that the demo does not know is made up.
func (p *place) cast(d *demo) error {
	var all []meeting.Point
	known := map[meeting.PointID]meeting.Point{}
	number := 0
	for _, point := range d.system {
		known[point.ID] = point
		number = max(number, point.Number)
	}
	d.points, d.leads = nil, p.atlas.node().Parent == ""
	for _, n := range p.atlas.tree().Nodes() {
		for _, id := range n.Points {
			point, ok := known[id]
			if !ok {
				number++
				point = meeting.Point{ID: id, Number: number, Name: fmt.Sprintf("%s (%s)", n.Name, id)}
			}
			point.Tier = n.Tier
			all = append(all, point)
			if n.Code == p.atlas.self {
				d.points = append(d.points, point)
			}
		}
	}
	if len(all) == 0 || len(all) > meeting.MaxPoints {
		return fmt.Errorf("the tree has %d points; the demo meeting takes 1 to %d", len(all), meeting.MaxPoints)
	}
	if !slices.ContainsFunc(all, func(q meeting.Point) bool { return q.ID == d.meeting.ChairPoint }) {
		d.meeting.ChairPoint = all[0].ID
	}
	d.meeting.Points = all
	return nil
}

// links are what a start writes for programs.
type links struct {
	Node    string                     `json:"node,omitempty"`
	Key     string                     `json:"key,omitempty"`    // of the node
	Listen  string                     `json:"listen,omitempty"` // of the door for the nodes below
	URL     string                     `json:"url"`
	Console string                     `json:"console,omitempty"`
	Chair   string                     `json:"chair,omitempty"`
	Rooms   map[meeting.PointID]string `json:"rooms,omitempty"`
}

// write writes the links to a file; none for "".
func (w welcome) write(file string) error {
	if file == "" {
		return nil
	}
	l := links{URL: w.local}
	if w.place != nil {
		l.Node, l.Key, l.Listen = string(w.place.path()), w.place.key.Public(), w.place.where
	}
	if d := w.demo; d != nil {
		l.Console, l.Rooms = w.local+"/console#t="+d.Console, map[meeting.PointID]string{}
		if d.hasChair() {
			l.Chair = w.local + "/chair#t=" + d.Chair
		}
		for _, p := range d.points {
			l.Rooms[p.ID] = w.local + w.room(p)
		}
	}
	text, err := json.MarshalIndent(l, "", "  ")
	if err == nil {
		err = os.WriteFile(file+".new", append(text, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(file+".new", file)
	}
	if err != nil {
		return fmt.Errorf("write links: %w", err)
	}
	return nil
}
