package loadtest

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
	"github.com/giaoban/giaoban/internal/wire"
)

// ears tells the sounds and pictures of rooms apart by their payload: an Opus
// packet passes the bridge unchanged, and a VP8 frame but for its descriptor.
type ears struct {
	mu     sync.Mutex
	sound  map[string]int // packet → look
	start  map[string]int // first bytes of a frame → look
	heard  map[int]int    // look → packets
	voices map[int]int    // look → voice slot last heard on
	seen   map[SlotID]int // video slot → look of its newest frame
}

const frameStart = 60 // bytes that tell two frames apart

func newEars(t *testing.T) *ears {
	t.Helper()
	e := &ears{sound: map[string]int{}, start: map[string]int{}, heard: map[int]int{}, voices: map[int]int{}, seen: map[SlotID]int{}}
	for look := range testmedia.Looks {
		c := clip(t, look)
		for _, p := range c.Sound {
			e.mark(e.sound, string(p), look)
		}
		for _, f := range c.Frames {
			e.mark(e.start, string(f[:min(len(f), frameStart)]), look)
		}
	}
	return e
}

// mark remembers whose a payload is; one that two looks share is nobody's.
func (e *ears) mark(table map[string]int, payload string, look int) {
	if other, ok := table[payload]; ok && other != look {
		look = -1
	}
	table[payload] = look
}

func (e *ears) listen(slot SlotID, packet []byte) {
	_, payload, _, ok := split(packet)
	if !ok {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if slot.Audio {
		if look, ok := e.sound[string(payload)]; ok && look >= 0 {
			e.heard[look]++
			e.voices[look] = slot.Index
		}
		return
	}
	if body, start := vp8Body(payload); start {
		if look, ok := e.start[string(body[:min(len(body), frameStart)])]; ok && look >= 0 {
			e.seen[slot] = look
		}
	}
}

func (e *ears) hears(n int) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard[n%testmedia.Looks]
}

// sees is whether a video slot shows the room with a number now.
func (e *ears) sees(slot, n int) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	look, ok := e.seen[SlotID{Index: slot}]
	return ok && look == n%testmedia.Looks
}

// forget clears what was seen and heard.
func (e *ears) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.heard)
	clear(e.seen)
}

// shows waits until a room's slots really carry what the view says they do,
// and the view shows these points.
func shows(t *testing.T, b *Bot, e *ears, points ...int) {
	t.Helper()
	slots := await(t, b, "the slots", func(s State) bool {
		return s.View.Slots != nil && carriesAll(s.View.Slots.Video, points)
	}).View.Slots.Video
	for slot, source := range slots {
		for _, n := range points {
			if source == camera(n) {
				eventually(t, "the picture of "+string(source.Point), func() bool { return e.sees(slot, n) })
			}
		}
	}
}

func carriesAll(slots []meeting.SourceKey, points []int) bool {
	found := 0
	for _, k := range slots {
		for _, n := range points {
			if k == camera(n) {
				found++
			}
		}
	}
	return found == len(points)
}

func hearing(e *ears) func(*Config) { return func(c *Config) { c.OnPacket = e.listen } }

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

func TestSoundPassesUnchanged(t *testing.T) {
	t.Parallel()
	c := clip(t, 3)
	e := newEars(t)
	header := []byte{0x80, payloadOpus, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}
	loud := c.Sound[len(c.Sound)/2]
	e.listen(SlotID{Audio: true}, append(bytes.Clone(header), loud...))
	if e.hears(3) != 1 || e.hears(4) != 0 {
		t.Errorf("heard %v", e.heard)
	}
}
