package signaling

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// listMeetings is GET /api/v1/meetings.
func (s *Server) listMeetings(w http.ResponseWriter, r *http.Request) {
	who, err := s.bearer(r)
	if err != nil {
		problem(w, err)
		return
	}
	list := wire.MeetingList{Meetings: []wire.MeetingView{}}
	for _, f := range s.belongs(who.Identity) {
		if b := s.boards.of(f); b != nil {
			list.Meetings = append(list.Meetings, b.meetingView())
		}
	}
	reply(w, http.StatusOK, list)
}

// belongs lists the meetings a client may see: a point's own, or all.
func (s *Server) belongs(who Identity) []*focus.Focus {
	if who.Point == "" {
		return s.within(who)
	}
	if f := s.cfg.Meetings.Called(who.Point); f != nil {
		return []*focus.Focus{f}
	}
	return nil
}

// postCommand is POST /api/v1/meetings/{id}/commands: the commands of
// bridge.v1 for scripts and button boxes.
func (s *Server) postCommand(w http.ResponseWriter, r *http.Request) {
	who, err := s.bearer(r)
	if err != nil {
		problem(w, err)
		return
	}
	seq, err := s.execute(r, who)
	if err != nil {
		s.stats.refuse(err)
		problem(w, err)
		return
	}
	reply(w, http.StatusOK, wire.Done{Seq: seq})
}

// execute carries a posted command out.
func (s *Server) execute(r *http.Request, who Bearer) (meeting.Seq, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxFrame+1))
	if err != nil {
		return 0, &meeting.Error{Code: wire.CodeFrameMalformed, Args: map[string]any{"detail": "body not read"}}
	}
	posted, c, err := wire.ReadPosted(body)
	if err == nil {
		err = who.held()
	}
	if err != nil {
		return 0, err
	}
	if _, asks := c.(meeting.AskTakeover); asks { // a script has no device to move the point to
		return 0, &meeting.Error{Code: wire.CodeMessageUnknown, Args: map[string]any{"t": posted.T}}
	}
	f := s.cfg.Meetings.Get(meeting.ID(r.PathValue("id")))
	if f == nil || !s.covers(who.Identity, f) {
		return 0, refusal(meeting.CodeMeetingUnknown)
	}
	place, err := s.turn(r.Context(), who.Identity, c)
	if err != nil {
		return 0, err
	}
	defer place.Leave()
	if _, opens := c.(meeting.SwitchOn); opens && who.Role == meeting.RoleRoom && !s.encodes(f, who.Identity, tokenOf(r)) {
		return 0, refusal(meeting.CodeRights) // the room's OK comes from the device that has the point
	}
	cause := meeting.Cause{Session: "http-" + fingerprint(tokenOf(r)), ID: posted.ID} // a retry with its number is safe
	ctx, cancel := context.WithTimeout(r.Context(), s.cfg.Limits.Command)
	defer cancel()
	defer context.AfterFunc(who.life(), cancel)() // one that is revoked while it waits is not carried out
	by := meeting.Actor{Role: who.Role, Point: who.Point, Name: who.Name}
	var seq meeting.Seq
	if err = s.mayMove(who.Identity, c); err == nil {
		seq, err = s.submit(ctx, f, order{by: by, cause: cause, command: onMedia(c, "")})
	}
	s.record(Act{Who: who.Identity, From: addressOf(r), Act: posted.T, Target: idOf(f), Err: err})
	if err == nil {
		s.stats.commands.WithLabelValues(posted.T).Inc()
	}
	return seq, err
}

// turn lets a posted command in, within its principal's rate and a few at a
// time. A closing one waits for its turn, and is not refused for another's sake.
func (s *Server) turn(ctx context.Context, who Identity, c meeting.Command) (*limit.Place[principal], error) {
	if !closes(c) {
		if err := s.fair.command(who, c); err != nil {
			return nil, err
		}
		return s.fair.posted.Enter(principalOf(who), nil)
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Limits.Command)
	defer cancel()
	if err := pace(ctx, s.fair.closings.Take(principalOf(who))); err != nil {
		return nil, err
	}
	return s.fair.posted.Await(ctx, principalOf(who), nil)
}

// bearer says who a request is from.
func (s *Server) bearer(r *http.Request) (Bearer, error) {
	return s.identify(addressOf(r), tokenOf(r))
}

// identify looks a token up. No token speaks for the node itself. An address
// that guesses is told only that it is too fast.
func (s *Server) identify(address, token string) (Bearer, error) {
	who, ok := s.cfg.Auth(token)
	if _, client := entitled[who.Role]; ok && client {
		who.Token = fingerprint(token)
		return who, nil
	}
	s.stats.refusedTokens.Inc()
	if err := s.fair.guesses.Take(limit.At(address)); err != nil {
		return Bearer{}, err
	}
	return Bearer{}, refusal(wire.CodeTokenInvalid)
}

func tokenOf(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}

// fingerprint names a token in the journal without giving it away.
func fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:8])
}

// healthz says that the process serves.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") }

// readyz says whether the node takes clients, and if not, why.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		plain(w, http.StatusServiceUnavailable, "draining")
		return
	}
	if err := s.cfg.Ready(); err != nil {
		plain(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	text := "ready"
	if damaged := s.cfg.Damaged(); len(damaged) > 0 {
		text += fmt.Sprintf("\ndamaged and set aside: %d", len(damaged))
		if local(r) { // the names of meetings and people are not for everybody
			text += "\n" + strings.Join(damaged, "\n")
		}
	}
	plain(w, http.StatusOK, text)
}

// metrics is GET /metrics, of the server and of each source.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) { s.figures(w, r, s.cfg.Metrics) }

// clientMetrics is GET /metrics/clients, of each client and each of its slots.
func (s *Server) clientMetrics(w http.ResponseWriter, r *http.Request) {
	if s.stats.clients == nil {
		http.NotFound(w, r)
		return
	}
	s.figures(w, r, s.stats.clients)
}

// figures answers this machine, and others with an operator's token.
func (s *Server) figures(w http.ResponseWriter, r *http.Request, all prometheus.Gatherer) {
	if !local(r) && !s.cfg.Operator(tokenOf(r)) {
		problem(w, refusal(wire.CodeTokenInvalid))
		return
	}
	place, err := s.fair.scrapes.Enter(everybody{}, nil)
	if err != nil {
		problem(w, err)
		return
	}
	defer place.Leave()
	promhttp.HandlerFor(all, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}

// local reports whether a request comes from this machine itself, and not
// through a proxy on it.
func local(r *http.Request) bool {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}

func problem(w http.ResponseWriter, err error) { wire.Refuse(w, err) }

func reply(w http.ResponseWriter, status int, body any) { wire.Reply(w, status, body) }

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	write(w, status, []byte(text+"\n"))
}

// write answers; a client that has gone away misses it, which is its own affair.
func write(w http.ResponseWriter, status int, body json.RawMessage) {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
