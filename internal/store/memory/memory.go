// Package memory keeps documents and logs in memory, for tests. It stores
// events in their encoded form, so that what is read back is what a file
// would give back.
//
// No goroutine; one lock guards everything and is never held over a yield.
package memory

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
)

// Store is a store.Catalog and a store.Journal.
type Store struct {
	mu        sync.Mutex
	revision  uint64
	documents map[string]document
	logs      map[meeting.ID]*log
	epochs    map[meeting.ID]uint64 // the newest seen
}

type document struct {
	rev  uint64
	body []byte
}

type log struct{ events [][]byte }

// at is the encoded event at a position, nil if there is none.
func (l *log) at(seq meeting.Seq) []byte {
	if seq < 1 || seq > meeting.Seq(len(l.events)) {
		return nil
	}
	return l.events[seq-1]
}

// New returns an empty store.
func New() *Store {
	return &Store{documents: map[string]document{}, logs: map[meeting.ID]*log{}, epochs: map[meeting.ID]uint64{}}
}

// Get is store.Catalog.
func (s *Store) Get(ctx context.Context, key string) ([]byte, uint64, error) {
	if err := check(ctx, key); err != nil {
		return nil, 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.documents[key]
	return slices.Clone(d.body), d.rev, nil
}

// Put is store.Catalog.
func (s *Store) Put(ctx context.Context, key string, body []byte, rev uint64) (uint64, error) {
	if err := check(ctx, key); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.documents[key].rev != rev {
		return 0, store.ErrConflict
	}
	s.revision++
	s.documents[key] = document{rev: s.revision, body: slices.Clone(body)}
	return s.revision, nil
}

// Delete is store.Catalog.
func (s *Store) Delete(ctx context.Context, key string, rev uint64) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if rev == 0 || s.documents[key].rev != rev {
		return store.ErrConflict
	}
	delete(s.documents, key)
	return nil
}

// List is store.Catalog.
func (s *Store) List(ctx context.Context, prefix string) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []string
	for key := range s.documents {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// Append is store.Journal.
func (s *Store) Append(ctx context.Context, id meeting.ID, epoch uint64, events []meeting.Event) error {
	if err := check(ctx, string(id)); err != nil || len(events) == 0 {
		return err
	}
	encoded, err := store.Encode(events)
	if err != nil {
		return fmt.Errorf("append to %q: %w", id, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.logs[id]
	if l == nil {
		l = &log{}
	}
	if epoch < s.epochs[id] {
		return store.ErrFenced
	}
	if store.Repeats(events, encoded, l.at) {
		s.epochs[id] = epoch
		return nil
	}
	if err := store.CheckFollows(meeting.Seq(len(l.events)), events); err != nil {
		return err
	}
	s.epochs[id], l.events = epoch, append(l.events, encoded...)
	s.logs[id] = l
	return nil
}

// Lead is store.Journal.
func (s *Store) Lead(ctx context.Context, id meeting.ID, epoch uint64) (uint64, error) {
	if err := check(ctx, string(id)); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch newest := s.epochs[id]; {
	case epoch == 0:
		s.epochs[id] = newest + 1
		return newest + 1, nil
	case epoch < newest:
		return 0, store.ErrFenced
	}
	return epoch, nil
}

// Read is store.Journal.
func (s *Store) Read(ctx context.Context, id meeting.ID, after meeting.Seq) iter.Seq2[meeting.Event, error] {
	return func(yield func(meeting.Event, error) bool) {
		if err := check(ctx, string(id)); err != nil {
			yield(meeting.Event{}, err)
			return
		}
		for _, encoded := range s.tail(id, after) {
			var e meeting.Event
			err := ctx.Err()
			if err == nil {
				err = json.Unmarshal(encoded, &e)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Meetings is store.Journal.
func (s *Store) Meetings(ctx context.Context) ([]meeting.ID, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.logs)), nil
}

// tail is the encoded events after a position. What is there is never changed.
func (s *Store) tail(id meeting.ID, after meeting.Seq) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.logs[id]
	if l == nil || uint64(after) >= uint64(len(l.events)) {
		return nil
	}
	return l.events[after:]
}

func check(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return store.CheckName(name)
}
