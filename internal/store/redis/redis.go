// Package redis keeps documents and logs on a Redis server, for the nodes of
// one tier to share. Every change is one script, so it happens whole or not at
// all, and is answered after Redis has written and synced its append-only file.
//
// The keys, each behind the prefix of the installation:
//
//	format                  version of this form
//	{catalog}:documents     hash, key → "revision body"
//	{catalog}:names         sorted set of the keys, all of score 0: byte order
//	{catalog}:revision      the newest revision of all
//	{catalog}:meetings      set of the ids whose logs were begun
//	{journal/ID}:log        list, whose n-th member is event n as JSON
//	{journal/ID}:epoch      the newest epoch seen, 20 digits
//	{lease/SCOPE}:holder    who is to lead, expiring; SCOPE is empty for all meetings
//	{lease/SCOPE}:last      who was last
//
// What a script touches shares a hash tag, so it lies in one slot of a cluster.
//
// Where the server has replicas, a change counts when one of them has it: the
// script and a WAIT for its replication go to the server as one pipeline, so on
// one connection, and a master that was cut off from its replicas acknowledges
// nothing. Every repetition writes again, since WAIT waits for what its own
// connection wrote last.
//
// No goroutine of its own; those of the client's pool end in Close. Locks:
// Store.mu guards which logs are owed to a replica, and is never held over IO.
package redis

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
)

// Format is the version of the form of the keys; a newer one is refused.
const Format = 1

// The errors of Open and Ready. Each begins with a code for monitors.
var (
	// ErrFormat is data of a newer program.
	ErrFormat = errors.New("store.format: the data has a newer format than this program knows")
	// ErrNotDurable is a server that would lose facts it has acknowledged.
	ErrNotDurable = errors.New("store.not_durable: Redis does not keep what it acknowledges")
	// ErrUnavailable is a server that cannot be asked.
	ErrUnavailable = errors.New("store.unavailable: Redis does not answer")
)

//go:embed lead.lua
var leadLua string

//go:embed append.lua
var appendLua string

//go:embed put.lua
var putLua string

//go:embed delete.lua
var deleteLua string

//go:embed settle.lua
var settleLua string

// Config is where the data is.
type Config struct {
	URL    string // redis://user:password@host:6379/0, rediss:// for TLS, or unix:///path
	Prefix string // of every key, so that installations can share a server
	// Sentinels are the addresses, host:port, of the Sentinels that say which
	// server is the master; the URL then gives user, password, number of the
	// database and TLS, and its host only the name the certificates prove.
	Sentinels        []string
	SentinelPassword string // of the Sentinels themselves, "" for none
	Master           string // what the Sentinels call the master
}

// Store is a store.Catalog and a store.Journal.
type Store struct {
	client   *redis.Client
	prefix   string
	patience time.Duration
	sentinel bool

	append, lead, put, delete, settle *redis.Script

	// replicated is set for good when the server is seen to have replicas: from
	// then on nothing counts before one of them has it.
	replicated atomic.Bool
	mu         sync.Mutex
	owed       map[meeting.ID]struct{} // logs whose newest events may be on no replica
}

// Open connects to a server, which must be one that loses nothing.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	options, err := redis.ParseURL(cfg.URL)
	if wrong := (*url.Error)(nil); errors.As(err, &wrong) {
		err = wrong.Err // without the URL, which holds a password
	}
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s := connect(options, cfg)
	if err := s.Ready(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", cfg.shown(), err), s.Close())
	}
	return s, nil
}

// Close ends the connections. It may be called again.
func (s *Store) Close() error {
	if err := s.client.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// key names something of this installation.
func (s *Store) key(name string) string { return s.prefix + name }

// keys names things that one script touches.
func (s *Store) keys(names ...string) []string {
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = s.key(name)
	}
	return keys
}

func check(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return store.CheckName(name)
}
