package signaling

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/report"
)

// Logs are the journals of this node, for reading.
type Logs interface {
	report.Shelf
	// Export writes a meeting's journal as a file that can be imported.
	Export(ctx context.Context, w io.Writer, id meeting.ID) error
}

// minutesTime bounds the folding and writing of one meeting's minutes.
const minutesTime = 30 * time.Second

// getMinutes is GET /api/v1/meetings/{id}/minutes?format=html|xlsx|csv: the
// minutes of a meeting, running or ended, with the logs of its islands.
func (s *Server) getMinutes(w http.ResponseWriter, r *http.Request) {
	id := meeting.ID(r.PathValue("id"))
	ctx, cancel := context.WithTimeout(r.Context(), minutesTime)
	defer cancel()
	m, err := s.minutes(ctx, r, id)
	if err != nil {
		problem(w, err)
		return
	}
	f := report.Format{Language: report.Vietnamese, Zone: time.Local}
	if r.URL.Query().Get("lang") == string(report.English) {
		f.Language = report.English
	}
	var body bytes.Buffer
	kind, name := "text/html; charset=utf-8", "minutes.html"
	switch format := r.URL.Query().Get("format"); format {
	case "", "html":
		err = m.WriteHTML(&body, f)
		w.Header().Set("Content-Security-Policy", report.StylePolicy())
	case "xlsx":
		kind, name = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "minutes.xlsx"
		err = m.WriteXLSX(&body, f)
	case "csv":
		var t report.Table
		if t, err = tableOf(m, f, r.URL.Query().Get("table")); err == nil {
			kind, name = "text/csv; charset=utf-8", t.ID+".csv"
			err = t.WriteCSV(&body, f)
		}
	default:
		err = &meeting.Error{Code: meeting.CodeValueInvalid, Args: map[string]any{"field": "format"}}
	}
	if err != nil {
		problem(w, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	if name != "minutes.html" {
		w.Header().Set("Content-Disposition", `attachment; filename="`+string(id)+"-"+name+`"`)
	}
	write(w, http.StatusOK, body.Bytes())
}

// tableOf finds a table of the minutes by its id; none named is the attendance.
func tableOf(m *report.Minutes, f report.Format, id string) (report.Table, error) {
	tables := m.Tables(f)
	if id == "" {
		return tables[0], nil
	}
	i := slices.IndexFunc(tables, func(t report.Table) bool { return t.ID == id })
	if i < 0 {
		return report.Table{}, &meeting.Error{Code: meeting.CodeValueInvalid, Args: map[string]any{"field": "table"}}
	}
	return tables[i], nil
}

// minutes folds the journals of a meeting for somebody who may read them.
func (s *Server) minutes(ctx context.Context, r *http.Request, id meeting.ID) (*report.Minutes, error) {
	who, err := s.mayReadLog(r, id, meeting.RoleChair, meeting.RoleController, meeting.RoleOperator)
	if err != nil {
		return nil, err
	}
	turn, err := s.reportTurn(ctx, who)
	if err != nil {
		return nil, err
	}
	defer turn.Leave()
	m, err := report.Read(ctx, s.cfg.Logs, id)
	if errors.Is(err, report.ErrEmpty) {
		return nil, refusal(meeting.CodeMeetingUnknown)
	}
	if err != nil {
		s.log.Error("minutes not folded", "meeting", id, "err", err)
	}
	return m, err
}

// getJournal is GET /api/v1/meetings/{id}/journal: the whole log, as "giaoban
// import" takes it.
func (s *Server) getJournal(w http.ResponseWriter, r *http.Request) {
	id := meeting.ID(r.PathValue("id"))
	who, err := s.mayReadLog(r, id, meeting.RoleController, meeting.RoleOperator)
	if err != nil {
		problem(w, err)
		return
	}
	turn, err := s.reportTurn(r.Context(), who)
	if err != nil {
		problem(w, err)
		return
	}
	defer turn.Leave()
	var body bytes.Buffer
	if err := s.cfg.Logs.Export(r.Context(), &body, id); err != nil {
		s.log.Error("journal not exported", "meeting", id, "err", err)
		problem(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Content-Disposition", `attachment; filename="`+string(id)+`.jsonl"`)
	write(w, http.StatusOK, body.Bytes())
}

// reportTime is how long the writing of a log waits for those before it.
const reportTime = 5 * time.Second

// reportTurn waits until a log may be read whole: a few at a time.
func (s *Server) reportTurn(ctx context.Context, who Identity) (*limit.Place[principal], error) {
	ctx, cancel := context.WithTimeout(ctx, reportTime)
	defer cancel()
	return s.fair.reported.Await(ctx, principalOf(who), nil)
}

// mayReadLog says who reads, and refuses those without one of the roles, a chair or a system of
// another meeting, and a meeting that has no log.
func (s *Server) mayReadLog(r *http.Request, id meeting.ID, roles ...meeting.Role) (who Identity, err error) {
	b, err := s.bearer(r)
	who = b.Identity
	switch {
	case err != nil:
		return who, err
	case !slices.Contains(roles, who.Role):
		return who, refusal(meeting.CodeRights)
	case s.cfg.Logs == nil:
		return who, refusal(meeting.CodeMeetingUnknown)
	}
	if err := s.fair.reports.Take(principalOf(who)); err != nil {
		return who, err
	}
	for e, err := range s.cfg.Logs.Read(r.Context(), id, 0) {
		if err != nil {
			return who, err
		}
		if created, ok := e.Fact.(meeting.MeetingCreated); ok && !s.ofReader(who, id, created) {
			return who, refusal(meeting.CodeRights)
		}
		return who, nil
	}
	return who, refusal(meeting.CodeMeetingUnknown)
}

// ofReader reports whether a meeting is the reader's: of the chair's own point,
// and of a system the token is for, where it was held or has moved to.
func (s *Server) ofReader(who Identity, id meeting.ID, created meeting.MeetingCreated) bool {
	if who.Role == meeting.RoleChair && created.ChairPoint != who.Point {
		return false
	}
	if holdOf(who).Covers(created.System, s.cfg.Directory.Under) {
		return true
	}
	f := s.cfg.Meetings.Get(id)
	return f != nil && s.covers(who, f)
}
