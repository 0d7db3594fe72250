package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/giaoban/giaoban/internal/audit"
	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/config"
	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/rights"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/loadtest"
	"github.com/giaoban/giaoban/sfu"
	"github.com/giaoban/giaoban/signaling"
	webclient "github.com/giaoban/giaoban/web-client"
)

// drain bounds how long a stop may take before it is forced.
const drain = 10 * time.Second

// serveCommand is "giaoban serve". A flag wins over the file, the file over
// the default.
type serveCommand struct {
	Config     string  `placeholder:"FILE" help:"Configuration file; \"giaoban config\" prints one."`
	Data       *string `placeholder:"DIR" help:"Directory of everything that is kept (./data)."`
	HTTP       *string `name:"http" placeholder:"ADDR" help:"Address of plain http (:8080). Other machines get only the page about the CA."`
	HTTPS      *string `name:"https" placeholder:"ADDR" help:"Address of https (:8443)."`
	Media      *int    `placeholder:"PORT" help:"The one port of all pictures and sound, UDP and TCP (10000)."`
	Tree       *string `placeholder:"TREE" help:"Tree of the demo: ha-giang, three tiers, or tuyen-quang, two (ha-giang)."`
	Links      string  `placeholder:"FILE" help:"Write the links as JSON too, once everything is open."`
	DemoPoints *int    `placeholder:"N" help:"How many points are simulated, 0 for none (19)."`
	Fresh      bool    `help:"Begin with an empty store although the data directory was used before."`
}

// settings is the configuration the command line asks for.
func (c *serveCommand) settings() (config.Config, error) {
	cfg := config.Default()
	if c.Config != "" {
		var err error
		if cfg, err = config.Load(c.Config); err != nil {
			return cfg, err
		}
	}
	set(&cfg.Data, c.Data)
	set(&cfg.HTTP, c.HTTP)
	set(&cfg.HTTPS, c.HTTPS)
	set(&cfg.Media.Port, c.Media)
	set(&cfg.Demo.Tree, c.Tree)
	set(&cfg.Demo.Points, c.DemoPoints)
	if cfg.HTTP == "" && cfg.HTTPS == "" {
		return cfg, errors.New("http and https are both off: nobody could come in")
	}
	return cfg, cfg.Validate()
}

func set[T any](value, flag *T) {
	if flag != nil {
		*value = *flag
	}
}

// Run serves until a signal asks to stop. A second one ends the process.
func (c *serveCommand) Run(t terminal) error {
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer restore()
	n, err := c.start(ctx, cfg, t)
	for again := true; again; {
		if err != nil {
			return err
		}
		again = false
		select {
		case <-ctx.Done():
		case err = <-n.broken:
		case by := <-n.unseated:
			n.log.Error("another server leads, or has led meanwhile: beginning anew", "by", by)
			if err = n.close(); err == nil {
				n, err = c.start(ctx, cfg, t)
			}
			again = true
		}
	}
	restore() // from here on a signal has its usual effect
	fmt.Fprintln(t.err, "\ngiaoban: stopping")
	return errors.Join(err, n.close())
}

// node is a running server. What it opened is in closers, in that order.
type node struct {
	cfg     config.Config
	log     *slog.Logger
	args    []string
	broken  chan error // a listener that failed; has room for all of them
	closers []func() error
	// unseated says that another server on the store leads, or has led meanwhile.
	unseated chan string

	place    *place // in the tree, nil for a node that is alone
	entrance *entrance
	recall   *recall
	store    *store.Monitor
	audit    *audit.Log
	unnoted  atomic.Uint64 // acts that found no way into it
	fresh    bool          // an empty store beside a used directory is meant
	confirm  time.Duration // how often meetings ask whether another server leads
	ready    func() error  // why the store cannot be trusted now, nil if it can
	media    *sfu.SFU
	meetings *focus.Registry
	signals  *signaling.Server
	keeper   *keeper
	first    string // the password of the operator's account, if this start made it
	plain    string // address of plain http in use, "" for none
	secure   string // address of https in use, "" for none
}

// start opens everything, ports first, and prints the links. If a part fails,
// what was opened is closed again.
func (c *serveCommand) start(ctx context.Context, cfg config.Config, t terminal) (*node, error) {
	n := &node{cfg: cfg, log: newLog(cfg.Log, t.err), args: t.args, broken: make(chan error, 8), unseated: make(chan string, 1), entrance: &entrance{}, recall: &recall{}, fresh: c.Fresh}
	d, err := n.open(ctx)
	if err != nil {
		return nil, errors.Join(err, n.close())
	}
	w := n.welcome(d)
	if err := w.write(c.Links); err != nil {
		return nil, errors.Join(err, n.close())
	}
	w.print(t.out)
	return n, nil
}

func (n *node) open(ctx context.Context) (*demo, error) {
	if err := os.MkdirAll(n.cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	plain, secure, err := n.listen()
	if err != nil {
		return nil, err
	}
	for _, l := range plain {
		n.answer(&http.Server{Handler: n.entrance}, l)
	}
	if err := n.openPlace(); err != nil {
		return nil, err
	}
	if err := n.openStore(ctx); err != nil {
		return nil, err
	}
	if err := n.openMeetings(ctx, n.media); err != nil {
		return nil, err
	}
	office, err := n.openOffice(ctx)
	if err != nil {
		return nil, err
	}
	if err := n.openLines(ctx, office); err != nil {
		return nil, err
	}
	if err := n.openCore(office); err != nil {
		return nil, err
	}
	n.first = office.first
	var d *demo
	if n.cfg.Demo.Enabled {
		if d, err = n.openDemo(ctx, office.tokens); err != nil {
			return nil, err
		}
		if err := d.hold(ctx, n.store, n.meetings); err != nil {
			return nil, fmt.Errorf("open the demo meeting: %w", err)
		}
	} else if err := n.endDemo(ctx, office); err != nil {
		return nil, err
	}
	if err := n.link(); err != nil {
		return nil, err
	}
	if err := n.serve(secure); err != nil {
		return nil, err
	}
	if err := n.openSocket(office); err != nil {
		return nil, err
	}
	if d != nil {
		return d, n.play(d)
	}
	return nil, nil
}

// listen opens the doors and the media port.
func (n *node) listen() (plain, secure []net.Listener, err error) {
	if n.cfg.HTTP != "" {
		plain, err = door{what: "http", network: "tcp", addr: n.cfg.HTTP, flag: "--http"}.listen(n.args)
		if err != nil {
			return nil, nil, err
		}
		n.closers = append(n.closers, func() error { closeAll(plain); return nil })
		n.plain = plain[0].Addr().String()
	}
	if n.cfg.HTTPS != "" {
		secure, err = door{what: "https", network: "tcp", addr: n.cfg.HTTPS, flag: "--https"}.listen(n.args)
		if err != nil {
			return nil, nil, err
		}
		n.closers = append(n.closers, func() error { closeAll(secure); return nil })
		n.secure = secure[0].Addr().String()
	}
	media := door{what: "pictures and sound", network: "udp", addr: net.JoinHostPort("", strconv.Itoa(n.cfg.Media.Port)), flag: "--media"}
	n.media, err = sfu.New(sfu.Config{Port: n.cfg.Media.Port, Addrs: n.cfg.Media.Addresses, Lines: n.recall, Log: n.log})
	if err != nil {
		return nil, nil, media.explain(err, n.args)
	}
	n.closers = append(n.closers, n.media.Close)
	return plain, secure, nil
}

// openCore opens the server of bridge.v1.
func (n *node) openCore(o *office) error {
	signals := signaling.Config{
		Meetings: n.meetings,
		Media:    signaling.Bridge(n.media),
		Logs:     logs{n.store},
		Auth:     o.bearer,
		Operator: func(token string) bool {
			who, ok := o.tokens.Lookup(token)
			hold := rights.Hold{Role: who.Role, System: who.System, Point: who.Point}
			return ok && hold.Figures()
		},
		Directory: o.directory,
		Above:     n.above(),
		Nodes:     n.nodeMap(),
		Audit:     o.note,
		API:       o.server.Handler(),
		Ready:     n.ready,
		Damaged:   n.damaged,
		Metrics:   n.storeMetrics(),
		Log:       n.log,
		Version:   version(),
		Limits:    signaling.Limits{RoomTiles: n.cfg.Tiles.Room, ConsoleTiles: n.cfg.Tiles.Console},
		Pin:       n.cfg.Pin,
	}
	if n.cfg.Demo.Enabled {
		system, err := catalog.DemoSystem(n.cfg.Demo.Tree)
		if err != nil {
			return err
		}
		signals.SystemName = system.Name
	}
	if web, built := webclient.FS(); built {
		signals.Web = web
	}
	var err error
	if n.signals, err = signaling.New(signals); err != nil {
		return err
	}
	n.closers = append(n.closers, n.signals.Close)
	return nil
}

// serve opens the doors to the world.
func (n *node) serve(secure []net.Listener) error {
	var err error
	n.keeper, err = newKeeper(n.cfg.Data, func() []string { return append(hostNames(), n.cfg.Names...) }, n.log)
	if err != nil {
		return err
	}
	n.closers = append(n.closers, n.keeper.close)
	_, port, _ := net.SplitHostPort(n.secure)
	door, err := newPlainDoor(n.signals, n.keeper.ca, port, n.log)
	if err != nil {
		return err
	}
	n.entrance.open(door)
	for _, l := range secure {
		n.answer(&http.Server{Handler: secureDoor(n.signals, door), TLSConfig: n.keeper.config()}, l)
	}
	return nil
}

// play fills the simulated points with bots, which come in by the front door.
func (n *node) play(d *demo) error {
	simulated, _ := d.split(n.cfg.Demo.Points)
	if len(simulated) == 0 {
		return nil
	}
	inside, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("open a door for the simulated points: %w", err)
	}
	n.answer(&http.Server{Handler: n.signals}, inside)
	points := make([]loadtest.DemoPoint, len(simulated))
	for i, p := range simulated {
		points[i] = loadtest.DemoPoint{ID: p.ID, Token: d.Rooms[p.ID]}
	}
	cast, err := loadtest.Play(loadtest.DemoConfig{
		URL: "ws://" + inside.Addr().String() + "/api/v1/bridge", Points: points, Log: n.log,
	})
	if err != nil {
		return fmt.Errorf("simulate points: %w", err)
	}
	n.closers = append(n.closers, cast.Close)
	return nil
}

// close ends everything, the last opened first, within the time of drain.
func (n *node) close() error {
	ended := make(chan error, 1)
	go guard.Scope{Name: "close", Log: n.log}.Run(func() {
		var failed []error
		for _, closer := range slices.Backward(n.closers) {
			failed = append(failed, closer())
		}
		ended <- errors.Join(failed...)
	})
	select {
	case err := <-ended:
		return err
	case <-time.After(drain):
		return fmt.Errorf("not stopped after %s; the journal is complete, so nothing is lost", drain)
	}
}

func (n *node) welcome(d *demo) welcome {
	w := welcome{demo: d, place: n.place, first: n.first, simulated: n.cfg.Demo.Points, ca: n.keeper.ca.fingerprint()}
	switch {
	case n.plain != "":
		w.local = baseURL("http", n.cfg.HTTP, n.plain)
	default:
		w.local = baseURL("https", n.cfg.HTTPS, n.secure)
	}
	w.remote = reach("https", n.secure)
	if t := reach("http", n.plain); len(t) > 0 {
		w.trust = t[0]
	}
	return w
}

// newLog writes events for the operator.
func newLog(cfg config.Log, to io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo
	}
	opts := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(newCalm(slog.NewJSONHandler(to, opts), time.Now))
	}
	return slog.New(newCalm(slog.NewTextHandler(to, opts), time.Now))
}
