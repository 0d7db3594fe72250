package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
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
// are, so that every start can print the same links.
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
	if err := d.read(ctx, n.store); err != nil {
		return nil, fmt.Errorf("demo of %s: %w", tree, err)
	}
	if err := d.admit(ctx, tokens); err != nil {
		return nil, fmt.Errorf("demo of %s: %w", tree, err)
	}
	return d, nil
}

// read takes the tokens from the store, and makes those it has not.
func (d *demo) read(ctx context.Context, docs store.Catalog) error {
	body, rev, err := docs.Get(ctx, demoKey+d.Tree)
	if err != nil {
		return err
	}
	if rev > 0 {
		if err := json.Unmarshal(body, d); err != nil {
			return err
		}
	}
	if !d.mint() {
		return nil
	}
	if body, err = json.Marshal(d); err != nil {
		return err
	}
	_, err = docs.Put(ctx, demoKey+d.Tree, body, rev)
	return err
}

// mint makes the tokens that are not there yet, and says whether any was missing.
func (d *demo) mint() (missing bool) {
	for _, token := range []*string{&d.Console, &d.Chair, &d.Wall, &d.Operator} {
		if *token == "" {
			*token, missing = rand.Text(), true
		}
	}
	for _, tokens := range []*map[meeting.PointID]string{&d.Rooms, &d.Officers, &d.Screens} {
		if *tokens == nil {
			*tokens = map[meeting.PointID]string{}
		}
		for _, p := range d.points {
			if (*tokens)[p.ID] == "" {
				(*tokens)[p.ID], missing = rand.Text(), true
			}
		}
	}
	return missing
}

// admit makes the tokens valid; those that are already stay as they are.
func (d *demo) admit(ctx context.Context, tokens *auth.Tokens) error {
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
		if err := tokens.Add(ctx, token, who); err != nil {
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
