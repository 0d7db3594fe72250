package focus

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/meeting"
)

// Sound closes without the log. What follows here is how: what a decision closes
// is closed before its facts are durable, what waits behind a slow log closes
// too, and when the log took nothing everything is silent until it has taken a
// fact again. A node may close ahead of the log, never open.

// slowStore is how long the store may take before commands that wait for it are
// looked at for what they close; maxWaiting bounds them, maxOwed those that the
// log could not take and are put on record later.
const (
	slowStore  = 50 * time.Millisecond
	maxWaiting = 1024
	maxOwed    = 256
	triesTold  = 120 // one failed try of so many is logged
)

// errStoreBroke is a panic of the store.
var errStoreBroke = errors.New("focus: the store broke")

// errHung is a store that did not even give up when its time was over.
var errHung = errors.New("focus: the store does not answer")

// outage is a time in which the log could not be written. Its zero value is none.
type outage struct {
	since time.Time
	why   meeting.OutageWhy
	tries int
	owed  []request // commands that only close, answered, not on record yet
}

func (o *outage) lasts() bool { return !o.since.IsZero() }

// beside does something with the store in a goroutine of its own, so that the
// actor goes on to close what it is told to close: a stalled fsync or a hung
// server holds up no closing. What the store does not answer in time has failed;
// nothing else is done with it until it has answered.
func (a *actor) beside(limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	done := make(chan error, 1)
	store := guard.Scope{Name: "store", Log: a.log, Shut: func() { done <- errStoreBroke }}
	go store.Run(func() { done <- do(ctx) })
	slow := time.NewTimer(slowStore)
	defer slow.Stop()
	late := false
	for {
		incoming := a.mailbox
		if len(a.waiting) >= maxWaiting {
			incoming = nil
		}
		select {
		case err := <-done:
			return err
		case r := <-incoming:
			a.waiting = append(a.waiting, r)
			if late {
				a.closeFor(r)
			}
		case <-slow.C:
			late = true
			for _, r := range a.waiting {
				a.closeFor(r)
			}
			a.tellClosed()
		case <-ctx.Done():
			select {
			case err := <-done:
				return err
			case <-time.After(slowStore): // a store that knows its time is over
				a.hung = done
				return errHung
			}
		}
	}
}

// answers reports whether the store has answered what it was last asked.
func (a *actor) answers() bool {
	if a.hung == nil {
		return true
	}
	select {
	case <-a.hung:
		a.hung = nil
		return true
	default:
		return false
	}
}

// closeFor closes what a waiting command will close, as far as can be told now.
// The machine already holds the facts under way.
func (a *actor) closeFor(r request) {
	if a.outage.lasts() || a.machine == nil || r.ctx.Err() != nil {
		return
	}
	if a.closeAhead(closedBy(a.machine, a.now(), r.by, r.command)) {
		a.tellClosed()
	}
}

// closedBy lists the openings of sound that a command would close. It is judged
// like any other, and nothing of the machine changes.
func closedBy(m *meeting.Meeting, now time.Time, by meeting.Actor, c meeting.Command) map[meeting.SourceKey]meeting.Seq {
	facts, err := m.Decide(now, by, c)
	if err != nil || len(facts) == 0 {
		return nil
	}
	after, err := meeting.Restore(m.Snapshot())
	if err != nil {
		return nil
	}
	for _, fact := range facts {
		if after.Apply(meeting.Event{Seq: after.Seq() + 1, At: now, By: by, Fact: fact}) != nil {
			return nil
		}
	}
	return m.Plan().Closed(after.Plan())
}

// closeAhead closes openings at this node's media ahead of the log, and reports
// whether any was open.
func (a *actor) closeAhead(closed map[meeting.SourceKey]meeting.Seq) bool {
	u := a.current.Load()
	if u == nil || len(closed) == 0 {
		return false
	}
	if a.closed == nil {
		a.closed = map[meeting.SourceKey]meeting.Seq{}
	}
	maps.Copy(a.closed, closed)
	plan := u.Plan.Without(a.closed)
	if plan == u.Plan {
		return false
	}
	a.cfg.Media.Carry(a.id, plan)
	return true
}

// tellClosed lets everybody see what is closed ahead of the log: the nodes
// below, which close it too, and the pages.
func (a *actor) tellClosed() {
	u := a.current.Load()
	if u == nil || len(a.closed) == 0 {
		return
	}
	ahead := *u
	ahead.Closed = maps.Clone(a.closed)
	ahead.Plan = u.Plan.Without(a.closed)
	a.publish(&ahead, nil)
}

// settle puts on record what was closed for a command that then was refused: the
// log says of every source what is so.
func (a *actor) settle(d *draft, now time.Time) {
	if len(a.waiting) > 0 {
		return // what closes them comes yet
	}
	for k, since := range a.closed {
		a.apply(d, meeting.Event{At: now, By: meeting.Actor{Role: meeting.RoleNode}}, a.machine.Shut(k, since))
	}
}

// fail begins or goes on with an outage: nothing sounds from here on, at any
// node, until the log has taken a fact.
func (a *actor) fail(why meeting.OutageWhy) {
	if a.outage.lasts() {
		a.retryAt = a.cfg.Elapsed() + rebuildPause
	} else { // the first try is at once
		a.outage.since, a.outage.why = a.now(), why
		a.log.Error("the log cannot be written; all sound is closed", "why", why)
	}
	a.machine = nil
	u := a.current.Load()
	if u == nil {
		a.cfg.Media.Carry(a.id, nothing(0))
		return
	}
	if machine, err := meeting.Restore(u.State); err == nil {
		a.machine = machine // as far as is known; what else the log holds is read when it can be
	}
	silent := &Update{State: u.State, Log: u.Log, Plan: u.Log.Silent(), Severed: u.Severed, Unwritten: a.outage.since}
	a.cfg.Media.Carry(a.id, silent.Plan)
	if u.Unwritten.IsZero() {
		a.publish(silent, nil)
	}
}

// owe answers a batch that the log could not take. A command that only closes has
// had its effect, as nothing sounds, and is put on record later; any other was
// not carried out.
func (a *actor) owe(batch []request, code meeting.Code) {
	for _, r := range batch {
		r.answer <- answer{err: a.owed(r, code)}
	}
}

func (a *actor) owed(r request, code meeting.Code) error {
	switch {
	case r.ctx.Err() != nil:
		return r.ctx.Err()
	case a.machine == nil || a.outage.why != meeting.OutageJournal || !meeting.Closes(r.command) || len(a.outage.owed) >= maxOwed:
		return &meeting.Error{Code: code}
	}
	if _, err := a.machine.Decide(a.now(), r.by, r.command); err != nil {
		return err
	}
	a.outage.owed = append(a.outage.owed, r)
	return &meeting.Error{Code: CodeOwed, Args: map[string]any{"since": a.outage.since}}
}

// endOutage ends an outage if the log takes the fact that says so, and what is
// owed with it. It reports whether there is none any more.
func (a *actor) endOutage() bool {
	if !a.outage.lasts() {
		return true
	}
	if a.cfg.Elapsed() < a.retryAt || !a.answers() {
		return false
	}
	if err := a.restore(); err != nil {
		a.stats.appendFailures.Add(1)
		var damage interface{ Damaged() bool }
		a.damaged.Store(errors.As(err, &damage) && damage.Damaged())
		if a.outage.tries++; a.outage.tries%triesTold == 1 {
			a.log.Warn("the log still cannot be written", "tries", a.outage.tries, "err", err)
		}
		if a.fencedBy(err) {
			a.drop()
			return false
		}
		a.fail(a.outage.why)
		return false
	}
	return true
}

// refold makes the machine what the log holds. What is known of it already is not
// read again, unless the machine broke.
func (a *actor) refold() error {
	fold := a.fold
	if u := a.current.Load(); u != nil && a.outage.why == meeting.OutageJournal {
		if known, err := meeting.Restore(u.State); err == nil {
			from := folded{machine: known, at: a.at, kept: a.kept}
			fold = func(ctx context.Context) (folded, error) { return a.catchUp(ctx, from) }
		}
	}
	var got folded
	err := a.beside(appendTimeout, func(ctx context.Context) (err error) {
		got, err = fold(ctx)
		return err
	})
	if err == nil {
		a.use(got)
	}
	return err
}

// restore folds what the log holds, appends the fact that ends the outage and
// what is owed, and lets it be seen.
func (a *actor) restore() error {
	if err := a.refold(); err != nil {
		return err
	}
	now := a.now()
	d := &draft{}
	a.apply(d, meeting.Event{At: now, By: meeting.Actor{Role: meeting.RoleNode}}, a.machine.Restored(a.outage.since, a.outage.why))
	for _, r := range a.outage.owed {
		r.ctx = context.Background() // it was answered
		_ = a.decide(d, now, r)      // what the log had taken after all, or time has settled, is no fault
	}
	if err := a.persist(d.events); err != nil {
		return err
	}
	a.log.Info("the log can be written again", "since", a.outage.since, "seq", a.machine.Seq())
	a.outage, a.closed, a.retryAt = outage{}, nil, 0
	a.damaged.Store(false)
	if a.machine.Seq() > 0 { // a meeting that was never created has nothing to show
		d.update = a.update()
		a.show(d)
	}
	return nil
}
