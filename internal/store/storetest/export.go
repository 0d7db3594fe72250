package storetest

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
)

// Played makes the log of a meeting in which n orders were given after its
// creation, as its machine decided them.
func Played(t testing.TB, id meeting.ID, n int) []meeting.Event {
	t.Helper()
	machine, at := meeting.New(id), time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	commands := []meeting.Command{meeting.CreateMeeting{
		Title: "Giao ban <1>", HostUnit: "UBND tỉnh", System: "s", ChairPoint: "p1", StartsAt: at,
		Points: []meeting.Point{{ID: "p1", Number: 1, Name: "UBND tỉnh"}, {ID: "p2", Number: 2, Name: "Xín Mần"}},
	}}
	for i := range n {
		commands = append(commands, meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 2 + i%2})
	}
	var events []meeting.Event
	for i, c := range commands {
		at = at.Add(time.Second)
		by := meeting.Actor{Role: meeting.RoleController, Name: "Kỹ thuật điều khiển"}
		facts, err := machine.Decide(at, by, c)
		for _, fact := range facts {
			e := meeting.Event{Seq: machine.Seq() + 1, At: at, By: by, Cause: meeting.Cause{Session: "s", ID: uint64(i + 1)}, Fact: fact}
			if err == nil {
				err = machine.Apply(e)
			}
			events = append(events, e)
		}
		if err != nil {
			t.Fatalf("play %s: %v", meeting.CommandName(c), err)
		}
	}
	return events
}

// Folded is the state that a log leads to.
func Folded(t *testing.T, j store.Journal, id meeting.ID) meeting.Snapshot {
	t.Helper()
	machine := meeting.New(id)
	for _, e := range Log(t, j, id, 0) {
		if err := machine.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	return machine.Snapshot()
}

func exportedAndImported(s suite) {
	const orders = 2500 // more than a store takes at once
	s.add("m", Played(s.T, "m", orders))
	var out bytes.Buffer
	s.want("export", store.Export(s.Context(), &out, s, "m"), nil)
	to := s.another()
	id, err := store.Import(s.Context(), bytes.NewReader(out.Bytes()), to)
	if id != "m" || err != nil {
		s.Fatalf("import: %q, %v", id, err)
	}
	if diff := cmp.Diff(Folded(s.T, s, "m"), Folded(s.T, to, "m")); diff != "" {
		s.Error(diff)
	}
	var again bytes.Buffer
	s.want("export of the import", store.Export(s.Context(), &again, to, "m"), nil)
	if !bytes.Equal(out.Bytes(), again.Bytes()) {
		s.Error("the export of an import is another file")
	}
	_, err = store.Import(s.Context(), bytes.NewReader(out.Bytes()), to)
	s.want("import over a log", err, store.ErrExists)
	if n := len(Log(s.T, to, "m", 0)); n != orders+1 {
		s.Errorf("%d events, want %d", n, orders+1)
	}
}
