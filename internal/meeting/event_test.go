package meeting

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// someFacts is one of each fact, with every field set.
func someFacts() []Fact {
	points := goldenPoints()
	points[0].Tier, points[1].System, points[1].Node, points[1].Feed = "tỉnh", "22 điểm cầu", "tw/02", true
	tiles := []Binding{{Kind: BindContent}, {Kind: BindPoint, Point: "p2"}}
	return []Fact{
		MeetingCreated{
			Title: "Giao ban tháng 11", HostUnit: "UBND tỉnh", System: "UBND tỉnh", ChairPoint: "p1",
			StartsAt: dawn(), Points: points, LobbyMinutes: 90, ReadmitByClick: true, Home: "tw",
		},
		MeetingEnded{Why: WhyRejoined},
		PointConnected{Point: "p2", Device: "tv", Media: "MS7", Simulated: true, Resumed: true},
		PointLost{Point: "p2", Device: "tv", Why: LostSocket},
		PointFreed{Point: "p2"},
		TakeoverAsked{Point: "p2", Device: "laptop"},
		PointTakenOver{Point: "p2", Device: "laptop", From: "tv", Why: WhyConfirmed},
		FloorRequested{Floor: FloorSpeech, Point: "p2", Delegate: "Nguyễn Văn B", Subject: "Tiến độ chi ngân sách"},
		FloorCancelled{Floor: FloorSpeech, Point: "p2", Why: WhyOwn},
		FloorDenied{Floor: FloorContent, Point: "p2"},
		FloorGranted{Floor: FloorContent, Point: "p2", Audience: AudienceAll, Voice: 1, Minutes: 5, Silent: true},
		FloorRevoked{Floor: FloorSpeech, Point: "p2", Why: WhyCut},
		FloorReleased{Floor: FloorSpeech, Point: "p2"},
		FloorAnnotated{Floor: FloorSpeech, Point: "p2", Note: "Ý kiến gấp"},
		FloorMoved{Floor: FloorSpeech, Point: "p2", Place: 2},
		FloorAccepted{Floor: FloorSpeech, Point: "p2"},
		FloorDeferred{Floor: FloorSpeech, Point: "p2"},
		ContentLocked{On: true},
		ContentSoundSet{Point: "p2", On: true, Media: "MS7"},
		ControlTaken{},
		LobbyOpened{},
		MeetingStarted{},
		ClosingBegun{},
		ChairMoved{Point: "p2"},
		MeetingRehomed{System: "UBND tỉnh"},
		MeetingLocked{On: true},
		MeetingReleased{},
		PointKnocked{Point: "p2", Device: "tv"},
		PointReadmitted{Point: "p2"},
		PointReleased{Point: "p2"},
		PointLeft{Point: "p2", Released: true},
		PointSummoned{Point: "p2"},
		PointFinished{Point: "p2"},
		PointChecked{Point: "p2", Check: Check{Camera: VerdictGood, Line: VerdictWeak, Power: VerdictGood, UpKbps: 900, DownKbps: 1800, DelayMs: 41, Signed: "Sùng Mí Lử"}},
		LayoutSaved{Name: "Họp giao ban", Layout: Layout{Kind: LayoutContent1, Tiles: tiles}},
		SavedDeleted{Name: "Họp giao ban"},
		RotationSet{Points: []PointID{"p1", "p2"}, Seconds: 10},
		RotationPaused{On: true},
		RotationStepped{Point: "p2"},
		BannerSet{Audience: "tier:tỉnh", Text: "Nghỉ giải lao 10 phút", Until: dawn()},
		BannerCleared{Audience: AudienceAll},
		FeedOpened{Point: "p2", Who: "Bí thư Tỉnh ủy", Document: "123-CV/VPTU"}, FeedClosed{Point: "p2"},
		RollCallStarted{Present: []PointID{"p1", "p2"}},
		PointCalled{Point: "p2"},
		PointMarked{Point: "p2", State: MarkLate, Remark: "Mất điện"},
		RollCallPaused{On: true},
		RollCallFinished{},
		IncidentDescribed{Incident: 7, Cause: "Đứt cáp quang", Remedy: "VNPT đang hàn nối", ExpectedAt: dawn()},
		MessageSent{From: "p2", Text: "Đã kiểm tra xong"},
		MessagesRead{Point: "p2", UpTo: 12},
		TimeLimitSet{Minutes: 5, AtZero: ZeroClose},
		FloorExtended{Point: "p2", EndsAt: dawn()},
		ProgrammeSet{Entries: []Entry{{ID: 1, Point: "p2", Delegate: "Nguyễn Văn B", Subject: "Tiến độ chi ngân sách", Minutes: 7}}},
		EntryMarked{Entry: 1, State: EntrySkipped},
		ModeSet{Mode: ModeDiscussion, Limit: 3},
		SwitchedOn{Point: "p2", Media: "MS7"},
		SwitchedOff{Point: "p2"},
		CameraSet{Point: "p2", On: true},
		LayoutSet{Audience: AudienceChair, Layout: Layout{Kind: LayoutContent1, Tiles: tiles}},
		LayoutCleared{Audience: "point:p2"},
		LinkLost{Node: "tw/02"},
		LinkRestored{Node: "tw/02"}, JournalRestored{Since: dawn(), Why: OutageJournal},
		RelayOrdered{Node: "tw/02", Who: "Chủ tịch UBND tỉnh", Document: "15/LĐ-UBND ngày 20/11/2026"},
		Forked{
			From: "gb-1", Seq: 417, Node: "tw/02", Title: "Giao ban tháng 11", HostUnit: "UBND tỉnh", System: "UBND tỉnh",
			Chair: "p2", StartsAt: dawn(), Points: points[1:],
		},
		IslandReported{Island: Island{
			ID: "gb-1~02~1", Node: "tw/02", From: dawn(), To: dawn().Add(time.Hour), Facts: 12, Digest: strings.Repeat("5a", 32),
		}},
	}
}

// goldenPoints are the points of the first form's golden file.
func goldenPoints() []Point {
	points := somePoints(2, "p2")
	for i := range points {
		points[i].Tier, points[i].System = "", ""
	}
	points[0].Code, points[1].Parent = "00688", "UBND huyện Xín Mần"
	return points
}

// oldForms is what an old form without the newest fields reads as.
func oldForms() map[string]Fact {
	points, placed, tree := goldenPoints(), goldenPoints(), goldenPoints()
	placed[0].Tier, placed[1].System = "tỉnh", "22 điểm cầu"
	tree[0].Tier, tree[1].System, tree[1].Node = "tỉnh", "22 điểm cầu", "tw/02"
	return map[string]Fact{
		"meeting.created.v1": MeetingCreated{
			Title: "Giao ban tháng 11", HostUnit: "UBND tỉnh", System: "UBND tỉnh", ChairPoint: "p1",
			StartsAt: dawn(), Points: points,
		},
		"meeting.created.v2": MeetingCreated{
			Title: "Giao ban tháng 11", HostUnit: "UBND tỉnh", System: "UBND tỉnh", ChairPoint: "p1",
			StartsAt: dawn(), Points: placed, LobbyMinutes: 90, ReadmitByClick: true,
		},
		"meeting.created.v3": MeetingCreated{
			Title: "Giao ban tháng 11", HostUnit: "UBND tỉnh", System: "UBND tỉnh", ChairPoint: "p1",
			StartsAt: dawn(), Points: tree, LobbyMinutes: 90, ReadmitByClick: true, Home: "tw",
		},
		"meeting.forked.v1": Forked{
			From: "gb-1", Seq: 417, Node: "tw/02", Title: "Giao ban tháng 11", HostUnit: "UBND tỉnh", System: "UBND tỉnh",
			Chair: "p2", StartsAt: dawn(), Points: tree[1:],
		},
		"point.connected.v1":  PointConnected{Point: "p2", Device: "tv", Simulated: true, Resumed: true},
		"mic.switchedOn.v1":   SwitchedOn{Point: "p2"},
		"content.soundSet.v1": ContentSoundSet{Point: "p2", On: true},
		"floor.granted.v2":    FloorGranted{Floor: FloorSpeech, Point: "p2", Audience: AudienceAll, Voice: 1, Minutes: 5},
		"meeting.ended.v1":    MeetingEnded{},
		"floor.granted.v1":    FloorGranted{Floor: FloorSpeech, Point: "p2", Audience: AudienceAll, Voice: 1},
		"floor.requested.v1":  FloorRequested{Floor: FloorSpeech, Point: "p2"},
	}
}

func goldenEvent(f Fact) Event {
	return Event{
		Seq: 418, At: time.Date(2026, 11, 23, 8, 30, 0, 123456789, time.UTC),
		By:    Actor{Role: RoleController, Point: "p1", Name: "Nguyễn Văn A"},
		Cause: Cause{Session: "tab-1", ID: 7}, Fact: f,
	}
}

// TestGoldenFacts reads every form a fact ever had, testdata/facts/NAME.vN.json.
// The newest form must also be what is written. A form, once released, is never
// rewritten: a changed fact gets a new version, an upcast and a new file.
func TestGoldenFacts(t *testing.T) {
	facts := someFacts()
	if len(facts) != len(factForms) {
		t.Errorf("%d facts here, %d forms", len(facts), len(factForms))
	}
	for _, f := range facts {
		want := goldenEvent(f)
		newest := factForms[f.fact()].version()
		for v := 1; v <= newest; v++ {
			file := filepath.Join("testdata", "facts", fmt.Sprintf("%s.v%d.json", f.fact(), v))
			golden := readGolden(t, file, want)
			var got Event
			if err := json.Unmarshal(golden, &got); err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			read := want
			if old, ok := oldForms()[fmt.Sprint(f.fact(), ".v", v)]; ok {
				read.Fact = old
			}
			if diff := cmp.Diff(read, got); diff != "" {
				t.Errorf("%s: %s", file, diff)
			}
			if written, err := json.Marshal(want); v == newest && (err != nil || !bytes.Equal(written, golden)) {
				t.Errorf("%s: written %s, error %v", file, written, err)
			}
		}
	}
}

// readGolden reads a golden file; with -rewrite it first writes a missing one.
func readGolden(t *testing.T, file string, e Event) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if os.IsNotExist(err) && flag.Lookup("rewrite").Value.String() == "true" {
		if b, err = json.Marshal(e); err == nil {
			err = os.WriteFile(file, append(b, '\n'), 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b)
}

func TestEventDecodingIsStrict(t *testing.T) {
	const good = `{"seq":5,"at":"2026-11-23T08:00:00Z","by":{"role":"room"},"fact":"mic.switchedOn","v":1,"d":{"point":"p2"}}`
	var e Event
	if err := json.Unmarshal([]byte(good), &e); err != nil {
		t.Fatalf("control: %v", err)
	}
	for name, swap := range map[string][2]string{
		"unknown fact":           {"mic.switchedOn", "mic.shouted"},
		"no fact":                {`"fact":"mic.switchedOn",`, ""},
		"version zero":           {`"v":1`, `"v":0`},
		"negative version":       {`"v":1`, `"v":-1`},
		"version to come":        {`"v":1`, `"v":3`},
		"unknown field of fact":  {`{"point":"p2"}`, `{"point":"p2","on":true}`},
		"unknown field of event": {`"seq":5`, `"seq":5,"open":true`},
		"no data":                {`,"d":{"point":"p2"}`, ""},
		"data of another shape":  {`{"point":"p2"}`, `["p2"]`},
		"number as point":        {`"p2"`, `2`},
		"negative seq":           {`"seq":5`, `"seq":-5`},
		"no time":                {`2026-11-23T08:00:00Z`, `now`},
	} {
		bad := strings.Replace(good, swap[0], swap[1], 1)
		if bad == good {
			t.Fatalf("%s: nothing swapped", name)
		}
		if err := json.Unmarshal([]byte(bad), &e); err == nil {
			t.Errorf("%s: %s was read", name, bad)
		}
	}
	if err := new(Event).UnmarshalJSON([]byte(good + "{}")); err == nil {
		t.Error("data after the event was read")
	}
	if _, err := json.Marshal(Event{Seq: 1}); err == nil {
		t.Error("an event without a fact was written")
	}
}

// An old version of a fact is lifted step by step to the newest.
func TestUpcast(t *testing.T) {
	rename := func(from, to string) upcast {
		return func(d json.RawMessage) (json.RawMessage, error) {
			return bytes.Replace(d, []byte(from), []byte(to), 1), nil
		}
	}
	form := formOf[SwitchedOn](rename("room", "place"), rename("place", "point"))
	for version, d := range map[int]string{1: `{"room":"p2"}`, 2: `{"place":"p2"}`, 3: `{"point":"p2"}`} {
		if f, err := form.read(version, json.RawMessage(d)); err != nil || f != (SwitchedOn{Point: "p2"}) {
			t.Errorf("version %d: %v, %v", version, f, err)
		}
	}
	if _, err := form.read(4, json.RawMessage(`{"point":"p2"}`)); err == nil {
		t.Error("a version to come was read")
	}
}

// FuzzEvent reads what a journal or a link may hand us. What is read is
// written the same again, and folding it neither panics nor breaks the state.
func FuzzEvent(f *testing.F) {
	for _, fact := range someFacts() {
		b, err := json.Marshal(goldenEvent(fact))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	base := newMeeting(f, 3, 2).Snapshot()
	f.Fuzz(func(t *testing.T, b []byte) {
		var e Event
		if json.Unmarshal(b, &e) != nil {
			return
		}
		written, err := json.Marshal(e)
		if err != nil {
			return // a time that JSON cannot write
		}
		var again Event
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if diff := cmp.Diff(e, again); diff != "" {
			t.Fatal(diff)
		}
		for _, s := range []Snapshot{base, New("gb-1").Snapshot()} {
			m, err := Restore(s)
			if err != nil {
				t.Fatal(err)
			}
			e.Seq = m.Seq() + 1
			if m.Apply(e) != nil && !cmp.Equal(s, m.Snapshot()) {
				t.Fatal("a refused fact changed the state")
			}
			if err := m.check(); err != nil {
				t.Fatal(err)
			}
			m.Plan()
		}
	})
}
