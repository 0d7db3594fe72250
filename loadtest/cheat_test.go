package loadtest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/sfu"
)

// TestEveryCheatLeavesTheBotAsItsNameSays keeps the tests of the bridge
// honest: what they say was sent really was.
func TestEveryCheatLeavesTheBotAsItsNameSays(t *testing.T) {
	t.Parallel()
	f := newFakeBridge(t)
	var mu sync.Mutex
	seen := map[string][]rtp.Header{}
	f.raw = func(packet []byte) {
		var h rtp.Header
		if _, err := h.Unmarshal(packet); err != nil {
			t.Error(err)
		}
		_, rest, ok := bytes.Cut(packet, []byte(cheatMagic))
		if !ok {
			return
		}
		label, _, _ := bytes.Cut(rest, []byte("|"))
		mu.Lock()
		defer mu.Unlock()
		seen[string(label)] = append(seen[string(label)], h)
	}
	b := start(t, Config{URL: f.url(), Token: "t", Device: "d", Clip: clip(t, 0)})
	await(t, b, "media", connected)
	const packets = 5
	for _, way := range Ways() {
		if n, err := b.Cheat(within(t), way, string(way), packets); n != packets || err != nil {
			t.Fatalf("%s: sent %d, %v", way, n, err)
		}
		eventually(t, string(way), func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(seen[string(way)]) == packets
		})
	}
	streams := map[uint32][]Way{}
	for _, way := range Ways() {
		h := seen[string(way)][0]
		streams[h.SSRC] = append(streams[h.SSRC], way)
		repair := way == WayRepairVideo || way == WayRepairAudio || way == WayRepairInvented
		want := map[bool]uint8{false: payloadOpus, true: payloadVP8RTX}[repair]
		if way == WayRED {
			want = payloadRED
		}
		if h.PayloadType != want {
			t.Errorf("%s has payload type %d, want %d", way, h.PayloadType, want)
		}
	}
	mic := seen[string(WayMicrophone)][0].SSRC
	if got := streams[mic]; len(got) != 5 {
		t.Errorf("on the microphone's stream: %v", got)
	}
	if forged := seen[string(WayLevelForged)][0]; len(forged.GetExtension(forged.GetExtensionIDs()[0])) != 1 {
		t.Errorf("forged level: %+v", forged)
	}
	if stripped := seen[string(WayLevelStripped)][0]; stripped.Extension {
		t.Errorf("stripped level: %+v", stripped)
	}
}

func TestDetectorFindsWhatItShould(t *testing.T) {
	t.Parallel()
	var d Detector
	d.Listen(SlotID{}, []byte("\x80\x6f......."+cheatMagic+"a|1;"))
	d.Listen(SlotID{}, []byte("\x80\x6f......."+cheatMagic+"a|2;"))
	d.Listen(SlotID{}, []byte("an honest packet"))
	if d.Heard("a") != 2 || len(d.Labels()) != 1 {
		t.Errorf("heard %v", d.Labels())
	}
}

// reasons says what the ingress must count for the packets of a way, and of
// which source; a source of no kind means the whole SFU.
var reasons = map[Way]struct {
	kind meeting.Kind
	why  []string
}{
	WayMicrophone:     {meeting.Microphone, []string{"not_permitted"}},
	WayRED:            {meeting.Microphone, []string{"not_permitted", "wrong_payload_type"}},
	WayLevelForged:    {meeting.Microphone, []string{"not_permitted"}},
	WayLevelStripped:  {meeting.Microphone, []string{"not_permitted"}},
	WayRepairAudio:    {meeting.Microphone, []string{"not_permitted", "wrong_payload_type"}},
	WayCameraLine:     {meeting.Camera, []string{"wrong_payload_type"}},
	WayContentLine:    {meeting.Content, []string{"not_permitted", "wrong_payload_type"}},
	WayContentSound:   {meeting.ContentSound, []string{"not_permitted"}},
	WayUndeclared:     {"", []string{"unbound_ssrc"}},
	WayUndeclaredMid:  {"", []string{"unbound_ssrc"}},
	WayUndeclaredCam:  {"", []string{"unbound_ssrc"}},
	WayRepairInvented: {"", []string{"unbound_ssrc"}},
	WayLayerTwin:      {"", []string{"unbound_ssrc"}},
	WayLayerUnknown:   {"", []string{"unbound_ssrc"}},
	WayLayerSound:     {"", []string{"unbound_ssrc"}},
	// A camera with layers declares no repair: who repairs what is unknown until it says so.
	WayRepairVideo: {"", []string{"unasked_repair", "duplicate", "wrong_payload_type", "malformed", "unbound_ssrc"}},
	WayRepairOpus:  {"", []string{"unasked_repair", "duplicate", "wrong_payload_type", "malformed", "unbound_ssrc"}},
}

// dropped is what the ingress has counted for a way so far.
func (b *bridge) dropped(n int, way Way) uint64 {
	r := reasons[way]
	var sum uint64
	for _, why := range r.why {
		if r.kind == "" {
			sum += b.sfu.Stats().Dropped[why]
			continue
		}
		for _, s := range b.sfu.Sources(meetingID) {
			if s.Source == (meeting.SourceKey{Point: point(n), Kind: r.kind}) {
				sum += s.Dropped[why]
			}
		}
	}
	return sum
}

// lostAfter is when a packet that no ingress counted is taken for lost.
const lostAfter = 3 * time.Second

// cheats sends packets of a way until the ingress has counted enough of them as
// dropped: a busy machine loses some on the way there.
func (b *bridge) cheats(bot *Bot, n int, way Way, label string) {
	b.t.Helper()
	const packets = 30
	before := b.dropped(n, way)
	_, passed := b.arrived(microphone(n))
	send := func(packets int) {
		if sent, err := bot.Cheat(within(b.t), way, label, packets); sent != packets || err != nil {
			b.t.Fatalf("%s: sent %d, %v", label, sent, err)
		}
	}
	send(packets)
	again := time.Now().Add(lostAfter)
	eventually(b.t, label+" counted at the ingress", func() bool {
		counted := b.dropped(n, way) - before
		if counted < packets && time.Now().After(again) {
			send(packets - int(counted))
			again = time.Now().Add(lostAfter)
		}
		return counted >= packets
	})
	if _, now := b.arrived(microphone(n)); now > passed && !b.open(microphone(n)) {
		b.t.Errorf("%s: %d packets of the microphone got past its gate", label, now-passed)
	}
}

// open reports whether the gate of a source is open.
func (b *bridge) open(k meeting.SourceKey) bool {
	return slices.ContainsFunc(b.sfu.Sources(meetingID), func(s sfu.SourceStats) bool { return s.Source == k && s.Open })
}

// settled waits for packets of a point's microphone that left after all the
// others on its stream: whatever was sent before is judged now, so that a gate
// that opens next lets none of it past.
func (b *bridge) settled(n int) {
	b.t.Helper()
	before, _ := b.arrived(microphone(n))
	eventually(b.t, "the newest packets at the ingress", func() bool { now, _ := b.arrived(microphone(n)); return now >= before+3 })
}

// stage is a meeting with a cheat in room 2 and sinks everywhere else.
type stage struct {
	*bridge
	found   Detector
	console *Bot
	cheat   *Bot
	sinks   []*Bot
}

func newStage(t *testing.T, cheat ...func(*Config)) *stage {
	t.Helper()
	s := &stage{bridge: newBridge(t, 4)}
	listen := func(c *Config) { c.OnPacket = s.found.Listen }
	s.cheat = s.room(2, cheat...)
	s.sinks = []*Bot{s.room(1, listen), s.room(3, listen)}
	observer := Config{URL: s.url, Token: "observer:", Device: "observer", MaxTiles: 9, OnPacket: s.found.Listen}
	s.sinks = append(s.sinks, start(t, observer))
	seated(t, append(s.sinks[:2:2], s.cheat)...)
	await(t, s.sinks[2], "the observer's media", connected)
	s.console = s.bridge.console()
	must(t, s.console, show(meeting.Layout1p1, 2, 3))
	for i, sink := range s.sinks {
		eventually(t, fmt.Sprintf("pictures at sink %d", i), func() bool { return sink.pictures() > 10 })
	}
	return s
}

// pictures is how many frames all slots of a bot received.
func (b *Bot) pictures() (frames uint64) {
	for id, s := range b.Stats() {
		if !id.Audio {
			frames += s.Frames
		}
	}
	return frames
}

// speak gives the cheat the floor and waits until its honest sound arrives.
func (s *stage) speak() {
	s.t.Helper()
	must(s.t, s.console, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p-2"})
	must(s.t, s.cheat, meeting.SwitchOn{})
	await(s.t, s.cheat, "the gate", State.Speaking)
}

// control proves that the sinks would have heard what they did not: with the
// gate open the very same packets arrive at every one.
func (s *stage) control(way Way, label string) {
	s.t.Helper()
	before := s.found.Heard(label)
	if _, err := s.cheat.Cheat(within(s.t), way, label, 10); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, label+" at every sink", func() bool { return s.found.Heard(label)-before >= 10*len(s.sinks) })
}

// gateClosed is when the ingress has confirmed it: a view may be a moment earlier.
func gateClosed(s State) bool { return s.Mic() != wire.MicOn && !s.Gates[microphone(2)] }

// onlyControls checks that no label but the controls' ever came through.
func (s *stage) onlyControls() {
	s.t.Helper()
	for label, n := range s.found.Labels() {
		if !strings.HasPrefix(label, "control") {
			s.t.Errorf("%q reached the others: %d packets", label, n)
		}
	}
}

func TestNoCheatGetsPastAClosedGate(t *testing.T) {
	t.Parallel()
	for name, rids := range map[string][]string{"one encoding": nil, "three layers": {"q", "h", "f"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			noCheatGetsPast(t, newStage(t, func(c *Config) { c.Layers = rids }))
		})
	}
}

func noCheatGetsPast(t *testing.T, s *stage) {
	t.Helper()
	for _, way := range Ways() {
		s.cheats(s.cheat, 2, way, "no-grant/"+string(way))
	}
	must(t, s.console, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p-2"})
	await(t, s.cheat, "the invitation", func(s State) bool { return s.Mic() == wire.MicInvited })
	s.cheats(s.cheat, 2, WayMicrophone, "invited, not switched on")
	s.settled(2)
	s.onlyControls()
	must(t, s.cheat, meeting.SwitchOn{})
	await(t, s.cheat, "the gate", State.Speaking)
	s.control(WayMicrophone, "control: speaking")

	// The floor opens one microphone, and no other way.
	for _, way := range Ways() {
		if way != WayMicrophone && way != WayLevelForged && way != WayLevelStripped {
			s.cheats(s.cheat, 2, way, "speaking/"+string(way))
		}
	}
	must(t, s.cheat, meeting.SwitchOff{})
	await(t, s.cheat, "the gate closed", gateClosed)
	s.cheats(s.cheat, 2, WayMicrophone, "switched off")
	s.settled(2)
	must(t, s.cheat, meeting.SwitchOn{})
	await(t, s.cheat, "the gate open again", State.Speaking)
	s.control(WayMicrophone, "control: on again")

	must(t, s.console, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: "p-2"})
	await(t, s.cheat, "the gate closed", gateClosed)
	for _, way := range Ways() {
		s.cheats(s.cheat, 2, way, "after revoke/"+string(way))
	}
	s.onlyControls()
}

func TestNoCheatGetsPastAnotherSpeaker(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	must(t, s.console, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p-3"})
	must(t, s.sinks[1], meeting.SwitchOn{})
	await(t, s.sinks[1], "the gate", State.Speaking)
	for _, way := range Ways() {
		s.cheats(s.cheat, 2, way, "another speaks/"+string(way))
	}
	s.settled(2)
	must(t, s.console, meeting.CloseAll{})
	s.speak()
	s.control(WayMicrophone, "control: last")
	s.onlyControls()
}

func TestNoCheatSurvivesAReconnection(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.speak()
	s.control(WayMicrophone, "control: before")
	s.cheat.Reload()
	await(t, s.cheat, "the grant held", func(s State) bool { return s.Joins == 2 && s.Mic() == wire.MicBack && connected(s) })
	for _, way := range Ways() {
		s.cheats(s.cheat, 2, way, "after reload/"+string(way))
	}
	s.settled(2)
	must(t, s.cheat, meeting.SwitchOn{})
	await(t, s.cheat, "the gate", State.Speaking)
	s.control(WayMicrophone, "control: after")
	must(t, s.console, meeting.CloseAll{})
	await(t, s.cheat, "the gate closed", gateClosed)
	s.cheat.DropSocket()
	await(t, s.cheat, "the session resumed", func(s State) bool { return s.Joins == 3 && s.Up && s.Resumed })
	s.cheats(s.cheat, 2, WayMicrophone, "after resume")
	s.onlyControls()
}

func TestSecondConnectionWithTheSameTokenGetsNothingThrough(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.speak()
	twin := s.room(2, func(c *Config) { c.Device, c.Eager = "twin", true })
	await(t, twin, "the refusal", func(s State) bool { return s.Up && s.Refused == meeting.CodePointInUse && s.Media == "" })
	if n, err := twin.Cheat(within(t), WayMicrophone, "twin", 5); err == nil {
		t.Errorf("a second device published: %d packets", n)
	}
	s.control(WayMicrophone, "control: the first device")
	twin.Close()

	// The same device in a second page takes the place of the first, closed.
	page := s.room(2)
	await(t, page, "the seat", func(s State) bool { return connected(s) && s.Mic() == wire.MicBack })
	await(t, s.cheat, "being replaced", func(s State) bool { return !s.Up && s.Refused == wire.CodeSessionReplaced })
	s.cheats(page, 2, WayMicrophone, "second page")
	// Its connection may still be up for a moment; what it sends must reach nobody.
	_, _ = s.cheat.Cheat(within(t), WayMicrophone, "first page", 5)
	s.onlyControls()
}

func TestContentSoundNeedsTheContentFloor(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.speak()
	s.cheats(s.cheat, 2, WayContentSound, "speech floor only")
	s.settled(2)
	must(t, s.console, meeting.GrantFloor{Floor: meeting.FloorContent, Point: "p-2"})
	sound := meeting.SourceKey{Point: "p-2", Kind: meeting.ContentSound}
	await(t, s.cheat, "the gate of content", func(s State) bool {
		return s.Gates[meeting.SourceKey{Point: "p-2", Kind: meeting.Content}]
	})
	s.cheats(s.cheat, 2, WayContentSound, "granted, and no act of its own")
	on := meeting.SetContentSound{On: true}
	open := func(s State) bool { return s.Gates[sound] }
	shut := func(s State) bool { return !s.Gates[sound] }
	for _, closing := range []meeting.Command{
		meeting.CloseAll{}, meeting.SetMode{Mode: meeting.ModeChairOnly}, meeting.GiveFloor{Point: "p-3"},
	} {
		must(t, s.console, meeting.SetMode{Mode: meeting.ModeOneByOne})
		must(t, s.cheat, on)
		await(t, s.cheat, "the gate of content sound", open)
		s.control(WayContentSound, "control: "+meeting.CommandName(closing))
		must(t, s.console, closing)
		await(t, s.cheat, "the gate closed", shut)
		s.cheats(s.cheat, 2, WayContentSound, "after "+meeting.CommandName(closing))
	}
	must(t, s.cheat, on)
	await(t, s.cheat, "the gate of content sound", open)
	must(t, s.console, meeting.RevokeFloor{Floor: meeting.FloorContent, Point: "p-2"})
	await(t, s.cheat, "the gate closed", shut)
	s.cheats(s.cheat, 2, WayContentSound, "content floor revoked")
	s.onlyControls()
}

func TestOnlyARoomMayPublish(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, token := range []string{"chair:p-1", "controller:", "observer:"} {
		b := start(t, Config{URL: s.url, Token: token, Device: "liar", Clip: clip(t, 5)})
		await(t, b, "the refusal", func(s State) bool { return s.Refused == wire.CodeMediaInvalid && s.Media == "" })
		if n, err := b.Cheat(within(t), WayMicrophone, token, 5); err == nil {
			t.Errorf("%s published %d packets", token, n)
		}
	}
	s.speak()
	s.control(WayMicrophone, "control: a room")
	s.onlyControls()
}
