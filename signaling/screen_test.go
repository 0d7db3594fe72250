package signaling

import (
	"slices"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// presentation shows everyone p1's presentation beside p2 and p3.
func presentation(h *hall) {
	desk := h.join("controller", "desk")
	desk.whole()
	desk.do("floor.grant", meeting.GrantFloor{Floor: meeting.FloorContent, Point: "p2"})
	tile := func(p meeting.PointID) meeting.Binding { return meeting.Binding{Kind: meeting.BindPoint, Point: p} }
	desk.do("layout.set", meeting.SetLayout{Audience: meeting.AudienceAll, Layout: meeting.Layout{
		Kind: meeting.LayoutContentStrip,
		Tiles: []meeting.Binding{{Kind: meeting.BindContent}, tile("p2"), tile("p3"),
			{Kind: meeting.BindBlank}, {Kind: meeting.BindBlank}, {Kind: meeting.BindBlank}},
	}})
}

func displays(layout meeting.LayoutKind, sources ...meeting.Kind) func(wire.View) bool {
	return func(v wire.View) bool {
		if v.Picture == nil || v.Picture.Layout != layout {
			return false
		}
		for i, kind := range sources {
			if v.Picture.Tiles[i].Source.Kind != kind {
				return false
			}
		}
		return true
	}
}

// A room with a second screen shows people and leaves the presentation to it;
// alone again it shows both.
func TestTwoScreensShareAView(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Limits = Limits{Beat: 20 * time.Millisecond, Grace: 150 * time.Millisecond} })
	room, _, _ := speaking(t, h)
	presentation(h)
	room.sees("everything", displays(meeting.LayoutContentStrip, meeting.Content, meeting.Camera))
	second := h.hello(wire.Hello{Token: "screen-p2", Device: "tv2", Part: meeting.PartContent})
	second.sees("the presentation", displays(meeting.Layout1, meeting.Content))
	room.sees("people", displays(meeting.Layout1p1, meeting.Camera, meeting.Camera))
	h.await("the room's media to follow", func() bool {
		p := h.media.peers[0]
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.screen != nil && p.screen.Part == meeting.PartPeople
	})
	second.conn.Close()
	room.sees("everything again", displays(meeting.LayoutContentStrip, meeting.Content, meeting.Camera))
}

func TestAWallShowsTheAudienceItIsFor(t *testing.T) {
	h := newHall(t, nil)
	speaking(t, h)
	presentation(h)
	wall := h.hello(wire.Hello{Token: "observer", Device: "wall", Part: meeting.PartPeople, Exclude: []meeting.PointID{"p2"}})
	wall.sees("people", displays(meeting.Layout1p1, meeting.Camera, meeting.Camera))
}

func TestWhoMayChooseWhatToSee(t *testing.T) {
	h := newHall(t, nil)
	for _, test := range []struct {
		token string
		hello wire.Hello
		want  meeting.Code
	}{
		{"room-p2", wire.Hello{Audience: "chair"}, meeting.CodeRights},
		{"room-p2", wire.Hello{Part: meeting.PartPeople}, meeting.CodeRights},
		{"chair", wire.Hello{Exclude: []meeting.PointID{"p2"}}, meeting.CodeRights},
		{"observer", wire.Hello{Audience: "controllers"}, meeting.CodeValueInvalid},
		{"observer", wire.Hello{Part: "half"}, meeting.CodeValueInvalid},
		{"observer", wire.Hello{Audience: "chair"}, meeting.CodeRights},
		{"observer", wire.Hello{Audience: "point:p3"}, meeting.CodeRights},
	} {
		test.hello.Token, test.hello.Device = test.token, "d"
		c := h.dial()
		c.send("hello", test.hello)
		if code := c.ended(); code != test.want {
			t.Errorf("%s asking for %+v: %q, want %q", test.token, test.hello, code, test.want)
		}
	}
}

// What a wall shows is in its token: its hello may name that, and no other audience.
func TestAWallsAudienceIsItsLinks(t *testing.T) {
	who := Identity{Role: meeting.RoleObserver, Audience: "tier:xã", Exclude: "p2,p3"}
	for asked, want := range map[meeting.Audience]bool{"": true, "tier:xã": true, "tier:huyện": false, "chair": false, meeting.AudienceAll: false} {
		screen, err := screenOf(who, &wire.Hello{Audience: asked, Exclude: []meeting.PointID{"p4"}})
		if (err == nil) != want {
			t.Errorf("asking for %q: %v", asked, err)
		}
		if err == nil && (screen.Audience != "tier:xã" || !slices.Equal(screen.Exclude, []meeting.PointID{"p4", "p2", "p3"})) {
			t.Errorf("asking for %q: %+v", asked, screen)
		}
	}
}
