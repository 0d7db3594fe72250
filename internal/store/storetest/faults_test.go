package storetest_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
)

// faults compares a log with the commands that were acknowledged, each of
// which is one fact: every one must be there at the position that was told,
// once, and in the order in which its session gave them.
func faults(acks []ack, events []meeting.Event) []string {
	var found []string
	newest := map[string]uint64{}
	for i, e := range events {
		if want := meeting.Seq(i + 1); e.Seq != want {
			found = append(found, fmt.Sprintf("event %d stands at %d", e.Seq, want))
		}
		if e.Cause.Session == "" {
			continue // of the node itself
		}
		switch id, want := e.Cause.ID, newest[e.Cause.Session]+1; {
		case id < want:
			found = append(found, fmt.Sprintf("event %d: command %d of %s again", e.Seq, id, e.Cause.Session))
		case id > want:
			found = append(found, fmt.Sprintf("event %d: command %d of %s where %d is next", e.Seq, id, e.Cause.Session, want))
		}
		newest[e.Cause.Session] = max(newest[e.Cause.Session], e.Cause.ID)
	}
	for _, a := range acks {
		if a.Seq < 1 || a.Seq > meeting.Seq(len(events)) || events[a.Seq-1].Cause != keptOf(a.Session, a.ID) {
			found = append(found, fmt.Sprintf("command %d of s%d was acknowledged at %d and is not there", a.ID, a.Session, a.Seq))
		}
	}
	return found
}

// keptOf is the cause of a command as the log has it: with what was commanded.
func keptOf(session int, id uint64) meeting.Cause {
	cause := causeOf(session, id)
	cause.Command = meeting.CommandDigest(controller(), commandOf(session, id))
	return cause
}

// The judge of the kills finds what the kills may do.
func TestFaultsAreFound(t *testing.T) {
	var acks []ack
	var events []meeting.Event
	for i := range 6 {
		a := ack{Session: i % 2, ID: uint64(i/2 + 1), Seq: meeting.Seq(i + 1)}
		acks = append(acks, a)
		events = append(events, meeting.Event{Seq: a.Seq, Cause: keptOf(a.Session, a.ID)})
	}
	for name, c := range map[string]struct {
		spoil func(acks []ack, events []meeting.Event) ([]ack, []meeting.Event)
		want  int
	}{
		"nothing":                 {func(a []ack, e []meeting.Event) ([]ack, []meeting.Event) { return a, e }, 0},
		"the newest fact lost":    {func(a []ack, e []meeting.Event) ([]ack, []meeting.Event) { return a, e[:5] }, 1},
		"a fact not acknowledged": {func(a []ack, e []meeting.Event) ([]ack, []meeting.Event) { return a[:5], e }, 0},
		"a fact twice": {func(a []ack, e []meeting.Event) ([]ack, []meeting.Event) {
			return a, append(e, meeting.Event{Seq: 7, Cause: keptOf(0, 3)})
		}, 1},
		"a hole": {func(a []ack, e []meeting.Event) ([]ack, []meeting.Event) {
			e[4].Seq = 6
			return a, e
		}, 1},
		"two facts of a session changed": {func(a []ack, e []meeting.Event) ([]ack, []meeting.Event) {
			e[2].Cause, e[4].Cause = e[4].Cause, e[2].Cause
			return a, e
		}, 4},
	} {
		a, e := c.spoil(slices.Clone(acks), slices.Clone(events))
		if found := faults(a, e); len(found) != c.want {
			t.Errorf("%s: found %q, want %d faults", name, found, c.want)
		}
	}
}
