package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/giaoban/giaoban/internal/meeting"
)

// tape is a meeting played command by command, and its log.
type tape struct {
	t       *testing.T
	machine *meeting.Meeting
	now     time.Time
	events  []meeting.Event
}

var (
	server = meeting.Actor{Role: meeting.RoleNode}
	desk   = meeting.Actor{Role: meeting.RoleController, Name: "Kỹ thuật"}
	chair  = meeting.Actor{Role: meeting.RoleChair, Point: "p1", Name: "Chủ trì"}
)

func room(p meeting.PointID) meeting.Actor { return meeting.Actor{Role: meeting.RoleRoom, Point: p} }

func newTape(t *testing.T, id meeting.ID) *tape {
	t.Helper()
	p := &tape{t: t, machine: meeting.New(id), now: time.Date(2026, 11, 23, 0, 30, 0, 0, time.UTC)}
	c := meeting.CreateMeeting{
		Title: "Giao ban tháng 11", HostUnit: "UBND tỉnh", ChairPoint: "p1",
		StartsAt: p.now.Add(90 * time.Minute), LobbyMinutes: 90,
	}
	for i := 1; i <= 5; i++ {
		c.Points = append(c.Points, meeting.Point{ID: meeting.PointID(fmt.Sprint("p", i)), Number: i, Name: fmt.Sprint("Điểm cầu ", i)})
	}
	p.do(server, c)
	p.wait(0) // the lobby opens
	return p
}

func (p *tape) do(by meeting.Actor, c meeting.Command) {
	p.t.Helper()
	facts, err := p.machine.Decide(p.now, by, c)
	if err != nil || len(facts) == 0 {
		p.t.Fatalf("%s at %s: %v, %v", meeting.CommandName(c), p.now.Format(time.TimeOnly), facts, err)
	}
	p.apply(by, facts)
}

func (p *tape) wait(d time.Duration) {
	p.t.Helper()
	p.now = p.now.Add(d)
	p.apply(server, p.machine.Expire(p.now))
}

func (p *tape) apply(by meeting.Actor, facts []meeting.Fact) {
	p.t.Helper()
	for _, f := range facts {
		e := meeting.Event{Seq: p.machine.Seq() + 1, At: p.now, By: by, Fact: f}
		if err := p.machine.Apply(e); err != nil {
			p.t.Fatal(err)
		}
		p.events = append(p.events, e)
	}
}

func (p *tape) log() Log {
	return Log{ID: p.machine.Snapshot().ID, Events: func(yield func(meeting.Event, error) bool) {
		for _, e := range p.events {
			if !yield(e, nil) {
				return
			}
		}
	}}
}

// briefing is a whole meeting: p5 never comes, p4 comes late, p3 is lost for
// good once and comes back, p2 blips, three turns are spoken.
func briefing(t *testing.T) *tape {
	t.Helper()
	p := newTape(t, "gb-1")
	for _, id := range []meeting.PointID{"p1", "p2", "p3"} {
		p.do(server, meeting.Connect{Point: id, Device: "tv"})
	}
	p.wait(20 * time.Minute)
	p.do(server, meeting.Connect{Point: "p4", Device: "tv"}) // 20 minutes after the lobby opened
	p.wait(70 * time.Minute)
	p.do(desk, meeting.StartMeeting{})
	p.do(desk, meeting.StartRollCall{Quick: true})
	p.do(desk, meeting.MarkPoint{Point: "p5", State: meeting.MarkAbsent, Remark: "Mất điện"})
	p.do(desk, meeting.FinishRollCall{})
	p.do(desk, meeting.SetProgramme{Entries: []meeting.Entry{{Point: "p2", Delegate: "Ông Sùng", Subject: "Ngân sách", Minutes: 5}}})
	p.do(chair, meeting.InviteNext{})
	p.wait(10 * time.Second)
	p.do(room("p2"), meeting.SwitchOn{})
	p.wait(2 * time.Minute)
	p.do(server, meeting.Lose{Point: "p2", Device: "tv", Why: meeting.LostSocket}) // a blip of 20 s
	p.wait(20 * time.Second)
	p.do(server, meeting.Connect{Point: "p2", Device: "tv"})
	p.do(room("p2"), meeting.SwitchOn{})
	p.wait(time.Minute)
	p.do(room("p2"), meeting.ReleaseFloor{Floor: meeting.FloorSpeech})
	p.do(room("p3"), meeting.RequestFloor{Floor: meeting.FloorSpeech, Delegate: "Bà Lý", Subject: "Đường sá"})
	p.do(desk, meeting.GiveFloor{Point: "p3"})
	p.do(room("p3"), meeting.SwitchOn{})
	p.wait(90 * time.Second)
	p.do(server, meeting.Lose{Point: "p3", Device: "tv", Why: meeting.LostMedia})
	p.wait(meeting.AbsenceWindow)
	p.do(desk, meeting.DescribeIncident{Point: "p3", Cause: "Đứt cáp", Remedy: "Hàn nối", Minutes: 5})
	p.wait(4 * time.Minute)
	p.do(server, meeting.Connect{Point: "p3", Device: "tv"})
	p.wait(10 * time.Minute)
	p.do(room("p4"), meeting.LeavePoint{Force: true})
	p.do(chair, meeting.BeginClosing{})
	p.do(room("p2"), meeting.FinishPoint{})
	p.wait(5 * time.Minute)
	p.do(chair, meeting.EndMeeting{})
	return p
}

func TestMinutesOfABriefing(t *testing.T) {
	p := briefing(t)
	m, err := Fold(p.log())
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	type row struct {
		Came, Left     string
		Present        time.Duration
		Joins, Losses  int
		Late, Forced   bool
		Stays          int
		FinishedChecks bool
	}
	var got []row
	for _, a := range m.Attendance {
		got = append(got, row{
			hour(a.FirstAt), hour(a.LastAt), a.Present, a.Joins, a.Losses, a.Late, a.LeftEarly, len(a.Stays), !a.Finished.IsZero(),
		})
	}
	end := 25 * time.Minute // from the opening
	want := []row{
		{"00:30:00", "02:25:00", 90*time.Minute + end, 1, 0, false, false, 1, false},
		{"00:30:00", "02:25:00", 90*time.Minute + end - 20*time.Second, 1, 1, false, false, 2, true},
		{"00:30:00", "02:25:00", 90*time.Minute + end - 5*time.Minute, 2, 1, false, false, 2, false},
		{"00:50:00", "02:20:00", 90 * time.Minute, 1, 0, true, true, 1, false},
		{"", "", 0, 0, 0, true, false, 0, false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attendance (-want +got)\n%s", diff)
	}
	speeches := []Speech{
		{
			Point: "p2", Name: "Điểm cầu 2", Delegate: "Ông Sùng", Subject: "Ngân sách", Minutes: 5, Why: meeting.WhyOwn,
			InvitedAt: start, OpenedAt: start.Add(10 * time.Second), EndedAt: start.Add(210 * time.Second), Spoke: 3 * time.Minute,
		},
		{
			Point: "p3", Name: "Điểm cầu 3", Delegate: "Bà Lý", Subject: "Đường sá", ByDirection: true, Why: meeting.WhyLost,
			InvitedAt: start.Add(210 * time.Second), OpenedAt: start.Add(210 * time.Second), EndedAt: start.Add(6 * time.Minute), Spoke: 90 * time.Second,
		},
	}
	if diff := cmp.Diff(speeches, m.Speeches); diff != "" {
		t.Errorf("speeches (-want +got)\n%s", diff)
	}
	if r := m.RollCalls; len(r) != 1 || r[0].Present != 4 || r[0].Absent != 1 || r[0].Unmarked != 0 || r[0].FinishedAt.IsZero() {
		t.Errorf("roll calls %+v", r)
	}
	if i := m.Incidents; len(i) != 1 || i[0].ClosedAt.Sub(i[0].OpenedAt) != 5*time.Minute || i[0].Cause != "Đứt cáp" {
		t.Errorf("incidents %+v", i)
	}
	if i := slices.IndexFunc(m.Acts, func(a Act) bool { return a.Fact == "point.left" && a.Point == "p4" }); i < 0 {
		t.Errorf("who left without release is not among the acts: %+v", m.Acts)
	}
}

// A time in which the log could not be written is an act of its own, and nobody
// spoke in it, whatever the grants say.
func TestOutage_IsMinutedAndNobodySpokeInIt(t *testing.T) {
	p := newTape(t, "gb-3")
	p.do(server, meeting.Connect{Point: "p2", Device: "tv"})
	p.do(desk, meeting.StartMeeting{})
	p.do(desk, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p2"})
	p.do(meeting.Actor{Role: meeting.RoleRoom, Point: "p2"}, meeting.SwitchOn{})
	since := p.now.Add(10 * time.Second)
	p.now = p.now.Add(70 * time.Second)
	p.apply(server, p.machine.Restored(since, meeting.OutageJournal))
	p.do(desk, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: "p2"})
	m, err := Fold(p.log())
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Speeches) != 1 || m.Speeches[0].Spoke != 10*time.Second {
		t.Errorf("speeches %+v, want one of 10 s", m.Speeches)
	}
	i := slices.IndexFunc(m.Acts, func(a Act) bool { return a.Fact == "journal.restored" })
	if i < 0 || m.Acts[i].Text != "1m0s" {
		t.Errorf("acts %+v, want the outage of a minute", m.Acts)
	}
	var text bytes.Buffer
	if err := m.Tables(Format{})[4].WriteCSV(&text, Format{}); err != nil || !strings.Contains(text.String(), "Ghi lại được nhật ký") {
		t.Errorf("csv %v:\n%s", err, text.String())
	}
}

func hour(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.TimeOnly)
}

// What the fold counts is what the state says, where both know it.
func TestMinutesAgreeWithTheState(t *testing.T) {
	p := briefing(t)
	m, err := Fold(p.log())
	if err != nil {
		t.Fatal(err)
	}
	s := p.machine.Snapshot()
	for i, state := range s.Points {
		if a := m.Attendance[i]; a.Joins != state.Joins || !a.FirstAt.Equal(state.FirstAt) || a.LeftEarly != state.LeftEarly {
			t.Errorf("%s: minutes %+v, state %+v", state.ID, a, state)
		}
	}
	for i, in := range s.Incidents {
		if diff := cmp.Diff(in, m.Incidents[i].Incident); diff != "" {
			t.Errorf("incident (-state +minutes)\n%s", diff)
		}
	}
}

// An island's log adds to the meeting's: a point that was in both was present
// in either, once.
func TestTheLogOfAnIslandIsReadWithTheMeetings(t *testing.T) {
	p := briefing(t)
	island := newTape(t, "gb-1~huyen~1")
	island.wait(92 * time.Minute) // p3's loss, and on beyond its return
	island.do(server, meeting.Connect{Point: "p3", Device: "tv"})
	island.do(desk, meeting.StartMeeting{})
	island.do(desk, meeting.GiveFloor{Point: "p3"})
	island.do(room("p3"), meeting.SwitchOn{})
	island.wait(10 * time.Minute)
	island.do(desk, meeting.EndMeeting{})
	m, err := Fold(p.log(), island.log())
	if err != nil {
		t.Fatal(err)
	}
	if a := m.Attendance[2]; len(a.Stays) != 1 || a.Present != 115*time.Minute || a.Joins != 3 {
		t.Errorf("p3 %+v", a)
	}
	if len(m.Logs) != 2 || len(m.Speeches) != 3 {
		t.Errorf("logs %v, %d speeches", m.Logs, len(m.Speeches))
	}
}

func TestAnEmptyOrBrokenLogIsAnError(t *testing.T) {
	if _, err := Fold(); err == nil {
		t.Error("no logs")
	}
	empty := Log{ID: "x", Events: func(func(meeting.Event, error) bool) {}}
	if _, err := Fold(empty); err == nil {
		t.Error("an empty log")
	}
	p := briefing(t)
	var torn iter.Seq2[meeting.Event, error] = func(yield func(meeting.Event, error) bool) {
		_ = yield(p.events[0], nil) && yield(p.events[2], nil)
	}
	if _, err := Fold(Log{ID: "gb-1", Events: torn}); err == nil {
		t.Error("a log with a gap")
	}
}

func TestWhatIsWritten(t *testing.T) {
	m, err := Fold(briefing(t).log())
	if err != nil {
		t.Fatal(err)
	}
	f := Format{Language: Vietnamese, Zone: time.FixedZone("ICT", 7*3600)}
	var text, book, page bytes.Buffer
	if err := m.Tables(f)[0].WriteCSV(&text, f); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text.String(), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 6 || rows[2][3] != "23/11/2026 07:30:00" || rows[2][5] != "1:54:40" {
		t.Errorf("csv %v, %v", rows, err)
	}
	if err := m.WriteXLSX(&book, f); err != nil {
		t.Fatal(err)
	}
	read, err := excelize.OpenReader(&book)
	if err != nil {
		t.Fatal(err)
	}
	if got := read.GetSheetList(); len(got) != 5 || got[0] != "Điểm cầu tham dự" {
		t.Errorf("sheets %v", got)
	}
	for cell, want := range map[string]string{"B3": "Điểm cầu 2", "D3": "23/11/2026 07:30:00", "F3": "1:54:40"} {
		if got, err := read.GetCellValue("Điểm cầu tham dự", cell); got != want || err != nil {
			t.Errorf("%s is %q, %v, want %q", cell, got, err, want)
		}
	}
	if err := m.WriteHTML(&page, f); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Biên bản cuộc họp", "4/5", "Ông Sùng", "Theo chỉ đạo của Chủ trì", "@page"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// Every fact the chair's side can bring about, and every end of a turn, has
// words in both languages.
func TestEveryActHasWords(t *testing.T) {
	m, err := Fold(briefing(t).log())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range m.Acts {
		if _, ok := acts[a.Fact]; !ok {
			t.Errorf("%s has no words", a.Fact)
		}
	}
	for name := range acts {
		if !slices.Contains(meeting.FactNames(), name) {
			t.Errorf("%s is no fact", name)
		}
	}
}

// What people wrote is text, in a spreadsheet and on a page.
func TestTextIsNeverTakenForAFormulaOrMarkup(t *testing.T) {
	p := newTape(t, "gb-2")
	p.do(server, meeting.Connect{Point: "p1", Device: "tv"})
	p.do(desk, meeting.SetBanner{Audience: meeting.AudienceAll, Text: `=HYPERLINK("x")<script>`})
	m, err := Fold(p.log())
	if err != nil {
		t.Fatal(err)
	}
	var text, page bytes.Buffer
	if err := m.Tables(Format{})[4].WriteCSV(&text, Format{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), `'=HYPERLINK`) {
		t.Errorf("csv %s", text.String())
	}
	if err := m.WriteHTML(&page, Format{}); err != nil || strings.Contains(page.String(), "<script>") {
		t.Errorf("page %v", err)
	}
}
