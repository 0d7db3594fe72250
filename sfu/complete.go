package sfu

import (
	"slices"

	"github.com/giaoban/giaoban/internal/rewrite"
)

// addedMax is how many of the packets put into a stream its newest numbers can
// have between them and those of a packet that comes late.
const addedMax = 16

// completion puts the parameter sets of H.264 in front of each picture that needs
// no other and comes without them: encoders may send them once, or in the offer
// alone (RFC 6184 §8.1, sprop-parameter-sets), but whoever begins with that
// picture needs them first. It belongs to the stream.
type completion struct {
	sets  rewrite.ParameterSets
	added added

	began      bool
	ts, newest uint64 // of the packet that came last in its turn
	sequence   bool   // a sequence parameter set is in the picture that comes,
	picture    bool   // and one of pictures,
	idr        bool   // and a slice that needs no other
	foreign    bool   // the newest sequence is of a profile that browsers do not decode
}

// learn takes the sets of a payload in.
func (c *completion) learn(payload []byte) { rewrite.EachSet(payload, c.sets.Learn) }

// expect takes the parameter sets of the offer in. Those of a simulcast would be
// of one of its sizes, and it is not said of which.
func (s *stream) expect(line publishLine) {
	if len(line.rids) > 0 {
		return
	}
	for _, set := range slices.Backward(line.sets) { // the preferred format's count more
		s.whole.sets.Learn(set)
	}
}

// restart forgets the course of the numbers, not the sets.
func (c *completion) restart() { *c = completion{sets: c.sets} }

// follow learns from a packet, and gives what is to go before it: all sets, and
// whether somebody can begin with them; nil is nothing. What comes late changes
// nothing any more.
func (c *completion) follow(p *packet) (sets []byte, key bool) {
	if p.late {
		return nil, false
	}
	c.learn(p.payload)
	if !c.began || c.ts != p.ts {
		c.ts, c.sequence, c.picture, c.idr = p.ts, false, false, false
	}
	whole := !c.began || p.seq == c.newest+1 // the packet before has come
	c.began, c.newest = true, p.seq
	sequence := c.sequence
	rewrite.EachSet(p.payload, func(unit []byte) {
		if unit[0]&0x1f == rewrite.UnitSequence {
			c.sequence, c.foreign = true, len(unit) > 1 && !browsersDecode(unit[1])
		}
		c.picture = c.picture || unit[0]&0x1f == rewrite.UnitPicture
	})
	first := p.idr && !c.idr && (whole || rewrite.BeginsPicture(p.payload))
	c.idr = c.idr || p.idr
	if !first || c.sequence && c.picture {
		return nil, false
	}
	return c.sets.Packed(), !sequence
}

// browsersDecode reports whether browsers decode a profile: what was offered as
// baseline is often another, and is taken for what it is (ITU-T H.264 annex A).
func browsersDecode(profile byte) bool {
	return profile == profileBaseline || profile == profileMain || profile == profileHigh
}

// added are the places at which packets were put into the numbers of a stream,
// which makes those after them greater.
type added struct {
	all   uint64
	where [addedMax]uint64 // the numbers, as they came, of the packets after the newest ones
	known int
}

// before notes that a packet was put in before the one with a number.
func (a *added) before(seq uint64) {
	a.all++
	copy(a.where[1:], a.where[:addedMax-1])
	a.where[0] = seq
	a.known = min(a.known+1, addedMax)
}

// place gives the number a packet is sent on with, false if that is not known any more.
func (a *added) place(seq uint64) (uint64, bool) {
	i := slices.IndexFunc(a.where[:a.known], func(from uint64) bool { return from <= seq })
	switch {
	case i >= 0:
		return seq + a.all - uint64(i), true
	case a.known == addedMax:
		return 0, false
	}
	return seq, true
}

// complete numbers a packet, and sends the parameter sets on before it if it
// needs them. It reports false of one whose place is not known any more.
func (s *stream) complete(p *packet) bool {
	came := p.seq
	sets, key := s.whole.follow(p)
	if s.source.foreign.Load() != s.whole.foreign {
		s.source.foreign.Store(s.whole.foreign)
		s.source.router.wake()
	}
	at, ok := s.whole.added.place(came)
	if !ok {
		s.source.drop(dropDuplicate)
		return false
	}
	p.seq = at
	if sets == nil {
		return true
	}
	s.whole.added.before(came)
	n := copy(s.room.room(s.size), sets)
	kept := s.room.bytes[:n:n]
	s.pass(packet{layer: s.layer, codec: codecH264, run: p.run, seq: at, ts: p.ts, key: key, payload: kept}, s.room.keep(n))
	p.seq++
	return true
}
