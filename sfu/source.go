package sfu

import (
	"sync/atomic"

	"github.com/giaoban/giaoban/internal/meeting"
)

// gate is an open gate; a nil *gate is a closed one, so that the zero value of
// a source lets nothing past.
type gate struct{ since meeting.Seq }

// source is one sending m-line of a publishing peer. The server assigned it by
// the order of the m-lines, never by anything inside a packet.
type source struct {
	key  meeting.SourceKey
	mid  string
	peer *Peer

	gate  atomic.Pointer[gate]
	fan   atomic.Pointer[[]*slot]
	keys  broker
	count sourceCount

	// Owned by the router.
	spent     bool        // the peer was lost while the gate was open,
	spentFrom meeting.Seq // and openings up to this one do not count any more
}

// fanned is the slots the source is sent to now.
func (s *source) fanned() []*slot {
	if fan := s.fan.Load(); fan != nil {
		return *fan
	}
	return nil
}

// askKeyframe says that somebody needs a picture that needs no other.
func (s *source) askKeyframe() {
	s.peer.sfu.count.keyframesAsked.Add(1)
	s.keys.ask()
	s.peer.poke()
}

// push hands a packet to every slot of the fan. It never blocks.
func (s *source) push(p *packet) {
	for _, out := range s.fanned() {
		if !out.writer.push(out, p) {
			s.dropped(out)
		}
	}
}

// dropped counts a packet a full writer did not take. A picture with a hole in
// it is of no use, so the next one asked for is whole.
func (s *source) dropped(out *slot) {
	s.peer.sfu.count.writerDrops.Add(1)
	if !s.key.Kind.Audio() {
		s.askKeyframe()
	}
}

// flush wakes the writers of the fan, once for a burst of packets.
func (s *source) flush() {
	for _, out := range s.fanned() {
		out.writer.wakeUp()
	}
}
