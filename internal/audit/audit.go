// Package audit keeps the log of who did what at this installation: every
// sign-in, every act of control, and every one that was refused.
//
// Entries are appended and never changed; each carries the hash of the one
// before it, so that a change made behind the program's back is found. Where
// the log ends is signed outside of it, so that an end that was cut off is found
// too. What is the same within a minute is counted in one entry; what is old is
// written to files beside the store and taken out of it, and the chain goes on.
// What a meeting decided is in its own journal; here is who asked, from where,
// and what was refused.
//
// Goroutine: one writer, started by Open and awaited by Close. Log.mu guards
// the closed flag, Log.state what Health tells; neither is held over IO.
// Everything else belongs to the writer.
package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Entry is one line of the log.
type Entry struct {
	N      uint64    `json:"n"` // from 1, without a gap
	At     time.Time `json:"at"`
	Who    string    `json:"who"` // a user's name, or what a token is for
	Role   string    `json:"role,omitempty"`
	From   string    `json:"from,omitempty"`   // address
	Act    string    `json:"act"`              // "session.open", "points.import", a command's name
	Target string    `json:"target,omitempty"` // a meeting, a point, a user
	Code   string    `json:"code,omitempty"`   // why it was refused; empty was carried out
	Note   string    `json:"note,omitempty"`
	Count  int       `json:"count,omitempty"` // how many more of the same there were within the minute; 0 is this one alone
	To     uint64    `json:"to,omitempty"`    // of ActAside: the last of the entries it stands for
	Next   string    `json:"next,omitempty"`  // of ActAside: the hash of that one, as the entry after it has it
	Prev   string    `json:"prev"`            // of the entry before: its hash, in hex
}

// The acts of the log itself.
const (
	ActAside = "audit.set_aside" // a repair put it in the place of entries that could not be read
	ActLost  = "audit.lost"      // Count entries were given while the store took none, and no more could be kept
)

// Records keeps the documents of the log.
type Records interface {
	Get(ctx context.Context, key string) (body []byte, rev uint64, err error)
	Put(ctx context.Context, key string, body []byte, rev uint64) (uint64, error)
	Delete(ctx context.Context, key string, rev uint64) error
	List(ctx context.Context, prefix string) ([]string, error)
}

// The errors of the log.
var (
	ErrClosed = errors.New("audit: the log is closed")
	ErrBroken = errors.New("audit: the log was changed")
)

// Prefix begins the key of a page: the number of its first entry follows.
const Prefix = "audit/"

const prefix = Prefix

// CheckRecord gives the check of one page by its key, nil if it is none.
func CheckRecord(key string) func(body []byte) error {
	if !strings.HasPrefix(key, prefix) {
		return nil
	}
	return func(body []byte) error { _, err := decodePage(key, body); return err }
}

// The bounds of the log: entries on their way to the writer, entries of one
// page, entries kept while the store takes none, and the length of a field.
const (
	queue    = 256
	pageSize = 64
	maxKept  = 1024
	maxField = 200
)

func key(first uint64) string { return fmt.Sprintf("%s%012d", prefix, first) }

// line is an entry as it is stored.
func (e *Entry) line() []byte {
	b, err := json.Marshal(e)
	if err != nil {
		panic(fmt.Errorf("audit: encode an entry: %w", err)) // strings and a time always can be
	}
	return append(b, '\n')
}

func (e *Entry) hash() string {
	sum := sha256.Sum256(e.line())
	return hex.EncodeToString(sum[:16])
}

// page reads one page.
func page(ctx context.Context, records Records, key string) ([]Entry, error) {
	body, rev, err := records.Get(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	if rev == 0 {
		return nil, fmt.Errorf("%w: %s is missing", ErrBroken, key)
	}
	return decodePage(key, body)
}

// decodePage reads the entries of a page and checks how they are linked to each
// other, and to its key.
func decodePage(at string, body []byte) ([]Entry, error) {
	var entries []Entry
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	for d.More() {
		var e Entry
		if err := d.Decode(&e); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrBroken, at, err)
		}
		if n := len(entries); n == 0 && key(e.N) != at || n > 0 && (e.N != entries[n-1].N+1 || e.Prev != entries[n-1].hash()) {
			return nil, fmt.Errorf("%w at entry %d of %s", ErrBroken, e.N, at)
		}
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("%w: %s is empty", ErrBroken, at)
	}
	return entries, nil
}
