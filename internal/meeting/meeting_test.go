package meeting

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// newMeeting makes a meeting of points p1, p2, …, of which the first are connected.
func newMeeting(tb testing.TB, points, connected int) *Meeting {
	tb.Helper()
	m := New("gb-1")
	carry(tb, m, Actor{Role: RoleController}, CreateMeeting{
		Title: "Giao ban", ChairPoint: "p1", Points: inTree(somePoints(points, "")), Home: "tw",
	})
	for i := range connected {
		id := pointName(i + 1)
		carry(tb, m, Actor{Role: RoleNode}, Connect{Point: id, Device: "device-" + string(id)})
	}
	return m
}

// carry decides a command that must be accepted, and applies its facts.
func carry(tb testing.TB, m *Meeting, by Actor, c Command) {
	tb.Helper()
	facts, err := m.Decide(dawn(), by, c)
	if err != nil {
		tb.Fatalf("%s: %v", c.command(), err)
	}
	for _, f := range facts {
		if err := m.Apply(Event{Seq: m.Seq() + 1, At: dawn(), By: by, Fact: f}); err != nil {
			tb.Fatal(err)
		}
	}
}

func TestApplyRefusesGaps(t *testing.T) {
	m := newMeeting(t, 2, 1)
	before := m.Snapshot()
	for _, seq := range []Seq{0, 1, m.Seq(), m.Seq() + 2, 1 << 60} {
		if err := m.Apply(Event{Seq: seq, At: dawn(), Fact: CameraSet{Point: "p1"}}); !errors.Is(err, ErrGap) {
			t.Errorf("seq %d after %d: %v, want ErrGap", seq, m.Seq(), err)
		}
	}
	if !equalSnapshots(before, m.Snapshot()) {
		t.Error("a gap changed the state")
	}
}

// Facts that cannot follow from the state are refused, whoever wrote the log.
func TestApplyRefusesIllegalFacts(t *testing.T) {
	m := newMeeting(t, 4, 3)
	carry(t, m, Actor{Role: RoleController}, GrantFloor{Floor: FloorSpeech, Point: "p2"})
	illegal := []Fact{
		nil,
		MeetingCreated{Title: "again", ChairPoint: "p1", Points: somePoints(1, "")},
		MeetingEnded{},
		PointConnected{Point: "p4"},
		PointConnected{Point: "p2", Device: "device-p2"},
		PointConnected{Point: "p4", Device: "d", Resumed: true},
		PointLost{Point: "p2", Device: "another", Why: LostMedia},
		PointFreed{Point: "p2"},
		TakeoverAsked{Point: "p4", Device: "d"},
		PointTakenOver{Point: "p2", Device: "d", From: "device-p2"},
		FloorRequested{Floor: FloorSpeech, Point: "p4"},
		FloorRequested{Floor: "dance", Point: "p3"},
		FloorGranted{Floor: FloorSpeech, Point: "p3", Voice: 2},
		FloorGranted{Floor: FloorSpeech, Point: "p2", Voice: 1},
		FloorDenied{Floor: FloorSpeech, Point: "p2"},
		FloorCancelled{Floor: FloorSpeech, Point: "p2"},
		FloorRevoked{Floor: FloorContent, Point: "p2"},
		FloorReleased{Floor: FloorSpeech, Point: "p9"},
		ModeSet{Mode: ModeChairOnly, Limit: 0},
		ModeSet{Mode: ModeDiscussion, Limit: 9},
		SwitchedOn{Point: "p3"},
		SwitchedOff{Point: "p2"},
		CameraSet{Point: "p9"},
		LayoutSet{Audience: "district", Layout: Layout{Kind: Layout1, Tiles: []Binding{{Kind: BindChair}}}},
		LayoutSet{Audience: AudienceAll, Layout: Layout{Kind: Layout1}},
		LayoutCleared{Audience: AudienceAll},
	}
	before := m.Snapshot()
	for _, f := range illegal {
		if err := m.Apply(Event{Seq: m.Seq() + 1, At: dawn(), Fact: f}); err == nil {
			t.Fatalf("%T %+v was folded", f, f)
		}
		if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
			t.Fatalf("%T changed the state: %s", f, diff)
		}
	}
}

// A grant that would need a second voice, place or audience is refused even
// from a log.
func TestApplyRefusesGrantsBeyondTheRules(t *testing.T) {
	m := newMeeting(t, 4, 4)
	carry(t, m, Actor{Role: RoleController}, GrantFloor{Floor: FloorSpeech, Point: "p2"})
	carry(t, m, Actor{Role: RoleRoom, Point: "p3"}, RequestFloor{Floor: FloorSpeech})
	for _, f := range []FloorGranted{
		{Floor: FloorSpeech, Point: "p3", Voice: 2},
		{Floor: FloorSpeech, Point: "p3", Voice: -1},
		{Floor: FloorSpeech, Point: "p3", Voice: Voices},
	} {
		if err := m.Apply(Event{Seq: m.Seq() + 1, At: dawn(), Fact: f}); err == nil {
			t.Errorf("%+v was folded beside another holder", f)
		}
	}
	carry(t, m, Actor{Role: RoleChair, Point: "p1"}, SetMode{Mode: ModeDiscussion, Limit: 2})
	for _, f := range []FloorGranted{
		{Floor: FloorSpeech, Point: "p3", Voice: 0},
		{Floor: FloorSpeech, Point: "p3", Voice: 1},
		{Floor: FloorSpeech, Point: "p3", Voice: 5},
		{Floor: FloorSpeech, Point: "p3", Voice: 2, Audience: "point:p1"},
	} {
		if err := m.Apply(Event{Seq: m.Seq() + 1, At: dawn(), Fact: f}); err == nil {
			t.Errorf("%+v was folded", f)
		}
	}
}

func TestCreateIsBounded(t *testing.T) {
	long := strings.Repeat("ầ", 201)
	for name, change := range map[string]func(*CreateMeeting){
		"no title":                 func(c *CreateMeeting) { c.Title = "" },
		"title of 201 runes":       func(c *CreateMeeting) { c.Title = long },
		"title of 10 MB":           func(c *CreateMeeting) { c.Title = strings.Repeat("x", 10<<20) },
		"title not UTF-8":          func(c *CreateMeeting) { c.Title = "a\xff" },
		"title of two lines":       func(c *CreateMeeting) { c.Title = "a\nb" },
		"title that turns text":    func(c *CreateMeeting) { c.Title = "a\u202eb" },
		"host unit of 201 runes":   func(c *CreateMeeting) { c.HostUnit = long },
		"system of 201 runes":      func(c *CreateMeeting) { c.System = long },
		"start in the year 10000":  func(c *CreateMeeting) { c.StartsAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"no points":                func(c *CreateMeeting) { c.Points = nil },
		"301 points":               func(c *CreateMeeting) { c.Points = somePoints(301, "") },
		"chair point not invited":  func(c *CreateMeeting) { c.ChairPoint = "p9" },
		"no chair point":           func(c *CreateMeeting) { c.ChairPoint = "" },
		"an id twice":              func(c *CreateMeeting) { c.Points[1].ID = "p1" },
		"a number twice":           func(c *CreateMeeting) { c.Points[1].Number = 1 },
		"number zero":              func(c *CreateMeeting) { c.Points[1].Number = 0 },
		"id with a slash":          func(c *CreateMeeting) { c.Points[1].ID = "p/2" },
		"id of 65 bytes":           func(c *CreateMeeting) { c.Points[1].ID = PointID(strings.Repeat("p", 65)) },
		"code with a space":        func(c *CreateMeeting) { c.Points[1].Code = "a b" },
		"a point without a name":   func(c *CreateMeeting) { c.Points[1].Name = "" },
		"parent name of 201 runes": func(c *CreateMeeting) { c.Points[1].Parent = long },
	} {
		c := CreateMeeting{Title: "Giao ban", ChairPoint: "p1", Points: somePoints(3, "")}
		change(&c)
		if _, err := New("gb-1").Decide(dawn(), Actor{Role: RoleController}, c); code(err) != CodeMeetingInvalid {
			t.Errorf("%s: %v, want %s", name, err, CodeMeetingInvalid)
		}
	}
	biggest := CreateMeeting{Title: strings.Repeat("ầ", 200), ChairPoint: "p1", Points: somePoints(300, "")}
	carry(t, New("gb-1"), Actor{Role: RoleController}, biggest)
}

// The roster of a decision does not share memory with the command.
func TestCreateCopiesTheRoster(t *testing.T) {
	points := somePoints(2, "")
	facts, err := New("gb-1").Decide(dawn(), Actor{Role: RoleNode}, CreateMeeting{Title: "A", ChairPoint: "p1", Points: points})
	if err != nil {
		t.Fatal(err)
	}
	points[1].ID = "p9"
	if got := facts[0].(MeetingCreated).Points[1].ID; got != "p2" {
		t.Errorf("point 2 became %q", got)
	}
}

func TestCommandsBeforeAndAfterCreation(t *testing.T) {
	controller := Actor{Role: RoleController}
	if _, err := New("gb-1").Decide(dawn(), controller, CloseAll{}); code(err) != CodeMeetingUnknown {
		t.Errorf("before creation: %v, want %s", err, CodeMeetingUnknown)
	}
	m := newMeeting(t, 2, 0)
	again := CreateMeeting{Title: "B", ChairPoint: "p1", Points: somePoints(2, "")}
	if _, err := m.Decide(dawn(), controller, again); code(err) != CodeMeetingExists {
		t.Errorf("created twice: %v, want %s", err, CodeMeetingExists)
	}
	if _, err := m.Decide(dawn(), controller, nil); code(err) != CodeValueInvalid {
		t.Errorf("no command: %v, want %s", err, CodeValueInvalid)
	}
}

// Snapshot and machine share nothing, in either direction.
func TestSnapshotSharesNothing(t *testing.T) {
	m := newMeeting(t, 3, 3)
	carry(t, m, Actor{Role: RoleController}, GrantFloor{Floor: FloorSpeech, Point: "p2"})
	want := inJSON(t, m.Snapshot())
	s := m.Snapshot()
	twin, err := Restore(s)
	if err != nil {
		t.Fatal(err)
	}
	s.Points[0].Presence, s.Requests[0].Voice = Absent, 5
	s.Layouts[AudienceAll].Tiles[0] = Binding{}
	delete(s.Layouts, AudienceAll)
	s.LayoutSeqs["x"] = 1
	for name, got := range map[string]*Meeting{"machine": m, "restored machine": twin} {
		if diff := cmp.Diff(want, inJSON(t, got.Snapshot())); diff != "" {
			t.Errorf("%s changed with the snapshot: %s", name, diff)
		}
	}
}

// inJSON is a copy that shares nothing for certain.
func inJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A snapshot that no log leads to is refused, so that a damaged cache falls
// back to the log.
func TestRestoreRefusesWhatDoesNotHoldTogether(t *testing.T) {
	m := newMeeting(t, 3, 3)
	carry(t, m, Actor{Role: RoleController}, GrantFloor{Floor: FloorSpeech, Point: "p2"})
	carry(t, m, Actor{Role: RoleRoom, Point: "p2"}, SwitchOn{})
	carry(t, m, Actor{Role: RoleRoom, Point: "p3"}, RequestFloor{Floor: FloorSpeech})
	for name, damage := range map[string]func(*Snapshot){
		"a version to come":        func(s *Snapshot) { s.Version++ },
		"no version":               func(s *Snapshot) { s.Version = 0 },
		"no chair point":           func(s *Snapshot) { s.ChairPoint = "" },
		"a point twice":            func(s *Snapshot) { s.Points[1].ID = "p1" },
		"unknown presence":         func(s *Snapshot) { s.Points[0].Presence = "here" },
		"present without a device": func(s *Snapshot) { s.Points[0].Device = "" },
		"on without a grant":       func(s *Snapshot) { s.Points[0].SwitchedOn, s.Points[0].OpenSince = true, 1 },
		"on while lost":            func(s *Snapshot) { s.Points[1].Presence, s.Points[1].HereSince = Lost, 0 },
		"absent and asking":        func(s *Snapshot) { s.Points[2].Presence, s.Points[2].HereSince, s.Points[2].Device = Absent, 0, "" },
		"lost with its fact":       func(s *Snapshot) { s.Points[0].Presence = Lost },
		"unknown mode":             func(s *Snapshot) { s.Mode = "free" },
		"more holders than limit":  func(s *Snapshot) { s.Mode, s.Limit = ModeChairOnly, 0 },
		"a request twice":          func(s *Snapshot) { s.Requests = slices.Insert(s.Requests, 0, s.Requests[0]) },
		"granted before waiting":   func(s *Snapshot) { slices.Reverse(s.Requests) },
		"grant without a voice":    func(s *Snapshot) { s.Voices[1] = VoiceState{} },
		"voice without a grant":    func(s *Snapshot) { s.Voices[3].Source = SourceKey{"p1", Microphone} },
		"ended with a queue":       func(s *Snapshot) { s.EndedAt = dawn() },
		"no layout for everyone":   func(s *Snapshot) { s.Layouts = nil },
		"layout without its fact":  func(s *Snapshot) { delete(s.LayoutSeqs, AudienceAll) },
		"layout of no audience": func(s *Snapshot) {
			s.Layouts["x"], s.LayoutSeqs["x"] = s.Layouts[AudienceAll], 1
		},
		"points before the first fact": func(s *Snapshot) { s.Seq = 0 },
	} {
		s := m.Snapshot()
		damage(&s)
		if _, err := Restore(s); err == nil {
			t.Errorf("%s: restored", name)
		}
	}
}

// The snapshot survives JSON.
func TestSnapshotJSON(t *testing.T) {
	m := newMeeting(t, 3, 3)
	carry(t, m, Actor{Role: RoleController}, GrantFloor{Floor: FloorSpeech, Point: "p2"})
	b, err := json.Marshal(m.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	var s Snapshot
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m.Snapshot(), s); diff != "" {
		t.Error(diff)
	}
	if _, err := Restore(New("empty").Snapshot()); err != nil {
		t.Errorf("the state before the first fact: %v", err)
	}
}

func TestDeadlineIsTheEarliestEndOfAWindow(t *testing.T) {
	m := newMeeting(t, 3, 3)
	if !m.Deadline().IsZero() {
		t.Errorf("deadline %v with everyone present", m.Deadline())
	}
	for i, id := range []PointID{"p3", "p2"} {
		e := Event{
			Seq: m.Seq() + 1, At: dawn().Add(time.Duration(i) * time.Second),
			Fact: PointLost{Point: id, Device: "device-" + string(id), Why: LostMedia},
		}
		if err := m.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	want := dawn().Add(AbsenceWindow)
	if !m.Deadline().Equal(want) {
		t.Errorf("deadline %v, want %v", m.Deadline(), want)
	}
	if facts := m.Expire(want.Add(-1)); facts != nil {
		t.Errorf("before the deadline: %v", facts)
	}
	if facts := m.Expire(want); len(facts) != 1 || facts[0] != (PointFreed{Point: "p3"}) {
		t.Errorf("at the deadline: %v", facts)
	}
}

// Equal views share one pointer, and a meeting of 300 points with one layout
// draws one view.
func TestPlanSharesEqualViews(t *testing.T) {
	m := newMeeting(t, 5, 5)
	for _, a := range []Audience{"chair", "point:p2", "point:p3"} {
		carry(t, m, Actor{Role: RoleController}, SetLayout{Audience: a, Layout: Layout{Kind: Layout1, Tiles: []Binding{{Kind: BindPoint, Point: "p4"}}}})
	}
	p := m.Plan()
	if p.View("p1") != p.View("p2") || p.View("p2") != p.View("p3") {
		t.Error("three equal views have pointers of their own")
	}
	if p.View("p5") != p.Views[AudienceAll] || p.View("") != p.Views[AudienceAll] || p.View("p2") == p.View("p5") {
		t.Error("a point without a layout of its own is not shown everyone's")
	}
}
