package focus

import (
	"bytes"
	"context"
	"encoding/json"
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

// recall is the machine of the kept snapshot and the time of its last event,
// nil if there is none that the journal confirms.
func (a *actor) recall(ctx context.Context) (*meeting.Meeting, time.Time) {
	if a.cfg.Snapshots == nil {
		return nil, time.Time{}
	}
	body, rev, err := a.cfg.Snapshots.Get(ctx, a.snapshotKey())
	a.kept.rev = rev
	var kept keptSnapshot
	if err != nil || rev == 0 || json.Unmarshal(body, &kept) != nil || kept.Snapshot.ID != a.id || kept.Snapshot.Seq == 0 {
		return nil, time.Time{}
	}
	for e, err := range a.cfg.Journal.Read(ctx, a.id, kept.Snapshot.Seq-1) {
		if err != nil {
			break
		}
		if stored, err := json.Marshal(e); err != nil || !bytes.Equal(stored, kept.After) {
			break
		}
		machine, err := meeting.Restore(kept.Snapshot)
		if err != nil {
			break
		}
		return machine, e.At
	}
	a.log.Warn("snapshot does not fit the journal; the whole journal is folded")
	return nil, time.Time{}
}

// keep puts a snapshot away if the last one is long past. All the machine
// holds must be durable. A failure costs nothing but a longer fold.
func (a *actor) keep(last []meeting.Event) {
	if a.cfg.Snapshots == nil || len(last) == 0 || a.machine.Seq() < a.kept.seq+snapshotEvery {
		return
	}
	a.kept.seq = a.machine.Seq()
	ctx, cancel := context.WithTimeout(context.Background(), appendTimeout)
	defer cancel()
	after, err := json.Marshal(last[len(last)-1])
	var body []byte
	if err == nil {
		body, err = json.Marshal(keptSnapshot{After: after, Snapshot: a.machine.Snapshot()})
	}
	if err == nil {
		a.kept.rev, err = a.cfg.Snapshots.Put(ctx, a.snapshotKey(), body, a.kept.rev)
	}
	if err != nil {
		a.log.Warn("snapshot not kept", "seq", a.kept.seq, "err", err)
		if _, rev, err := a.cfg.Snapshots.Get(ctx, a.snapshotKey()); err == nil {
			a.kept.rev = rev // somebody else kept one; the next goes over it
		}
	}
}
