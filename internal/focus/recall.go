package focus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// snapshotEvery is how many facts lie between two snapshots of a meeting; a
// fold from one has not many more to read.
const snapshotEvery = 1000

// Snapshots keeps the newest snapshot of each meeting as a document. It is a
// cache: what is lost, old or of another log is folded from the journal.
type Snapshots interface {
	Get(ctx context.Context, key string) (body []byte, rev uint64, err error)
	Put(ctx context.Context, key string, body []byte, rev uint64) (uint64, error)
}

// keptSnapshot is a snapshot with the event it was taken after, by which one
// of another log, or of more than the log holds, is known.
type keptSnapshot struct {
	After    json.RawMessage  `json:"after"`
	Snapshot meeting.Snapshot `json:"snapshot"`
}

func (a *actor) snapshotKey() string { return "snapshot/" + string(a.id) }

// kept is the newest snapshot put away.
type kept struct {
	seq meeting.Seq
	rev uint64
}

// folded is what a log comes to.
type folded struct {
	machine *meeting.Meeting
	at      time.Time // of its last event
	kept    kept
}

// fold folds the journal, from the kept snapshot on if that leads to its end. It
// touches nothing of the actor's: it may go on after the actor has given it up.
func (a *actor) fold(ctx context.Context) (folded, error) {
	from := a.recall(ctx)
	if from.machine != nil {
		if f, err := a.catchUp(ctx, from); err == nil {
			return f, nil
		}
	}
	return a.catchUp(ctx, folded{machine: meeting.New(a.id), kept: kept{rev: from.kept.rev}})
}

// catchUp folds what the journal has after a machine's last event.
func (a *actor) catchUp(ctx context.Context, f folded) (folded, error) {
	for e, err := range a.cfg.Journal.Read(ctx, a.id, f.machine.Seq()) {
		if err != nil {
			return f, fmt.Errorf("read journal of %q: %w", a.id, err)
		}
		if err := f.machine.Apply(e); err != nil {
			return f, fmt.Errorf("fold journal of %q: %w: %w", a.id, ErrBroken, err)
		}
		f.at = e.At
	}
	return f, nil
}

// use makes a fold this meeting's machine.
func (a *actor) use(f folded) { a.machine, a.at, a.kept = f.machine, f.at, f.kept }

// recall is the machine of the kept snapshot, none if there is no snapshot that
// the journal confirms.
func (a *actor) recall(ctx context.Context) folded {
	if a.cfg.Snapshots == nil {
		return folded{}
	}
	body, rev, err := a.cfg.Snapshots.Get(ctx, a.snapshotKey())
	var stored keptSnapshot
	if err != nil || rev == 0 || json.Unmarshal(body, &stored) != nil || stored.Snapshot.ID != a.id || stored.Snapshot.Seq == 0 {
		return folded{kept: kept{rev: rev}}
	}
	for e, err := range a.cfg.Journal.Read(ctx, a.id, stored.Snapshot.Seq-1) {
		if err != nil {
			break
		}
		if text, err := json.Marshal(e); err != nil || !bytes.Equal(text, stored.After) {
			break
		}
		machine, err := meeting.Restore(stored.Snapshot)
		if err != nil {
			break
		}
		return folded{machine: machine, at: e.At, kept: kept{seq: machine.Seq(), rev: rev}}
	}
	a.log.Warn("snapshot does not fit the journal; the whole journal is folded")
	return folded{kept: kept{rev: rev}}
}

// keep puts a snapshot away if the last one is long past. All the machine
// holds must be durable. A failure costs nothing but a longer fold.
func (a *actor) keep(last []meeting.Event) {
	if a.cfg.Snapshots == nil || len(last) == 0 || a.machine.Seq() < a.kept.seq+snapshotEvery {
		return
	}
	a.kept.seq = a.machine.Seq()
	after, err := json.Marshal(last[len(last)-1])
	var body []byte
	if err == nil {
		body, err = json.Marshal(keptSnapshot{After: after, Snapshot: a.machine.Snapshot()})
	}
	rev := a.kept.rev
	if err == nil {
		err = a.beside(appendTimeout, func(ctx context.Context) (err error) {
			rev, err = a.put(ctx, body, rev)
			return err
		})
	}
	if errors.Is(err, errHung) {
		return // rev is not this goroutine's any more
	}
	a.kept.rev = rev
	if err != nil {
		a.log.Warn("snapshot not kept", "seq", a.kept.seq, "err", err)
	}
}

// put puts a snapshot away over the one of a revision, and gives the revision
// that the next one goes over.
func (a *actor) put(ctx context.Context, body []byte, rev uint64) (uint64, error) {
	next, err := a.cfg.Snapshots.Put(ctx, a.snapshotKey(), body, rev)
	if err == nil {
		return next, nil
	}
	if _, newer, got := a.cfg.Snapshots.Get(ctx, a.snapshotKey()); got == nil {
		return newer, err // somebody else kept one
	}
	return rev, err
}
