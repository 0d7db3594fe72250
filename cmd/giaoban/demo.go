package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
)

// demoKey begins the key of the documents that hold the demo's tokens.
const demoKey = "demo/"

// demo is the demonstration of one tree: an open meeting, and a token for each
// person and room of it. It is the only place where tokens are kept as they
// are, so that every start can print the same links. They are let in while the
// program runs, by a start with the demo alone; one without deletes them.
type demo struct {
	Tree    string                     `json:"tree"`
	Console string                     `json:"console"`
	Chair   string                     `json:"chair"`
	Rooms   map[meeting.PointID]string `json:"rooms"`
	// Later than the others; a demo that has none is given them.
	Wall     string                     `json:"wall,omitempty"`     // an observer's
	Officers map[meeting.PointID]string `json:"officers,omitempty"` // focal officers' telephones
	Screens  map[meeting.PointID]string `json:"screens,omitempty"`  // rooms' second screens
	Operator string                     `json:"operator,omitempty"`

	meeting meeting.CreateMeeting
	system  []meeting.Point // every point of the tree's system
	points  []meeting.Point // those that connect here: all of them, if the node is alone
	leads   bool            // the meeting is led here
}

// openDemo reads the demo of a tree, or makes it, and lets its tokens in.
func (n *node) openDemo(ctx context.Context, tokens *auth.Tokens) (*demo, error) {
	tree := n.cfg.Demo.Tree
	d := &demo{Tree: tree, Rooms: map[meeting.PointID]string{}, leads: true}
	var err error
	if d.meeting, err = catalog.DemoMeeting(tree, time.Now()); err != nil {
		return nil, err
	}
	system, err := catalog.DemoSystem(tree)
	if err != nil {
		return nil, err
	}
	d.points, d.system = d.meeting.Points, system.Points
	if n.place != nil {
		if err := n.place.cast(d); err != nil {
			return nil, err
		}
	}
	for i := range d.meeting.Points {
		d.meeting.Points[i].Feed = string(d.meeting.Points[i].ID) == n.cfg.Demo.Feed
	}
	if err := d.read(ctx, n.store, tokens); err != nil {
		return nil, fmt.Errorf("demo of %s: %w", tree, err)
	}
	if err := d.admit(tokens); err != nil {
		return nil, fmt.Errorf("demo of %s: %w", tree, err)
	}
	n.log.Warn("the demo is on: its links let anybody who has them do everything; demo.enabled: false ends them")
	return d, nil
}

// endDemo ends what the demo let in: its links, what its operator handed out,
// and the accounts its operator made. Older versions kept its tokens among the
// others, and did not say of a link whether it was handed out by the demo's
// operator or by the account of that name: both are ended, once.
func (n *node) endDemo(ctx context.Context, o *office) error {
	keys, err := n.store.List(ctx, demoKey)
	if err != nil {
		return fmt.Errorf("end the demo: %w", err)
	}
	readable := map[string]bool{}
	for _, key := range keys {
		var d demo
		body, _, err := n.store.Get(ctx, key)
		if err == nil {
			err = json.Unmarshal(body, &d)
		}
		if err != nil {
			return fmt.Errorf("end the demo: %w", err)
		}
		for token := range d.all() {
			readable[auth.IDOf(token)] = true
		}
	}
	old := auth.Person(string(meeting.RoleOperator))
	ended := 0
	err = o.tokens.RevokeWhere(ctx, func(g auth.Grant) bool {
		of := readable[g.ID] || g.Parent == auth.Demo || len(keys) > 0 && g.Parent == old
		if of {
			ended++
		}
		return of
	})
	if err == nil {
		err = o.users.EndOf(ctx, auth.Demo)
	}
	for _, key := range keys {
		if err == nil {
			err = remove(ctx, n.store, key)
		}
	}
	if err != nil {
		return fmt.Errorf("end the demo: %w", err)
	}
	if ended > 0 || len(keys) > 0 {
		n.log.Warn("the demo is off: its links, and all that its operator handed out, have ended", "links", ended)
	}
	return nil
}

// remove deletes a document.
func remove(ctx context.Context, docs store.Catalog, key string) error {
	_, rev, err := docs.Get(ctx, key)
	if err != nil || rev == 0 {
		return err
	}
	return docs.Delete(ctx, key, rev)
}

// read takes the tokens from the store, and makes those it has not, or that an
// operator has revoked.
func (d *demo) read(ctx context.Context, docs store.Catalog, tokens *auth.Tokens) error {
	body, rev, err := docs.Get(ctx, demoKey+d.Tree)
	if err != nil {
		return err
	}
	if rev > 0 {
		if err := json.Unmarshal(body, d); err != nil {
			return err
		}
	}
	if !d.mint(tokens) {
		return nil
	}
	if body, err = json.Marshal(d); err != nil {
		return err
	}
	_, err = docs.Put(ctx, demoKey+d.Tree, body, rev)
	return err
}

// all gives every token of the demo.
func (d *demo) all() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, token := range []string{d.Console, d.Chair, d.Wall, d.Operator} {
			if token != "" && !yield(token) {
				return
			}
		}
		for _, tokens := range []map[meeting.PointID]string{d.Rooms, d.Officers, d.Screens} {
			for _, token := range tokens {
				if !yield(token) {
					return
				}
			}
		}
	}
}

// mint makes the tokens that are not there or were revoked, and says whether
// any was missing.
func (d *demo) mint(out *auth.Tokens) (missing bool) {
	for _, token := range []*string{&d.Console, &d.Chair, &d.Wall, &d.Operator} {
		if *token == "" || out.Barred(*token) {
			*token, missing = rand.Text(), true
		}
	}
	for _, tokens := range []*map[meeting.PointID]string{&d.Rooms, &d.Officers, &d.Screens} {
		if *tokens == nil {
			*tokens = map[meeting.PointID]string{}
		}
		for _, p := range d.points {
			if token := (*tokens)[p.ID]; token == "" || out.Barred(token) {
				(*tokens)[p.ID], missing = rand.Text(), true
			}
		}
	}
	return missing
}

// admit lets the tokens in.
func (d *demo) admit(tokens *auth.Tokens) error {
	people := map[string]auth.Principal{
		d.Console: {Role: string(meeting.RoleController)},
		d.Wall:    {Role: string(meeting.RoleObserver)},

		d.Operator: {Role: string(meeting.RoleOperator)},
	}
	if d.hasChair() {
		people[d.Chair] = auth.Principal{Role: string(meeting.RoleChair), Point: string(d.meeting.ChairPoint)}
	}
	for _, point := range d.points {
		own := func(role meeting.Role) auth.Principal {
			return auth.Principal{Role: string(role), Point: string(point.ID), Name: point.Name}
		}
		people[d.Rooms[point.ID]] = own(meeting.RoleRoom)
		people[d.Officers[point.ID]] = own(meeting.RoleFocal)
		people[d.Screens[point.ID]] = own(meeting.RoleObserver)
	}
	for token, who := range people {
		if err := tokens.Host(token, who); err != nil {
			return err
		}
	}
	return nil
}

// hasChair reports whether the chair point connects here.
func (d *demo) hasChair() bool {
	return slices.ContainsFunc(d.points, func(p meeting.Point) bool { return p.ID == d.meeting.ChairPoint })
}

// hold opens the tree's meeting: the one that is going on, or a new one if
// none was ever held or the last has ended.
func (d *demo) hold(ctx context.Context, docs store.Catalog, meetings *focus.Registry) error {
	if !d.leads {
		return nil // it comes down the link
	}
	for n := 1; ; n++ {
		id := meeting.ID(fmt.Sprintf("%s-%d", d.Tree, n))
		if why, err := store.IsShut(ctx, docs, id); err == nil && why != "" {
			continue
		}
		_, err := meetings.Open(ctx, id)
		if errors.Is(err, store.ErrDamaged) || errors.Is(err, focus.ErrBroken) {
			continue // set aside; the demo goes on with another
		}
		if errors.Is(err, focus.ErrUnknown) {
			_, err = meetings.Create(ctx, id, meeting.Actor{Role: meeting.RoleController}, d.meeting)
		}
		if !errors.Is(err, focus.ErrEnded) {
			return err
		}
	}
}

// split parts the points into those that bots play and the rooms people open:
// the first n are simulated, the chair point among them.
func (d *demo) split(n int) (simulated, rooms []meeting.Point) {
	n = min(max(n, 0), len(d.points))
	return d.points[:n], d.points[n:]
}
