package focus

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

func TestOpenAfterARestartClosesEveryMicrophone(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		before := s.onAir().Current().State
		s.restart()
		f, err := s.registry.Open(t.Context(), theMeeting)
		if err != nil {
			t.Fatal(err)
		}
		s.wantOpen(roomMic, false)
		if n := len(s.media.last().Open); n != 0 {
			t.Errorf("%d gates open after a restart, want 0", n)
		}
		after := f.Current().State
		if presence(f, "p2") != meeting.Lost || after.Seq != before.Seq+1 {
			t.Errorf("p2 is %s at %d, want lost at %d", presence(f, "p2"), after.Seq, before.Seq+1)
		}
		if len(after.Requests) != 1 || after.Requests[0].State != meeting.Granted {
			t.Errorf("requests %+v, want the grant held", after.Requests)
		}
		s.must(f, node, meeting.Connect{Point: "p2", Device: "d2"})
		s.wantOpen(roomMic, false)
		s.must(f, room, meeting.SwitchOn{})
		s.wantOpen(roomMic, true)
	})
}

// Two restarts within the window: the second finds nobody present and adds nothing.
func TestOpenTwiceWritesOnce(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.onAir()
		var seqs []meeting.Seq
		for range 2 {
			s.restart()
			f, err := s.registry.Open(t.Context(), theMeeting)
			if err != nil {
				t.Fatal(err)
			}
			seqs = append(seqs, f.Current().State.Seq)
			if again, err := s.registry.Open(t.Context(), theMeeting); again != f || err != nil {
				t.Errorf("a live meeting opened again gives %p, %v; want %p", again, err, f)
			}
		}
		if seqs[0] != seqs[1] {
			t.Errorf("positions %v, want no new fact", seqs)
		}
	})
}

func TestOpenAndCreateRefuse(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		if _, err := s.registry.Open(t.Context(), theMeeting); !errors.Is(err, ErrUnknown) {
			t.Errorf("open before create: %v, want ErrUnknown", err)
		}
		bad := create()
		bad.ChairPoint = "p9"
		_, err := s.registry.Create(t.Context(), theMeeting, controller, bad)
		s.wantCode(err, meeting.CodeMeetingInvalid)
		_, err = s.registry.Create(t.Context(), theMeeting, room, create())
		s.wantCode(err, meeting.CodeRights)
		if s.registry.Get(theMeeting) != nil || len(s.log()) != 0 {
			t.Error("a refused meeting left something behind")
		}

		s.create()
		if _, err := s.registry.Create(t.Context(), theMeeting, controller, create()); !errors.Is(err, ErrExists) {
			t.Errorf("create again: %v, want ErrExists", err)
		}
		s.restart()
		if _, err := s.registry.Create(t.Context(), theMeeting, controller, create()); !errors.Is(err, ErrExists) {
			t.Errorf("create over a log: %v, want ErrExists", err)
		}
		f, err := s.registry.Open(t.Context(), theMeeting)
		if err != nil {
			t.Fatal(err)
		}
		s.must(f, controller, meeting.EndMeeting{})
		if f.Live() || len(s.registry.Live()) != 0 || s.registry.Get(theMeeting) != f {
			t.Error("an ended meeting is live, or gone while its pages are still here")
		}
		s.restart()
		if _, err := s.registry.Open(t.Context(), theMeeting); !errors.Is(err, ErrEnded) {
			t.Errorf("open an ended meeting: %v, want ErrEnded", err)
		}
	})
}

// If the loss of everyone cannot be written, the meeting does not open at all.
func TestOpenThatCannotCloseMicrophonesFails(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.onAir()
		s.restart()
		s.journal.set(func(j *heldJournal) { j.refuse = errDisk })
		_, err := s.registry.Open(t.Context(), theMeeting)
		s.wantCode(err, CodeJournal)
		s.wantOpen(roomMic, false)
		if s.registry.Get(theMeeting) != nil {
			t.Error("the meeting is live")
		}
		s.journal.set(func(j *heldJournal) { j.refuse, j.unread = nil, errDisk })
		if _, err := s.registry.Open(t.Context(), theMeeting); !errors.Is(err, errDisk) {
			t.Errorf("error %v, want the journal's", err)
		}
		s.journal.set(func(j *heldJournal) { j.unread = nil })
		if _, err := s.registry.Open(t.Context(), theMeeting); err != nil {
			t.Error(err)
		}
	})
}

func TestBrokenLogDoesNotOpen(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		created := meeting.MeetingCreated{Title: "t", HostUnit: "u", System: "s", ChairPoint: "p1", Points: create().Points}
		events := []meeting.Event{
			{Seq: 1, At: time.Now(), By: node, Fact: created},
			{Seq: 2, At: time.Now(), By: node, Fact: created},
		}
		if err := s.journal.Append(t.Context(), theMeeting, 1, events); err != nil {
			t.Fatal(err)
		}
		if f, err := s.registry.Open(t.Context(), theMeeting); err == nil || f != nil {
			t.Errorf("a log created twice opens: %v, %v", f, err)
		}
	})
}

func TestConcurrentOpensShareOneActor(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.onAir()
		s.restart()
		var mu sync.Mutex
		seen := map[*Focus]bool{}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				f, err := s.registry.Open(t.Context(), theMeeting)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				seen[f] = true
			})
		}
		wg.Wait()
		if len(seen) != 1 {
			t.Errorf("%d actors, want 1", len(seen))
		}
	})
}

func TestOpenWaitsItsTurnNoLongerThanItsContext(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		hold := make(chan struct{})
		s.journal.set(func(j *heldJournal) { j.hold = hold })
		created := make(chan error, 1)
		go func() {
			_, err := s.registry.Create(t.Context(), theMeeting, controller, create())
			created <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.registry.Open(ctx, "m2"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the deadline", err)
		}
		close(hold)
		if err := <-created; err != nil {
			t.Error(err)
		}
	})
}

func TestCalledPrefersTheMeetingThatStartsFirst(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		open := func(id meeting.ID, startsIn time.Duration, points ...meeting.PointID) *Focus {
			t.Helper()
			c := create()
			c.StartsAt = c.StartsAt.Add(startsIn)
			c.Points = nil
			for i, p := range points {
				c.Points = append(c.Points, meeting.Point{ID: p, Number: i + 1, Code: string(p), Name: string(p)})
			}
			f, err := s.registry.Create(t.Context(), id, controller, c)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		later := open("a", time.Hour, "p1", "p2", "p3")
		first := open("b", 0, "p1", "p2")
		want := func(p meeting.PointID, f *Focus) {
			t.Helper()
			if got := s.registry.Called(p); got != f {
				t.Errorf("%s is called to %v, want %v", p, got, f)
			}
		}
		want("p2", first)
		want("p3", later)
		want("p4", nil)
		s.must(first, controller, meeting.EndMeeting{})
		want("p2", later)
		if live := s.registry.Live(); len(live) != 1 || live[0].ID() != "a" {
			t.Errorf("live %v, want a alone", live)
		}
	})
}

func TestClosedRegistryOpensNothing(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.create()
		s.registry.Close()
		if _, err := s.registry.Create(t.Context(), "m2", controller, create()); !errors.Is(err, ErrClosed) {
			t.Errorf("create: %v, want ErrClosed", err)
		}
		s.registry.Close()
	})
}

// Another server on the same store takes the meetings over: the first can write
// nothing any more, and its gates close with its next fact.
func TestASecondServerFencesTheFirstOff(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		first := s.onAir()
		other := &seenMedia{}
		second := NewRegistry(Config{Journal: s.journal, Media: other})
		defer second.Close()
		f, err := second.Open(t.Context(), theMeeting)
		if err != nil {
			t.Fatal(err)
		}
		facts := len(s.log())
		_, err = first.Submit(t.Context(), room, meeting.Cause{}, meeting.SetCamera{On: false})
		s.wantCode(err, CodeLed)
		s.wantOpen(roomMic, false)
		if first.Live() || len(s.log()) != facts {
			t.Errorf("the first goes on: live %v, %d facts after %d", first.Live(), len(s.log()), facts)
		}
		_, err = first.Submit(t.Context(), room, meeting.Cause{}, meeting.SetCamera{On: false})
		s.wantCode(err, CodeLed)
		s.must(f, node, meeting.Connect{Point: "p3", Device: "d3"})
		if other.last().Permits(meeting.SourceKey{Point: "p2", Kind: meeting.Microphone}) {
			t.Error("a microphone is open on a server its room never came to")
		}
	})
}

// Without a fact to write, it asks.
func TestAServerThatWasReplacedClosesItsGatesByItself(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.registry.cfg.Confirm = 2 * time.Second
		first := s.onAir()
		s.pass(time.Minute)
		s.wantOpen(roomMic, true)
		second := NewRegistry(Config{Journal: s.journal, Media: &seenMedia{}})
		defer second.Close()
		if _, err := second.Open(t.Context(), theMeeting); err != nil {
			t.Fatal(err)
		}
		s.pass(2 * time.Second)
		s.wantOpen(roomMic, false)
		if first.Live() {
			t.Error("the first goes on")
		}
	})
}

// A meeting whose lobby is closed keeps nobody from one that runs, although it
// starts before it; once the lobby has opened by itself, it calls its points.
func TestClosedLobbyKeepsNobodyFromAnother(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		open := func(id meeting.ID, at time.Time, lobby int) *Focus {
			t.Helper()
			c := create()
			c.StartsAt, c.LobbyMinutes = at, lobby
			f, err := s.registry.Create(t.Context(), id, controller, c)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		soon, running := open("soon", time.Now().Add(2*time.Hour), 90), open("running", time.Now().Add(3*time.Hour), 0)
		p := running.Current().State.Points[0].ID
		if got := s.registry.Called(p); got != running {
			t.Errorf("called to %v, want the running one", got)
		}
		time.Sleep(31 * time.Minute)
		if phase := soon.Current().State.Phase(); phase != meeting.PhaseLobby {
			t.Errorf("half an hour later the lobby is %s", phase)
		}
		if got := s.registry.Called(p); got != soon {
			t.Errorf("called to %v, want the one that starts first", got)
		}
	})
}
