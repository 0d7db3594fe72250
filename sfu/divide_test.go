package sfu

import (
	"slices"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtcp"
)

// remb makes a client say what its line takes, bits a second.
func (c *client) remb(bps float32) {
	c.t.Helper()
	c.report(&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: bps, SSRCs: []uint32{ssrcOf(c, 0)}})
}

// losing makes a client say that it lost one packet in twelve of a video slot,
// so that harm bears out what it says its line takes.
func (c *client) losing() func() {
	highest := uint32(0)
	return func() {
		c.t.Helper()
		highest += 240
		c.report(&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{
			SSRC: ssrcOf(c, 0), LastSequenceNumber: highest, TotalLost: highest / 12,
		}}})
	}
}

// weak is what the client was last told its line has no room for.
func (c *client) weak() (weak []meeting.SourceKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.notices {
		if n.Slots != nil {
			weak = n.Slots.Weak
		}
	}
	return weak
}

func TestAWeakLineLosesPicturesFromTheTailAndGetsThemBack(t *testing.T) {
	s := newTestSFU(t)
	all := []meeting.SourceKey{camera("a"), camera("b"), camera("c"), camera("d")}
	for _, k := range all {
		c := newClient(t, s, clientConfig{point: k.Point, publish: true})
		c.weight = 1000 // 250 kbit/s
		c.offer()
		c.play(meeting.Camera, k.Point[0])
	}
	weak, strong := dial(t, s, clientConfig{point: "y", video: 4}), dial(t, s, clientConfig{point: "z", video: 4})
	s.Carry("m", planOf(1, tiles(all...), all...))
	for slot := range all {
		weak.until("every picture", func() bool { return weak.video(slot).packets.Load() > 0 })
	}
	weak.until("what they take to be known", func() bool {
		shared := weak.peer.writer.line.share.Load()
		return shared.need == 0 && shared.given > 900_000
	})
	weak.remb(3_000_000)
	weak.remb(600_000)
	lose := weak.losing()
	weak.until("the two last to go", func() bool {
		lose()
		return slices.Equal(weak.weak(), all[2:])
	})
	weak.until("them to be blank", func() bool {
		return weak.peer.attached.Load().slots[2].shown.Load() == nil && weak.peer.attached.Load().slots[3].shown.Load() == nil
	})
	for slot := range 2 {
		before := weak.video(slot).packets.Load()
		weak.until("the first two to go on", func() bool { return weak.video(slot).packets.Load() > before+10 })
	}
	if got := strong.weak(); got != nil {
		t.Errorf("another client is told %v", got)
	}
	weak.until("a probe, and the pictures after it", func() bool {
		weak.remb(2_000_000)
		return s.Stats().Padding > 0 && weak.weak() == nil
	})
	before := weak.video(3).packets.Load()
	weak.until("the last one to flow again", func() bool { return weak.video(3).packets.Load() > before })
}
