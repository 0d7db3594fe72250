package operator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

func TestKioskIsPairedByCode(t *testing.T) {
	s := begin(t)
	kiosk, v := visitor{site: s}, s.operator()
	shown := as[wire.PairingCode](t, kiosk.do("POST", "pairing", wire.PairingWanted{Device: "d1"}))
	if got := as[wire.PairingState](t, kiosk.do("POST", "pairing/collect", wire.PairingCode{Secret: shown.Secret})); got.Token != "" {
		t.Errorf("%+v", got)
	}
	if rows := v.do("GET", "pairing/waiting", nil); strings.Contains(string(rows.body), shown.Code) || !strings.Contains(string(rows.body), "127.0.0.1") {
		t.Errorf("%s", rows.body)
	}
	if r := v.do("POST", "pairing/assign", wire.PairingAct{Code: "not it", Point: "hg-20"}); r.code != wire.CodePairingCode {
		t.Errorf("%d %s", r.status, r.code)
	}
	typed := shown.Code[:3] + " " + shown.Code[3:]
	as[wire.PairingState](t, v.do("POST", "pairing/assign", wire.PairingAct{Code: typed, Point: "hg-20"}))
	got := as[wire.PairingState](t, kiosk.do("POST", "pairing/collect", wire.PairingCode{Secret: shown.Secret}))
	if who, ok := s.tokens.Lookup(got.Token); !ok || who.Point != "hg-20" || who.Device != "d1" || who.Role != "room" {
		t.Fatalf("%+v, %v", who, ok)
	}
	kiosk.token = got.Token
	if kept := as[wire.PairingState](t, kiosk.do("POST", "pairing/renew", wire.PairingWanted{Device: "d1"})); kept.Token != "" {
		t.Error("a young token is renewed")
	}
	if r := kiosk.do("POST", "pairing/renew", wire.PairingWanted{Device: "d2"}); r.code != wire.CodeTokenDevice {
		t.Errorf("%d %s", r.status, r.code)
	}
	links := as[[]wire.TokenRow](t, v.do("GET", "links", nil))
	i := slices.IndexFunc(links, func(l wire.TokenRow) bool { return l.Point == "hg-20" && l.Device })
	if i < 0 {
		t.Fatalf("%+v", links)
	}
	if r := v.do("DELETE", "links/"+links[i].ID, nil); r.status != http.StatusNoContent {
		t.Errorf("%d %s", r.status, r.body)
	}
	if _, ok := s.tokens.Lookup(got.Token); ok {
		t.Error("a revoked device is let in")
	}
}

func TestPeopleOpenTheirPages(t *testing.T) {
	s := begin(t)
	chair := s.person("chutri", auth.Hold{Role: string(meeting.RoleChair), Point: "hg-05"})
	made := as[wire.LinkMade](t, chair.do("POST", "session/links", wire.LinkWanted{Role: meeting.RoleChair, Point: "hg-05"}))
	token := made.Path[strings.Index(made.Path, "=")+1:]
	if who, ok := s.tokens.Lookup(token); !ok || who.Point != "hg-05" || who.Role != "chair" || !strings.HasPrefix(made.Path, "/chair#t=") {
		t.Errorf("%+v %v", made, who)
	}
	for _, want := range []wire.LinkWanted{{Role: meeting.RoleChair, Point: "hg-01"}, {Role: meeting.RoleController}, {Role: meeting.RoleNode}} {
		if r := chair.do("POST", "session/links", want); r.code != meeting.CodeRights {
			t.Errorf("%+v: %d %s", want, r.status, r.code)
		}
	}
	v := s.operator()
	if r := v.do("DELETE", "users/chutri", nil); r.status != http.StatusNoContent {
		t.Fatalf("%s", r.body)
	}
	if _, ok := s.tokens.Lookup(token); ok {
		t.Error("the page of somebody whose account ended stays open")
	}
	if r := chair.do("GET", "session", nil); r.code != wire.CodeSignInNeeded {
		t.Errorf("%d %s", r.status, r.code)
	}
}

// A second display is an observer's page; which part of the picture it shows
// stands in its link, and no other page has parts.
func TestALinkOfADisplayNamesItsPart(t *testing.T) {
	s := begin(t)
	v := s.operator()
	for _, path := range []string{"links", "session/links"} {
		want := wire.LinkWanted{Role: meeting.RoleObserver, Point: "hg-05", Part: meeting.PartContent}
		made := as[wire.LinkMade](t, v.do("POST", path, want))
		token, isWhole := strings.CutSuffix(strings.TrimPrefix(made.Path, "/wall#t="), "&part=content")
		if who, ok := s.tokens.Lookup(token); !ok || !isWhole || who.Role != "observer" || who.Point != "hg-05" {
			t.Errorf("%s: %s is for %+v", path, made.Path, who)
		}
		for _, want := range []wire.LinkWanted{
			{Role: meeting.RoleObserver, Part: "half"},
			{Role: meeting.RoleRoom, Point: "hg-05", Part: meeting.PartContent},
			{Role: meeting.RoleRoom, Point: "hg-05", Exclude: []meeting.PointID{"hg-05"}},
			{Role: meeting.RoleController, Audience: meeting.AudienceChair},
			{Role: meeting.RoleObserver, Audience: "nobody"},
		} {
			if r := v.do("POST", path, want); r.code != catalog.CodeFieldInvalid {
				t.Errorf("%s %+v: %d %s", path, want, r.status, r.code)
			}
		}
	}
}

func TestALinkOfAWallNamesItsAudienceAndWhomItLeavesOut(t *testing.T) {
	s := begin(t)
	made := as[wire.LinkMade](t, s.operator().do("POST", "links", wire.LinkWanted{
		Role: meeting.RoleObserver, Audience: "tier:huyện", Exclude: []meeting.PointID{"hg-05", "hg-06"},
	}))
	_, fragment, _ := strings.Cut(made.Path, "#")
	asked, err := url.ParseQuery(fragment)
	if err != nil || asked.Get("audience") != "tier:huyện" || asked.Get("exclude") != "hg-05,hg-06" || asked.Get("t") == "" {
		t.Errorf("the link is %s: %v", made.Path, err)
	}
}

func TestPasswordsAreChanged(t *testing.T) {
	s := begin(t)
	v := s.person("lan", everywhere(meeting.RoleOperator))
	if r := v.do("PUT", "session/password", wire.NewPassword{Old: "không phải", New: "mật khẩu mới nhé"}); r.code != wire.CodeSignInWrong {
		t.Errorf("%d %s", r.status, r.code)
	}
	if r := v.do("PUT", "session/password", wire.NewPassword{Old: password, New: "ngắn"}); r.code != wire.CodePasswordWeak {
		t.Errorf("%d %s", r.status, r.code)
	}
	if r := v.do("PUT", "session/password", wire.NewPassword{Old: password, New: "mật khẩu mới nhé"}); r.status != http.StatusNoContent {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := v.do("GET", "session", nil); r.code != wire.CodeSignInNeeded {
		t.Errorf("the old session goes on: %d", r.status)
	}
	if _, err := s.users.Verify(t.Context(), "a", "lan", "mật khẩu mới nhé"); err != nil {
		t.Error(err)
	}
}

// A role in one system gives nothing in another, whatever a request combines.
func TestRolesAreNotCombinedIntoMore(t *testing.T) {
	s := begin(t)
	v := s.person("lan", auth.Hold{Role: string(meeting.RoleChair), System: "ha-giang-026"},
		auth.Hold{Role: string(meeting.RoleOperator), System: "ha-giang-026"}, auth.Hold{Role: string(meeting.RoleController), System: "ha-giang-027"})
	for _, want := range []wire.LinkWanted{
		{Role: meeting.RoleChair, System: "ha-giang-026", Point: "hg-01"},
		{Role: meeting.RoleRoom, System: "ha-giang-026", Point: "hg-03"},
		{Role: meeting.RoleObserver},
	} {
		for _, path := range []string{"session/links", "links"} {
			if r := v.do("POST", path, want); r.code != meeting.CodeRights {
				t.Errorf("%s %+v: %d %s", path, want, r.status, r.code)
			}
		}
	}
	hold := wire.Hold{Role: meeting.RoleChair, System: "ha-giang-026", Point: "hg-01"}
	if r := v.do("POST", "users", wire.NewUser{Name: "x", Password: password, Holds: []wire.Hold{hold}}); r.code != meeting.CodeRights {
		t.Errorf("a user with %+v: %d %s", hold, r.status, r.code)
	}
	elsewhere := as[[]wire.PointRow](t, v.do("GET", "points?system=ha-giang-027", nil))[0]
	if r := v.do("PUT", "points/"+string(elsewhere.ID), elsewhere); r.code != meeting.CodeRights {
		t.Errorf("a controller changes a point: %d %s", r.status, r.code)
	}
	as[wire.LinkMade](t, v.do("POST", "session/links", wire.LinkWanted{Role: meeting.RoleChair, System: "ha-giang-026"}))
}
