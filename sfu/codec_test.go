package sfu

import (
	"slices"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/rewrite"
	"github.com/pion/rtp"
)

// kit plays the camera of a room kit: H.264 pictures of two packets, with the
// parameters in front when it is asked for a whole one. It ends with the test.
func (c *client) kit(fill byte) *feed {
	f := &feed{seq: 40000, ts: 77}
	done, ended := make(chan struct{}), make(chan struct{})
	c.t.Cleanup(func() { close(done); <-ended })
	go func() {
		defer close(ended)
		tick := time.NewTicker(33 * time.Millisecond)
		defer tick.Stop()
		seen := c.plis.Load() - 1
		for {
			select {
			case <-tick.C:
			case <-done:
				return
			}
			f.ts += videoRate / 30
			unit := byte(0x41)
			if plis := c.plis.Load(); plis != seen {
				seen, unit = plis, 0x65
				f.write(c.track(meeting.Camera), false, []byte{0x78, 0, 3, 0x67, 0x42, 0xe0, 0, 2, 0x68, fill})
			}
			f.write(c.track(meeting.Camera), false, []byte{0x7c, 0x80 | unit&0x1f, fill, fill})
			f.write(c.track(meeting.Camera), true, []byte{0x7c, 0x40 | unit&0x1f, fill, fill})
		}
	}()
	return f
}

// codecOf is what a received picture's payload is.
func codecOf(c *client, p rtp.Packet) string {
	for _, has := range c.pc.GetTransceivers()[len(c.send)].Receiver().GetParameters().Codecs {
		if uint8(has.PayloadType) == p.PayloadType {
			return has.MimeType
		}
	}
	return ""
}

// A slot carries VP8 and H.264 one after the other, each from a picture that
// needs no other, without a hole and without SDP.
func TestSlotCarriesBothCodecs(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	k := dial(t, s, clientConfig{point: "k", publish: true, h264: true})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	a.play(meeting.Camera, 0xa)
	k.kit(0xb)
	shown := []meeting.SourceKey{camera("a"), camera("k"), camera("a"), camera("k")}
	for i, key := range shown {
		s.Carry("m", planOf(meeting.Seq(i+1), tiles(key), camera("a"), camera("k")))
		mark := map[meeting.SourceKey]byte{camera("a"): 0xa, camera("k"): 0xb}[key]
		b.until("it is shown", func() bool { return newest(b.video(0)) == mark })
	}
	packets := b.video(0).packetsSoFar()
	checkNoHole(t, packets)
	began := 0
	for i, p := range packets {
		if i > 0 && p.PayloadType == packets[i-1].PayloadType {
			continue
		}
		began++
		var key bool
		switch is := codecOf(b, p); is {
		case mimeTypes[codecVP8]:
			d, err := rewrite.ParseVP8(p.Payload)
			key = err == nil && d.Keyframe
		case mimeTypes[codecH264]:
			h, err := rewrite.ParseH264(p.Payload)
			key = err == nil && h.Parameters
		default:
			t.Errorf("packet %d is of payload type %d", i, p.PayloadType)
		}
		if !key || i > 0 && int32(p.Timestamp-packets[i-1].Timestamp) <= 0 {
			t.Errorf("packet %d begins a codec at %d after %d, key %v", i, p.Timestamp, packets[max(i-1, 0)].Timestamp, key)
		}
	}
	if began != len(shown) {
		t.Errorf("%d changes of codec, want %d", began, len(shown))
	}
}

// What a client cannot decode it is not sent, and told so; the others see it.
func TestClientWithoutTheCodecIsTold(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	k := dial(t, s, clientConfig{point: "k", publish: true, h264: true})
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 2})
	x := dial(t, s, clientConfig{point: "x", video: 2, vp8Only: true})
	k.kit(0xb)
	a.play(meeting.Camera, 0xa)
	s.Carry("m", planOf(1, tiles(camera("k"), camera("a")), camera("a"), camera("k")))
	b.until("both", func() bool { return b.video(0).packets.Load() > 10 && b.video(1).packets.Load() > 10 })
	x.until("the other", func() bool { return x.video(1).packets.Load() > 10 })
	x.await("told", func(n Notice) bool {
		return n.Slots != nil && slices.Equal(n.Slots.Undecodable, []meeting.SourceKey{camera("k")})
	})
	if n := x.video(0).packets.Load(); n != 0 {
		t.Errorf("%d packets of what it cannot decode", n)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.notices {
		if n.Slots != nil && len(n.Slots.Undecodable) > 0 {
			t.Errorf("told %v cannot be decoded", n.Slots.Undecodable)
		}
	}
}
