package focus

import (
	"errors"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

var errDisk = errors.New("disk full")

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
		if err != nil || seq != 3 || len(s.log()) != 4 {
			t.Errorf("retry: %d, %v, %d events; want 3 of 4, the end of the outage among them", seq, err, len(s.log()))
		}
		if n := len(f.Current().State.Requests); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
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
			s.wantOpen(roomMic, false) // nothing opens by the recovery
			if !f.Live() {
				t.Fatal("one panic ended the meeting")
			}
			s.must(f, room, meeting.SwitchOn{})
			s.wantOpen(roomMic, true)
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
