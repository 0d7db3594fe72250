// Package storetest is the one suite every store is held to.
//
// It also starts a Redis server for the tests that need one. It starts
// goroutines only within a test and waits for them; it has no locks.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
)

// Store is what an implementation offers.
type Store interface {
	store.Catalog
	store.Journal
}

// suite is one test and the store it has to itself.
type suite struct {
	*testing.T
	Store
	another func() Store // gives an empty one besides
}

// Run holds a store to the suite. Each call of open gives an empty one.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, c := range []struct {
		name string
		test func(suite)
	}{
		{"a document is put, replaced and deleted by its revision", documentRevisions},
		{"revisions are never used again", revisionsAreNeverReused},
		{"keys are listed by prefix and in order", keysByPrefix},
		{"a document is the caller's own copy", documentsAreCopies},
		{"of concurrent changes one wins", oneChangeWins},
		{"a log gives back what was appended", logRoundTrip},
		{"a log has no gap and no fork", logHasNoGap},
		{"an older epoch is fenced off", epochFences},
		{"a new term fences the old one off", termsFence},
		{"an append whose answer was lost is retried", retriedAppend},
		{"logs are apart", logsAreApart},
		{"reading and appending mix", readWhileAppending},
		{"concurrent appends take turns", concurrentAppends},
		{"an export is imported once, to the same state", exportedAndImported},
		{"a start opens what has not ended, and reads no log for it", openMeetings},
		{"wrong names are refused", wrongNames},
		{"an ended context does nothing", endedContext},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(suite{t, open(t), func() Store { return open(t) }}) })
	}
}

// Events makes n events that follow each other from a position on. Each says
// its position in its cause as well.
func Events(from meeting.Seq, n int) []meeting.Event {
	events := make([]meeting.Event, n)
	for i := range events {
		seq := from + meeting.Seq(i)
		events[i] = meeting.Event{
			Seq:   seq,
			At:    time.Date(2026, 11, 23, 8, 0, 0, int(seq), time.UTC),
			By:    meeting.Actor{Role: meeting.RoleController, Point: "hg-01", Name: "Kỹ thuật điều khiển"},
			Cause: meeting.Cause{Session: "s", ID: uint64(seq)},
			Fact:  meeting.FloorRequested{Floor: meeting.FloorSpeech, Point: meeting.PointID(fmt.Sprint("hg-", seq))},
		}
	}
	return events
}

// Log reads a whole log.
func Log(t *testing.T, j store.Journal, id meeting.ID, after meeting.Seq) []meeting.Event {
	t.Helper()
	var events []meeting.Event
	for e, err := range j.Read(context.Background(), id, after) {
		if err != nil {
			t.Fatalf("read %q after %d: %v", id, after, err)
		}
		events = append(events, e)
	}
	return events
}

// put puts a document that must be taken.
func (s suite) put(key, body string, rev uint64) uint64 {
	s.Helper()
	next, err := s.Put(s.Context(), key, []byte(body), rev)
	if err != nil {
		s.Fatalf("put %q over %d: %v", key, rev, err)
	}
	return next
}

// holds checks a document; revision 0 is none.
func (s suite) holds(key, body string, rev uint64) {
	s.Helper()
	b, r, err := s.Get(s.Context(), key)
	if err != nil || string(b) != body || r != rev {
		s.Errorf("%q is %q at %d, %v; want %q at %d", key, b, r, err, body, rev)
	}
}

func (s suite) want(what string, err, target error) {
	s.Helper()
	if !errors.Is(err, target) {
		s.Errorf("%s: %v, want %v", what, err, target)
	}
}

// add appends events that must be taken.
func (s suite) add(id meeting.ID, events []meeting.Event) {
	s.Helper()
	if err := s.Append(s.Context(), id, 1, events); err != nil {
		s.Fatalf("append to %q: %v", id, err)
	}
}

// log reads a whole log.
func (s suite) log(id meeting.ID) []meeting.Event {
	s.Helper()
	return Log(s.T, s, id, 0)
}

// readError is the error a reader meets, nil if it comes to the end.
func (s suite) readError(ctx context.Context, id meeting.ID) error {
	for _, err := range s.Read(ctx, id, 0) {
		if err != nil {
			return err
		}
	}
	return nil
}

func documentRevisions(s suite) {
	s.holds("k/a", "", 0)
	first := s.put("k/a", "one", 0)
	s.holds("k/a", "one", first)
	_, err := s.Put(s.Context(), "k/a", []byte("x"), 0)
	s.want("making it again", err, store.ErrConflict)
	_, err = s.Put(s.Context(), "k/b", []byte("x"), first)
	s.want("replacing what is not there", err, store.ErrConflict)
	second := s.put("k/a", "two", first)
	_, err = s.Put(s.Context(), "k/a", []byte("x"), first)
	s.want("replacing an old revision", err, store.ErrConflict)
	s.want("deleting an old revision", s.Delete(s.Context(), "k/a", first), store.ErrConflict)
	s.holds("k/a", "two", second)
	s.want("deleting", s.Delete(s.Context(), "k/a", second), nil)
	s.holds("k/a", "", 0)
	s.want("deleting again", s.Delete(s.Context(), "k/a", second), store.ErrConflict)
	s.want("deleting nothing", s.Delete(s.Context(), "k/a", 0), store.ErrConflict)
	s.holds("k/e", "", 0)
	s.holds("k/e", "", s.put("k/e", "", 0))
}

func revisionsAreNeverReused(s suite) {
	seen := map[uint64]bool{}
	for range 3 {
		for _, key := range []string{"k/a", "k/b"} {
			rev := s.put(key, "x", 0)
			if rev == 0 || seen[rev] {
				s.Errorf("revision %d again", rev)
			}
			seen[rev] = true
			s.want("delete", s.Delete(s.Context(), key, rev), nil)
		}
	}
}

func keysByPrefix(s suite) {
	for _, key := range []string{"k/b", "k/ă", "k/a", "k/a/b", "k/B", "k", "l/a", "j/z"} {
		s.put(key, key, 0)
	}
	for prefix, want := range map[string][]string{
		"k/":   {"k/B", "k/a", "k/a/b", "k/b", "k/ă"},
		"k/a":  {"k/a", "k/a/b"},
		"l/":   {"l/a"},
		"none": nil,
		"":     {"j/z", "k", "k/B", "k/a", "k/a/b", "k/b", "k/ă", "l/a"},
	} {
		keys, err := s.List(s.Context(), prefix)
		if diff := cmp.Diff(want, keys); diff != "" || err != nil {
			s.Errorf("list %q: %v\n%s", prefix, err, diff)
		}
	}
}

func documentsAreCopies(s suite) {
	body := []byte("one")
	rev, err := s.Put(s.Context(), "k/a", body, 0)
	s.want("put", err, nil)
	body[0] = 'X'
	got, _, err := s.Get(s.Context(), "k/a")
	s.want("get", err, nil)
	got[1] = 'X'
	s.holds("k/a", "one", rev)
}

func oneChangeWins(s suite) {
	rev := s.put("k/a", "0", 0)
	var wg sync.WaitGroup
	won := make(chan uint64, 20)
	for i := range cap(won) {
		wg.Go(func() {
			next, err := s.Put(context.Background(), "k/a", fmt.Append(nil, i), rev)
			if err == nil {
				won <- next
			} else if !errors.Is(err, store.ErrConflict) {
				s.Error(err)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		s.Errorf("%d of %d changes of one revision won, want 1", len(won), cap(won))
	}
}

func wrongNames(s suite) {
	ctx := s.Context()
	for _, name := range []string{"", strings.Repeat("x", 201)} {
		_, _, err := s.Get(ctx, name)
		s.want("get", err, store.ErrInvalid)
		_, err = s.Put(ctx, name, nil, 0)
		s.want("put", err, store.ErrInvalid)
		s.want("delete", s.Delete(ctx, name, 1), store.ErrInvalid)
		s.want("append", s.Append(ctx, meeting.ID(name), 1, Events(1, 1)), store.ErrInvalid)
		s.want("read", s.readError(ctx, meeting.ID(name)), store.ErrInvalid)
	}
}

func endedContext(s suite) {
	s.add("m", Events(1, 1))
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	_, _, err := s.Get(ctx, "k/a")
	s.want("get", err, context.Canceled)
	_, err = s.Put(ctx, "k/a", nil, 0)
	s.want("put", err, context.Canceled)
	s.want("delete", s.Delete(ctx, "k/a", 1), context.Canceled)
	_, err = s.List(ctx, "k/")
	s.want("list", err, context.Canceled)
	s.want("append", s.Append(ctx, "m", 1, Events(2, 1)), context.Canceled)
	s.want("read", s.readError(ctx, "m"), context.Canceled)
	_, err = s.Meetings(ctx)
	s.want("meetings", err, context.Canceled)
	s.holds("k/a", "", 0)
	if n := len(s.log("m")); n != 1 {
		s.Errorf("%d events, want 1", n)
	}
}
