package loadtest

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pion/rtp"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
	"github.com/giaoban/giaoban/internal/wire"
)

func TestBotPublishesItsClipAndCountsWhatItReceives(t *testing.T) {
	t.Parallel()
	f := newFakeBridge(t)
	b := start(t, Config{URL: f.url(), Token: "t", Device: "d", MaxTiles: 3, Clip: clip(t, 0)})
	await(t, b, "media", connected)
	slot := SlotID{Index: 0}
	eventually(t, "two seconds of its own picture", func() bool { return b.Stats()[slot].Frames >= 20 })
	s := b.Stats()[slot]
	if s.Keys == 0 || s.Missing != 0 || s.Packets < s.Frames {
		t.Errorf("slot received %+v", s)
	}
	frames, err := assemble(f.packets(meeting.Camera))
	if err != nil {
		t.Fatal(err)
	}
	at := -1
	for i, frame := range frames {
		n := indexOf(clip(t, 0), frame)
		if n < 0 {
			t.Fatalf("picture %d is not of the clip", i)
		}
		if at >= 0 && n != (at+1)%60 {
			t.Errorf("picture %d is frame %d after %d", i, n, at)
		}
		at = n
	}
}

func TestBotStopsEncodingWhatNobodyWatches(t *testing.T) {
	t.Parallel()
	f := newFakeBridge(t)
	b := start(t, Config{URL: f.url(), Token: "t", Device: "d", Clip: clip(t, 0)})
	slot := SlotID{Index: 0}
	eventually(t, "pictures", func() bool { return b.Stats()[slot].Frames > 3 })
	f.push("publish", 0, wire.Publish{})
	await(t, b, "the order", func(s State) bool { return !s.Publish.Camera })
	quiet := func(what string) {
		t.Helper()
		n := len(f.packets(meeting.Microphone))
		eventually(t, what, func() bool { return len(f.packets(meeting.Microphone)) >= n+3 })
	}
	quiet("a second for what is under way")
	before := b.Stats()[slot].Frames
	quiet("a second of quiet sound")
	if got := b.Stats()[slot].Frames; got > before {
		t.Errorf("%d pictures after the order to stop", got-before)
	}
	keys := b.Stats()[slot].Keys
	f.push("publish", 0, wire.Publish{Camera: true})
	eventually(t, "pictures again, from a keyframe", func() bool { return b.Stats()[slot].Keys > keys })
}

func TestBotSoundsOnlyWhileItsGateIsOpen(t *testing.T) {
	t.Parallel()
	f := newFakeBridge(t)
	c := clip(t, 2)
	b := start(t, Config{URL: f.url(), Token: "t", Device: "d", Clip: c})
	await(t, b, "media", connected)
	eventually(t, "quiet packets", func() bool { return len(f.packets(meeting.Microphone)) >= 3 })
	for i, p := range f.packets(meeting.Microphone) {
		if !bytes.Equal(p.Payload, silenceFrame()) {
			t.Fatalf("packet %d before the gate opened is %x", i, p.Payload)
		}
	}
	own := meeting.SourceKey{Point: "hg-07", Kind: meeting.Microphone}
	f.push("gate", 0, wire.Gate{Source: own, Open: true, Seq: 9})
	eventually(t, "sound", func() bool { return len(sounds(f.packets(meeting.Microphone))) > 25 })
	spurt := sounds(f.packets(meeting.Microphone))
	for i, p := range spurt {
		if !bytes.Equal(p.Payload, c.Sound[i]) || p.Marker != (i == 0) {
			t.Fatalf("packet %d of the spurt: marker %v, payload of the clip %v", i, p.Marker, bytes.Equal(p.Payload, c.Sound[i]))
		}
		if i > 0 && p.Timestamp-spurt[i-1].Timestamp != 960 {
			t.Errorf("packet %d comes %d ticks after the last", i, p.Timestamp-spurt[i-1].Timestamp)
		}
	}
	f.push("gate", 0, wire.Gate{Source: own, Seq: 10})
	await(t, b, "the gate", func(s State) bool { return !s.Gates[own] })
	all := len(f.packets(meeting.Microphone))
	var tail []rtp.Packet // from the first quiet one on: what was under way came before it
	eventually(t, "quiet packets again", func() bool {
		tail = f.packets(meeting.Microphone)[all:]
		quiet := slices.IndexFunc(tail, func(p rtp.Packet) bool { return bytes.Equal(p.Payload, silenceFrame()) })
		tail = tail[max(quiet, 0):]
		return quiet >= 0 && len(tail) > 3
	})
	if n := len(sounds(tail)); n > 0 {
		t.Errorf("%d packets of sound after quiet ones", n)
	}
}

func TestBotAnswersAKeyframeRequest(t *testing.T) {
	t.Parallel()
	f := newFakeBridge(t)
	b := start(t, Config{URL: f.url(), Token: "t", Device: "d", Clip: clip(t, 1)})
	await(t, b, "media", connected)
	<-f.keys
	keys := func() uint64 { return b.Stats()[SlotID{}].Keys }
	for range 3 {
		before := keys()
		frames := b.Stats()[SlotID{}].Frames
		f.askKeyframe()
		eventually(t, "a keyframe", func() bool { return keys() > before })
		if took := b.Stats()[SlotID{}].Frames - frames; took > 5 {
			t.Errorf("the keyframe came %d pictures after the request", took)
		}
	}
}

func TestBotResumesAfterALostSocketAndStartsAnewAfterAReload(t *testing.T) {
	t.Parallel()
	f := newFakeBridge(t)
	f.resume = true
	b := start(t, Config{URL: f.url(), Token: "t", Device: "d", Clip: clip(t, 0)})
	await(t, b, "media", connected)
	if h := <-f.hellos; h.Resume != "" || h.Device != "d" {
		t.Errorf("first hello %+v", h)
	}
	b.DropSocket()
	s := await(t, b, "the second welcome", func(s State) bool { return s.Joins == 2 && s.Up })
	if h := <-f.hellos; h.Resume != "s1" || !s.Resumed || s.Offers != 1 {
		t.Errorf("after a lost socket: hello %+v, %d offers", h, s.Offers)
	}
	b.Reload()
	s = await(t, b, "media after the reload", func(s State) bool { return s.Joins == 3 && connected(s) })
	if h := <-f.hellos; h.Resume != "" || h.Device != "d" || s.Offers != 2 {
		t.Errorf("after a reload: hello %+v, %d offers", h, s.Offers)
	}
}

func TestBotComesBackAfterATakeoverButNotWithAWrongToken(t *testing.T) {
	t.Parallel()
	f := newFakeBridge(t)
	b := start(t, Config{URL: f.url(), Token: "t", Device: "d", Simulated: true, NoMedia: true})
	await(t, b, "welcome", func(s State) bool { return s.Up })
	if h := <-f.hellos; !h.Simulated {
		t.Errorf("hello %+v does not say that the point is simulated", h)
	}
	f.push("error", 0, wire.Failure{Code: wire.CodeSessionTakenOver, Closed: true})
	await(t, b, "giving way", func(s State) bool { return !s.Up && s.Refused == wire.CodeSessionTakenOver })
	await(t, b, "coming back", func(s State) bool { return s.Joins == 2 })

	wrong := start(t, Config{URL: f.url(), Token: "wrong", Device: "e", NoMedia: true})
	await(t, wrong, "the refusal", func(s State) bool { return s.Refused == wire.CodeTokenInvalid })
	if wrong.State().Joins != 0 {
		t.Error("a wrong token was welcomed")
	}
	wrong.DropSocket() // returns though there is no socket to drop
}

func TestCommandIsAnsweredWithPositionOrCode(t *testing.T) {
	t.Parallel()
	f := newFakeBridge(t)
	b := start(t, Config{URL: f.url(), Token: "t", Device: "d", NoMedia: true})
	await(t, b, "welcome", func(s State) bool { return s.Up })
	if seq, err := b.Do(within(t), meeting.CloseAll{}); err != nil || seq != 7 {
		t.Errorf("answered %d, %v", seq, err)
	}
	var refusal *meeting.Error
	if err := b.Request(within(t)); !errors.As(err, &refusal) || refusal.Code != meeting.CodeFloorClosed {
		t.Errorf("request: %v", err)
	}
	f.push("patch", 0, wire.View{Roster: map[meeting.PointID]*wire.RosterRow{"hg-01": nil, "hg-02": {ID: "hg-02"}}})
	s := await(t, b, "the patch", func(s State) bool { return s.View.Roster["hg-02"] != nil })
	if s.View.Roster["hg-01"] != nil || s.View.Roster["hg-07"] == nil || s.View.Meeting == nil {
		t.Errorf("roster after the patch: %v", s.View.Roster)
	}
}

func TestCloseLeavesNoGoroutine(t *testing.T) {
	f := newFakeBridge(t)
	for range 3 {
		b := start(t, Config{URL: f.url(), Token: "t", Device: "d", Clip: clip(t, 0)})
		await(t, b, "media", connected)
		b.Close()
		b.Close()
		if _, err := b.Do(within(t), meeting.CloseAll{}); !errors.Is(err, ErrDown) {
			t.Errorf("a command to a closed bot: %v", err)
		}
	}
	eventually(t, "no goroutine of a bot", func() bool {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for _, name := range []string{"loadtest.(*Bot)", "loadtest.(*player)", "loadtest.(*tap)", "loadtest.read", "loadtest.write"} {
			if strings.Contains(string(stacks), name) {
				return false
			}
		}
		return true
	})
}

func TestBadConfigIsRefused(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"no scheme": {URL: "127.0.0.1:1", Token: "t", Device: "d"},
		"no token":  {URL: "ws://x", Device: "d"},
		"no device": {URL: "ws://x", Token: "t"},
		"26 tiles":  {URL: "ws://x", Token: "t", Device: "d", MaxTiles: 26},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// sounds leaves the DTX silence out.
func sounds(packets []rtp.Packet) []rtp.Packet {
	var list []rtp.Packet
	for _, p := range packets {
		if !bytes.Equal(p.Payload, silenceFrame()) {
			list = append(list, p)
		}
	}
	return list
}

// assemble puts whole VP8 frames together.
func assemble(packets []rtp.Packet) ([][]byte, error) {
	var frames [][]byte
	var frame []byte
	for i, p := range packets {
		if i > 0 && p.SequenceNumber != packets[i-1].SequenceNumber+1 {
			return nil, errors.New("a packet is missing")
		}
		body, start := vp8Body(p.Payload)
		if start {
			frame = nil
		}
		frame = append(frame, body...)
		if p.Marker {
			frames = append(frames, frame)
		}
	}
	return frames, nil
}

// indexOf finds a frame in a clip, -1 if it is not of it.
func indexOf(c *testmedia.Clip, frame []byte) int {
	for i, f := range c.Frames {
		if bytes.Equal(f, frame) {
			return i
		}
	}
	return -1
}
