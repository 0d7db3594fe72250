package sfu

import (
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/allocate"
	"github.com/giaoban/giaoban/internal/meeting"
)

// reconcile makes what is equal to what is wanted, and says when to look again
// though nothing happens; 0 is never. Gates close before anything else.
func (r *router) reconcile(now time.Duration) time.Duration {
	plan, peers, branches := r.plan.Load(), r.members(), r.shed()
	if plan == nil {
		plan = &meeting.Plan{}
	}
	all := published(peers, branches)
	sources := map[meeting.SourceKey]*source{}
	var opened []*source
	for _, src := range all {
		if src.turn(plan) {
			opened = append(opened, src)
		}
		if src.from.standing() != retired {
			sources[src.key] = src
		}
	}
	fans, touched, next := r.point(plan, peers, sources)
	leads := map[*layer][]*relay{}
	for _, b := range branches {
		b.route(sources, now, leads)
	}
	next = soonest(next, spread(all, fans, leads))
	for _, p := range touched {
		p.writer.touch()
	}
	for _, src := range opened {
		src.from.notify(Notice{Gate: &Gate{Source: src.key, Open: true, Seq: plan.Seq}})
	}
	next = soonest(next, r.tellNeeds(plan, branches, now))
	return soonest(next, r.tellDemand(peers, branches, now))
}

// published lists what comes over the links, then what the peers publish, which
// counts more: they were seen at the door of this node.
func published(peers []*Peer, branches []*branch) (all []*source) {
	for _, b := range branches {
		all = append(all, b.published()...)
	}
	for _, p := range peers {
		all = append(all, p.published()...)
	}
	return all
}

// spread sets who each layer is sent to, and says when to look again.
func spread(all []*source, fans map[*layer][]*slot, leads map[*layer][]*relay) (next time.Duration) {
	for _, src := range all {
		for _, l := range src.layers {
			fan, lead := fans[l], leads[l]
			if !slices.Equal(l.fanned(), fan) {
				l.fan.Store(&fan)
			}
			if !slices.Equal(l.relayed(), lead) {
				l.lead.Store(&lead)
			}
			if len(fan)+len(lead) > 0 && src.layered() {
				next = layerGap // layers stop without a word
			}
		}
	}
	return next
}

// point points every slot at its source, and gives the fans that follow, the
// peers whose writers must look, and when to look again.
func (r *router) point(plan *meeting.Plan, peers []*Peer, sources map[meeting.SourceKey]*source) (map[*layer][]*slot, []*Peer, time.Duration) {
	fans := map[*layer][]*slot{}
	now := r.sfu.now()
	var touched []*Peer
	var next time.Duration
	for _, p := range peers {
		a := p.attached.Load()
		if a == nil || p.retired.Load() {
			continue
		}
		keys := p.route(plan, a)
		from := make([]*source, len(keys))
		for i, k := range keys {
			if src := sources[k]; src != nil && src.gate.open() && a.slots[i].decodes(src) {
				from[i] = src
				next = soonest(next, shareLook) // what it takes changes without a word
			}
		}
		next = soonest(next, p.divide(viewOf(plan, p.seen()), from, now))
		p.tellSlots(keys, sources)
		if p.pointSlots(a, from, fans, now) {
			touched = append(touched, p)
		}
	}
	return fans, touched, next
}

// pointSlots points each slot at the layer of its source that the line has room
// for, and reports whether anything changed.
func (p *Peer) pointSlots(a *attachment, from []*source, fans map[*layer][]*slot, now time.Duration) (changed bool) {
	for i, s := range a.slots {
		var to *layer
		switch limit := p.told.lot.limits[i]; {
		case from[i] == nil || limit == allocate.Paused:
			s.desired = nil
		default:
			to = s.choose(from[i], from[i].layers[limit].rank, now)
		}
		changed = s.point(to, p.connected.Load(), fans) || changed
	}
	return changed
}

// point points a slot at a layer, adds it to the fans it belongs to, and
// reports whether anything changed. A picture stays in the fan of what it
// shows until the one it waits for has begun.
func (s *slot) point(to *layer, connected bool, fans map[*layer][]*slot) bool {
	changed := s.want.Swap(to) != to
	from := to
	if !connected || s.bound.Load() == nil {
		from = nil
	}
	if from != nil {
		fans[from] = append(fans[from], s)
		if shown := s.shown.Load(); s.video && shown != nil && shown != from {
			fans[shown] = append(fans[shown], s)
		}
	}
	changed = changed || s.fannedFrom != from
	s.fannedFrom = from
	return changed
}

// route decides which source each slot of a peer is for.
func (p *Peer) route(plan *meeting.Plan, a *attachment) []meeting.SourceKey {
	var watch []meeting.PointID
	if w := p.watch.Load(); w != nil {
		watch = *w
	}
	before := make([]meeting.SourceKey, a.video)
	if p.told.slots != nil {
		before = p.told.slots.Video
	}
	cfg := p.seen()
	wanted := wantedBy(plan, cfg, watch)
	video := assign(before, p.told.wanted, wanted)
	p.told.wanted = wanted
	return slices.Concat(video, voicesFor(plan, cfg, len(a.slots)-a.video))
}

// tellSlots tells the client what its slots are for when that changes, or when
// it cannot decode, cannot begin, or its line has no room for, other pictures than before.
func (p *Peer) tellSlots(keys []meeting.SourceKey, sources map[meeting.SourceKey]*source) {
	a := p.attached.Load()
	next := Slots{Video: keys[:a.video:a.video], Voices: keys[a.video:], Weak: p.told.lot.weak}
	for i, k := range next.Video {
		if src := sources[k]; src != nil && !a.slots[i].decodes(src) {
			next.Undecodable = append(next.Undecodable, k)
		} else if a.slots[i].unbegun(src, p.sfu.now()) {
			next.Unbegun = append(next.Unbegun, k)
		}
	}
	if !p.told.slots.equal(&next) {
		p.notify(Notice{Slots: &next})
		p.told.slots = &next
	}
}
