package operator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

func everywhere(role meeting.Role) auth.Hold { return auth.Hold{Role: string(role)} }

func TestSignInGivesACookieNoScriptCanRead(t *testing.T) {
	s := begin(t)
	v := s.person("lan", everywhere(meeting.RoleOperator))
	c := v.cookie
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/api/" {
		t.Errorf("%+v", c)
	}
	if me := as[wire.Me](t, v.do("GET", "session", nil)); me.Name != "lan" {
		t.Errorf("%+v", me)
	}
	if r := v.do("DELETE", "session", nil); r.status != http.StatusNoContent {
		t.Errorf("%d: %s", r.status, r.body)
	}
	if r := v.do("GET", "session", nil); r.code != wire.CodeSignInNeeded {
		t.Errorf("after signing out: %d %s", r.status, r.code)
	}
}

func TestUnknownNamesAndWrongPasswordsReadAlike(t *testing.T) {
	s := begin(t)
	s.person("lan", everywhere(meeting.RoleOperator))
	v := visitor{site: s, origin: s.http.URL}
	wrong := v.do("POST", "session", wire.SignIn{Name: "lan", Password: "không phải"})
	unknown := v.do("POST", "session", wire.SignIn{Name: "nobody", Password: "không phải"})
	if wrong.code != wire.CodeSignInWrong || !bytes.Equal(wrong.body, unknown.body) {
		t.Errorf("%s\n%s", wrong.body, unknown.body)
	}
	refused := 0
	for _, e := range s.log() {
		if e.Act == "session.open" && e.Code == string(wire.CodeSignInWrong) {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("%d refused sign-ins on record, want 2", refused)
	}
}

// What a browser sends on behalf of another site is refused, sign-in included.
func TestOtherSitesCannotAct(t *testing.T) {
	s := begin(t)
	v := s.person("lan", everywhere(meeting.RoleOperator))
	for _, origin := range []string{"", "http://evil.example", "null", "https://" + strings.TrimPrefix(s.http.URL, "http://") + ".evil.example"} {
		v.origin = origin
		if r := v.do("POST", "meetings", order()); r.code != wire.CodeOriginDenied {
			t.Errorf("from %q: %d %s", origin, r.status, r.code)
		}
	}
	if len(s.meetings.Live()) != 0 {
		t.Error("a meeting was held")
	}
}

// A page's own token outranks the browser's cookie, even a wrong one.
func TestTokenOutranksTheCookie(t *testing.T) {
	s := begin(t)
	v := s.person("lan", everywhere(meeting.RoleOperator))
	v.token = s.token(meeting.RoleRoom, "")
	if r := v.do("GET", "users", nil); r.code != meeting.CodeRights {
		t.Errorf("a room's token: %d %s", r.status, r.code)
	}
	v.token = strings.Repeat("A", 26)
	if r := v.do("GET", "users", nil); r.code != wire.CodeTokenInvalid {
		t.Errorf("a wrong token: %d %s", r.status, r.code)
	}
}

// Every route but those for everybody refuses who has no role for it, and the
// refusal is on record.
func TestRoutesAreForTheirRoles(t *testing.T) {
	s := begin(t)
	nobody, room := visitor{site: s}, visitor{site: s, token: s.token(meeting.RoleRoom, "")}
	for _, rt := range s.server.routes() {
		method, path, _ := strings.Cut(rt.pattern, " ")
		path = strings.NewReplacer("/api/v1/", "", "{id}", "x").Replace(path)
		if len(rt.roles) > 0 && rt.roles[0] == open {
			continue
		}
		if r := nobody.do(method, path, nil); r.code != wire.CodeSignInNeeded {
			t.Errorf("%s to nobody: %d %s", rt.pattern, r.status, r.code)
		}
		if rt.roles == nil {
			continue
		}
		before := len(s.log())
		if r := room.do(method, path, nil); r.code != meeting.CodeRights {
			t.Errorf("%s to a room: %d %s", rt.pattern, r.status, r.code)
		}
		if log := s.log(); rt.act != "" && (len(log) != before+1 || log[before].Code != string(meeting.CodeRights) || log[before].Act != rt.act) {
			t.Errorf("%s: the refusal is not on record", rt.pattern)
		}
	}
}

// An operator of one system has no power over another.
func TestScopesHold(t *testing.T) {
	s := begin(t)
	v := s.person("huyen", auth.Hold{Role: string(meeting.RoleOperator), System: "ha-giang-026"})
	other := order()
	other.System = "ha-giang-027"
	if r := v.do("POST", "meetings", other); r.code != meeting.CodeRights {
		t.Errorf("a meeting elsewhere: %d %s", r.status, r.code)
	}
	row := as[wire.MeetingRow](t, s.operator().do("POST", "meetings", other))
	for path, body := range map[string]any{
		"POST meetings/" + string(row.ID) + "/acts":  wire.MeetingAct{Act: "end"},
		"GET meetings/" + string(row.ID) + "/export": nil,
		"GET meetings/" + string(row.ID) + "/order":  nil,
		"PUT points/hg-03":                           pointOut(*seeded(t).Point("hg-03")),
		"DELETE points/hg-03":                        nil,
		"POST pairing/assign":                        wire.PairingAct{Code: "000000", Point: "hg-03"},
		"POST links":                                 wire.LinkWanted{Role: meeting.RoleController},
		"POST users":                                 wire.NewUser{Name: "x", Password: password, Holds: []wire.Hold{{Role: meeting.RoleOperator}}},
		"GET audit":                                  nil,
		"POST consents":                              wire.ConsentRow{Point: "hg-03", System: "ha-giang-026", By: "x", Document: "1", Date: "2026-11-20", Decision: "granted"},
	} {
		method, path, _ := strings.Cut(path, " ")
		if r := v.do(method, path, body); r.code != meeting.CodeRights {
			t.Errorf("%s %s: %d %s", method, path, r.status, r.code)
		}
	}
	if rows := as[[]wire.MeetingRow](t, v.do("GET", "schedule", nil)); len(rows) != 0 {
		t.Errorf("it sees %+v", rows)
	}
	for _, p := range as[[]wire.PointRow](t, v.do("GET", "points", nil)) {
		if p.System != "ha-giang-026" {
			t.Errorf("it sees %s", p.ID)
		}
	}
	if r := v.do("POST", "meetings", order()); r.status != http.StatusOK {
		t.Errorf("its own meeting: %d %s", r.status, r.body)
	}
}

func seeded(t *testing.T) *catalog.Book {
	t.Helper()
	b, err := catalog.Seeded()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestMeetingsAreHeldInEveryWay(t *testing.T) {
	s := begin(t)
	v := s.operator()
	first := order()
	first.ReadmitByClick = true
	five := as[wire.MeetingRow](t, v.do("POST", "meetings", first))
	if five.Phase != meeting.PhaseWaiting || five.Points != 20 || five.ChairPoint != "hg-05" || five.HostUnit != "UBND huyện Đồng Văn" ||
		five.StartsAtMs-five.LobbyAtMs != 90*60*1000 {
		t.Errorf("%+v", five)
	}
	start := time.Now().Add(48 * time.Hour).UnixMilli()
	from := as[wire.MeetingRow](t, v.do("POST", "meetings", wire.OrderForm{From: "template:T5", StartsAtMs: start}))
	if from.Points != 217 || from.System != "ha-giang-tinh" {
		t.Errorf("from a template: %+v", from)
	}
	last := as[wire.MeetingRow](t, v.do("POST", "meetings", wire.OrderForm{From: "last", System: "ha-giang-026", StartsAtMs: start}))
	if last.Title != five.Title || last.Points != five.Points || last.ID == five.ID {
		t.Errorf("from the last one: %+v", last)
	}
	if state := s.meetings.Get(last.ID).Current().State; !state.ReadmitByClick {
		t.Error("the last one let points back in by a click alone, this one does not")
	}
	again := as[wire.MeetingRow](t, v.do("POST", "meetings", wire.OrderForm{From: "meeting:" + string(from.ID), StartsAtMs: start}))
	if again.Points != 217 || again.ID != from.ID+"-2" {
		t.Errorf("from a meeting: %+v", again)
	}
	if rows := as[[]wire.MeetingRow](t, v.do("GET", "schedule", nil)); len(rows) != 4 || rows[3].ID != five.ID {
		t.Errorf("%+v", rows)
	}
	for form, want := range map[string]meeting.Code{
		`{"from":"template:none","startsAtMs":1}`:                                 catalog.CodeTemplateUnknown,
		`{"from":"anything"}`:                                                     catalog.CodeFieldInvalid,
		`{"title":"x","system":"none","startsAtMs":1}`:                            catalog.CodeSystemUnknown,
		`{"title":"x","system":"ha-giang-026"}`:                                   catalog.CodeFieldInvalid,
		`{"system":"ha-giang-026","startsAtMs":1}`:                                meeting.CodeMeetingInvalid,
		`{"title":"x","system":"ha-giang-026","startsAtMs":1,"points":["hg-03"]}`: catalog.CodeConsentMissing,
		`{"title":"x","system":"ha-giang-026","startsAtMs":1,"more":1}`:           wire.CodeFrameMalformed,
		`{"title":"` + strings.Repeat("x", 900) + `"}`:                            wire.CodeFrameTooBig,
		`[`: wire.CodeFrameMalformed,
	} {
		if r := v.do("POST", "meetings", []byte(form)); r.code != want {
			t.Errorf("%.60s: %d %s, want %s", form, r.status, r.code, want)
		}
	}
	if n := len(s.meetings.Live()); n != 4 {
		t.Errorf("%d meetings are live, want 4", n)
	}
}

// Art 4.2: an operator's override is recorded with who, why and for which meeting.
func TestOverridesAreOnRecord(t *testing.T) {
	s := begin(t)
	v := s.operator()
	form := order()
	form.Points, form.ChairPoint, form.Reason = []meeting.PointID{"hg-05", "hg-03"}, "hg-05", "Họp khẩn"
	row := as[wire.MeetingRow](t, v.do("POST", "meetings", form))
	consents := as[[]wire.ConsentRow](t, v.do("GET", "consents", nil))
	if len(consents) != 1 || consents[0].Meeting != row.ID || consents[0].Point != "hg-03" || consents[0].Decision != "override" || consents[0].Reason != "Họp khẩn" {
		t.Errorf("%+v", consents)
	}
	form.Reason = ""
	if r := v.do("POST", "meetings", form); r.code != catalog.CodeConsentMissing {
		t.Errorf("an override serves twice: %d %s", r.status, r.code)
	}
	consent := wire.ConsentRow{Point: "hg-03", System: "ha-giang-026", By: "Sở TT&TT", Document: "12/STTTT", Date: "2026-11-20", Decision: "granted"}
	as[wire.ConsentRow](t, v.do("POST", "consents", consent))
	as[wire.MeetingRow](t, v.do("POST", "meetings", form))
}

func TestMeetingsAreStartedMovedAndEnded(t *testing.T) {
	s := begin(t)
	v := s.operator()
	id := as[wire.MeetingRow](t, v.do("POST", "meetings", order())).ID
	act := func(a wire.MeetingAct) reply { return v.do("POST", "meetings/"+string(id)+"/acts", a) }
	for _, step := range []struct {
		act  wire.MeetingAct
		want meeting.Phase
	}{
		{wire.MeetingAct{Act: "lobby"}, meeting.PhaseLobby},
		{wire.MeetingAct{Act: "start"}, meeting.PhaseOpen},
		{wire.MeetingAct{Act: "rehome", System: "ha-giang-tinh", Point: "hg-00712"}, meeting.PhaseOpen},
		{wire.MeetingAct{Act: "end"}, meeting.PhaseEnded},
	} {
		if row := as[wire.MeetingRow](t, act(step.act)); row.Phase != step.want {
			t.Errorf("%s gives %+v", step.act.Act, row)
		}
	}
	if r := act(wire.MeetingAct{Act: "start"}); r.code != meeting.CodeMeetingEnded {
		t.Errorf("%d %s", r.status, r.code)
	}
	if r := act(wire.MeetingAct{Act: "blow"}); r.code != catalog.CodeFieldInvalid {
		t.Errorf("%d %s", r.status, r.code)
	}
	export := v.do("GET", "meetings/"+string(id)+"/export", nil)
	if r := v.do("POST", "meetings/import", export.body); r.code != meeting.CodeMeetingExists {
		t.Errorf("imported over itself: %d %s", r.status, r.code)
	}
	other := begin(t)
	if row := as[wire.MeetingRow](t, other.operator().do("POST", "meetings/import", export.body)); row.ID != id || row.Phase != meeting.PhaseEnded || row.ChairPoint != "hg-00712" {
		t.Errorf("imported: %+v", row)
	}
	if r := other.operator().do("POST", "meetings/import", export.body[:len(export.body)/2]); r.code != wire.CodeFileInvalid {
		t.Errorf("half a file: %d %s", r.status, r.code)
	}
}

func TestImportIsPreviewedThenTaken(t *testing.T) {
	s := begin(t)
	v := s.operator()
	table := []byte("number,code,unit,system\n31,new,UBND xã Mới,ha-giang-tinh\n")
	dry := as[wire.ImportReport](t, v.do("POST", "points.csv?dry=1", table))
	if dry.Taken || len(dry.Changes) != 1 || !dry.Changes[0].New {
		t.Errorf("%+v", dry)
	}
	if r := v.do("POST", "points.csv?revision=99", table); r.code != wire.CodeChangedMeanwhile {
		t.Errorf("against another catalogue: %d %s", r.status, r.code)
	}
	if faulty := as[wire.ImportReport](t, v.do("POST", "points.csv", append(table, "x,y,,z\n"...))); faulty.Taken || len(faulty.Faults) == 0 || faulty.Faults[0].Line != 3 {
		t.Errorf("%+v", faulty)
	}
	if n := len(as[[]wire.PointRow](t, v.do("GET", "points?q=xa+moi&system=ha-giang-tinh", nil))); n != 0 {
		t.Errorf("%d points were half-imported", n)
	}
	if taken := as[wire.ImportReport](t, v.do("POST", "points.csv", table)); !taken.Taken {
		t.Errorf("%+v", taken)
	}
	found := as[[]wire.PointRow](t, v.do("GET", "points?q=xa+moi&system=ha-giang-tinh", nil))
	if len(found) != 1 || found[0].Number != 31 || !found[0].Short {
		t.Errorf("%+v", found)
	}
	exported := v.do("GET", "points.csv?system=ha-giang-tinh", nil)
	if again := as[wire.ImportReport](t, v.do("POST", "points.csv?dry=1", exported.body)); again.Same != 23 || len(again.Changes)+len(again.Faults) > 0 {
		t.Errorf("what was exported is not what is there: %+v", again)
	}
	if r := v.do("POST", "points.csv", bytes.Repeat([]byte("x"), catalog.MaxTable+2)); r.code != wire.CodeFrameTooBig {
		t.Errorf("a large file: %d %s", r.status, r.code)
	}
}

func TestOfficersAreKeptAndShown(t *testing.T) {
	s := begin(t)
	v := s.operator()
	row := pointOut(*seeded(t).Point("hg-03"))
	for _, name := range []string{"Lò A", "Vàng B"} {
		row.Officers = append(row.Officers, wire.OfficerRow{Name: name, Phone: "0219 386 123", Trained: true, Active: true})
	}
	if got := as[wire.PointRow](t, v.do("PUT", "points/hg-03", row)); got.Short {
		t.Errorf("%+v", got)
	}
	if card := s.server.cfg.Directory.Card("hg-03"); card == nil || len(card.Officers) != 2 || card.Officers[0].Name != "Lò A" {
		t.Errorf("%+v", card)
	}
	row.Officers[0].Phone = "gọi tôi"
	if r := v.do("PUT", "points/hg-03", row); r.code != catalog.CodeFieldInvalid {
		t.Errorf("%d %s", r.status, r.code)
	}
	if r := v.do("DELETE", "points/hg-03", nil); r.code != catalog.CodeInUse {
		t.Errorf("%d %s", r.status, r.code)
	}
	if r := v.do("DELETE", "points/hg-00712", nil); r.status != http.StatusNoContent {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestActsAreOnRecord(t *testing.T) {
	s := begin(t)
	v := s.person("lan", everywhere(meeting.RoleOperator))
	id := as[wire.MeetingRow](t, v.do("POST", "meetings", order())).ID
	v.do("POST", "meetings/"+string(id)+"/acts", wire.MeetingAct{Act: "end"})
	var acts []string
	for _, e := range s.log() {
		acts = append(acts, e.Who+" "+e.Act+" "+e.Target+" "+e.Code+e.Note)
		if e.From != "127.0.0.1" {
			t.Errorf("%+v", e)
		}
	}
	want := []string{"lan session.open lan ", "lan meeting.create " + string(id) + " ", "lan meeting.act " + string(id) + " end"}
	if !slices.Equal(acts, want) {
		t.Errorf("%q", acts)
	}
	if rows := as[[]wire.AuditRow](t, v.do("GET", "audit", nil)); len(rows) != 3 || rows[2].Act != "meeting.act" {
		t.Errorf("%+v", rows)
	}
	body, _ := json.Marshal(s.log())
	if strings.Contains(string(body), password) {
		t.Error("the log holds a password")
	}
}

func FuzzBodies(f *testing.F) {
	for _, seed := range []string{`{"title":"x","system":"ha-giang-026","startsAtMs":1}`, `{"from":"last"}`, `{"act":"end"}`, `{"code":"1","point":"hg-20"}`,
		`{"name":"x","password":"yyyyyyyyyyyy","holds":[{"role":"chair"}]}`, `{"role":"room","point":"hg-20"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, into := range []any{&wire.OrderForm{}, &wire.MeetingAct{}, &wire.PairingAct{}, &wire.NewUser{}, &wire.LinkWanted{}, &wire.PointRow{}, &wire.ConsentRow{}, &wire.SignIn{}} {
			if err := wire.Decode(body, into); err != nil {
				if coded := wire.Coded(err); coded.Code != wire.CodeFrameMalformed && coded.Code != wire.CodeFrameTooBig {
					t.Fatalf("%v", err)
				}
			}
		}
	})
}

// docs/protocol.md names every route.
func TestProtocolPageHasEveryRoute(t *testing.T) {
	page, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	s := begin(t)
	for _, rt := range s.server.routes() {
		if !strings.Contains(string(page), "| `"+rt.pattern+"`") {
			t.Errorf("the page lacks %s", rt.pattern)
		}
	}
}
