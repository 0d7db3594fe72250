package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/redis"
	"github.com/giaoban/giaoban/internal/wire"
)

// A server that leads renews its lease every leaseRenew. leaseFor is longer
// than a switch of the Redis master is waited for, so that no switch hands the
// meetings to another server, and is how long a server that died is missed.
const (
	leaseRenew = time.Second
	leaseFor   = 6 * time.Second
)

// ledElsewhere is why a server does not lead: another one on its store does.
type ledElsewhere struct{ by string }

// Error names the code and the server that leads.
func (e ledElsewhere) Error() string {
	return fmt.Sprintf("%s: %s leads the meetings of this store; this server waits until it is free", focus.CodeLed, e.by)
}

// refuse answers a request of the API while another server leads.
func (e ledElsewhere) refuse(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	wire.Refuse(w, &meeting.Error{Code: focus.CodeLed, Args: map[string]any{"by": e.by}})
}

// leaseName tells people, and other servers, which server this is.
func leaseName(node string) string {
	host, err := os.Hostname()
	if err != nil {
		host = "a server without a name"
	}
	if node != "" {
		host = node + " on " + host
	}
	return fmt.Sprintf("%s (process %d, %.8s)", host, os.Getpid(), rand.Text())
}

// lead takes the lease of a store, and holds it until the node closes. If it
// cannot be had now, the error is ledElsewhere.
func (n *node) lead(ctx context.Context, s *redis.Store) error {
	name := leaseName(n.cfg.Node.ID)
	lease, err := s.Hold(ctx, "", name, leaseFor)
	if err != nil {
		return fmt.Errorf("%w: %w", redis.ErrUnavailable, err)
	}
	if lease.By != name {
		return ledElsewhere{lease.By}
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	holding := guard.Scope{Name: "lease", Log: n.log}
	go holding.Run(func() {
		defer close(done)
		holding.Keep(func() { n.holdOn(ctx, s, name) })
	})
	n.closers = append(n.closers, func() error {
		stop()
		<-done
		ctx, cancel := context.WithTimeout(context.Background(), storeCheck)
		defer cancel()
		_ = s.Release(ctx, "", name) // else it expires
		return nil
	})
	return nil
}

// holdOn renews the lease. When another server has or had it, the node is told
// to begin anew: what it holds in memory may be old. A store that does not
// answer says nothing; the terms of the meetings are what keeps two apart.
func (n *node) holdOn(ctx context.Context, s *redis.Store, name string) {
	tick := time.NewTicker(leaseRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		lease, err := s.Hold(ctx, "", name, leaseFor)
		switch {
		case err != nil:
			n.log.Warn("the lease was not renewed", "err", err)
		case lease.By != name || lease.Anew:
			n.unseated <- lease.By // has room
			return
		}
	}
}
