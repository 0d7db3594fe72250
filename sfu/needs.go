package sfu

import (
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// needs is what one end of a link wants of the other in a meeting: at once when
// somebody here, or beyond another link, is to be shown or to hear it; after a
// while when nobody is any more, so that a glance away costs no keyframe.
type needs struct {
	now   []want                                                // what is needed, in the order of importance
	since map[meeting.SourceKey]*[len(layerNames)]time.Duration // when each size is due to stop; 0 is not
	held  []want                                                // what is told
}

func newNeeds() needs {
	return needs{since: map[meeting.SourceKey]*[len(layerNames)]time.Duration{}}
}

// add adds what one of those behind this node needs.
func (n *needs) add(w want) {
	for i := range n.now {
		if n.now[i].Source == w.Source {
			n.now[i].Sizes |= w.Sizes
			n.now[i].Main = n.now[i].Main || w.Main
			return
		}
	}
	if len(n.now) < linkWantsMax {
		n.now = append(n.now, w)
	}
}

// tell gives what to tell the other end, and when to look again; 0 is never.
func (n *needs) tell(now time.Duration) (all []want, next time.Duration) {
	slices.SortStableFunc(n.now, func(a, b want) int { return urgency(a) - urgency(b) })
	order := slices.Clone(n.now)
	for _, was := range n.held {
		if !slices.ContainsFunc(n.now, func(w want) bool { return w.Source == was.Source }) {
			order = append(order, want{Source: was.Source})
		}
	}
	n.now = n.now[:0]
	for _, w := range order {
		kept, wait := n.hold(w, now)
		next = soonest(next, wait)
		w.Sizes |= kept
		if w.Sizes == 0 || len(all) == linkWantsMax {
			delete(n.since, w.Source)
			continue
		}
		all = append(all, w)
	}
	n.held = all
	return all, next
}

// hold gives the sizes that were told and are needed no more, but not for long
// enough. Sound stops at once: its gate does too.
func (n *needs) hold(w want, now time.Duration) (kept Layers, next time.Duration) {
	if w.Source.Kind.Audio() {
		return 0, 0
	}
	was := Layers(0)
	if i := slices.IndexFunc(n.held, func(h want) bool { return h.Source == w.Source }); i >= 0 {
		was = n.held[i].Sizes
	}
	due := n.since[w.Source]
	if due == nil {
		due = &[len(layerNames)]time.Duration{}
		n.since[w.Source] = due
	}
	for size := range layerNames {
		bit := Layers(1) << size
		switch {
		case w.Sizes&bit != 0 || was&bit == 0:
			due[size] = 0
		case due[size] == 0:
			due[size] = now + demandHold
			kept |= bit
			next = soonest(next, demandHold)
		case now < due[size]:
			kept |= bit
			next = soonest(next, due[size]-now)
		default:
			due[size] = 0
		}
	}
	return kept, next
}

// urgency orders wants: sound, what is presented, largest tiles, other tiles.
func urgency(w want) int {
	switch {
	case w.Source.Kind.Audio():
		return 0
	case w.Source.Kind == meeting.Content:
		return 1
	case w.Main:
		return 2
	}
	return 3
}

// tellNeeds tells every link what is wanted of its other end.
func (r *router) tellNeeds(plan *meeting.Plan, branches []*branch, now time.Duration) (next time.Duration) {
	if len(branches) == 0 {
		return 0
	}
	homes := map[meeting.PointID]*branch{}
	add := func(w want, from *branch) {
		home, known := homes[w.Source.Point]
		if !known {
			home = homeOf(w.Source.Point, branches)
			homes[w.Source.Point] = home
		}
		if home != nil && home != from {
			home.needed.add(w)
		}
	}
	for _, p := range r.members() {
		p.needs(plan, func(w want) { add(w, nil) })
	}
	for _, b := range branches {
		for _, w := range b.wanted() {
			if !b.gone.Load() {
				add(w, b)
			}
		}
	}
	for _, b := range branches {
		all, wait := b.needed.tell(now)
		next = soonest(next, wait)
		if !b.gone.Load() && !slices.Equal(all, b.told) {
			b.told = all
			b.link.cfg.Send(encodeLink(linkWant, wantMessage{Meeting: b.id, Wants: all}))
		}
	}
	return next
}

// homeOf finds the link that a point is beyond; nil for a point of this node.
func homeOf(p meeting.PointID, branches []*branch) *branch {
	for _, b := range branches {
		if !b.gone.Load() && b.link.cfg.Beyond(p) {
			return b
		}
	}
	return nil
}

// needs lists what the slots of a peer are for, and how large each is.
func (p *Peer) needs(plan *meeting.Plan, add func(want)) {
	if p.told.slots == nil || p.retired.Load() {
		return
	}
	view := viewOf(plan, p.seen())
	for _, k := range p.told.wanted {
		if slices.Contains(p.told.slots.Video, k) {
			main := view != nil && len(view.Tiles) > 0 && view.Tiles[0] == k
			add(want{Source: k, Sizes: 1 << rankIn(view, k), Main: main})
		}
	}
	for _, k := range p.told.slots.Voices {
		if k.Point != "" {
			add(want{Source: k, Sizes: 1})
		}
	}
}
