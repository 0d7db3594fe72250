package sfu

import (
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Layers is a set of a camera's layers.
type Layers uint8

// Names are the rids of the set, smallest first; never nil.
func (l Layers) Names() []string {
	names := []string{}
	for i, name := range layerNames {
		if l&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Demand says which of the peer's own pictures anybody watches, and which of
// its camera's layers that takes; none if it has no layers or nobody watches.
type Demand struct {
	Camera, Content bool
	Layers          Layers

	rids [len(layerNames)]string // what the publisher calls its layers; empty is as they are called here
}

// Names are the publisher's rids of the layers it takes, smallest first; never nil.
func (d Demand) Names() []string {
	names := d.Layers.Names()
	for i, name := range names {
		if said := d.rids[slices.Index(layerNames[:], name)]; said != "" {
			names[i] = said
		}
	}
	return names
}

// called notes what the publisher calls the layers of its camera.
func (d *Demand) called(src *source) {
	for _, l := range src.layers {
		d.rids[l.rank] = l.said
	}
}

// demandFlags is how many things a demand switches.
const demandFlags = 2 + len(layerNames)

// flags are the things a demand switches, one by one.
func (d Demand) flags() (all [demandFlags]bool) {
	all[0], all[1] = d.Camera, d.Content
	for i := range layerNames {
		all[2+i] = d.Layers&(1<<i) != 0
	}
	return all
}

func demandOf(flags [demandFlags]bool) Demand {
	d := Demand{Camera: flags[0], Content: flags[1]}
	for i := range layerNames {
		if flags[2+i] {
			d.Layers |= 1 << i
		}
	}
	return d
}

// wants gives the layers it takes to show a source at a size: that of the size,
// the smallest to begin with and to fall back on, and all between them when
// the one of the size does not come.
func (s *source) wants(desired *layer, waited, now time.Duration) (set Layers) {
	if !s.layered() {
		return 0
	}
	missing := waited >= layerGrace && !desired.flows(now)
	for i, l := range s.layers {
		if i == 0 || l == desired || missing && l.rank < desired.rank {
			set |= 1 << l.rank
		}
	}
	return set
}

// tellDemand tells each publisher which of its pictures and layers anybody is
// shown: at once when one is, after a while when none is.
func (r *router) tellDemand(peers []*Peer, branches []*branch, now time.Duration) (next time.Duration) {
	watched := map[meeting.SourceKey]bool{}
	layers := map[*source]Layers{}
	for _, p := range peers {
		a := p.attached.Load()
		if a == nil || p.told.slots == nil || p.retired.Load() {
			continue
		}
		for _, k := range p.told.slots.Video {
			watched[k] = true
		}
		for _, s := range a.slots {
			if d := s.desired; d != nil && s.video {
				layers[d.source] |= d.source.wants(d, now-s.desiredAt, now)
			}
		}
	}
	for _, b := range branches {
		b.demand(watched, layers, now)
	}
	for _, p := range peers {
		if len(p.published()) == 0 || p.retired.Load() {
			continue
		}
		d := Demand{}
		for _, src := range p.published() {
			switch src.key.Kind {
			case meeting.Camera:
				d.Camera, d.Layers = watched[src.key], layers[src]
				d.called(src)
				if d.Camera && src.layered() { // its gate may be closed yet
					d.Layers |= 1 << src.layers[0].rank
				}
			case meeting.Content:
				d.Content = watched[src.key]
			}
		}
		if wait := p.tellDemand(d, now); wait > 0 && (next == 0 || wait < next) {
			next = wait
		}
	}
	return next
}

// demand adds what the other end of a link wants: of what is published here
// the publisher's encoder follows it, as it does the slots.
func (b *branch) demand(watched map[meeting.SourceKey]bool, layers map[*source]Layers, now time.Duration) {
	if b.gone.Load() {
		return
	}
	for _, w := range b.wanted() {
		watched[w.Source] = true
	}
	for chosen, c := range b.choices {
		layers[chosen.source] |= chosen.source.wants(c.desired, now-c.desiredAt, now)
	}
}

func (p *Peer) tellDemand(d Demand, now time.Duration) (next time.Duration) {
	if p.told.demand == nil {
		p.told.demand = &d
		p.notify(Notice{Demand: &d})
		return 0
	}
	was := p.told.demand.flags()
	for i, is := range d.flags() {
		due := &p.told.stop[i]
		switch {
		case is || !was[i]:
			*due = 0
			was[i] = is
		case *due == 0:
			*due = now + demandHold
			next = soonest(next, demandHold)
		case now >= *due:
			*due = 0
			was[i] = false
		default:
			next = soonest(next, *due-now)
		}
	}
	told := demandOf(was)
	told.rids = d.rids
	if told != *p.told.demand {
		p.told.demand = &told
		p.notify(Notice{Demand: &told})
	}
	return next
}

// soonest is the shorter of two waits; 0 is none.
func soonest(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
