package focus

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/memory"
)

// longStage is a stage that keeps snapshots, with a room on air and then more
// facts than lie between two of them.
func longStage(t *testing.T, s *stage) *Focus {
	t.Helper()
	s.registry.Close()
	s.registry = NewRegistry(Config{Journal: s.journal, Media: s.media, Snapshots: s.journal})
	f := s.onAir()
	for i := range snapshotEvery + 100 {
		s.must(f, controller, meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 2 + i%2})
	}
	return f
}

// reopened is the state that a new registry opens the meeting with.
func (s *stage) reopened(snapshots Snapshots) meeting.Snapshot {
	s.t.Helper()
	s.registry.Close()
	s.registry = NewRegistry(Config{Journal: s.journal, Media: s.media, Snapshots: snapshots})
	f, err := s.registry.Open(s.t.Context(), theMeeting)
	if err != nil {
		s.t.Fatal(err)
	}
	return f.Current().State
}

// kept is the snapshot that is put away.
func (s *stage) kept() keptSnapshot {
	s.t.Helper()
	body, rev, err := s.journal.Get(s.t.Context(), "snapshot/"+string(theMeeting))
	var kept keptSnapshot
	if err == nil {
		err = json.Unmarshal(body, &kept)
	}
	if err != nil || rev == 0 {
		s.t.Fatalf("no snapshot is kept: revision %d, %v", rev, err)
	}
	return kept
}

func TestSnapshotAndTailAreTheFold(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		longStage(t, s)
		if seq := s.kept().Snapshot.Seq; seq < snapshotEvery || seq > snapshotEvery+10 {
			t.Errorf("the snapshot was taken at %d, want it soon after %d", seq, snapshotEvery)
		}
		whole := s.reopened(nil) // it adds the loss of the room, which the second finds there
		s.journal.set(func(j *heldJournal) { j.reads = nil })
		if diff := cmp.Diff(whole, s.reopened(s.journal)); diff != "" {
			t.Error(diff)
		}
		if first := s.journal.reads[0]; first < snapshotEvery-1 {
			t.Errorf("the journal was read from %d on", first)
		}
	})
}

// A snapshot that is not of this log, or not whole, is as good as none.
func TestSnapshotThatDoesNotFitIsNotUsed(t *testing.T) {
	for name, spoil := range map[string]func(k *keptSnapshot){
		"of another log":        func(k *keptSnapshot) { k.After = bytes.Replace(k.After, []byte("controller"), []byte("chair"), 1) },
		"of more than the log":  func(k *keptSnapshot) { k.Snapshot.Seq += 10000 },
		"of another meeting":    func(k *keptSnapshot) { k.Snapshot.ID = "m2" },
		"of another version":    func(k *keptSnapshot) { k.Snapshot.Version++ },
		"before the first fact": func(k *keptSnapshot) { k.Snapshot.Seq = 0 },
		"that does not hold":    func(k *keptSnapshot) { k.Snapshot.Mode = "x" },
		"without its event":     func(k *keptSnapshot) { k.After = nil },
	} {
		t.Run(name, func(t *testing.T) {
			onStage(t, func(t *testing.T, s *stage) {
				longStage(t, s)
				whole := s.reopened(nil)
				kept := s.kept()
				kept.Snapshot.Title = "of a snapshot that must not be used"
				spoil(&kept)
				body, err := json.Marshal(kept)
				if err != nil {
					t.Fatal(err)
				}
				other := memory.New()
				if _, err := other.Put(t.Context(), "snapshot/"+string(theMeeting), body, 0); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(whole, s.reopened(other)); diff != "" {
					t.Error(diff)
				}
				f := s.registry.Get(theMeeting)
				for i := range snapshotEvery {
					s.must(f, controller, meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 3 - i%2})
				}
				if again, _, _ := other.Get(t.Context(), "snapshot/"+string(theMeeting)); bytes.Equal(again, body) {
					t.Error("the spoilt snapshot is never replaced")
				}
			})
		})
	}
}
