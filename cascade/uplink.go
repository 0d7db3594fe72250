package cascade

import (
	"context"
	crand "crypto/rand"
	"crypto/tls"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/sfu"
)

// Media opens the media half of a link; (*sfu.SFU).Link does.
type Media func(sfu.LinkConfig) (*sfu.Link, error)

// Config is what a node knows of itself and hands to both kinds of link.
type Config struct {
	Tree     func() *tree.Tree // in force now; where Self stands in it never changes
	Self     tree.Code
	Build    string // the program's version
	Meetings *focus.Registry
	Media    Media
	// Rooms is what consoles are shown of the points.
	Rooms Rooms
	// Cap is the operator's limit of the media of each line, bits a second; 0 is none.
	Cap int
	// Log receives events; nil discards them.
	Log *slog.Logger
}

func (c *Config) fill() error {
	if c.Tree == nil || c.Tree().Path(c.Self) == "" || c.Meetings == nil || c.Media == nil || c.Rooms == nil {
		return errors.New("cascade: Config needs Tree with Self in it, Meetings, Media and Rooms")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

func (c *Config) path() meeting.NodePath { return c.Tree().Path(c.Self) }

func (c *Config) hello(epoch string) helloMsg {
	n, _ := c.Tree().Node(c.Self)
	return helloMsg{
		Version: Version, Node: c.path(), Name: n.Name, Tier: n.Tier,
		Build: c.Build, Epoch: epoch, NowMs: time.Now().UnixMilli(),
	}
}

// UplinkConfig is what the link to the parent needs.
type UplinkConfig struct {
	Config
	// URLs are the parent's addresses, "wss://host:port/cascade", tried in turn.
	URLs []string
	// TLS proves this node to the parent and the parent to it.
	TLS *tls.Config
	// Connect opens a connection to an address, for one to pass TLS through; nil
	// is the host's TCP.
	Connect func(ctx context.Context, network, addr string) (net.Conn, error)
	// Below tells of the nodes below this one; nil if there are none.
	Below func() []Sight
	// Report sums up an island's log for the meeting above.
	Report func(ctx context.Context, id meeting.ID) (meeting.Island, error)
}

// Uplink is the link to the parent. It is the focus.Upstream of every meeting
// that is led above.
type Uplink struct {
	cfg    UplinkConfig
	log    *slog.Logger
	ctx    context.Context
	cancel context.CancelFunc
	epoch  string         // of this process
	wait   sync.WaitGroup // the actor, diallers, readers, reports
	inbox  chan inbound
	dialed chan attempt

	mu      sync.Mutex
	sock    *socket // nil while there is no link
	severed bool
	number  uint64 // of the last command
	pending map[uint64]*pending
	lanes   lanes
	sight   Sight  // of the line to the parent, from here
	differs uint64 // how often a replica was not the leader's meeting
}

// inbound is what a reader has for the actor.
type inbound struct {
	from *socket
	name string
	msg  any
	err  error // the socket is over
}

// attempt is what became of a dial.
type attempt struct {
	sock *socket
	err  error
}

// pending is a command that waits for its answer.
type pending struct {
	frame  []byte
	lane   *lane // nil for one that came with its cause
	answer chan answered
}

type answered struct {
	seq meeting.Seq
	err error
}

// upstate is what the actor of an Uplink owns.
type upstate struct {
	*Uplink
	m       *machine
	sock    *socket // in use
	next    *socket // greeted, about to be used
	url     int
	media   *sfu.Link
	follows map[meeting.ID]*followed
	pings   pings
	rates   rates
	sightAt time.Time
	refused meeting.Code // by the parent, as it was last said
	saidAt  time.Time
	window  window
}

// followed is one meeting that is led above.
type followed struct {
	feed *focus.Follower
	lost bool // without the link for longer than the grace, or new
	heal int  // snapshots asked for since it last went well
}

// Dial begins the link. It goes on trying until Close.
func Dial(cfg UplinkConfig) (*Uplink, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	if len(cfg.URLs) == 0 || cfg.TLS == nil {
		return nil, errors.New("cascade: an uplink needs URLs and TLS")
	}
	if cfg.Connect == nil {
		cfg.Connect = (&net.Dialer{}).DialContext
	}
	ctx, cancel := context.WithCancel(context.Background())
	epoch := crand.Text()
	u := &Uplink{
		cfg: cfg, log: cfg.Log.With("link", "parent"), ctx: ctx, cancel: cancel, epoch: epoch, lanes: lanes{epoch: epoch},
		inbox: make(chan inbound), dialed: make(chan attempt), severed: true, pending: map[uint64]*pending{},
	}
	s := &upstate{Uplink: u, m: newMachine(true, time.Now()), follows: map[meeting.ID]*followed{}}
	u.wait.Go(u.scope("link to the parent", s.distrust).Func(s.run))
	return u, nil
}

// Close ends the link, telling the parent, and waits.
func (u *Uplink) Close() error {
	u.cancel()
	u.wait.Wait()
	return nil
}

// Sight is the line to the parent as this end sees it.
func (u *Uplink) Sight() Sight {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.sight
}

func (s *upstate) run() {
	defer s.shut()
	timer := time.NewTimer(0)
	defer timer.Stop()
	turn := s.scope("link to the parent", s.distrust)
	for {
		var do func()
		select {
		case <-s.ctx.Done():
			return
		case a := <-s.dialed:
			do = func() { s.arrived(a) }
		case in := <-s.inbox:
			do = func() { s.receive(in) }
		case <-timer.C:
			do = func() {
				s.do(s.m.step(time.Now(), input{kind: inTick}))
				s.tell()
				s.show(time.Now())
			}
		}
		turn.Try(do)
		timer.Reset(s.m.sleep(time.Now()))
	}
}

func (s *upstate) shut() {
	s.use(nil)
	for _, sock := range []*socket{s.sock, s.next} {
		if sock != nil {
			sock.close(CodeClosing)
		}
	}
	s.dropMedia()
	s.refuse(&meeting.Error{Code: focus.CodeStopping})
}

// do carries out what the machine says.
func (s *upstate) do(acts []act) {
	for _, a := range acts {
		switch a {
		case actDial:
			s.dial()
		case actPing:
			s.sock.send(s.pings.next())
		case actUp, actSwitch:
			s.up()
		case actClose:
			s.sock.end(CodeSilent)
		case actSever:
			s.sever()
		}
	}
}

// arrived takes what became of a dial.
func (s *upstate) arrived(a attempt) {
	in := input{kind: inGreeted}
	if a.err != nil {
		s.complain(a.err)
		s.url++
		in = input{kind: inFailed, roll: rand.Float64()}
	}
	s.next = a.sock
	s.do(s.m.step(time.Now(), in))
}

// up begins with a new socket; an old one has served.
func (s *upstate) up() {
	if old := s.sock; old != nil {
		old.end(CodeReplaced)
	}
	s.sock, s.next = s.next, nil
	s.pings, s.rates, s.window = pings{}, rates{}, window{}
	s.dropMedia()
	sock := s.sock
	s.wait.Go(s.scope("link's reader", func() { sock.end(CodeClosing) }).Func(func() {
		err := sock.read(func(name string, msg any) error { return s.pass(inbound{from: sock, name: name, msg: msg}) })
		_ = s.pass(inbound{from: sock, err: err}) // unless the link is closed
	}))
	self := s.cfg.path()
	media, err := s.cfg.Media(sfu.LinkConfig{
		Name: string(sock.greets.Node), Child: true, Cap: s.cfg.Cap,
		Beyond: func(p meeting.PointID) bool { return !s.cfg.Tree().Holds(self, p) },
		Send:   func(m sfu.LinkMessage) { sock.send(encode("media", m)) },
		Notify: func(n sfu.LinkNotice) { noteMedia(s.log, n) },
	})
	if err != nil {
		s.log.Error("no media for the link", "err", err)
		sock.end(CodeClosing)
		return
	}
	s.media = media
	s.log.Info("link up", "parent", sock.greets.Node, "build", sock.greets.Build)
	s.use(sock)
	for id, f := range s.follows {
		s.attach(id, f)
	}
	s.resend()
}

func (s *upstate) dropMedia() {
	if s.media != nil {
		_ = s.media.Close() // it is logged there, and there is nothing to be done
		s.media = nil
	}
}

// pass hands something to the actor; it fails when the actor is over.
func (u *Uplink) pass(in inbound) error {
	select {
	case u.inbox <- in:
		return nil
	case <-u.ctx.Done():
		return u.ctx.Err()
	}
}

// receive takes one frame. What an old socket still had is void.
func (s *upstate) receive(in inbound) {
	if in.from != s.sock {
		return
	}
	if in.err != nil {
		s.log.Warn("link broke", "err", in.err)
		s.sock = nil
		s.use(nil)
		s.do(s.m.step(time.Now(), input{kind: inBroke, roll: rand.Float64()}))
		return
	}
	s.m.step(time.Now(), input{kind: inHeard})
	if err := s.handle(in.msg); err != nil {
		s.log.Warn("parent broke the protocol", "message", in.name, "err", err)
		s.sock.end(codeOf(err))
	}
}

func (s *upstate) handle(msg any) error {
	switch m := msg.(type) {
	case *meetingsMsg:
		return s.meetings(m.Meetings)
	case *snapshotMsg:
		s.fed(m.Meeting, func(f *focus.Follower) error { return f.Restore(m.Snapshot, m.Plan, m.Ahead.read()) })
	case *eventsMsg:
		s.fed(m.Meeting, func(f *focus.Follower) error { return f.Advance(m.Events, m.Plan, m.Ahead.read()) })
	case *closedMsg:
		if f := s.follows[m.Meeting]; f != nil {
			return f.feed.Close(m.Ahead.read())
		}
	case *severedMsg:
		if f := s.follows[m.Meeting]; f != nil {
			f.lost = true
			return f.feed.Sever()
		}
	case *answerMsg:
		s.answer(m)
	case *pingMsg:
		s.sock.send(encode("pong", pongMsg{N: m.N, NowMs: time.Now().UnixMilli()}))
	case *pongMsg:
		s.pings.answered(m)
	case *watchMsg:
		s.watched(m)
	case *mediaMsg:
		if s.media != nil {
			return s.media.Receive(*m)
		}
	case *byeMsg:
		return violates(m.Code, "the parent closes")
	case *struct{}: // drain
		if len(s.cfg.URLs) > 1 {
			s.url++
			s.do(s.m.step(time.Now(), input{kind: inDrain}))
		}
	default:
		return violates(CodeMalformed, "not a parent's message")
	}
	return nil
}

// sever silences everything that is led above.
func (s *upstate) sever() {
	s.log.Warn("link severed; all sound from above is closed")
	for _, f := range s.follows {
		f.lost = true
		_ = f.feed.Sever() // fails only when the registry is closed, silent
	}
	s.mu.Lock()
	s.severed = true
	s.mu.Unlock()
	s.dropMedia()
	s.refuse(&meeting.Error{Code: focus.CodeSevered})
}

// use makes a socket the one that commands go up by.
func (u *Uplink) use(sock *socket) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sock = sock
	if sock != nil {
		u.severed = false
	}
}
