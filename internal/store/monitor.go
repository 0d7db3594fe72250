package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/meeting"
)

// The times of a Monitor: how long a write may be under way before the store
// counts as one that does not write; how often it is tried meanwhile; and how
// long whoever asks waits for a trial.
const (
	writeStall = 2 * time.Second
	probeEvery = time.Second
	probeWait  = 500 * time.Millisecond
	probeTime  = 5 * time.Second
)

// maxDamage bounds what a Monitor remembers.
const maxDamage = 256

// probeKey names the document that is written to find out whether the store
// writes again.
const probeKey = "probe/store"

// MonitorConfig is what a Monitor needs.
type MonitorConfig struct {
	Catalog Catalog
	Journal Journal
	Closer  io.Closer
	Now     func() time.Time // nil is time.Now
	Log     *slog.Logger     // nil discards
}

// Monitor is a store that knows how it is: since when it does not take writes,
// and what of it was found damaged. It also keeps the index of meetings that
// have ended.
//
// Goroutine: a trial write, while the store does not take writes and somebody
// asks; Close waits for it. Monitor.mu guards the state and is not held over IO.
type Monitor struct {
	Catalog
	Journal
	closer io.Closer
	now    func() time.Time
	log    *slog.Logger
	trials sync.WaitGroup

	mu      sync.Mutex
	failed  error // of the last write, nil if it was taken
	since   time.Time
	refused uint64               // writes the store did not take
	writes  map[uint64]time.Time // under way: when each began
	number  uint64
	tried   time.Time
	trying  chan struct{} // closed when the trial under way is over; nil if none is
	damage  []Damage
}

// NewMonitor watches a store.
func NewMonitor(cfg MonitorConfig) *Monitor {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Monitor{
		Catalog: cfg.Catalog, Journal: cfg.Journal, closer: cfg.Closer, now: cfg.Now, log: cfg.Log, writes: map[uint64]time.Time{},
	}
}

// Close closes the store.
func (m *Monitor) Close() error {
	err := m.closer.Close()
	m.trials.Wait()
	return err
}

// Inspect is Inspector.
func (m *Monitor) Inspect(ctx context.Context, v Visitor) error {
	return Inspect(ctx, m.Catalog, m.Journal, v)
}

// ErrBackup is a store that is backed up where its server runs.
var ErrBackup = errors.New("store: only a bolt file can be copied here; a Redis server is backed up by its own means")

// Backup writes the store's file as it is at one moment, while it is used.
func (m *Monitor) Backup(w io.Writer) error {
	own, ok := m.Catalog.(interface{ Backup(io.Writer) error })
	if !ok {
		return ErrBackup
	}
	return own.Backup(w)
}

// write carries a write out and remembers how it went.
func (m *Monitor) write(d Damage, do func() error) error {
	m.mu.Lock()
	m.number++
	n := m.number
	m.writes[n] = m.now()
	m.mu.Unlock()
	err := do()
	m.mu.Lock()
	defer m.mu.Unlock()
	began := m.writes[n]
	delete(m.writes, n)
	switch {
	case err == nil:
		if m.failed != nil {
			m.log.Info("the store takes writes again", "since", m.since, "refused", m.refused)
		}
		m.failed = nil
	case harmless(err):
	default:
		m.refused++
		if m.failed == nil {
			m.since = began
			m.log.Error("the store does not take writes", "err", err)
		}
		m.failed = err
		m.meet(d, err)
	}
	return err
}

// harmless are the refusals of a store that is well.
func harmless(err error) bool {
	for _, known := range []error{ErrConflict, ErrFenced, ErrGap, ErrInvalid, context.Canceled} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// read remembers damage that was met. It gives the error back.
func (m *Monitor) read(d Damage, err error) error {
	if err != nil && errors.Is(err, ErrDamaged) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.meet(d, err)
	}
	return err
}

// meet remembers damage; m.mu is held.
func (m *Monitor) meet(d Damage, err error) {
	if !errors.Is(err, ErrDamaged) || len(m.damage) >= maxDamage || slices.ContainsFunc(m.damage, d.same) {
		return
	}
	d.Why = err.Error()
	m.damage = append(m.damage, d)
	m.log.Error("damaged, and set aside; \"giaoban check\" tells more", "document", d.Document, "meeting", string(d.Meeting), "part", d.Part, "err", err)
}

// same reports whether two are of one thing.
func (d Damage) same(e Damage) bool {
	return d.Document == e.Document && d.Meeting == e.Meeting && d.Part == e.Part
}

// SetAside remembers that something cannot be used, and says so in the log.
func (m *Monitor) SetAside(d Damage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.meet(d, fmt.Errorf("%w: %s", ErrDamaged, d.Why))
}

// Damaged lists what was found damaged since the start, at most 256 things.
func (m *Monitor) Damaged() []Damage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.damage)
}

// Met reports whether damage of a meeting's log was met since the start.
func (m *Monitor) Met(id meeting.ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.ContainsFunc(m.damage, func(d Damage) bool { return d.Meeting == id })
}

// Refused counts the writes that the store did not take.
func (m *Monitor) Refused() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refused
}

// Ready says why the store does not take writes and since when, nil if the last
// one was taken. After a failure it tries a small write of its own, at most once
// a second, so that whoever only asks is told when it is over.
func (m *Monitor) Ready() error {
	m.mu.Lock()
	stalled := m.stalled()
	try := m.trying
	if m.failed != nil && stalled == nil && try == nil && m.now().Sub(m.tried) >= probeEvery {
		try = make(chan struct{})
		m.trying, m.tried = try, m.now()
		m.trials.Go(guard.Scope{Name: "trial of the store", Log: m.log}.Func(func() { m.try(try) }))
	}
	m.mu.Unlock()
	if try != nil && stalled == nil {
		timer := time.NewTimer(probeWait)
		defer timer.Stop()
		select {
		case <-try:
		case <-timer.C:
		}
	}
	if stalled != nil {
		return stalled
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state()
}

// stalled is a write that does not come to an end; m.mu is held.
func (m *Monitor) stalled() error {
	for _, began := range m.writes {
		if m.now().Sub(began) >= writeStall {
			return fmt.Errorf("journal.unavailable since %s: a write is under way and does not end", began.UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// state is what the last write says; m.mu is held.
func (m *Monitor) state() error {
	if m.failed == nil {
		return nil
	}
	return fmt.Errorf("journal.unavailable since %s: %w", m.since.UTC().Format(time.RFC3339), m.failed)
}

// try writes something small.
func (m *Monitor) try(over chan struct{}) {
	defer func() {
		m.mu.Lock()
		m.trying = nil
		m.mu.Unlock()
		close(over)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	_, rev, err := m.Catalog.Get(ctx, probeKey)
	if err == nil {
		_, _ = m.Put(ctx, probeKey, []byte(m.now().UTC().Format(time.RFC3339)), rev) // write remembers how it went
	}
}

// Get is Catalog.
func (m *Monitor) Get(ctx context.Context, key string) ([]byte, uint64, error) {
	body, rev, err := m.Catalog.Get(ctx, key)
	return body, rev, m.read(Damage{Document: key}, err)
}

// List is Catalog.
func (m *Monitor) List(ctx context.Context, prefix string) ([]string, error) {
	keys, err := m.Catalog.List(ctx, prefix)
	return keys, m.read(Damage{Part: "list of " + prefix}, err)
}

// Put is Catalog.
func (m *Monitor) Put(ctx context.Context, key string, body []byte, rev uint64) (next uint64, err error) {
	err = m.write(Damage{Document: key}, func() (err error) {
		next, err = m.Catalog.Put(ctx, key, body, rev)
		return err
	})
	return next, err
}

// Delete is Catalog.
func (m *Monitor) Delete(ctx context.Context, key string, rev uint64) error {
	return m.write(Damage{Document: key}, func() error { return m.Catalog.Delete(ctx, key, rev) })
}

// Append is Journal. A meeting that ends is put on the index; if that fails,
// the next start finds out.
func (m *Monitor) Append(ctx context.Context, id meeting.ID, epoch uint64, events []meeting.Event) error {
	err := m.write(Damage{Meeting: id}, func() error { return m.Journal.Append(ctx, id, epoch, events) })
	if err == nil && ends(events) {
		if err := Shut(ctx, m, id, WhyEnded); err != nil {
			m.log.Warn("an ended meeting is not on the index", "meeting", string(id), "err", err)
		}
	}
	return err
}

// Lead is Journal.
func (m *Monitor) Lead(ctx context.Context, id meeting.ID, epoch uint64) (term uint64, err error) {
	err = m.write(Damage{Meeting: id}, func() (err error) {
		term, err = m.Journal.Lead(ctx, id, epoch)
		return err
	})
	return term, err
}

// Read is Journal.
func (m *Monitor) Read(ctx context.Context, id meeting.ID, after meeting.Seq) iter.Seq2[meeting.Event, error] {
	return func(yield func(meeting.Event, error) bool) {
		for e, err := range m.Journal.Read(ctx, id, after) {
			if !yield(e, m.read(Damage{Meeting: id}, err)) {
				return
			}
		}
	}
}
