package bolt

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"go.etcd.io/bbolt"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
)

// readChunk is how many events one read transaction takes. No transaction is
// open while the caller has an event: a writer that must grow the file would
// wait for it.
const readChunk = 256

var errEvent = fmt.Errorf("bolt: log is damaged: %w", store.ErrDamaged)

// Append is store.Journal.
func (s *Store) Append(ctx context.Context, id meeting.ID, epoch uint64, events []meeting.Event) error {
	if err := check(ctx, string(id)); err != nil || len(events) == 0 {
		return err
	}
	encoded, err := store.Encode(events)
	if err != nil {
		return fmt.Errorf("append to %q: %w", id, err)
	}
	err = s.update(func(tx *bbolt.Tx) error {
		if err := fence(tx, id, epoch); err != nil {
			return err
		}
		log, err := bucket(tx, bucketJournal).CreateBucketIfNotExists([]byte(id))
		if err != nil {
			return err
		}
		if store.Repeats(events, encoded, func(seq meeting.Seq) []byte { return log.Get(encode(uint64(seq))) }) {
			return nil
		}
		if err := whole(log); err != nil {
			return err
		}
		log.FillPercent = 1 // keys only ever rise
		if err := store.CheckFollows(last(log), events); err != nil {
			return err
		}
		for i, e := range events {
			if err := log.Put(encode(uint64(e.Seq)), encoded[i]); err != nil {
				return err
			}
		}
		return log.SetSequence(uint64(events[len(events)-1].Seq))
	})
	if err != nil {
		return fmt.Errorf("append to %q: %w", id, err)
	}
	return nil
}

// fence refuses an epoch older than the newest seen, and remembers the newest.
func fence(tx *bbolt.Tx, id meeting.ID, epoch uint64) error {
	epochs := bucket(tx, bucketEpochs)
	if v := epochs.Get([]byte(id)); len(v) == 8 {
		if newest := number(v); epoch < newest {
			return store.ErrFenced
		} else if epoch == newest {
			return nil
		}
	}
	return epochs.Put([]byte(id), encode(epoch))
}

// Lead is store.Journal.
func (s *Store) Lead(ctx context.Context, id meeting.ID, epoch uint64) (uint64, error) {
	if err := check(ctx, string(id)); err != nil {
		return 0, err
	}
	err := s.update(func(tx *bbolt.Tx) error {
		if epoch > 0 {
			return fence(tx, id, epoch)
		}
		epoch = 1
		if v := bucket(tx, bucketEpochs).Get([]byte(id)); len(v) == 8 {
			epoch = number(v) + 1
		}
		return fence(tx, id, epoch)
	})
	if err != nil {
		return 0, fmt.Errorf("lead %q: %w", id, err)
	}
	return epoch, nil
}

// last is the position a log ends at.
func last(log *bbolt.Bucket) meeting.Seq {
	k, _ := log.Cursor().Last()
	if k == nil {
		return 0
	}
	return meeting.Seq(number(k))
}

// whole refuses a log whose end is missing: its bucket's sequence is the
// position of the newest event, in files since this was kept.
func whole(log *bbolt.Bucket) error {
	if end := log.Sequence(); uint64(last(log)) < end {
		return fmt.Errorf("%w: it ends at event %d and had %d", errEvent, last(log), end)
	}
	return nil
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
				return
			}
		}
	}
}

// chunk reads up to readChunk events after a position. With an error it gives
// those before the one that failed.
func (s *Store) chunk(ctx context.Context, id meeting.ID, after meeting.Seq) (events []meeting.Event, err error) {
	if err := check(ctx, string(id)); err != nil {
		return nil, err
	}
	err = s.view(func(tx *bbolt.Tx) error {
		log := bucket(tx, bucketJournal).Bucket([]byte(id))
		if log == nil {
			return nil
		}
		cursor := log.Cursor()
		for k, v := cursor.Seek(encode(uint64(after) + 1)); k != nil && len(events) < readChunk; k, v = cursor.Next() {
			var e meeting.Event
			if err := json.Unmarshal(v, &e); err != nil {
				return fmt.Errorf("%w: event %d: %w", store.ErrDamaged, number(k), err)
			}
			if want := uint64(after) + 1 + uint64(len(events)); uint64(e.Seq) != number(k) || number(k) != want {
				return fmt.Errorf("%w: event %d says it is %d where %d is next", errEvent, number(k), e.Seq, want)
			}
			events = append(events, e)
		}
		if len(events) < readChunk {
			return whole(log)
		}
		return nil
	})
	return events, err
}

// Meetings is store.Journal.
func (s *Store) Meetings(ctx context.Context) (ids []meeting.ID, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = s.view(func(tx *bbolt.Tx) error {
		return bucket(tx, bucketJournal).ForEachBucket(func(id []byte) error {
			ids = append(ids, meeting.ID(id))
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list meetings: %w", err)
	}
	return ids, nil
}
