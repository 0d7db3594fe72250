package sfu

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// feed sends packets of one source, as an encoder would, until stopped.
type feed struct {
	seq  uint16
	ts   uint32
	sent atomic.Uint64
	stop func()
	more []byte // in each picture
}

// play starts an encoder: sound every 20 ms, or pictures of two packets every
// 33 ms, whole again whenever one was asked for.
func (c *client) play(kind meeting.Kind, payload byte) *feed {
	c.t.Helper()
	f := &feed{seq: 65000, ts: 1 << 31, more: make([]byte, c.weight)}
	done, ended := make(chan struct{}), make(chan struct{})
	var once sync.Once
	f.stop = func() { once.Do(func() { close(done) }); <-ended }
	c.t.Cleanup(f.stop)
	track := c.track(kind)
	go func() {
		defer close(ended)
		every := 20 * time.Millisecond
		if !kind.Audio() {
			every = 33 * time.Millisecond
		}
		tick := time.NewTicker(every)
		defer tick.Stop()
		var seen uint64
		first := true
		for {
			select {
			case <-tick.C:
			case <-done:
				return
			}
			if kind.Audio() {
				f.sound(track, payload)
				continue
			}
			plis := c.plis.Load()
			f.frame(track, payload, first || plis != seen)
			seen, first = plis, false
		}
	}()
	return f
}

func (c *client) track(kind meeting.Kind) *webrtc.TrackLocalStaticRTP {
	for i, k := range meeting.Kinds {
		if k == kind {
			return c.send[i]
		}
	}
	return nil
}

func (f *feed) write(track *webrtc.TrackLocalStaticRTP, marker bool, payload []byte) {
	f.seq++
	_ = track.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: f.seq, Timestamp: f.ts, Marker: marker}, Payload: payload})
	f.sent.Add(1)
}

func (f *feed) sound(track *webrtc.TrackLocalStaticRTP, payload byte) {
	f.ts += opusTicks
	f.write(track, false, []byte{0xfc, payload, payload, payload})
}

// frame sends a picture of two packets with a 15-bit picture id.
func (f *feed) frame(track *webrtc.TrackLocalStaticRTP, payload byte, key bool) {
	f.ts += videoRate / 30
	head := []byte{0x90, 0x80, 0x80 | byte(f.ts>>8&0x7f), byte(f.ts)}
	body := []byte{1, payload, payload, 0, 0, 0, 0, 0, 0, 0}
	if key {
		body = []byte{0, payload, payload, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00}
	}
	f.write(track, false, append(append([]byte{}, head...), body...))
	head[0] = 0x80
	f.write(track, true, append(append(append([]byte{}, head...), f.more...), payload, payload, payload, payload))
}

// raw writes one packet past the sender, with any header, over the track's own
// transport: what a patched client can do.
func (c *client) raw(kind meeting.Kind, change func(*rtp.Header), payload []byte) {
	c.t.Helper()
	for i, k := range meeting.Kinds {
		if k != kind {
			continue
		}
		sender := c.pc.GetTransceivers()[i].Sender()
		parameters := sender.GetParameters()
		header := rtp.Header{Version: 2, SSRC: uint32(parameters.Encodings[0].SSRC), PayloadType: uint8(parameters.Codecs[0].PayloadType)}
		change(&header)
		if _, err := c.taps[i].write(&header, payload); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *client) rtxOf(kind meeting.Kind) uint32 {
	for i, k := range meeting.Kinds {
		if k == kind {
			return uint32(c.pc.GetTransceivers()[i].Sender().GetParameters().Encodings[0].RTX.SSRC)
		}
	}
	return 0
}

// tap is a track that lends its writer.
type tap struct {
	*webrtc.TrackLocalStaticRTP
	out atomic.Pointer[webrtc.TrackLocalWriter]
}

func (t *tap) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	out := ctx.WriteStream()
	t.out.Store(&out)
	return t.TrackLocalStaticRTP.Bind(ctx)
}

func (t *tap) write(h *rtp.Header, payload []byte) (int, error) {
	return (*t.out.Load()).WriteRTP(h, payload)
}
