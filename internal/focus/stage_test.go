package focus

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/memory"
)

// The people of the tests.
var (
	node       = meeting.Actor{Role: meeting.RoleNode}
	controller = meeting.Actor{Role: meeting.RoleController}
	room       = meeting.Actor{Role: meeting.RoleRoom, Point: "p2"}
)

const (
	theMeeting = meeting.ID("m1")
	roomMic    = "p2/microphone"
)

// create is a meeting of three points, p1 the chair point.
func create() meeting.CreateMeeting {
	c := meeting.CreateMeeting{
		Title: "Giao ban", HostUnit: "UBND tỉnh", System: "s", ChairPoint: "p1",
		StartsAt: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC),
	}
	for i, id := range []meeting.PointID{"p1", "p2", "p3"} {
		c.Points = append(c.Points, meeting.Point{ID: id, Number: i + 1, Code: string(id), Name: "Điểm cầu " + string(id)})
	}
	return c
}

// stage is a registry with a journal and media that the test holds in its hands.
type stage struct {
	t        *testing.T
	journal  *heldJournal
	media    *seenMedia
	registry *Registry
}

// onStage runs a test in a bubble, and fails it if anything of the registry is
// left running.
func onStage(t *testing.T, test func(*testing.T, *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, journal: &heldJournal{Store: memory.New()}, media: &seenMedia{}}
		s.restart()
		test(t, s)
		s.registry.Close()
	})
}

// restart ends the registry and begins another over the same journal.
func (s *stage) restart() {
	if s.registry != nil {
		s.registry.Close()
	}
	s.registry = NewRegistry(Config{Journal: s.journal, Media: s.media})
}

func (s *stage) create() *Focus {
	s.t.Helper()
	f, err := s.registry.Create(s.t.Context(), theMeeting, controller, create())
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

// onAir creates the meeting with p2 present, invited and its microphone open.
func (s *stage) onAir() *Focus {
	s.t.Helper()
	f := s.create()
	s.must(f, node, meeting.Connect{Point: "p2", Device: "d2"})
	s.must(f, controller, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p2"})
	s.must(f, room, meeting.SwitchOn{})
	s.wantOpen(roomMic, true)
	return f
}

func (s *stage) must(f *Focus, by meeting.Actor, c meeting.Command) meeting.Seq {
	s.t.Helper()
	seq, err := f.Submit(s.t.Context(), by, meeting.Cause{}, c)
	if err != nil {
		s.t.Fatalf("%s: %v", meeting.CommandName(c), err)
	}
	return seq
}

// later submits in a goroutine of its own and waits until nothing moves.
func (s *stage) later(f *Focus, by meeting.Actor, c meeting.Command) <-chan answer {
	done := make(chan answer, 1)
	go func() {
		seq, err := f.Submit(s.t.Context(), by, meeting.Cause{}, c)
		done <- answer{seq, err}
	}()
	synctest.Wait()
	return done
}

// pass lets time pass in the bubble and waits until nothing moves.
func (s *stage) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// wantOpen checks the plan that media has now.
func (s *stage) wantOpen(source string, want bool) {
	s.t.Helper()
	var k meeting.SourceKey
	if err := k.UnmarshalText([]byte(source)); err != nil {
		s.t.Fatal(err)
	}
	if got := s.media.last().Permits(k); got != want {
		s.t.Errorf("gate of %s open: %v, want %v", source, got, want)
	}
}

func (s *stage) wantCode(err error, want meeting.Code) {
	s.t.Helper()
	if e := new(meeting.Error); !errors.As(err, &e) || e.Code != want {
		s.t.Errorf("error %v, want code %s", err, want)
	}
}

// log reads what is durable.
func (s *stage) log() []meeting.Event {
	s.t.Helper()
	var events []meeting.Event
	for e, err := range s.journal.Store.Read(context.Background(), theMeeting, 0) {
		if err != nil {
			s.t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// presence is what everybody may see of a point.
func presence(f *Focus, id meeting.PointID) meeting.Presence {
	points := f.Current().State.Points
	return points[slices.IndexFunc(points, func(p meeting.PointState) bool { return p.ID == id })].Presence
}

// heldJournal is a journal whose appends can be held up, refused, or done and
// then called failed, and whose reads can fail.
type heldJournal struct {
	*memory.Store

	mu       sync.Mutex
	hold     chan struct{} // Append waits for it to be closed
	refuse   error         // Append does nothing but fail
	lie      error         // Append does all and fails
	unread   error         // Read fails
	appended []int         // how many events each Append had
	reads    []meeting.Seq // where each Read began
}

func (j *heldJournal) set(change func(*heldJournal)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(j)
}

func (j *heldJournal) Append(ctx context.Context, id meeting.ID, epoch uint64, events []meeting.Event) error {
	j.mu.Lock()
	hold, refuse, lie := j.hold, j.refuse, j.lie
	j.appended = append(j.appended, len(events))
	j.mu.Unlock()
	if hold != nil {
		<-hold
	}
	if refuse != nil {
		return refuse
	}
	return errors.Join(j.Store.Append(ctx, id, epoch, events), lie)
}

func (j *heldJournal) Read(ctx context.Context, id meeting.ID, after meeting.Seq) iter.Seq2[meeting.Event, error] {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.reads = append(j.reads, after)
	if err := j.unread; err != nil {
		return func(yield func(meeting.Event, error) bool) { yield(meeting.Event{}, err) }
	}
	return j.Store.Read(ctx, id, after)
}

// seenMedia remembers every plan it was given.
type seenMedia struct {
	mu    sync.Mutex
	plans []*meeting.Plan
}

func (m *seenMedia) Carry(_ meeting.ID, plan *meeting.Plan) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.plans = append(m.plans, plan)
}

func (m *seenMedia) all() []*meeting.Plan {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.plans)
}

func (m *seenMedia) last() *meeting.Plan {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.plans[len(m.plans)-1]
}

// bomb is a command that breaks the machine: it has no name to look a right up by.
type bomb struct{ meeting.Command }
