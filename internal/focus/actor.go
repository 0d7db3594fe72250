package focus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// appendTimeout bounds what the store is asked for at a time; rebuildPause is the
// wait between attempts to end an outage; crashWindow is how soon a
// second panic ends the actor; timerFloor keeps a deadline that Expire did not
// clear from becoming a busy loop.
const (
	appendTimeout = 10 * time.Second
	rebuildPause  = 500 * time.Millisecond
	crashWindow   = time.Minute
	timerFloor    = 10 * time.Millisecond
)

// actor is what the goroutine of a Focus owns.
type actor struct {
	*Focus
	cfg     Config
	stats   *counters
	log     *slog.Logger
	machine *meeting.Meeting // nil if it could not even be restored
	epoch   uint64           // this server's term as the meeting's leader
	clock   clock
	at      time.Time // of the machine's last event
	waiting []request // taken from the mailbox while the store was busy
	closed  map[meeting.SourceKey]meeting.Seq
	outage  outage
	hung    <-chan error  // of what the store has not answered
	retryAt time.Duration // by cfg.Elapsed: no end of an outage before this
	crashed time.Duration // a panic before this is the last; 0 before the first
	kept    kept
}

// draft is a batch judged and applied, but not yet durable.
type draft struct {
	events  []meeting.Event
	answers []answer
	update  *Update // nil if nothing changed
}

// run is the actor's goroutine.
func (a *actor) run(ctx context.Context) {
	defer close(a.done)
	defer a.closeGates()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var confirm <-chan time.Time
	if a.cfg.Confirm > 0 {
		ticker := time.NewTicker(a.cfg.Confirm)
		defer ticker.Stop()
		confirm = ticker.C
	}
	for !a.failed.Load() && ctx.Err() == nil {
		if len(a.waiting) > 0 {
			a.step(a.drain())
			continue
		}
		timer.Reset(a.untilDeadline())
		select {
		case <-ctx.Done():
			return
		case <-confirm:
			a.confirm()
		case <-timer.C:
			a.step(nil)
		case first := <-a.mailbox:
			a.waiting = append(a.waiting, first)
		}
	}
}

// drain takes what waits, up to one batch.
func (a *actor) drain() []request {
	for len(a.waiting) < batchSize {
		select {
		case r := <-a.mailbox:
			a.waiting = append(a.waiting, r)
			continue
		default:
		}
		break
	}
	n := min(len(a.waiting), batchSize)
	batch := slices.Clone(a.waiting[:n])
	a.waiting = slices.Delete(a.waiting, 0, n)
	return batch
}

// step carries out one batch, and first whatever time has brought.
func (a *actor) step(batch []request) {
	defer func() {
		if broken := recover(); broken != nil {
			a.crash(broken, batch)
		}
	}()
	if !a.ready() {
		a.owe(batch, CodeJournal)
		return
	}
	d := a.judge(batch)
	if u := a.current.Load(); u != nil && d.update != nil {
		a.closeAhead(u.Log.Closed(d.update.Log))
	}
	if err := a.persist(d.events); err != nil {
		a.stats.appendFailures.Add(1)
		a.log.Error("journal append failed", "seq", a.machine.Seq(), "err", err)
		if a.fencedBy(err) {
			a.drop()
			refuse(batch, CodeLed)
			return
		}
		a.fail(meeting.OutageJournal)
		a.owe(batch, CodeJournal)
		return
	}
	a.show(d)
	for i, r := range batch {
		r.answer <- d.answers[i]
	}
	a.keep(d.events)
}

// ready reports whether the log can be written, as far as is known, and ends an
// outage if it can.
func (a *actor) ready() bool {
	if !a.outage.lasts() && !a.answers() {
		a.fail(meeting.OutageJournal)
	}
	return a.endOutage() && a.machine != nil
}

// judge lets the machine decide and apply every command of a batch. It also
// derives what will be shown, so that a broken core shows before Append.
func (a *actor) judge(batch []request) *draft {
	d := &draft{}
	now := a.now()
	if due := a.machine.Deadline(); !due.IsZero() && !due.After(now) {
		a.apply(d, meeting.Event{At: now, By: meeting.Actor{Role: meeting.RoleNode}}, a.machine.Expire(now))
	}
	for _, r := range batch {
		d.answers = append(d.answers, a.decide(d, now, r))
	}
	a.settle(d, now)
	if len(d.events) > 0 || a.current.Load() == nil {
		d.update = a.update()
	}
	return d
}

// update is the machine's state.
func (a *actor) update() *Update {
	plan := a.machine.Plan()
	return &Update{State: a.machine.Snapshot(), Log: plan, Plan: plan}
}

func (a *actor) decide(d *draft, now time.Time, r request) answer {
	if err := r.ctx.Err(); err != nil {
		return answer{err: err} // nobody waits for it any more
	}
	cause := r.cause
	if cause.Session != "" {
		cause.Command = meeting.CommandDigest(r.by, r.command)
		if seq, done, err := a.machine.Answered(cause); done || err != nil {
			return answer{seq: seq, err: err}
		}
	}
	a.stats.commands.Add(1)
	facts, err := a.machine.Decide(now, r.by, r.command)
	if err != nil {
		return answer{err: err}
	}
	a.apply(d, meeting.Event{At: now, By: r.by, Cause: cause}, facts)
	return answer{seq: a.machine.Seq()}
}

// apply folds facts as events like the given one. The machine refusing its
// own facts is a broken invariant.
func (a *actor) apply(d *draft, like meeting.Event, facts []meeting.Fact) {
	for _, fact := range facts {
		e := like
		e.Seq, e.Fact = a.machine.Seq()+1, fact
		if err := a.machine.Apply(e); err != nil {
			panic(fmt.Errorf("apply a decided fact: %w", err))
		}
		a.at = e.At
		d.events = append(d.events, e)
	}
}

// persist makes events durable. It outlives the actor's own context: a batch
// that was begun is ended.
func (a *actor) persist(events []meeting.Event) error {
	if len(events) == 0 {
		return nil
	}
	err := a.beside(appendTimeout, func(ctx context.Context) error {
		return a.cfg.Journal.Append(ctx, a.id, a.epoch, events)
	})
	if err == nil {
		a.stats.facts.Add(uint64(len(events)))
	}
	return err
}

// confirm asks whether this server still leads. A store that does not answer
// says nothing: the next fact cannot be made durable then, and closes the gates.
func (a *actor) confirm() {
	if a.outage.lasts() || !a.answers() {
		return
	}
	err := a.beside(appendTimeout, func(ctx context.Context) error {
		_, err := a.cfg.Journal.Lead(ctx, a.id, a.epoch)
		return err
	})
	if err != nil && a.fencedBy(err) {
		a.drop()
	}
}

// fencedBy reports whether an error says that another server leads, and ends
// the actor then: two of them must not decide.
func (a *actor) fencedBy(err error) bool {
	var f interface{ Fenced() bool }
	if !errors.As(err, &f) || !f.Fenced() {
		return false
	}
	a.log.Error("another server has taken the meeting over", "epoch", a.epoch)
	a.led.Store(true)
	a.failed.Store(true)
	return true
}

// show lets the world see a durable draft, less what was closed ahead of the log
// for commands that still wait.
func (a *actor) show(d *draft) {
	if d.update == nil {
		return
	}
	u := d.update
	maps.DeleteFunc(a.closed, func(k meeting.SourceKey, since meeting.Seq) bool {
		tag, open := u.Log.Open[k]
		return !open || tag.Since > since
	})
	u.Plan, u.Closed = u.Log.Without(a.closed), maps.Clone(a.closed)
	a.cfg.Media.Carry(a.id, u.Plan)
	a.publish(u, d.events)
	if !u.State.EndedAt.IsZero() {
		a.cfg.Media.End(a.id)
	}
}

// drop throws the machine away, for good: another server leads.
func (a *actor) drop() {
	a.machine = nil
	a.closeGates()
}

// closeGates carries a plan that permits nothing and shows nothing.
func (a *actor) closeGates() {
	var seq meeting.Seq
	if u := a.current.Load(); u != nil {
		seq = u.State.Seq
	}
	a.cfg.Media.Carry(a.id, nothing(seq))
}

// nothing is a plan that permits nothing and shows nothing.
func nothing(seq meeting.Seq) *meeting.Plan {
	blank := &meeting.View{Layout: meeting.Layout1, Tiles: make([]meeting.SourceKey, meeting.Layout1.Tiles())}
	return &meeting.Plan{
		Seq:   seq,
		Open:  map[meeting.SourceKey]meeting.Tag{},
		Views: map[meeting.Audience]*meeting.View{meeting.AudienceAll: blank},
		Roles: map[meeting.PointID]meeting.Audience{},
	}
}

// crash survives a panic of the core once: all sound closes, the batch is refused,
// the next step folds the journal and puts the closing on record. The second
// panic within crashWindow ends the actor, gates closed.
func (a *actor) crash(broken any, batch []request) {
	a.stats.crashes.Add(1)
	now := a.cfg.Elapsed()
	last := a.crashed != 0 && now < a.crashed
	a.crashed = now + crashWindow
	a.log.Error("meeting machine broke", "panic", broken, "last", last, "stack", string(debug.Stack()))
	a.fail(meeting.OutageCrash)
	if last {
		a.drop()
		a.failed.Store(true)
	}
	refuse(batch, CodeFailed)
}

// untilDeadline is how long the actor may sleep.
func (a *actor) untilDeadline() time.Duration {
	if a.outage.lasts() || a.machine == nil {
		return max(a.retryAt-a.cfg.Elapsed(), timerFloor)
	}
	due := a.machine.Deadline()
	if due.IsZero() {
		return time.Hour
	}
	return max(due.Sub(a.now()), timerFloor)
}

// now is the time of the next event.
func (a *actor) now() time.Time { return a.clock.now(a.at) }

func refuse(batch []request, code meeting.Code) {
	for _, r := range batch {
		r.answer <- answer{err: &meeting.Error{Code: code}}
	}
}
