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
	historySize = 256 // packets of a picture slot that can be sent again
	resendMax   = 3   // of one packet
	resendShare = 4   // resends may take one part in so many of the estimate
)

// slot is one fixed outgoing stream of a peer. The router points it at a
// layer of a source (want); its writer numbers the packets of one after another so
// that the browser sees one stream. It is a webrtc.TrackLocal.
type slot struct {
	index  int
	mid    string
	video  bool
	writer *writer

	extensions []string // URIs of the header extensions its m-line has

	want    atomic.Pointer[layer] // set by the router; nil is nothing
	limit   atomic.Uint32         // highest temporal layer that may be sent
	stale   atomic.Bool           // its receiver cannot go on from what it has
	shown   atomic.Pointer[layer] // set by the writer: what is being sent
	bound   atomic.Pointer[binding]
	count   slotCount
	skipped atomic.Uint64 // timestamp+1 of a picture that lost a packet to a full writer

	// Owned by the router.
	fannedFrom *layer // the layer whose fan holds it
	patience   patienceOf
	choice

	// Owned by the writer.
	carried  *layer // the last one sent
	run      uint32 // and its stretch
	asked    uint32 // the stretch a keyframe was asked for, plus one
	munge    rewrite.Munger
	picture  rewrite.Pictures
	temporal rewrite.Temporal
	replay   replay
	history  rewrite.History[sent]
	thin     thinning
	repair   uint16
	tail     tail
	said     utterance
	sent     rtpCount
	seen     uint64 // bytes sent when sight was last taken

	reception reception
}

// slotCount are the figures of what a slot was not sent.
type slotCount struct{ refused, thinned, unrepaired atomic.Uint64 }

// binding is what Pion negotiated for a slot. The headers belong to the writer.
type binding struct {
	out    webrtc.TrackLocalWriter
	ssrc   uint32
	lines  [codecs]bindingLine
	red    rtp.Header // of older sound sent along (RFC 2198); without a version the client takes none
	sentAt []byte     // within every header
}

// bindingLine is how packets of one codec are sent; a header without an SSRC is
// of one the client cannot decode, or has no repair for.
type bindingLine struct{ header, rtx rtp.Header }

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
	fill     uint8
	stamp    [3]byte // abs-send-time of the first time
}

// vp8 is the descriptor the packet was sent with.
func (s *sent) vp8() rewrite.VP8 {
	d := s.packet.vp8
	d.Picture, d.TL0, d.Key = s.picture, s.tl0, s.key
	return d
}

// rtpCount is what a sender report tells (RFC 3550 §6.4.1).
type rtpCount struct{ packets, bytes uint64 }

func newSlot(index int, video bool, w *writer, seed func() uint32) *slot {
	s := &slot{index: index, video: video, writer: w}
	s.limit.Store(rewrite.AllTemporal)
	s.munge = rewrite.NewMunger(uint32(s.clockRate()), rewrite.Numbers{Seq: 1<<32 + uint64(seed()&0x7fff), TS: 1<<40 + uint64(seed())})
	return s
}

// send sends a packet if the slot is for it.
func (s *slot) send(p *packet) {
	if b := s.bound.Load(); b != nil && !s.replay.covers(p) && s.accept(b, p) {
		s.forward(b, p)
	}
}

// forward numbers a packet of what is shown and sends it.
func (s *slot) forward(b *binding, p *packet) {
	if len(p.payload) == 0 || s.video && s.outdated(p, s.writer.now) {
		s.munge.Skip(p.seq)
		return
	}
	if p.codec == codecVP8 && !s.keeps(p) {
		return
	}
	numbers, ok := s.munge.Map(p.seq, p.ts, p.at)
	if !ok {
		return
	}
	if !s.video {
		s.speak(b, p, numbers)
		s.writer.leaves(p.at)
		return
	}
	payload := p.payload
	past := sent{packet: p, ts: uint32(numbers.TS), marker: p.marker, fill: p.fill}
	if p.codec == codecVP8 {
		vp8 := s.picture.Map(p.vp8)
		past.picture, past.tl0, past.key = vp8.Picture, vp8.TL0, vp8.Key
		payload = s.writer.frame(vp8, p)
	}
	b.stamp(s.writer.now)
	copy(past.stamp[:], b.sentAt)
	s.history.Put(numbers.Seq, past)
	s.writer.line.picture = s.writer.now
	s.writer.line.packets++
	s.writer.line.pacer.Send(len(payload)+headerBytes, s.writer.now)
	header := number(&b.lines[p.codec].header, numbers, p.marker)
	header.Padding, header.PaddingSize = p.fill > 0, p.fill
	s.write(b, header, payload)
	if s.replay.from == nil {
		s.writer.leaves(p.at)
	}
}

// capTemporal bounds the temporal layers that are sent, 0 being the base alone.
// Anybody may call it; fewer takes effect with the next picture.
func (s *slot) capTemporal(highest uint8) { s.limit.Store(uint32(highest)) }

// keeps decides whether the picture of a packet is sent. One that is not leaves
// no hole, unless a part of it comes late.
func (s *slot) keeps(p *packet) bool {
	limit := uint8(s.limit.Load())
	if s.replay.from != nil {
		limit = 0
	}
	switch {
	case p.late:
		return s.temporal.Sends(p.vp8)
	case s.temporal.Keep(p.vp8, p.ts, limit):
		return true
	}
	s.munge.Skip(p.seq)
	s.picture.Skip(p.vp8)
	return false
}

// accept decides whether a packet belongs on the slot, and switches the slot
// to it if it is the one waited for. What is shown keeps flowing until the
// keyframe of what is wanted: make before break.
func (s *slot) accept(b *binding, p *packet) bool {
	want, shown := s.want.Load(), s.shown.Load()
	if want == nil || p.layer != want && (!s.video || p.layer != shown) {
		return false
	}
	if p.layer == shown && p.run == s.run {
		return true
	}
	if p.layer != want || p.layer == shown && int32(p.run-s.run) < 0 || !b.carries(p.codec) {
		return false
	}
	if s.video && (!p.key || p.late) {
		if s.asked != p.run+1 {
			s.asked = p.run + 1
			want.askKeyframe()
		}
		return false
	}
	s.begin(p, s.continued(p))
	return true
}

// begin gives the slot to the layer of p, from this packet on, which has these numbers.
func (s *slot) begin(p *packet, numbers rewrite.Numbers) {
	if s.replay.from != nil {
		s.replayed()
	}
	s.replay = replay{}
	shown := s.shown.Load()
	same := shown != nil && p.layer.source == shown.source
	s.carried, s.run = p.layer, p.run
	s.tail, s.said = tail{reopened: true}, utterance{}
	s.shown.Store(p.layer)
	if !s.video {
		return
	}
	if s.history.Size() == 0 { // most slots of a large pool are never used
		s.history = rewrite.NewHistory[sent](historySize)
	}
	s.picture.Switch(p.vp8)
	s.temporal.Begin(uint8(s.limit.Load()))
	s.asked = 0
	s.stale.Store(false)
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
			return s.munge.Splice(numbersOf(p), is.Translate(uint32(p.ts), was.Clock, videoRate), p.at)
		}
	}
	return s.munge.Switch(p.seq, p.ts, p.at)
}

// decodes reports whether the slot's client has the codec a source sends now, in
// a profile that browsers have.
// What has not begun, and who has not answered, are taken to go well.
func (s *slot) decodes(src *source) bool {
	c, b := codec(src.codec.Load()), s.bound.Load()
	return !src.foreign.Load() && (c == codecNone || b == nil || b.carries(c))
}

func numbersOf(p *packet) rewrite.Numbers { return rewrite.Numbers{Seq: p.seq, TS: p.ts} }

// adjust follows a change of want: what is no longer wanted at all stops at
// once; what is newly wanted, or cannot be gone on with, begins with the last
// keyframe, or is asked for one.
func (s *slot) adjust(now time.Duration) {
	want, shown := s.want.Load(), s.shown.Load()
	switch {
	case !s.video && shown != nil && want != shown:
		s.shown.Store(nil)
		s.tail = tail{left: tailFrames, due: now + opusFrame}
	case s.video && shown != nil && want == nil:
		s.shown.Store(nil)
		s.writer.peer.notify(Notice{Live: &Live{Slot: s.index, Source: meeting.SourceKey{}}})
	case s.video && want != nil && (want != shown || s.stale.Load()):
		s.asked = 0
		s.stale.Store(false)
		if !s.rewind(want, now) {
			want.askKeyframe()
		}
	}
}

// number writes what changes from packet to packet into a slot's header.
func number(header *rtp.Header, n rewrite.Numbers, marker bool) *rtp.Header {
	header.SequenceNumber = uint16(n.Seq)
	header.Timestamp = uint32(n.TS)
	header.Marker = marker
	return header
}

// emit writes one packet, with the moment at which it is sent.
func (s *slot) emit(b *binding, header *rtp.Header, payload []byte) {
	b.stamp(s.writer.now)
	s.write(b, header, payload)
}

// write writes one packet and counts it. It does not allocate.
func (s *slot) write(b *binding, header *rtp.Header, payload []byte) {
	count := &s.writer.peer.sfu.count
	if _, err := b.out.WriteRTP(header, payload); err != nil {
		count.writeErrors.Add(1)
		return
	}
	s.sent.packets++
	s.sent.bytes += uint64(len(payload))
	s.writer.line.count(len(payload), !s.video, s.writer.now)
	count.packetsOut.Add(1)
	count.bytesOut.Add(uint64(len(payload)))
}

// resend answers a NACK: once in a round trip, a few times at most, within a
// share of what the line takes.
func (s *slot) resend(seq uint16, now time.Duration) {
	l := s.writer.line
	b := s.bound.Load()
	past, ok := s.history.Get(seq)
	if b == nil || !ok || !b.carries(past.packet.codec) {
		return
	}
	if past.times >= resendMax || past.times > 0 && now-past.last < l.roundTrip() {
		return
	}
	if fell, ever := l.estimate.Fell(); past.times == 0 && (!ever || past.packet.at > fell) {
		l.again++ // one that was sent before the line was found smaller says nothing new
	}
	size := osnBytes + len(past.packet.payload)
	if l.repair.Rate(now)+uint64(size)*8 > l.estimate.Budget()/resendShare {
		s.writer.peer.sfu.count.unrepaired.Add(1)
		s.count.unrepaired.Add(1)
		return
	}
	past.times++
	past.last = now
	s.writer.peer.sfu.count.resent.Add(1)
	l.repair.Add(size+headerBytes, now)
	l.pacer.Send(size+headerBytes, now)
	if b.lines[past.packet.codec].rtx.SSRC != 0 {
		s.repairs(b, seq, past)
	} else {
		s.repeat(b, seq, past)
	}
}

// repairs sends a packet again on the stream of repairs (RFC 4588 §4).
func (s *slot) repairs(b *binding, seq uint16, past *sent) {
	s.repair++
	header := number(&b.lines[past.packet.codec].rtx, rewrite.Numbers{Seq: uint64(s.repair), TS: uint64(past.ts)}, past.marker)
	s.emit(b, header, s.writer.repair(seq, past))
}

// repeat sends a packet again as it was, bit for bit, to a client that has no
// repairs: under one number SRTP must never have two texts (RFC 3711 §9.1).
func (s *slot) repeat(b *binding, seq uint16, past *sent) {
	p := past.packet
	payload := p.payload
	if p.codec == codecVP8 {
		payload = s.writer.frame(past.vp8(), p)
	}
	header := number(&b.lines[p.codec].header, rewrite.Numbers{Seq: uint64(seq), TS: uint64(past.ts)}, past.marker)
	header.Padding, header.PaddingSize = past.fill > 0, past.fill
	copy(b.sentAt, past.stamp[:])
	s.write(b, header, payload)
}
