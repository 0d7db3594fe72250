package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/bolt"
	"github.com/giaoban/giaoban/internal/wire"
)

// call sends a request with a token and gives status and body.
func (p *program) call(t *testing.T, what, token string, body any) (int, []byte) {
	t.Helper()
	method, path, _ := strings.Cut(what, " ")
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(method, p.url+"/api/v1/"+path, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, text
}

// mint opens a link and gives its token.
func (p *program) mint(t *testing.T, path, by string, want wire.LinkWanted) string {
	t.Helper()
	status, body := p.call(t, "POST "+path, by, want)
	var made wire.LinkMade
	if err := json.Unmarshal(body, &made); err != nil || status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, status, body)
	}
	_, token, _ := strings.Cut(made.Path, "#t=")
	return token
}

// demoOff is a configuration without the demo.
func demoOff(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "giaoban.yaml")
	write(t, file, "demo:\n  enabled: false\n")
	return file
}

// tokensOf are the tokens of all links that were printed.
func (p *program) tokensOf() map[string]bool {
	tokens := map[string]bool{}
	for _, found := range regexp.MustCompile(`#t=([A-Z0-9]+)`).FindAllStringSubmatch(p.links, -1) {
		tokens[found[1]] = true
	}
	return tokens
}

func (p *program) stop(t *testing.T) {
	t.Helper()
	if err := p.interrupt(t); err != nil {
		t.Fatalf("stopped with %v\n%s", err, p.errs)
	}
}

// With the demo off none of its links is taken, nor anything its operator
// handed out, nor an account it made; with it on again there are other links.
func TestTheDemosLinksEndWithTheDemo(t *testing.T) {
	data := t.TempDir()
	on := begin(t, "--data", data, "--demo-points", "0")
	links := on.tokensOf()
	if len(links) < 25 || !strings.Contains(on.errs.String(), "the demo is on") {
		t.Fatalf("%d links\n%s", len(links), on.errs)
	}
	_, after, _ := strings.Cut(on.links, "/operator#t=")
	operator := strings.Fields(after)[0]
	minted := []string{
		on.mint(t, "session/links", operator, wire.LinkWanted{Role: meeting.RoleController}),
		on.mint(t, "links", operator, wire.LinkWanted{Role: meeting.RoleOperator}),
	}
	hold := []wire.Hold{{Role: meeting.RoleOperator}}
	if status, body := on.call(t, "POST users", operator, wire.NewUser{Name: "thu", Password: "một mật khẩu dài", Holds: hold}); status >= 300 {
		t.Fatalf("%d %s", status, body)
	}
	if status, body := on.call(t, "POST session/links", on.console(), wire.LinkWanted{Role: meeting.RoleController}); status != http.StatusForbidden {
		t.Errorf("the demo's console opens links: %d %s", status, body)
	}
	on.stop(t)

	off := begin(t, "--data", data, "--config", demoOff(t))
	for token := range links {
		minted = append(minted, token)
	}
	for i, token := range minted {
		paths := []string{"session", "users"}
		if i < 5 { // a machine that tries more wrong tokens is told that it is too fast
			paths = append(paths, "meetings")
		}
		for _, path := range paths {
			if status, body := off.call(t, "GET "+path, token, nil); status != http.StatusUnauthorized {
				t.Errorf("%s with %s: %d %s", path, token, status, body)
			}
		}
	}
	if status, body := off.call(t, "POST session", "", wire.SignIn{Name: "thu", Password: "một mật khẩu dài"}); status != http.StatusUnauthorized {
		t.Errorf("an account of the demo: %d %s", status, body)
	}
	off.stop(t)

	again := begin(t, "--data", data, "--demo-points", "0")
	for token := range again.tokensOf() {
		if links[token] {
			t.Errorf("%s is back", token)
		}
	}
	if status, body := again.call(t, "GET session", again.console(), nil); status != http.StatusOK {
		t.Errorf("the demo's console: %d %s", status, body)
	}
}

// A link of the demo that an operator revoked is not let in by the next start.
func TestARevokedLinkOfTheDemoStaysOut(t *testing.T) {
	data := t.TempDir()
	p := begin(t, "--data", data, "--demo-points", "0")
	console := p.console()
	_, after, _ := strings.Cut(p.links, "/operator#t=")
	operator := strings.Fields(after)[0]
	_, body := p.call(t, "GET links", operator, nil)
	var rows []wire.TokenRow
	if err := json.Unmarshal(body, &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row.Role == meeting.RoleController {
			if status, body := p.call(t, "DELETE links/"+row.ID, operator, nil); status != http.StatusNoContent {
				t.Fatalf("%d %s", status, body)
			}
		}
	}
	p.stop(t)
	again := begin(t, "--data", data, "--demo-points", "0")
	if status, _ := again.call(t, "GET session", console, nil); status != http.StatusUnauthorized || again.console() == console {
		t.Errorf("the revoked console: %d", status)
	}
	if status, _ := again.call(t, "GET session", operator, nil); status != http.StatusOK {
		t.Errorf("the links that were not revoked changed: %d", status)
	}
}

// What a version before grants had parents has left behind: the documents were
// written by it, with links that the demo's operator, a console and a room had
// made, and those of an account and of the command line.
func TestTheDemoOfAnOlderVersionEnds(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "demo-before-parents.json"))
	if err != nil {
		t.Fatal(err)
	}
	var old struct {
		Documents map[string]json.RawMessage
		Tokens    map[string]string
	}
	if err := json.Unmarshal(text, &old); err != nil {
		t.Fatal(err)
	}
	var printed demo
	if err := json.Unmarshal(old.Documents["demo/ha-giang"], &printed); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	db, err := bolt.Open(filepath.Join(data, "giaoban.db"))
	if err != nil {
		t.Fatal(err)
	}
	for key, body := range old.Documents {
		if _, err := db.Put(t.Context(), key, body, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	p := begin(t, "--data", data, "--config", demoOff(t))
	for token := range printed.all() {
		if status, _ := p.call(t, "GET session", token, nil); status != http.StatusUnauthorized {
			t.Errorf("a link that was printed: %d", status)
		}
	}
	for name, token := range old.Tokens {
		want := http.StatusUnauthorized
		if name == "lanRoom" || name == "cli" {
			want = http.StatusOK // the account's, and the command line's
		}
		if status, body := p.call(t, "GET session", token, nil); status != want {
			t.Errorf("%s: %d %s, want %d", name, status, body, want)
		}
	}
}
