package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
)

// readChunk is how many events one call takes from the server.
const readChunk = 256

// The verdicts of append.lua.
const (
	verdictTaken = iota
	verdictFenced
	verdictGap
)

var errEvent = fmt.Errorf("redis: event is damaged: %w", store.ErrDamaged)

func nameLog(id meeting.ID) string   { return "{journal/" + string(id) + "}:log" }
func nameEpoch(id meeting.ID) string { return "{journal/" + string(id) + "}:epoch" }

// Append is store.Journal. While Redis restarts it is repeated: the same
// events again change nothing.
func (s *Store) Append(ctx context.Context, id meeting.ID, epoch uint64, events []meeting.Event) error {
	if err := check(ctx, string(id)); err != nil || len(events) == 0 {
		return err
	}
	args, err := arguments(epoch, events)
	if err == nil {
		err = s.patiently(ctx, func(ctx context.Context) error { return s.tryAppend(ctx, id, args) })
		s.unsettled(id, s.replicated.Load() && err != nil && !errors.Is(err, store.ErrFenced))
	}
	if err != nil {
		return fmt.Errorf("append to %q: %w", id, err)
	}
	return nil
}

// arguments are what append.lua takes.
func arguments(epoch uint64, events []meeting.Event) ([]any, error) {
	if err := store.CheckFollows(events[0].Seq-1, events); err != nil {
		return nil, err
	}
	encoded, err := store.Encode(events)
	if err != nil {
		return nil, err
	}
	args := []any{fmt.Sprintf("%020d", epoch), decimal(uint64(events[0].Seq))}
	for _, e := range encoded {
		args = append(args, e)
	}
	return args, nil
}

func (s *Store) tryAppend(ctx context.Context, id meeting.ID, args []any) error {
	c := change{script: s.append, keys: s.keys(nameLog(id), nameEpoch(id)), args: args}
	if args[1] == "1" { // the id is known before the log is: a known id without a log is none
		c.known = id
	}
	answer, err := s.attempt(ctx, c)
	if answer == nil {
		return err
	}
	said, wrong := answer.Uint64Slice()
	switch {
	case wrong != nil:
		return wrong
	case said[0] == verdictFenced: // which no later master takes back
		return store.ErrFenced
	case err != nil:
		return err
	case said[0] == verdictTaken:
		return nil
	default:
		return fmt.Errorf("%w: event %s where %d is next", store.ErrGap, args[1], said[1]+1)
	}
}

// Lead is store.Journal.
func (s *Store) Lead(ctx context.Context, id meeting.ID, epoch uint64) (uint64, error) {
	if err := check(ctx, string(id)); err != nil {
		return 0, err
	}
	var term uint64
	c := change{script: s.lead, keys: s.keys(nameEpoch(id)), args: []any{fmt.Sprintf("%020d", epoch)}}
	err := s.patiently(ctx, func(ctx context.Context) error {
		answer, err := s.attempt(ctx, c)
		if answer == nil {
			return err
		}
		text, wrong := answer.Text()
		if wrong == nil {
			term, wrong = strconv.ParseUint(text, 10, 64)
		}
		if wrong == nil && term == 0 {
			wrong = store.ErrFenced
		}
		if wrong != nil {
			return wrong
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("lead %q: %w", id, err)
	}
	return term, nil
}

// Read is store.Journal.
func (s *Store) Read(ctx context.Context, id meeting.ID, after meeting.Seq) iter.Seq2[meeting.Event, error] {
	return func(yield func(meeting.Event, error) bool) {
		for {
			events, err := s.chunk(ctx, id, after)
			for _, e := range events {
				if !yield(e, nil) {
					return
				}
				after = e.Seq
			}
			if err != nil {
				yield(meeting.Event{}, fmt.Errorf("read %q after %d: %w", id, after, err))
				return
			}
			if len(events) < readChunk {
				if err := s.settled(ctx, id, after); err != nil {
					yield(meeting.Event{}, fmt.Errorf("read %q up to %d: %w", id, after, err))
				}
				return
			}
		}
	}
}

// chunk reads up to readChunk events after a position. With an error it gives
// those before the one that failed.
func (s *Store) chunk(ctx context.Context, id meeting.ID, after meeting.Seq) (events []meeting.Event, err error) {
	if err := check(ctx, string(id)); err != nil || after > math.MaxInt64-readChunk {
		return nil, err
	}
	var stored []string
	err = s.patiently(ctx, func(ctx context.Context) (err error) {
		stored, err = s.client.LRange(ctx, s.key(nameLog(id)), int64(after), int64(after)+readChunk-1).Result()
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, text := range stored {
		want := after + 1 + meeting.Seq(i)
		var e meeting.Event
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			return events, fmt.Errorf("%w: event %d: %w", store.ErrDamaged, want, err)
		}
		if e.Seq != want {
			return events, fmt.Errorf("decode event %d: %w", want, errEvent)
		}
		events = append(events, e)
	}
	return events, nil
}

// Meetings is store.Journal.
func (s *Store) Meetings(ctx context.Context) (ids []meeting.ID, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = s.patiently(ctx, func(ctx context.Context) (err error) {
		ids, err = s.begun(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list meetings: %w", err)
	}
	return ids, nil
}

// begun lists the known ids that have a log, in byte order.
func (s *Store) begun(ctx context.Context) ([]meeting.ID, error) {
	known, err := s.client.SMembers(ctx, s.key(nameMeetings)).Result()
	if err != nil {
		return nil, err
	}
	slices.Sort(known)
	logs := make([]*redis.IntCmd, len(known))
	_, err = s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range known {
			logs[i] = p.Exists(ctx, s.key(nameLog(meeting.ID(id))))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var ids []meeting.ID
	for i, id := range known {
		if logs[i].Val() == 1 {
			ids = append(ids, meeting.ID(id))
		}
	}
	return ids, nil
}
