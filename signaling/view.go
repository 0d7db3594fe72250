package signaling

import (
	"encoding/json"
	"slices"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// entitlement is what a role may know of a meeting. The zero value is nothing.
type entitlement struct {
	common  []section // as the board has them for everybody entitled
	roster  rosterOf
	own     bool // its own point's state, incidents and messages
	picture bool // and media
}

// rosterOf is which rows of the roster a role may know.
type rosterOf int

const (
	rosterNobody rosterOf = iota
	rosterOwn             // its own point's row
	rosterShown           // and those of the points it is shown
	rosterAll             // every row, as it would be if shown
	rosterDesk            // every row, with what controllers know
)

// entitled is the table of roles and what they see (REQUIREMENTS §4). A carrier
// sees links and incidents, never roster or media (Art 16.2). The holders of
// the floor are for everyone with a roster.
var entitled = map[meeting.Role]entitlement{
	meeting.RoleController: {common: []section{
		sectionMeeting, sectionFloor, sectionLayouts, sectionBanners, sectionMessages, sectionIncidents,
		sectionProgramme, sectionRollCall, sectionRotation, sectionSaved, sectionUndo,
	}, roster: rosterDesk, picture: true},
	meeting.RoleChair: {
		common: []section{sectionMeeting, sectionFloor, sectionProgramme, sectionRollCall},
		roster: rosterAll, own: true, picture: true,
	},
	meeting.RoleRoom:     {common: []section{sectionMeeting}, roster: rosterShown, own: true, picture: true},
	meeting.RoleFocal:    {common: []section{sectionMeeting}, roster: rosterOwn, own: true},
	meeting.RoleObserver: {common: []section{sectionMeeting}, roster: rosterShown, picture: true},
	meeting.RoleOperator: {common: []section{sectionMeeting, sectionIncidents, sectionRollCall}, roster: rosterDesk},
	meeting.RoleCarrier:  {common: []section{sectionMeeting, sectionIncidents}},
}

// refresh brings the client's view to the present: a patch of what changed, or
// the whole if it has none yet. Changes that come while the socket's writer is
// behind wait and merge; the next tick looks again.
func (s *session) refresh() {
	s.follow()
	s.sit()
	s.arrange()
	b := s.srv.boards.of(s.focus)
	if s.media != nil && !s.focus.Live() {
		s.dropMedia()
	}
	if s.socket == nil || s.sent != nil && s.socket.busy() {
		return
	}
	now := s.view(b)
	s.thick.thin(now, s.sent, s.srv.fair.table.Bytes(limit.Section))
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
		return s.waiting(b, p)
	}
	may := entitled[s.who.Role]
	v := &page{seq: b.state.Seq}
	for _, each := range may.common {
		v.sections[each] = b.common[each]
	}
	var shown *meeting.View
	if may.picture {
		shown = s.shown(b.plan)
		v.sections[sectionPicture] = s.picture(b, shown)
		v.sections[sectionSlots] = s.slots()
	}
	s.roster(v, b, may.roster, shown)
	if may.own && p != nil {
		s.ownSections(v, b, p)
	}
	if v.sections[sectionBanners] == nil && may.picture {
		v.sections[sectionBanners] = mustJSON(b.bannerViews(s.reads(b, p)))
	}
	if s.who.Role == meeting.RoleController {
		v.sections[sectionControl] = mustJSON(s.control(b))
		v.sections[sectionCapacity] = mustJSON(s.srv.capacity(s.focus))
		v.sections[sectionNodes] = s.srv.nodes.now()
	}
	return v
}

// roster fills in the rows and the floor that go with them.
func (s *session) roster(v *page, b *board, which rosterOf, shown *meeting.View) {
	p := b.points[s.who.Point]
	switch which {
	case rosterDesk:
		v.roster = b.deskRows
	case rosterAll:
		v.roster = b.rows
	case rosterShown:
		v.roster = b.shownRows(shown, p)
	case rosterOwn:
		v.roster = b.shownRows(nil, p)
	case rosterNobody:
		return
	}
	if v.sections[sectionFloor] == nil {
		v.sections[sectionFloor] = b.holders
	}
}

// ownSections fills in what a point knows of itself. The chair's tablet is no
// place for messages and incidents.
func (s *session) ownSections(v *page, b *board, p *meeting.PointState) {
	own := b.own(p)
	own.Support = s.srv.cfg.Directory.Support(b.state.ID)
	v.sections[sectionOwn] = mustJSON(own)
	if s.who.Role == meeting.RoleChair {
		return
	}
	v.sections[sectionIncidents] = mustJSON(b.incidentViews(p.ID))
	v.sections[sectionMessages] = s.messages(b, p)
}

// letters is a point's messages as last encoded, and of what.
type letters struct {
	first, last, upTo, desk meeting.Seq
	text                    json.RawMessage
}

// messages encodes a point's messages anew only if they changed.
func (s *session) messages(b *board, p *meeting.PointState) json.RawMessage {
	now := letters{upTo: p.ReadUpTo, desk: b.state.ReadUpTo, text: s.letters.text}
	if n := len(b.state.Messages); n > 0 {
		now.first, now.last = b.state.Messages[0].ID, b.state.Messages[n-1].ID
	}
	old := s.letters
	if now.text == nil || old.first != now.first || old.last != now.last || old.upTo != now.upTo || old.desk != now.desk {
		now.text = mustJSON(b.messagesOf(p))
	}
	s.letters = now
	return now.text
}

// reads tells whose banners the client reads: its point's, or everyone's.
func (s *session) reads(b *board, p *meeting.PointState) func(meeting.Audience) bool {
	return func(a meeting.Audience) bool {
		if p == nil {
			return a == meeting.AudienceAll
		}
		return b.state.Reaches(a, &p.Point)
	}
}

func (s *session) slots() json.RawMessage {
	if s.media == nil || s.media.known.slots == nil {
		return nil
	}
	return mustJSON(wire.SlotsView{
		Video: orEmpty(s.media.known.slots.Video), Voices: orEmpty(s.media.known.slots.Voices),
	})
}

// control is who holds the control token, as this controller reads it.
func (s *session) control(b *board) wire.ControlView {
	return wire.ControlView{
		Held: b.state.Controlled, Holder: b.state.Control,
		Mine:    b.state.Controlled && b.state.Control == s.who.Name,
		Present: s.srv.controllers(s.focus),
	}
}

// waiting is what a room sees that the meeting does not take in yet.
func (s *session) waiting(b *board, p *meeting.PointState) *page {
	asked := p != nil && p.Asking == s.device
	if s.refused == meeting.CodePointInUse {
		return s.idle(wire.IdleView{InUse: true, Asked: asked})
	}
	idle := wire.IdleView{
		Why: s.refused, Asked: asked, NextTitle: b.state.Title, NextHost: b.state.HostUnit,
		NextAtMs: millis(b.state.StartsAt), LobbyAtMs: millis(b.state.LobbyAt()),
	}
	if p != nil {
		idle.SummonedAtMs = millis(p.SummonedAt)
	}
	return s.idle(idle)
}

func (s *session) idle(idle wire.IdleView) *page {
	idle.SystemName = s.srv.cfg.SystemName
	v := &page{}
	v.sections[sectionIdle] = mustJSON(idle)
	return v
}

func orEmpty(keys []meeting.SourceKey) []meeting.SourceKey {
	if keys == nil {
		return []meeting.SourceKey{}
	}
	return slices.Clone(keys)
}
