package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
)

// others are like Events, but by somebody else.
func others(from meeting.Seq, n int) []meeting.Event {
	events := Events(from, n)
	for i := range events {
		events[i].Cause.Session = "another"
	}
	return events
}

func logRoundTrip(s suite) {
	if log := s.log("m"); len(log) != 0 {
		s.Errorf("an unknown meeting has %d events", len(log))
	}
	events := Events(1, 1000) // more than one read takes at once
	s.add("m", events[:1])
	s.add("m", nil)
	s.add("m", events[1:])
	for _, after := range []meeting.Seq{0, 1, 255, 256, 999, 1000, 1001, 1 << 60} {
		want := events[min(int(after), len(events)):]
		if diff := cmp.Diff(want, append([]meeting.Event{}, Log(s.T, s, "m", after)...)); diff != "" {
			s.Errorf("after %d:\n%s", after, diff)
		}
	}
	n := 0
	for _, err := range s.Read(s.Context(), "m", 0) {
		s.want("read", err, nil)
		if n++; n == 300 {
			break
		}
	}
	if n != 300 {
		s.Errorf("a reader that stops saw %d events, want 300", n)
	}
}

func logHasNoGap(s suite) {
	try := func(what string, events []meeting.Event) {
		s.Helper()
		s.want(what, s.Append(s.Context(), "m", 1, events), store.ErrGap)
	}
	try("a log that begins late", Events(2, 1))
	if ids, err := s.Meetings(s.Context()); err != nil || len(ids) != 0 {
		s.Errorf("a refused append made the logs %v, %v", ids, err)
	}
	s.add("m", Events(1, 3))
	try("an event left out", Events(5, 1))
	try("another event in a taken place", others(3, 1))
	try("another beginning", others(1, 3))
	try("events that are partly there", Events(3, 2))
	try("a position before the first", Events(0, 1))
	holed := Events(4, 3)
	try("a hole within a batch", append(holed[:1:1], holed[2]))
	try("an event twice within a batch", append(holed[:1:1], holed[0]))
	if err := s.Append(s.Context(), "m", 1, []meeting.Event{{Seq: 4, At: time.Now()}}); err == nil {
		s.Error("an event without a fact is taken")
	}
	if n := len(s.log("m")); n != 3 {
		s.Errorf("%d events, want the 3 that were taken", n)
	}
}

func epochFences(s suite) {
	try := func(epoch uint64, seq meeting.Seq, target error) {
		s.Helper()
		s.want(fmt.Sprintf("epoch %d at %d", epoch, seq), s.Append(s.Context(), "m", epoch, Events(seq, 1)), target)
	}
	try(3, 1, nil)
	try(2, 2, store.ErrFenced)
	try(3, 2, nil)
	try(7, 3, nil)
	try(3, 4, store.ErrFenced)
	try(9, 9, store.ErrGap) // takes nothing, so fences nothing
	try(7, 4, nil)
	s.add("n", Events(1, 1)) // another meeting has its own leader
}

func termsFence(s suite) {
	lead := func(what string, epoch, want uint64, target error) {
		s.Helper()
		got, err := s.Lead(s.Context(), "m", epoch)
		s.want(what, err, target)
		if got != want {
			s.Errorf("%s: epoch %d, want %d", what, got, want)
		}
	}
	lead("the first term", 0, 1, nil)
	if ids, err := s.Meetings(s.Context()); err != nil || len(ids) != 0 {
		s.Errorf("a term without facts made the logs %v, %v", ids, err)
	}
	s.want("its first facts", s.Append(s.Context(), "m", 1, Events(1, 2)), nil)
	lead("it goes on", 1, 1, nil)
	lead("another leader's term", 0, 2, nil)
	lead("the first is told", 1, 0, store.ErrFenced)
	s.want("and writes no more", s.Append(s.Context(), "m", 1, Events(3, 1)), store.ErrFenced)
	s.want("even what it had written", s.Append(s.Context(), "m", 1, Events(1, 2)), store.ErrFenced)
	s.want("the second does", s.Append(s.Context(), "m", 2, Events(3, 1)), nil)
	s.want("a term given from outside", s.Append(s.Context(), "m", 7, Events(4, 1)), nil)
	lead("the next is above all that were seen", 0, 8, nil)
	var fenced interface{ Fenced() bool }
	if _, err := s.Lead(s.Context(), "m", 2); !errors.As(err, &fenced) || !fenced.Fenced() {
		s.Errorf("whoever does not know the store does not know the error: %v", err)
	}
}

func retriedAppend(s suite) {
	try := func(what string, epoch uint64, events []meeting.Event, target error) {
		s.Helper()
		s.want(what, s.Append(s.Context(), "m", epoch, events), target)
	}
	s.add("m", Events(1, 3))
	try("two more", 2, Events(4, 2), nil)
	try("the same two", 2, Events(4, 2), nil)
	try("the newest alone", 2, Events(5, 1), nil)
	try("the whole log", 2, Events(1, 5), nil)
	try("others in their place", 2, others(4, 2), store.ErrGap)
	try("the same and one other", 2, append(Events(4, 1), others(5, 1)...), store.ErrGap)
	try("the same one twice", 2, append(Events(4, 1), Events(4, 1)...), store.ErrGap)
	try("the same by a leader that has been replaced", 1, Events(1, 3), store.ErrFenced)
	try("the same by a newer leader", 3, Events(4, 2), nil)
	try("the same by its predecessor", 2, Events(4, 2), store.ErrFenced)
	if diff := cmp.Diff(Events(1, 5), s.log("m")); diff != "" {
		s.Error(diff)
	}
	try("what is next", 3, Events(6, 1), nil)
}

func logsAreApart(s suite) {
	for _, id := range []meeting.ID{"b", "a", "họp giao ban/1", "b~nút~1", "{}", "}{a}"} {
		s.add(id, Events(1, 2))
	}
	s.put("b", "a document is no log", 0)
	ids, err := s.Meetings(s.Context())
	if diff := cmp.Diff([]meeting.ID{"a", "b", "b~nút~1", "họp giao ban/1", "{}", "}{a}"}, ids); diff != "" || err != nil {
		s.Errorf("meetings: %v\n%s", err, diff)
	}
}

func readWhileAppending(s suite) {
	s.add("m", Events(1, 500))
	next, seen := meeting.Seq(501), meeting.Seq(0)
	for e, err := range s.Read(s.Context(), "m", 0) {
		if err != nil {
			s.Fatal(err)
		}
		if e.Seq != seen+1 {
			s.Fatalf("event %d after %d", e.Seq, seen)
		}
		if seen = e.Seq; seen%100 == 0 && next < 2000 {
			s.add("m", Events(next, 100))
			next += 100
		}
	}
	if seen < 500 {
		s.Errorf("read %d events, want at least those that were there", seen)
	}
}

func concurrentAppends(s suite) {
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for seq := meeting.Seq(1); seq <= 10; seq++ {
				if err := s.Append(context.Background(), meeting.ID(fmt.Sprint("m", w)), 1, Events(seq, 1)); err != nil {
					s.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for w := range 4 {
		if n := len(s.log(meeting.ID(fmt.Sprint("m", w)))); n != 10 {
			s.Errorf("log %d has %d events, want 10", w, n)
		}
	}
}
