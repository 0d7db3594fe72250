package signaling

import (
	"encoding/json"
	"slices"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// shown is the view the client is shown: its point's, everyone's, or on the
// chair's tablet who speaks.
func (s *session) shown(plan *meeting.Plan) *meeting.View {
	if s.screen != nil {
		return s.screen.View(plan, s.roleView(plan))
	}
	return s.roleView(plan)
}

func (s *session) roleView(plan *meeting.Plan) *meeting.View {
	switch {
	case s.who.Role == meeting.RoleRoom:
		return plan.View(s.who.Point)
	case s.who.Role == meeting.RoleChair && plan.Speaker != nil:
		return plan.Speaker
	}
	return plan.View("")
}

// picture is what the client is shown. A room's own camera is drawn from the
// local capture: it never comes back to it. What this client cannot decode,
// cannot begin, or has no room for on its line, is said on its tile.
func (s *session) picture(b *board, shown *meeting.View) json.RawMessage {
	own := meeting.SourceKey{Point: s.who.Point, Kind: meeting.Camera}
	drawn, whole := b.tileViews[shown]
	if !whole { // a screen's part of a view
		drawn = b.picture(shown)
	}
	unseen := s.media.unseen()
	hasOwn := s.who.Role == meeting.RoleRoom && slices.Contains(shown.Tiles, own)
	if !hasOwn && len(unseen) == 0 {
		if whole {
			return b.pictures[shown]
		}
		return mustJSON(drawn)
	}
	view := *drawn
	view.Tiles = slices.Clone(view.Tiles)
	for i := range view.Tiles {
		tile := &view.Tiles[i]
		tile.Own = hasOwn && tile.Source == own
		if tile.Note == "" && !tile.Own {
			tile.Note = unseen[tile.Source]
		}
	}
	return mustJSON(view)
}

// picture puts captions to a view's tiles. They are the server's: a point
// cannot write its own name over another's.
func (b *board) picture(v *meeting.View) *wire.PictureView {
	view := &wire.PictureView{Layout: v.Layout, Tiles: make([]wire.TileView, len(v.Tiles))}
	for i, source := range v.Tiles {
		view.Tiles[i] = b.tile(source)
	}
	return view
}

func (b *board) tile(source meeting.SourceKey) wire.TileView {
	p := b.points[source.Point]
	if p == nil {
		return wire.TileView{Source: source}
	}
	return wire.TileView{
		Source: source, Name: p.Name, Parent: p.Parent,
		Note: note(p, source.Kind), Sim: p.Simulated, Mic: b.mic(p),
	}
}

// note says why a tile has no moving picture.
func note(p *meeting.PointState, kind meeting.Kind) string {
	switch {
	case p.Presence == meeting.Absent:
		return wire.NoteAbsent
	case p.Presence == meeting.Lost:
		return wire.NoteLost
	case p.CameraOff && kind == meeting.Camera:
		return wire.NoteCameraOff
	}
	return ""
}
