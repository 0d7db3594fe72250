package sfu

import (
	"sync/atomic"
	"time"
)

const (
	openingMax   = 256         // packets from a keyframe on that are kept
	openingBegun = 192         // of them at most, when a replay of them begins
	openingFresh = time.Second // since its keyframe: replayed rather than asked for
)

// opening is the newest keyframe of a layer and what followed it, kept so that
// whoever comes to watch costs the publisher no other. It is written by
// one stream of the layer and read by every writer: count says how far.
type opening struct {
	gate    *permit       // that let it past
	at      time.Duration // arrival of the keyframe
	packets [openingMax]*packet
	count   atomic.Uint32
	torn    atomic.Bool // something is missing in it
}

// remember keeps a packet in the layer's opening, a new one if it begins a keyframe.
func (l *layer) remember(p *packet, past *permit) {
	o := l.opening.Load()
	if p.key && !p.late && (o == nil || o.packets[0].ts != p.ts || o.packets[0].run != p.run) {
		o = &opening{gate: past, at: p.at}
		o.add(p)
		l.opening.Store(o)
		return
	}
	if o != nil && o.packets[0].run == p.run { // else it is another stream's
		o.add(p)
	}
}

func (o *opening) add(p *packet) {
	n := o.count.Load()
	if n == openingMax {
		return
	}
	if n > 0 && p.seq != o.packets[n-1].seq+1 {
		o.torn.Store(true)
	}
	o.packets[n] = p
	o.count.Store(n + 1)
}

// soFar is what has been kept until now.
func (o *opening) soFar() []*packet { return o.packets[:o.count.Load()] }

// full reports whether packets that followed were not kept.
func (o *opening) full() bool { return o.count.Load() == openingMax }

// replayable gives the opening of a layer if it can take the place of a
// keyframe asked for: whole, short, and young or as young as the next may be.
func (l *layer) replayable(now time.Duration) *opening {
	o := l.opening.Load()
	if o == nil || o.torn.Load() || o.count.Load() > openingBegun || l.source.gate.passes() != o.gate {
		return nil
	}
	if now-o.at > max(openingFresh, time.Duration(l.keys.spacing.Load())) {
		return nil
	}
	return o
}

// replay is a past that a slot is sending, faster than it happened, until it
// has come up with the present. It belongs to the slot's writer.
type replay struct {
	from    *opening
	layer   *layer
	next    int    // of from's packets
	through uint64 // the newest packet sent by it, of the layer
}

// covers reports whether a packet that comes by the ring has been sent, or will
// be, by the replay.
func (r *replay) covers(p *packet) bool {
	return r.layer == p.layer && (r.from != nil || p.nth <= r.through)
}

// rewind begins a layer with its opening, if that can be. Of pictures with
// temporal layers the base is enough to come up with the present.
func (s *slot) rewind(to *layer, now time.Duration) bool {
	o := to.replayable(now)
	if o == nil {
		return false
	}
	past := o.soFar()
	first, newest := past[0], past[len(past)-1]
	if b := s.bound.Load(); b == nil || !b.carries(first.codec) {
		return false
	}
	s.begin(first, s.munge.Replay(numbersOf(first), newest.ts, s.present(newest), newest.at))
	s.temporal.Begin(0)
	s.replay = replay{from: o, layer: to}
	s.writer.replays++
	s.writer.peer.sfu.count.replays.Add(1)
	return true
}

// present is the outgoing timestamp of a moment of a layer: by the sender's
// reports if it is of the camera shown, else by the clock on the wall.
func (s *slot) present(p *packet) uint64 {
	if from := s.carried; from != nil && from != p.layer && from.source == p.layer.source {
		was, is := from.report.Load(), p.layer.report.Load()
		if was != nil && is != nil {
			if ts, ok := s.munge.Place(is.Translate(uint32(p.ts), was.Clock, videoRate), p.at); ok {
				return ts
			}
		}
	}
	return s.munge.Now(p.at)
}

// catchUp sends up to so many packets of the replay and says how many it was.
// The replay ends where the slot is known to get everything newer by its fan.
func (s *slot) catchUp(most int) (sent int) {
	b := s.bound.Load()
	for r := &s.replay; r.from != nil && sent < most; {
		receives := s.isFanned(r.layer) // before the count is read: what comes later is pushed
		past := r.from.soFar()
		switch {
		case b == nil || s.shown.Load() != r.layer:
			s.replayed()
		case r.next < len(past):
			p := past[r.next]
			r.next++
			r.through = p.nth
			s.forward(b, p)
			sent++
		case r.from.full():
			s.run-- // what follows is not known: only a keyframe can
			s.replayed()
		case r.layer.opening.Load() != r.from:
			s.follow(r.layer.opening.Load())
		case receives:
			s.replayed()
		default:
			return sent
		}
	}
	return sent
}

// follow goes on with the opening after the one replayed, if the gate is still
// that of then.
func (s *slot) follow(next *opening) {
	if next == nil || next.packets[0].run != s.run {
		s.replayed()
		return
	}
	s.replay.from, s.replay.next = next, 0
}

// replayed ends the replay. What it has sent stays known.
func (s *slot) replayed() {
	s.replay.from = nil
	s.writer.replays--
}

// behind reports whether the replay has packets to send now.
func (s *slot) behind() bool {
	return s.replay.from != nil && s.replay.next < len(s.replay.from.soFar())
}
