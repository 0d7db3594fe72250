package operator

import (
	"net/url"
	"testing"

	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// Who has a role at one point alone, stored before a point's role took its
// system, opens no link of a system by naming one.
func TestARoleAtAPointAloneOpensNoLinkOfASystem(t *testing.T) {
	s := begin(t)
	points := as[[]wire.PointRow](t, s.operator().do("GET", "points", nil))
	for _, role := range []meeting.Role{meeting.RoleController, meeting.RoleCarrier} {
		at := s.person("tai-diem-"+string(role), auth.Hold{Role: string(role), Point: string(points[0].ID)})
		for _, system := range []string{"ha-giang", "ha-giang-026"} {
			r := at.do("POST", "session/links", wire.LinkWanted{Role: role, System: system, Point: points[0].ID})
			if r.code == meeting.CodeRights {
				continue
			}
			path, _ := url.Parse(as[wire.LinkMade](t, r).Path)
			values, _ := url.ParseQuery(path.Fragment)
			who, _ := s.tokens.Lookup(values.Get("t"))
			t.Errorf("%s at %s (of %s) opened a link of system %q, point %q", role, points[0].ID, points[0].System, who.System, who.Point)
		}
	}
	chair := s.person("chu-tri", auth.Hold{Role: string(meeting.RoleChair), Point: string(points[0].ID)})
	as[wire.LinkMade](t, chair.do("POST", "session/links", wire.LinkWanted{Role: meeting.RoleChair, System: points[0].System, Point: points[0].ID}))
}
