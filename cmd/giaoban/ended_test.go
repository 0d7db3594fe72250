package main

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/config"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/bolt"
)

// counted counts which logs are read and led.
type counted struct {
	store.Journal
	touched map[meeting.ID]int
}

func (c counted) Read(ctx context.Context, id meeting.ID, after meeting.Seq) iter.Seq2[meeting.Event, error] {
	c.touched[id]++
	return c.Journal.Read(ctx, id, after)
}

func (c counted) Lead(ctx context.Context, id meeting.ID, epoch uint64) (uint64, error) {
	c.touched[id]++
	return c.Journal.Lead(ctx, id, epoch)
}

// However many meetings were held before, a start reads, folds and leads those
// that go on. A store of an older program is found out once.
func TestAStartOpensWhatGoesOn(t *testing.T) {
	ended, facts := 30, 20
	if os.Getenv(proveDamage) != "" {
		ended, facts = 2000, 1800
	}
	data := t.TempDir()
	s, err := bolt.Open(filepath.Join(data, storeName))
	if err != nil {
		t.Fatal(err)
	}
	over, goesOn := played(t, facts, true), played(t, facts, false)
	for i := range ended + 1 {
		log := over
		if i == ended {
			log = goesOn
		}
		if err := s.Append(t.Context(), meeting.ID(fmt.Sprintf("m-%04d", i)), 1, log); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for start, want := range []int{ended + 1, 1, 1} {
		cfg := config.Default()
		cfg.Data = data
		n := &node{cfg: cfg, log: slog.New(slog.DiscardHandler), broken: make(chan error, 8), entrance: &entrance{}, recall: &recall{}}
		began := time.Now()
		if err := n.openStore(t.Context()); err != nil {
			t.Fatal(err)
		}
		touched := map[meeting.ID]int{}
		n.store.Journal = counted{n.store.Journal, touched}
		if err := n.openMeetings(t.Context(), silent{}); err != nil {
			t.Fatal(err)
		}
		t.Logf("start %d beside %d ended meetings of %d facts: %v", start+1, ended, facts, time.Since(began))
		if len(touched) != want || len(n.meetings.Live()) != 1 {
			t.Errorf("start %d touched %d logs, want %d; %d meetings live", start+1, len(touched), want, len(n.meetings.Live()))
		}
		if err := n.close(); err != nil {
			t.Error(err)
		}
	}
}

// played is the log of a meeting of so many facts.
func played(t *testing.T, facts int, over bool) (log []meeting.Event) {
	t.Helper()
	m, at, by := meeting.New("m"), time.Unix(1e9, 0).UTC(), meeting.Actor{Role: meeting.RoleController, Name: "kỹ thuật"}
	give := func(c meeting.Command) {
		at = at.Add(time.Second)
		decided, err := m.Decide(at, by, c)
		for _, f := range decided {
			e := meeting.Event{Seq: m.Seq() + 1, At: at, By: by, Fact: f}
			if err == nil {
				err = m.Apply(e)
			}
			log = append(log, e)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	give(meeting.CreateMeeting{
		Title: "Giao ban", HostUnit: "UBND", System: "s", ChairPoint: "p", StartsAt: at, Points: []meeting.Point{{ID: "p", Number: 1, Name: "Điểm cầu"}},
	})
	for i := range facts {
		give(meeting.SetTimeLimit{Minutes: 1 + i%30, AtZero: meeting.ZeroWarn})
	}
	if over {
		give(meeting.EndMeeting{})
	}
	return log
}
