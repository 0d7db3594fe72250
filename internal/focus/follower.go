package focus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/meeting"
)

// ErrDiverged is a replica that does not fold to the leader's plan. It is
// silent until it is restored from a snapshot.
var ErrDiverged = errors.New("focus: the replica's plan differs from the leader's")

// Upstream carries the commands of a meeting that is led above to its leader.
// Submit waits while the link is away for a moment; a link that stays lost is
// CodeSevered.
type Upstream interface {
	Submit(ctx context.Context, o Order) (meeting.Seq, error)
}

// Order is a command on its way up.
type Order struct {
	Meeting meeting.ID
	By      meeting.Actor // with its node
	Cause   meeting.Cause
	Command meeting.Command
}

// Ahead is what the leader closes ahead of its log, and since when it cannot
// write it. Each value replaces the one before.
type Ahead struct {
	Closed    map[meeting.SourceKey]meeting.Seq
	Unwritten time.Time
}

// Follower feeds a Focus whose leader is above. Its methods are called by one
// goroutine at a time, that of the link.
type Follower struct{ focus *Focus }

// follower is the part of a Focus that stands for the leader above. Its
// goroutine owns the replica.
type follower struct {
	up    Upstream
	node  meeting.NodePath
	feeds chan feed
}

// feed is one thing the link has for a replica.
type feed struct {
	snapshot *meeting.Snapshot // begins the replica anew
	events   []meeting.Event
	digest   string // of the leader's plan after them
	ahead    Ahead
	only     bool   // ahead is all there is
	sever    bool   // the link is lost for longer than its grace
	closing  *Order // goes up now, and closes here at once
	refused  *Order // it was, by the leader: what it closed is as the log says
	answer   chan error
}

// replica is what the goroutine of a follower owns.
type replica struct {
	*Focus
	media   Media
	log     *slog.Logger
	machine *meeting.Meeting                  // nil while it cannot be trusted
	above   Ahead                             // what the leader closes ahead of its log
	here    map[meeting.SourceKey]meeting.Seq // and what commands on their way up close
}

// Focus is the meeting as this node has it.
func (f *Follower) Focus() *Focus { return f.focus }

// Restore begins the replica anew from the leader's snapshot. digest is the
// Digest of the leader's plan at that point; another one is ErrDiverged.
func (f *Follower) Restore(s meeting.Snapshot, digest string, ahead Ahead) error {
	return f.feed(feed{snapshot: &s, digest: digest, ahead: ahead})
}

// Advance folds facts of the leader, whose plan has the digest after them. A
// gap, a fact that does not fit or another plan is ErrDiverged: from then on
// nothing sounds here until Restore.
func (f *Follower) Advance(events []meeting.Event, digest string, ahead Ahead) error {
	return f.feed(feed{events: events, digest: digest, ahead: ahead})
}

// Close closes what the leader has closed ahead of its log, and nothing else.
func (f *Follower) Close(ahead Ahead) error { return f.feed(feed{ahead: ahead, only: true}) }

// Sever says that the link is lost for longer than its grace: everything that
// sounds is closed until facts come again.
func (f *Follower) Sever() error { return f.feed(feed{sever: true}) }

func (f *Follower) feed(in feed) error {
	in.answer = make(chan error, 1)
	select {
	case f.focus.follows.feeds <- in:
		return <-in.answer
	case <-f.focus.done:
		return &meeting.Error{Code: CodeStopping}
	}
}

// Follow makes the meeting one that is led above. A meeting this node leads
// itself is ErrExists; one it follows already goes on.
func (r *Registry) Follow(id meeting.ID, up Upstream) (*Follower, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
	}
	if f := r.live[id]; f != nil {
		if f.follows == nil {
			return nil, ErrExists
		}
		return &Follower{focus: f}, nil
	}
	ctx, stop := context.WithCancel(context.Background())
	f := newFocus(id)
	f.stop = stop
	f.follows = &follower{up: up, node: r.cfg.Node, feeds: make(chan feed)}
	replica := &replica{Focus: f, media: r.cfg.Media, log: r.cfg.Log.With("meeting", string(id))}
	r.add(f)
	go guard.Scope{Name: "follower", Log: replica.log, Shut: func() { f.failed.Store(true) }}.Run(func() { replica.run(ctx) })
	return &Follower{focus: f}, nil
}

// forward gives a command to the leader and returns when its facts are here.
func (f *Focus) forward(ctx context.Context, by meeting.Actor, cause meeting.Cause, c meeting.Command) (meeting.Seq, error) {
	if by.Node == "" {
		by.Node = f.follows.node
	}
	changed, stop := f.Watch()
	defer stop()
	o := Order{Meeting: f.id, By: by, Cause: cause, Command: c}
	f.tell(feed{closing: &o})
	seq, err := f.follows.up.Submit(ctx, o)
	if err != nil {
		if refusedByLeader(err) {
			f.tell(feed{refused: &o})
		}
		return 0, err
	}
	for {
		if u := f.Current(); u != nil && (u.State.Seq >= seq || u.Severed) {
			return seq, nil // it is carried out, whether or not it can be seen here
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return seq, nil
		case <-f.done:
			return seq, nil
		}
	}
}

// tell gives the replica something that cannot fail.
func (f *Focus) tell(in feed) { _ = (&Follower{focus: f}).feed(in) }

// refusedByLeader reports whether the leader has judged a command and will not
// carry it out. Of any other that failed nobody knows.
func refusedByLeader(err error) bool {
	var refused *meeting.Error
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.Code {
	case CodeJournal, CodeOwed, CodeFailed, CodeLed, CodeStopping, CodeSevered:
		return false
	}
	return true
}

func (r *replica) run(ctx context.Context) {
	defer close(r.done)
	defer r.media.Carry(r.id, nothing(0))
	for {
		select {
		case <-ctx.Done():
			return
		case in := <-r.follows.feeds:
			in.answer <- r.take(in)
		}
	}
}

// take carries out one feed. The core refusing the leader's facts is a
// difference like any other: a panic of it must not take the node down.
func (r *replica) take(in feed) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			r.log.Error("replica broke", "panic", fmt.Sprint(broken))
			r.distrust()
			err = fmt.Errorf("%w: %v", ErrDiverged, broken)
		}
	}()
	switch {
	case in.sever:
		r.sever()
		return nil
	case in.closing != nil:
		r.closeFor(in.closing, true)
		return nil
	case in.refused != nil:
		r.closeFor(in.refused, false)
		return nil
	}
	r.above = in.ahead
	if in.only && (r.machine == nil || r.current.Load() == nil) {
		return nil // nothing sounds
	}
	if err := r.fold(in); err != nil {
		r.distrust()
		return err
	}
	if in.only {
		if !r.current.Load().Severed {
			r.show(r.machine.Plan(), nil)
		}
		return nil
	}
	plan := r.machine.Plan()
	if in.digest != plan.Digest() {
		r.log.Error("plan differs from the leader's", "seq", plan.Seq)
		r.distrust()
		return fmt.Errorf("%w at %d", ErrDiverged, plan.Seq)
	}
	r.show(plan, in.events)
	return nil
}

// show carries the plan of the log, less what is closed ahead of it.
func (r *replica) show(plan *meeting.Plan, events []meeting.Event) {
	closed := map[meeting.SourceKey]meeting.Seq{}
	for _, some := range []map[meeting.SourceKey]meeting.Seq{r.above.Closed, r.here} {
		for k, since := range some {
			if tag, open := plan.Open[k]; open && tag.Since <= since {
				closed[k] = max(closed[k], since)
			}
		}
	}
	maps.DeleteFunc(r.here, func(k meeting.SourceKey, _ meeting.Seq) bool { return closed[k] == 0 })
	u := &Update{State: r.machine.Snapshot(), Log: plan, Plan: plan.Without(closed), Closed: closed, Unwritten: r.above.Unwritten}
	if !u.Unwritten.IsZero() {
		u.Plan = plan.Silent()
	}
	r.media.Carry(r.id, u.Plan)
	r.publish(u, events)
	if !u.State.EndedAt.IsZero() {
		r.media.End(r.id)
	}
}

// closeFor closes here, at once, what a command on its way up will close: the
// leader's log may be slow, or the line. If the leader refuses it, what it closed
// is as the log says again.
func (r *replica) closeFor(o *Order, on bool) {
	u := r.current.Load()
	if r.machine == nil || u == nil || u.Severed {
		return
	}
	closed := closedBy(r.machine, time.Now(), o.By, o.Command)
	if len(closed) == 0 {
		return
	}
	if r.here == nil {
		r.here = map[meeting.SourceKey]meeting.Seq{}
	}
	for k, since := range closed {
		if on {
			r.here[k] = since
		} else {
			delete(r.here, k)
		}
	}
	r.show(r.machine.Plan(), nil)
}

func (r *replica) fold(in feed) error {
	if in.snapshot != nil {
		machine, err := meeting.Restore(*in.snapshot)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDiverged, err)
		}
		r.machine = machine
	}
	if r.machine == nil {
		return fmt.Errorf("%w: no snapshot yet", ErrDiverged)
	}
	for _, e := range in.events {
		if err := r.machine.Apply(e); err != nil {
			return fmt.Errorf("%w: %w", ErrDiverged, err)
		}
	}
	return nil
}

// distrust throws the replica away and silences what it had opened.
func (r *replica) distrust() {
	r.machine = nil
	r.sever()
}

// sever closes all that sounds, ahead of the log.
func (r *replica) sever() {
	u := r.current.Load()
	if u == nil || u.Severed {
		return
	}
	silent := u.Plan.Silent()
	r.media.Carry(r.id, silent)
	r.publish(&Update{State: u.State, Log: u.Log, Plan: silent, Severed: true}, nil)
}
