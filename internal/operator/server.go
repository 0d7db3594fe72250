// Package operator is what an operator does to an installation, over HTTP: the
// catalogue, meetings, pairing, links, people, the audit log. The page
// /operator and the command line are its clients.
//
// A request comes from a token, from a person's session, or from this machine
// through the socket file. What it may do is the roles it holds, each for a
// system and those below it, or everywhere. Every act, and every refused one,
// stands in the audit log before it is answered.
//
// No goroutine of its own. Server.mu guards what is remembered of ended
// meetings and is not held over IO.
package operator

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/audit"
	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/wire"
)

// Meetings are the meetings of this node; *focus.Registry is.
type Meetings interface {
	Create(ctx context.Context, id meeting.ID, by meeting.Actor, c meeting.CreateMeeting) (*focus.Focus, error)
	Open(ctx context.Context, id meeting.ID) (*focus.Focus, error)
	Get(id meeting.ID) *focus.Focus
	Live() []*focus.Focus
}

// Config is what a Server needs. All but Lobby, Version, Now and Log is
// required.
type Config struct {
	Docs      store.Catalog
	Journal   store.Journal
	Meetings  Meetings
	Tokens    *auth.Tokens
	Users     *auth.Users
	Pairings  *auth.Pairings
	Audit     *audit.Log
	Directory *Directory
	// Fork begins an island of a meeting that is led above and out of reach;
	// (*focus.Registry).Fork is.
	Fork    func(ctx context.Context, of *focus.Focus, by meeting.Actor) (*focus.Focus, error)
	Store   Keeper
	Lobby   int // minutes before the start that a lobby opens, unless an order says; 0 means 90 (Art 7.1)
	Version string
	Now     func() time.Time // nil is time.Now
	Log     *slog.Logger     // nil discards
}

// Keeper is the store itself, as far as an operator sees it.
type Keeper interface {
	// Damaged lists what was found damaged since the start.
	Damaged() []store.Damage
	// Check looks at everything that is stored.
	Check(ctx context.Context) (*store.Check, error)
	// Backup writes the store's file as it is at one moment.
	Backup(w io.Writer) error
}

// Server answers the operator's requests.
type Server struct {
	cfg     Config
	acts    *limit.Rates[string]
	uploads *limit.Places[string]

	mu    sync.Mutex
	ended map[meeting.ID]wire.MeetingRow // meetings that are over never change
}

// New returns a server that is ready.
func New(cfg Config) (*Server, error) {
	if cfg.Docs == nil || cfg.Journal == nil || cfg.Meetings == nil || cfg.Tokens == nil || cfg.Users == nil ||
		cfg.Pairings == nil || cfg.Audit == nil || cfg.Directory == nil || cfg.Fork == nil || cfg.Store == nil {
		return nil, errors.New("operator: Config is not whole")
	}
	if cfg.Lobby == 0 {
		cfg.Lobby = 90
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	t := limit.Standard()
	return &Server{cfg: cfg, acts: limit.NewRates[string](t, limit.Acts, nil), uploads: limit.NewPlaces[string](t, limit.Uploads, nil), ended: map[meeting.ID]wire.MeetingRow{}}, nil
}

// The bounds of a body, in bytes, and of the time to send it.
const (
	maxBody   = 64 << 10
	maxExport = 128 << 20
	bodyTime  = 30 * time.Second
	fileTime  = 10 * time.Minute
)

// route is one address of the interface.
type route struct {
	pattern string
	roles   []meeting.Role // who may; nil is who is signed in at all, open is anybody
	act     string         // its name in the audit log; "" looks and changes nothing
	max     int64          // bytes of a body; 0 is maxBody
	hands   bool           // hands out rights, which only persons may
	do      func(*request) (any, error)
}

// request is one request on its way.
type request struct {
	*http.Request
	who  caller
	body []byte

	identify func(*http.Request) (caller, error)
	target   string // for the audit log; a handler may make it more exact
	note     string
	header   http.Header // of the answer
}

// file is an answer that is not JSON.
type file struct {
	kind, name string
	write      func(io.Writer) error
}

// Handler answers requests from the network.
func (s *Server) Handler() http.Handler { return s.handler(s.identify) }

// Local answers requests from this machine's socket file: whoever can open it
// is the operator.
func (s *Server) Local() http.Handler {
	return s.handler(func(r *http.Request) (caller, error) {
		return caller{
			name: "dòng lệnh", from: "local", local: true, holds: []auth.Hold{{Role: string(meeting.RoleOperator)}},
			hands: &handing{parent: auth.Machine, day: auth.Machine, until: s.cfg.Now().Add(auth.SessionLife)},
		}, nil
	})
}

func (s *Server) handler(identify func(*http.Request) (caller, error)) http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.routes() {
		mux.HandleFunc(rt.pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, rt, identify) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		wire.Refuse(w, refuse(wire.CodePathUnknown))
	})
	return mux
}

// serve carries one request out and puts it on record.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, rt route, identify func(*http.Request) (caller, error)) {
	q := &request{Request: r, identify: identify, target: r.PathValue("id"), header: w.Header()}
	who, err := identify(r)
	q.who = who
	q.who.acting = rt.roles
	var answer any
	if err == nil || len(rt.roles) == 1 && rt.roles[0] == open && errors.Is(err, errNobody) {
		answer, err = s.inTurn(w, q, rt)
	}
	over := overLimit(err)
	err = s.coded(err)
	if rt.act != "" && !over && !unworthy(err) {
		if s.record(q, rt.act, err) != nil { // the log itself says so, once
			err = &meeting.Error{Code: wire.CodeJournalUnavailable}
		}
	}
	switch f, isFile := answer.(file); {
	case err != nil:
		wire.Refuse(w, err)
	case isFile:
		s.send(w, f)
	case answer == nil:
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNoContent)
	default:
		wire.Reply(w, http.StatusOK, answer)
	}
}

// inTurn carries a request out within its sender's share.
func (s *Server) inTurn(w http.ResponseWriter, q *request, rt route) (any, error) {
	if q.who.local {
		return s.carryOut(w, q, rt)
	}
	sharer := q.sharer()
	if err := s.acts.Take(sharer); err != nil {
		return nil, err
	}
	if rt.max > maxBody {
		place, err := s.uploads.Enter(sharer, nil)
		if err != nil {
			return nil, err
		}
		defer place.Leave()
	}
	return s.carryOut(w, q, rt)
}

// sharer is whose share a request counts to: a person's, a token's, or a
// neighbourhood's.
func (q *request) sharer() string {
	switch {
	case q.who.session != "":
		return "person " + q.who.name
	case len(q.who.holds) > 0:
		sum := sha256.Sum256([]byte(q.Header.Get("Authorization")))
		return "token " + string(sum[:])
	default:
		return limit.Of(q.Request).String()
	}
}

// overLimit reports whether a request was one too many. Those are counted by
// the limits and not written down.
func overLimit(err error) bool {
	var over *limit.Refusal
	return errors.As(err, &over)
}

// carryOut judges a request and lets its handler do it.
func (s *Server) carryOut(w http.ResponseWriter, q *request, rt route) (any, error) {
	if q.Method != http.MethodGet && !q.who.local {
		if err := checkOrigin(q.Request, q.who.session != ""); err != nil {
			return nil, err
		}
	}
	if !q.who.any(rt.roles) {
		return nil, refuse(meeting.CodeRights)
	}
	if rt.hands && q.who.hands == nil {
		return nil, refuse(wire.CodePersonNeeded)
	}
	most := rt.max
	if most == 0 {
		most = maxBody
	}
	// A body that trickles in must not hold its connection for ever. A writer
	// that knows no deadlines is a test's, and has no connection.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime))
	body, err := io.ReadAll(io.LimitReader(q.Body, most+1))
	if err != nil {
		return nil, refuse(wire.CodeFrameMalformed, "detail", "body not read")
	}
	if int64(len(body)) > most {
		return nil, refuse(wire.CodeFrameTooBig, "max", most)
	}
	q.body = body
	if len(body) > 0 && len(q.who.holds) > 0 { // whose right may have ended while it sent the body
		if _, err := q.identify(q.Request); err != nil {
			return nil, err
		}
	}
	return rt.do(q)
}

// record puts an act into the audit log.
func (s *Server) record(q *request, act string, err error) error {
	e := audit.Entry{Who: q.who.name, Role: q.who.role(), From: q.who.from, Act: act, Target: q.target, Note: q.note}
	if e.From == "" {
		e.From = addressOf(q.Request)
	}
	if err != nil {
		e.Code = string(wire.Coded(err).Code)
	}
	return s.cfg.Audit.Append(context.WithoutCancel(q.Context()), e)
}

// unworthy are refusals that a stranger can make by the thousand; they are
// counted by the throttles and not written down.
func unworthy(err error) bool {
	if err == nil {
		return false
	}
	switch wire.Coded(err).Code {
	case wire.CodeSignInTooFast, wire.CodeSignInNeeded, wire.CodeTokenInvalid, wire.CodeRateLimited:
		return true
	}
	return false
}

func (s *Server) send(w http.ResponseWriter, f file) {
	// A long file over a thin line takes longer than an answer may.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(fileTime))
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
	w.Header().Set("Cache-Control", "no-store")
	if err := f.write(w); err != nil {
		s.cfg.Log.Warn("download broken off", "file", f.name, "err", err)
	}
}

// book is the catalogue as it stands.
func (s *Server) book(ctx context.Context) (*catalog.Book, uint64, error) {
	return store.LoadBook(ctx, s.cfg.Docs)
}

// change makes a change to the catalogue and lets the pages know it.
func (s *Server) change(ctx context.Context, how func(*catalog.Book) error) error {
	if err := store.ChangeBook(ctx, s.cfg.Docs, how); err != nil {
		return err
	}
	return s.cfg.Directory.Refresh(ctx)
}

// read decodes a request's body.
func read[T any](q *request) (T, error) {
	var v T
	err := wire.Decode(q.body, &v)
	return v, err
}
