package operator

import (
	"io"
	"net/http"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/wire"
)

// damageRows are findings as the wire has them.
func damageRows(found []store.Damage) []wire.DamageRow {
	rows := make([]wire.DamageRow, len(found))
	for i, d := range found {
		rows[i] = wire.DamageRow{Document: d.Document, Meeting: d.Meeting, Part: d.Part, Why: d.Why}
	}
	return rows
}

// listDamage gives what was found damaged since the start.
func (s *Server) listDamage(q *request) (any, error) {
	if !q.who.everywhere() {
		return nil, refuse(meeting.CodeRights)
	}
	return damageRows(s.cfg.Store.Damaged()), nil
}

// check looks at everything that is stored, which takes its time: it is for the
// command line.
func (s *Server) check(q *request) (any, error) {
	if !q.who.local {
		return nil, refuse(meeting.CodeRights)
	}
	c, err := s.cfg.Store.Check(q.Context())
	if err != nil {
		return nil, err
	}
	return wire.CheckReport{Documents: c.Documents, Meetings: c.Meetings, Found: damageRows(c.Found)}, nil
}

// backup gives the store's file as it is at one moment, with everything in it:
// for the command line, which checks what it got.
func (s *Server) backup(q *request) (any, error) {
	if !q.who.local {
		return nil, refuse(meeting.CodeRights)
	}
	return file{kind: "application/octet-stream", name: "giaoban.db", write: func(w io.Writer) error { return s.cfg.Store.Backup(brisk{w}) }}, nil
}

// chunkTime bounds how long one write of a backup may take: the store's writers
// may wait for it.
const chunkTime = 2 * time.Second

// brisk is an answer whose reader must not stand still.
type brisk struct{ io.Writer }

// Write gives up on a reader that does not take it in time.
func (b brisk) Write(p []byte) (int, error) {
	if w, ok := b.Writer.(http.ResponseWriter); ok {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(chunkTime)) // a test's writer knows none
	}
	return b.Writer.Write(p)
}
