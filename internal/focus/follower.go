package focus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

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
	sever    bool   // the link is lost for longer than its grace
	answer   chan error
}

// replica is what the goroutine of a follower owns.
type replica struct {
	*Focus
	media   Media
	log     *slog.Logger
	machine *meeting.Meeting // nil while it cannot be trusted
}

// Focus is the meeting as this node has it.
func (f *Follower) Focus() *Focus { return f.focus }

// Restore begins the replica anew from the leader's snapshot. digest is the
// Digest of the leader's plan at that point; another one is ErrDiverged.
func (f *Follower) Restore(s meeting.Snapshot, digest string) error {
	return f.feed(feed{snapshot: &s, digest: digest})
}

// Advance folds facts of the leader, whose plan has the digest after them. A
// gap, a fact that does not fit or another plan is ErrDiverged: from then on
// nothing sounds here until Restore.
func (f *Follower) Advance(events []meeting.Event, digest string) error {
	return f.feed(feed{events: events, digest: digest})
}

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
	go replica.run(ctx)
	return &Follower{focus: f}, nil
}

// forward gives a command to the leader and returns when its facts are here.
func (f *Focus) forward(ctx context.Context, by meeting.Actor, cause meeting.Cause, c meeting.Command) (meeting.Seq, error) {
	if by.Node == "" {
		by.Node = f.follows.node
	}
	changed, stop := f.Watch()
	defer stop()
	seq, err := f.follows.up.Submit(ctx, Order{Meeting: f.id, By: by, Cause: cause, Command: c})
	if err != nil {
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
	if in.sever {
		r.sever()
		return nil
	}
	if err := r.fold(in); err != nil {
		r.distrust()
		return err
	}
	plan := r.machine.Plan()
	if in.digest != plan.Digest() {
		r.log.Error("plan differs from the leader's", "seq", plan.Seq)
		r.distrust()
		return fmt.Errorf("%w at %d", ErrDiverged, plan.Seq)
	}
	u := &Update{State: r.machine.Snapshot(), Plan: plan}
	r.media.Carry(r.id, plan)
	r.publish(u, in.events)
	if !u.State.EndedAt.IsZero() {
		r.media.End(r.id)
	}
	return nil
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
	r.publish(&Update{State: u.State, Plan: silent, Severed: true}, nil)
}
