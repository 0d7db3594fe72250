package sfu

import (
	"slices"
	"sync/atomic"
	"time"
)

// layerNames are the names of a camera's layers, smallest first: a quarter, a half
// and the full width of the picture. They are the rids (RFC 8851) of the pages;
// encoders have their own.
var layerNames = [...]string{"q", "h", "f"}

// rank is a layer's place in layerNames.
type rank uint8

const (
	rankQuarter rank = iota
	rankHalf
	rankFull
)

const (
	layerGap   = time.Second // without a packet: the layer does not flow
	layerGrace = time.Second // after which others are asked for beside the one that does not come
)

// layer is one encoding of a source: the only one, or one of a simulcast
// (RFC 8853). Slots are pointed at layers; the gate is the source's.
type layer struct {
	source *source
	rid    string // of layerNames; empty for the only one
	said   string // the rid that the publisher has for it
	rank   rank
	ssrc   atomic.Uint32 // declared by the offer, or claimed by the first stream with the rid
	repair atomic.Uint32 // the same of RTX
	report atomic.Pointer[senderReport]
	heard  atomic.Int64  // arrival of the newest packet, since the SFU began
	rate   atomic.Uint64 // bits a second, over the last whole second

	lossPermille atomic.Uint32 // that did not come at first, over it
	jitter       atomic.Int64

	fan  atomic.Pointer[[]*slot]
	lead atomic.Pointer[[]*relay] // over links; nil is none
	gone atomic.Bool              // of a link that does not carry it

	stretches atomic.Uint32 // begun, by one stream after another
	keys      broker
	opening   atomic.Pointer[opening]
	got       atomic.Uint64 // packets let past

	// Owned by the router.
	price    uint64        // what it takes, bits a second, after its peaks
	pricedAt time.Duration // when that last fell
}

// newLayers makes the layers of a sending m-line, smallest first.
func newLayers(src *source, line publishLine) []*layer {
	if len(line.rids) == 0 {
		only := &layer{source: src, rank: rankFull}
		only.ssrc.Store(line.primary)
		only.repair.Store(line.repair)
		return []*layer{only}
	}
	var all []*layer
	for i, r := range ranksOf(line.rids) {
		all = append(all, &layer{source: src, rid: layerNames[r], said: line.rids[i], rank: r})
	}
	return all
}

// layered reports whether the source has more than one encoding to choose from.
func (s *source) layered() bool { return s.layers[0].rid != "" }

// nearest is the largest layer the publisher has that is no larger than r,
// else its smallest.
func (s *source) nearest(r rank) *layer {
	best := s.layers[0]
	for _, l := range s.layers {
		if !l.gone.Load() && (l.rank <= r || best.gone.Load()) {
			best = l
		}
	}
	return best
}

// flowing is the layer that flows nearest to the one desired, smaller ones
// first; the desired one if none does.
func (s *source) flowing(desired *layer, now time.Duration) *layer {
	best := desired
	for _, l := range slices.Backward(s.layers) {
		if !l.flows(now) {
			continue
		}
		if l.rank <= desired.rank {
			return l
		}
		best = l
	}
	return best
}

// flows reports whether packets of the layer have come lately.
func (l *layer) flows(now time.Duration) bool {
	heard := l.heard.Load()
	return heard > 0 && now-time.Duration(heard) < layerGap
}

// choice is which layer something shows. It belongs to the router.
type choice struct {
	desired   *layer        // the layer of its size,
	desiredAt time.Duration // since when,
	chosen    *layer        // and the one it was last pointed at
}

// choose decides which layer of a source a slot is pointed at: the one of its
// tile's size, unless that does not flow. Until it does, the next one that flows
// is shown, so that the first picture waits for no encoder; what is shown
// already is left for no third size while the one newly wanted may yet come.
func (c *choice) choose(src *source, r rank, now time.Duration) *layer {
	desired := src.nearest(r)
	if c.desired != desired {
		c.desired, c.desiredAt = desired, now
	}
	best, was := src.flowing(desired, now), c.chosen
	if best != desired && was != nil && was.source == src && was.flows(now) && now-c.desiredAt < layerGrace {
		best = was
	}
	c.chosen = best
	return best
}

// fanned is the slots the layer is sent to now.
func (l *layer) fanned() []*slot {
	if fan := l.fan.Load(); fan != nil {
		return *fan
	}
	return nil
}

// relayed is the links' streams the layer is sent on now.
func (l *layer) relayed() []*relay {
	if lead := l.lead.Load(); lead != nil {
		return *lead
	}
	return nil
}

// askKeyframe says that somebody needs a picture that needs no other.
func (l *layer) askKeyframe() {
	l.source.sfu.count.keyframesAsked.Add(1)
	l.keys.ask()
	l.source.from.poke()
}

// spread hands packets to every slot of the fan, and has them sent. It never blocks.
func (l *layer) spread(packets []*packet) {
	fan := l.fanned()
	for _, out := range fan {
		for _, p := range packets {
			if !out.writer.push(out, p) {
				out.count.refused.Add(1)
				l.dropped()
			}
		}
	}
	for _, out := range l.relayed() {
		for _, p := range packets {
			if !out.writer.push(out, p) {
				l.dropped()
			}
		}
		out.writer.wakeUp()
	}
	l.source.sfu.crew.serve(fan)
}

// dropped counts a packet a full writer did not take. A picture with a hole in
// it is of no use, so the next one asked for is whole.
func (l *layer) dropped() {
	l.source.sfu.count.writerDrops.Add(1)
	if !l.source.key.Kind.Audio() {
		l.askKeyframe()
	}
}

// isFanned reports whether the packets of a layer are pushed to the slot.
func (s *slot) isFanned(l *layer) bool { return slices.Contains(l.fanned(), s) }

// note follows what arrives. A layer that begins to flow is news to the router.
func (l *layer) note(at time.Duration) {
	began := l.rid != "" && !l.flows(at)
	l.heard.Store(int64(at))
	if began {
		l.source.router.wake()
		l.source.from.poke()
	}
}
