package sfu

import (
	"github.com/giaoban/giaoban/internal/rewrite"
	"github.com/pion/rtp"
)

const (
	heldMax   = 8  // packets of one picture that wait for its end
	fillMost  = 16 // bytes a packet is made longer by, to be as long as its neighbours
	resyncOld = 64 // packets too old to tell in a row, before the count starts anew
)

// stream is the receiving end of one layer. It belongs to the goroutine that
// decrypts its packets.
type stream struct {
	layer   *layer
	source  *source    // of the layer
	kinds   [128]codec // of the m-line's payload types
	repairs [128]uint8 // the payload type that each payload type of repairs is for; 0 is none
	room    chunk
	size    int  // bytes of a chunk
	cut     bool // H.264 may come

	header rtp.Header
	gate   *permit // of the newest packet let past
	codec  codec   // and its own
	run    uint32
	seq    rewrite.Unwrapper
	ts     rewrite.Unwrapper
	window rewrite.Window
	old    int
	held   []*packet // of a picture that has not ended; to be sent on together
	meter  meter
	behind hindsight
	whole  completion // of H.264
}

func newStream(l *layer, formats map[uint8]codec, repairs map[uint8]uint8) *stream {
	s := &stream{layer: l, source: l.source, size: chunkVideo, ts: rewrite.NewUnwrapper(32), held: make([]*packet, 0, heldMax)}
	if l.source.key.Kind.Audio() {
		s.size = chunkAudio
	}
	for pt, c := range formats {
		s.kinds[pt&0x7f] = c
		s.cut = s.cut || c == codecH264
	}
	for pt, of := range repairs {
		s.repairs[pt&0x7f] = of
	}
	return s
}

// copied puts a packet where it may stay.
func (s *stream) copied(raw []byte) []byte { return append(s.room.room(s.size)[:0], raw...) }

// passes asks the gate about a packet, before it is kept anywhere; nil is no.
func (s *stream) passes(size int) *permit {
	s.source.arrive(size)
	open := s.source.gate.passes()
	if open == nil {
		s.source.drop(dropNotPermitted)
	}
	return open
}

// receive takes a packet out of a buffer that is used again. What the gate does
// not let past is not even copied.
func (s *stream) receive(raw []byte) {
	open := s.passes(len(raw))
	if open == nil {
		s.foresee(raw)
		return
	}
	s.check(open, s.copied(raw), false)
}

// foresee learns the parameter sets of H.264 behind a closed gate, as encoders
// that send them once do so at once. No picture is in them.
func (s *stream) foresee(raw []byte) {
	if !s.cut {
		return
	}
	n, err := s.header.Unmarshal(raw)
	if payload, ok := unpad(raw, n, s.header.Padding); err == nil && ok && s.kinds[s.header.PayloadType] == codecH264 {
		s.whole.learn(payload)
	}
}

// mend is receive for a repair (RFC 4588 §4), and undoes it: the header it came
// with, with the number and the payload type of what it repairs. One that is all
// padding is a probe.
func (s *stream) mend(raw []byte) {
	n, err := s.header.Unmarshal(raw)
	payload, ok := unpad(raw, n, s.header.Padding)
	whole := err == nil && ok
	if whole && len(payload) < osnBytes {
		return
	}
	open := s.passes(len(raw))
	if open == nil {
		return
	}
	if !whole {
		s.source.drop(dropMalformed)
		return
	}
	raw = append(s.copied(raw[:n]), payload[osnBytes:]...)
	raw[0] &^= 1 << 5 // no padding
	raw[1] = raw[1]&0x80 | s.repairs[s.header.PayloadType]
	copy(raw[2:], payload[:osnBytes])
	s.check(open, raw, true)
}

// take is receive for a packet that is where it may stay, or its repair.
func (s *stream) take(raw []byte, repair bool) {
	if open := s.passes(len(raw)); open != nil {
		s.check(open, raw, repair)
	}
}

// check looks at a packet that the gate let past.
func (s *stream) check(open *permit, raw []byte, repair bool) {
	n, err := s.header.Unmarshal(raw)
	payload, ok := unpad(raw, n, s.header.Padding)
	switch {
	case err != nil || !ok:
		s.source.drop(dropMalformed)
	case s.kinds[s.header.PayloadType] == codecNone:
		s.source.drop(dropPayloadType)
	default:
		p := packet{layer: s.layer, marker: s.header.Marker, payload: payload, codec: s.kinds[s.header.PayloadType]}
		if p.parse() != nil {
			s.source.drop(dropMalformed)
			return
		}
		s.order(open, p, len(raw), repair)
	}
}

// parse reads the head of a picture's payload.
func (p *packet) parse() (err error) {
	if len(p.payload) == 0 {
		return nil
	}
	switch p.codec {
	case codecVP8:
		p.vp8, err = rewrite.ParseVP8(p.payload)
		p.key = p.vp8.Keyframe
	case codecH264: // a decoder begins with the parameters, which come before the picture, or are put there
		var h rewrite.H264
		h, err = rewrite.ParseH264(p.payload)
		p.key, p.idr = h.Parameters, h.IDR
	}
	return err
}

// unpad cuts the header and the padding (RFC 3550 §5.1) off a packet.
func unpad(raw []byte, header int, padded bool) ([]byte, bool) {
	if header > len(raw) {
		return nil, false
	}
	payload := raw[header:]
	if !padded {
		return payload, true
	}
	if len(payload) == 0 || int(payload[len(payload)-1]) > len(payload) {
		return nil, false
	}
	return payload[:len(payload)-int(payload[len(payload)-1])], true
}

// order finds the packet's place in the stream. A repair may only fill a hole:
// whatever else comes that way was not asked for.
func (s *stream) order(open *permit, p packet, size int, repair bool) {
	if open != s.gate || p.codec != s.codec {
		s.gate, s.codec = open, p.codec
		s.restart()
		if s.source.codec.Swap(uint32(p.codec)) != uint32(p.codec) {
			s.source.router.wake() // not everybody may have it
		}
	}
	p.seq = s.seq.Unwrap(uint32(s.header.SequenceNumber))
	arrival := s.window.Judge(p.seq)
	switch {
	case repair && arrival != rewrite.Late:
		s.source.drop(dropRepair)
		return
	case arrival == rewrite.Duplicate || arrival == rewrite.Old:
		s.source.drop(dropDuplicate)
		s.aged(arrival)
		return
	}
	s.old = 0
	s.window.Add(p.seq)
	p.late = arrival == rewrite.Late
	if p.late && !repair {
		s.behind.found()
	}
	p.run, p.ts = s.run, s.ts.Unwrap(s.header.Timestamp)
	s.forward(p, size)
}

// aged starts the count anew when the sender's numbers have jumped for good.
func (s *stream) aged(arrival rewrite.Arrival) {
	if arrival != rewrite.Old {
		return
	}
	if s.old++; s.old > resyncOld {
		s.restart()
	}
}

func (s *stream) restart() {
	s.run = s.layer.stretches.Add(1)
	s.old = 0
	s.whole.restart()
	s.seq = rewrite.NewUnwrapper(16)
	s.window = rewrite.Window{}
	s.behind = hindsight{since: s.behind.since}
	s.held = s.held[:0]
	s.layer.opening.Store(nil)
}

func (s *stream) forward(p packet, size int) {
	kept := s.room.keep(size)
	if p.codec == codecH264 && !s.complete(&p) {
		return
	}
	s.pass(p, kept)
}

// pass keeps a packet, measures it and sends it on.
func (s *stream) pass(p packet, kept *packet) {
	p.at, p.nth = s.source.sfu.now(), s.layer.got.Add(1)
	*kept = p
	s.source.count.passed.Add(1)
	s.layer.note(p.at)
	if p.key && !p.late && !s.source.key.Kind.Audio() {
		s.layer.keys.arrived(p.at)
	}
	s.meter.measure(s.layer, kept)
	if !p.late {
		s.behind.take(s.layer, kept)
	}
	s.gather(kept)
}

// gather sends packets on: sound at once, those of a picture together, for it is
// of no use before its last. If that is lost they go when the next picture
// begins, or with a few more packets.
func (s *stream) gather(p *packet) {
	if len(s.held) > 0 && s.held[0].ts != p.ts {
		s.release()
	}
	s.held = append(s.held, p)
	if s.source.key.Kind.Audio() || p.marker || p.late || len(s.held) == heldMax {
		s.release()
	}
}

func (s *stream) release() {
	level(s.held)
	if !s.source.key.Kind.Audio() {
		for _, p := range s.held {
			s.layer.remember(p, s.gate)
		}
	}
	s.layer.spread(s.held)
	s.held = s.held[:0]
}

// level makes packets equally long where little lacks, all but the last, which
// may be shorter: so the kernel takes them as one run. Encoders cut pictures
// into parts that differ by a byte or two.
func level(packets []*packet) {
	longest := 0
	for _, p := range packets {
		longest = max(longest, len(p.payload)-p.vp8.Size)
	}
	for _, p := range packets[:max(len(packets)-1, 0)] {
		if lack := longest - (len(p.payload) - p.vp8.Size); lack <= fillMost && len(p.payload) > 0 {
			p.fill = uint8(lack)
		}
	}
}
