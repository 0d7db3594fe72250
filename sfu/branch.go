package sfu

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// branch is a link in one meeting. Towards the router it is what a peer is: an
// origin of sources, which the other end announces, and a receiver of what the
// other end wants.
type branch struct {
	id     meeting.ID
	link   *Link
	router *router
	gone   atomic.Bool            // detached, for good
	wants  atomic.Pointer[[]want] // of the other end; nil is none yet
	source atomic.Pointer[[]*source]
	items  atomic.Pointer[[]item]                    // what it would send, for the minder to share the line among
	limits atomic.Pointer[map[meeting.SourceKey]int] // the step of each item that the line takes; absent is not decided

	// Owned by the router.
	relays  map[*layer]*relay
	choices map[chosen]*choice
	needed  needs
	told    []want
}

// chosen is a source at one size.
type chosen struct {
	source *source
	size   rank
}

func newBranch(l *Link, r *router) *branch {
	return &branch{id: r.id, link: l, router: r, relays: map[*layer]*relay{}, choices: map[chosen]*choice{}, needed: newNeeds()}
}

func (b *branch) standing() standing {
	if b.gone.Load() {
		return retired
	}
	return present
}

// notify hears of gates; who published the source is told at its own node.
func (b *branch) notify(Notice) {}

func (b *branch) poke() { b.link.poke() }

// refresh asks the other end for a keyframe.
func (b *branch) refresh(ssrc uint32) { b.link.refresh(ssrc) }

func (b *branch) published() []*source {
	if all := b.source.Load(); all != nil {
		return *all
	}
	return nil
}

func (b *branch) wanted() []want {
	if all := b.wants.Load(); all != nil {
		return *all
	}
	return nil
}

// retire closes every gate of the branch for good, at once.
func (b *branch) retire() {
	b.gone.Store(true)
	for _, src := range b.published() {
		src.gate.retire()
	}
	b.link.forget(b)
	b.router.wake()
}

// route makes the relays those of what the other end wants, the line takes and
// this node has, and adds them to the layers they lead from.
func (b *branch) route(sources map[meeting.SourceKey]*source, now time.Duration, leads map[*layer][]*relay) {
	t := b.link.current.Load()
	carried := b.carried(sources, now)
	if b.gone.Load() || !t.up() {
		carried = nil
	}
	var over []*relay
	for layer, r := range b.relays {
		if !carried[layer] || r.writer.t != t || r.spent() {
			delete(b.relays, layer)
			over = append(over, r)
		}
	}
	for layer := range carried {
		r := b.relays[layer]
		if r == nil {
			r = newRelay(t, b, layer, b.link.ssrc())
			b.relays[layer] = r
			b.link.begin(r)
			if r.video {
				layer.askKeyframe()
			}
		}
		leads[layer] = append(leads[layer], r)
	}
	for _, r := range over { // after the new ones, so that the source does not vanish between
		b.link.end(r)
	}
}

// carried lists the layers to send, and tells the minder what they would be if
// the line took everything.
func (b *branch) carried(sources map[meeting.SourceKey]*source, now time.Duration) map[*layer]bool {
	carried := map[*layer]bool{}
	limits := map[meeting.SourceKey]int{}
	if decided := b.limits.Load(); decided != nil {
		limits = *decided
	}
	plan := b.router.plan.Load()
	var items []item
	used := map[chosen]*choice{}
	for _, w := range b.wanted() {
		src := sources[w.Source]
		if src == nil || src.from == origin(b) || b.link.cfg.Beyond(w.Source.Point) {
			continue // it never goes back where it comes from
		}
		if w.Source.Kind.Audio() {
			if plan != nil && !b.link.cfg.Child && plan.Private(w.Source) {
				continue // a check is for the leader's desk; whoever asks below is not it
			}
			carried[src.layers[0]] = true
			items = append(items, item{source: src})
			continue
		}
		var picks []*layer
		for size := range rank(len(layerNames)) {
			if w.Sizes&(1<<size) == 0 {
				continue
			}
			key := chosen{src, size}
			if used[key] = b.choices[key]; used[key] == nil {
				used[key] = &choice{}
			}
			picks = append(picks, used[key].choose(src, size, now))
		}
		it := newItem(src, picks, w.Main)
		items = append(items, it)
		limit, decided := limits[w.Source]
		if !decided {
			continue
		}
		for _, l := range it.at(limit) {
			carried[l] = true
		}
	}
	b.choices = used
	before := b.items.Swap(&items)
	if before == nil || !slices.EqualFunc(*before, items, item.same) {
		b.link.poke()
	}
	return carried
}

// spent reports whether a relay's opening of the gate is over, or its numbers
// jumped. One that has not begun waits for the next.
func (r *relay) spent() bool {
	is := r.layer.source.gate.passes()
	if r.opened == nil {
		r.opened = is
	}
	return is != r.opened || r.torn.Load()
}

// begin announces a relay, before its first packet.
func (l *Link) begin(r *relay) {
	src := r.layer.source
	m := announceMessage{
		Transport: r.writer.t.number, Meeting: r.branch.id, Source: src.key, Layer: r.layer.rank, SSRC: r.ssrc, RTX: r.rtx,
		Media: src.gate.media,
	}
	if src.layered() {
		for _, layer := range src.layers {
			m.Layers |= 1 << layer.rank
		}
	}
	l.mu.Lock()
	relays := maps.Clone(*r.writer.t.relays.Load())
	relays[r.ssrc] = r
	r.writer.t.relays.Store(&relays)
	l.mu.Unlock()
	l.count.streamsOut.Add(1)
	l.cfg.Send(encodeLink(linkAnnounce, m))
}

// end ends a relay and withdraws it.
func (l *Link) end(r *relay) {
	r.ended.Store(true)
	l.mu.Lock()
	relays := maps.Clone(*r.writer.t.relays.Load())
	delete(relays, r.ssrc)
	r.writer.t.relays.Store(&relays)
	l.mu.Unlock()
	l.cfg.Send(encodeLink(linkWithdraw, withdrawMessage{Transport: r.writer.t.number, SSRC: r.ssrc}))
}

// receiveAnnounce makes a source, or another layer of one, of what the other
// end is about to send. Only points beyond the link can be announced.
func (l *Link) receiveAnnounce(m LinkMessage) error {
	var a announceMessage
	if err := decodeLink(m, &a); err != nil {
		return err
	}
	if !l.cfg.Beyond(a.Source.Point) {
		l.count.strangers.Add(1)
		l.alarm(LinkAlarm{Meeting: a.Meeting, Source: a.Source, Why: AlarmStranger})
		return nil
	}
	l.mu.Lock()
	b, t := l.branches[a.Meeting], l.path(a.Transport)
	if b == nil || t == nil { // it ended meanwhile
		l.mu.Unlock()
		return nil
	}
	arrivals := maps.Clone(*t.arrivals.Load())
	if len(arrivals) >= 2*linkStreamsMax || arrivals[a.SSRC] != nil || arrivals[a.RTX] != nil {
		l.mu.Unlock()
		return fmt.Errorf("%w: ssrc %d announced again, or too many", ErrLinkMessage, a.SSRC)
	}
	layer := b.layer(a)
	maps.DeleteFunc(arrivals, func(_ uint32, other *arrival) bool { return other.stream.layer == layer })
	in := newArrival(t, b, layer, a)
	arrivals[a.SSRC], arrivals[a.RTX] = in, in
	t.arrivals.Store(&arrivals)
	l.count.streamsIn.Add(1)
	layer.ssrc.Store(a.SSRC)
	layer.gone.Store(false)
	l.mu.Unlock()
	b.router.wake()
	l.poke()
	return nil
}

// layer finds the layer an announce is about, and makes its source anew if
// that is another than before, or of another media session. Link.mu is held.
func (b *branch) layer(a announceMessage) *layer {
	all := slices.Clone(b.published())
	i := slices.IndexFunc(all, func(s *source) bool { return s.key == a.Source })
	if i >= 0 && all[i].shape() == a.Layers && all[i].gate.media == a.Media {
		return all[i].at(a.Layer)
	}
	src := newSource(a.Source, b, b.router, a.Media)
	for r := range rank(len(layerNames)) {
		l := &layer{source: src, rank: r}
		if a.Layers != 0 {
			l.rid = layerNames[r]
		}
		l.gone.Store(true)
		if a.Layers&(1<<r) != 0 || a.Layers == 0 && r == a.Layer {
			src.layers = append(src.layers, l)
		}
	}
	if i >= 0 {
		all[i].gate.retire()
		all[i] = src
	} else {
		all = append(all, src)
	}
	b.source.Store(&all)
	return src.at(a.Layer)
}

// shape is the layers of a layered source; none of another.
func (s *source) shape() (set Layers) {
	if s.layered() {
		for _, l := range s.layers {
			set |= 1 << l.rank
		}
	}
	return set
}

// at is the layer of a size, which the source has.
func (s *source) at(r rank) *layer {
	return s.layers[slices.IndexFunc(s.layers, func(l *layer) bool { return l.rank == r })]
}

// receiveWithdraw ends what the other end sends no more.
func (l *Link) receiveWithdraw(m LinkMessage) error {
	var w withdrawMessage
	if err := decodeLink(m, &w); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.path(w.Transport)
	if t == nil {
		return nil
	}
	in := (*t.arrivals.Load())[w.SSRC]
	if in == nil {
		return nil
	}
	arrivals := maps.Clone(*t.arrivals.Load())
	maps.DeleteFunc(arrivals, func(_ uint32, other *arrival) bool { return other == in })
	t.arrivals.Store(&arrivals)
	if in.stream.layer.ssrc.CompareAndSwap(w.SSRC, 0) {
		in.stream.layer.gone.Store(true)
		in.branch.clear(in.stream.source)
	}
	in.branch.router.wake()
	return nil
}

// clear removes a source of which no layer is left. Link.mu is held.
func (b *branch) clear(src *source) {
	if slices.ContainsFunc(src.layers, func(l *layer) bool { return !l.gone.Load() }) {
		return
	}
	all := slices.DeleteFunc(slices.Clone(b.published()), func(s *source) bool { return s == src })
	b.source.Store(&all)
	src.gate.retire()
}

// forget stops reading what comes for a branch, and sending for it.
func (l *Link) forget(b *branch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.paths {
		arrivals := maps.Clone(*t.arrivals.Load())
		maps.DeleteFunc(arrivals, func(_ uint32, in *arrival) bool { return in.branch == b })
		t.arrivals.Store(&arrivals)
		relays := maps.Clone(*t.relays.Load())
		maps.DeleteFunc(relays, func(_ uint32, r *relay) bool {
			if r.branch == b {
				r.ended.Store(true)
			}
			return r.branch == b
		})
		t.relays.Store(&relays)
	}
}

// path finds a transport. Link.mu is held.
func (l *Link) path(number uint32) *transport {
	for _, t := range l.paths {
		if t.number == number {
			return t
		}
	}
	return nil
}

// refresh asks for a keyframe of what arrives with an SSRC.
func (l *Link) refresh(ssrc uint32) {
	l.mu.Lock()
	var to *transport
	for _, t := range l.paths {
		if (*t.arrivals.Load())[ssrc] != nil && t.up() {
			to = t
		}
	}
	l.mu.Unlock()
	if to != nil {
		to.writer.report(pictureLoss(ssrc))
	}
}
