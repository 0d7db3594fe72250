package operator

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/wire"
)

// schedule lists the meetings of the caller's systems, the one that starts
// last before the others.
func (s *Server) schedule(q *request) (any, error) {
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(q.Context())
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rows, func(r wire.MeetingRow) bool { return !q.who.within(b, r.System) }), nil
}

// rows are all meetings, as the journals have them.
func (s *Server) rows(ctx context.Context) ([]wire.MeetingRow, error) {
	ids, err := s.cfg.Journal.Meetings(ctx)
	if err != nil {
		return nil, err
	}
	rows := []wire.MeetingRow{}
	for _, id := range ids {
		row, err := s.row(ctx, id)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b wire.MeetingRow) int {
		if a.StartsAtMs != b.StartsAtMs {
			return int(min(max(b.StartsAtMs-a.StartsAtMs, -1), 1))
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return rows, nil
}

// row is one meeting: live, or folded once from its log if it is over.
func (s *Server) row(ctx context.Context, id meeting.ID) (wire.MeetingRow, error) {
	if f := s.cfg.Meetings.Get(id); f != nil {
		if now := f.Current(); now != nil {
			return rowOf(&now.State), nil
		}
	}
	s.mu.Lock()
	row, known := s.ended[id]
	s.mu.Unlock()
	if known {
		return row, nil
	}
	if row, known = s.kept(ctx, id); !known {
		state, err := s.folded(ctx, id)
		if errors.Is(err, store.ErrDamaged) {
			return wire.MeetingRow{ID: id, Title: string(id), Damaged: true}, nil // the others are listed
		}
		if err != nil {
			return row, err
		}
		row = rowOf(&state)
		s.keep(ctx, row)
	}
	if row.Phase == meeting.PhaseEnded {
		s.mu.Lock()
		s.ended[id] = row
		s.mu.Unlock()
		return row, nil
	}
	why, err := store.IsShut(ctx, s.cfg.Docs, id)
	row.Imported = why == store.WhyImported
	return row, err
}

// folded is the state that a log leads to.
func (s *Server) folded(ctx context.Context, id meeting.ID) (meeting.Snapshot, error) {
	m := meeting.New(id)
	for e, err := range s.cfg.Journal.Read(ctx, id, 0) {
		if err != nil {
			return meeting.Snapshot{}, fmt.Errorf("read meeting %q: %w", id, err)
		}
		if err := m.Apply(e); err != nil {
			return meeting.Snapshot{}, fmt.Errorf("fold meeting %q: %w: %w", id, store.ErrDamaged, err)
		}
	}
	return m.Snapshot(), nil
}

// rowPrefix begins the keys of the rows of ended meetings. They are a cache, so
// that a list of all that were ever held folds none of them.
const rowPrefix = "row/"

// kept is the row of an ended meeting, if it was folded before.
func (s *Server) kept(ctx context.Context, id meeting.ID) (row wire.MeetingRow, known bool) {
	body, rev, err := s.cfg.Docs.Get(ctx, rowPrefix+string(id))
	known = err == nil && rev > 0 && wire.Decode(body, &row) == nil && row.ID == id && row.Phase == meeting.PhaseEnded
	return row, known
}

// keep puts the row of an ended meeting away. If it fails, it is folded again.
func (s *Server) keep(ctx context.Context, row wire.MeetingRow) {
	if row.Phase != meeting.PhaseEnded {
		return
	}
	body, err := json.Marshal(row)
	if err != nil {
		return
	}
	_, rev, err := s.cfg.Docs.Get(ctx, rowPrefix+string(row.ID))
	if err == nil {
		_, _ = s.cfg.Docs.Put(ctx, rowPrefix+string(row.ID), body, rev)
	}
}

func rowOf(state *meeting.Snapshot) wire.MeetingRow {
	row := wire.MeetingRow{
		ID: state.ID, Title: state.Title, HostUnit: state.HostUnit, System: state.System, Phase: state.Phase(),
		StartsAtMs: millis(state.StartsAt), StartedAtMs: millis(state.StartedAt), EndedAtMs: millis(state.EndedAt),
		ChairPoint: state.ChairPoint, Points: len(state.Points),
	}
	if row.Phase == meeting.PhaseWaiting {
		row.LobbyAtMs = millis(state.StartsAt.Add(-time.Duration(state.LobbyMinutes) * time.Minute))
	}
	for _, p := range state.Points {
		if p.Presence == meeting.Present {
			row.Present++
		}
	}
	return row
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// create holds a meeting: from five fields, a template, or an earlier one.
func (s *Server) create(q *request) (any, error) {
	form, err := read[wire.OrderForm](q)
	if err != nil {
		return nil, err
	}
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	if form, err = s.filled(q.Context(), b, form); err != nil {
		return nil, err
	}
	if b.System(form.System) == nil {
		return nil, refuse(catalog.CodeSystemUnknown, "system", form.System)
	}
	if !q.who.within(b, form.System) {
		return nil, refuse(meeting.CodeRights)
	}
	command, borrowed, err := b.Call(s.order(form))
	if err != nil {
		return nil, err
	}
	f, err := s.hold(q, command)
	if err != nil {
		return nil, err
	}
	q.target = string(f.ID())
	if len(borrowed) > 0 {
		q.note = fmt.Sprintf("borrows %d: %s", len(borrowed), form.Reason)
		if err := s.override(q, form, f.ID(), borrowed); err != nil {
			return nil, err
		}
	}
	state := f.Current().State
	return rowOf(&state), nil
}

// order turns a form into an order.
func (s *Server) order(form wire.OrderForm) catalog.Order {
	o := catalog.Order{
		Title: form.Title, HostUnit: form.HostUnit, System: form.System, ChairPoint: form.ChairPoint, Below: form.Below,
		Points: form.Points, LobbyMinutes: form.LobbyMinutes, ReadmitByClick: form.ReadmitByClick, Reason: form.Reason,
	}
	if form.StartsAtMs > 0 {
		o.StartsAt = time.UnixMilli(form.StartsAtMs).UTC()
	}
	switch {
	case form.LobbyMinutes == 0:
		o.LobbyMinutes = s.cfg.Lobby
	case form.LobbyMinutes < 0:
		o.LobbyMinutes = 0
	}
	return o
}

// idTries bounds the meetings of one system that start in the same minute.
const idTries = 20

// hold creates the meeting under an id people can read: its system and its hour.
func (s *Server) hold(q *request, c meeting.CreateMeeting) (*focus.Focus, error) {
	base := c.System + "-" + c.StartsAt.In(q.zone()).Format("20060102-1504")
	for n := 1; n <= idTries; n++ {
		id := meeting.ID(base)
		if n > 1 {
			id = meeting.ID(fmt.Sprintf("%s-%d", base, n))
		}
		f, err := s.cfg.Meetings.Create(q.Context(), id, q.who.actor(), c)
		if !errors.Is(err, focus.ErrExists) {
			return f, err
		}
	}
	return nil, focus.ErrExists
}

// zone is where the meetings are held: Vietnam has one time and no summer.
func (q *request) zone() *time.Location { return time.FixedZone("ICT", 7*60*60) }

// override puts on record that points were borrowed on the operator's word.
func (s *Server) override(q *request, form wire.OrderForm, id meeting.ID, borrowed []meeting.PointID) error {
	return s.change(q.Context(), func(b *catalog.Book) error {
		for _, p := range borrowed {
			b.Consents = append(b.Consents, catalog.Consent{
				ID: strings.ToLower(rand.Text()[:12]), Point: p, System: form.System, Meeting: id, By: q.who.name,
				Date: s.cfg.Now().In(q.zone()).Format(time.DateOnly), Decision: catalog.Override, Reason: form.Reason,
			})
		}
		return nil
	})
}

// filled takes what a form leaves out from what it names.
func (s *Server) filled(ctx context.Context, b *catalog.Book, form wire.OrderForm) (wire.OrderForm, error) {
	kind, id, _ := strings.Cut(form.From, ":")
	var base wire.OrderForm
	switch kind {
	case "":
		return form, nil
	case "template":
		t := b.Template(id)
		if t == nil {
			return form, refuse(catalog.CodeTemplateUnknown)
		}
		base = templateOrder(*t)
	case "last", "meeting":
		rows, err := s.rows(ctx)
		if err != nil {
			return form, err
		}
		i := slices.IndexFunc(rows, func(r wire.MeetingRow) bool {
			return kind == "meeting" && string(r.ID) == id || kind == "last" && (form.System == "" || r.System == form.System)
		})
		if i < 0 {
			return form, refuse(meeting.CodeMeetingUnknown)
		}
		if base, err = s.orderFrom(ctx, rows[i].ID); err != nil {
			return form, err
		}
	default:
		return form, refuse(catalog.CodeFieldInvalid, "field", "from")
	}
	fill(&form.Title, base.Title)
	fill(&form.HostUnit, base.HostUnit)
	fill(&form.System, base.System)
	fill(&form.ChairPoint, base.ChairPoint)
	fill(&form.LobbyMinutes, base.LobbyMinutes)
	fill(&form.ReadmitByClick, base.ReadmitByClick)
	if len(form.Points) == 0 && !form.Below && form.System == base.System {
		form.Points = base.Points
		form.Below = base.Below || b.CalledByOrder(base.System, base.Points)
	}
	return form, nil
}

func fill[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// orderFrom is the order that would hold a meeting again.
func (s *Server) orderFrom(ctx context.Context, id meeting.ID) (wire.OrderForm, error) {
	for e, err := range s.cfg.Journal.Read(ctx, id, 0) {
		if err != nil {
			return wire.OrderForm{}, err
		}
		created, ok := e.Fact.(meeting.MeetingCreated)
		if !ok {
			break
		}
		form := wire.OrderForm{
			Title: created.Title, HostUnit: created.HostUnit, System: created.System, ChairPoint: created.ChairPoint,
			LobbyMinutes: created.LobbyMinutes, ReadmitByClick: created.ReadmitByClick,
		}
		if form.LobbyMinutes == 0 {
			form.LobbyMinutes = -1
		}
		for _, p := range created.Points {
			form.Points = append(form.Points, p.ID)
		}
		return form, nil
	}
	return wire.OrderForm{}, refuse(meeting.CodeMeetingUnknown)
}

// orderOf lets the page fill its form in from a meeting, or from "last".
func (s *Server) orderOf(q *request) (any, error) {
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	from := "meeting:" + q.PathValue("id")
	if q.PathValue("id") == "last" {
		from = "last"
	}
	form, err := s.filled(q.Context(), b, wire.OrderForm{From: from, System: q.URL.Query().Get("system")})
	if err != nil {
		return nil, err
	}
	if !q.who.within(b, form.System) {
		return nil, refuse(meeting.CodeRights)
	}
	form.From = ""
	return form, nil
}

// act carries out an operator's act on a meeting.
func (s *Server) act(q *request) (any, error) {
	in, err := read[wire.MeetingAct](q)
	if err != nil {
		return nil, err
	}
	f := s.cfg.Meetings.Get(meeting.ID(q.PathValue("id")))
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	if in.Act == "resume" {
		return s.resume(q, b)
	}
	if f == nil || f.Current() == nil {
		return nil, refuse(meeting.CodeMeetingUnknown)
	}
	if !q.who.within(b, f.Current().State.System) {
		return nil, refuse(meeting.CodeRights)
	}
	q.note = in.Act
	var c meeting.Command
	switch in.Act {
	case "lobby":
		c = meeting.OpenLobby{}
	case "start":
		c = meeting.StartMeeting{}
	case "end":
		c = meeting.EndMeeting{}
	case "island":
		island, err := s.cfg.Fork(q.Context(), f, q.who.actor())
		if err != nil {
			return nil, err
		}
		q.note += " " + string(island.ID())
		state := island.Current().State
		return rowOf(&state), nil
	case "rehome":
		if b.System(in.System) == nil {
			return nil, refuse(catalog.CodeSystemUnknown, "system", in.System)
		}
		if !q.who.within(b, in.System) {
			return nil, refuse(meeting.CodeRights)
		}
		q.note += " " + in.System + " " + string(in.Point)
		c = meeting.Rehome{System: in.System, Point: in.Point}
	default:
		return nil, refuse(catalog.CodeFieldInvalid, "field", "act")
	}
	if _, err := f.Submit(q.Context(), q.who.actor(), meeting.Cause{}, c); err != nil {
		return nil, err
	}
	state := f.Current().State
	return rowOf(&state), nil
}
