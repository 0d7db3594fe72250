package signaling

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/sfu"
)

// Meetings are the live meetings of this node; *focus.Registry is.
type Meetings interface {
	Get(id meeting.ID) *focus.Focus
	Called(point meeting.PointID) *focus.Focus
	Live() []*focus.Focus
}

// Media joins clients to the media of a meeting; Bridge makes one of an SFU.
type Media interface {
	Join(cfg sfu.PeerConfig) (Peer, error)
	// Port is the one media port, told to clients.
	Port() int
	// Press notes that OK was pressed for a source on the media session its point
	// has here; without it nothing opens that sound at this node. Unpress takes
	// one back that the meeting refused.
	Press(id meeting.ID, source meeting.SourceKey) bool
	Unpress(id meeting.ID, source meeting.SourceKey)
}

// Peer is one client's media; *sfu.Peer is.
type Peer interface {
	Eye
	Offer(sdp string) (answer string, err error)
	Restart(fragment string) (answer string, err error)
	Close() error
}

// Eye is what a client is shown, which may change at any time, and how it gets there.
type Eye interface {
	Sight() sfu.Sight
	Watch(points []meeting.PointID)
	Show(screen *meeting.Screen)
}

// Bridge is the Media of a running SFU.
func Bridge(s *sfu.SFU) Media { return bridge{s} }

type bridge struct{ sfu *sfu.SFU }

func (b bridge) Port() int { return b.sfu.Port() }

func (b bridge) Press(id meeting.ID, source meeting.SourceKey) bool { return b.sfu.Press(id, source) }

func (b bridge) Unpress(id meeting.ID, source meeting.SourceKey) { b.sfu.Unpress(id, source) }

// Stats lets /metrics read the SFU's figures.
func (b bridge) Stats() sfu.Stats { return b.sfu.Stats() }

// AllSources lets it read the figures of every source.
func (b bridge) AllSources() []sfu.SourceStats { return b.sfu.AllSources() }

// Clients lets /metrics/clients read those of every client.
func (b bridge) Clients() []sfu.ClientStats { return b.sfu.Clients() }

// Links lets it read those of its links to other nodes.
func (b bridge) Links() map[string]sfu.LinkStats { return b.sfu.Links() }

func (b bridge) Join(cfg sfu.PeerConfig) (Peer, error) {
	p, err := b.sfu.Join(cfg)
	if err != nil {
		return nil, err // not p: a nil *sfu.Peer is not a nil Peer
	}
	return p, nil
}

// Identity is who a token belongs to.
type Identity struct {
	Role  meeting.Role
	Point meeting.PointID // of a room, and the chair point of a chair's tablet
	Name  string

	System string // the only system it is for, with those below; empty is every one
	Device string // the only device that may say hello with the token; empty is any

	Audience meeting.Audience // of an observer: the one it shows; empty is everyone's
	Exclude  string           // of an observer: the points whose sound it leaves out whatever it asks, between commas

	Token string // names the token, whose share of everything its acts count to; the server fills it in
}

// Bearer is who a token speaks for, and for how long.
type Bearer struct {
	Identity
	Grant string          // names the grant behind the token: a session is gone on with by the same one
	Life  context.Context // done once the grant has ended; nil lasts as long as the server
}

// life is the grant's.
func (b Bearer) life() context.Context {
	if b.Life == nil {
		return context.Background()
	}
	return b.Life
}

// held refuses once the grant has ended. Whoever waited for a body, or for a
// place, asks again before acting on it.
func (b Bearer) held() error {
	if b.life().Err() != nil {
		return refusal(wire.CodeTokenInvalid)
	}
	return nil
}

// Directory is what the catalogue knows of people and points. It is asked
// again with every change of a meeting, so it answers from memory.
type Directory interface {
	// Card is who looks after a point, nil if nothing is known.
	Card(point meeting.PointID) *wire.CardView
	// Support is whom the rooms of a meeting call, nil if nobody is named.
	Support(id meeting.ID) *wire.ContactView
	// Under reports whether a system is another or stands below it.
	Under(system, top string) bool
	// OpensAlone reports whether this node has it on record that the point's sound
	// may open without an OK: a consent, or that it is a relay source.
	OpensAlone(point meeting.PointID) bool
}

// nobody is the Directory of a node without a catalogue.
type nobody struct{}

func (nobody) Card(meeting.PointID) *wire.CardView  { return nil }
func (nobody) Support(meeting.ID) *wire.ContactView { return nil }
func (nobody) Under(system, top string) bool        { return system == top }
func (nobody) OpensAlone(meeting.PointID) bool      { return false }

// Act is something to put on record: a sign-in, a command of somebody who
// controls, or a refused one.
type Act struct {
	Who    Identity
	From   string // address
	Act    string // "hello", or the command's name
	Target string // the meeting
	Err    error  // why it was refused; nil was carried out
}

// Config is what a Server needs.
type Config struct {
	Meetings Meetings
	Media    Media
	// Auth says who a bearer token belongs to.
	Auth func(token string) (Bearer, bool)
	// Logs are read for minutes and exports; nil has none.
	Logs Logs
	// Directory knows officers and telephones; nil knows nobody.
	Directory Directory
	// Above is the name of the node above, "" for a node that is alone or the
	// root of its tree: rooms are told when the link to it is lost.
	Above string
	// Nodes draws the map of a tree for controllers; nil for a node that is alone.
	Nodes func() []wire.NodeView
	// Operator says whether a token may read /metrics from elsewhere: a
	// controller's may; nil means none may.
	Operator func(token string) bool
	// Audit puts an act on record; nil does without. It may wait for room.
	Audit func(Act)
	// API answers the rest of /api/v1/: the operator's interface; nil has none.
	API http.Handler
	// Web holds the built pages; nil serves a page that says how to build them.
	Web fs.FS
	// Ready is why the node cannot serve, for /readyz; nil is always ready.
	Ready func() error
	// Damaged lists what was found damaged and set aside, for /readyz: the node
	// serves without it. nil is nothing.
	Damaged func() []string
	// Metrics takes the server's metrics and is served at /metrics; nil makes one.
	Metrics *prometheus.Registry
	// Log receives events; nil discards them.
	Log *slog.Logger
	// Version is told to clients in welcome.
	Version string
	// Pin is what opens the settings of a room's page; "" leaves them open.
	Pin string
	// SystemName is the installation's own name, shown while there is no meeting.
	SystemName string
	Limits     Limits
	// Table is what everybody's shares are made of: limit.Standard but in tests.
	Table limit.Table
}

// Limits bound the time of clients, and their pictures; what they have a share
// of is in package limit. A zero field takes its default.
type Limits struct {
	Request      time.Duration // from a request's first byte to its last, unless its route says more; default 10 s
	Answer       time.Duration // to take an answer, likewise; default 60 s
	Hello        time.Duration // from the socket's opening to its hello; default 5 s
	Silence      time.Duration // of a socket before it counts as gone; default 8 s
	Beat         time.Duration // between ticks and pings; default 2 s
	Grace        time.Duration // a session waits for its socket to return; default 5 s
	Command      time.Duration // longest wait for a command to be durable; default 12 s
	RoomTiles    int           // pictures a room or a chair is sent at most; default 9
	ConsoleTiles int           // pictures a console or a wall is sent at most; default 25
}

// tiles is how many pictures a client of a role is sent at most.
func (l *Limits) tiles(role meeting.Role) int {
	if role == meeting.RoleController || role == meeting.RoleObserver {
		return l.ConsoleTiles
	}
	return l.RoomTiles
}

func (l *Limits) fill() {
	fill(&l.Request, 10*time.Second)
	fill(&l.Answer, time.Minute)
	fill(&l.Hello, 5*time.Second)
	fill(&l.Silence, 8*time.Second)
	fill(&l.Beat, 2*time.Second)
	fill(&l.Grace, 5*time.Second)
	fill(&l.Command, 12*time.Second)
	fill(&l.RoomTiles, 9)
	fill(&l.ConsoleTiles, 25)
}

func fill[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (c *Config) validate() error {
	if c.Meetings == nil || c.Media == nil || c.Auth == nil {
		return errors.New("signaling: Config needs Meetings, Media and Auth")
	}
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Directory == nil {
		c.Directory = nobody{}
	}
	if c.Audit == nil {
		c.Audit = func(Act) {}
	}
	if c.API == nil {
		c.API = http.NotFoundHandler()
	}
	if c.Operator == nil {
		c.Operator = func(string) bool { return false }
	}
	if c.Ready == nil {
		c.Ready = func() error { return nil }
	}
	if c.Damaged == nil {
		c.Damaged = func() []string { return nil }
	}
	c.Limits.fill()
	return nil
}
