// Package focus runs live meetings (RFC 4353 focus): one actor per meeting
// around the pure machine of internal/meeting, its journal and its media.
//
// A command reaches the actor through one bounded mailbox. The actor drains
// it, lets the machine judge each command and applies the facts, appends the
// facts of the whole batch to the journal once, and only then lets anybody see
// them: media carries the plan, Current moves, watchers are woken, submitters
// are answered. Closing does not wait for the journal: what a batch closes is
// closed at the media before Append, and while Append takes long, so is what the
// commands behind it will close. If Append fails the machine is thrown away and
// nothing sounds until the journal has taken a fact again, JournalRestored, which
// switches every microphone off; folding alone opens nothing. Commands that only
// close are owed: answered journal.owed and put on record then. Any other is
// answered journal.unavailable. A panic of the core is survived once in the same
// way; a second one within a minute ends the meeting's actor.
//
// A meeting that is led on a node above has a Focus here too, a follower: the
// same to those who use it, but that its commands go up and its facts come down,
// and that it keeps no journal. What the leader says its plan is must be what
// the replica folds to; a replica that differs, or whose link stays lost, is
// silent.
//
// Goroutines: one per Focus, started by Registry.Create, Open, Fork or Follow
// and awaited by Registry.Close. Everything in actor and replica belongs to it
// and needs no lock. Locks: Focus.mu guards the watchers and the history,
// Registry.mu the table of meetings; neither is held over a send that can block,
// over IO, or over a call into another package.
package focus

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// The codes of refusals that are not the core's. The list is append-only.
const (
	// CodeJournal answers commands whose facts could not be made durable.
	// Whether they were is unknown: a retry with the same Cause settles it.
	CodeJournal meeting.Code = "journal.unavailable"
	// CodeOwed answers a command that only closes, while the journal takes
	// nothing: it has had its effect and will be put on record. A retry with the
	// same Cause is safe.
	CodeOwed meeting.Code = "journal.owed"
	// CodeFailed answers commands of a meeting whose machine broke.
	CodeFailed meeting.Code = "meeting.failed"
	// CodeLed answers commands of a meeting that another server has taken over.
	CodeLed meeting.Code = "meeting.led_elsewhere"
	// CodeStopping answers commands given while the node shuts down.
	CodeStopping meeting.Code = "node.stopping"
	// CodeSevered answers commands of a meeting that is led above, while the
	// link is lost. Nothing was carried out, or a retry with the same Cause
	// settles it.
	CodeSevered meeting.Code = "link.lost"
)

// Journal is the durable log of meetings. Append is fenced: it fails if the
// epoch is not the newest or the first event does not follow the stored ones.
// Lead begins a term as a meeting's leader, if epoch is 0, and fences older ones
// off; any other it confirms. An error with a method Fenced() bool that is true
// says that another leader has taken over.
type Journal interface {
	Lead(ctx context.Context, id meeting.ID, epoch uint64) (uint64, error)
	Append(ctx context.Context, id meeting.ID, epoch uint64, events []meeting.Event) error
	Read(ctx context.Context, id meeting.ID, after meeting.Seq) iter.Seq2[meeting.Event, error]
}

// Media makes reality match a plan, and drops a meeting that has ended.
// Neither blocks.
type Media interface {
	Carry(id meeting.ID, plan *meeting.Plan)
	End(id meeting.ID)
}

// Update is a state everyone may see: its facts are durable. It is shared by
// all who ask and must not be changed.
type Update struct {
	State meeting.Snapshot
	// Log is the plan of State; Plan is what is carried, which may close ahead
	// of it and never opens.
	Log, Plan *meeting.Plan
	// Closed are the openings that Plan closes ahead of the log, each with the
	// fact that began it.
	Closed map[meeting.SourceKey]meeting.Seq
	// Unwritten is since when the log cannot be written; nothing sounds. Zero: it can.
	Unwritten time.Time
	// Severed: the meeting is led above and the link is lost. This is the last
	// that was known, without any sound.
	Severed bool
}

// Focus is the authority of one live meeting: the leader's, or a follower that
// stands for the leader on a node below it. Its methods may be called from any
// goroutine.
type Focus struct {
	id      meeting.ID
	mailbox chan request
	stop    context.CancelFunc
	done    chan struct{} // closed when the actor has ended
	failed  atomic.Bool   // the actor ended by itself: the machine broke twice, or another server leads
	led     atomic.Bool   // the latter
	damaged atomic.Bool   // its log is, which no waiting mends
	current atomic.Pointer[Update]
	follows *follower // nil for the leader

	mu       sync.Mutex
	watchers map[chan struct{}]struct{}
	history  []meeting.Event // the newest, up to the current update
}

// mailboxSize bounds the commands waiting for a meeting, batchSize those
// carried out under one Append. A submitter that finds the mailbox full waits
// until its own context ends, so a flood slows those who send it.
const (
	mailboxSize = 256
	batchSize   = 64
)

// request is one command in the mailbox. Its answer channel has room for the
// one answer it gets, so the actor never waits for a submitter.
type request struct {
	ctx     context.Context
	by      meeting.Actor
	cause   meeting.Cause
	command meeting.Command
	answer  chan answer
}

// answer is what became of a request.
type answer struct {
	seq meeting.Seq
	err error
}

// ID names the meeting.
func (f *Focus) ID() meeting.ID { return f.id }

// Submit gives a command to the meeting and returns the log position that
// carried it out, after it is durable. A refusal is a *meeting.Error; an ended
// ctx gives ctx.Err, and the command may or may not have been carried out.
//
// The ids of one Cause.Session must rise: the very same command with the last id
// that produced facts is answered as before and not carried out again; another
// one at or below it is meeting.CodeNumberUsed. A Cause without session or id is
// none, and never taken for a retry.
func (f *Focus) Submit(ctx context.Context, by meeting.Actor, cause meeting.Cause, c meeting.Command) (meeting.Seq, error) {
	cause.Command = "" // the leader's to say
	if cause.Session == "" || cause.ID == 0 {
		cause = meeting.Cause{}
	}
	if f.follows != nil {
		return f.forward(ctx, by, cause, c)
	}
	r := request{ctx: ctx, by: by, cause: cause, command: c, answer: make(chan answer, 1)}
	select {
	case f.mailbox <- r:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-f.done:
		return 0, f.whyDone()
	}
	select {
	case a := <-r.answer:
		return a.seq, a.err
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-f.done:
	}
	select { // the last batch may have answered before the actor ended
	case a := <-r.answer:
		return a.seq, a.err
	default:
		return 0, f.whyDone()
	}
}

func (f *Focus) whyDone() error {
	if f.led.Load() {
		return &meeting.Error{Code: CodeLed}
	}
	if f.failed.Load() {
		return &meeting.Error{Code: CodeFailed}
	}
	return &meeting.Error{Code: CodeStopping}
}

// Current is the newest update, nil before the meeting is created. While the
// journal is unavailable its state stays the last durable one, without any sound.
func (f *Focus) Current() *Update { return f.current.Load() }

// Live reports whether the meeting is open and commands can be decided: by its
// actor, or by the leader above.
func (f *Focus) Live() bool {
	u := f.current.Load()
	return u != nil && u.State.EndedAt.IsZero() && !u.Severed && !f.failed.Load()
}

// Watch returns a channel that holds a token whenever Current may have
// changed since the last receive, and a function that ends the watch. The
// channel holds a token at once and is never closed.
func (f *Focus) Watch() (changed <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	c <- struct{}{}
	f.mu.Lock()
	f.watchers[c] = struct{}{}
	f.mu.Unlock()
	return c, func() {
		f.mu.Lock()
		delete(f.watchers, c)
		f.mu.Unlock()
	}
}

// publish makes an update visible and wakes the watchers. A watcher that has
// not taken its last token will see this update with it.
func (f *Focus) publish(u *Update, events []meeting.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.current.Store(u)
	f.remember(events)
	wake(f.watchers)
}

// close ends the actor after the batch it is at and waits for it.
func (f *Focus) close() {
	f.stop()
	<-f.done
}

// Leads reports whether the meeting is led on this node, by its own log.
func (f *Focus) Leads() bool { return f.follows == nil }
