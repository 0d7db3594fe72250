package signaling

import (
	"encoding/json"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// row is a point as everybody may know it who is shown it.
func (b *board) row(p *meeting.PointState) wire.RosterRow {
	return wire.RosterRow{
		ID: p.ID, Number: p.Number, Code: p.Code, Name: p.Name, Parent: p.Parent,
		Presence: p.Presence, SinceMs: millis(p.Since),
		Mic: b.mic(p), Place: b.place[p.ID],
		CameraOff: p.CameraOff, Content: b.contentState(p),
		Chair: p.ID == b.state.ChairPoint, Simulated: p.Simulated, Asking: p.Asking != "",
	}
}

// deskRow adds what controllers and operators know besides.
func (b *board) deskRow(row *wire.RosterRow, p *meeting.PointState) {
	row.Tier, row.System, row.AutoOpen, row.Feed = p.Tier, p.System, p.AutoOpen, p.Feed
	row.LostWhy, row.Incident, row.Denied = p.LostWhy, b.running[p.ID], p.Denied
	row.FirstAtMs, row.Late, row.Joins = millis(p.FirstAt), b.state.Late(p), p.Joins
	row.Left, row.LeftEarly, row.Admitted = p.Left, p.LeftEarly, p.Admitted
	row.SummonedAtMs, row.FinishedAtMs = millis(p.SummonedAt), millis(p.FinishedAt)
	row.MayLeave = b.state.MayLeave(p)
	if p.Presence == meeting.Absent {
		row.LeftAtMs = millis(p.LeftAt)
	}
	row.Card, row.Checked = b.cards(p.ID), checked(p)
}

func checked(p *meeting.PointState) *wire.CheckedView {
	if p.Checked == nil {
		return nil
	}
	return &wire.CheckedView{Check: p.Checked.Check, AtMs: millis(p.Checked.At), By: p.Checked.By}
}

// own is a point's view of itself.
func (b *board) own(p *meeting.PointState) wire.OwnView {
	chair := p.ID == b.state.ChairPoint
	view := wire.OwnView{
		Point: p.ID, Name: p.Name, Presence: p.Presence,
		Mic: b.mic(p), Place: b.place[p.ID], SinceMs: millis(b.micSince(p)), Turn: b.turn(p.ID),
		CameraOff: p.CameraOff, Content: b.contentState(p), Chair: chair, Denied: p.Denied,
		MayAsk: chair || !p.Feed && b.state.Mode != meeting.ModeChairOnly, MayShow: !b.state.ContentLocked,
		MayLeave: b.state.MayLeave(p), Finished: !p.FinishedAt.IsZero(), Simulated: p.Simulated,
		Checked: checked(p),
	}
	if r := b.speech[p.ID]; r != nil {
		view.Delegate, view.Subject = r.Delegate, r.Subject
		view.EndsAtMs, view.Check = millis(r.EndsAt), r.Audience != ""
		view.Closes = !r.EndsAt.IsZero() && b.atZero() == meeting.ZeroClose
	}
	if r := b.content[p.ID]; r != nil {
		view.SoundOff = r.SoundOff
	}
	return view
}

// turn is a point's place among the entries of the programme that wait, from
// 1; 0 if none of them is its.
func (b *board) turn(p meeting.PointID) int {
	place := 0
	for _, e := range b.state.Programme {
		if e.State != meeting.EntryWaiting {
			continue
		}
		place++
		if e.Point == p {
			return place
		}
	}
	return 0
}

// shownRows are the rows a room or observer gets: who it is shown, and itself.
// A nil view shows nobody.
func (b *board) shownRows(shown *meeting.View, own *meeting.PointState) map[meeting.PointID]json.RawMessage {
	rows := map[meeting.PointID]json.RawMessage{}
	if shown != nil {
		for _, source := range shown.Tiles {
			if row, ok := b.rows[source.Point]; ok {
				rows[source.Point] = row
			}
		}
	}
	if own != nil {
		rows[own.ID] = b.rows[own.ID]
	}
	return rows
}
