package allocate

import (
	"slices"
	"time"
)

// The hysteresis of an Allocator.
const (
	// Headroom is how much more room than its cost a step up needs, percent.
	Headroom = 15
	// Stable is how long the room must have been there before a step up.
	Stable = 3 * time.Second
)

// Role is what a picture is in the layout, most important first.
type Role uint8

// The roles of a picture.
const (
	Content Role = iota // a presentation: it must be read
	Main                // the largest tile
	Tile                // any other
)

// Picture is one slot that wants a source. Costs are what its layers take,
// bits a second, smallest layer first, up to the one of its tile's size; at
// least one. Pictures are given in the order of the layout.
type Picture struct {
	Role  Role
	Costs []uint64
}

// Paused is the layer of a picture that gets none.
const Paused = -1

// Allocator shares one line. Down goes at once, up only after there has been
// room for more for a while; then all that fits with headroom goes up.
type Allocator struct {
	current []int // layers of the pictures of the last decision
	shapes  []shape
	since   time.Duration // when there was first room for a step up
	waiting bool
}

// Decide gives the layer of each picture within a budget of bits a second, of
// which the sound takes its part first, and says when to decide again though
// nothing changes; 0 is never.
func (a *Allocator) Decide(pictures []Picture, budget, sound uint64, now time.Duration) (layers []int, next time.Duration) {
	room := budget - min(budget, sound)
	if a.same(pictures) && a.whole(pictures) && total(pictures, a.current) <= room { // as nearly always
		a.waiting = false
		return slices.Clone(a.current), 0
	}
	ideal := Fit(pictures, room)
	if !a.same(pictures) { // another layout is another picture: nothing to be steady about
		a.keep(pictures, ideal)
		return ideal, 0
	}
	layers = make([]int, len(pictures))
	for i := range layers {
		layers[i] = min(a.current[i], ideal[i], len(pictures[i].Costs)-1)
	}
	better := rise(pictures, layers, room-room*Headroom/(100+Headroom))
	switch {
	case slices.Equal(better, layers):
		a.waiting = false
	case !a.waiting:
		a.waiting, a.since = true, now
		next = Stable
	case now-a.since < Stable:
		next = Stable - (now - a.since)
	default:
		layers, a.since = better, now
		next = Stable
	}
	a.current = layers
	return slices.Clone(layers), next
}

// shape is what of a picture does not change while the layout stays.
type shape struct {
	role   Role
	layers int
}

func (p Picture) shape() shape { return shape{p.Role, len(p.Costs)} }

func (a *Allocator) same(pictures []Picture) bool {
	return slices.EqualFunc(a.shapes, pictures, func(s shape, p Picture) bool { return s == p.shape() })
}

func (a *Allocator) whole(pictures []Picture) bool {
	for i, p := range pictures {
		if a.current[i] != len(p.Costs)-1 {
			return false
		}
	}
	return true
}

func (a *Allocator) keep(pictures []Picture, layers []int) {
	a.shapes = a.shapes[:0]
	for _, p := range pictures {
		a.shapes = append(a.shapes, p.shape())
	}
	a.current, a.waiting = slices.Clone(layers), false
}

// rise gives each picture, in the order of importance, what fits more than it has.
func rise(pictures []Picture, layers []int, room uint64) []int {
	better := slices.Clone(layers)
	room -= min(room, total(pictures, layers))
	for _, s := range steps(pictures) {
		if better[s.picture] != s.layer-1 {
			continue
		}
		cost := s.cost(pictures)
		if cost > room && s.layer == 0 {
			break
		}
		if cost <= room {
			better[s.picture] = s.layer
			room -= cost
		}
	}
	return better
}

// total is what the pictures take.
func total(pictures []Picture, layers []int) (sum uint64) {
	for i, l := range layers {
		if l >= 0 {
			sum += pictures[i].Costs[l]
		}
	}
	return sum
}

// Fit gives the layers that fit, without hysteresis: the base of each picture
// in the order content, main, tiles; then content up, main up, tiles up. What
// does not fit ends it for its picture; a base that does not fit pauses every
// picture after it, so that pictures go from the tail.
func Fit(pictures []Picture, room uint64) []int {
	layers := make([]int, len(pictures))
	for i := range layers {
		layers[i] = Paused
	}
	for _, s := range steps(pictures) {
		cost := s.cost(pictures)
		if cost > room && s.layer == 0 {
			return layers
		}
		if cost <= room && layers[s.picture] == s.layer-1 {
			layers[s.picture] = s.layer
			room -= cost
		}
	}
	return layers
}

// step is a picture getting a layer.
type step struct{ picture, layer int }

// cost is what a step takes more than the layer below it.
func (s step) cost(pictures []Picture) uint64 {
	costs := pictures[s.picture].Costs
	if s.layer == 0 {
		return costs[0]
	}
	return costs[s.layer] - min(costs[s.layer], costs[s.layer-1])
}

// steps lists every step in the order of importance.
func steps(pictures []Picture) (all []step) {
	add := func(role Role, layer func(step) bool) {
		for i, p := range pictures {
			for l := range p.Costs {
				if s := (step{i, l}); p.Role == role && layer(s) {
					all = append(all, s)
				}
			}
		}
	}
	for role := Content; role <= Tile; role++ {
		add(role, func(s step) bool { return s.layer == 0 })
	}
	for role := Content; role <= Tile; role++ {
		most := 0
		for _, p := range pictures {
			most = max(most, len(p.Costs))
		}
		for l := 1; l < most; l++ { // all tiles a half before one is full
			add(role, func(s step) bool { return s.layer == l })
		}
	}
	return all
}
