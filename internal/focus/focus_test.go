package focus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
)

func TestNothingIsVisibleBeforeAppendReturns(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.create()
		changed, stop := f.Watch()
		defer stop()
		<-changed
		before, carried := f.Current(), len(s.media.all())

		hold := make(chan struct{})
		s.journal.set(func(j *heldJournal) { j.hold = hold })
		done := s.later(f, node, meeting.Connect{Point: "p2", Device: "d2"})
		select {
		case <-done:
			t.Error("answered before the fact is durable")
		case <-changed:
			t.Error("watchers woken before the fact is durable")
		default:
		}
		if f.Current() != before || len(s.media.all()) != carried {
			t.Error("shown before the fact is durable")
		}

		close(hold)
		synctest.Wait()
		select {
		case a := <-done:
			if a.err != nil || a.seq != before.State.Seq+1 {
				t.Errorf("answer %+v, want position %d", a, before.State.Seq+1)
			}
		default:
			t.Error("not answered though the fact is durable")
		}
		select {
		case <-changed:
		default:
			t.Error("watchers not woken")
		}
		if u := f.Current(); presence(f, "p2") != meeting.Present || s.media.last() != u.Plan {
			t.Error("not shown though the fact is durable")
		}
	})
}

// A refusal rests on the facts before it in its batch, so it waits for them too.
func TestRefusalWaitsForTheFactsItRestsOn(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.create()
		hold := make(chan struct{})
		s.journal.set(func(j *heldJournal) { j.hold = hold })
		s.later(f, node, meeting.Connect{Point: "p3", Device: "d3"})
		first := s.later(f, node, meeting.Connect{Point: "p2", Device: "a"})
		second := s.later(f, node, meeting.Connect{Point: "p2", Device: "b"})
		close(hold)
		synctest.Wait()
		if a := <-first; a.err != nil {
			t.Errorf("first device: %v", a.err)
		}
		s.wantCode((<-second).err, meeting.CodePointInUse)
	})
}

func TestBatchKeepsTheOrderOfSubmission(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.create()
		s.must(f, node, meeting.Connect{Point: "p2", Device: "d2"})
		start := f.Current().State.Seq
		hold := make(chan struct{})
		s.journal.set(func(j *heldJournal) { j.hold = hold })
		var answers []<-chan answer
		for i := range 20 {
			answers = append(answers, s.later(f, room, meeting.SetCamera{On: i%2 == 1}))
		}
		close(hold)
		synctest.Wait()
		for i, done := range answers {
			if a := <-done; a.err != nil || a.seq != start+1+meeting.Seq(i) {
				t.Errorf("command %d: %+v, want position %d", i, a, start+1+meeting.Seq(i))
			}
		}
		for i, e := range s.log()[start:] {
			if want := (meeting.CameraSet{Point: "p2", On: i%2 == 1}); e.Fact != want || e.By != room {
				t.Errorf("event %d is %+v, want %+v by the room", e.Seq, e, want)
			}
		}
	})
}

func TestAThousandConcurrentSubmits(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.create()
		s.must(f, node, meeting.Connect{Point: "p2", Device: "d2"})
		start := f.Current().State.Seq
		hold := make(chan struct{})
		s.journal.set(func(j *heldJournal) { j.hold, j.appended = hold, nil })
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				cause := meeting.Cause{Session: fmt.Sprint("s", i), ID: 1}
				if _, err := f.Submit(t.Context(), room, cause, meeting.SetCamera{On: i%2 == 0}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(hold)
		wg.Wait()

		events := s.log()[start:]
		facts := 0
		for i, e := range events {
			if e.Seq != start+1+meeting.Seq(i) {
				t.Fatalf("event %d at place %d", e.Seq, i)
			}
		}
		s.journal.set(func(j *heldJournal) {
			for _, n := range j.appended {
				facts += n
			}
			if most := 1000/batchSize + 2; len(j.appended) > most {
				t.Errorf("%d appends for a thousand commands, want at most %d", len(j.appended), most)
			}
		})
		if facts != len(events) || f.Current().State.Seq != start+meeting.Seq(facts) {
			t.Errorf("%d facts appended, %d stored, state at %d", facts, len(events), f.Current().State.Seq)
		}
		if got := s.registry.Stats(); got.Commands != 1002 || got.Facts != uint64(start)+uint64(facts) {
			t.Errorf("stats %+v, want 1002 commands and %d facts", got, int(start)+facts)
		}
	})
}

func TestRetryIsAnsweredAndNotCarriedOutAgain(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.create()
		s.must(f, node, meeting.Connect{Point: "p2", Device: "d2"})
		ask := func(id uint64, c meeting.Command) meeting.Seq {
			t.Helper()
			seq, err := f.Submit(t.Context(), room, meeting.Cause{Session: "s", ID: id}, c)
			if err != nil {
				t.Fatal(err)
			}
			return seq
		}
		request := meeting.RequestFloor{Floor: meeting.FloorSpeech}
		first := ask(1, request)
		second := ask(2, meeting.CancelRequest{Floor: meeting.FloorSpeech})
		if got := ask(2, meeting.CancelRequest{Floor: meeting.FloorSpeech}); got != second {
			t.Errorf("retry answered with %d, want %d", got, second)
		}
		for _, used := range []uint64{1, 2} {
			seq, err := f.Submit(t.Context(), room, meeting.Cause{Session: "s", ID: used}, request)
			s.wantCode(err, meeting.CodeNumberUsed)
			if seq != 0 || len(f.Current().State.Requests) != 0 {
				t.Errorf("number %d again is answered with %d, requests %v", used, seq, f.Current().State.Requests)
			}
		}
		if second != first+1 || len(s.log()) != int(second) {
			t.Errorf("%d events for commands at %d and %d", len(s.log()), first, second)
		}

		s.restart()
		var err error
		if f, err = s.registry.Open(t.Context(), theMeeting); err != nil {
			t.Fatal(err)
		}
		if got := ask(2, meeting.CancelRequest{Floor: meeting.FloorSpeech}); got != second {
			t.Errorf("retry after a restart answered with %d, want %d", got, second)
		}
	})
}

func TestRetryInOneBatch(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.create()
		hold := make(chan struct{})
		s.journal.set(func(j *heldJournal) { j.hold = hold })
		s.later(f, node, meeting.Connect{Point: "p2", Device: "d2"})
		seqs := make(chan meeting.Seq, 5)
		for range cap(seqs) {
			go func() {
				seq, err := f.Submit(t.Context(), room, meeting.Cause{Session: "s", ID: 9}, meeting.RequestFloor{Floor: meeting.FloorSpeech})
				if err != nil {
					t.Error(err)
				}
				seqs <- seq
			}()
		}
		synctest.Wait()
		close(hold)
		for range cap(seqs) {
			if got := <-seqs; got != 3 {
				t.Errorf("answered with %d, want 3", got)
			}
		}
		if n := len(s.log()); n != 3 {
			t.Errorf("%d events, want 3", n)
		}
	})
}

// Without session or id nothing can be told apart, so nothing is a retry.
func TestNoCauseIsNoRetry(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.create()
		s.must(f, node, meeting.Connect{Point: "p2", Device: "d2"})
		for i, cause := range []meeting.Cause{{}, {ID: 1}, {ID: 1}, {Session: "s"}, {Session: "s"}} {
			want := f.Current().State.Seq + 1
			seq, err := f.Submit(t.Context(), room, cause, meeting.SetCamera{On: i%2 == 1})
			if err != nil || seq != want {
				t.Errorf("%+v: %d, %v; want %d", cause, seq, err, want)
			}
		}
	})
}

func TestTimeEndsTheAbsenceWindow(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.onAir()
		s.must(f, node, meeting.Lose{Point: "p2", Device: "d2", Why: meeting.LostSocket})
		s.wantOpen(roomMic, false)
		s.pass(59 * time.Second)
		if got := presence(f, "p2"); got != meeting.Lost {
			t.Errorf("p2 is %s within the window, want lost", got)
		}
		s.pass(2 * time.Second)
		if got := presence(f, "p2"); got != meeting.Absent {
			t.Errorf("p2 is %s after the window, want absent", got)
		}
		if n := len(f.Current().State.Requests); n != 0 {
			t.Errorf("%d requests left, want the grant ended", n)
		}
		log := s.log()
		if last := log[len(log)-1]; last.By != node || last.Cause != (meeting.Cause{}) {
			t.Errorf("the end of the window is by %+v, want the node", last.By)
		}
	})
}

// What is due is carried out before a command that comes at the same time.
func TestExpiryComesBeforeTheBatch(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.create()
		s.must(f, node, meeting.Connect{Point: "p2", Device: "d2"})
		s.must(f, node, meeting.Lose{Point: "p2", Device: "d2", Why: meeting.LostSocket})
		s.pass(55 * time.Second)
		hold := make(chan struct{})
		s.journal.set(func(j *heldJournal) { j.hold = hold })
		s.later(f, node, meeting.Connect{Point: "p3", Device: "d3"})
		back := make(chan error, 1)
		go func() {
			_, err := f.Submit(t.Context(), node, meeting.Cause{Session: "s", ID: 1}, meeting.Connect{Point: "p2", Device: "d2"})
			back <- err
		}()
		s.pass(6 * time.Second) // the window ends while the actor is at its append
		s.journal.set(func(j *heldJournal) { j.hold = nil })
		close(hold)
		if err := <-back; err != nil {
			t.Fatal(err)
		}
		var end []string
		for _, e := range s.log()[4:] {
			end = append(end, fmt.Sprintf("%T for %q", e.Fact, e.Cause.Session))
		}
		want := []string{`meeting.PointFreed for ""`, `meeting.PointConnected for "s"`}
		if diff := cmp.Diff(want, end); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSubmitterMayGiveUp(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.create()
		hold := make(chan struct{})
		s.journal.set(func(j *heldJournal) { j.hold = hold })
		s.later(f, node, meeting.Connect{Point: "p3", Device: "d3"})
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() {
			_, err := f.Submit(ctx, node, meeting.Cause{}, meeting.Connect{Point: "p2", Device: "d2"})
			gone <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
		close(hold)
		synctest.Wait()
		if got := presence(f, "p2"); got != meeting.Absent {
			t.Errorf("a command nobody waits for was carried out: p2 is %s", got)
		}
	})
}

// A full mailbox holds the submitters, and nobody else.
func TestFullMailboxHoldsSubmitters(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.create()
		hold := make(chan struct{})
		s.journal.set(func(j *heldJournal) { j.hold = hold })
		s.later(f, node, meeting.Connect{Point: "p2", Device: "d2"})
		var waiting []<-chan answer
		for range maxWaiting + mailboxSize + 10 {
			waiting = append(waiting, s.later(f, room, meeting.SetCamera{On: false}))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := f.Submit(ctx, room, meeting.Cause{}, meeting.SwitchOff{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the deadline", err)
		}
		close(hold)
		for _, done := range waiting {
			if a := <-done; a.err != nil {
				t.Error(a.err)
			}
		}
	})
}

func TestWatchersMissNothing(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.create()
		changed, stop := f.Watch()
		for range 3 {
			s.must(f, node, meeting.Connect{Point: "p2", Device: "d2"})
			s.must(f, node, meeting.Lose{Point: "p2", Device: "d2", Why: meeting.LostSocket})
		}
		<-changed
		if got := f.Current().State.Seq; got != 7 {
			t.Errorf("the token shows position %d, want the newest, 7", got)
		}
		select {
		case <-changed:
			t.Error("two tokens at once")
		default:
		}
		stop()
		stop()
		s.must(f, node, meeting.Connect{Point: "p2", Device: "d2"})
		select {
		case <-changed:
			t.Error("a token after the watch has ended")
		default:
		}
	})
}

func TestCloseEndsTheBatchItIsAt(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.onAir()
		hold := make(chan struct{})
		s.journal.set(func(j *heldJournal) { j.hold = hold })
		begun := s.later(f, node, meeting.Connect{Point: "p3", Device: "d3"})
		waiting := s.later(f, controller, meeting.CloseAll{})
		closed := make(chan struct{})
		go func() {
			s.registry.Close()
			close(closed)
		}()
		synctest.Wait()
		select {
		case <-closed:
			t.Error("closed while a batch is at the journal")
		default:
		}
		close(hold)
		<-closed
		if a := <-begun; a.err != nil {
			t.Errorf("the begun command: %v", a.err)
		}
		if a := <-waiting; a.err != nil {
			s.wantCode(a.err, CodeStopping)
		}
		if _, err := f.Submit(t.Context(), controller, meeting.Cause{}, meeting.CloseAll{}); err == nil {
			t.Error("a closed focus takes a command")
		} else {
			s.wantCode(err, CodeStopping)
		}
		s.wantOpen(roomMic, false)
		s.registry.Close()
	})
}
