package operator

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// handsOut are the routes that give somebody a right, with a request that would.
var handsOut = map[string]any{
	"POST /api/v1/session/links":      wire.LinkWanted{Role: meeting.RoleController},
	"POST /api/v1/links":              wire.LinkWanted{Role: meeting.RoleController},
	"POST /api/v1/users":              wire.NewUser{Name: "them", Password: password, Holds: []wire.Hold{{Role: meeting.RoleOperator}}},
	"PUT /api/v1/users/{id}/password": wire.NewPassword{New: "một mật khẩu khác"},
	"POST /api/v1/pairing/assign":     wire.PairingAct{Code: "000000", Point: "hg-20"},
	"PUT /api/v1/session/password":    wire.NewPassword{Old: password, New: "một mật khẩu khác"},
	"POST /api/v1/pairing/renew":      wire.PairingWanted{Device: "d"},
	"POST /api/v1/session":            nil, // by the password
	"POST /api/v1/pairing":            nil, // a code, of which a person makes something
	"POST /api/v1/pairing/collect":    nil, // what a person gave
}

// No link makes links, whatever its role: the operator's neither.
func TestALinkHandsOutNoRights(t *testing.T) {
	s := begin(t)
	s.person("lan", auth.Hold{Role: string(meeting.RoleOperator)})
	before := len(s.tokens.List())
	for _, role := range []meeting.Role{
		meeting.RoleOperator, meeting.RoleController, meeting.RoleChair, meeting.RoleRoom, meeting.RoleFocal, meeting.RoleObserver, meeting.RoleCarrier,
	} {
		v := visitor{site: s, token: s.token(role, "")}
		before++
		for pattern, body := range handsOut {
			method, path, _ := strings.Cut(pattern, " ")
			path = strings.NewReplacer("/api/v1/", "", "{id}", "lan").Replace(path)
			if body == nil {
				continue
			}
			if r := v.do(method, path, body); r.status < 400 {
				t.Errorf("%s by a link of %s: %d %s", pattern, role, r.status, r.body)
			}
		}
	}
	if now := len(s.tokens.List()); now != before {
		t.Errorf("%d tokens are there, want %d", now, before)
	}
	if users, err := s.users.List(t.Context()); err != nil || len(users) != 1 {
		t.Errorf("%d accounts are there, %v", len(users), err)
	}
	if _, err := s.users.Verify(t.Context(), "a", "lan", password); err != nil {
		t.Errorf("the password was changed: %v", err)
	}
}

// A route that makes tokens, accounts or passwords stands in the list above:
// whoever adds one says who may.
func TestEveryRouteThatHandsOutIsKnown(t *testing.T) {
	s := begin(t)
	for _, rt := range s.server.routes() {
		_, listed := handsOut[rt.pattern]
		if rt.hands && !listed {
			t.Errorf("%s hands out rights, and no test says to whom", rt.pattern)
		}
		method, _, _ := strings.Cut(rt.pattern, " ")
		about := strings.Contains(rt.pattern, "link") || strings.Contains(rt.pattern, "user") || strings.Contains(rt.pattern, "pairing") || strings.Contains(rt.pattern, "session")
		if (method == http.MethodPost || method == http.MethodPut) && about && !listed {
			t.Errorf("%s may hand out rights: list it", rt.pattern)
		}
	}
}

// tokenOf is the token of a link.
func tokenOf(made wire.LinkMade) string {
	_, fragment, _ := strings.Cut(made.Path, "#t=")
	token, _, _ := strings.Cut(fragment, "&")
	return token
}

// What a person handed out ends with what it hangs on: links of the day with
// the sign-in, permanent ones and devices with the account.
func TestWhatAPersonHandedOutEndsWithIt(t *testing.T) {
	for name, c := range map[string]struct {
		end             func(s *site, v visitor) reply
		dayEnds, allEnd bool
	}{
		"signing out": {func(_ *site, v visitor) reply { return v.do("DELETE", "session", nil) }, true, false},
		"another password of one's own": {func(_ *site, v visitor) reply {
			return v.do("PUT", "session/password", wire.NewPassword{Old: password, New: "một mật khẩu khác"})
		}, true, false},
		"a password set by an operator": {func(s *site, _ visitor) reply {
			return s.operator().do("PUT", "users/lan/password", wire.NewPassword{New: "một mật khẩu khác"})
		}, true, false},
		"the end of the account": {func(s *site, _ visitor) reply { return s.operator().do("DELETE", "users/lan", nil) }, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			v := s.person("lan", auth.Hold{Role: string(meeting.RoleOperator)})
			day := tokenOf(as[wire.LinkMade](t, v.do("POST", "session/links", wire.LinkWanted{Role: meeting.RoleOperator})))
			always := tokenOf(as[wire.LinkMade](t, v.do("POST", "links", wire.LinkWanted{Role: meeting.RoleRoom, Point: "hg-05"})))
			shown := as[wire.PairingCode](t, visitor{site: s}.do("POST", "pairing", wire.PairingWanted{Device: "d1"}))
			as[wire.PairingState](t, v.do("POST", "pairing/assign", wire.PairingAct{Code: shown.Code, Point: "hg-20"}))
			paired := as[wire.PairingState](t, visitor{site: s}.do("POST", "pairing/collect", wire.PairingCode{Secret: shown.Secret})).Token
			elses := tokenOf(as[wire.LinkMade](t, s.operator().do("POST", "links", wire.LinkWanted{Role: meeting.RoleRoom, Point: "hg-06"})))
			if r := c.end(s, v); r.status >= 300 {
				t.Fatalf("%d %s", r.status, r.body)
			}
			for what, g := range map[string]struct {
				token string
				ends  bool
			}{"a link of the day": {day, c.dayEnds}, "a permanent link": {always, c.allEnd}, "a paired device": {paired, c.allEnd}, "another person's link": {elses, false}} {
				if _, ok := s.tokens.Lookup(g.token); ok == g.ends {
					t.Errorf("%s goes on: %v", what, ok)
				}
			}
		})
	}
}

// The demo's operator stands for a person, and all it does ends with the demo;
// it has no power over the accounts that do not.
func TestTheDemosOperatorHandsOutWhatEndsWithTheDemo(t *testing.T) {
	s := begin(t)
	s.person("lan", auth.Hold{Role: string(meeting.RoleController)})
	token := strings.Repeat("D", 26)
	if err := s.tokens.Host(token, auth.Principal{Role: string(meeting.RoleOperator)}); err != nil {
		t.Fatal(err)
	}
	v := visitor{site: s, token: token}
	day := tokenOf(as[wire.LinkMade](t, v.do("POST", "session/links", wire.LinkWanted{Role: meeting.RoleController})))
	always := tokenOf(as[wire.LinkMade](t, v.do("POST", "links", wire.LinkWanted{Role: meeting.RoleRoom, Point: "hg-05"})))
	if r := v.do("POST", "users", wire.NewUser{Name: "thu", Password: password, Holds: []wire.Hold{{Role: meeting.RoleOperator}}}); r.status >= 300 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := v.do("PUT", "users/lan/password", wire.NewPassword{New: "một mật khẩu khác"}); r.code != meeting.CodeRights {
		t.Errorf("it sets the password of an account of the house: %d %s", r.status, r.code)
	}
	// A console of the demo hands out nothing.
	if err := s.tokens.Host(strings.Repeat("C", 26), auth.Principal{Role: string(meeting.RoleController)}); err != nil {
		t.Fatal(err)
	}
	if r := (visitor{site: s, token: strings.Repeat("C", 26)}).do("POST", "session/links", wire.LinkWanted{Role: meeting.RoleController}); r.code != wire.CodePersonNeeded {
		t.Errorf("the demo's console hands out: %d %s", r.status, r.code)
	}
	thu, _, err := s.users.SignIn(t.Context(), "a", "thu", password)
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range []func(context.Context, string) error{s.tokens.EndOf, s.users.EndOf} {
		if err := end(t.Context(), auth.Demo); err != nil {
			t.Fatal(err)
		}
	}
	for _, each := range []string{token, day, always} {
		if _, ok := s.tokens.Lookup(each); ok {
			t.Error("a link outlives the demo")
		}
	}
	if _, ok, _ := s.users.Session(t.Context(), thu); ok {
		t.Error("an account of the demo outlives it")
	}
	if _, err := s.users.Verify(t.Context(), "a", "lan", password); err != nil {
		t.Errorf("an account of the house ended with the demo: %v", err)
	}
}

// A right that ends while its request's body is on the way does nothing.
func TestABodyThatTakesItsTimeOutlivesNoRight(t *testing.T) {
	s := begin(t)
	v := s.person("lan", auth.Hold{Role: string(meeting.RoleOperator)})
	link := s.token(meeting.RoleOperator, "")
	body, err := json.Marshal(order())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		head string
		end  func() error
		code meeting.Code
	}{
		"a person": {
			"Cookie: " + v.cookie.Name + "=" + v.cookie.Value + "\r\nOrigin: " + s.http.URL + "\r\n",
			func() error { return s.users.Disable(t.Context(), "lan") }, wire.CodeSignInNeeded,
		},
		"a link": {
			"Authorization: Bearer " + link + "\r\n",
			func() error { return s.tokens.Revoke(t.Context(), auth.IDOf(link)) }, wire.CodeTokenInvalid,
		},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.http.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /api/v1/meetings HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
			strings.TrimPrefix(s.http.URL, "http://"), c.head, len(body))
		in := bufio.NewReader(conn)
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100") {
			t.Fatalf("%s: %q %v", name, line, err)
		}
		if _, err := in.ReadString('\n'); err != nil { // the empty line
			t.Fatal(err)
		}
		if err := c.end(); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(body); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized || !strings.Contains(string(text), string(c.code)) {
			t.Errorf("%s: %d %s", name, res.StatusCode, text)
		}
	}
	if n := len(s.meetings.Live()); n != 0 {
		t.Errorf("%d meetings are held", n)
	}
}
