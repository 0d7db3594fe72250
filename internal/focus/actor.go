package focus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// appendTimeout bounds one Append; rebuildPause is the wait between attempts
// to fold a meeting whose journal cannot be read; crashWindow is how soon a
// second panic ends the actor; timerFloor keeps a deadline that Expire did not
// clear from becoming a busy loop.
const (
	appendTimeout = 10 * time.Second
	rebuildPause  = time.Second
	crashWindow   = time.Minute
	timerFloor    = 10 * time.Millisecond
)

// actor is what the goroutine of a Focus owns.
type actor struct {
	*Focus
	cfg     Config
	stats   *counters
	log     *slog.Logger
	machine *meeting.Meeting // nil while it must be folded anew
	epoch   uint64           // this server's term as the meeting's leader
	at      time.Time        // of the machine's last event
	retryAt time.Time        // no fold before this
	crashed time.Time        // of the last panic
	kept    struct {         // the newest snapshot put away
		seq meeting.Seq
		rev uint64
	}
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
	timer := time.NewTimer(a.untilDeadline())
	defer timer.Stop()
	var confirm <-chan time.Time
	if a.cfg.Confirm > 0 {
		ticker := time.NewTicker(a.cfg.Confirm)
		defer ticker.Stop()
		confirm = ticker.C
	}
	for !a.failed.Load() {
		select {
		case <-ctx.Done():
			return
		case <-confirm:
			a.confirm(ctx)
		case <-timer.C:
			a.step(nil)
		case first := <-a.mailbox:
			a.step(a.drain(first))
		}
		timer.Reset(a.untilDeadline())
	}
}

// drain takes what waits in the mailbox, up to one batch.
func (a *actor) drain(first request) []request {
	batch := []request{first}
	for len(batch) < batchSize {
		select {
		case r := <-a.mailbox:
			batch = append(batch, r)
		default:
			return batch
		}
	}
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
		refuse(batch, CodeJournal)
		return
	}
	d := a.judge(batch)
	if err := a.persist(d.events); err != nil {
		a.stats.appendFailures.Add(1)
		a.log.Error("journal append failed", "seq", a.machine.Seq(), "err", err)
		a.drop()
		if a.fencedBy(err) {
			refuse(batch, CodeLed)
			return
		}
		refuse(batch, CodeJournal)
		a.ready()
		return
	}
	a.show(d)
	for i, r := range batch {
		r.answer <- d.answers[i]
	}
	a.keep(d.events)
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
	if len(d.events) > 0 || a.current.Load() == nil {
		d.update = &Update{State: a.machine.Snapshot(), Plan: a.machine.Plan()}
	}
	return d
}

func (a *actor) decide(d *draft, now time.Time, r request) answer {
	if err := r.ctx.Err(); err != nil {
		return answer{err: err} // nobody waits for it any more
	}
	if done, ok := a.machine.Answered(r.cause.Session); ok && r.cause.ID <= done.ID {
		return answer{seq: done.Seq}
	}
	a.stats.commands.Add(1)
	facts, err := a.machine.Decide(now, r.by, r.command)
	if err != nil {
		return answer{err: err}
	}
	a.apply(d, meeting.Event{At: now, By: r.by, Cause: r.cause}, facts)
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
	ctx, cancel := context.WithTimeout(context.Background(), appendTimeout)
	defer cancel()
	if err := a.cfg.Journal.Append(ctx, a.id, a.epoch, events); err != nil {
		return err
	}
	a.stats.facts.Add(uint64(len(events)))
	return nil
}

// confirm asks whether this server still leads. A store that does not answer
// says nothing: the next fact cannot be made durable then, and closes the gates.
func (a *actor) confirm(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, appendTimeout)
	defer cancel()
	if _, err := a.cfg.Journal.Lead(ctx, a.id, a.epoch); err != nil && a.fencedBy(err) {
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

// show lets the world see a durable draft.
func (a *actor) show(d *draft) {
	if d.update == nil {
		return
	}
	a.cfg.Media.Carry(a.id, d.update.Plan)
	a.publish(d.update, d.events)
	if !d.update.State.EndedAt.IsZero() {
		a.cfg.Media.End(a.id)
	}
}

// ready reports whether there is a machine to decide with, and folds one from
// the journal if there is none and the last attempt is not too recent.
func (a *actor) ready() bool {
	if a.machine != nil {
		return true
	}
	now := a.cfg.Now()
	if now.Before(a.retryAt) {
		return false
	}
	a.retryAt = now.Add(rebuildPause)
	ctx, cancel := context.WithTimeout(context.Background(), appendTimeout)
	defer cancel()
	if err := a.fold(ctx); err != nil {
		a.log.Error("meeting not rebuilt from its journal", "err", err)
		return false
	}
	a.retryAt = time.Time{}
	if a.machine.Seq() > 0 { // a meeting that was never created has nothing to show
		a.show(&draft{update: &Update{State: a.machine.Snapshot(), Plan: a.machine.Plan()}})
	}
	a.log.Info("meeting rebuilt from its journal", "seq", a.machine.Seq())
	return true
}

// fold replaces the machine by the fold of the journal, from the kept snapshot
// on if that leads to its end.
func (a *actor) fold(ctx context.Context) error {
	if machine, at := a.recall(ctx); machine != nil {
		a.kept.seq = machine.Seq()
		if a.catchUp(ctx, machine, at) == nil {
			return nil
		}
	}
	a.kept.seq = 0
	return a.catchUp(ctx, meeting.New(a.id), time.Time{})
}

// catchUp folds what the journal has after a machine's last event, the one at
// a time, and makes it this meeting's machine.
func (a *actor) catchUp(ctx context.Context, machine *meeting.Meeting, at time.Time) error {
	for e, err := range a.cfg.Journal.Read(ctx, a.id, machine.Seq()) {
		if err != nil {
			return fmt.Errorf("read journal of %q: %w", a.id, err)
		}
		if err := machine.Apply(e); err != nil {
			return fmt.Errorf("fold journal of %q: %w: %w", a.id, ErrBroken, err)
		}
		at = e.At
	}
	a.machine, a.at = machine, at
	return nil
}

// drop throws the machine away: it holds facts that are not durable. Until it
// is folded anew nothing may pass.
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

// crash survives a panic of the core once: gates close, the batch is refused,
// the next step folds the journal. The second panic within crashWindow ends
// the actor, gates closed.
func (a *actor) crash(broken any, batch []request) {
	a.stats.crashes.Add(1)
	now := a.cfg.Now()
	last := !a.crashed.IsZero() && now.Sub(a.crashed) < crashWindow
	a.crashed = now
	a.log.Error("meeting machine broke", "panic", broken, "last", last, "stack", string(debug.Stack()))
	a.drop()
	if last {
		a.failed.Store(true)
	}
	refuse(batch, CodeFailed)
}

// untilDeadline is how long the actor may sleep.
func (a *actor) untilDeadline() time.Duration {
	if a.machine == nil {
		return max(a.retryAt.Sub(a.cfg.Now()), timerFloor)
	}
	due := a.machine.Deadline()
	if due.IsZero() {
		return time.Hour
	}
	return max(due.Sub(a.now()), timerFloor)
}

// now is the time of the next event. It never runs behind the log, whatever
// happens to the clock of the machine, and is as a journal gives it back.
func (a *actor) now() time.Time {
	now := a.cfg.Now().UTC().Round(0)
	if now.Before(a.at) {
		return a.at
	}
	return now
}

func refuse(batch []request, code meeting.Code) {
	for _, r := range batch {
		r.answer <- answer{err: &meeting.Error{Code: code}}
	}
}
