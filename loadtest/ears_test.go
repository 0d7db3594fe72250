package loadtest

import (
	"bytes"
	"sync"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
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

// voiceOf is the voice slot on which a room was heard last.
func (e *ears) voiceOf(n int) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.voices[n%testmedia.Looks]
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

func TestEarsKnowARoomByItsSound(t *testing.T) {
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
