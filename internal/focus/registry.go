package focus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/meeting"
)

// The errors of Create and Open.
var (
	ErrUnknown = errors.New("focus: no such meeting")
	ErrExists  = errors.New("focus: meeting exists")
	ErrEnded   = errors.New("focus: meeting has ended")
	ErrClosed  = errors.New("focus: registry closed")
	ErrBroken  = errors.New("focus: the log breaks the machine")
	ErrLinked  = errors.New("focus: the meeting is led here, or its link is there")
)

// Config is what the live meetings of a node share.
type Config struct {
	Journal Journal
	Media   Media
	// Snapshots shortens the fold of a long journal; nil does without.
	Snapshots Snapshots
	// Confirm is how often a meeting asks whether another server has taken it
	// over; 0 is never, for a store that only one process can open. A server
	// that was replaced closes its gates within this time, or with its next fact.
	Confirm time.Duration
	// Node is this node's place in the tree, "" for one that is alone.
	Node meeting.NodePath
	// Place says which node a point connects to, for the meetings this node
	// creates; nil places none.
	Place func(meeting.PointID) meeting.NodePath
	// Now is the node's clock; nil is time.Now.
	Now func() time.Time
	// Elapsed is the time that has passed, by a clock nobody can set; nil is the
	// system's monotonic clock.
	Elapsed func() time.Duration
	// Log receives events; nil discards them.
	Log *slog.Logger
}

// Registry holds the live meetings of a node.
type Registry struct {
	cfg   Config
	stats counters

	// opening holds a token while Create or Open is at work, so that a meeting
	// never has two actors.
	opening chan struct{}

	mu       sync.Mutex
	live     map[meeting.ID]*Focus
	watchers map[chan struct{}]struct{} // of live
	closed   bool
}

// counters are the running totals of a registry.
type counters struct{ commands, facts, appendFailures, crashes atomic.Uint64 }

// Stats are running totals since the start.
type Stats struct {
	Commands       uint64 // judged, refused ones included
	Facts          uint64 // made durable
	AppendFailures uint64 // batches the journal did not take
	Crashes        uint64 // panics of the core
}

// NewRegistry returns a registry without meetings.
func NewRegistry(cfg Config) *Registry {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Elapsed == nil {
		began := time.Now()
		cfg.Elapsed = func() time.Duration { return time.Since(began) }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Registry{cfg: cfg, opening: make(chan struct{}, 1), live: map[meeting.ID]*Focus{}, watchers: map[chan struct{}]struct{}{}}
}

// Watch returns a channel that holds a token whenever there is a new meeting
// since the last receive, and a function that ends the watch. The channel holds
// a token at once and is never closed.
func (r *Registry) Watch() (changed <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	c <- struct{}{}
	r.mu.Lock()
	r.watchers[c] = struct{}{}
	r.mu.Unlock()
	return c, func() {
		r.mu.Lock()
		delete(r.watchers, c)
		r.mu.Unlock()
	}
}

// add makes a meeting one of the live ones. r.mu is held.
func (r *Registry) add(f *Focus) {
	r.live[f.id] = f
	wake(r.watchers)
}

// wake gives every watcher a token, if it has none.
func wake(watchers map[chan struct{}]struct{}) {
	for c := range watchers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Create begins a new meeting. The command is judged by the meeting itself, so
// a refusal is a *meeting.Error; an id that has a log already is ErrExists.
func (r *Registry) Create(ctx context.Context, id meeting.ID, by meeting.Actor, c meeting.CreateMeeting) (*Focus, error) {
	return r.begin(ctx, id, by, r.placed(c))
}

// Fork begins an island: this node's part of a meeting that is led above, going
// on by itself while the link is lost. A meeting whose link is not lost is
// ErrLinked.
func (r *Registry) Fork(ctx context.Context, of *Focus, by meeting.Actor) (*Focus, error) {
	u := of.Current()
	if of.follows == nil || u == nil || !u.Severed {
		return nil, ErrLinked
	}
	for n := 1; ; n++ {
		f, err := r.begin(ctx, meeting.IslandID(of.id, r.cfg.Node, n), by, meeting.Fork{Of: u.State, Node: r.cfg.Node})
		if !errors.Is(err, ErrExists) {
			return f, err
		}
		if f := r.Get(meeting.IslandID(of.id, r.cfg.Node, n)); f != nil && f.Live() {
			return f, nil
		}
	}
}

// begin gives a new meeting its first command.
func (r *Registry) begin(ctx context.Context, id meeting.ID, by meeting.Actor, c meeting.Command) (*Focus, error) {
	if err := r.enter(ctx); err != nil {
		return nil, err
	}
	defer r.leave()
	if r.Get(id) != nil {
		return nil, ErrExists
	}
	a, err := r.load(ctx, id)
	if err != nil {
		return nil, err
	}
	if a.machine.Seq() > 0 {
		return nil, ErrExists
	}
	if err := a.first(by, []meeting.Command{c}); err != nil {
		return nil, err
	}
	return r.start(a)
}

// placed writes in which node leads, and to which each point connects.
func (r *Registry) placed(c meeting.CreateMeeting) meeting.CreateMeeting {
	c.Home = r.cfg.Node
	c.Points = slices.Clone(c.Points)
	for i := range c.Points {
		if r.cfg.Place != nil {
			c.Points[i].Node = r.cfg.Place(c.Points[i].ID)
		}
	}
	return c
}

// Open returns the live meeting, folding its journal if it is not live yet. No
// device of the log is connected to this node then, so every point that was
// present is lost and every microphone closed. An ended meeting is ErrEnded.
func (r *Registry) Open(ctx context.Context, id meeting.ID) (*Focus, error) {
	if err := r.enter(ctx); err != nil {
		return nil, err
	}
	defer r.leave()
	if f := r.Get(id); f != nil {
		return f, nil
	}
	a, err := r.load(ctx, id)
	if err != nil {
		return nil, err
	}
	if a.machine.Seq() == 0 {
		return nil, ErrUnknown
	}
	state := a.machine.Snapshot()
	if !state.EndedAt.IsZero() {
		return nil, ErrEnded
	}
	var lost []meeting.Command
	for _, p := range state.Points {
		if p.Presence == meeting.Present {
			lost = append(lost, meeting.Lose{Point: p.ID, Device: p.Device, Why: meeting.LostNode})
		}
	}
	if err := a.first(meeting.Actor{Role: meeting.RoleNode}, lost); err != nil {
		return nil, err
	}
	return r.start(a)
}

// Get returns the meeting if it is live here or ended while it was, else nil.
func (r *Registry) Get(id meeting.ID) *Focus {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.live[id]
}

// Live lists the meetings that have not ended, the one that starts first
// before the others; those whose lobby is closed come last.
func (r *Registry) Live() []*Focus {
	r.mu.Lock()
	var open []*Focus
	for _, f := range r.live {
		if f.Live() {
			open = append(open, f)
		}
	}
	r.mu.Unlock()
	slices.SortFunc(open, func(a, b *Focus) int {
		if a.waits() != b.waits() {
			if a.waits() {
				return 1
			}
			return -1
		}
		if c := a.Current().State.StartsAt.Compare(b.Current().State.StartsAt); c != 0 {
			return c
		}
		return strings.Compare(string(a.id), string(b.id))
	})
	return open
}

// waits reports whether the meeting's lobby is still closed.
func (f *Focus) waits() bool { return f.Current().State.Phase() == meeting.PhaseWaiting }

// Called is the meeting the point is called to, nil if there is none. Of
// several it is the first of Live: a running meeting is never robbed, and one
// whose lobby is closed keeps nobody from another.
func (r *Registry) Called(point meeting.PointID) *Focus {
	for _, f := range r.Live() {
		for _, p := range f.Current().State.Points {
			if p.ID == point {
				return f
			}
		}
	}
	return nil
}

// Stats gives the running totals.
func (r *Registry) Stats() Stats {
	return Stats{
		Commands:       r.stats.commands.Load(),
		Facts:          r.stats.facts.Load(),
		AppendFailures: r.stats.appendFailures.Load(),
		Crashes:        r.stats.crashes.Load(),
	}
}

// Close ends every actor after the batch it is at, gates closed, and waits.
// Nothing is written: the meetings go on when they are opened again.
func (r *Registry) Close() {
	r.mu.Lock()
	r.closed = true
	all := make([]*Focus, 0, len(r.live))
	for _, f := range r.live {
		all = append(all, f)
	}
	r.mu.Unlock()
	for _, f := range all {
		f.stop()
	}
	for _, f := range all {
		f.close()
	}
}

// enter takes the token of Create and Open.
func (r *Registry) enter(ctx context.Context) error {
	select {
	case r.opening <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *Registry) leave() { <-r.opening }

func newFocus(id meeting.ID) *Focus {
	return &Focus{
		id:       id,
		mailbox:  make(chan request, mailboxSize),
		done:     make(chan struct{}),
		watchers: map[chan struct{}]struct{}{},
	}
}

// load begins a term as the meeting's leader, which fences any other server
// off, and folds its journal into an actor that does not run yet.
func (r *Registry) load(ctx context.Context, id meeting.ID) (a *actor, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			r.stats.crashes.Add(1)
			err = fmt.Errorf("%w: meeting %q: %v", ErrBroken, id, broken)
		}
	}()
	a = &actor{Focus: newFocus(id), cfg: r.cfg, stats: &r.stats, log: r.cfg.Log.With("meeting", string(id))}
	a.clock = newClock(&r.cfg, a.log)
	if a.epoch, err = r.cfg.Journal.Lead(ctx, id, 0); err != nil {
		return nil, fmt.Errorf("lead meeting %q: %w", id, err)
	}
	got, err := a.fold(ctx)
	a.use(got)
	return a, err
}

// start lets a loaded actor run.
func (r *Registry) start(a *actor) (*Focus, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
	}
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	r.add(a.Focus)
	go guard.Scope{Name: "meeting", Log: a.log, Panics: &r.stats.crashes, Shut: func() { a.failed.Store(true) }}.Run(func() { a.run(ctx) })
	return a.Focus, nil
}

// first carries out the commands a meeting begins or goes on with, before it
// has any other, in one batch. A meeting that cannot begin stays closed.
func (a *actor) first(by meeting.Actor, commands []meeting.Command) error {
	batch := make([]request, len(commands))
	for i, c := range commands {
		batch[i] = request{ctx: context.Background(), by: by, command: c, answer: make(chan answer, 1)}
	}
	a.step(batch)
	for _, r := range batch {
		if done := <-r.answer; done.err != nil {
			a.drop()
			return done.err
		}
	}
	if a.outage.lasts() { // what time had brought was not taken
		a.drop()
		return &meeting.Error{Code: CodeJournal}
	}
	return nil
}

// Unwritten is since when some live meeting's log cannot be written; zero if all
// can. Each tries by itself, so this ends without anybody giving a command. One
// whose log is damaged does not count: it is that meeting's trouble alone.
func (r *Registry) Unwritten() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	var since time.Time
	for _, f := range r.live {
		u := f.Current()
		if u == nil || u.Unwritten.IsZero() || f.failed.Load() || f.damaged.Load() {
			continue
		}
		if since.IsZero() || u.Unwritten.Before(since) {
			since = u.Unwritten
		}
	}
	return since
}
