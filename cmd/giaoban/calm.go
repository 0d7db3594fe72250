package main

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// The bounds of a calm log: how often one event is written within a period, and
// how many different ones are told apart.
const (
	calmPeriod = 10 * time.Second
	calmBurst  = 5
	calmKinds  = 1024
)

// calm writes a warning or an error that repeats a few times, counts the rest,
// and says how many there were with the first of the next period: a full disk
// is not filled further by what is said of it. Its lock is not held over a
// write. Other events, such as the openings of gates, are a record and are all
// written.
type calm struct {
	slog.Handler
	now  func() time.Time
	said *tallies
}

type tallies struct {
	mu    sync.Mutex
	kinds map[string]*tally
}

type tally struct {
	since time.Time
	n     int
}

func newCalm(h slog.Handler, now func() time.Time) *calm {
	return &calm{Handler: h, now: now, said: &tallies{kinds: map[string]*tally{}}}
}

// Handle is slog.Handler.
func (c *calm) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		left, ok := c.said.take(r.Level.String()+r.Message, c.now())
		if !ok {
			return nil
		}
		if left > 0 {
			r = r.Clone()
			r.AddAttrs(slog.Int("repeated", left))
		}
	}
	return c.Handler.Handle(ctx, r)
}

// take says whether an event is written, and how many like it were left out in
// the period before.
func (t *tallies) take(kind string, now time.Time) (left int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.kinds[kind]
	if k == nil && len(t.kinds) >= calmKinds {
		return 0, true
	}
	if k == nil || now.Sub(k.since) >= calmPeriod {
		if k != nil {
			left = max(0, k.n-calmBurst)
		}
		k = &tally{since: now}
		t.kinds[kind] = k
	}
	k.n++
	return left, k.n <= calmBurst
}

// WithAttrs is slog.Handler.
func (c *calm) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &calm{Handler: c.Handler.WithAttrs(slices.Clone(attrs)), now: c.now, said: c.said}
}

// WithGroup is slog.Handler.
func (c *calm) WithGroup(name string) slog.Handler {
	return &calm{Handler: c.Handler.WithGroup(name), now: c.now, said: c.said}
}
