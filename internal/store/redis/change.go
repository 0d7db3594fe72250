package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/giaoban/giaoban/internal/meeting"
)

// replicaWait bounds how long one attempt waits for a replica, within ioTimeout.
const replicaWait = 200 * time.Millisecond

// change is a script that writes.
type change struct {
	script *redis.Script
	keys   []string
	args   []any
	known  meeting.ID // made known in the same pipeline, "" for none
}

// attempt runs a script once. It gives the script's answer, if there was one,
// even with an error: then what the answer says is on no replica yet.
func (s *Store) attempt(ctx context.Context, c change) (*redis.Cmd, error) {
	answer, err := s.send(ctx, c, c.script.EvalSha)
	if redis.HasErrorPrefix(err, "NOSCRIPT") { // a server that has restarted, or another
		answer, err = s.send(ctx, c, c.script.Eval)
	}
	return answer, err
}

// send asks for the change and for its replication, on one connection.
func (s *Store) send(ctx context.Context, c change, run func(context.Context, redis.Scripter, []string, ...any) *redis.Cmd) (*redis.Cmd, error) {
	pipe := s.client.Pipeline()
	if c.known != "" {
		pipe.SAdd(ctx, s.key(nameMeetings), string(c.known))
	}
	answer := run(ctx, pipe, c.keys, c.args...)
	var replicas *redis.Cmd
	if s.replicated.Load() {
		replicas = pipe.Do(ctx, "wait", 1, replicaWait.Milliseconds())
	}
	_, err := pipe.Exec(ctx)
	if answer.Err() != nil {
		return nil, answer.Err()
	}
	if answer.Val() == nil { // go-redis leaves commands without an error whose connection failed
		return nil, errors.Join(err, errNoAnswer)
	}
	if replicas == nil {
		return answer, nil
	}
	switch n, failed := replicas.Int64(); {
	case failed == nil && n > 0:
		return answer, nil
	case failed == nil || errors.Is(failed, redis.Nil):
		return answer, errors.Join(errUnreplicated, err)
	default:
		return answer, fmt.Errorf("%w: %w", errUnreplicated, failed)
	}
}

// errNoAnswer is a script whose answer did not come.
var errNoAnswer = errors.New("redis: no answer")

// unsettled remembers whether a log's newest events may be on no replica.
func (s *Store) unsettled(id meeting.ID, owed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if owed {
		s.owed[id] = struct{}{}
	} else {
		delete(s.owed, id)
	}
}

// settled returns when a replica has the events of a log up to a position, if
// that is in doubt: an append that failed may have left some on the master
// alone, and what is read there must not be taken for durable.
func (s *Store) settled(ctx context.Context, id meeting.ID, last meeting.Seq) error {
	s.mu.Lock()
	_, owed := s.owed[id]
	s.mu.Unlock()
	if !owed {
		return nil
	}
	err := s.patiently(ctx, func(ctx context.Context) error {
		answer, err := s.attempt(ctx, change{script: s.settle, keys: s.keys(nameLog(id), nameEpoch(id))})
		if err != nil {
			return err
		}
		if length, err := answer.Uint64(); err != nil || length < uint64(last) {
			return errors.Join(errUnreplicated, err) // another master, which has less
		}
		return nil
	})
	if err == nil {
		s.unsettled(id, false)
	}
	return err
}
