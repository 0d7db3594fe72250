package cascade

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/sfu"
)

// child is the parent's end of one link. Its goroutine, run, owns below the
// blank line; it lives from the child's first coming to Close.
type child struct {
	d      *Downlinks
	node   tree.Node
	path   meeting.NodePath
	log    *slog.Logger
	ctx    context.Context
	cancel context.CancelFunc
	wait   sync.WaitGroup // run, attachments, commands, presence
	inbox  chan inbound
	room   chan struct{} // a token for each command at work
	pace   *limit.Rate   // over reconnections

	mu       sync.Mutex
	sight    Sight
	below    []Sight
	draining *socket // the one in use, for Drain

	m        *machine
	sock     *socket
	media    *sfu.Link
	trusted  func() bool
	attached map[meeting.ID]func() // ends each attachment
	listed   []meeting.ID
	pings    pings
	rates    rates
	told     told
}

// maxCommands bounds the commands of one child at work at once; it waits with
// the next until one is done.
const maxCommands = 64

// newcomer is a socket that has said hello.
type newcomer struct{ trusted func() bool }

func newChild(d *Downlinks, n tree.Node) *child {
	ctx, cancel := context.WithCancel(context.Background())
	path := d.cfg.Tree().Path(n.Code)
	c := &child{
		d: d, node: n, path: path, log: d.cfg.Log.With("link", string(n.Code)), ctx: ctx, cancel: cancel,
		inbox: make(chan inbound), room: make(chan struct{}, maxCommands),
		pace:     limit.NewRate(limit.Standard(), limit.LinkCommands),
		sight:    Sight{Node: path, Name: n.Name, Tier: n.Tier, State: StateDown},
		m:        newMachine(false, time.Now()),
		attached: map[meeting.ID]func(){},
	}
	c.wait.Go(c.scope("link to a child", c.distrust).Func(c.run))
	return c
}

// serve reads a socket to its end. Commands are carried out beside the actor,
// so that a slow journal holds up nobody's facts.
func (c *child) serve(sock *socket, trusted func() bool) error {
	if err := c.pass(inbound{from: sock, msg: &newcomer{trusted: trusted}}); err != nil {
		return violates(CodeClosing, "the node stops")
	}
	err := sock.read(func(name string, msg any) error {
		switch m := msg.(type) {
		case *commandMsg:
			return c.command(sock, m)
		case *attachMsg:
			if err := c.pace.Await(c.ctx); err != nil {
				return violates(CodeClosing, "the node stops")
			}
		}
		return c.pass(inbound{from: sock, name: name, msg: msg})
	})
	_ = c.pass(inbound{from: sock, err: err}) // unless the node stops
	if sock.code == CodeReplaced || sock.code == CodeClosing {
		return nil
	}
	return err
}

func (c *child) pass(in inbound) error {
	select {
	case c.inbox <- in:
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

func (c *child) close() {
	c.cancel()
	c.wait.Wait()
}

func (c *child) run() {
	defer c.leave(CodeClosing)
	changed, stop := c.d.cfg.Meetings.Watch()
	defer stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	turn := c.scope("link to a child", c.distrust)
	for {
		var do func()
		select {
		case <-c.ctx.Done():
			return
		case in := <-c.inbox:
			do = func() { c.receive(in) }
		case <-changed:
			do = c.list
		case <-timer.C:
			do = func() {
				c.do(c.m.step(time.Now(), input{kind: inTick}))
				c.look()
				c.watch(time.Now())
			}
		}
		turn.Try(do)
		timer.Reset(c.m.sleep(time.Now()))
	}
}

func (c *child) do(acts []act) {
	for _, a := range acts {
		switch a {
		case actPing:
			c.sock.send(c.pings.next())
			c.list() // an order to relay is a fact of a meeting that is there already
			if !c.trusted() {
				c.sock.end(CodeStranger)
			} else if _, ok := c.d.below(c.node.Code); !ok {
				c.sock.end(CodePlace)
			}
		case actClose:
			c.sock.end(CodeSilent)
		case actSever:
			c.sever()
		}
	}
}

func (c *child) receive(in inbound) {
	if n, ok := in.msg.(*newcomer); ok {
		c.arrive(in.from, n.trusted)
		return
	}
	if in.from != c.sock {
		return // a replaced one
	}
	if in.err != nil {
		c.log.Warn("link broke", "err", in.err)
		c.detach()
		c.sock = nil
		c.do(c.m.step(time.Now(), input{kind: inBroke}))
		return
	}
	c.m.step(time.Now(), input{kind: inHeard})
	if err := c.handle(in.msg); err != nil {
		c.d.refuse(c.node.Code, codeOf(err), err)
		c.sock.end(codeOf(err))
	}
}

// arrive begins with a new socket. A node has one link: an older one that is
// still thought to be there is over.
func (c *child) arrive(sock *socket, trusted func() bool) {
	c.leave(CodeReplaced)
	c.sock, c.trusted, c.listed, c.pings, c.rates, c.told = sock, trusted, nil, pings{}, rates{}, told{}
	media, err := c.d.cfg.Media(sfu.LinkConfig{
		Name: string(c.path), Cap: c.d.cfg.Cap, From: sock.from(),
		Beyond: func(p meeting.PointID) bool { return c.d.cfg.Tree().Holds(c.path, p) },
		Send:   func(m sfu.LinkMessage) { sock.send(encode("media", m)) },
		Notify: func(n sfu.LinkNotice) { noteMedia(c.log, n) },
	})
	if err != nil {
		c.log.Error("no media for the link", "err", err)
		sock.end(CodeClosing)
		return
	}
	c.media = media
	c.do(c.m.step(time.Now(), input{kind: inGreeted}))
	c.log.Info("link up", "build", sock.greets.Build)
	c.list()
	c.look()
}

// detach ends what goes by the socket, but for media, which may outlive it for
// a moment.
func (c *child) detach() {
	for id, end := range c.attached {
		end()
		delete(c.attached, id)
	}
}

func (c *child) leave(code meeting.Code) {
	c.detach()
	if c.sock != nil {
		c.sock.end(code)
		c.sock = nil
	}
	c.dropMedia()
}

func (c *child) dropMedia() {
	if c.media != nil {
		_ = c.media.Close() // it is logged there, and there is nothing to be done
		c.media = nil
	}
}

func (c *child) handle(msg any) error {
	switch m := msg.(type) {
	case *attachMsg:
		return c.attach(m)
	case *pingMsg:
		c.sock.send(encode("pong", pongMsg{N: m.N, NowMs: time.Now().UnixMilli()}))
	case *pongMsg:
		c.pings.answered(m)
	case *sightMsg:
		return c.report(m)
	case *linesMsg:
		return c.lines(m)
	case *stillMsg:
		return c.still(m)
	case *mediaMsg:
		if c.media != nil {
			return c.media.Receive(*m)
		}
	case *byeMsg:
		return violates(m.Code, "the child closes")
	default:
		return violates(CodeMalformed, "not a child's message")
	}
	return nil
}

// report keeps what a child tells of the nodes below it, and of no other.
func (c *child) report(m *sightMsg) error {
	for _, s := range m.Nodes {
		if s.Node == c.path || !s.Node.Within(c.path) {
			return violates(CodePlace, "a report on %.100s", s.Node)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.below = m.Nodes
	c.sight.Diverged, c.sight.Unanswered = m.Diverged, m.Unanswered
	return nil
}

// look keeps the figures that others read.
func (c *child) look() {
	now := time.Now()
	n, _ := c.d.below(c.node.Code)
	s := Sight{
		Node: c.path, Name: n.Name, Tier: n.Tier, State: c.m.state(), SinceMs: millis(c.m.lostAt),
		RTTMs: c.pings.rtt.Milliseconds(), ClockMs: c.pings.clock,
	}
	if c.sock != nil {
		s.Version = c.sock.greets.Build
	}
	if c.media != nil {
		stats := c.media.Stats()
		s.UpBps, s.DownBps = c.rates.since(now, stats)
		read(&s, stats)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Redialled, s.Diverged, s.Unanswered = c.sight.Redialled, c.sight.Diverged, c.sight.Unanswered
	if c.sight.State != StateUp && s.State == StateUp {
		s.Redialled++
	}
	c.sight, c.draining = s, c.sock
}

// sights is the child's and those of the nodes below it, which nobody sees
// while the link is lost.
func (c *child) sights() []Sight {
	c.mu.Lock()
	defer c.mu.Unlock()
	below := slices.Clone(c.below)
	if c.sight.State == StateDown {
		for i := range below {
			below[i] = Sight{Node: below[i].Node, Name: below[i].Name, Tier: below[i].Tier, State: StateDown, SinceMs: c.sight.SinceMs}
		}
	}
	return append([]Sight{c.sight}, below...)
}

func (c *child) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.draining; s != nil {
		s.send(encode("drain", struct{}{}))
	}
}
