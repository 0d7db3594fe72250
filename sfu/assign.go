package sfu

import (
	"slices"

	"github.com/giaoban/giaoban/internal/meeting"
)

// wantedBy lists what a peer is to be shown, in the order of its view's tiles,
// then what it looks at by itself; each once. A peer that publishes for its
// point never gets that back; the chair's tablet, which does not, may.
func wantedBy(plan *meeting.Plan, cfg PeerConfig, watch []meeting.PointID) []meeting.SourceKey {
	point := cfg.Point
	var wanted []meeting.SourceKey
	add := func(k meeting.SourceKey) {
		if k.Point != "" && !(cfg.Publish && k.Point == point) && !k.Kind.Audio() && !slices.Contains(wanted, k) {
			wanted = append(wanted, k)
		}
	}
	if view := viewOf(plan, point); view != nil {
		for _, k := range view.Tiles {
			add(k)
		}
	}
	for _, p := range watch {
		add(meeting.SourceKey{Point: p, Kind: meeting.Camera})
	}
	return wanted
}

// voicesFor gives the sound for each voice slot: a voice's place in the plan
// is its place here, and nobody hears what it sends.
func voicesFor(plan *meeting.Plan, point meeting.PointID, slots int) []meeting.SourceKey {
	voices := make([]meeting.SourceKey, slots)
	if view := viewOf(plan, point); view != nil {
		for i, k := range view.Voices[:min(slots, meeting.Voices)] {
			if k.Point != "" && k.Point != point && k.Kind.Audio() {
				voices[i] = k
			}
		}
	}
	return voices
}

func viewOf(plan *meeting.Plan, point meeting.PointID) *meeting.View {
	if plan == nil {
		return nil
	}
	return plan.View(point)
}

// assign gives each wanted source a slot of the pool. One that is still wanted
// keeps its slot. A new one takes, first, the slot of what stood in its place
// before, so that the picture there changes without going black; then any slot
// no longer needed; then a blank one. What finds no slot is not shown.
func assign(slots, before, wanted []meeting.SourceKey) []meeting.SourceKey {
	next := make([]meeting.SourceKey, len(slots))
	for i, k := range slots {
		if k.Point != "" && slices.Contains(wanted, k) {
			next[i] = k
		}
	}
	free := func(i int) bool { return i >= 0 && next[i].Point == "" }
	for place, k := range wanted {
		if slices.Contains(next, k) || place >= len(before) {
			continue
		}
		if i := slices.Index(slots, before[place]); free(i) {
			next[i] = k
		}
	}
	for _, k := range wanted {
		if slices.Contains(next, k) {
			continue
		}
		i := slices.IndexFunc(indices(len(next)), func(i int) bool { return free(i) && slots[i].Point != "" })
		if i < 0 {
			i = slices.IndexFunc(next, func(k meeting.SourceKey) bool { return k.Point == "" })
		}
		if i >= 0 {
			next[i] = k
		}
	}
	return next
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// rankIn is the size a source is shown at: that of its tile in the layout, the
// smallest for a private look.
func rankIn(view *meeting.View, k meeting.SourceKey) rank {
	if view == nil {
		return rankQuarter
	}
	place := slices.Index(view.Tiles, k)
	if place < 0 {
		return rankQuarter
	}
	switch view.Layout {
	case meeting.Layout3x3:
		return rankQuarter
	case meeting.Layout2x2:
		return rankHalf
	case meeting.Layout1p5:
		if place > 0 {
			return rankQuarter
		}
	case meeting.LayoutContent1:
		if place > 0 {
			return rankHalf
		}
	}
	return rankFull
}
