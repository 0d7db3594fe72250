package sfu

import (
	"encoding/binary"
	"time"

	"github.com/giaoban/giaoban/internal/rewrite"
)

// How much of the sound that was sent before goes along once more, by the share
// of packets the line loses. It goes down only after the line has been better
// for a while: loss comes in spells.
const (
	redMost  = 2
	redLoss  = 0.02 // beyond it the packet before,
	redHeavy = 0.08 // and beyond this the two before
	redCalm  = 10 * time.Second
	redFull  = 2 * time.Second // after the line was found smaller: what it loses then, less traffic cures

	redOffsetMax = 1<<14 - 1 // ticks of the RTP clock, of a block's header (RFC 2198 §3)
	redLengthMax = 1<<10 - 1 // bytes
	redHeader    = 4         // of an older block; the newest has one byte
	redRoom      = 1000      // bytes of older blocks in one packet
)

// redundancy is how many older packets of sound go along with each.
type redundancy struct {
	depth int
	calm  time.Duration // since when fewer would do; 0 is not
}

// judge follows the share the line loses. On a line that was just found full,
// more sound would only keep it so.
func (r *redundancy) judge(loss float64, full bool, now time.Duration) {
	if full {
		return
	}
	depth := 0
	switch {
	case loss > redHeavy:
		depth = 2
	case loss > redLoss:
		depth = 1
	}
	switch {
	case depth >= r.depth:
		r.depth, r.calm = depth, 0
	case r.calm == 0:
		r.calm = now
	case now-r.calm >= redCalm:
		r.depth, r.calm = r.depth-1, now
	}
}

// utterance is what a slot has sent of one voice last, newest first. Nothing of
// another voice is among it, nor of this one before its gate last opened.
type utterance [redMost]struct {
	packet *packet
	ts     uint64
}

// remember puts a packet before the others.
func (u *utterance) remember(p *packet, ts uint64) {
	copy(u[1:], u[:])
	u[0].packet, u[0].ts = p, ts
}

// speak sends a packet of sound, with older ones where the line loses and the
// client takes them (RFC 2198).
func (s *slot) speak(b *binding, p *packet, n rewrite.Numbers) {
	marker := p.marker || s.tail.reopened
	s.tail.reopened = false
	header, payload := &b.lines[codecOpus].header, p.payload
	if depth := s.writer.line.red.depth; depth > 0 && b.red.Version != 0 {
		if with := s.redundant(b, p, n, depth); with != nil {
			header, payload = &b.red, with
			s.writer.line.spare.Add(len(with)-len(p.payload), s.writer.now)
		}
	}
	s.said.remember(p, n.TS)
	s.emit(b, number(header, n, marker), payload)
}

// redundant is the payload of a packet with older ones before it; nil if none
// can go along.
func (s *slot) redundant(b *binding, p *packet, n rewrite.Numbers, depth int) []byte {
	format := b.lines[codecOpus].header.PayloadType
	out, room := s.writer.scratch[:0], redRoom
	var blocks [redMost]*packet
	count := 0
	for i := depth - 1; i >= 0; i-- { // the oldest first
		past := s.said[i]
		if past.packet == nil || n.TS <= past.ts || n.TS-past.ts > redOffsetMax {
			continue
		}
		size := len(past.packet.payload)
		if size > redLengthMax || size > room {
			continue
		}
		room -= size
		out = binary.BigEndian.AppendUint32(out, 1<<31|uint32(format)<<24|uint32(n.TS-past.ts)<<10|uint32(size))
		blocks[count] = past.packet
		count++
	}
	if count == 0 || redHeader*redMost+1+redRoom-room+len(p.payload) > len(s.writer.scratch) {
		return nil
	}
	out = append(out, format)
	for _, block := range blocks[:count] {
		out = append(out, block.payload...)
	}
	return append(out, p.payload...)
}
