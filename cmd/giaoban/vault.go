package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/giaoban/giaoban/internal/config"
	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/redis"
)

// vault is the store of a node, whichever it is.
type vault interface {
	store.Catalog
	store.Journal
	io.Closer
}

// leadCheck is how often a server on a shared store asks whether it still leads.
const leadCheck = 2 * time.Second

// storeRetry is the wait between two attempts to open a store that is away;
// storeCheck bounds the question whether it can be trusted now.
const (
	storeRetry = time.Second
	storeCheck = 2 * time.Second
)

// openStore opens the configured store. One on another machine may be away, or
// set up so that it would lose facts: then the node waits, and /readyz says
// for what.
func (n *node) openStore(ctx context.Context) error {
	if n.cfg.Store == "bolt" {
		s, err := openBolt(n.cfg.Data, n.fresh, n.log)
		if err != nil {
			return err
		}
		n.keep(s, func() error { return nil })
		for _, lost := range s.Lost() {
			n.store.SetAside(store.Damage{Part: lost, Why: "the list was missing, and is empty now"})
		}
		return nil
	}
	said := ""
	for {
		err := n.openRedis(ctx)
		if err == nil {
			return nil
		}
		if !errors.Is(err, redis.ErrUnavailable) && !errors.Is(err, redis.ErrNotDurable) && !errors.As(err, new(ledElsewhere)) {
			return err
		}
		n.entrance.waitFor(err)
		if err.Error() != said {
			said = err.Error()
			n.log.Warn("waiting for the store", "err", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("stopped while waiting: %w", err)
		case <-time.After(storeRetry):
		}
	}
}

// openRedis opens the store and takes its lease.
func (n *node) openRedis(ctx context.Context) error {
	s, err := tryRedis(ctx, n.cfg.Redis)
	if err != nil {
		return err
	}
	opened := len(n.closers)
	n.keep(s, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), storeCheck)
		defer cancel()
		return s.Ready(ctx)
	})
	if err := n.lead(ctx, s); err != nil {
		n.closers = n.closers[:opened]
		return errors.Join(err, n.store.Close())
	}
	n.confirm = leadCheck
	return nil
}

func tryRedis(ctx context.Context, cfg config.Redis) (*redis.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, storeCheck)
	defer cancel()
	return redis.Open(ctx, redis.Config{
		URL: cfg.Address, Prefix: cfg.Prefix,
		Sentinels: cfg.Sentinels, SentinelPassword: cfg.SentinelPassword, Master: cfg.Master,
	})
}

// keep takes an open store, and what tells whether it can be trusted now. It is
// watched from here on: /readyz says since when it does not take writes.
func (n *node) keep(s vault, ready func() error) {
	n.store = store.NewMonitor(store.MonitorConfig{Catalog: s, Journal: s, Closer: s, Log: n.log})
	n.ready = func() error { return errors.Join(ready(), n.store.Ready(), n.unwritten()) }
	n.closers = append(n.closers, n.store.Close)
}

// unwritten is since when a live meeting's log takes nothing, nil if all do.
func (n *node) unwritten() error {
	if n.meetings == nil {
		return nil
	}
	if since := n.meetings.Unwritten(); !since.IsZero() {
		return fmt.Errorf("%s since %s: the log of a meeting cannot be written; all sound is closed", focus.CodeJournal, since.UTC().Format(time.RFC3339))
	}
	return nil
}

// damaged lists what was found damaged since the start.
func (n *node) damaged() []string {
	var all []string
	for _, d := range n.store.Damaged() {
		all = append(all, d.String())
	}
	return all
}

// storeMetrics makes the metrics of a node, those of its store among them.
func (n *node) storeMetrics() *prometheus.Registry {
	figures := prometheus.NewRegistry()
	counter := func(name, help string, read func() float64) {
		figures.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "giaoban_" + name, Help: help}, read))
	}
	gauge := func(name, help string, read func() float64) {
		figures.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "giaoban_" + name, Help: help}, read))
	}
	counter("store_refused_total", "Writes the store did not take.", func() float64 { return float64(n.store.Refused()) })
	gauge("store_damaged", "Things of the store found damaged since the start, and left out.", func() float64 { return float64(len(n.store.Damaged())) })
	counter("audit_refused_total", "Writes of the audit log that the store did not take.", func() float64 { return float64(n.audit.Health().Refused) })
	gauge("audit_waiting", "Entries of the audit log that are kept until the store takes them.", func() float64 { return float64(n.audit.Health().Waiting) })
	counter("audit_lost_total", "Entries of the audit log that could not be kept.", func() float64 {
		return float64(n.audit.Health().Lost + n.unnoted.Load())
	})
	return figures
}

// entrance answers plain http from the first moment on: until the node is
// open it says that it lives, and why it is not ready.
type entrance struct {
	door atomic.Pointer[http.Handler]
	why  atomic.Pointer[error]
}

// open lets everybody through to a handler.
func (e *entrance) open(door http.Handler) { e.door.Store(&door) }

// waitFor remembers why the node is not open yet.
func (e *entrance) waitFor(why error) { e.why.Store(&why) }

// ServeHTTP answers a request.
func (e *entrance) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if door := e.door.Load(); door != nil {
		(*door).ServeHTTP(w, r)
		return
	}
	why, led := e.why.Load(), ledElsewhere{}
	switch {
	case why != nil && strings.HasPrefix(r.URL.Path, "/api/") && errors.As(*why, &led):
		led.refuse(w)
	case r.URL.Path == "/healthz":
		fmt.Fprintln(w, "ok")
	case why != nil && r.URL.Path == "/readyz" && fromHere(r):
		http.Error(w, (*why).Error(), http.StatusServiceUnavailable)
	default:
		http.Error(w, "starting", http.StatusServiceUnavailable)
	}
}
