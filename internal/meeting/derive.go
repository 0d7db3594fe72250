package meeting

import "slices"

// Plan derives what the state means for media. The same state gives an equal
// plan on every node.
func (m *Meeting) Plan() *Plan {
	plan := &Plan{
		Seq:   m.s.Seq,
		Open:  make(map[SourceKey]Tag, len(m.s.Points)+Voices),
		Views: make(map[Audience]*View, len(m.s.Layouts)+Voices),
		Roles: map[PointID]Audience{},
	}
	if m.s.Seq == 0 || !m.s.EndedAt.IsZero() {
		plan.Views[AudienceAll] = m.blank()
		return plan
	}
	m.assignRoles(plan.Roles)
	m.openGates(plan.Open)
	m.drawViews(plan)
	m.mixMinus(plan)
	return plan
}

// assignRoles says which audience's view each point is shown, if not its own or
// everyone's.
func (m *Meeting) assignRoles(roles map[PointID]Audience) {
	roles[m.s.ChairPoint] = AudienceChair
	grouped := false
	for a := range m.s.Layouts {
		grouped = grouped || a.group()
	}
	for i := 0; grouped && i < len(m.s.Points); i++ {
		p := &m.s.Points[i]
		_, chair := m.s.Layouts[AudienceChair]
		_, tier := m.s.Layouts[AudienceTier(p.Tier)]
		_, system := m.s.Layouts[AudienceSystem(p.System)]
		switch {
		case chair && m.isChair(p.ID):
		case tier:
			roles[p.ID] = AudienceTier(p.Tier)
		case system:
			roles[p.ID] = AudienceSystem(p.System)
		}
	}
}

// openGates fills in every permitted source. A microphone is permitted when
// its point is granted the floor, is present, and has switched it on, a relay
// source's when an order opened it; a camera
// when its point is present, has not switched it off, and is not one that a
// relay only lets receive; content when its point is granted the content floor
// and is present. Each is permitted for the point's present media session alone.
func (m *Meeting) openGates(open map[SourceKey]Tag) {
	for i := range m.s.Points {
		p := &m.s.Points[i]
		if p.Presence == Present && !p.CameraOff && !m.receives(p) {
			open[SourceKey{Point: p.ID, Kind: Camera}] = Tag{Since: max(p.HereSince, p.CameraSince), Media: p.Media}
		}
	}
	if f := m.s.Feed; f.Point != "" {
		open[SourceKey{Point: f.Point, Kind: Microphone}] = Tag{Since: f.Since, Media: m.point(f.Point).Media}
	}
	for i := range m.s.Requests {
		r := &m.s.Requests[i]
		p := m.point(r.Point)
		switch {
		case r.State != Granted || p.Presence != Present:
		case r.Floor == FloorContent:
			open[SourceKey{Point: p.ID, Kind: Content}] = Tag{Since: max(p.HereSince, r.Seq), Media: p.Media}
			if !r.SoundOff {
				open[SourceKey{Point: p.ID, Kind: ContentSound}] = Tag{Since: max(r.Seq, r.SoundSince), Media: p.Media}
			}
		case p.SwitchedOn:
			open[SourceKey{Point: p.ID, Kind: Microphone}] = Tag{Since: p.OpenSince, Media: p.Media}
		}
	}
}

// viewKey is the beginning of a view's picture, to find equal views by.
type viewKey struct {
	layout        LayoutKind
	first, second SourceKey
	private       bool
}

// studio draws views: what the bindings stand for now, and the views drawn.
type studio struct {
	chair, speaker, content SourceKey
	previous, rotated       SourceKey
	voices                  [Voices]SourceKey // what everyone hears
	private                 [Voices]SourceKey // and what controllers hear besides
	drawn                   map[viewKey][]*View
}

// drawViews draws every audience's view, and one of its own for a room that
// would see nothing but itself.
func (m *Meeting) drawViews(plan *Plan) {
	s := m.studio()
	for audience, layout := range m.s.Layouts {
		plan.Views[audience] = s.draw(layout)
	}
	if s.private != s.voices {
		plan.Views[AudienceControllers] = s.drawFor(m.s.Layouts[AudienceAll], true)
	}
	plan.Speaker = s.draw(Layout{Kind: Layout1, Tiles: []Binding{{Kind: BindSpeaker}}})
	toChair := Layout{Kind: Layout1, Tiles: []Binding{{Kind: BindChair}}}
	for audience := range m.s.Layouts {
		view := plan.Views[audience]
		room := view.Tiles[0].Point
		self := view.Layout == Layout1 && view.Tiles[0].Kind == Camera && !m.isChair(room)
		if self && plan.View(room) == view {
			plan.Views[AudiencePoint(room)] = s.draw(toChair)
		}
	}
}

func (m *Meeting) studio() *studio {
	s := &studio{
		chair: SourceKey{Point: m.s.ChairPoint, Kind: Camera},
		drawn: make(map[viewKey][]*View, len(m.s.Layouts)),
	}
	s.speaker = s.chair
	for _, r := range m.s.Requests {
		if r.State != Granted || m.point(r.Point).Presence != Present {
			continue
		}
		switch {
		case r.Floor == FloorContent:
			s.content = SourceKey{Point: r.Point, Kind: Content}
		case !m.isChair(r.Point) && r.Audience == "":
			s.speaker = SourceKey{Point: r.Point, Kind: Camera} // the newest comes last
		}
	}
	if p := m.s.Previous; p != "" && p != s.speaker.Point {
		s.previous = SourceKey{Point: p, Kind: Camera}
	}
	if p := m.rotated(); p != "" {
		s.rotated = SourceKey{Point: p, Kind: Camera}
	}
	for i, v := range m.s.Voices {
		s.voices[i], s.private[i] = v.Source, v.Source
	}
	for _, r := range m.checks() {
		s.voices[r.Voice] = SourceKey{}
	}
	return s
}

// draw returns the layout's view for those who hear what everyone hears.
func (s *studio) draw(l Layout) *View { return s.drawFor(l, false) }

// drawFor returns the layout's view, the one already drawn if it is equal.
func (s *studio) drawFor(l Layout, private bool) *View {
	var scratch [maxTiles]SourceKey
	tiles := scratch[:len(l.Tiles)]
	for i, b := range l.Tiles {
		tiles[i] = s.source(b)
	}
	key := viewKey{layout: l.Kind, first: tiles[0], second: scratch[1], private: private}
	for _, view := range s.drawn[key] {
		if slices.Equal(view.Tiles, tiles) {
			return view
		}
	}
	view := &View{Layout: l.Kind, Tiles: slices.Clone(tiles), Voices: s.voices}
	if private {
		view.Voices = s.private
	}
	s.drawn[key] = append(s.drawn[key], view)
	return view
}

// source is what a binding stands for; the zero value is a blank tile.
func (s *studio) source(b Binding) SourceKey {
	switch b.Kind {
	case BindPoint:
		return SourceKey{Point: b.Point, Kind: Camera}
	case BindSpeaker:
		return s.speaker
	case BindChair:
		return s.chair
	case BindContent:
		return s.content
	case BindPrevious:
		return s.previous
	case BindRotation:
		return s.rotated
	}
	return SourceKey{}
}

// blank is the view of a meeting that shows nothing.
func (m *Meeting) blank() *View {
	return &View{Layout: Layout1, Tiles: make([]SourceKey, Layout1.Tiles())}
}
