package loadtest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

func TestMeetingFromInvitationToSilence(t *testing.T) {
	t.Parallel()
	node := newBridge(t, 4)
	ear := map[int]*ears{1: newEars(t), 2: newEars(t), 3: newEars(t)}
	chair, two, three := node.room(1, hearing(ear[1])), node.room(2, hearing(ear[2])), node.room(3, hearing(ear[3]))
	seated(t, chair, two, three)
	console := node.console()
	must(t, console, show(meeting.Layout1p1, 2, 3))
	shows(t, chair, ear[1], 2, 3)
	shows(t, two, ear[2], 3)

	// Before the grant: nothing, though the switch is pressed.
	if _, err := two.Do(within(t), meeting.SwitchOn{}); err == nil {
		t.Error("a room without an invitation switched its microphone on")
	}
	if err := two.Request(within(t)); err != nil {
		t.Fatal(err)
	}
	await(t, console, "the request in the queue", func(s State) bool {
		return len(s.View.Floor.Requests) == 1 && s.View.Floor.Requests[0].Point == "p-2"
	})
	must(t, console, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p-2"})
	await(t, two, "the invitation", func(s State) bool { return s.Mic() == wire.MicInvited })
	if n := ear[3].hears(2); n > 0 {
		t.Errorf("%d packets of an invited, closed microphone were heard", n)
	}

	// Switched on: heard by everyone but itself.
	if err := two.SwitchOn(within(t)); err != nil {
		t.Fatal(err)
	}
	await(t, two, "the gate", State.Speaking)
	for _, n := range []int{1, 3} {
		eventually(t, "the sound of room 2", func() bool { return ear[n].hears(2) > 20 })
	}
	if n := ear[2].hears(2); n > 0 {
		t.Errorf("room 2 was sent its own sound, %d packets", n)
	}

	// Cut: silence, with its tail paced on the same voice.
	must(t, console, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: "p-2"})
	await(t, two, "the cut", func(s State) bool { return s.Mic() == wire.MicOff && gateClosed(s) })
	_, passed := node.arrived(microphone(2))
	before, _ := node.arrived(microphone(2))
	eventually(t, "quiet packets at the ingress", func() bool {
		now, _ := node.arrived(microphone(2))
		return now >= before+3
	})
	if _, now := node.arrived(microphone(2)); now != passed {
		t.Errorf("%d packets passed a closed gate", now-passed)
	}
}

func TestLayoutChangeRetilesWithoutAnotherOffer(t *testing.T) {
	t.Parallel()
	node := newBridge(t, 5)
	e := newEars(t)
	chair, two, three, four := node.room(1, hearing(e)), node.room(2), node.room(3), node.room(4)
	seated(t, chair, two, three, four)
	console := node.console()
	for _, tiles := range [][]int{{2, 3}, {3, 4}, {4, 2}, {2, 3}} {
		e.forget()
		must(t, console, show(meeting.Layout1p1, tiles...))
		shows(t, chair, e, tiles...)
	}
	for _, b := range []*Bot{chair, two, three, four} {
		if s := b.State(); s.Offers != 1 {
			t.Errorf("%d offers of %s", s.Offers, s.You.Point)
		}
	}
	for id, s := range chair.Stats() {
		if s.Missing > 0 || id.Index < 0 {
			t.Errorf("slot %+v: %+v", id, s)
		}
	}
	await(t, two, "an order to stop encoding, unwatched", func(s State) bool { return s.Publish.Camera })
	must(t, console, show(meeting.Layout1p1, 3, 4))
	await(t, two, "an order to stop encoding", func(s State) bool { return !s.Publish.Camera })
}

func TestLateJoinerFindsLayoutAndFloorAsTheyStand(t *testing.T) {
	t.Parallel()
	node := newBridge(t, 4)
	chair, two := node.room(1), node.room(2)
	seated(t, chair, two)
	console := node.console()
	must(t, console, show(meeting.Layout1p1, 1, 2))
	must(t, console, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p-2"})
	if err := two.SwitchOn(within(t)); err != nil {
		t.Fatal(err)
	}
	await(t, two, "the gate", State.Speaking)

	e := newEars(t)
	late := node.room(3, hearing(e))
	shows(t, late, e, 1, 2)
	eventually(t, "the speaker", func() bool { return e.hears(2) > 10 })
	await(t, late, "the floor", func(s State) bool {
		return s.View.Roster["p-2"] != nil && s.View.Roster["p-2"].Mic == wire.MicOn
	})
}

func TestReloadComesBackWithTheGrantHeldAndTheMicrophoneClosed(t *testing.T) {
	t.Parallel()
	node := newBridge(t, 3)
	e := newEars(t)
	chair, two := node.room(1, hearing(e)), node.room(2)
	seated(t, chair, two)
	console := node.console()
	must(t, console, show(meeting.Layout1, 2))
	must(t, console, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p-2"})
	if err := two.SwitchOn(within(t)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the speaker", func() bool { return e.hears(2) > 5 })

	two.Reload()
	await(t, two, "the grant held", func(s State) bool { return s.Joins == 2 && s.Mic() == wire.MicBack && connected(s) })
	e.forget()
	shows(t, chair, e, 2)
	if n := e.hears(2); n > 0 {
		t.Errorf("%d packets heard after the reload, before OK", n)
	}
	if err := two.SwitchOn(within(t)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the speaker again", func() bool { return e.hears(2) > 5 })
}

func TestLostSocketChangesNothing(t *testing.T) {
	t.Parallel()
	node := newBridge(t, 3)
	e := newEars(t)
	chair, two := node.room(1, hearing(e)), node.room(2)
	seated(t, chair, two)
	console := node.console()
	must(t, console, show(meeting.Layout1, 2))
	must(t, console, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p-2"})
	if err := two.SwitchOn(within(t)); err != nil {
		t.Fatal(err)
	}
	await(t, two, "the gate", State.Speaking)
	before := node.focus.Current().State.Seq
	two.DropSocket()
	s := await(t, two, "the session resumed", func(s State) bool { return s.Joins == 2 && s.Up && s.View.Own != nil })
	if !s.Resumed || s.Offers != 1 || !s.Speaking() {
		t.Errorf("after the blip: resumed %v, %d offers, speaking %v", s.Resumed, s.Offers, s.Speaking())
	}
	e.forget()
	eventually(t, "sound", func() bool { return e.hears(2) > 5 })
	if now := node.focus.Current().State.Seq; now != before {
		t.Errorf("the blip wrote %d facts", now-before)
	}
}

func TestMediaFlowsOverTCPAlone(t *testing.T) {
	t.Parallel()
	node := newBridge(t, 3)
	e := newEars(t)
	tcp := func(c *Config) { c.TCPOnly = true }
	chair, two := node.room(1, tcp, hearing(e)), node.room(2, tcp)
	seated(t, chair, two)
	console := node.console()
	must(t, console, show(meeting.Layout1, 2))
	shows(t, chair, e, 2)
	must(t, console, meeting.GiveFloor{Point: "p-2"})
	if err := two.SwitchOn(within(t)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "sound over TCP", func() bool { return e.hears(2) > 20 })
	for id, s := range chair.Stats() {
		if s.Missing > 0 {
			t.Errorf("slot %+v lost %d packets over TCP", id, s.Missing)
		}
	}
}

func TestSimulatedPointGivesWayAndComesBack(t *testing.T) {
	t.Parallel()
	node := newBridge(t, 3)
	bot := node.room(2, func(c *Config) { c.Simulated, c.Device = true, "simulated" })
	seated(t, bot)
	person := node.room(2, func(c *Config) { c.Device = "person" })
	seated(t, person)
	await(t, bot, "giving way", func(s State) bool { return s.View.Meeting == nil && s.Media == "" })
	if s := person.State(); s.View.Own.Simulated {
		t.Error("the person's point is still shown as simulated")
	}
	console := node.console()
	person.Close()
	await(t, console, "the loss", func(s State) bool { return s.View.Roster["p-2"].Presence == meeting.Lost })
	node.skipped.Add(int64(time.Minute))
	must(t, console, meeting.CloseAll{}) // the meeting looks at its clock
	await(t, bot, "coming back", func(s State) bool { return connected(s) && s.View.Own != nil && s.View.Own.Simulated })
}

func TestPresentationReachesEveryoneWhileItHasTheFloor(t *testing.T) {
	t.Parallel()
	node := newBridge(t, 3)
	e := newEars(t)
	chair, two := node.room(1, hearing(e)), node.room(2)
	seated(t, chair, two)
	console := node.console()
	must(t, console, meeting.SetLayout{Audience: meeting.AudienceAll, Layout: meeting.Layout{
		Kind: meeting.LayoutContent1, Tiles: []meeting.Binding{{Kind: meeting.BindContent}, {Kind: meeting.BindChair}},
	}})
	must(t, console, meeting.GrantFloor{Floor: meeting.FloorContent, Point: "p-2"})
	content := meeting.SourceKey{Point: "p-2", Kind: meeting.Content}
	slots := await(t, chair, "a slot for the presentation", func(s State) bool {
		return s.View.Slots != nil && slices.Contains(s.View.Slots.Video, content)
	}).View.Slots.Video
	eventually(t, "the presentation", func() bool { return e.sees(slices.Index(slots, content), 2) })
	must(t, two, meeting.ReleaseFloor{Floor: meeting.FloorContent})
	await(t, two, "the gate closed", func(s State) bool { return !s.Gates[content] })
	await(t, chair, "the slot freed", func(s State) bool { return !slices.Contains(s.View.Slots.Video, content) })
}

func TestControllerLooksPrivatelyWithoutHearing(t *testing.T) {
	t.Parallel()
	node := newBridge(t, 4)
	e := newEars(t)
	two, three := node.room(2), node.room(3)
	seated(t, two, three)
	look := start(t, Config{URL: node.url, Token: "controller:", Device: "wall", MaxTiles: 25, OnPacket: e.listen})
	await(t, look, "media", connected)
	must(t, look, show(meeting.Layout1, 2))
	shows(t, look, e, 2)
	if err := look.Watch(within(t), []meeting.PointID{"p-3"}); err != nil {
		t.Fatal(err)
	}
	shows(t, look, e, 2, 3)
	before, _ := node.arrived(microphone(3))
	eventually(t, "quiet packets of the closed microphone", func() bool {
		now, _ := node.arrived(microphone(3))
		return now >= before+3
	})
	for id, s := range look.Stats() {
		if id.Audio {
			t.Errorf("the private look was sent sound: %+v %+v", id, s)
		}
	}
	if err := look.Watch(within(t), nil); err != nil {
		t.Fatal(err)
	}
	await(t, look, "the look ended", func(s State) bool { return !slices.Contains(s.View.Slots.Video, camera(3)) })
}

func TestDelegateSpeaksInARealMeeting(t *testing.T) {
	t.Parallel()
	node := newBridge(t, 3)
	e := newEars(t)
	chair := node.room(1, hearing(e))
	seated(t, chair)
	console := node.console()
	d := newDelegate(10 * time.Millisecond)
	d.speech = steady(time.Second)
	cfg := Config{URL: node.url, Token: "room:p-2", Device: "simulated-p-2", Simulated: true, Clip: clip(t, 2)}
	ctx, leave := context.WithCancel(context.Background())
	var played sync.WaitGroup
	played.Go(func() { d.attend(ctx, cfg, 0) })
	defer played.Wait()
	defer leave()
	await(t, console, "the request", func(s State) bool { return len(s.View.Floor.Requests) == 1 })
	must(t, console, meeting.GiveFloor{Point: "p-2"})
	eventually(t, "the delegate's speech", func() bool { return e.hears(2) > 20 })
	await(t, console, "the end of the speech", func(s State) bool { return len(s.View.Floor.Requests) == 0 })
}
