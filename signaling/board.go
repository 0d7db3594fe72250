package signaling

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// board is one state of a meeting as clients read it: what does not depend on
// who reads is worked out and encoded once, however many sessions there are.
type board struct {
	state  *meeting.Snapshot
	plan   *meeting.Plan
	points map[meeting.PointID]*meeting.PointState

	speech  map[meeting.PointID]*meeting.Request // live requests of each floor
	content map[meeting.PointID]*meeting.Request
	place   map[meeting.PointID]int // in the speech queue, from 1

	rows      map[meeting.PointID]json.RawMessage
	meeting   json.RawMessage
	holders   json.RawMessage // the floor as rooms know it
	floor     json.RawMessage // and whole
	layouts   json.RawMessage
	pictures  map[*meeting.View]json.RawMessage // without anybody's own tile
	tileViews map[*meeting.View]*wire.PictureView
}

const boardsKept = 64

// boards holds the newest board of each live meeting.
type boards struct {
	mu     sync.Mutex
	newest map[meeting.ID]*boardEntry
}

type boardEntry struct {
	update *focus.Update
	make   func() *board // once
}

func newBoards() *boards { return &boards{newest: map[meeting.ID]*boardEntry{}} }

// of gives the board of a meeting's current state, nil if it has none.
func (b *boards) of(f *focus.Focus) *board {
	if f == nil {
		return nil
	}
	update := f.Current()
	if update == nil {
		return nil
	}
	return b.entry(update).make()
}

func (b *boards) entry(update *focus.Update) *boardEntry {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := update.State.ID
	if e := b.newest[id]; e != nil && e.update == update {
		return e
	}
	if len(b.newest) >= boardsKept {
		clear(b.newest) // most are of meetings long over; the rest are made anew
	}
	e := &boardEntry{update: update, make: sync.OnceValue(func() *board { return newBoard(update) })}
	b.newest[id] = e
	return e
}

func newBoard(update *focus.Update) *board {
	b := &board{
		state:     &update.State,
		plan:      update.Plan,
		points:    map[meeting.PointID]*meeting.PointState{},
		speech:    map[meeting.PointID]*meeting.Request{},
		content:   map[meeting.PointID]*meeting.Request{},
		place:     map[meeting.PointID]int{},
		rows:      map[meeting.PointID]json.RawMessage{},
		pictures:  map[*meeting.View]json.RawMessage{},
		tileViews: map[*meeting.View]*wire.PictureView{},
	}
	for i := range b.state.Points {
		p := &b.state.Points[i]
		b.points[p.ID] = p
	}
	b.readRequests()
	for id, p := range b.points {
		b.rows[id] = mustJSON(b.row(p))
	}
	b.meeting = mustJSON(b.meetingView())
	b.floor, b.holders = mustJSON(b.floorView(true)), mustJSON(b.floorView(false))
	b.layouts = mustJSON(b.layoutViews())
	for _, v := range b.plan.Views {
		b.draw(v)
	}
	if b.plan.Speaker != nil {
		b.draw(b.plan.Speaker)
	}
	return b
}

// draw encodes a view's picture, once for all who are shown it.
func (b *board) draw(v *meeting.View) {
	if b.tileViews[v] == nil {
		b.tileViews[v] = b.picture(v)
		b.pictures[v] = mustJSON(b.tileViews[v])
	}
}

func (b *board) readRequests() {
	for i := range b.state.Requests {
		r := &b.state.Requests[i]
		if r.Floor == meeting.FloorContent {
			b.content[r.Point] = r
			continue
		}
		b.speech[r.Point] = r
		if r.State != meeting.Granted {
			b.place[r.Point] = len(b.place) + 1
		}
	}
}

func (b *board) meetingView() wire.MeetingView {
	view := wire.MeetingView{
		ID: b.state.ID, Title: b.state.Title, HostUnit: b.state.HostUnit, Status: wire.StatusOpen,
		StartsAtMs: millis(b.state.StartsAt), ChairPoint: b.state.ChairPoint, Points: len(b.state.Points),
	}
	if !b.state.EndedAt.IsZero() {
		view.Status = wire.StatusEnded
	}
	for _, p := range b.points {
		if p.Presence == meeting.Present {
			view.Present++
		}
	}
	return view
}

func (b *board) row(p *meeting.PointState) wire.RosterRow {
	return wire.RosterRow{
		ID: p.ID, Number: p.Number, Code: p.Code, Name: p.Name, Parent: p.Parent,
		Presence: p.Presence, SinceMs: millis(p.Since),
		Mic: b.mic(p), Place: b.place[p.ID],
		CameraOff: p.CameraOff, Content: b.contentState(p),
		Chair: p.ID == b.state.ChairPoint, Simulated: p.Simulated, Asking: p.Asking != "",
	}
}

// mic is the state of a point's microphone in one word.
func (b *board) mic(p *meeting.PointState) wire.MicState {
	open := b.plan.Permits(meeting.SourceKey{Point: p.ID, Kind: meeting.Microphone})
	state := floorState(b.speech[p.ID], open)
	if state == wire.MicInvited && p.Resumed {
		return wire.MicBack
	}
	return state
}

// contentState is the state of a point's presentation.
func (b *board) contentState(p *meeting.PointState) wire.MicState {
	return floorState(b.content[p.ID], b.plan.Permits(meeting.SourceKey{Point: p.ID, Kind: meeting.Content}))
}

func floorState(r *meeting.Request, open bool) wire.MicState {
	switch {
	case open:
		return wire.MicOn
	case r == nil:
		return wire.MicOff
	case r.State == meeting.Granted:
		return wire.MicInvited
	case r.State == meeting.Accepted:
		return wire.MicAccepted
	default:
		return wire.MicAsked
	}
}

// micSince is when a microphone came into its state.
func (b *board) micSince(p *meeting.PointState) time.Time {
	r := b.speech[p.ID]
	switch {
	case b.mic(p) == wire.MicOn:
		return p.OpenAt
	case r == nil:
		return time.Time{}
	case r.State == meeting.Granted:
		return r.GrantedAt
	default:
		return r.AskedAt
	}
}

// floorView lists the live requests; those who wait are for the chair's side only.
func (b *board) floorView(whole bool) wire.FloorView {
	view := wire.FloorView{Mode: b.state.Mode, Limit: b.state.Limit, Requests: []wire.RequestView{}}
	for _, r := range b.state.Requests {
		p := b.points[r.Point]
		if p == nil || !whole && r.State != meeting.Granted {
			continue
		}
		mic := b.mic(p)
		if r.Floor == meeting.FloorContent {
			mic = b.contentState(p)
		}
		view.Requests = append(view.Requests, wire.RequestView{
			Point: r.Point, Floor: r.Floor, State: r.State, Mic: mic,
			AskedAtMs: millis(r.AskedAt), GrantedAtMs: millis(r.GrantedAt),
			ByDirection: r.By == meeting.RoleController,
		})
	}
	return view
}

func (b *board) layoutViews() map[meeting.Audience]wire.LayoutView {
	views := make(map[meeting.Audience]wire.LayoutView, len(b.state.Layouts))
	for audience, layout := range b.state.Layouts {
		views[audience] = wire.LayoutView{Layout: layout, Seq: b.state.LayoutSeqs[audience]}
	}
	return views
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

// millis is a time as the wire has it, 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
