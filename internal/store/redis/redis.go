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
//
// What a script touches shares a hash tag, so it lies in one slot of a cluster.
//
// No goroutine and no lock of its own; those of the client's pool end in Close.
package redis

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

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

// patience bounds how long a call that may be repeated is repeated while the
// connection fails, as it does when Redis restarts; retryPause is the wait
// between two attempts; ioTimeout bounds one dial, read or write.
const (
	patience   = 2 * time.Second
	retryPause = 50 * time.Millisecond
	ioTimeout  = 3 * time.Second
)

//go:embed lead.lua
var leadLua string

//go:embed append.lua
var appendLua string

//go:embed put.lua
var putLua string

//go:embed delete.lua
var deleteLua string

// Config is where the data is.
type Config struct {
	URL    string // redis://user:password@host:6379/0, rediss:// for TLS, or unix:///path
	Prefix string // of every key, so that installations can share a server
}

// Store is a store.Catalog and a store.Journal.
type Store struct {
	client *redis.Client
	prefix string

	append, lead, put, delete *redis.Script
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
	s := connect(options, cfg.Prefix)
	if err := s.Ready(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", shown(cfg.URL), err), s.Close())
	}
	return s, nil
}

// connect sets up a client; it does not dial yet.
func connect(options *redis.Options, prefix string) *Store {
	redis.SetLogger(silent{}) // what fails is returned, and logged once by who asked
	options.MaxRetries = -1   // which call may be repeated is decided here
	options.DialerRetries = 1
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = ioTimeout, ioTimeout, ioTimeout
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return &Store{
		client: redis.NewClient(options),
		prefix: prefix,
		append: redis.NewScript(appendLua),
		lead:   redis.NewScript(leadLua),
		put:    redis.NewScript(putLua),
		delete: redis.NewScript(deleteLua),
	}
}

// silent is the client's logger.
type silent struct{}

// Printf is the client's Logging.
func (silent) Printf(context.Context, string, ...any) {}

// shown is a URL without its password.
func shown(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "redis"
	}
	return u.Redacted()
}

// Close ends the connections. It may be called again.
func (s *Store) Close() error {
	if err := s.client.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// Ready says why the store cannot be trusted with a fact now, nil if it can:
// the server answers, has its data in a form known here, and keeps it.
func (s *Store) Ready(ctx context.Context) error {
	for name, want := range map[string]func(value string) bool{
		"appendonly":       func(v string) bool { return v == "yes" },
		"appendfsync":      func(v string) bool { return v == "always" },
		"maxmemory-policy": func(v string) bool { return !strings.HasPrefix(v, "allkeys") }, // would drop logs
	} {
		values, err := s.client.ConfigGet(ctx, name).Result()
		if err != nil {
			return fmt.Errorf("%w: config get %s: %w", ErrUnavailable, name, err)
		}
		if !want(values[name]) {
			return fmt.Errorf("%w: its %s is %q; want appendonly yes, appendfsync always, and no allkeys policy",
				ErrNotDurable, name, values[name])
		}
	}
	return s.checkFormat(ctx)
}

// checkFormat marks an empty installation with the format, and refuses one
// that is newer.
func (s *Store) checkFormat(ctx context.Context) error {
	key := s.key("format")
	if err := s.client.SetNX(ctx, key, Format, 0).Err(); err != nil {
		return fmt.Errorf("%w: set %q: %w", ErrUnavailable, key, err)
	}
	text, err := s.client.Get(ctx, key).Result()
	if err != nil {
		return fmt.Errorf("%w: get %q: %w", ErrUnavailable, key, err)
	}
	if v, err := strconv.Atoi(text); err != nil || v > Format {
		return fmt.Errorf("%w: %q", ErrFormat, text)
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

// patiently repeats a call that may be carried out twice while it meets a
// server that is restarting.
func patiently(ctx context.Context, call func() error) error {
	deadline := time.Now().Add(patience)
	for {
		err := call()
		if !passing(err) || ctx.Err() != nil || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(retryPause):
		}
	}
}

// passing reports whether an error may pass by itself: the connection failed,
// or the server is still reading its file.
func passing(err error) bool {
	if answer := redis.Error(nil); errors.As(err, &answer) {
		return strings.HasPrefix(answer.Error(), "LOADING ")
	}
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network)
}

func check(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return store.CheckName(name)
}
