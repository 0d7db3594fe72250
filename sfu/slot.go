package sfu

import (
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/rewrite"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

const (
	historySize = 256      // packets of a picture slot that can be sent again
	resendMax   = 3        // of one packet
	resendShare = 4        // resends may take one byte in so many
	resendSaved = 64 << 10 // bytes of unused share that are kept
)

// slot is one fixed outgoing stream of a peer. The router points it at a
// layer of a source (want); its writer numbers the packets of one after another so
// that the browser sees one stream. It is a webrtc.TrackLocal.
type slot struct {
	index  int
	mid    string
	video  bool
	writer *writer

	want    atomic.Pointer[layer] // set by the router; nil is nothing
	shown   atomic.Pointer[layer] // set by the writer: what is being sent
	bound   atomic.Pointer[binding]
	skipped atomic.Uint64 // timestamp+1 of a picture that lost a packet to a full writer

	// Owned by the router.
	fannedFrom *layer // the layer whose fan holds it
	choice

	// Owned by the writer.
	carried *layer // the last one sent
	run     uint32 // and its stretch
	asked   uint32 // the stretch a keyframe was asked for, plus one
	munge   rewrite.Munger
	picture rewrite.Pictures
	history rewrite.History[sent]
	budget  int // bytes that may be sent again
	repair  uint16
	tail    tail
	sent    rtpCount

	reception reception
}

// binding is what Pion negotiated for a slot. The headers belong to the writer.
type binding struct {
	out         webrtc.TrackLocalWriter
	ssrc        uint32
	header, rtx rtp.Header
	sentAt      []byte // within both headers
}

// sent is what must be known of a packet to send it again. There are many, so
// it holds only what differs from the packet.
type sent struct {
	packet   *packet
	last     time.Duration // when it was sent again
	ts       uint32
	picture  uint16
	tl0, key uint8
	marker   bool
	times    uint8 // it was sent again
}

// vp8 is the descriptor the packet was sent with.
func (s *sent) vp8() rewrite.VP8 {
	d := s.packet.vp8
	d.Picture, d.TL0, d.Key = s.picture, s.tl0, s.key
	return d
}

// rtpCount is what a sender report tells (RFC 3550 §6.4.1).
type rtpCount struct{ packets, bytes uint32 }

func newSlot(index int, video bool, w *writer, seed func() uint32) *slot {
	s := &slot{index: index, video: video, writer: w}
	rate := uint32(audioRate)
	if video {
		rate = videoRate
	}
	s.munge = rewrite.NewMunger(rate, rewrite.Numbers{Seq: 1<<32 + uint64(seed()&0x7fff), TS: 1<<40 + uint64(seed())})
	return s
}

// send sends a packet if the slot is for it.
func (s *slot) send(p *packet) {
	b := s.bound.Load()
	if b == nil || !s.accept(p) {
		return
	}
	if len(p.payload) == 0 {
		s.munge.Skip(p.seq)
		return
	}
	numbers, ok := s.munge.Map(p.seq, p.ts, p.at)
	if !ok {
		return
	}
	marker := p.marker || !s.video && s.tail.reopened
	s.tail.reopened = false
	if !s.video {
		s.emit(b, number(&b.header, numbers, marker), p.payload)
		return
	}
	vp8 := s.picture.Map(p.vp8)
	s.history.Put(numbers.Seq, sent{packet: p, ts: uint32(numbers.TS), picture: vp8.Picture, tl0: vp8.TL0, key: vp8.Key, marker: marker})
	payload := s.writer.frame(vp8, p)
	s.writer.line.picture = s.writer.now
	s.writer.line.packets++
	s.budget = min(s.budget+len(payload)/resendShare, resendSaved)
	s.emit(b, number(&b.header, numbers, marker), payload)
}

// accept decides whether a packet belongs on the slot, and switches the slot
// to it if it is the one waited for. What is shown keeps flowing until the
// keyframe of what is wanted: make before break.
func (s *slot) accept(p *packet) bool {
	want, shown := s.want.Load(), s.shown.Load()
	if want == nil || p.layer != want && (!s.video || p.layer != shown) {
		return false
	}
	if p.layer == shown && p.run == s.run {
		return true
	}
	if p.layer != want || p.layer == shown && int32(p.run-s.run) < 0 {
		return false
	}
	if s.video && (!p.vp8.Keyframe || p.late) {
		if s.asked != p.run+1 {
			s.asked = p.run + 1
			want.askKeyframe()
		}
		return false
	}
	s.begin(p)
	return true
}

// begin gives the slot to the layer of p, from this packet on.
func (s *slot) begin(p *packet) {
	numbers := s.continued(p)
	shown := s.shown.Load()
	same := shown != nil && p.layer.source == shown.source
	s.carried, s.run = p.layer, p.run
	s.tail = tail{reopened: true}
	s.shown.Store(p.layer)
	if !s.video {
		return
	}
	if s.history.Size() == 0 { // most slots of a large pool are never used
		s.history = rewrite.NewHistory[sent](historySize)
	}
	s.picture.Switch(p.vp8)
	s.asked = 0
	if !same {
		s.writer.peer.notify(Notice{Live: &Live{Slot: s.index, Source: p.layer.source.key, RTPTS: uint32(numbers.TS)}})
		s.writer.peer.router.wake()
	}
}

// continued numbers the first packet of a run. Two layers of one camera whose
// clocks are both known by its sender reports (RFC 3550 §6.4.1) have one
// course of time; two cameras have none but ours.
func (s *slot) continued(p *packet) rewrite.Numbers {
	switch from := s.carried; {
	case from == p.layer:
		return s.munge.Resume(p.seq, p.ts, p.at)
	case from != nil && from.source == p.layer.source:
		was, is := from.report.Load(), p.layer.report.Load()
		if was != nil && is != nil {
			return s.munge.Splice(rewrite.Numbers{Seq: p.seq, TS: p.ts}, is.Translate(uint32(p.ts), *was, videoRate), p.at)
		}
	}
	return s.munge.Switch(p.seq, p.ts, p.at)
}

// adjust follows a change of want: what is no longer wanted at all stops at
// once, and what is newly wanted is asked for a keyframe.
func (s *slot) adjust(now time.Duration) {
	want, shown := s.want.Load(), s.shown.Load()
	switch {
	case !s.video && shown != nil && want != shown:
		s.shown.Store(nil)
		s.tail = tail{left: tailFrames, due: now + opusFrame}
	case s.video && shown != nil && want == nil:
		s.shown.Store(nil)
		s.writer.peer.notify(Notice{Live: &Live{Slot: s.index, Source: meeting.SourceKey{}}})
	case s.video && want != nil && want != shown:
		s.asked = 0
		want.askKeyframe()
	}
}

// number writes what changes from packet to packet into a slot's header.
func number(header *rtp.Header, n rewrite.Numbers, marker bool) *rtp.Header {
	header.SequenceNumber = uint16(n.Seq)
	header.Timestamp = uint32(n.TS)
	header.Marker = marker
	return header
}

// emit writes one packet and counts it. It does not allocate.
func (s *slot) emit(b *binding, header *rtp.Header, payload []byte) {
	count := &s.writer.peer.sfu.count
	b.stamp(s.writer.now)
	if _, err := b.out.WriteRTP(header, payload); err != nil {
		count.writeErrors.Add(1)
		return
	}
	s.sent.packets++
	s.sent.bytes += uint32(len(payload))
	s.writer.line.count(len(payload), s.writer.now)
	count.packetsOut.Add(1)
	count.bytesOut.Add(uint64(len(payload)))
}

// resend answers a NACK by RTX (RFC 4588), within a share of what is sent.
func (s *slot) resend(seq uint16, now time.Duration) {
	b := s.bound.Load()
	past, ok := s.history.Get(seq)
	if b == nil || b.rtx.SSRC == 0 || !ok || past.times >= resendMax || past.times > 0 && now-past.last < s.writer.line.roundTrip() {
		return
	}
	if past.times == 0 {
		s.writer.line.again++
	}
	payload := s.writer.repair(seq, past)
	if len(payload) > s.budget {
		return
	}
	s.budget -= len(payload)
	past.times++
	past.last = now
	s.repair++
	s.writer.peer.sfu.count.resent.Add(1)
	s.emit(b, number(&b.rtx, rewrite.Numbers{Seq: uint64(s.repair), TS: uint64(past.ts)}, past.marker), payload)
}
