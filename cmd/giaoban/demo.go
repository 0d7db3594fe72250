package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
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
}

// openDemo reads the demo of a tree, or makes it, and lets its tokens in.
func openDemo(ctx context.Context, docs store.Catalog, tokens *auth.Tokens, tree string) (*demo, error) {
	command, err := catalog.DemoMeeting(tree, time.Now())
	if err != nil {
		return nil, err
	}
	d, err := readDemo(ctx, docs, command, tree)
	if err != nil {
		return nil, fmt.Errorf("demo of %s: %w", tree, err)
	}
	if err := d.admit(ctx, tokens); err != nil {
		return nil, fmt.Errorf("demo of %s: %w", tree, err)
	}
	return d, nil
}

func readDemo(ctx context.Context, docs store.Catalog, command meeting.CreateMeeting, tree string) (*demo, error) {
	body, rev, err := docs.Get(ctx, demoKey+tree)
	if err != nil {
		return nil, err
	}
	d := &demo{Tree: tree, Console: rand.Text(), Chair: rand.Text(), Rooms: map[meeting.PointID]string{}, meeting: command}
	if rev > 0 {
		if err := json.Unmarshal(body, d); err != nil || d.Wall != "" && d.Operator != "" {
			return d, err
		}
	}
	d.mint()
	if body, err = json.Marshal(d); err != nil {
		return nil, err
	}
	_, err = docs.Put(ctx, demoKey+tree, body, rev)
	return d, err
}

// mint makes the tokens that are not there yet.
func (d *demo) mint() {
	for _, token := range []*string{&d.Wall, &d.Operator} {
		if *token == "" {
			*token = rand.Text()
		}
	}
	for _, tokens := range []*map[meeting.PointID]string{&d.Rooms, &d.Officers, &d.Screens} {
		if *tokens == nil {
			*tokens = map[meeting.PointID]string{}
		}
		for _, p := range d.meeting.Points {
			if (*tokens)[p.ID] == "" {
				(*tokens)[p.ID] = rand.Text()
			}
		}
	}
}

// admit makes the tokens valid; those that are already stay as they are.
func (d *demo) admit(ctx context.Context, tokens *auth.Tokens) error {
	chair := string(d.meeting.ChairPoint)
	people := map[string]auth.Principal{
		d.Console: {Role: string(meeting.RoleController)},
		d.Chair:   {Role: string(meeting.RoleChair), Point: chair},
		d.Wall:    {Role: string(meeting.RoleObserver)},

		d.Operator: {Role: string(meeting.RoleOperator)},
	}
	for _, point := range d.meeting.Points {
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

// hold opens the tree's meeting: the one that is going on, or a new one if
// none was ever held or the last has ended.
func (d *demo) hold(ctx context.Context, meetings *focus.Registry) error {
	for n := 1; ; n++ {
		id := meeting.ID(fmt.Sprintf("%s-%d", d.Tree, n))
		_, err := meetings.Open(ctx, id)
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
	n = min(max(n, 0), len(d.meeting.Points))
	return d.meeting.Points[:n], d.meeting.Points[n:]
}
