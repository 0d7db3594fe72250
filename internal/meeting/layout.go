package meeting

import (
	"slices"
	"strings"
)

// LayoutKind names an arrangement of tiles; tile 0 is the largest.
type LayoutKind string

// The arrangements and, in layoutTiles, how many tiles each has.
const (
	Layout1            LayoutKind = "1"
	Layout1p1          LayoutKind = "1+1"
	Layout2x2          LayoutKind = "2x2"
	Layout3x3          LayoutKind = "3x3"
	Layout1p5          LayoutKind = "1+5"
	LayoutContent1     LayoutKind = "content+1"
	Layout1p7          LayoutKind = "1+7"
	Layout1p12         LayoutKind = "1+12"
	Layout4x4          LayoutKind = "4x4"
	Layout5x5          LayoutKind = "5x5"
	LayoutContentStrip LayoutKind = "content+strip" // content, and five in a row
)

// maxTiles is the most tiles an arrangement has.
const maxTiles = 25

var layoutTiles = map[LayoutKind]int{
	Layout1: 1, Layout1p1: 2, Layout2x2: 4, Layout3x3: 9, Layout1p5: 6, LayoutContent1: 2,
	Layout1p7: 8, Layout1p12: 13, Layout4x4: 16, Layout5x5: 25, LayoutContentStrip: 6,
}

// Tiles is how many tiles the arrangement has, 0 if it is unknown.
func (k LayoutKind) Tiles() int { return layoutTiles[k] }

// BindingKind says what a tile follows.
type BindingKind string

// What a tile can be bound to.
const (
	BindBlank    BindingKind = "blank"
	BindPoint    BindingKind = "point"
	BindSpeaker  BindingKind = "speaker" // the newest holder, else the chair point
	BindChair    BindingKind = "chair"
	BindContent  BindingKind = "content"
	BindPrevious BindingKind = "previous" // who had the floor before the speaker
	BindRotation BindingKind = "rotation" // points in turn
)

// Binding is what one tile shows. Point is set for BindPoint only.
type Binding struct {
	Kind  BindingKind `json:"kind"`
	Point PointID     `json:"point,omitempty"`
}

// Layout is an arrangement with a binding for each of its tiles.
type Layout struct {
	Kind  LayoutKind `json:"kind"`
	Tiles []Binding  `json:"tiles"`
}

// check judges a layout; known tells the points of the meeting.
func (l Layout) check(known func(PointID) bool) error {
	if l.Kind.Tiles() == 0 {
		return refuse(CodeLayoutInvalid, "field", "kind")
	}
	if len(l.Tiles) != l.Kind.Tiles() {
		return refuse(CodeLayoutInvalid, "field", "tiles", "want", l.Kind.Tiles())
	}
	for i, b := range l.Tiles {
		switch b.Kind {
		case BindPoint:
			if !known(b.Point) {
				return unknownPoint(b.Point)
			}
		case BindBlank, BindSpeaker, BindChair, BindContent, BindPrevious, BindRotation:
			if b.Point != "" {
				return refuse(CodeLayoutInvalid, "field", "point", "tile", i+1)
			}
		default:
			return refuse(CodeLayoutInvalid, "field", "binding", "tile", i+1)
		}
	}
	return nil
}

func (m *Meeting) knows(p PointID) bool { return m.point(p) != nil }

// hasAudience reports whether the audience is one of this meeting.
func (m *Meeting) hasAudience(a Audience) bool {
	point, one := strings.CutPrefix(string(a), audiencePoint)
	return a == AudienceAll || a == AudienceChair || one && m.knows(PointID(point)) || a.group() && m.hasGroup(a)
}

// hasGroup reports whether some point is of the tier or system.
func (m *Meeting) hasGroup(a Audience) bool {
	return slices.ContainsFunc(m.s.Points, func(p PointState) bool {
		return p.Tier != "" && AudienceTier(p.Tier) == a || p.System != "" && AudienceSystem(p.System) == a
	})
}

// setLayout judges a take (Lên hình, Art 9.1.a).
func (m *Meeting) setLayout(c SetLayout) ([]Fact, error) {
	if !m.hasAudience(c.Audience) {
		return nil, refuse(CodeLayoutInvalid, "field", "audience")
	}
	if err := c.Layout.check(m.knows); err != nil {
		return nil, err
	}
	if current, ok := m.s.Layouts[c.Audience]; ok && current.equal(c.Layout) {
		return nil, nil
	}
	return []Fact{LayoutSet{Audience: c.Audience, Layout: c.Layout.clone()}}, nil
}

// clearLayout judges the return of an audience to everyone's picture.
func (m *Meeting) clearLayout(c ClearLayout) ([]Fact, error) {
	if c.Audience == AudienceAll || !m.hasAudience(c.Audience) {
		return nil, refuse(CodeLayoutInvalid, "field", "audience")
	}
	if _, ok := m.s.Layouts[c.Audience]; !ok {
		return nil, nil
	}
	return []Fact{LayoutCleared{Audience: c.Audience}}, nil
}

// show puts a point that is given the floor on everyone's main tile, the first
// that is not content's, by letting it follow the speaker. It changes nothing
// if some tile does so already, or the main tile is the point's.
func (m *Meeting) show(p PointID) []Fact {
	l := m.s.Layouts[AudienceAll]
	if slices.Contains(l.Tiles, Binding{Kind: BindSpeaker}) {
		return nil
	}
	main := slices.IndexFunc(l.Tiles, func(b Binding) bool { return b.Kind != BindContent })
	main = max(main, 0)
	bound := Binding{Kind: BindPoint, Point: p}
	if l.Tiles[main] == bound {
		return nil
	}
	l = l.clone()
	if other := slices.Index(l.Tiles, bound); other >= 0 {
		l.Tiles[other] = l.Tiles[main] // nobody is shown twice
	}
	l.Tiles[main] = Binding{Kind: BindSpeaker}
	return []Fact{LayoutSet{Audience: AudienceAll, Layout: l}}
}

func (l Layout) equal(o Layout) bool { return l.Kind == o.Kind && slices.Equal(l.Tiles, o.Tiles) }

func (l Layout) clone() Layout { return Layout{Kind: l.Kind, Tiles: slices.Clone(l.Tiles)} }

func (m *Meeting) applyLayout(e Event, f LayoutSet) error {
	if !m.hasAudience(f.Audience) {
		return errIllegal
	}
	if err := f.Layout.check(m.knows); err != nil {
		return err
	}
	m.keepBefore(f.Audience)
	m.s.Layouts[f.Audience] = f.Layout.clone()
	m.s.LayoutSeqs[f.Audience] = e.Seq
	return nil
}

func (m *Meeting) applyLayoutCleared(f LayoutCleared) error {
	if _, ok := m.s.Layouts[f.Audience]; !ok || f.Audience == AudienceAll {
		return errIllegal
	}
	m.keepBefore(f.Audience)
	delete(m.s.Layouts, f.Audience)
	delete(m.s.LayoutSeqs, f.Audience)
	return nil
}
