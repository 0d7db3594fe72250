package operator

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/wire"
)

// Meetings that leave as a file and come in as one.

func (s *Server) exportMeeting(q *request) (any, error) {
	id := meeting.ID(q.PathValue("id"))
	row, err := s.row(q.Context(), id)
	if err != nil {
		return nil, err
	}
	if row.StartsAtMs == 0 && row.Points == 0 {
		return nil, refuse(meeting.CodeMeetingUnknown)
	}
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	if !q.who.within(b, row.System) {
		return nil, refuse(meeting.CodeRights)
	}
	return file{kind: "application/jsonl", name: string(id) + ".jsonl", write: func(w io.Writer) error {
		return store.Export(q.Context(), w, s.cfg.Journal, id)
	}}, nil
}

// resume lets a meeting that came in as a file go on here. While one of its
// points is called to another it is refused: nobody would know to which the
// point is called next.
func (s *Server) resume(q *request, b *catalog.Book) (any, error) {
	q.note = "resume"
	ctx, id := q.Context(), meeting.ID(q.PathValue("id"))
	why, err := store.IsShut(ctx, s.cfg.Docs, id)
	if err != nil {
		return nil, err
	}
	if why != store.WhyImported {
		return nil, refuse(meeting.CodeMeetingUnknown)
	}
	state, err := s.folded(ctx, id)
	if err != nil {
		return nil, err
	}
	if !q.who.within(b, state.System) {
		return nil, refuse(meeting.CodeRights)
	}
	for _, live := range s.cfg.Meetings.Live() {
		for _, p := range live.Current().State.Points {
			if slices.ContainsFunc(state.Points, func(o meeting.PointState) bool { return o.ID == p.ID }) {
				return nil, refuse(wire.CodePointsCalled, "point", string(p.ID), "meeting", string(live.ID()))
			}
		}
	}
	if err := store.Reopen(ctx, s.cfg.Docs, id); err != nil {
		return nil, err
	}
	f, err := s.cfg.Meetings.Open(ctx, id)
	if err != nil {
		return nil, errors.Join(err, store.Shut(ctx, s.cfg.Docs, id, why))
	}
	now := f.Current().State
	return rowOf(&now), nil
}

// shelf is the store of meetings.
type shelf struct {
	store.Catalog
	store.Journal
}

// importMeeting brings a meeting's log in. One that has not ended goes on here
// by an act of its own.
func (s *Server) importMeeting(q *request) (any, error) {
	if !q.who.everywhere() {
		return nil, refuse(meeting.CodeRights)
	}
	id, err := store.Import(q.Context(), bytes.NewReader(q.body), shelf{s.cfg.Docs, s.cfg.Journal})
	q.target = string(id)
	switch {
	case errors.Is(err, store.ErrFile):
		return nil, refuse(wire.CodeFileInvalid, "detail", err.Error())
	case err != nil:
		return nil, err
	}
	return s.row(q.Context(), id)
}
