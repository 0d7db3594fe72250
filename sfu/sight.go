package sfu

import (
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

const sightEvery = time.Second

// Flow is one way of a stream or of a line, of about the last second.
type Flow struct {
	Rate   uint64        // bits a second
	Loss   float64       // share that did not come at first, 0 to 1
	Jitter time.Duration // RFC 3550 §6.4.1
}

// worst takes what is worse of another flow, and adds its rate.
func (f *Flow) worst(other Flow) {
	f.Rate += other.Rate
	f.Loss, f.Jitter = max(f.Loss, other.Loss), max(f.Jitter, other.Jitter)
}

// Sight is how a client's line is. What has not been measured is 0: a client
// that sends nothing has no way up.
type Sight struct {
	Trip     time.Duration // there and back
	Queue    time.Duration // what of it is waiting in a queue
	Estimate uint64        // what the line to the client takes, bits a second
	Down, Up Flow
	Sources  []SourceSight // streams it sends that got past their gates
	Slots    []SlotSight   // that show something
	Weak     int           // pictures the line has no room for
}

// SourceSight is one stream a client sends.
type SourceSight struct {
	Source meeting.SourceKey
	Layer  string
	Flow
}

// SlotSight is one slot and what it shows. The counts are since the client
// joined, payload alone, retransmissions included.
type SlotSight struct {
	Slot           int // from 0, of its kind
	Video          bool
	Source         meeting.SourceKey
	Layer          string
	Packets, Bytes uint64
	Refused        uint64 // packets its client's writer had no room for
	Thinned        uint64 // pictures left out because the line was behind
	Unrepaired     uint64 // packets not sent again because repair has its share
	Flow
}

// Sight reads how the client's line is; it is a second old at most.
func (p *Peer) Sight() Sight {
	var sight Sight
	if seen := p.writer.line.sight.Load(); seen != nil {
		sight = *seen
	}
	now := p.sfu.now()
	for _, src := range p.published() {
		for _, l := range src.layers {
			if !src.gate.open() || !l.flows(now) {
				continue
			}
			flow := l.flow(now)
			sight.Sources = append(sight.Sources, SourceSight{Source: src.key, Layer: l.rid, Flow: flow})
			sight.Up.worst(flow)
		}
	}
	return sight
}

// flow is how the layer comes; all 0 if it does not.
func (l *layer) flow(now time.Duration) Flow {
	if !l.flows(now) {
		return Flow{}
	}
	return Flow{Rate: l.rate.Load(), Loss: float64(l.lossPermille.Load()) / 1000, Jitter: time.Duration(l.jitter.Load())}
}

// see notes once a second how the line is, for whoever asks.
func (w *writer) see(now time.Duration) {
	l := w.line
	if now-l.seen < sightEvery {
		return
	}
	past := now - l.seen
	l.seen = now
	sight := Sight{
		Trip: l.trip, Queue: l.queue(), Estimate: l.budget.Load(), Weak: int(l.weak.Load()),
		Down: Flow{Rate: l.sent.Rate(now), Loss: l.loss},
	}
	for _, s := range w.slots {
		if shown := s.shown.Load(); shown != nil {
			sight.Down.Jitter = max(sight.Down.Jitter, s.reception.jitter)
			sight.Slots = append(sight.Slots, s.look(shown, past))
		}
		s.seen = s.sent.bytes
	}
	l.sight.Store(&sight)
	l.learn()
}

// look is how the slot is, after so much time.
func (s *slot) look(shown *layer, past time.Duration) SlotSight {
	return SlotSight{
		Slot: s.index, Video: s.video, Source: shown.source.key, Layer: shown.rid,
		Packets: s.sent.packets, Bytes: s.sent.bytes,
		Refused: s.count.refused.Load(), Thinned: s.count.thinned.Load(), Unrepaired: s.count.unrepaired.Load(),
		Flow: Flow{
			Rate: (s.sent.bytes - s.seen) * 8 * uint64(time.Second) / uint64(past),
			Loss: s.reception.loss, Jitter: s.reception.jitter,
		},
	}
}

// hindsight measures what of a received stream came late or not at all. It
// belongs to the stream.
type hindsight struct {
	since       time.Duration // the second being measured began
	due, absent uint64        // in it
	newest      uint64        // number of the packet that came last in its turn
	transit     time.Duration // of the newest packet, against the stream's own clock
	ts          uint64        // of that packet
	jitter      time.Duration
}

// take counts a packet that is newer than all before it, and the hole it leaves.
func (h *hindsight) take(l *layer, p *packet) {
	if h.newest > 0 {
		h.due += p.seq - h.newest
		h.absent += p.seq - h.newest - 1
	}
	h.newest = p.seq
	h.follow(p, l.source.clockRate())
	if p.at-h.since >= sightEvery && h.due > 0 {
		l.lossPermille.Store(uint32(h.absent * 1000 / h.due))
		l.jitter.Store(int64(h.jitter))
		h.since, h.due, h.absent = p.at, 0, 0
	}
}

// found takes back one that was only out of order.
func (h *hindsight) found() { h.absent -= min(h.absent, 1) }

// follow is the interarrival jitter of RFC 3550 §A.8, over the first packet of
// each moment: the packets of one picture are sent one after another.
func (h *hindsight) follow(p *packet, rate uint64) {
	if p.ts == h.ts {
		return
	}
	transit := p.at - time.Duration(p.ts*uint64(time.Millisecond)/rate*1000)
	if h.ts > 0 {
		h.jitter += ((transit - h.transit).Abs() - h.jitter) / 16
	}
	h.transit, h.ts = transit, p.ts
}

// clockRate is the rate of the source's RTP timestamps, Hz.
func (s *source) clockRate() uint64 {
	if s.key.Kind.Audio() {
		return audioRate
	}
	return videoRate
}

// clockRate is the rate of the slot's RTP timestamps, Hz.
func (s *slot) clockRate() uint64 {
	if s.video {
		return videoRate
	}
	return audioRate
}
