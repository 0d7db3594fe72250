package signaling

import (
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
)

// Server is the node's door for browsers, scripts and bots.
type Server struct {
	cfg    Config
	log    *slog.Logger
	mux    http.Handler
	boards *boards
	nodes  nodeMap // of the tree
	stats  *stats
	pages  pages
	fair   *fair
	stills stills
	below  below
	sights sights
	wg     sync.WaitGroup // sessions and writers

	mu       sync.Mutex
	closed   bool
	sessions map[string]*session     // by id
	seats    map[seatKey]*session    // the newest session of each device of each point
	visits   map[string]*visit       // of WHIP and WHEP, by id
	screens  map[meeting.PointID]int // sessions that show a point's presentation on a screen of its own
	sockets  map[*socket]struct{}
}

// seatKey is one device of one point: its next session replaces this one.
type seatKey struct{ point, device string }

// New returns a server that is ready to be served.
func New(cfg Config) (*Server, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	s := &Server{
		cfg:      cfg,
		log:      cfg.Log,
		boards:   newBoards(cfg.Directory.Card, cfg.Above, cfg.Log),
		nodes:    nodeMap{ask: cfg.Nodes},
		fair:     newFair(cfg.Table),
		stills:   stills{points: map[meeting.PointID]still{}},
		below:    below{watched: map[meeting.ID]time.Time{}, lines: map[meeting.ID]map[meeting.NodePath]reportedLines{}},
		sights:   sights{newest: map[meeting.ID]*recent{}},
		sessions: map[string]*session{},
		seats:    map[seatKey]*session{},
		visits:   map[string]*visit{},
		screens:  map[meeting.PointID]int{},
		sockets:  map[*socket]struct{}{},
	}
	s.stats = newStats(s)
	pages, err := newPages(cfg.Web)
	if err != nil {
		return nil, err
	}
	s.pages = pages
	s.mux = s.routes()
	return s, nil
}

// ServeHTTP serves everything of the node.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Nobody holds a request open by sending or reading it slowly, whatever its
	// route does; a socket's upgrade clears both. A writer that knows no deadlines
	// is a test's, and has no connection.
	c, now := http.NewResponseController(w), time.Now()
	_ = c.SetReadDeadline(now.Add(s.cfg.Limits.Request))
	_ = c.SetWriteDeadline(now.Add(s.cfg.Limits.Answer))
	if r.URL.Path != bridgePath {
		place, err := s.fair.requests.Enter(limit.Of(r), nil)
		if err != nil {
			problem(w, err)
			return
		}
		defer place.Leave()
	}
	s.mux.ServeHTTP(w, r)
}

// bridgePath is where sockets are opened.
const bridgePath = "/api/v1/bridge"

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+bridgePath, s.bridge)
	mux.HandleFunc("GET /api/v1/meetings", s.listMeetings)
	mux.HandleFunc("POST /api/v1/meetings/{id}/commands", s.postCommand)
	mux.HandleFunc("GET /api/v1/line", s.lineDown)
	mux.HandleFunc("POST /api/v1/line", s.lineUp)
	mux.HandleFunc("GET /api/v1/meetings/{id}/minutes", s.getMinutes)
	mux.HandleFunc("GET /api/v1/meetings/{id}/journal", s.getJournal)
	mux.HandleFunc("POST /api/v1/pin", s.enterPin)
	s.routeDoors(mux)
	mux.HandleFunc("PUT /api/v1/snapshot", s.putStill)
	mux.HandleFunc("GET /api/v1/snapshots", s.listStills)
	mux.Handle("/api/v1/", s.cfg.API)
	mux.Handle("/api/", http.NotFoundHandler())
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /metrics", s.metrics)
	mux.HandleFunc("GET /metrics/clients", s.clientMetrics)
	mux.Handle("/", s.pages)
	return secured(mux)
}

// Close drains: newcomers are refused, every client is told that the server
// restarts, and every goroutine has ended when it returns. Nobody is declared
// lost: the journal says who was here, and the next start goes on from it.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	all := make([]*session, 0, len(s.sessions))
	for _, each := range s.sessions {
		all = append(all, each)
	}
	greeting := make([]*socket, 0, len(s.sockets))
	for k := range s.sockets {
		greeting = append(greeting, k)
	}
	visits := slices.Collect(maps.Values(s.visits))
	s.mu.Unlock()
	for _, each := range all {
		each.halt(endDraining)
	}
	for _, each := range visits {
		each.halt(visitDraining)
	}
	for _, k := range greeting {
		k.end(failure(0, errDraining, true))
	}
	s.wg.Wait()
	return nil
}

// scope is what a goroutine of the server is answerable for.
func (s *Server) scope(name string, shut func()) guard.Scope {
	return guard.Scope{Name: name, Log: s.log, Shut: func() {
		s.stats.broken.Inc()
		if shut != nil {
			shut()
		}
	}}
}
