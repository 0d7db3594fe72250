package focus

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/memory"
)

// story is a meeting under random commands, failures, panics and restarts.
type story struct {
	*rapid.T
	behind   atomic.Int64 // of the node's clock, in seconds
	journal  *heldJournal
	media    *seenMedia
	registry *Registry
	focus    *Focus
	ids      uint64
	tries    int
	acked    map[uint64]meeting.Seq            // by the id of the cause
	carried  map[uint64]string                 // by which try, by the id of the cause
	folded   *meeting.Meeting                  // the log, as far as it was read
	states   []*Update                         // of the fold, by position from 1
	sessions int                               // media sessions so far
	judged   int                               // plans looked at
	shut     map[meeting.SourceKey]meeting.Seq // the newest opening of each source that was ever closed
	failures uint64                            // appends that failed
}

// Whatever fails: what was acknowledged is in the log once and at its place,
// nobody sees anything but the fold of the log, media has the plan of that fold
// or one with every gate closed, and no sound that was closed opens by anything
// but a newer fact.
func TestNothingAcknowledgedIsLostAndNothingElseIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(struct{ rapid.TB }{t}, tell) // without T.Deadline, which a bubble does not have
	})
}

// tell tells one story, in a bubble.
func tell(t *rapid.T) {
	s := &story{
		T: t, journal: &heldJournal{Store: memory.New()}, media: &seenMedia{},
		shut: map[meeting.SourceKey]meeting.Seq{}, acked: map[uint64]meeting.Seq{}, carried: map[uint64]string{}, folded: meeting.New(theMeeting),
	}
	s.registry = s.newRegistry()
	defer func() { s.registry.Close() }()
	f, err := s.registry.Create(context.Background(), theMeeting, controller, create())
	if err != nil {
		t.Fatal(err)
	}
	s.focus = f
	t.Repeat(map[string]func(*rapid.T){
		"submit":     func(*rapid.T) { s.submit(s.ids + 1) },
		"retry":      func(*rapid.T) { s.submit(max(s.ids, 1)) },
		"break":      func(*rapid.T) { s.breakMachine() },
		"restart":    func(*rapid.T) { s.restart() },
		"journal":    func(*rapid.T) { s.changeJournal() },
		"time":       func(*rapid.T) { time.Sleep(time.Duration(s.int("seconds", 0, 70)) * time.Second) },
		"reload":     func(*rapid.T) { s.reload() },
		"clock back": func(*rapid.T) { s.behind.Add(1) },
		"":           func(*rapid.T) { s.check() },
	})
}

func (s *story) newRegistry() *Registry {
	return NewRegistry(Config{Journal: s.journal, Media: s.media, Now: func() time.Time { return time.Now().Add(-time.Duration(s.behind.Load()) * time.Second) }})
}

func (s *story) int(label string, low, high int) int {
	return rapid.IntRange(low, high).Draw(s.T, label)
}

// submit gives a random command; the session's ids rise but for retries.
func (s *story) submit(id uint64) {
	s.ids = id
	p := rapid.SampledFrom([]meeting.PointID{"p1", "p2", "p3"}).Draw(s.T, "point")
	own := meeting.Actor{Role: meeting.RoleRoom, Point: p}
	given := rapid.SampledFrom([]struct {
		by meeting.Actor
		c  meeting.Command
	}{
		{node, meeting.Connect{Point: p, Device: "d-" + string(p)}},
		{node, meeting.Lose{Point: p, Device: "d-" + string(p), Why: meeting.LostMedia}},
		{own, meeting.RequestFloor{Floor: meeting.FloorSpeech}},
		{own, meeting.SwitchOn{}},
		{own, meeting.SwitchOn{}},
		{own, meeting.SwitchOff{}},
		{own, meeting.SetCamera{On: s.int("camera", 0, 1) == 1}},
		{controller, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: p}},
		{controller, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: p}},
		{controller, meeting.CloseAll{}},
	}).Draw(s.T, "command")
	s.tries++
	given.by.Name = fmt.Sprint("try ", s.tries) // so the log tells retries apart
	seq, err := s.focus.Submit(context.Background(), given.by, meeting.Cause{Session: "s", ID: id}, given.c)
	if err == nil {
		s.acked[id] = seq
		return
	}
	if e := new(meeting.Error); !errors.As(err, &e) {
		s.Fatalf("%s: %v, want a *meeting.Error", meeting.CommandName(given.c), err)
	}
}

// reload brings a point back by another media session, whether or not anybody
// said that it was lost.
func (s *story) reload() {
	p := rapid.SampledFrom([]meeting.PointID{"p1", "p2", "p3"}).Draw(s.T, "reloaded")
	s.sessions++
	c := meeting.Connect{Point: p, Device: "d-" + string(p), Media: fmt.Sprint("M", s.sessions)}
	_, _ = s.focus.Submit(context.Background(), node, meeting.Cause{}, c) // refused, if the journal is down
}

// closes checks every plan that was carried since the last time: sound that was
// closed, by a fact or ahead of one, opens again by a newer fact only, and after
// a failure of the journal by one that came after it.
func (s *story) closes() {
	all := s.media.all()
	for ; s.judged < len(all); s.judged++ {
		plan := all[s.judged]
		var before map[meeting.SourceKey]meeting.Tag
		if s.judged > 0 {
			before = all[s.judged-1].Open
		}
		for k, tag := range before {
			if k.Kind.Audio() && plan.Open[k] != tag {
				s.shut[k] = max(s.shut[k], tag.Since)
			}
		}
		for k, tag := range plan.Open {
			if k.Kind.Audio() && tag.Since <= s.shut[k] {
				s.Fatalf("%s is open since %d again, which was closed", k, tag.Since)
			}
		}
	}
	if n := s.registry.Stats().AppendFailures; n != s.failures {
		s.failures = n
		for k := range map[meeting.PointID]bool{"p1": true, "p2": true, "p3": true} {
			source := meeting.SourceKey{Point: k, Kind: meeting.Microphone}
			s.shut[source] = max(s.shut[source], s.folded.Seq())
		}
		if last := all[len(all)-1]; !s.focus.Current().Unwritten.IsZero() {
			for k := range last.Open {
				if k.Kind.Audio() {
					s.Fatalf("%s is open while the log cannot be written", k)
				}
			}
		}
	}
}

func (s *story) breakMachine() {
	_, err := s.focus.Submit(context.Background(), controller, meeting.Cause{}, bomb{})
	if err == nil {
		s.Fatal("a broken machine says ok")
	}
}

// restart opens the meeting again, if its journal lets it.
func (s *story) restart() {
	s.registry.Close()
	s.registry = s.newRegistry()
	f, err := s.registry.Open(context.Background(), theMeeting)
	if err != nil {
		s.journal.set(func(j *heldJournal) { j.refuse, j.lie, j.unread = nil, nil, nil })
		if f, err = s.registry.Open(context.Background(), theMeeting); err != nil {
			s.Fatal(err)
		}
	}
	s.focus = f
}

func (s *story) changeJournal() {
	pick := func(label string) error {
		return rapid.SampledFrom([]error{nil, nil, errDisk}).Draw(s.T, label)
	}
	refuse, lie, unread := pick("refuse"), pick("lie"), pick("unread")
	s.journal.set(func(j *heldJournal) { j.refuse, j.lie, j.unread = refuse, lie, unread })
}

func (s *story) check() {
	synctest.Wait()
	s.read()
	for id, seq := range s.acked {
		if seq == 0 || seq > s.folded.Seq() {
			s.Fatalf("command %d was acknowledged at %d, the log ends at %d", id, seq, s.folded.Seq())
		}
	}
	shown := s.focus.Current()
	if shown.State.Seq > s.folded.Seq() {
		s.Fatalf("position %d is shown, the log ends at %d", shown.State.Seq, s.folded.Seq())
	}
	then := *s.states[shown.State.Seq-1]
	if then.Unwritten = shown.Unwritten; !then.Unwritten.IsZero() {
		then.Plan = then.Log.Silent()
	}
	if diff := cmp.Diff(&then, shown, cmpopts.EquateEmpty()); diff != "" {
		s.Fatalf("what is shown is not the fold of the log:\n%s", diff)
	}
	if plan := s.media.last(); len(plan.Open) > 0 {
		if diff := cmp.Diff(then.Plan, plan); diff != "" {
			s.Fatalf("media has another plan:\n%s", diff)
		}
	}
	s.closes()
}

// read folds what was added to the log.
func (s *story) read() {
	for e, err := range s.journal.Store.Read(context.Background(), theMeeting, s.folded.Seq()) {
		if err == nil {
			err = s.folded.Apply(e)
		}
		if err != nil {
			s.Fatal(err)
		}
		plan := s.folded.Plan()
		s.states = append(s.states, &Update{State: s.folded.Snapshot(), Log: plan, Plan: plan})
		if by, ok := s.carried[e.Cause.ID]; ok && e.Cause.ID != 0 && by != e.By.Name {
			s.Fatalf("command %d was carried out by %s and by %s", e.Cause.ID, by, e.By.Name)
		}
		s.carried[e.Cause.ID] = e.By.Name
	}
}
