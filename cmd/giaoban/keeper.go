package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/guard"
)

// look is how often the keeper compares the names of the host with those of
// the certificate.
const look = 30 * time.Second

// keeper holds the certificate that https shows, and issues a new one when the
// names or addresses of the host change or its time runs out. Its one
// goroutine ends with close.
type keeper struct {
	ca      *authority
	names   func() []string
	log     *slog.Logger
	current atomic.Pointer[tls.Certificate]
	refused []string // names of the last look that the CA may not sign

	stop context.CancelFunc
	done chan struct{}
}

// newKeeper reads or makes the CA and the certificate under a directory. names
// lists what the certificate must bear, the host's name first.
func newKeeper(data string, names func() []string, log *slog.Logger) (*keeper, error) {
	now := time.Now()
	ca, err := openAuthority(filepath.Join(data, "tls"), names(), now)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	k := &keeper{ca: ca, names: names, log: log, stop: stop, done: make(chan struct{})}
	if err := k.renew(now); err != nil {
		stop()
		return nil, err
	}
	go guard.Scope{Name: "certificate", Log: log}.Run(func() { k.run(ctx) })
	return k, nil
}

func (k *keeper) run(ctx context.Context) {
	defer close(k.done)
	turn := guard.Scope{Name: "certificate", Log: k.log}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			turn.Try(func() {
				if err := k.renew(now); err != nil {
					k.log.Error("certificate not renewed", "err", err)
				}
			})
		}
	}
}

// renew makes the certificate match the names.
func (k *keeper) renew(now time.Time) error {
	names := k.names()
	if leaf := k.current.Load(); leaf != nil && k.ca.current(leaf.Leaf, k.permitted(names), now) {
		return nil
	}
	leaf, refused, err := k.ca.leaf(names, now)
	if err != nil {
		return fmt.Errorf("certificate for %v: %w", names, err)
	}
	if !slices.Equal(refused, k.refused) {
		k.refused = refused
		k.log.Warn("names outside what the local CA may sign are left out; "+
			"to serve them over https, remove the directory tls under data and let the rooms trust the new CA", "names", refused)
	}
	k.current.Store(leaf)
	return nil
}

func (k *keeper) permitted(names []string) []string {
	permitted, _ := k.ca.partition(names)
	return permitted
}

// config is what an https server needs of the keeper.
func (k *keeper) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return k.current.Load(), nil },
	}
}

func (k *keeper) close() error {
	k.stop()
	<-k.done
	return nil
}
