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
	if view := viewOf(plan, cfg); view != nil {
		tiles := view.Tiles
		if cfg.Door == DoorWHEP {
			tiles = tiles[:1]
		}
		for _, k := range tiles {
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
func voicesFor(plan *meeting.Plan, cfg PeerConfig, slots int) []meeting.SourceKey {
	voices := make([]meeting.SourceKey, slots)
	if view := viewOf(plan, cfg); view != nil {
		heard := view.Voices
		if cfg.Door == DoorWHEP {
			heard = leading(heard, plan.Speaker)
		}
		for i, k := range heard[:min(slots, meeting.Voices)] {
			if k.Point != "" && k.Point != cfg.Point && k.Kind.Audio() && !slices.Contains(cfg.Exclude, k.Point) {
				voices[i] = k
			}
		}
	}
	return voices
}

func viewOf(plan *meeting.Plan, cfg PeerConfig) *meeting.View {
	if plan == nil {
		return nil
	}
	if cfg.Screen != nil {
		return cfg.Screen.View(plan, roleView(plan, cfg))
	}
	return roleView(plan, cfg)
}

// roleView is what a peer is shown unless it chooses.
func roleView(plan *meeting.Plan, cfg PeerConfig) *meeting.View {
	switch {
	case cfg.Controller:
		return plan.Controllers()
	case cfg.Door == DoorWHEP:
		return plan.View("")
	case cfg.Speaker && plan.Speaker != nil:
		return plan.Speaker
	}
	return plan.View(cfg.Point)
}

// assign gives each wanted source a slot of the pool; of more than there are
// slots the first ones count. One that is still wanted keeps its slot. A new
// one takes, first, the slot of what stood in its place before, so that the
// picture there changes without going black; then any slot no longer needed;
// then a blank one.
func assign(slots, before, wanted []meeting.SourceKey) []meeting.SourceKey {
	wanted = wanted[:min(len(wanted), len(slots))]
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

// tileRanks are the sizes of the main tile of each layout and of the others; in
// one that is not here every tile is small.
var tileRanks = map[meeting.LayoutKind][2]rank{
	meeting.Layout1:            {rankFull, rankFull},
	meeting.Layout1p1:          {rankFull, rankFull},
	meeting.Layout2x2:          {rankHalf, rankHalf},
	meeting.Layout1p5:          {rankFull, rankQuarter},
	meeting.Layout1p7:          {rankFull, rankQuarter},
	meeting.Layout1p12:         {rankFull, rankQuarter},
	meeting.LayoutContent1:     {rankFull, rankHalf},
	meeting.LayoutContentStrip: {rankFull, rankQuarter},
}

// rankIn is the size a source is shown at: that of its tile in the layout, the
// smallest for a private look.
func rankIn(view *meeting.View, k meeting.SourceKey) rank {
	if view == nil {
		return rankQuarter
	}
	switch sizes := tileRanks[view.Layout]; slices.Index(view.Tiles, k) {
	case -1:
		return rankQuarter
	case 0:
		return sizes[0]
	default:
		return sizes[1]
	}
}
