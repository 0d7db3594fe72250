package signaling

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// Bounds of a line's measurement. It shares the line with meetings, so only a
// few go at a time and each is short.
const (
	lineBytes   = 2 << 20
	lineSeconds = 8 * time.Second
)

// lineDown is GET /api/v1/line?bytes=N: so many bytes nothing can shorten, for
// a point that measures its line through the real server.
func (s *Server) lineDown(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.URL.Query().Get("bytes"))
	if err != nil || n < 1 || n > lineBytes {
		problem(w, &meeting.Error{Code: meeting.CodeValueInvalid, Args: map[string]any{"field": "bytes", "max": lineBytes}})
		return
	}
	s.measure(w, r, func(Bearer) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.Itoa(n))
		w.Header().Set("Cache-Control", "no-store")
		_, _ = io.CopyN(w, rand.Reader, int64(n)) // a client that leaves has measured nothing
	})
}

// lineUp is POST /api/v1/line: the body is counted and thrown away.
func (s *Server) lineUp(w http.ResponseWriter, r *http.Request) {
	s.measure(w, r, func(who Bearer) {
		start := time.Now()
		n, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, lineBytes))
		if err != nil {
			problem(w, refusal(wire.CodeFrameTooBig))
			return
		}
		if err := who.held(); err != nil {
			problem(w, err)
			return
		}
		reply(w, http.StatusOK, wire.LineUp{Bytes: n, Ms: time.Since(start).Milliseconds()})
	})
}

// measure lets a client with a token measure, within the bounds.
func (s *Server) measure(w http.ResponseWriter, r *http.Request, do func(Bearer)) {
	who, err := s.bearer(r)
	if err != nil {
		problem(w, err)
		return
	}
	place, err := s.fair.lines.Enter(principalOf(who.Identity), nil)
	if err != nil {
		problem(w, err)
		return
	}
	defer place.Leave()
	// A writer that knows no deadlines is a test's, and has no connection.
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(lineSeconds))
	_ = c.SetWriteDeadline(time.Now().Add(lineSeconds))
	defer context.AfterFunc(who.life(), func() {
		_ = c.SetReadDeadline(time.Now())
		_ = c.SetWriteDeadline(time.Now())
	})()
	do(who)
}
