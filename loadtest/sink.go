package loadtest

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
	"github.com/pion/transport/v5/packetio"
)

// SlotID names a receiving m-line: the n-th video slot or the n-th voice.
// Index -1 is a stream the server never announced.
type SlotID struct {
	Audio bool
	Index int
}

// SlotStats counts what a slot received, over all PeerConnections of the bot.
type SlotStats struct {
	Packets uint64
	Bytes   uint64 // of payload
	Frames  uint64 // packets with the marker: the ends of pictures
	Keys    uint64 // VP8 keyframes begun
	Missing uint64 // sequence numbers skipped
}

type counter struct{ packets, bytes, frames, keys, missing atomic.Uint64 }

// Stats returns the counters of every slot that received anything.
func (b *Bot) Stats() map[SlotID]SlotStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	stats := make(map[SlotID]SlotStats, len(b.total))
	for id, c := range b.total {
		stats[id] = SlotStats{c.packets.Load(), c.bytes.Load(), c.frames.Load(), c.keys.Load(), c.missing.Load()}
	}
	return stats
}

// KeyframesAsked is how often the server asked the bot for a keyframe.
func (b *Bot) KeyframesAsked() uint64 { return b.begged.Load() }

func (b *Bot) counter(id SlotID) *counter {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, ok := b.total[id]
	if !ok {
		c = &counter{}
		b.total[id] = c
	}
	return c
}

// sink takes every packet a PeerConnection receives where Pion has decrypted
// it, counts it and lets it go.
type sink struct {
	bot   *Bot
	slots atomic.Pointer[map[uint32]SlotID] // by SSRC, from the answer

	mu   sync.Mutex
	taps []*tap
	shut bool
}

func newSink(b *Bot) *sink { return &sink{bot: b} }

// learn reads from the answer which SSRC belongs to which receiving m-line.
func (s *sink) learn(answer string, sending int) error {
	var d sdp.SessionDescription
	if err := d.UnmarshalString(answer); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	slots := map[uint32]SlotID{}
	next := map[bool]int{}
	for i, m := range d.MediaDescriptions {
		if i < sending {
			continue
		}
		id := SlotID{Audio: m.MediaName.Media == "audio"}
		id.Index = next[id.Audio]
		next[id.Audio]++
		for _, a := range m.Attributes {
			if number, _, ok := strings.Cut(a.Value, " "); ok && a.Key == sdp.AttrKeySSRC {
				if ssrc, err := strconv.ParseUint(number, 10, 32); err == nil {
					slots[uint32(ssrc)] = id
				}
			}
		}
	}
	s.slots.Store(&slots)
	return nil
}

// slot names the m-line of an SSRC.
func (s *sink) slot(ssrc uint32) SlotID {
	if slots := s.slots.Load(); slots != nil {
		if id, ok := (*slots)[ssrc]; ok {
			return id
		}
	}
	return SlotID{Index: -1}
}

// close lets every reader of Pion's go.
func (s *sink) close() {
	s.mu.Lock()
	taps := s.taps
	s.taps, s.shut = nil, true
	s.mu.Unlock()
	for _, t := range taps {
		t.Close()
	}
}

// buffer is Pion's buffer factory: a tap for each received stream.
func (m *media) buffer(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
	t := &tap{closed: make(chan struct{})}
	if kind == packetio.RTPBufferPacket {
		t.write = m.sink.receive(ssrc)
	} else {
		t.write = m.feedback
	}
	m.sink.mu.Lock()
	if m.sink.shut {
		t.Close()
	} else {
		m.sink.taps = append(m.sink.taps, t)
	}
	m.sink.mu.Unlock()
	return t
}

// feedback hears what the server asks of a stream the bot sends.
func (m *media) feedback(packet []byte) {
	if m.player == nil {
		return
	}
	packets, err := rtcp.Unmarshal(packet)
	if err != nil {
		return
	}
	for _, p := range packets {
		switch p.(type) {
		case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
			m.sink.bot.begged.Add(1)
			m.player.keyframe()
		}
	}
}

// receive gives the function that takes the packets of one SSRC, always called
// by the same goroutine.
func (s *sink) receive(ssrc uint32) func([]byte) {
	var count *counter
	var id SlotID
	var last uint16
	return func(packet []byte) {
		seq, payload, marker, ok := split(packet)
		if !ok {
			return
		}
		if count == nil {
			id = s.slot(ssrc)
			count = s.bot.counter(id)
		} else if gap := seq - last - 1; gap < 1<<15 {
			count.missing.Add(uint64(gap))
		}
		last = seq
		count.packets.Add(1)
		count.bytes.Add(uint64(len(payload)))
		if marker {
			count.frames.Add(1)
		}
		if !id.Audio && vp8Key(payload) {
			count.keys.Add(1)
		}
		if s.bot.cfg.OnPacket != nil {
			s.bot.cfg.OnPacket(id, packet)
		}
	}
}

// split finds the payload of an RTP packet (RFC 3550 §5.1).
func split(p []byte) (seq uint16, payload []byte, marker, ok bool) {
	if len(p) < 12 || p[0]>>6 != 2 {
		return 0, nil, false, false
	}
	at := 12 + 4*int(p[0]&0x0f)
	if p[0]&0x10 != 0 {
		if len(p) < at+4 {
			return 0, nil, false, false
		}
		at += 4 + 4*(int(p[at+2])<<8|int(p[at+3]))
	}
	end := len(p)
	if p[0]&0x20 != 0 {
		end -= int(p[end-1])
	}
	if at > end {
		return 0, nil, false, false
	}
	return uint16(p[2])<<8 | uint16(p[3]), p[at:end], p[1]&0x80 != 0, true
}

// vp8Key reports whether a payload begins a VP8 keyframe (RFC 7741 §4).
func vp8Key(p []byte) bool {
	body, start := vp8Body(p)
	return start && len(body) > 0 && body[0]&1 == 0
}

// vp8Body takes the payload descriptor off; start says that a frame begins here.
func vp8Body(p []byte) (body []byte, start bool) {
	if len(p) < 1 {
		return nil, false
	}
	start, at := p[0]&0x17 == 0x10, 1 // S set, partition 0
	if p[0]&0x80 != 0 {
		if len(p) < 2 {
			return nil, false
		}
		x := p[1]
		at = 2
		if x&0x80 != 0 {
			if len(p) < 3 {
				return nil, false
			}
			at += 1 + int(p[2]>>7)
		}
		at += int(x>>6&1) + int((x>>5|x>>4)&1)
	}
	if at > len(p) {
		return nil, false
	}
	return p[at:], start
}

// tap is a buffer that hands packets on at once and never has one to read.
type tap struct {
	write  func([]byte)
	once   sync.Once
	closed chan struct{}
}

// Write implements io.Writer for Pion.
func (t *tap) Write(p []byte) (int, error) {
	t.write(p)
	return len(p), nil
}

// Read waits for Close.
func (t *tap) Read([]byte) (int, error) {
	<-t.closed
	return 0, io.EOF
}

// Close implements io.Closer for Pion.
func (t *tap) Close() error {
	t.once.Do(func() { close(t.closed) })
	return nil
}
