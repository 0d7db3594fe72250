package signaling

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// call makes one request as a token and gives status and body.
func (h *hall) call(method, path, token, body string) (int, http.Header, string) {
	h.t.Helper()
	r, err := http.NewRequest(method, h.http.URL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := h.http.Client().Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(text)
}

const commandsPath = "/api/v1/meetings/hop-1/commands"

func TestAButtonBoxDrivesTheMeeting(t *testing.T) {
	h := newHall(t, nil)
	room := h.join("room-p2", "tv")
	status, _, body := h.call("POST", commandsPath, "controller", `{"t":"floor.give","id":1,"d":{"point":"p2"}}`)
	var done wire.Done
	if err := json.Unmarshal([]byte(body), &done); status != http.StatusOK || err != nil || done.Seq == 0 {
		t.Fatalf("%d %s", status, body)
	}
	room.sees("the invitation", func(v wire.View) bool { return v.Own.Mic == wire.MicInvited })
	at := h.meeting.Current().State.Seq
	if _, _, again := h.call("POST", commandsPath, "controller", `{"t":"floor.give","id":1,"d":{"point":"p2"}}`); again != body {
		t.Errorf("a retry is answered %s, want %s", again, body)
	}
	if now := h.meeting.Current().State.Seq; now != at {
		t.Error("a retry was carried out")
	}
	h.call("POST", commandsPath, "controller", `{"t":"floor.revoke","id":2,"d":{"floor":"speech","point":"p2"}}`)
	for _, used := range []string{"1", "2"} {
		if status, _, body := h.call("POST", commandsPath, "controller", `{"t":"floor.give","id":`+used+`,"d":{"point":"p2"}}`); status != http.StatusConflict || !strings.Contains(body, `"number.used"`) {
			t.Errorf("a script that counts anew: %d %s", status, body)
		}
	}
	if status, _, body := h.call("GET", "/api/v1/meetings", "room-p2", ""); status != http.StatusOK || !strings.Contains(body, `"id":"hop-1"`) {
		t.Errorf("meetings: %d %s", status, body)
	}
	if _, _, body := h.call("GET", "/api/v1/meetings", "room-p9", ""); body != `{"meetings":[]}` {
		t.Errorf("meetings of a point in none: %s", body)
	}
}

func TestHTTPRefusesWithACodeAndTwoSentences(t *testing.T) {
	h := newHall(t, nil)
	tests := []struct {
		name, path, token, body string
		status                  int
		code                    meeting.Code
	}{
		{"no token", commandsPath, "", `{"t":"floor.closeAll"}`, 401, wire.CodeTokenInvalid},
		{"a token of nobody", commandsPath, "guess", `{"t":"floor.closeAll"}`, 401, wire.CodeTokenInvalid},
		{"no right", commandsPath, "room-p2", `{"t":"floor.closeAll"}`, 403, meeting.CodeRights},
		{"no such meeting", "/api/v1/meetings/none/commands", "chair", `{"t":"floor.closeAll"}`, 404, meeting.CodeMeetingUnknown},
		{"not JSON", commandsPath, "chair", `floor.closeAll`, 400, wire.CodeFrameMalformed},
		{"an unknown field", commandsPath, "chair", `{"t":"floor.closeAll","by":"me"}`, 400, wire.CodeFrameMalformed},
		{"an unknown command", commandsPath, "chair", `{"t":"point.connect"}`, 400, wire.CodeMessageUnknown},
		{"a takeover without a device", commandsPath, "room-p2", `{"t":"point.askTakeover"}`, 400, wire.CodeMessageUnknown},
		{"a microphone without its device", commandsPath, "room-p2", `{"t":"mic.on"}`, 403, meeting.CodeRights},
		{"a body over its bound", commandsPath, "chair", `{"t":"` + strings.Repeat("a", wire.MaxFrame) + `"}`, 413, wire.CodeFrameTooBig},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, header, body := h.call("POST", tt.path, tt.token, tt.body)
			var p wire.Problem
			if err := json.Unmarshal([]byte(body), &p); err != nil {
				t.Fatalf("%s: %v", body, err)
			}
			if status != tt.status || p.Status != tt.status || p.Code != tt.code || p.Vi == "" || p.En == "" {
				t.Errorf("%d %+v, want %d %s", status, p, tt.status, tt.code)
			}
			if got := header.Get("Content-Type"); !strings.HasPrefix(got, "application/problem+json") {
				t.Errorf("content type %q", got)
			}
		})
	}
}

func TestHTTPHasARateToo(t *testing.T) {
	h := newHall(t, func(c *Config) {
		c.Table = limit.Standard().With(limit.ChairFacts, func(r *limit.Row) { r.Burst, r.Every = 3, time.Hour })
	})
	const mode = `{"t":"floor.mode","d":{"mode":"one-by-one"}}`
	for range 3 {
		if status, _, body := h.call("POST", commandsPath, "chair", mode); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
	}
	if status, header, _ := h.call("POST", commandsPath, "chair", mode); status != http.StatusTooManyRequests || header.Get("Retry-After") != "3600" && header.Get("Retry-After") != "3601" {
		t.Errorf("status %d, %v", status, header)
	}
	for range 20 {
		if status, _, body := h.call("POST", commandsPath, "chair", `{"t":"floor.closeAll"}`); status != http.StatusOK {
			t.Fatalf("closing is refused: %d %s", status, body)
		}
	}
	if status, _, _ := h.call("POST", commandsPath, "controller", mode); status != http.StatusOK {
		t.Errorf("another's command: %d", status)
	}
}

func TestHealthAndReadiness(t *testing.T) {
	var ready error
	var damaged []string
	h := newHall(t, func(c *Config) {
		c.Ready, c.Damaged = func() error { return ready }, func() []string { return damaged }
	})
	if status, _, body := h.call("GET", "/healthz", "", ""); status != http.StatusOK || body != "ok\n" {
		t.Errorf("healthz: %d %q", status, body)
	}
	if status, _, _ := h.call("GET", "/readyz", "", ""); status != http.StatusOK {
		t.Errorf("readyz: %d", status)
	}
	ready = errors.New("the disk is full")
	if status, _, body := h.call("GET", "/readyz", "", ""); status != http.StatusServiceUnavailable || body != "the disk is full\n" {
		t.Errorf("readyz: %d %q", status, body)
	}
	ready, damaged = nil, []string{"meeting m: cut short"}
	if status, _, body := h.call("GET", "/readyz", "", ""); status != http.StatusOK || body != "ready\ndamaged and set aside: 1\nmeeting m: cut short\n" {
		t.Errorf("readyz beside damage: %d %q", status, body)
	}
	h.server.Close()
	if status, _, _ := h.call("GET", "/readyz", "", ""); status != http.StatusServiceUnavailable {
		t.Errorf("readyz of a draining server: %d", status)
	}
}

func TestMetricsAreForThisMachineAndTheOperator(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Operator = func(token string) bool { return token == "operator" } })
	h.join("room-p2", "tv").refused("mic.on", meeting.SwitchOn{})
	_, _, body := h.call("GET", "/metrics", "", "")
	for _, want := range []string{
		"giaoban_sessions 1", "giaoban_sockets 1", "giaoban_meetings 1", `giaoban_refusals_total{code="floor.not_granted"} 1`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	for name, tt := range map[string]struct {
		from, token, forwarded string
		want                   int
	}{
		"another machine":              {"192.0.2.7:1", "", "", 401},
		"a wrong token":                {"192.0.2.7:1", "guess", "", 401},
		"the operator":                 {"192.0.2.7:1", "operator", "", 200},
		"this machine":                 {"127.0.0.1:1", "", "", 200},
		"through a proxy on it":        {"127.0.0.1:1", "", "192.0.2.7", 401},
		"this machine, version six":    {"[::1]:1", "", "", 200},
		"an address that is no number": {"pipe", "", "", 401},
	} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.RemoteAddr = tt.from
		r.Header.Set("Authorization", "Bearer "+tt.token)
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		w := httptest.NewRecorder()
		h.server.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s: %d, want %d", name, w.Code, tt.want)
		}
	}
}

func TestPages(t *testing.T) {
	h := newHall(t, func(c *Config) {
		c.Web = fstest.MapFS{
			"index.html":        {Data: []byte("start")},
			"room.html":         {Data: []byte("room")},
			"assets/room.1a.js": {Data: []byte("code")},
		}
	})
	for path, want := range map[string]struct {
		status      int
		body, cache string
	}{
		"/":                  {200, "start", "no-cache"},
		"/room":              {200, "room", "no-cache"},
		"/assets/room.1a.js": {200, "code", "public, max-age=31536000, immutable"},
		"/assets/":           {404, "404 page not found\n", ""},
		"/../etc/passwd":     {404, "404 page not found\n", ""},
		"/api/v1/none":       {404, "404 page not found\n", ""},
	} {
		status, header, body := h.call("GET", path, "", "")
		if status != want.status || body != want.body || header.Get("Cache-Control") != want.cache {
			t.Errorf("%s: %d %q, cached %q", path, status, body, header.Get("Cache-Control"))
		}
		csp := header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "https:") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if !strings.Contains(header.Get("Permissions-Policy"), "microphone=(self)") {
			t.Errorf("%s: no permissions policy", path)
		}
	}
	if status, _, _ := h.call("POST", "/room", "", ""); status != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", status)
	}
	if p := policy("evil ; script-src *"); strings.Contains(p, "evil") {
		t.Errorf("a host writes the policy: %q", p)
	}
}

func TestABinaryWithoutPagesSaysHowToBuildThem(t *testing.T) {
	h := newHall(t, nil)
	if status, _, body := h.call("GET", "/room", "", ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "make run") {
		t.Errorf("%d %s", status, body)
	}
}

func TestEveryCodeOfTheFocusHasASentence(t *testing.T) {
	for _, code := range []meeting.Code{focus.CodeJournal, focus.CodeFailed, focus.CodeStopping} {
		if _, ok := wire.Explain(code); !ok {
			t.Errorf("%s has none", code)
		}
	}
}
