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
	Stable = 4 * time.Second
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

// Allocator shares one line. Down goes at once, up only after the room for it
// has been there for a while, one step at a time.
type Allocator struct {
	current []int // layers of the pictures of the last decision
	roles   []Role
	since   time.Duration // when there was first room for the next step up
	waiting bool
}

// Decide gives the layer of each picture within a budget of bits a second, of
// which the sound takes its part first, and says when to decide again though
// nothing changes; 0 is never.
func (a *Allocator) Decide(pictures []Picture, budget, sound uint64, now time.Duration) (layers []int, next time.Duration) {
	room := budget - min(budget, sound)
	ideal := Fit(pictures, room)
	if !a.same(pictures) { // another layout is another picture: nothing to be steady about
		a.keep(pictures, ideal)
		return ideal, 0
	}
	layers = make([]int, len(pictures))
	for i := range layers {
		layers[i] = min(a.current[i], ideal[i], len(pictures[i].Costs)-1)
	}
	rising := Fit(pictures, room-room*Headroom/(100+Headroom))
	step := nextStep(pictures, layers, rising)
	switch {
	case step < 0:
		a.waiting = false
	case !a.waiting:
		a.waiting, a.since = true, now
		next = Stable
	case now-a.since < Stable:
		next = Stable - (now - a.since)
	default:
		layers[step]++
		a.since = now
		next = Stable
	}
	a.current = layers
	return slices.Clone(layers), next
}

func (a *Allocator) same(pictures []Picture) bool {
	return slices.EqualFunc(a.roles, pictures, func(r Role, p Picture) bool { return r == p.Role })
}

func (a *Allocator) keep(pictures []Picture, layers []int) {
	a.roles = a.roles[:0]
	for _, p := range pictures {
		a.roles = append(a.roles, p.Role)
	}
	a.current, a.waiting = slices.Clone(layers), false
}

// nextStep is the picture that comes first in the order of importance among
// those that may rise, -1 if none may.
func nextStep(pictures []Picture, layers, allowed []int) int {
	for _, s := range steps(pictures) {
		if layers[s.picture] < s.layer {
			if allowed[s.picture] >= s.layer && layers[s.picture] == s.layer-1 {
				return s.picture
			}
		}
	}
	return -1
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
