// Package audit keeps the log of who did what at this installation: every
// sign-in, every act of control, and every one that was refused.
//
// Entries are appended and never changed; each carries the hash of the one
// before it, so that a change made behind the program's back is found. What a
// meeting decided is in its own journal; here is who asked, from where, and
// what was refused.
//
// Goroutine: one writer, started by Open and awaited by Close. Log.mu guards
// the closed flag and is not held over IO; everything else belongs to the writer.
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
	"sync"
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
	Prev   string    `json:"prev"` // of the entry before: its hash, in hex
}

// Records keeps the documents of the log.
type Records interface {
	Get(ctx context.Context, key string) (body []byte, rev uint64, err error)
	Put(ctx context.Context, key string, body []byte, rev uint64) (uint64, error)
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

// The bounds of the log: entries that wait to be written, entries of one page,
// and the length of a field.
const (
	queue    = 256
	pageSize = 64
	maxField = 200
)

// writing bounds one write.
const writing = 10 * time.Second

// Log is the audit log of an installation.
type Log struct {
	records Records
	now     func() time.Time
	entries chan note
	done    chan struct{}

	mu     sync.RWMutex
	closed bool
}

// note is an entry on its way, and who waits for it; nil if nobody does.
type note struct {
	entry   Entry
	written chan error
}

// Open finds the log's end and starts its writer. A nil clock is time.Now.
func Open(ctx context.Context, records Records, now func() time.Time) (*Log, error) {
	if now == nil {
		now = time.Now
	}
	w := &writer{records: records}
	if err := w.seek(ctx); err != nil {
		return nil, err
	}
	l := &Log{records: records, now: now, entries: make(chan note, queue), done: make(chan struct{})}
	go l.run(w)
	return l, nil
}

// Append writes an entry and returns when it is durable. N, At and Prev are
// the log's own to fill in.
func (l *Log) Append(ctx context.Context, e Entry) error {
	written := make(chan error, 1)
	if err := l.give(ctx, note{l.prepare(e), written}); err != nil {
		return err
	}
	select {
	case err := <-written:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Note writes an entry without waiting for the disk. Where the log is behind
// it waits for room: whoever acts faster than it is written is slowed.
func (l *Log) Note(ctx context.Context, e Entry) error { return l.give(ctx, note{entry: l.prepare(e)}) }

func (l *Log) prepare(e Entry) Entry {
	e.At = l.now().UTC().Truncate(time.Millisecond)
	for _, field := range []*string{&e.Who, &e.Role, &e.From, &e.Act, &e.Target, &e.Code, &e.Note} {
		if len(*field) > maxField {
			*field = strings.ToValidUTF8((*field)[:maxField], "")
		}
	}
	return e
}

func (l *Log) give(ctx context.Context, n note) error {
	l.mu.RLock()
	defer l.mu.RUnlock() // Close waits for who is giving; the writer takes until then
	if l.closed {
		return ErrClosed
	}
	select {
	case l.entries <- n:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close writes what waits and ends the writer.
func (l *Log) Close() error {
	l.mu.Lock()
	already := l.closed
	l.closed = true
	l.mu.Unlock()
	if !already {
		close(l.entries)
	}
	<-l.done
	return nil
}

// run is the writer's goroutine.
func (l *Log) run(w *writer) {
	defer close(l.done)
	for n := range l.entries {
		batch := []note{n}
		for more := true; more && len(batch) < pageSize; {
			select {
			case n, open := <-l.entries:
				if more = open; open {
					batch = append(batch, n)
				}
			default:
				more = false
			}
		}
		err := w.write(batch)
		for _, n := range batch {
			if n.written != nil {
				n.written <- err
			}
		}
	}
}

// writer knows the log's end.
type writer struct {
	records Records
	last    uint64
	prev    string
}

// seek goes to the log's end.
func (w *writer) seek(ctx context.Context) error {
	keys, err := w.records.List(ctx, prefix)
	if err != nil {
		return fmt.Errorf("open audit log: %w", err)
	}
	if len(keys) == 0 {
		w.last, w.prev = 0, ""
		return nil
	}
	entries, err := page(ctx, w.records, keys[len(keys)-1])
	if err != nil {
		return err
	}
	last := entries[len(entries)-1]
	w.last, w.prev = last.N, last.hash()
	return nil
}

// write puts a batch away as one page. Another node of the same store may have
// written meanwhile: then it goes behind that.
func (w *writer) write(batch []note) error {
	ctx, cancel := context.WithTimeout(context.Background(), writing)
	defer cancel()
	for {
		var body bytes.Buffer
		last, prev := w.last, w.prev
		for _, n := range batch {
			last++
			n.entry.N, n.entry.Prev = last, prev
			prev = n.entry.hash()
			body.Write(n.entry.line())
		}
		_, err := w.records.Put(ctx, key(w.last+1), body.Bytes(), 0)
		if err == nil {
			w.last, w.prev = last, prev
			return nil
		}
		before := w.last
		if err := errors.Join(ctx.Err(), w.seek(ctx)); err != nil || w.last == before {
			return fmt.Errorf("write audit log: %w", errors.Join(err, ctx.Err(), errNotWritten))
		}
	}
}

var errNotWritten = errors.New("the store did not take the page")

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

// Read gives the entries after a number, the oldest first, at most so many. A
// chain that does not hold is ErrBroken, with what was read before it.
func Read(ctx context.Context, records Records, after uint64, most int) ([]Entry, error) {
	keys, err := records.List(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	first := 0
	for first+1 < len(keys) && keys[first+1] <= key(after+1) {
		first++
	}
	var found []Entry
	n, prev := uint64(0), ""
	for i, k := range keys[first:] {
		entries, err := page(ctx, records, k)
		if err != nil {
			return found, err
		}
		for j, e := range entries {
			if i+j == 0 && first > 0 { // the chain before this page is not looked at
				n, prev = e.N-1, e.Prev
			}
			if e.N != n+1 || e.Prev != prev {
				return found, fmt.Errorf("%w at entry %d", ErrBroken, n+1)
			}
			n, prev = e.N, e.hash()
			if e.N > after && len(found) < most {
				found = append(found, e)
			}
		}
		if len(found) >= most {
			break
		}
	}
	return found, nil
}

// Last is the number of the newest entry, 0 if there is none.
func Last(ctx context.Context, records Records) (uint64, error) {
	w := &writer{records: records}
	err := w.seek(ctx)
	return w.last, err
}
