package operator

import (
	"net/http"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// A role at a point is of the point's system: nobody hands out, from a part, a role
// that is everywhere because it names no system.
func TestARoleAtAPointIsOfItsSystem(t *testing.T) {
	s := begin(t)
	part := s.person("huyen", auth.Hold{Role: string(meeting.RoleOperator), System: "ha-giang-026"})
	own := as[[]wire.PointRow](t, part.do("GET", "points", nil))[0]
	var theirs wire.PointRow
	for _, p := range as[[]wire.PointRow](t, s.operator().do("GET", "points", nil)) {
		if p.System != "ha-giang-026" {
			theirs = p
		}
	}
	for _, role := range []meeting.Role{meeting.RoleController, meeting.RoleOperator, meeting.RoleCarrier} {
		made := as[wire.LinkMade](t, part.do("POST", "links", wire.LinkWanted{Role: role, Point: own.ID}))
		_ = made
		if r := part.do("POST", "links", wire.LinkWanted{Role: role, Point: theirs.ID}); r.code != meeting.CodeRights {
			t.Errorf("%s at a point elsewhere: %d %s", role, r.status, r.code)
		}
	}
	for _, link := range as[[]wire.TokenRow](t, part.do("GET", "links", nil)) {
		if link.Point == own.ID && link.System != "ha-giang-026" {
			t.Errorf("a link at %s is of the system %q", link.Point, link.System)
		}
	}
	at := s.person("tai-diem", auth.Hold{Role: string(meeting.RoleOperator), Point: string(own.ID)})
	for path, body := range map[string]any{
		"GET users": nil, "GET audit": nil, "POST meetings": order(), "POST links": wire.LinkWanted{Role: meeting.RoleController},
		"POST users": wire.NewUser{Name: "y", Password: password},
	} {
		method, path, _ := strings.Cut(path, " ")
		if r := at.do(method, path, body); r.status == http.StatusOK && len(r.body) > 3 {
			t.Errorf("at a point alone, %s %s: %d %s", method, path, r.status, r.body)
		}
	}
	if r := part.do("POST", "users", wire.NewUser{Name: "khong-vai", Password: password}); r.code != meeting.CodeRights {
		t.Errorf("a user without a role, made by a part: %d %s", r.status, r.code)
	}
	row := as[wire.MeetingRow](t, part.do("POST", "meetings", order()))
	move := wire.MeetingAct{Act: "rehome", System: theirs.System, Point: row.ChairPoint}
	if r := part.do("POST", "meetings/"+string(row.ID)+"/acts", move); r.code != meeting.CodeRights {
		t.Errorf("a meeting moved out of the part: %d %s", r.status, r.code)
	}
}
