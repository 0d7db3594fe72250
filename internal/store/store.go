// Package store declares what the project keeps, and its subpackages keep it:
// bolt in one file (the default), redis on a server, memory for tests. One
// suite, storetest, holds every implementation to the words below.
//
// The package itself has no goroutine and no lock. Every implementation may be
// called from any goroutine.
package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/giaoban/giaoban/internal/meeting"
)

// The errors of every implementation.
var (
	// ErrConflict is a document changed or made by somebody else meanwhile.
	ErrConflict = errors.New("store: document has another revision")
	// ErrFenced is an append by a leader that has been replaced.
	ErrFenced error = fenced{}
	// ErrGap is an append that does not follow the stored events.
	ErrGap = errors.New("store: events do not follow the log")
	// ErrInvalid is a name no document or meeting can have.
	ErrInvalid = errors.New("store: invalid name")
	// ErrDamaged is a document or a log that is there and cannot be read: its
	// bytes are not what was written. Nothing else is hurt by it.
	ErrDamaged error = damaged{}
)

// damaged is the type of ErrDamaged: whoever does not know this package knows
// the error by its method.
type damaged struct{}

func (damaged) Error() string { return "store.damaged: what is stored cannot be read" }

// Damaged reports that stored bytes are not what was written.
func (damaged) Damaged() bool { return true }

// fenced is the type of ErrFenced: whoever does not know this package knows the
// error by its method.
type fenced struct{}

func (fenced) Error() string { return "store: a newer leader writes this meeting" }

// Fenced reports that a newer leader has taken over.
func (fenced) Fenced() bool { return true }

// maxName bounds the length of document keys and meeting ids, in bytes.
const maxName = 200

// Catalog keeps documents: small values with a key and a revision. A key is
// "kind/id". Revisions rise with every change and are never used again, even
// for a document that was deleted and made anew.
type Catalog interface {
	// Get returns a document. Revision 0 means there is none.
	Get(ctx context.Context, key string) (body []byte, rev uint64, err error)
	// Put replaces the document whose revision is rev, or makes it if rev is
	// 0, and returns the new revision. Any other stored revision is ErrConflict.
	Put(ctx context.Context, key string, body []byte, rev uint64) (uint64, error)
	// Delete removes the document whose revision is rev, else ErrConflict.
	Delete(ctx context.Context, key string, rev uint64) error
	// List returns the keys that begin with a prefix, in byte order.
	List(ctx context.Context, prefix string) ([]string, error)
}

// Journal keeps the logs of meetings. Events are never changed or deleted.
type Journal interface {
	// Append adds events to a log, all or none, and returns when they are
	// durable. The newest epoch seen fences the older ones off (ErrFenced);
	// the first event must follow the last stored one (ErrGap). The very same
	// events again, all of which stand in the log, are taken for the retry of
	// an append whose answer was lost: they change nothing and are no error.
	Append(ctx context.Context, id meeting.ID, epoch uint64, events []meeting.Event) error
	// Lead begins a new term as the leader of a meeting, if epoch is 0: the
	// epoch it returns is above all that were seen, and fences them off. Any
	// other epoch is confirmed, ErrFenced if a newer term has begun.
	Lead(ctx context.Context, id meeting.ID, epoch uint64) (uint64, error)
	// Read yields the events after a log position, in order. It may be
	// appended to meanwhile. An unknown meeting has no events. An error is
	// yielded last.
	Read(ctx context.Context, id meeting.ID, after meeting.Seq) iter.Seq2[meeting.Event, error]
	// Meetings returns the ids of all logs in byte order.
	Meetings(ctx context.Context) ([]meeting.ID, error)
}

// CheckName refuses a name that cannot be a key.
func CheckName(name string) error {
	if name == "" || len(name) > maxName {
		return fmt.Errorf("%w: %d bytes, want 1 to %d", ErrInvalid, len(name), maxName)
	}
	return nil
}

// CheckFollows reports whether events can be appended to a log that ends at last.
func CheckFollows(last meeting.Seq, events []meeting.Event) error {
	for i, e := range events {
		if want := last + 1 + meeting.Seq(i); e.Seq != want {
			return fmt.Errorf("%w: event %d where %d is next", ErrGap, e.Seq, want)
		}
	}
	return nil
}

// Encode writes events as a log keeps them.
func Encode(events []meeting.Event) ([][]byte, error) {
	encoded := make([][]byte, len(events))
	for i, e := range events {
		var err error
		if encoded[i], err = json.Marshal(e); err != nil {
			return nil, fmt.Errorf("encode event %d: %w", e.Seq, err)
		}
	}
	return encoded, nil
}

// Repeats reports whether events stand in a log already, one after the other
// and byte for byte. stored gives the encoded event at a position, nil if
// there is none.
func Repeats(events []meeting.Event, encoded [][]byte, stored func(meeting.Seq) []byte) bool {
	for i, e := range events {
		if e.Seq != events[0].Seq+meeting.Seq(i) || !bytes.Equal(stored(e.Seq), encoded[i]) {
			return false
		}
	}
	return true
}
