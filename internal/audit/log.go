package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/guard"
)

// writing bounds one write; every is how often the writer looks whether there is
// something to write, and how often it tries a store that takes nothing.
const (
	writing = 10 * time.Second
	every   = time.Second
)

// Config is what a Log needs. All but Records may be left out.
type Config struct {
	Records Records
	Dir     string           // of the signed end and of old entries; "" signs and moves nothing
	Most    uint64           // entries the store has at most; 0 means 100000
	Now     func() time.Time // nil is time.Now
	Log     *slog.Logger     // nil discards
}

// Log is the audit log of an installation.
type Log struct {
	cfg     Config
	entries chan note
	done    chan struct{}

	mu     sync.RWMutex
	closed bool

	state struct {
		sync.Mutex
		Health
	}
}

// Health says how the log is.
type Health struct {
	Failed  error     // why the store did not take the newest entries, nil if it did
	Since   time.Time // since when
	Waiting int       // entries that are kept until it does
	Refused uint64    // writes it did not take, since the start
	Lost    uint64    // entries that could not even be kept
}

// note is an entry on its way, and who waits for it; nil if nobody does.
type note struct {
	entry   Entry
	written chan error
}

// Open finds the log's end and starts its writer. An end that cannot be read is
// left as it is, and the log goes on behind it.
func Open(ctx context.Context, cfg Config) (*Log, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Most == 0 {
		cfg.Most = 100_000
	}
	w := &writer{records: cfg.Records, log: cfg.Log, most: cfg.Most}
	if cfg.Dir != "" {
		var err error
		if w.seal, err = openSeal(cfg.Dir); err != nil {
			return nil, fmt.Errorf("open audit log: %w", err)
		}
	}
	if err := w.seek(ctx); err != nil {
		return nil, err
	}
	l := &Log{cfg: cfg, entries: make(chan note, queue), done: make(chan struct{})}
	go guard.Scope{Name: "audit log", Log: cfg.Log}.Run(func() { l.run(w) })
	return l, nil
}

// Append writes an entry and returns when it is durable. One that is the same
// as another of this minute is counted, and is written at its end. N, At, Count
// and Prev are the log's own to fill in.
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
	e.At = l.cfg.Now().UTC().Truncate(time.Millisecond)
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

// Health says how the log is.
func (l *Log) Health() Health {
	l.state.Lock()
	defer l.state.Unlock()
	return l.state.Health
}

// Ready says why the log is not written and since when, nil if it is.
func (l *Log) Ready() error {
	if h := l.Health(); h.Failed != nil {
		return fmt.Errorf("journal.unavailable since %s: audit log, %d entries wait, %d are lost: %w",
			h.Since.UTC().Format(time.RFC3339), h.Waiting, h.Lost, h.Failed)
	}
	return nil
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
	if h := l.Health(); h.Waiting > 0 {
		return fmt.Errorf("audit: %d entries are not written: %w", h.Waiting, h.Failed)
	}
	return nil
}

// run is the writer's goroutine.
func (l *Log) run(w *writer) {
	defer close(l.done)
	tick := time.NewTicker(every)
	defer tick.Stop()
	same := merger{}
	for open := true; open; {
		var batch []note
		select {
		case n, more := <-l.entries:
			if open = more; more {
				batch = l.drain(n)
			}
		case <-tick.C:
			w.tried = time.Time{}
		}
		var waiting []chan error
		for _, n := range batch {
			l.keep(w, same.due(n.entry.At, false)...)
			if e, ok := same.take(n); ok {
				l.keep(w, e)
			}
			if n.written != nil {
				waiting = append(waiting, n.written)
			}
		}
		l.keep(w, same.due(l.cfg.Now(), !open)...)
		err := l.flush(w, !open)
		for _, written := range waiting {
			written <- err
		}
		if len(batch) == 0 {
			w.sign()
		}
	}
}

// drain takes what waits, up to a page.
func (l *Log) drain(first note) []note {
	batch := []note{first}
	for len(batch) < pageSize {
		select {
		case n, open := <-l.entries:
			if !open {
				return batch // the next receive says so again
			}
			batch = append(batch, n)
		default:
			return batch
		}
	}
	return batch
}

// keep puts entries behind those that wait to be written. There is room for so
// many; the rest is counted.
func (l *Log) keep(w *writer, entries ...Entry) {
	for _, e := range entries {
		if len(w.waiting) >= maxKept {
			w.lost++
			continue
		}
		w.waiting = append(w.waiting, e)
	}
}

// flush writes what waits. A store that took nothing is tried once a second, and
// its failure is logged once.
func (l *Log) flush(w *writer, last bool) error {
	before := l.Health()
	if before.Failed != nil && !last && time.Since(w.tried) < every {
		l.tell(w, before)
		return before.Failed
	}
	if w.lost > 0 && before.Failed != nil { // told in the log itself, once it can be
		w.waiting = append(w.waiting, Entry{At: l.cfg.Now().UTC().Truncate(time.Millisecond), Who: "giaoban", Act: ActLost, Count: w.lost})
	}
	n := len(w.waiting)
	err := w.flush()
	w.tried = time.Now()
	now := before
	switch {
	case err == nil && before.Failed != nil:
		now.Failed, now.Since, w.lost = nil, time.Time{}, 0
		l.cfg.Log.Info("audit log is written again", "kept", n, "lost", now.Lost)
	case err != nil:
		if w.lost > 0 && before.Failed != nil {
			w.waiting = w.waiting[:len(w.waiting)-1] // it is made anew at the next trial
		}
		now.Refused++
		if now.Failed = err; before.Failed == nil {
			now.Since = l.cfg.Now()
			l.cfg.Log.Error("audit log not written; entries are kept until it can be", "err", err)
		}
	}
	l.tell(w, now)
	return err
}

func (l *Log) tell(w *writer, h Health) {
	h.Waiting = len(w.waiting)
	if w.lost > 0 {
		h.Lost += uint64(w.lost - w.told)
	}
	w.told = w.lost
	l.state.Lock()
	defer l.state.Unlock()
	l.state.Health = h
}

// writer knows the log's end.
type writer struct {
	records Records
	seal    *seal // nil: the end is not signed
	log     *slog.Logger
	most    uint64

	first   uint64 // the oldest entry in the store
	last    uint64
	prev    string
	waiting []Entry
	lost    int // entries there was no room for, since the store takes none
	told    int // of them, those in Health
	tried   time.Time
	signed  uint64 // the newest entry whose number the seal has
}

// seek goes to the log's end: that of its pages, or the signed one if that is
// further on, since what is missing between them must stay missing.
func (w *writer) seek(ctx context.Context) error {
	keys, err := w.records.List(ctx, prefix)
	if err != nil {
		return fmt.Errorf("open audit log: %w", err)
	}
	w.first, w.last, w.prev = 1, 0, ""
	begins := uint64(0) // of a newest page that cannot be read
	if len(keys) > 0 {
		w.first = numberOf(keys[0])
		at := keys[len(keys)-1]
		entries, err := page(ctx, w.records, at)
		switch {
		case err == nil:
			e := entries[len(entries)-1]
			w.last, w.prev = e.end()
		case errors.Is(err, ErrBroken), damaged(err):
			w.log.Error("the newest page of the audit log cannot be read, and is left as it is", "page", at, "err", err)
			begins = numberOf(at)
			w.last = begins + pageSize - 1
		default:
			return err
		}
	}
	w.follow(begins)
	return nil
}

// follow goes on from the signed end, where that is further on than the pages,
// or in a page that cannot be read.
func (w *writer) follow(begins uint64) {
	if w.seal == nil {
		return
	}
	head, err := w.seal.read()
	switch {
	case err != nil:
		w.log.Error("the signed end of the audit log cannot be read", "err", err)
	case begins > 0 && head.N >= begins:
		w.last, w.prev = head.N, head.Hash
	case begins == 0 && head.N > w.last:
		w.log.Error("the end of the audit log is missing", "last", w.last, "signed", head.N)
		w.last, w.prev = head.N, head.Hash
	}
}

// flush writes what waits, a page at a time.
func (w *writer) flush() error {
	for len(w.waiting) > 0 {
		n := min(len(w.waiting), pageSize)
		if err := w.write(w.waiting[:n]); err != nil {
			return err
		}
		w.waiting = w.waiting[n:]
	}
	w.waiting = nil
	w.rotate()
	return nil
}

// write puts a batch away as one page. Another node of the same store may have
// written meanwhile: then it goes behind that.
func (w *writer) write(batch []Entry) error {
	ctx, cancel := context.WithTimeout(context.Background(), writing)
	defer cancel()
	for {
		last, prev := w.last, w.prev
		var body []byte
		for _, e := range batch {
			last++
			e.N, e.Prev = last, prev
			prev = e.hash()
			body = append(body, e.line()...)
		}
		_, refused := w.records.Put(ctx, key(w.last+1), body, 0)
		if refused == nil {
			w.last, w.prev = last, prev
			return nil
		}
		before := w.last
		if err := errors.Join(ctx.Err(), w.seek(ctx)); err != nil || w.last == before {
			return fmt.Errorf("write audit log: %w", errors.Join(refused, err))
		}
	}
}

// sign signs the end, if it has moved.
func (w *writer) sign() {
	if w.seal == nil || w.last == w.signed || w.prev == "" {
		return
	}
	if err := w.seal.write(Head{N: w.last, Hash: w.prev}); err != nil {
		w.log.Warn("the end of the audit log is not signed", "err", err)
	}
	w.signed = w.last // tried again with the next entry
}
