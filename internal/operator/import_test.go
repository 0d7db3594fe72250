package operator

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/storetest"
	"github.com/giaoban/giaoban/internal/wire"
)

// exported is the file of a meeting that goes on, of points p1 and p2.
func exported(t *testing.T, id meeting.ID) []byte {
	t.Helper()
	s := begin(t)
	if err := s.docs.Append(t.Context(), id, 1, storetest.Played(t, id, 3)); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := store.Export(t.Context(), &file, s.docs, id); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// An import calls nobody, now or at the next start; it goes on by an act of its
// own, and not while a point of it is called elsewhere.
func TestAnImportIsAClosedMeeting(t *testing.T) {
	s := begin(t)
	v, file := s.operator(), exported(t, "last-week")
	if row := as[wire.MeetingRow](t, v.do("POST", "meetings/import", file)); !row.Imported || row.Phase == meeting.PhaseEnded {
		t.Errorf("imported as %+v", row)
	}
	if s.meetings.Called("p2") != nil || len(s.meetings.Live()) != 0 {
		t.Error("the import calls its points")
	}
	if open, err := store.Open(t.Context(), s.docs, s.docs); len(open) != 0 || err != nil {
		t.Errorf("the next start opens %v, %v", open, err)
	}
	other, err := s.meetings.Create(t.Context(), "today", meeting.Actor{Role: meeting.RoleOperator}, meeting.CreateMeeting{
		Title: "Giao ban", HostUnit: "UBND", System: "s", ChairPoint: "p2", StartsAt: time.Now(), Points: []meeting.Point{{ID: "p2", Number: 1, Name: "Xín Mần"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	resume := func() reply { return v.do("POST", "meetings/last-week/acts", wire.MeetingAct{Act: "resume"}) }
	if r := resume(); r.code != wire.CodePointsCalled || s.meetings.Get("last-week") != nil {
		t.Errorf("resumed while its point is called elsewhere: %d %s", r.status, r.body)
	}
	if _, err := other.Submit(t.Context(), meeting.Actor{Role: meeting.RoleOperator}, meeting.Cause{}, meeting.EndMeeting{}); err != nil {
		t.Fatal(err)
	}
	if row := as[wire.MeetingRow](t, resume()); row.ID != "last-week" || row.Imported {
		t.Errorf("resumed as %+v", row)
	}
	if f := s.meetings.Called("p2"); f == nil || f.ID() != "last-week" {
		t.Error("a resumed meeting does not call its point")
	}
	if r := resume(); r.code != meeting.CodeMeetingUnknown {
		t.Errorf("resumed twice: %d %s", r.status, r.code)
	}
	if r := v.do("POST", "meetings/nobody/acts", wire.MeetingAct{Act: "resume"}); r.code != meeting.CodeMeetingUnknown {
		t.Errorf("resumed what is not there: %d %s", r.status, r.code)
	}
}

// An id that could be another thing in a header, a path or a file's name is
// not taken in.
func TestAnImportedIDIsAnID(t *testing.T) {
	s := begin(t)
	v := s.operator()
	file := exported(t, "m")
	for _, id := range []string{`a\"b`, `a\r\nb`, `a\u0000b`, "../x", "a/b", "a b", ".x", `a\\b`, "a;b", "a%2fb", "a?b", "a#b", "a\u202eb", "a\u200bb", "", strings.Repeat("x", 201)} {
		text := bytes.Replace(file, []byte(`"meeting":"m"`), []byte(`"meeting":"`+id+`"`), 1)
		if r := v.do("POST", "meetings/import", text); r.code != wire.CodeFileInvalid {
			t.Errorf("%q: %d %s", id, r.status, r.body)
		}
	}
	for _, id := range []string{"ha-giang-tinh-20261126-0730", "ha-giang-1~024~1", "họp_giao.ban"} {
		if err := store.CheckMeeting(meeting.ID(id)); err != nil {
			t.Error(err)
		}
	}
	if ids, err := s.docs.Meetings(t.Context()); len(ids) != 0 || err != nil {
		t.Errorf("taken in: %v, %v", ids, err)
	}
}

// A meeting whose log cannot be read is listed as damaged, beside the others;
// one that has ended is folded once, and not again after a restart.
func TestTheScheduleStandsBesideDamage(t *testing.T) {
	s := begin(t)
	for _, id := range []meeting.ID{"good", "over"} {
		events := storetest.Played(t, id, 2)
		if id == "over" {
			end := events[len(events)-1]
			end.Seq, end.Fact = end.Seq+1, meeting.MeetingEnded{}
			events = append(events, end)
		}
		if err := s.docs.Append(t.Context(), id, 1, events); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.docs.Append(t.Context(), "bad", 1, storetest.Events(1, 2)); err != nil { // does not fold
		t.Fatal(err)
	}
	v := s.operator()
	rows := as[[]wire.MeetingRow](t, v.do("GET", "schedule", nil))
	if len(rows) != 3 || !rows[slices.IndexFunc(rows, func(r wire.MeetingRow) bool { return r.ID == "bad" })].Damaged {
		t.Errorf("%+v", rows)
	}
	if _, rev, err := s.docs.Get(t.Context(), rowPrefix+"over"); rev == 0 || err != nil {
		t.Errorf("the row of an ended meeting is not kept: %v", err)
	}
	if _, rev, _ := s.docs.Get(t.Context(), rowPrefix+"good"); rev != 0 {
		t.Error("the row of a meeting that goes on is kept")
	}
	if _, err := s.meetings.Open(t.Context(), "bad"); !errors.Is(err, focus.ErrBroken) {
		t.Error("a damaged meeting is open")
	}
}
