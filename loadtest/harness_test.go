package loadtest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/memory"
	"github.com/giaoban/giaoban/sfu"
	"github.com/giaoban/giaoban/signaling"
)

// bridge is a whole node in this process, with one meeting: point "p-1" is the
// chair point, and every other point is "p-2" and so on.
type bridge struct {
	t       *testing.T
	sfu     *sfu.SFU
	focus   *focus.Focus
	url     string
	skipped atomic.Int64 // how far the meeting's clock is ahead
}

const meetingID meeting.ID = "giao-ban"

func newBridge(t *testing.T, points int, change ...func(*meeting.CreateMeeting)) *bridge {
	t.Helper()
	media, err := sfu.New(sfu.Config{Addrs: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	b := &bridge{t: t, sfu: media}
	began := time.Now()
	skipped := func() time.Duration { return time.Duration(b.skipped.Load()) }
	meetings := focus.NewRegistry(focus.Config{
		Journal: memory.New(), Media: media,
		Now:     func() time.Time { return time.Now().Add(skipped()) },
		Elapsed: func() time.Duration { return time.Since(began) + skipped() },
	})
	create := meeting.CreateMeeting{Title: "Giao ban", HostUnit: "UBND tỉnh", System: "thu", ChairPoint: "p-1", StartsAt: time.Now()}
	for n := 1; n <= points; n++ {
		create.Points = append(create.Points, meeting.Point{
			ID: point(n), Number: n, Code: fmt.Sprintf("%05d", n), Name: fmt.Sprintf("UBND xã %d", n),
		})
	}
	for _, c := range change {
		c(&create)
	}
	if b.focus, err = meetings.Create(context.Background(), meetingID, meeting.Actor{Role: meeting.RoleController}, create); err != nil {
		t.Fatal(err)
	}
	door, err := signaling.New(signaling.Config{
		Meetings: meetings, Media: signaling.Bridge(media), Auth: identify,
	})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: door}
	go server.Serve(listener)
	b.url = "ws://" + listener.Addr().String() + "/api/v1/bridge"
	t.Cleanup(func() {
		for _, part := range []interface{ Close() error }{door, server, media} {
			if err := part.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
		meetings.Close()
	})
	return b
}

func point(n int) meeting.PointID { return meeting.PointID(fmt.Sprintf("p-%d", n)) }

func camera(n int) meeting.SourceKey {
	return meeting.SourceKey{Point: point(n), Kind: meeting.Camera}
}

func microphone(n int) meeting.SourceKey {
	return meeting.SourceKey{Point: point(n), Kind: meeting.Microphone}
}

// identify reads tokens like "room:p-2", "chair:p-1" and "controller:".
func identify(token string) (signaling.Bearer, bool) {
	role, p, ok := strings.Cut(token, ":")
	known := []meeting.Role{meeting.RoleRoom, meeting.RoleChair, meeting.RoleController, meeting.RoleObserver}
	who := signaling.Identity{Role: meeting.Role(role), Point: meeting.PointID(p), Name: token}
	return signaling.Bearer{Identity: who}, ok && slices.Contains(known, meeting.Role(role))
}

// room starts the bot of a point; change may alter its configuration.
func (b *bridge) room(n int, change ...func(*Config)) *Bot {
	b.t.Helper()
	cfg := Config{
		URL: b.url, Token: "room:" + string(point(n)), Device: fmt.Sprintf("room-%d", n),
		MaxTiles: 9, Clip: clip(b.t, n),
	}
	for _, c := range change {
		c(&cfg)
	}
	return start(b.t, cfg)
}

// console starts a controller without media and waits for it.
func (b *bridge) console() *Bot {
	b.t.Helper()
	c := start(b.t, Config{URL: b.url, Token: "controller:", Device: "console", NoMedia: true})
	await(b.t, c, "the console's view", func(s State) bool { return s.Up && s.View.Floor != nil })
	return c
}

// must gives a command that has to be carried out.
func must(t *testing.T, b *Bot, c meeting.Command) {
	t.Helper()
	if _, err := b.Do(within(t), c); err != nil {
		t.Fatal(err)
	}
}

// arrived is how many packets of a source the ingress has counted.
func (b *bridge) arrived(k meeting.SourceKey) (packets, passed uint64) {
	for _, s := range b.sfu.Sources(meetingID) {
		if s.Source == k {
			packets, passed = packets+s.Packets, passed+s.Passed
		}
	}
	return packets, passed
}

// seated waits until rooms are in the meeting with media.
func seated(t *testing.T, rooms ...*Bot) {
	t.Helper()
	for _, r := range rooms {
		await(t, r, "a seat with media", func(s State) bool { return s.Up && connected(s) && s.View.Own != nil })
	}
}

// show puts points on everyone's screen.
func show(kind meeting.LayoutKind, points ...int) meeting.SetLayout {
	l := meeting.Layout{Kind: kind}
	for _, n := range points {
		l.Tiles = append(l.Tiles, meeting.Binding{Kind: meeting.BindPoint, Point: point(n)})
	}
	for len(l.Tiles) < kind.Tiles() {
		l.Tiles = append(l.Tiles, meeting.Binding{Kind: meeting.BindBlank})
	}
	return meeting.SetLayout{Audience: meeting.AudienceAll, Layout: l}
}
