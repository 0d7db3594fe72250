package sfu

import (
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/allocate"
	"github.com/giaoban/giaoban/internal/meeting"
)

const (
	costEvery = 500 * time.Millisecond
	costFall  = 8 // a layer's cost falls by one part in so many of each of them
	shareLook = time.Second
)

// costGuess is what a layer is thought to take while it does not flow: less
// than it may, because down goes at once.
var costGuess = [...]uint64{rankQuarter: 100_000, rankHalf: 300_000, rankFull: 900_000}

// costUnknown is the guess for a source that has only one encoding.
const costUnknown = 150_000

// takes is what a layer takes, bits a second: its rate, and after a peak still
// some of that for a while. The router alone asks.
func (l *layer) takes(now time.Duration) uint64 {
	rate := l.rate.Load()
	if !l.flows(now) || rate == 0 {
		return l.guess()
	}
	rate += rate / 20 // headers
	if now-l.pricedAt >= costEvery {
		l.pricedAt = now
		l.price -= l.price / costFall
	}
	l.price = max(l.price, rate)
	return l.price
}

// guess is what a layer is thought to take while nobody knows. A source with one
// encoding is never held back by it: what it takes is known after a second.
func (l *layer) guess() uint64 {
	if l.rid == "" {
		return costUnknown
	}
	return costGuess[l.rank]
}

// lot is how a client's line was last shared. It belongs to the router.
type lot struct {
	allocator allocate.Allocator
	limits    []int // the layer each slot may have, allocate.Paused if none
	weak      []meeting.SourceKey
}

// divide shares a client's line among its picture slots, whose sources are
// given by slot, nil for none; and says when to look again.
func (p *Peer) divide(view *meeting.View, sources []*source, now time.Duration) (next time.Duration) {
	order := p.inOrder(sources)
	pictures := make([]allocate.Picture, len(order))
	for i, slot := range order {
		pictures[i] = pictureFor(view, sources[slot], now)
	}
	sound := p.writer.line.repairing.Load()
	for _, src := range sources {
		if src != nil && src.key.Kind.Audio() {
			sound += soundRate
		}
	}
	lot := &p.told.lot
	layers, next := lot.allocator.Decide(pictures, p.writer.line.budget.Load(), sound, now)
	lot.limits, lot.weak = make([]int, len(sources)), nil
	shared, whole := share{given: sound, least: sound}, sound
	for i, slot := range order {
		costs := pictures[i].Costs
		lot.limits[slot] = layers[i]
		shared.least += costs[0]
		whole += costs[len(costs)-1]
		if layers[i] == allocate.Paused {
			lot.weak = append(lot.weak, sources[slot].key)
			continue
		}
		shared.given += costs[layers[i]]
	}
	p.writer.line.weak.Store(int32(len(lot.weak)))
	if shared.given < whole {
		shared.need = whole
	}
	p.tellShare(shared)
	return next
}

func (p *Peer) tellShare(s share) {
	if was := p.writer.line.share.Load(); was == nil || *was != s {
		p.writer.line.share.Store(&s)
	}
}

// inOrder lists the slots that have a picture by their place in the layout.
func (p *Peer) inOrder(sources []*source) []int {
	var order []int
	for i, src := range sources {
		if src != nil && !src.key.Kind.Audio() {
			order = append(order, i)
		}
	}
	place := func(slot int) int { return slices.Index(p.told.wanted, sources[slot].key) }
	slices.SortFunc(order, func(a, b int) int { return place(a) - place(b) })
	return order
}

// pictureFor says what a source is in a view, and what its layers take.
func pictureFor(view *meeting.View, src *source, now time.Duration) allocate.Picture {
	picture := allocate.Picture{Role: allocate.Tile}
	switch {
	case src.key.Kind == meeting.Content:
		picture.Role = allocate.Content
	case view != nil && slices.Index(view.Tiles, src.key) == 0:
		picture.Role = allocate.Main
	}
	most := src.nearest(rankIn(view, src.key))
	for _, l := range src.layers {
		if l.rank > most.rank {
			break
		}
		cost := l.takes(now)
		if n := len(picture.Costs); n > 0 {
			cost = max(cost, picture.Costs[n-1])
		}
		picture.Costs = append(picture.Costs, cost)
	}
	return picture
}
