package focus

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/memory"
)

// pair is a leader's registry and a follower's below it; the link between them
// is the test.
type pair struct {
	*stage
	leader   *Focus
	below    *Registry
	media    *seenMedia
	follower *Follower
}

const belowNode = meeting.NodePath("tw/02")

// Submit is the road up.
func (p *pair) Submit(ctx context.Context, o Order) (meeting.Seq, error) {
	return p.leader.Submit(ctx, o.By, o.Cause, o.Command)
}

func onPair(t *testing.T, test func(*testing.T, *pair)) {
	t.Helper()
	onStage(t, func(t *testing.T, s *stage) {
		s.registry.Close()
		s.registry = NewRegistry(Config{
			Journal: s.journal, Media: s.media, Node: "tw",
			Place: func(id meeting.PointID) meeting.NodePath {
				return map[meeting.PointID]meeting.NodePath{"p1": "tw", "p2": "tw/02", "p3": "tw/02"}[id]
			},
		})
		p := &pair{stage: s, media: &seenMedia{}}
		p.leader = s.create()
		p.below = NewRegistry(Config{Journal: &heldJournal{Store: memory.New()}, Media: p.media, Node: belowNode})
		defer p.below.Close()
		var err error
		if p.follower, err = p.below.Follow(theMeeting, p); err != nil {
			t.Fatal(err)
		}
		u := p.leader.Current()
		if err := p.follower.Restore(u.State, u.Log.Digest(), Ahead{}); err != nil {
			t.Fatal(err)
		}
		test(t, p)
	})
}

// catchUp brings the follower what the leader has more.
func (p *pair) catchUp() {
	p.t.Helper()
	var last meeting.Seq
	if u := p.follower.Focus().Current(); u != nil {
		last = u.State.Seq
	}
	u, events, ok := p.leader.Since(last)
	if !ok {
		p.t.Fatalf("the leader has not the facts after %d", last)
	}
	if err := p.follower.Advance(events, u.Log.Digest(), Ahead{}); err != nil {
		p.t.Fatal(err)
	}
}

// below submits at the follower and lets the facts come down.
func (p *pair) submit(by meeting.Actor, c meeting.Command) error {
	p.t.Helper()
	done := p.later(p.follower.Focus(), by, c)
	p.catchUp()
	return (<-done).err
}

func (p *pair) onAir() {
	p.t.Helper()
	for _, step := range []error{
		p.submit(node, meeting.Connect{Point: "p2", Device: "d2"}),
		func() error { p.must(p.leader, controller, grantP2); p.catchUp(); return nil }(),
		p.submit(room, meeting.SwitchOn{}),
	} {
		if step != nil {
			p.t.Fatal(step)
		}
	}
	p.wantBelow(true)
}

var grantP2 = meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p2"}

func (p *pair) wantBelow(open bool) {
	p.t.Helper()
	synctest.Wait()
	mic := meeting.SourceKey{Point: "p2", Kind: meeting.Microphone}
	if got := p.media.last().Permits(mic); got != open {
		p.t.Errorf("below the gate of %s is open: %v", mic, got)
	}
}

func TestFollowerCarriesTheLeadersPlan(t *testing.T) {
	onPair(t, func(t *testing.T, p *pair) {
		p.onAir()
		if up, down := p.stage.media.last().Digest(), p.media.last().Digest(); up != down {
			t.Error("the plans differ")
		}
		last := p.log()[len(p.log())-1]
		if last.By.Node != belowNode || last.By.Point != "p2" {
			t.Errorf("the log says it was %+v", last.By)
		}
		if p.below.Called("p2") != p.follower.Focus() {
			t.Error("p2 is not called to the meeting below")
		}
	})
}

func TestFollowersControllerKeepsRepairOnly(t *testing.T) {
	onPair(t, func(t *testing.T, p *pair) {
		_, err := p.follower.Focus().Submit(t.Context(), controller, meeting.Cause{}, meeting.CloseAll{})
		p.wantCode(err, meeting.CodeRights)
		if err := p.submit(controller, meeting.SummonPoint{Point: "p3"}); err != nil {
			t.Error(err)
		}
	})
}

// A replica whose plan differs is silent until it is restored.
func TestAPlanThatDiffersClosesSound(t *testing.T) {
	onPair(t, func(t *testing.T, p *pair) {
		p.onAir()
		p.must(p.leader, controller, meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 2})
		u, events, _ := p.leader.Since(p.follower.Focus().Current().State.Seq)
		if err := p.follower.Advance(events, "another plan", Ahead{}); !errors.Is(err, ErrDiverged) {
			t.Errorf("error %v, want ErrDiverged", err)
		}
		p.wantBelow(false)
		if p.follower.Focus().Live() {
			t.Error("a replica nobody can trust takes commands")
		}
		if err := p.follower.Advance(nil, u.Log.Digest(), Ahead{}); !errors.Is(err, ErrDiverged) {
			t.Errorf("healed without a snapshot: %v", err)
		}
		if err := p.follower.Restore(u.State, u.Log.Digest(), Ahead{}); err != nil {
			t.Fatal(err)
		}
		p.wantBelow(true)
	})
}

func TestAGapOrAWrongFactIsADifference(t *testing.T) {
	for name, spoil := range map[string]func([]meeting.Event) []meeting.Event{
		"a gap":        func(e []meeting.Event) []meeting.Event { return e[1:] },
		"a wrong fact": func(e []meeting.Event) []meeting.Event { e[0].Fact = meeting.SwitchedOn{Point: "p3"}; return e },
		"no fact":      func(e []meeting.Event) []meeting.Event { e[0].Fact = nil; return e },
	} {
		t.Run(name, func(t *testing.T) {
			onPair(t, func(t *testing.T, p *pair) {
				p.must(p.leader, controller, meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 2})
				p.must(p.leader, controller, meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 3})
				u, events, _ := p.leader.Since(p.follower.Focus().Current().State.Seq)
				if err := p.follower.Advance(spoil(append([]meeting.Event{}, events...)), u.Log.Digest(), Ahead{}); !errors.Is(err, ErrDiverged) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// A lost link closes what sounds, keeps the pictures, and leaves the part below
// free to go on by itself; when facts come again everything is as before.
func TestASeveredFollowerMayForkAndComesBack(t *testing.T) {
	onPair(t, func(t *testing.T, p *pair) {
		p.onAir()
		f := p.follower.Focus()
		if _, err := p.below.Fork(t.Context(), f, controller); !errors.Is(err, ErrLinked) {
			t.Errorf("forked under a link: %v", err)
		}
		if err := p.follower.Sever(); err != nil {
			t.Fatal(err)
		}
		p.wantBelow(false)
		if !p.media.last().Permits(meeting.SourceKey{Point: "p2", Kind: meeting.Camera}) || f.Live() || !f.Current().Severed {
			t.Error("a severed meeting has its pictures and is not live")
		}
		island, err := p.below.Fork(t.Context(), f, controller)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := p.below.Fork(t.Context(), f, controller); err != nil || again != island {
			t.Errorf("a second island: %v, %v", again, err)
		}
		if p.below.Called("p3") != island {
			t.Error("p3 is not called to the island")
		}
		p.must(island, node, meeting.Connect{Point: "p3", Device: "d3"})
		p.must(island, controller, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p3"})
		p.must(island, node, meeting.Rejoin{})
		p.catchUp()
		p.wantBelow(true)
		if p.below.Called("p3") != f {
			t.Error("p3 is not called back")
		}
		if err := p.follower.Sever(); err != nil {
			t.Fatal(err)
		}
		if second, err := p.below.Fork(t.Context(), f, controller); err != nil || second.ID() != "m1~02~2" {
			t.Errorf("the second island: %v, %v", second, err)
		}
	})
}

func TestSinceGivesATailOrNothing(t *testing.T) {
	onPair(t, func(t *testing.T, p *pair) {
		for i := range 3 * historySize {
			p.must(p.leader, controller, meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 2 + i%2})
		}
		newest := p.leader.Current().State.Seq
		for _, after := range []meeting.Seq{newest, newest - 1, newest - historySize + 1} {
			u, events, ok := p.leader.Since(after)
			if !ok || len(events) != int(newest-after) || u.State.Seq != newest || len(events) > 0 && events[0].Seq != after+1 {
				t.Errorf("after %d: %d events, %v", after, len(events), ok)
			}
		}
		for _, after := range []meeting.Seq{0, 1, newest + 1} {
			if _, _, ok := p.leader.Since(after); ok {
				t.Errorf("after %d: there is a tail", after)
			}
		}
	})
}

func TestARegistryTellsOfNewMeetings(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		changed, stop := s.registry.Watch()
		defer stop()
		<-changed
		s.create()
		select {
		case <-changed:
		case <-time.After(time.Minute):
			t.Error("no token")
		}
	})
}

// What the leader closes ahead of its log closes below at once, and opens again
// by a newer fact alone.
func TestFollower_ClosesWhatTheLeaderClosesAheadOfTheLog(t *testing.T) {
	onPair(t, func(t *testing.T, p *pair) {
		p.onAir()
		hold := make(chan struct{})
		p.journal.set(func(j *heldJournal) { j.hold = hold })
		done := p.later(p.leader, controller, meeting.CloseAll{})
		p.pass(slowStore)
		if err := p.follower.Close(p.ahead()); err != nil {
			t.Fatal(err)
		}
		p.wantBelow(false)
		close(hold)
		if a := <-done; a.err != nil {
			t.Fatal(a.err)
		}
		p.catchUp()
		p.wantBelow(false)
		p.must(p.leader, controller, grantP2)
		p.must(p.leader, meeting.Actor{Role: meeting.RoleRoom, Point: "p2", Node: belowNode}, meeting.SwitchOn{})
		p.catchUp()
		p.wantBelow(true)
	})
}

// A log that cannot be written silences the nodes below too, however they come
// to know of it, and their pages can say since when.
func TestFollower_IsSilentWhileTheLogCannotBeWritten(t *testing.T) {
	for name, tell := range map[string]func(*pair) error{
		"told": func(p *pair) error { return p.follower.Close(p.ahead()) },
		"snapshot": func(p *pair) error {
			u := p.leader.Current()
			return p.follower.Restore(u.State, u.Log.Digest(), p.ahead())
		},
		"events": func(p *pair) error { return p.follower.Advance(nil, p.leader.Current().Log.Digest(), p.ahead()) },
	} {
		t.Run(name, func(t *testing.T) {
			onPair(t, func(t *testing.T, p *pair) {
				p.onAir()
				p.journal.set(func(j *heldJournal) { j.refuse = errDisk })
				_, err := p.leader.Submit(t.Context(), controller, meeting.Cause{}, meeting.SetBanner{Audience: meeting.AudienceAll, Text: "Nghỉ"})
				p.wantCode(err, CodeJournal)
				if err := tell(p); err != nil {
					t.Fatal(err)
				}
				p.wantBelow(false)
				if u := p.follower.Focus().Current(); u.Unwritten.IsZero() || u.Unwritten != p.leader.Current().Unwritten {
					t.Errorf("below it is unwritten since %v", u.Unwritten)
				}
				p.journal.set(func(j *heldJournal) { j.refuse = nil })
				p.pass(2 * rebuildPause)
				p.catchUp()
				p.wantBelow(false)
				if u := p.follower.Focus().Current(); !u.Unwritten.IsZero() {
					t.Errorf("below it is still unwritten since %v", u.Unwritten)
				}
			})
		})
	}
}

// What is closed by somebody here closes here at once, whatever becomes of the
// command above.
func TestFollower_ClosesAheadOfTheLineUp(t *testing.T) {
	onPair(t, func(t *testing.T, p *pair) {
		p.onAir()
		hold := make(chan struct{})
		p.journal.set(func(j *heldJournal) { j.hold = hold })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.follower.Focus().Submit(ctx, room, meeting.Cause{}, meeting.SwitchOff{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error %v, want the deadline", err)
		}
		p.wantBelow(false)
		if err := p.follower.Close(Ahead{}); err != nil { // what comes from above lifts nothing that was closed here
			t.Fatal(err)
		}
		p.wantBelow(false)
		close(hold)
		synctest.Wait()
		p.catchUp()
		p.wantBelow(false)
	})
}

// ahead is what the link would say of the leader.
func (p *pair) ahead() Ahead {
	u := p.leader.Current()
	return Ahead{Closed: u.Closed, Unwritten: u.Unwritten}
}
