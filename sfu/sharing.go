package sfu

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/allocate"
	"github.com/giaoban/giaoban/internal/meeting"
)

const (
	shareEvery = 250 * time.Millisecond
	soundRate  = 50_000 // bits a second of one voice on the line, all headers included
	lineShare  = 95     // percent of the estimate that is given away; the rest is for repairs
	overhead   = 106    // percent of a picture's payload on the line
)

// item is one source a link would send: the layers that would do, smallest
// first, and which of them are wanted.
type item struct {
	source *source
	steps  []*layer // up to the largest wanted; none for sound
	picks  Layers   // the ranks wanted
	role   allocate.Role
}

func newItem(src *source, picks []*layer, main bool) item {
	it := item{source: src, role: allocate.Tile}
	largest := rank(0)
	for _, l := range picks {
		it.picks |= 1 << l.rank
		largest = max(largest, l.rank)
	}
	for _, l := range src.layers {
		if l.rank <= largest && !l.gone.Load() {
			it.steps = append(it.steps, l)
		}
	}
	switch {
	case src.key.Kind == meeting.Content:
		it.role = allocate.Content
	case main:
		it.role = allocate.Main
	}
	return it
}

func (it item) same(other item) bool {
	return it.source == other.source && it.picks == other.picks && it.role == other.role && slices.Equal(it.steps, other.steps)
}

// at lists the layers to send when the line takes a step: each one wanted, or
// the step in its place if that is smaller.
func (it item) at(step int) (all []*layer) {
	if step < 0 || len(it.steps) == 0 {
		return nil
	}
	top := it.steps[min(step, len(it.steps)-1)]
	for _, l := range it.steps {
		wanted := it.picks&(1<<l.rank) != 0 && l.rank <= top.rank
		if wanted || l == top && it.picks>>top.rank != 0 {
			all = append(all, l)
		}
	}
	return all
}

// picture is the item as the allocator sees it.
func (it item) picture() allocate.Picture {
	p := allocate.Picture{Role: it.role}
	for step := range it.steps {
		sum := uint64(0)
		for _, l := range it.at(step) {
			sum += l.cost()
		}
		p.Costs = append(p.Costs, sum)
	}
	return p
}

// cost is what a layer takes of a line, bits a second.
func (l *layer) cost() uint64 {
	rate := l.rate.Load()
	if rate == 0 {
		return l.guess()
	}
	return rate * overhead / 100
}

// sharing is how a link's line is shared among all its meetings.
type sharing struct {
	allocator allocate.Allocator
	next      time.Duration
}

// share decides which layers the line takes, when that is due or what is wanted
// has changed, and says when to look again.
func (m *minding) share(now time.Duration) time.Duration {
	branches := m.l.attached()
	slices.SortFunc(branches, func(a, b *branch) int { return cmp.Compare(a.id, b.id) })
	type place struct {
		branch *branch
		item   item
	}
	var places []place
	sound := uint64(0)
	for _, b := range branches {
		items := b.items.Load()
		if items == nil {
			continue
		}
		for _, it := range *items {
			if it.source.key.Kind.Audio() {
				sound += soundRate
			} else if len(it.steps) > 0 {
				places = append(places, place{b, it})
			}
		}
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.item.role, b.item.role) })
	pictures := make([]allocate.Picture, len(places))
	for i, p := range places {
		pictures[i] = p.item.picture()
	}
	steps, _ := m.sharing.allocator.Decide(pictures, m.l.budget(), sound, now)
	m.l.keepOne(pictures, steps, sound)
	starved := false
	limits := map[*branch]map[meeting.SourceKey]int{}
	for i, p := range places {
		if limits[p.branch] == nil {
			limits[p.branch] = map[meeting.SourceKey]int{}
		}
		limits[p.branch][p.item.source.key] = steps[i]
		starved = starved || steps[i] < len(pictures[i].Costs)-1
	}
	m.l.count.starved.Store(starved)
	for _, b := range branches {
		b.limit(limits[b])
	}
	return shareEvery
}

// keepOne sends the first picture though the estimate has no room for it, unless
// the operator's cap has none: a line that carries nothing is never found to
// take more.
func (l *Link) keepOne(pictures []allocate.Picture, steps []int, sound uint64) {
	dark := len(steps) > 0 && !slices.ContainsFunc(steps, func(s int) bool { return s != allocate.Paused })
	if dark && (l.cfg.Cap == 0 || sound+pictures[0].Costs[0] <= uint64(l.cfg.Cap)*lineShare/100) {
		steps[0] = 0
	}
}

// budget is what the line takes for sound and pictures, bits a second.
func (l *Link) budget() uint64 {
	estimate := l.count.estimate.Load()
	if estimate == 0 {
		estimate = firstEstimate(l.cfg.Cap)
	}
	return estimate * lineShare / 100
}

// limit tells the router what the line takes, if that is news.
func (b *branch) limit(limits map[meeting.SourceKey]int) {
	before := b.limits.Load()
	if before == nil && len(limits) == 0 {
		return
	}
	if before != nil && maps.Equal(*before, limits) {
		return
	}
	b.limits.Store(&limits)
	b.router.wake()
}
