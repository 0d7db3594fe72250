package focus

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
)

var errDisk = errors.New("disk full")

func TestFailedAppendClosesGatesAndRebuilds(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.onAir()
		before := f.Current().State
		hold := make(chan struct{})
		s.journal.set(func(j *heldJournal) { j.hold = hold })
		s.later(f, node, meeting.Connect{Point: "p3", Device: "d3"})
		batch := []<-chan answer{
			s.later(f, controller, meeting.CloseAll{}),
			s.later(f, controller, meeting.SetMode{Mode: "no such mode"}),
			s.later(f, room, meeting.SetCamera{On: false}),
		}
		s.journal.set(func(j *heldJournal) { j.hold, j.refuse = nil, errDisk })
		carried := len(s.media.all())
		close(hold)
		for _, done := range batch {
			s.wantCode((<-done).err, CodeJournal)
		}
		synctest.Wait()

		plans := s.media.all()[carried:]
		if len(plans) != 3 {
			t.Fatalf("%d plans, want the first batch's, the closed one and the rebuilt one", len(plans))
		}
		if shut := plans[1]; len(shut.Open) != 0 || shut.View("p2") == nil {
			t.Errorf("plan after the failure %+v, want nothing open and a view for everyone", shut)
		}
		if diff := cmp.Diff(plans[0], plans[2]); diff != "" {
			t.Errorf("the rebuilt plan differs from the last durable one:\n%s", diff)
		}
		s.wantOpen(roomMic, true)
		if got := f.Current().State; got.Seq != before.Seq+1 {
			t.Errorf("state at %d, want %d", got.Seq, before.Seq+1)
		}

		s.journal.set(func(j *heldJournal) { j.refuse = nil })
		s.must(f, controller, meeting.CloseAll{})
		s.wantOpen(roomMic, false)
		if got := s.registry.Stats().AppendFailures; got != 1 {
			t.Errorf("%d append failures counted, want 1", got)
		}
	})
}

// The journal has the facts and says it has not: the retry finds them.
func TestRetrySettlesADoubtfulAppend(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.create()
		s.must(f, node, meeting.Connect{Point: "p2", Device: "d2"})
		s.journal.set(func(j *heldJournal) { j.lie = errDisk })
		cause := meeting.Cause{Session: "s", ID: 5}
		request := meeting.RequestFloor{Floor: meeting.FloorSpeech}
		_, err := f.Submit(t.Context(), room, cause, request)
		s.wantCode(err, CodeJournal)
		s.journal.set(func(j *heldJournal) { j.lie = nil })
		seq, err := f.Submit(t.Context(), room, cause, request)
		if err != nil || seq != 3 || len(s.log()) != 3 {
			t.Errorf("retry: %d, %v, %d events; want 3 of 3", seq, err, len(s.log()))
		}
		if n := len(f.Current().State.Requests); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
	})
}

func TestUnreadableJournalKeepsGatesClosedUntilItReads(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.onAir()
		s.journal.set(func(j *heldJournal) { j.refuse, j.unread = errDisk, errDisk })
		for range 3 {
			_, err := f.Submit(t.Context(), room, meeting.Cause{}, meeting.SetCamera{On: false})
			s.wantCode(err, CodeJournal)
			s.wantOpen(roomMic, false)
			s.pass(rebuildPause)
		}
		if f.Current() == nil || !f.Live() {
			t.Error("the last durable state is not shown any more")
		}
		s.journal.set(func(j *heldJournal) { j.refuse, j.unread = nil, nil })
		s.pass(2 * rebuildPause)
		s.wantOpen(roomMic, true) // nobody had to ask
		s.must(f, controller, meeting.CloseAll{})
	})
}

func TestPanicIsSurvivedOnce(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.onAir()
		for range 2 { // far enough apart
			_, err := f.Submit(t.Context(), controller, meeting.Cause{}, bomb{})
			s.wantCode(err, CodeFailed)
			s.wantOpen(roomMic, false)
			s.pass(crashWindow)
			s.wantOpen(roomMic, true)
			if !f.Live() {
				t.Fatal("one panic ended the meeting")
			}
		}
		s.must(f, node, meeting.Connect{Point: "p3", Device: "d3"})
		if got := s.registry.Stats().Crashes; got != 2 {
			t.Errorf("%d panics counted, want 2", got)
		}
	})
}

func TestSecondPanicEndsTheActor(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.onAir()
		for range 3 {
			_, err := f.Submit(t.Context(), controller, meeting.Cause{}, bomb{})
			s.wantCode(err, CodeFailed)
		}
		s.pass(2 * crashWindow)
		_, err := f.Submit(t.Context(), controller, meeting.Cause{}, meeting.CloseAll{})
		s.wantCode(err, CodeFailed)
		s.wantOpen(roomMic, false)
		if f.Live() || s.registry.Called("p2") != nil {
			t.Error("an ended actor is called live")
		}
	})
}

// The clock of the host may be set back; the log's does not follow.
func TestLogTimeNeverRunsBackwards(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.FixedZone("ICT", 7*3600))
		s.registry.Close()
		s.registry = NewRegistry(Config{Journal: s.journal, Media: s.media, Now: func() time.Time { return now }})
		f := s.create()
		now = now.Add(-time.Hour)
		s.must(f, node, meeting.Connect{Point: "p2", Device: "d2"})
		for _, e := range s.log() {
			if want := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC); e.At != want {
				t.Errorf("event %d at %v, want %v", e.Seq, e.At, want)
			}
		}
	})
}
