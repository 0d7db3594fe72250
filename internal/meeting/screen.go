package meeting

import (
	"slices"
	"strings"
)

// Part is which part of a view a screen shows; empty is the whole.
type Part string

// The parts. A point with two screens shows the presentation on one and people
// on the other; while nothing is presented both show the whole view.
const (
	PartContent Part = "content"
	PartPeople  Part = "people"
)

// Screen is a choice of what there is to see, made by a page that shows a
// picture and sends nothing: a wall, the second screen of a room, the return to
// a central codec. It is derived from a plan; it opens nothing.
type Screen struct {
	// Audience whose view is shown; "" leaves it to the role.
	Audience Audience
	// Exclude are the points whose sound is left out (mix-minus).
	Exclude []PointID
	Part    Part
}

// IsZero reports whether the screen shows its role's view as it is.
func (s *Screen) IsZero() bool {
	return s == nil || s.Audience == "" && len(s.Exclude) == 0 && s.Part == ""
}

// Valid reports whether the screen's words are known and its points few.
func (s *Screen) Valid() bool {
	switch {
	case s.Part != "" && s.Part != PartContent && s.Part != PartPeople, len(s.Exclude) > MaxPoints:
		return false
	case s.Audience == "", s.Audience == AudienceAll, s.Audience == AudienceChair, s.Audience.group():
		return true
	}
	_, ok := s.Audience.point()
	return ok
}

// View is what the screen shows of a plan; role is what its client would see
// without a choice.
func (s *Screen) View(plan *Plan, role *View) *View {
	view := role
	if p, ok := s.Audience.point(); ok {
		view = plan.View(p)
	} else if v := plan.Views[s.Audience]; v != nil {
		view = v
	} else if s.Audience != "" {
		view = plan.View("") // an audience without a layout of its own sees everyone's
	}
	if view == nil || s.Part == "" && len(s.Exclude) == 0 {
		return view
	}
	shown := *view
	shown.cut(s.Part)
	for i, voice := range shown.Voices {
		if slices.Contains(s.Exclude, voice.Point) {
			shown.Voices[i] = SourceKey{}
		}
	}
	return &shown
}

// cut keeps one part of a view that has a presentation and something else.
func (v *View) cut(part Part) {
	isContent := func(k SourceKey) bool { return k.Kind == Content }
	isOther := func(k SourceKey) bool { return k.Kind != Content && k.Point != "" }
	if part == "" || !slices.ContainsFunc(v.Tiles, isContent) || !slices.ContainsFunc(v.Tiles, isOther) {
		return
	}
	keep := isContent
	if part == PartPeople {
		keep = isOther
	}
	v.Tiles = slices.DeleteFunc(slices.Clone(v.Tiles), func(k SourceKey) bool { return !keep(k) })
	for _, kind := range []LayoutKind{Layout1, Layout1p1, Layout2x2, Layout1p5, Layout3x3, Layout4x4, Layout5x5} {
		if v.Layout = kind; kind.Tiles() >= len(v.Tiles) {
			break
		}
	}
	v.Tiles = append(v.Tiles, make([]SourceKey, v.Layout.Tiles()-len(v.Tiles))...)
}

// point is the point an audience of one is, if it is one.
func (a Audience) point() (PointID, bool) {
	id, one := strings.CutPrefix(string(a), audiencePoint)
	return PointID(id), one && PointID(id).valid()
}
