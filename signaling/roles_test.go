package signaling

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// busy is a meeting in which every section has something to tell: p2 speaks
// with a limit, p3 waits with a note, p4 was lost and described, p5 is late.
type busy struct {
	t       *testing.T
	machine *meeting.Meeting
	now     time.Time
}

func newBusy(t *testing.T) *busy {
	t.Helper()
	y := &busy{t: t, machine: meeting.New(hallMeeting), now: time.UnixMilli(1_800_000_000_000).UTC()}
	c := create(5)
	c.StartsAt, c.LobbyMinutes = y.now.Add(2*time.Hour), 90
	for i := range c.Points {
		c.Points[i].Tier = "huyện"
	}
	node, desk := meeting.Actor{Role: meeting.RoleNode}, meeting.Actor{Role: meeting.RoleController, Name: "Kỹ thuật"}
	y.do(node, c)
	y.do(desk, meeting.OpenLobby{})
	for _, p := range []meeting.PointID{"p1", "p2", "p3", "p4"} {
		y.do(node, meeting.Connect{Point: p, Device: "tv"})
	}
	y.now = y.now.Add(40 * time.Minute) // the lobby would have opened by itself, ten minutes ago
	y.do(node, meeting.Connect{Point: "p5", Device: "tv"})
	y.do(desk, meeting.StartMeeting{})
	y.do(node, meeting.Lose{Point: "p4", Device: "tv", Why: meeting.LostMedia})
	y.now = y.now.Add(meeting.AbsenceWindow)
	y.expire()
	y.do(desk, meeting.DescribeIncident{Point: "p4", Cause: "Đứt cáp", Remedy: "Hàn nối", Minutes: 20})
	y.do(desk, meeting.SetProgramme{Entries: []meeting.Entry{{Point: "p2", Delegate: "Ông Sùng", Subject: "Ngân sách", Minutes: 5}, {Point: "p3"}}})
	y.do(desk, meeting.SetTimeLimit{Minutes: 3, AtZero: meeting.ZeroClose})
	y.do(meeting.Actor{Role: meeting.RoleChair, Point: "p1"}, meeting.InviteNext{})
	y.do(meeting.Actor{Role: meeting.RoleRoom, Point: "p3"}, meeting.RequestFloor{Floor: meeting.FloorSpeech, Delegate: "Bà Lý", Subject: "Đường sá"})
	y.do(desk, meeting.AnnotateRequest{Floor: meeting.FloorSpeech, Point: "p3", Note: "Ghi chú kín"})
	y.do(desk, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p5", Audience: meeting.AudienceControllers})
	y.do(desk, meeting.SetBanner{Audience: meeting.AudienceAll, Text: "Nghỉ giải lao"})
	y.do(desk, meeting.SetBanner{Audience: meeting.AudiencePoint("p3"), Text: "Riêng p3"})
	y.do(desk, meeting.SendMessage{To: []meeting.PointID{"p2"}, Text: "Chỉnh lại khung hình"})
	y.do(meeting.Actor{Role: meeting.RoleFocal, Point: "p3", Name: "Cán bộ p3"}, meeting.SendMessage{Text: "Mất điện"})
	y.do(desk, meeting.StartRollCall{Quick: true})
	y.do(desk, meeting.SetRotation{Points: []meeting.PointID{"p2", "p3"}, Seconds: 10})
	one := meeting.Layout{Kind: meeting.Layout1, Tiles: []meeting.Binding{{Kind: meeting.BindPoint, Point: "p3"}}}
	y.do(desk, meeting.SaveLayout{Name: "Một điểm", Layout: one})
	y.do(desk, meeting.SetLayout{Audience: meeting.AudienceAll, Layout: one})
	return y
}

func (y *busy) do(by meeting.Actor, c meeting.Command) {
	y.t.Helper()
	facts, err := y.machine.Decide(y.now, by, c)
	if err != nil || len(facts) == 0 {
		y.t.Fatalf("%s: %v, %v", meeting.CommandName(c), facts, err)
	}
	y.apply(by, facts)
}

func (y *busy) expire() { y.apply(meeting.Actor{Role: meeting.RoleNode}, y.machine.Expire(y.now)) }

func (y *busy) apply(by meeting.Actor, facts []meeting.Fact) {
	y.t.Helper()
	for _, f := range facts {
		if err := y.machine.Apply(meeting.Event{Seq: y.machine.Seq() + 1, At: y.now, By: by, Fact: f}); err != nil {
			y.t.Fatal(err)
		}
	}
}

// directory is a catalogue of one officer and one carrier.
type directory struct{}

func (directory) Card(p meeting.PointID) *wire.CardView {
	return &wire.CardView{Officers: []wire.ContactView{{Name: "Cán bộ " + string(p), Phone: "0912-" + string(p)}}, Circuit: "MW-" + string(p)}
}

func (directory) Under(system, top string) bool   { return system == top }
func (directory) OpensAlone(meeting.PointID) bool { return false }

func (directory) Support(meeting.ID) *wire.ContactView {
	return &wire.ContactView{Name: "Trực kỹ thuật", Phone: "0219-kt"}
}

// sight is what a role sees of the busy meeting.
func (y *busy) sight(token string) (wire.View, string) {
	y.t.Helper()
	who := tokens[token]
	s := &session{srv: &Server{cfg: Config{SystemName: "GBTT", Directory: directory{}}}, who: who, device: "tv"}
	if who.Role == meeting.RoleRoom {
		s.setSeat(seatTaken)
	}
	b := newBoard(&focus.Update{State: y.machine.Snapshot(), Plan: y.machine.Plan()}, directory{}.Card, "")
	frame := s.view(b).since(nil)
	var e wire.Envelope
	if err := json.Unmarshal(frame, &e); err != nil {
		y.t.Fatal(err)
	}
	var v wire.View
	if err := wire.Decode(e.D, &v); err != nil {
		y.t.Fatal(err)
	}
	return v, string(e.D)
}

func TestEachRoleHasItsSections(t *testing.T) {
	y := newBusy(t)
	want := map[string]string{
		"controller": "banners capacity control floor incidents layouts meeting messages picture programme rollcall roster rotation saved undo",
		"chair":      "banners floor meeting own picture programme rollcall roster",
		"room-p2":    "banners floor incidents meeting messages own picture roster",
		"focal-p2":   "floor incidents meeting messages own roster",
		"observer":   "banners floor meeting picture roster",
		"operator":   "floor incidents meeting rollcall roster",
		"carrier":    "incidents meeting",
	}
	for token, sections := range want {
		_, text := y.sight(token)
		var got map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Fields(sections), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", token, diff)
		}
	}
	for role := range entitled {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(want)), func(token string) bool { return tokens[token].Role == role }) {
			t.Errorf("nothing is said of %s", role)
		}
	}
}

// What is said in confidence reaches those it is for, and nobody else.
func TestNobodySeesMoreThanTheirs(t *testing.T) {
	y := newBusy(t)
	all := []string{"controller", "chair", "room-p2", "room-p3", "focal-p2", "observer", "operator", "carrier"}
	for what, may := range map[string]string{
		"Ghi chú kín":          "controller chair",
		"Đường sá":             "controller chair room-p3",
		"0912-p3":              "controller operator",
		"MW-p3":                "controller operator",
		"0219-kt":              "chair room-p2 room-p3 focal-p2",
		"Chỉnh lại khung hình": "controller room-p2 focal-p2",
		"Mất điện":             "controller room-p3",
		"Đứt cáp":              "controller operator carrier",
		"Riêng p3":             "controller room-p3",
		"Nghỉ giải lao":        "controller chair room-p2 room-p3 observer",
		`"check":true`:         "controller chair",
		"Một điểm":             "controller",
		"Điểm cầu 5":           "controller chair operator",
		"firstAtMs":            "controller operator",
		"Giao ban tuần":        strings.Join(all, " "),
	} {
		for _, token := range all {
			_, text := y.sight(token)
			if got, want := strings.Contains(text, what), slices.Contains(strings.Fields(may), token); got != want {
				t.Errorf("%s sees %q: %v, want %v", token, what, got, want)
			}
		}
	}
}

func TestTheConsoleReadsTheWholeMeeting(t *testing.T) {
	y := newBusy(t)
	v, _ := y.sight("controller")
	speaker, waiting, check := v.Floor.Requests[1], v.Floor.Requests[0], v.Floor.Requests[2]
	if speaker.Point != "p2" || speaker.EndsAtMs != y.now.Add(5*time.Minute).UnixMilli() || v.Floor.TurnMinutes != 3 || v.Floor.AtZero != meeting.ZeroClose {
		t.Errorf("the speaker's time: %+v of %+v", speaker, v.Floor)
	}
	if waiting.Point != "p3" || waiting.Note == "" || waiting.Delegate != "Bà Lý" || !check.Check || check.Point != "p5" {
		t.Errorf("queue %+v, check %+v", waiting, check)
	}
	if e := v.Programme.Entries; e[0].State != meeting.EntrySpeaking || e[0].Delegate != "Ông Sùng" || v.Programme.Next != e[1].ID {
		t.Errorf("programme %+v", v.Programme)
	}
	if row := v.Roster["p5"]; !row.Late || row.FirstAtMs == 0 || v.Roster["p2"].Late || row.Tier != "huyện" {
		t.Errorf("p5 %+v", row)
	}
	gone := v.Roster["p4"]
	if i := v.Incidents[0]; i.Point != "p4" || i.ID != gone.Incident || i.ClosedAtMs != 0 || i.ExpectedAtMs == 0 || gone.LeftAtMs == 0 {
		t.Errorf("incident %+v, row %+v", i, gone)
	}
	if r := v.RollCall; len(r.Marks) != 4 || r.Next != "p4" || r.FinishedAtMs != 0 {
		t.Errorf("roll call %+v", r)
	}
	if v.Rotation.Current != "p2" || len(v.Saved) != 1 || len(v.Undo) != 1 || v.Undo[0] != meeting.AudienceAll {
		t.Errorf("rotation %+v, saved %+v, undo %v", v.Rotation, v.Saved, v.Undo)
	}
	if c := v.Control; !c.Mine || c.Holder != "Kỹ thuật" || v.Meeting.Phase != meeting.PhaseOpen || v.Meeting.DueAtMs == 0 {
		t.Errorf("control %+v, meeting %+v", c, v.Meeting)
	}
	if len(v.Messages.List) != 2 || v.Messages.List[1].From != "p3" {
		t.Errorf("messages %+v", v.Messages)
	}
}

func TestARoomReadsItsTurn(t *testing.T) {
	y := newBusy(t)
	v, _ := y.sight("room-p2")
	if v.Own.EndsAtMs == 0 || !v.Own.Closes || v.Own.Mic != wire.MicInvited || v.Own.Support == nil {
		t.Errorf("own %+v", v.Own)
	}
	if v, _ := y.sight("room-p3"); v.Own.Turn != 1 || v.Own.Place != 1 || v.Own.Subject != "Đường sá" {
		t.Errorf("own %+v", v.Own)
	}
}
