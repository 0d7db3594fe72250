package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/audit"
	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/memory"
	"github.com/giaoban/giaoban/internal/wire"
)

type silent struct{}

func (silent) Carry(meeting.ID, *meeting.Plan) {}
func (silent) End(meeting.ID)                  {}

// site is an installation under test, and the address of one of its clients.
type site struct {
	t        *testing.T
	docs     *memory.Store
	tokens   *auth.Tokens
	users    *auth.Users
	audit    *audit.Log
	meetings *focus.Registry
	server   *Server
	http     *httptest.Server
}

const password = "một mật khẩu dài"

func begin(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, docs: memory.New()}
	var err error
	must := func() {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s.meetings = focus.NewRegistry(focus.Config{Journal: s.docs, Media: silent{}})
	s.tokens, err = auth.Open(t.Context(), s.docs)
	must()
	s.users = auth.NewUsers(s.docs, s.tokens, nil)
	s.audit, err = audit.Open(t.Context(), audit.Config{Records: s.docs})
	must()
	directory, err := OpenDirectory(t.Context(), s.docs, s.meetings)
	must()
	s.server, err = New(Config{
		Docs: s.docs, Journal: s.docs, Meetings: s.meetings, Tokens: s.tokens, Users: s.users,
		Pairings: auth.NewPairings(s.tokens, nil), Audit: s.audit, Directory: directory, Fork: s.meetings.Fork,
		Store: keeping{store.NewMonitor(store.MonitorConfig{Catalog: s.docs, Journal: s.docs, Closer: io.NopCloser(nil)})},
	})
	must()
	s.http = httptest.NewServer(s.server.Handler())
	t.Cleanup(func() { s.http.Close(); s.meetings.Close(); s.audit.Close() })
	return s
}

// token is a fresh token of a role.
func (s *site) token(role meeting.Role, system string) string {
	s.t.Helper()
	token, err := s.tokens.Issue(s.t.Context(), auth.Principal{Role: string(role), System: system, Name: "thử"}, auth.Origin{By: "test", Parent: auth.Machine})
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// visitor sends requests in one way: with a token, or a cookie and an origin.
type visitor struct {
	site   *site
	token  string
	cookie *http.Cookie
	origin string
}

// reply is an answer.
type reply struct {
	status int
	code   meeting.Code
	body   []byte
	header http.Header
}

func (v visitor) do(method, path string, body any) reply {
	v.site.t.Helper()
	data, ok := body.([]byte)
	if !ok && body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			v.site.t.Fatal(err)
		}
	}
	req, err := http.NewRequest(method, v.site.http.URL+"/api/v1/"+path, bytes.NewReader(data))
	if err != nil {
		v.site.t.Fatal(err)
	}
	if v.token != "" {
		req.Header.Set("Authorization", "Bearer "+v.token)
	}
	if v.cookie != nil {
		req.AddCookie(v.cookie)
	}
	if v.origin != "" {
		req.Header.Set("Origin", v.origin)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		v.site.t.Fatal(err)
	}
	defer res.Body.Close()
	r := reply{status: res.StatusCode, header: res.Header}
	if r.body, err = io.ReadAll(res.Body); err != nil {
		v.site.t.Fatal(err)
	}
	var p wire.Problem
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem") && json.Unmarshal(r.body, &p) == nil {
		r.code = p.Code
	}
	return r
}

// as decodes the answer of a request that must succeed.
func as[T any](t *testing.T, r reply) T {
	t.Helper()
	var v T
	if r.status >= 300 {
		t.Fatalf("%d: %s", r.status, r.body)
	}
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	return v
}

// operator is a person who runs the whole installation, signed in.
func (s *site) operator() visitor {
	s.t.Helper()
	users, err := s.users.List(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return s.person(fmt.Sprint("vanhanh-", len(users)), auth.Hold{Role: string(meeting.RoleOperator)})
}

// person makes an account and signs it in.
func (s *site) person(name string, holds ...auth.Hold) visitor {
	s.t.Helper()
	if err := s.users.Add(s.t.Context(), auth.User{Name: name, Holds: holds}, password); err != nil {
		s.t.Fatal(err)
	}
	v := visitor{site: s, origin: s.http.URL}
	r := v.do("POST", "session", wire.SignIn{Name: name, Password: password})
	as[wire.Me](s.t, r)
	v.cookie = (&http.Response{Header: r.header}).Cookies()[0]
	return v
}

// log is what stands in the audit log, as act, target and code.
func (s *site) log() []audit.Entry {
	s.t.Helper()
	entries, err := audit.Read(s.t.Context(), s.docs, 0, 1<<20)
	if err != nil {
		s.t.Fatal(err)
	}
	return entries
}

// order is a meeting that can be held.
func order() wire.OrderForm {
	return wire.OrderForm{Title: "Giao ban tuần", System: "ha-giang-026", StartsAtMs: time.Now().Add(24 * time.Hour).UnixMilli()}
}

// keeping is the Keeper of a store in memory.
type keeping struct{ *store.Monitor }

func (k keeping) Check(ctx context.Context) (*store.Check, error) {
	c := &store.Check{}
	return c, k.Inspect(ctx, c)
}
