package operator

import (
	"net/url"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// What a wall shows is in the token, where the server judges it, and not only in
// the address that whoever holds the link may write anew.
func TestAWallsLinkHoldsWhatItShowsInItsToken(t *testing.T) {
	s := begin(t)
	operator := s.operator()
	want := wire.LinkWanted{Role: meeting.RoleObserver, Audience: "tier:xã", Exclude: []meeting.PointID{"p2", "p3"}}
	for _, path := range []string{"links", "session/links"} {
		made := as[wire.LinkMade](t, operator.do("POST", path, want))
		_, fragment, _ := strings.Cut(made.Path, "#")
		values, err := url.ParseQuery(fragment)
		if err != nil {
			t.Fatal(err)
		}
		who, ok := s.tokens.Lookup(values.Get("t"))
		if !ok || who.Audience != "tier:xã" || who.Exclude != "p2,p3" {
			t.Errorf("%s: %+v, %v", path, who.Principal, ok)
		}
	}
}
