package signaling

import (
	"slices"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// families are the layouts from small to large; a smaller one of the same
// family is the reduced form of a larger.
var families = [][]meeting.LayoutKind{
	{meeting.Layout1, meeting.Layout2x2, meeting.Layout3x3, meeting.Layout4x4, meeting.Layout5x5},
	{meeting.Layout1, meeting.Layout1p1, meeting.Layout1p5, meeting.Layout1p7, meeting.Layout1p12},
	{meeting.LayoutContent1, meeting.LayoutContentStrip},
}

// capacity lists the layouts with more tiles than some room of the meeting
// decodes pictures, as each page measured it: how many rooms, and the largest
// of its kind they all show whole.
func (s *Server) capacity(f *focus.Focus) []wire.CapacityView {
	var tiles []int
	s.eachIn(f, func(each *session) {
		if each.who.Role == meeting.RoleRoom && each.seated.Load() {
			tiles = append(tiles, each.maxTiles)
		}
	})
	list := []wire.CapacityView{}
	if len(tiles) == 0 {
		return list
	}
	fewest := slices.Min(tiles)
	for _, family := range families {
		instead := meeting.LayoutKind("")
		for _, kind := range family {
			if kind.Tiles() <= fewest {
				instead = kind
				continue
			}
			short := 0
			for _, n := range tiles {
				if n < kind.Tiles() {
					short++
				}
			}
			list = append(list, wire.CapacityView{Layout: kind, Rooms: short, Instead: instead})
		}
	}
	return list
}

// controllers are the names of the controllers signed in to a meeting, in order.
func (s *Server) controllers(f *focus.Focus) []string {
	names := []string{}
	s.eachIn(f, func(each *session) {
		if each.who.Role == meeting.RoleController {
			names = append(names, each.who.Name)
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// eachIn calls use with every session that belongs to a meeting.
func (s *Server) eachIn(f *focus.Focus, use func(*session)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, each := range s.sessions {
		if f != nil && each.called.Load() == f {
			use(each)
		}
	}
}
