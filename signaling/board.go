package signaling

import (
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// board is one state of a meeting as clients read it: what does not depend on
// who reads is worked out and encoded once, however many sessions there are.
type board struct {
	state  *meeting.Snapshot
	plan   *meeting.Plan
	points map[meeting.PointID]*meeting.PointState
	cards  func(meeting.PointID) *wire.CardView

	speech  map[meeting.PointID]*meeting.Request // live requests of each floor
	content map[meeting.PointID]*meeting.Request
	place   map[meeting.PointID]int         // in the speech queue, from 1
	running map[meeting.PointID]meeting.Seq // open incidents

	rows      map[meeting.PointID]json.RawMessage // as rooms and the chair know them
	deskRows  map[meeting.PointID]json.RawMessage // as controllers and operators do
	meeting   json.RawMessage
	holders   json.RawMessage                   // the floor as rooms know it
	floor     json.RawMessage                   // and whole
	pictures  map[*meeting.View]json.RawMessage // without anybody's own tile
	tileViews map[*meeting.View]*wire.PictureView
	common    [sections]json.RawMessage // sections that are the same for all who have them
}

const boardsKept = 64

// boards holds the newest board of each live meeting.
type boards struct {
	cards func(meeting.PointID) *wire.CardView
	above string // the node above, "" for none
	log   *slog.Logger

	mu     sync.Mutex
	newest map[meeting.ID]*boardEntry
}

type boardEntry struct {
	update *focus.Update
	make   func() *board // once
}

func newBoards(cards func(meeting.PointID) *wire.CardView, above string, log *slog.Logger) *boards {
	return &boards{cards: cards, above: above, log: log, newest: map[meeting.ID]*boardEntry{}}
}

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
	e := &boardEntry{update: update, make: sync.OnceValue(func() *board { return b.draw(update) })}
	b.newest[id] = e
	return e
}

// draw makes a board. One that cannot be made is none, for every session of the
// meeting: what breaks is said once, and nobody's session ends for it.
func (b *boards) draw(update *focus.Update) (made *board) {
	guard.Scope{Name: "board", Log: b.log}.Run(func() { made = newBoard(update, b.cards, b.above) })
	return made
}

func newBoard(update *focus.Update, cards func(meeting.PointID) *wire.CardView, above string) *board {
	b := &board{
		state:     &update.State,
		plan:      update.Plan,
		cards:     cards,
		points:    map[meeting.PointID]*meeting.PointState{},
		speech:    map[meeting.PointID]*meeting.Request{},
		content:   map[meeting.PointID]*meeting.Request{},
		place:     map[meeting.PointID]int{},
		running:   map[meeting.PointID]meeting.Seq{},
		rows:      map[meeting.PointID]json.RawMessage{},
		deskRows:  map[meeting.PointID]json.RawMessage{},
		pictures:  map[*meeting.View]json.RawMessage{},
		tileViews: map[*meeting.View]*wire.PictureView{},
	}
	for i := range b.state.Points {
		p := &b.state.Points[i]
		b.points[p.ID] = p
	}
	b.readRequests()
	b.readIncidents()
	for id, p := range b.points {
		row := b.row(p)
		b.rows[id] = mustJSON(row)
		b.deskRow(&row, p)
		b.deskRows[id] = mustJSON(row)
	}
	view := b.meetingView()
	view.UnwrittenSinceMs = millis(update.Unwritten)
	if update.Severed {
		view.Above = above
	}
	b.meeting = mustJSON(view)
	b.floor, b.holders = mustJSON(b.floorView(true)), mustJSON(b.floorView(false))
	for _, v := range b.plan.Views {
		b.draw(v)
	}
	if b.plan.Speaker != nil {
		b.draw(b.plan.Speaker)
	}
	b.encodeCommon()
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

func (b *board) readIncidents() {
	for _, i := range b.state.Incidents {
		if i.ClosedAt.IsZero() {
			b.running[i.Point] = i.ID
		}
	}
}

func (b *board) meetingView() wire.MeetingView {
	s := b.state
	view := wire.MeetingView{
		ID: s.ID, Title: s.Title, HostUnit: s.HostUnit, System: s.System,
		Status: wire.StatusOpen, Phase: s.Phase(),
		StartsAtMs: millis(s.StartsAt), LobbyAtMs: millis(s.LobbyAt()), DueAtMs: millis(s.DueAt()),
		StartedAtMs: millis(s.StartedAt), ClosingAtMs: millis(s.ClosingAt),
		ReleasedAtMs: millis(s.ReleasedAt), EndedAtMs: millis(s.EndedAt),
		Locked: s.Locked, ChairPoint: s.ChairPoint, Points: len(s.Points),
	}
	if !s.EndedAt.IsZero() {
		view.Status = wire.StatusEnded
	}
	for i := range s.Points {
		if s.Points[i].Presence == meeting.Present {
			view.Present++
		}
		if !s.Points[i].FinishedAt.IsZero() {
			view.Finished++
		}
	}
	return view
}

// floorView lists the live requests; those who wait, and technical checks, are
// for the chair's side only.
func (b *board) floorView(whole bool) wire.FloorView {
	view := wire.FloorView{
		Mode: b.state.Mode, Limit: b.state.Limit,
		TurnMinutes: b.state.TurnMinutes, AtZero: b.atZero(),
		ContentLocked: b.state.ContentLocked, Requests: []wire.RequestView{},
	}
	for i := range b.state.Requests {
		r := &b.state.Requests[i]
		p := b.points[r.Point]
		if p == nil || !whole && (r.State != meeting.Granted || r.Audience != "") {
			continue
		}
		row := b.requestView(r, p)
		if !whole {
			row.Note = ""
		}
		view.Requests = append(view.Requests, row)
	}
	view.Feed = b.feedView(whole)
	return view
}

// feedView is the relay source that is heard, nil if none is.
func (b *board) feedView(whole bool) *wire.FeedView {
	f := b.state.Feed
	if f.Point == "" {
		return nil
	}
	view := &wire.FeedView{Point: f.Point, OpenedAtMs: millis(f.OpenedAt)}
	if whole {
		view.Who, view.Document = f.Who, f.Document
	}
	return view
}

func (b *board) requestView(r *meeting.Request, p *meeting.PointState) wire.RequestView {
	mic := b.mic(p)
	if r.Floor == meeting.FloorContent {
		mic = b.contentState(p)
	}
	return wire.RequestView{
		Point: r.Point, Floor: r.Floor, State: r.State, Mic: mic,
		AskedAtMs: millis(r.AskedAt), GrantedAtMs: millis(r.GrantedAt), EndsAtMs: millis(r.EndsAt),
		ByDirection: r.By == meeting.RoleController, Check: r.Audience != "",
		Delegate: r.Delegate, Subject: r.Subject, Note: r.Note, Deferred: r.Deferred, SoundOff: r.SoundOff,
	}
}

// atZero is what the end of a turn does; it warns until somebody decides.
func (b *board) atZero() meeting.AtZero {
	if b.state.AtZero == "" {
		return meeting.ZeroWarn
	}
	return b.state.AtZero
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
	case b.state.Feed.Point == p.ID:
		return b.state.Feed.OpenedAt
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

// millis is a time as the wire has it, 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
