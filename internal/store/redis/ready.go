package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// setting is one of the server's that must have a certain value.
type setting struct {
	name string
	want string
	ok   func(value string) bool
}

// maxLag is the newest a replica's last sign of life may be for the master to
// count it, in seconds. With 1 it comes and goes, since replicas report once a
// second.
const maxLag = 2

// always are the settings of every server.
func always() []setting {
	is := func(want string) func(string) bool { return func(v string) bool { return v == want } }
	return []setting{
		{"appendonly", "yes", is("yes")},
		{"appendfsync", "always", is("always")},
		{"maxmemory-policy", "none of allkeys, which drops logs", func(v string) bool { return !strings.HasPrefix(v, "allkeys") }},
	}
}

// ofReplicated are the settings of a server with replicas: one that is cut off
// from all of them must soon refuse to write.
func ofReplicated() []setting {
	between := func(low, high int) func(string) bool {
		return func(v string) bool { n, err := strconv.Atoi(v); return err == nil && n >= low && n <= high }
	}
	return []setting{
		{minReplicas, "1 or more, since it has replicas or Sentinels", between(1, 1<<30)},
		{"min-replicas-max-lag", "1 or 2, since it has replicas or Sentinels", between(1, maxLag)},
	}
}

const minReplicas = "min-replicas-to-write"

// Ready says why the store cannot be trusted with a fact now, nil if it can:
// the server answers, has its data in a form known here, and keeps it.
func (s *Store) Ready(ctx context.Context) error {
	values, replicas, err := s.settings(ctx)
	if err != nil {
		return err
	}
	judged := always()
	if replicas {
		s.replicated.Store(true)
	}
	if s.replicated.Load() {
		judged = append(judged, ofReplicated()...)
	}
	for _, c := range judged {
		if !c.ok(values[c.name]) {
			return fmt.Errorf("%w: its %s is %q; want %s", ErrNotDurable, c.name, values[c.name], c.want)
		}
	}
	return s.checkFormat(ctx)
}

// settings reads what is judged, and whether the server has replicas or wants some.
func (s *Store) settings(ctx context.Context) (values map[string]string, replicas bool, err error) {
	pipe := s.client.Pipeline()
	var asked []*redis.MapStringStringCmd
	for _, c := range append(always(), ofReplicated()...) {
		asked = append(asked, pipe.ConfigGet(ctx, c.name))
	}
	role := pipe.Info(ctx, "replication")
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, false, fmt.Errorf("%w: its settings: %w", ErrUnavailable, err)
	}
	values = map[string]string{}
	for _, a := range asked {
		for name, value := range a.Val() {
			values[name] = value
		}
	}
	wanted := values[minReplicas]
	return values, wanted != "" && wanted != "0" || !strings.Contains(role.Val(), "connected_slaves:0\r"), nil
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
