package storetest

import (
	"context"
	"io"
	"iter"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
)

// counting counts how often a log is read.
type counting struct {
	store.Journal
	reads map[meeting.ID]int
}

func (c counting) Read(ctx context.Context, id meeting.ID, after meeting.Seq) iter.Seq2[meeting.Event, error] {
	c.reads[id]++
	return c.Journal.Read(ctx, id, after)
}

// ended makes the event that ends a meeting.
func ended(at meeting.Seq) []meeting.Event {
	events := Events(at, 1)
	events[0].Fact = meeting.MeetingEnded{}
	return events
}

// openMeetings: what a start opens is what has not ended, found without reading
// a log; a log of an older program is found out once.
func openMeetings(s suite) {
	read := counting{s, map[meeting.ID]int{}}
	watch := store.NewMonitor(store.MonitorConfig{Catalog: s, Journal: read, Closer: io.NopCloser(nil)})
	for _, id := range []meeting.ID{"a", "b", "c", "d"} {
		s.want("append", watch.Append(s.Context(), id, 1, Events(1, 3)), nil)
	}
	s.add("old", append(Events(1, 1), ended(2)...)) // by a program without the index
	s.want("the end of b", watch.Append(s.Context(), "b", 1, ended(4)), nil)
	s.want("the retry of it", watch.Append(s.Context(), "b", 1, ended(4)), nil)
	s.want("d came as a file", store.Shut(s.Context(), s, "d", store.WhyImported), nil)
	opens := func(want ...meeting.ID) {
		s.Helper()
		ids, err := store.Open(s.Context(), watch, watch)
		if diff := cmp.Diff(want, ids); diff != "" || err != nil {
			s.Errorf("opened at a start: %v\n%s", err, diff)
		}
	}
	opens("a", "c", "old")
	s.want("old is found to have ended", store.Shut(s.Context(), watch, "old", store.WhyEnded), nil)
	s.want("and again", store.Shut(s.Context(), watch, "old", store.WhyEnded), nil)
	opens("a", "c")
	if why, err := store.IsShut(s.Context(), s, "d"); why != store.WhyImported || err != nil {
		s.Errorf("d is shut for %q, %v", why, err)
	}
	s.want("d goes on", store.Reopen(s.Context(), s, "d"), nil)
	s.want("and again", store.Reopen(s.Context(), s, "d"), nil)
	opens("a", "c", "d")
	if len(read.reads) != 0 {
		s.Errorf("logs were read: %v", read.reads)
	}
}
