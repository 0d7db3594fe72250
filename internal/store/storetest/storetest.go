// Package storetest is the one suite every store is held to.
//
// It starts goroutines only within a test and waits for them; it has no locks.
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

// Run holds a store to the suite. Each call of open gives an empty one.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Store)
	}{
		{"a document is put, replaced and deleted by its revision", documentRevisions},
		{"revisions are never used again", revisionsAreNeverReused},
		{"kinds are apart and listed in order", kindsAreApart},
		{"a document is the caller's own copy", documentsAreCopies},
		{"of concurrent changes one wins", oneChangeWins},
		{"a log gives back what was appended", logRoundTrip},
		{"a log has no gap and no fork", logHasNoGap},
		{"an older epoch is fenced off", epochFences},
		{"logs are apart", logsAreApart},
		{"reading and appending mix", readWhileAppending},
		{"concurrent appends take turns", concurrentAppends},
		{"wrong names are refused", wrongNames},
		{"an ended context does nothing", endedContext},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
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

func put(t *testing.T, s Store, kind, id, body string, rev uint64) uint64 {
	t.Helper()
	next, err := s.Put(t.Context(), kind, id, []byte(body), rev)
	if err != nil {
		t.Fatalf("put %s %q over %d: %v", kind, id, rev, err)
	}
	return next
}

func wantDocument(t *testing.T, s Store, kind, id, body string, rev uint64) {
	t.Helper()
	b, r, err := s.Get(t.Context(), kind, id)
	if err != nil || string(b) != body || r != rev {
		t.Errorf("%s %q is %q at %d, %v; want %q at %d", kind, id, b, r, err, body, rev)
	}
}

func want(t *testing.T, what string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s: %v, want %v", what, err, target)
	}
}

func appendTo(t *testing.T, s Store, id meeting.ID, events []meeting.Event) {
	t.Helper()
	if err := s.Append(t.Context(), id, 1, events); err != nil {
		t.Fatalf("append to %q: %v", id, err)
	}
}

func documentRevisions(t *testing.T, s Store) {
	wantDocument(t, s, "k", "a", "", 0)
	first := put(t, s, "k", "a", "one", 0)
	wantDocument(t, s, "k", "a", "one", first)
	_, err := s.Put(t.Context(), "k", "a", []byte("x"), 0)
	want(t, "making it again", err, store.ErrConflict)
	_, err = s.Put(t.Context(), "k", "b", []byte("x"), first)
	want(t, "replacing what is not there", err, store.ErrConflict)
	second := put(t, s, "k", "a", "two", first)
	_, err = s.Put(t.Context(), "k", "a", []byte("x"), first)
	want(t, "replacing an old revision", err, store.ErrConflict)
	want(t, "deleting an old revision", s.Delete(t.Context(), "k", "a", first), store.ErrConflict)
	wantDocument(t, s, "k", "a", "two", second)
	want(t, "deleting", s.Delete(t.Context(), "k", "a", second), nil)
	wantDocument(t, s, "k", "a", "", 0)
	want(t, "deleting again", s.Delete(t.Context(), "k", "a", second), store.ErrConflict)
	want(t, "deleting nothing", s.Delete(t.Context(), "k", "a", 0), store.ErrConflict)
	want(t, "deleting of no kind", s.Delete(t.Context(), "none", "a", 1), store.ErrConflict)
	empty := put(t, s, "k", "e", "", 0)
	wantDocument(t, s, "k", "e", "", empty)
}

func revisionsAreNeverReused(t *testing.T, s Store) {
	seen := map[uint64]bool{}
	for range 3 {
		for _, id := range []string{"a", "b"} {
			rev := put(t, s, "k", id, "x", 0)
			if rev == 0 || seen[rev] {
				t.Errorf("revision %d again", rev)
			}
			seen[rev] = true
			want(t, "delete", s.Delete(t.Context(), "k", id, rev), nil)
		}
	}
}

func kindsAreApart(t *testing.T, s Store) {
	for _, id := range []string{"b", "ă", "a", "a/b", "B"} {
		put(t, s, "k", id, id, 0)
	}
	rev := put(t, s, "l", "a", "another", 0)
	wantDocument(t, s, "l", "a", "another", rev)
	for kind, want := range map[string][]string{"k": {"B", "a", "a/b", "b", "ă"}, "l": {"a"}, "none": nil} {
		ids, err := s.List(t.Context(), kind)
		if diff := cmp.Diff(want, ids); diff != "" || err != nil {
			t.Errorf("list %s: %v\n%s", kind, err, diff)
		}
	}
}

func documentsAreCopies(t *testing.T, s Store) {
	body := []byte("one")
	rev, err := s.Put(t.Context(), "k", "a", body, 0)
	if err != nil {
		t.Fatal(err)
	}
	body[0] = 'X'
	got, _, err := s.Get(t.Context(), "k", "a")
	if err != nil {
		t.Fatal(err)
	}
	got[1] = 'X'
	wantDocument(t, s, "k", "a", "one", rev)
}

func oneChangeWins(t *testing.T, s Store) {
	rev := put(t, s, "k", "a", "0", 0)
	var wg sync.WaitGroup
	won := make(chan uint64, 20)
	for i := range cap(won) {
		wg.Go(func() {
			next, err := s.Put(context.Background(), "k", "a", []byte(fmt.Sprint(i)), rev)
			if err == nil {
				won <- next
			} else if !errors.Is(err, store.ErrConflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Errorf("%d of %d changes of one revision won, want 1", len(won), cap(won))
	}
}

func logRoundTrip(t *testing.T, s Store) {
	if log := Log(t, s, "m", 0); len(log) != 0 {
		t.Errorf("an unknown meeting has %d events", len(log))
	}
	events := Events(1, 1000) // more than one read takes at once
	appendTo(t, s, "m", events[:1])
	appendTo(t, s, "m", nil)
	appendTo(t, s, "m", events[1:])
	for _, after := range []meeting.Seq{0, 1, 255, 256, 999, 1000, 1001, 1 << 60} {
		wantLog := events[min(int(after), len(events)):]
		if diff := cmp.Diff(wantLog, append([]meeting.Event{}, Log(t, s, "m", after)...)); diff != "" {
			t.Errorf("after %d:\n%s", after, diff)
		}
	}
	n := 0
	for range s.Read(t.Context(), "m", 0) {
		if n++; n == 300 {
			break
		}
	}
	if n != 300 {
		t.Errorf("a reader that stops saw %d events, want 300", n)
	}
}

func logHasNoGap(t *testing.T, s Store) {
	try := func(what string, events []meeting.Event) {
		t.Helper()
		want(t, what, s.Append(t.Context(), "m", 1, events), store.ErrGap)
	}
	try("a log that begins late", Events(2, 1))
	if ids, err := s.Meetings(t.Context()); err != nil || len(ids) != 0 {
		t.Errorf("a refused append made the logs %v, %v", ids, err)
	}
	appendTo(t, s, "m", Events(1, 3))
	try("an event left out", Events(5, 1))
	try("an event again", Events(3, 1))
	try("a log begun again", Events(1, 1))
	holed := Events(4, 3)
	try("a hole within a batch", append(holed[:1:1], holed[2]))
	try("an event twice within a batch", append(holed[:1:1], holed[0]))
	if log := Log(t, s, "m", 0); len(log) != 3 {
		t.Errorf("%d events, want the 3 that were taken", len(log))
	}
	if err := s.Append(t.Context(), "m", 1, []meeting.Event{{Seq: 4, At: time.Now()}}); err == nil {
		t.Error("an event without a fact is taken")
	}
}

func epochFences(t *testing.T, s Store) {
	add := func(id meeting.ID, epoch uint64, seq meeting.Seq, target error) {
		t.Helper()
		want(t, fmt.Sprintf("epoch %d at %d", epoch, seq), s.Append(t.Context(), id, epoch, Events(seq, 1)), target)
	}
	add("m", 3, 1, nil)
	add("m", 2, 2, store.ErrFenced)
	add("m", 3, 2, nil)
	add("m", 7, 3, nil)
	add("m", 3, 4, store.ErrFenced)
	add("m", 9, 9, store.ErrGap) // takes nothing, so fences nothing
	add("m", 7, 4, nil)
	add("n", 1, 1, nil) // another meeting has its own leader
}

func logsAreApart(t *testing.T, s Store) {
	for _, id := range []meeting.ID{"b", "a", "họp giao ban/1", "b~nút~1"} {
		appendTo(t, s, id, Events(1, 2))
	}
	put(t, s, "b", "b", "a document is no log", 0)
	ids, err := s.Meetings(t.Context())
	if diff := cmp.Diff([]meeting.ID{"a", "b", "b~nút~1", "họp giao ban/1"}, ids); diff != "" || err != nil {
		t.Errorf("meetings: %v\n%s", err, diff)
	}
}

func readWhileAppending(t *testing.T, s Store) {
	appendTo(t, s, "m", Events(1, 500))
	next := meeting.Seq(501)
	seen := meeting.Seq(0)
	for e, err := range s.Read(t.Context(), "m", 0) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Seq != seen+1 {
			t.Fatalf("event %d after %d", e.Seq, seen)
		}
		if seen = e.Seq; seen%100 == 0 && next < 2000 {
			appendTo(t, s, "m", Events(next, 100))
			next += 100
		}
	}
	if seen < 500 {
		t.Errorf("read %d events, want at least those that were there", seen)
	}
}

func concurrentAppends(t *testing.T, s Store) {
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for seq := meeting.Seq(1); seq <= 10; seq++ {
				if err := s.Append(context.Background(), meeting.ID(fmt.Sprint("m", w)), 1, Events(seq, 1)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for w := range 4 {
		if n := len(Log(t, s, meeting.ID(fmt.Sprint("m", w)), 0)); n != 10 {
			t.Errorf("log %d has %d events, want 10", w, n)
		}
	}
}

func wrongNames(t *testing.T, s Store) {
	ctx := t.Context()
	for _, name := range []string{"", strings.Repeat("x", 201)} {
		_, _, err := s.Get(ctx, "k", name)
		want(t, "get", err, store.ErrInvalid)
		_, err = s.Put(ctx, name, "a", nil, 0)
		want(t, "put", err, store.ErrInvalid)
		want(t, "delete", s.Delete(ctx, "k", name, 1), store.ErrInvalid)
		_, err = s.List(ctx, name)
		want(t, "list", err, store.ErrInvalid)
		want(t, "append", s.Append(ctx, meeting.ID(name), 1, Events(1, 1)), store.ErrInvalid)
		want(t, "read", readError(ctx, s, meeting.ID(name)), store.ErrInvalid)
	}
}

func endedContext(t *testing.T, s Store) {
	appendTo(t, s, "m", Events(1, 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := s.Get(ctx, "k", "a")
	want(t, "get", err, context.Canceled)
	_, err = s.Put(ctx, "k", "a", nil, 0)
	want(t, "put", err, context.Canceled)
	want(t, "delete", s.Delete(ctx, "k", "a", 1), context.Canceled)
	_, err = s.List(ctx, "k")
	want(t, "list", err, context.Canceled)
	want(t, "append", s.Append(ctx, "m", 1, Events(2, 1)), context.Canceled)
	want(t, "read", readError(ctx, s, "m"), context.Canceled)
	_, err = s.Meetings(ctx)
	want(t, "meetings", err, context.Canceled)
	wantDocument(t, s, "k", "a", "", 0)
	if n := len(Log(t, s, "m", 0)); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}

func readError(ctx context.Context, s Store, id meeting.ID) error {
	for _, err := range s.Read(ctx, id, 0) {
		if err != nil {
			return err
		}
	}
	return nil
}
