package signaling

import (
	"encoding/json"
	"slices"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// refresh brings the client's view to the present: a patch of what changed, or
// the whole if it has none yet. Changes that come while the socket's writer is
// behind wait and merge; the next tick looks again.
func (s *session) refresh() {
	s.follow()
	s.sit()
	b := s.srv.boards.of(s.focus)
	if s.media != nil && !s.focus.Live() {
		s.dropMedia()
	}
	if s.socket == nil || s.sent != nil && s.socket.busy() {
		return
	}
	now := s.view(b)
	if frame := now.since(s.sent); frame != nil {
		s.send(frame)
	}
	s.sent = now
}

// view is what this client may know of a board.
func (s *session) view(b *board) *page {
	if b == nil {
		return s.idle(wire.IdleView{})
	}
	p := b.points[s.who.Point]
	if s.seat == seatWaiting {
		return s.waiting(b, p != nil && p.Asking == s.device)
	}
	v := &page{seq: b.state.Seq}
	v.sections[sectionMeeting] = b.meeting
	shown := s.shown(b.plan)
	v.sections[sectionPicture] = s.picture(b, shown)
	if p != nil {
		v.sections[sectionOwn] = mustJSON(b.own(p))
	}
	if s.media != nil && s.media.known.slots != nil {
		v.sections[sectionSlots] = mustJSON(wire.SlotsView{
			Video: orEmpty(s.media.known.slots.Video), Voices: orEmpty(s.media.known.slots.Voices),
		})
	}
	switch s.who.Role {
	case meeting.RoleController:
		v.sections[sectionLayouts] = b.layouts
		fallthrough
	case meeting.RoleChair:
		v.sections[sectionFloor] = b.floor
		v.roster = b.rows
	default:
		v.sections[sectionFloor] = b.holders
		v.roster = b.shownRows(shown, p)
	}
	return v
}

// waiting is what a room sees that the meeting does not take in yet.
func (s *session) waiting(b *board, asked bool) *page {
	if s.refused == meeting.CodePointInUse {
		return s.idle(wire.IdleView{InUse: true, Asked: asked})
	}
	return s.idle(wire.IdleView{Why: s.refused, NextTitle: b.state.Title, NextAtMs: millis(b.state.StartsAt)})
}

func (s *session) idle(idle wire.IdleView) *page {
	idle.SystemName = s.srv.cfg.SystemName
	v := &page{}
	v.sections[sectionIdle] = mustJSON(idle)
	return v
}

// shown is the view the client is shown: its point's, everyone's, or on the
// chair's tablet who speaks.
func (s *session) shown(plan *meeting.Plan) *meeting.View {
	switch {
	case s.who.Role == meeting.RoleRoom:
		return plan.View(s.who.Point)
	case s.who.Role == meeting.RoleChair && plan.Speaker != nil:
		return plan.Speaker
	}
	return plan.View("")
}

// picture is what the client is shown. A room's own camera is drawn from the
// local capture: it never comes back to it.
func (s *session) picture(b *board, shown *meeting.View) json.RawMessage {
	own := meeting.SourceKey{Point: s.who.Point, Kind: meeting.Camera}
	if s.who.Role != meeting.RoleRoom || !slices.Contains(shown.Tiles, own) {
		return b.pictures[shown]
	}
	view := *b.tileViews[shown]
	view.Tiles = slices.Clone(view.Tiles)
	for i := range view.Tiles {
		view.Tiles[i].Own = view.Tiles[i].Source == own
	}
	return mustJSON(view)
}

// own is a point's view of itself.
func (b *board) own(p *meeting.PointState) wire.OwnView {
	chair := p.ID == b.state.ChairPoint
	return wire.OwnView{
		Point: p.ID, Name: p.Name, Mic: b.mic(p), Place: b.place[p.ID], SinceMs: millis(b.micSince(p)),
		CameraOff: p.CameraOff, Content: b.contentState(p), Chair: chair, Denied: p.Denied,
		MayAsk: chair || b.state.Mode != meeting.ModeChairOnly, Simulated: p.Simulated,
	}
}

// shownRows are the rows a room or observer gets: who it is shown, and itself.
func (b *board) shownRows(shown *meeting.View, own *meeting.PointState) map[meeting.PointID]json.RawMessage {
	rows := make(map[meeting.PointID]json.RawMessage, len(shown.Tiles)+1)
	for _, source := range shown.Tiles {
		if row, ok := b.rows[source.Point]; ok {
			rows[source.Point] = row
		}
	}
	if own != nil {
		rows[own.ID] = b.rows[own.ID]
	}
	return rows
}

func orEmpty(keys []meeting.SourceKey) []meeting.SourceKey {
	if keys == nil {
		return []meeting.SourceKey{}
	}
	return keys
}
