package signaling

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/memory"
	"github.com/giaoban/giaoban/internal/wire"
)

var writeRights = flag.Bool("write", false, "write the table of rights instead of comparing it")

// rightsOf are the callers of the table, in the order of its columns.
var rightsOf = []struct {
	name string
	who  Identity
}{
	{"nobody", Identity{}},
	{"a wrong token", Identity{}},
	{"observer", Identity{Role: meeting.RoleObserver}},
	{"observer of another system", Identity{Role: meeting.RoleObserver, System: "tuyen-quang"}},
	{"room", Identity{Role: meeting.RoleRoom, Point: "p2"}},
	{"officer", Identity{Role: meeting.RoleFocal, Point: "p2"}},
	{"chair", Identity{Role: meeting.RoleChair, Point: "p1"}},
	{"chair of another point", Identity{Role: meeting.RoleChair, Point: "p2"}},
	{"carrier", Identity{Role: meeting.RoleCarrier}},
	{"carrier of another system", Identity{Role: meeting.RoleCarrier, System: "tuyen-quang"}},
	{"controller", Identity{Role: meeting.RoleController}},
	{"of the system", Identity{Role: meeting.RoleController, System: "ha-giang"}},
	{"of another", Identity{Role: meeting.RoleController, System: "tuyen-quang"}},
	{"at a point", Identity{Role: meeting.RoleController, Point: "p2"}},
	{"operator", Identity{Role: meeting.RoleOperator}},
	{"of another", Identity{Role: meeting.RoleOperator, System: "tuyen-quang"}},
	{"at a point", Identity{Role: meeting.RoleOperator, Point: "p2"}},
}

// denied are the codes that a caller without the right is answered.
var denied = []meeting.Code{meeting.CodeRights, meeting.CodeMeetingUnknown, wire.CodeTokenInvalid, wire.CodeSignInNeeded}

// TestRights_TableOfTheDoors asks the real doors for every route of this server and
// every command of bridge.v1, as every caller, and holds the answers against
// docs/rights.md. A new route or command, and a cell that changes, fail it; -write
// writes what is so, to be read as a diff.
func TestRights_TableOfTheDoors(t *testing.T) {
	rows := map[string][]string{}
	var order []string
	row := func(name string) string {
		if _, ok := rows[name]; !ok {
			rows[name] = nil
			order = append(order, name)
		}
		return name
	}
	for i, caller := range rightsOf {
		h := newHall(t, func(c *Config) {
			c.Auth = func(token string) (Bearer, bool) { return Bearer{Identity: caller.who}, token == "of the table" }
			journal := memory.New()
			reg := focus.NewRegistry(focus.Config{Journal: journal, Media: deafMedia{}})
			t.Cleanup(reg.Close)
			if _, err := reg.Create(t.Context(), hallMeeting, node, create(5)); err != nil {
				t.Fatal(err)
			}
			c.Meetings, c.Logs, c.Table = reg, shelf{journal}, unhurried()
			c.Operator = func(string) bool { return holdOf(caller.who).Figures() }
		})
		token := map[int]string{0: "", 1: "no such token"}[i]
		if i > 1 {
			token = "of the table"
		}
		for _, r := range doorRoutes(t) {
			name := row("`" + r + "`")
			rows[name] = append(rows[name], h.mark(t, r, token))
		}
		own := caller.who.Point
		if own == "" {
			own = "p2"
		}
		for _, c := range tableCommands(own) {
			name := row(c.name)
			rows[name] = append(rows[name], h.may(token, c.body))
		}
	}
	compareRights(t, order, rows)
}

// doorRoutes lists the routes of this server that ask who somebody is, as its
// source registers them.
func doorRoutes(t *testing.T) (routes []string) {
	t.Helper()
	source, err := os.ReadFile("server.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`mux\.HandleFunc\("((?:GET|POST|PUT|DELETE) /api/[^"]+)"`).FindAllStringSubmatch(string(source), -1) {
		if !strings.Contains(m[1], "/commands") { // each command has a row of its own
			routes = append(routes, m[1])
		}
	}
	if len(routes) < 8 {
		t.Fatalf("only %v found in server.go", routes)
	}
	return append(routes, "GET /metrics", "POST /whip", "POST /whep")
}

// mark is whether a route lets a caller past its door.
func (h *hall) mark(t *testing.T, route, token string) string {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	path = strings.ReplaceAll(path, "{id}", string(hallMeeting))
	status, body := h.from(t, method, path, token)
	var refused wire.Failure
	_ = json.Unmarshal([]byte(body), &refused) // a body that is none has no code
	if status == 401 || status == 403 || status == 429 || slices.Contains(denied, refused.Code) {
		return "–"
	}
	return "✓"
}

// from asks as a client elsewhere does, with a body of the kind that the route takes.
func (h *hall) from(t *testing.T, method, path, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, h.http.URL+path, strings.NewReader("v=0\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	r.Header.Set("Content-Type", "application/sdp")
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := h.http.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// unhurried is a table of limits in which the rates of commands bind nobody.
func unhurried() limit.Table {
	t := limit.Standard()
	for _, id := range []limit.ID{
		limit.PointFacts, limit.ChairFacts, limit.ControllerFacts, limit.OtherFacts, limit.FactsOfPoint, limit.Messages, limit.MessagesOfPoint,
	} {
		t = t.With(id, func(r *limit.Row) { r.Burst = 1 << 20 })
	}
	return t
}

// tableCommand is a command as a script posts it.
type tableCommand struct{ name, body string }

// tableCommands are those of the protocol; one with a point stands there for the
// room's and officer's own point, and for another's.
func tableCommands(own meeting.PointID) (all []tableCommand) {
	for _, c := range wire.Commands() {
		name := meeting.CommandName(c)
		if _, asks := c.(meeting.AskTakeover); asks {
			continue // of a device with a socket alone
		}
		_, pointed := reflect.TypeOf(c).FieldByName("Point")
		switch {
		case name == "meeting.rehome":
			for _, system := range []string{"ha-giang", "tuyen-quang", "nowhere"} {
				all = append(all, tableCommand{"`" + name + "` to " + system, fmt.Sprintf(`{"t":%q,"d":{"system":%q,"point":"p1"}}`, name, system)})
			}
			continue
		case !pointed:
			all = append(all, tableCommand{"`" + name + "`", fmt.Sprintf(`{"t":%q,"d":{}}`, name)})
			continue
		}
		for _, p := range []struct{ words, id string }{{"own point", string(own)}, {"another's", "p3"}} {
			all = append(all, tableCommand{"`" + name + "`, " + p.words, fmt.Sprintf(`{"t":%q,"d":{"point":%q}}`, name, p.id)})
		}
	}
	slices.SortStableFunc(all, func(a, b tableCommand) int { // what ends the meeting comes last
		return strings.Compare(fmt.Sprint(strings.Contains(a.name, "meeting.end")), fmt.Sprint(strings.Contains(b.name, "meeting.end")))
	})
	return all
}

func (h *hall) may(token, body string) string {
	status, _, answer := h.call("POST", "/api/v1/meetings/"+string(hallMeeting)+"/commands", token, body)
	var refused wire.Failure
	_ = json.Unmarshal([]byte(answer), &refused)
	if status == 429 || slices.Contains(denied, refused.Code) {
		return "–"
	}
	return "✓"
}

// compareRights holds the table against the page.
func compareRights(t *testing.T, order []string, rows map[string][]string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("# Rights\n\nWritten by `go test ./signaling -run TestRights -args -write` from what the doors answer; the test fails when it is not so any more.\n\n")
	b.WriteString("✓: the caller gets past the door, and the meeting judges; –: refused. The meeting asked for is held in a system; *of another* holds the role for another system, *at a point* for one point and no system. Commands are posted over HTTP; over the socket they are judged by the same machine.\n\n|")
	for _, c := range append([]struct {
		name string
		who  Identity
	}{{name: "route or command"}}, rightsOf...) {
		name := c.name
		if c.who.Role != "" && !strings.HasPrefix(name, string(c.who.Role)) && (strings.HasPrefix(name, "of ") || strings.HasPrefix(name, "at ")) {
			name = string(c.who.Role) + " " + name
		}
		b.WriteString(" " + name + " |")
	}
	b.WriteString("\n|" + strings.Repeat("---|", len(rightsOf)+1) + "\n")
	for _, name := range order {
		b.WriteString("| " + name + " | " + strings.Join(rows[name], " | ") + " |\n")
	}
	page := filepath.Join("..", "docs", "rights.md")
	if *writeRights {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	is, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Split(b.String(), "\n"), strings.Split(string(is), "\n"); !slices.Equal(got, want) {
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Fatalf("docs/rights.md, line %d, is not what the doors answer:\n%s", i+1, strings.Join(got[min(i, len(got)-1):min(i+1, len(got))], ""))
			}
		}
	}
}
