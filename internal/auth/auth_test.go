package auth

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/store/memory"
)

var (
	room  = Principal{Role: "room", Point: "hg-03", Name: "Sở Tài chính"}
	house = Origin{By: "test", Parent: Machine}
)

func open(t *testing.T, records Records) *Tokens {
	t.Helper()
	tokens, err := Open(t.Context(), records)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func issue(t *testing.T, tokens *Tokens, p Principal) string {
	t.Helper()
	token, err := tokens.Issue(t.Context(), p, house)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// expect looks a token up; nobody is the zero principal.
func expect(t *testing.T, tokens *Tokens, token string, want Principal) {
	t.Helper()
	got, ok := tokens.Lookup(token)
	if ok != (want != Principal{}) || got.Principal != want {
		t.Errorf("lookup gives %+v, %v; want %+v", got, ok, want)
	}
}

func TestTokenSpeaksForItsPrincipalAfterARestart(t *testing.T) {
	records := memory.New()
	tokens := open(t, records)
	first, second := issue(t, tokens, room), issue(t, tokens, room)
	if first == second {
		t.Fatal("the same token twice")
	}
	for _, tk := range []*Tokens{tokens, open(t, records)} {
		expect(t, tk, first, room)
		expect(t, tk, second, room)
		expect(t, tk, first[1:]+"A", Principal{})
		expect(t, tk, "", Principal{})
		expect(t, tk, strings.Repeat("A", 1<<20), Principal{})
	}
}

func TestRecordsDoNotHoldTheToken(t *testing.T) {
	records := memory.New()
	token := issue(t, open(t, records), room)
	ids, err := records.List(t.Context(), prefix)
	if err != nil || len(ids) != 1 {
		t.Fatalf("records %v, %v; want one", ids, err)
	}
	body, _, err := records.Get(t.Context(), ids[0])
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(ids[0]+string(body), token) {
		t.Errorf("the token can be read from its record %s %s", ids[0], body)
	}
}

func TestRevokedTokenIsUnknown(t *testing.T) {
	records := memory.New()
	tokens := open(t, records)
	gone, kept := issue(t, tokens, room), issue(t, tokens, room)
	for _, g := range tokens.List() {
		if g.ID == hash(gone) {
			if err := tokens.Revoke(t.Context(), g.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tk := range []*Tokens{tokens, open(t, records)} {
		expect(t, tk, gone, Principal{})
		expect(t, tk, kept, room)
	}
	if err := tokens.Revoke(t.Context(), hash(gone)); !errors.Is(err, ErrUnknown) {
		t.Errorf("a second revoke gives %v, want ErrUnknown", err)
	}
}

func TestRevokeRefusesEvenIfTheRecordsCannotChange(t *testing.T) {
	records := &failing{Records: memory.New()}
	tokens := open(t, records)
	token := issue(t, tokens, room)
	records.err = errors.New("disk full")
	if err := tokens.Revoke(t.Context(), hash(token)); !errors.Is(err, records.err) {
		t.Errorf("revoke gives %v, want the cause", err)
	}
	expect(t, tokens, token, Principal{})
	records.err = nil
	if err := tokens.Revoke(t.Context(), hash(token)); err != nil {
		t.Errorf("revoke again: %v", err)
	}
	expect(t, open(t, records), token, Principal{})
}

func TestTokenThatWasNotKeptIsNotKnown(t *testing.T) {
	records := &failing{Records: memory.New(), err: errors.New("disk full")}
	tokens := open(t, records)
	token, err := tokens.Issue(t.Context(), room, house)
	if !errors.Is(err, records.err) {
		t.Errorf("issue gives %v, want the cause", err)
	}
	expect(t, tokens, token, Principal{})
}

func TestHostIsIdempotentAndBounded(t *testing.T) {
	tokens := open(t, memory.New())
	token := strings.Repeat("x", minToken)
	long := Principal{Role: "room", Name: strings.Repeat("x", maxField+1)}
	for _, c := range []struct {
		name  string
		token string
		who   Principal
		want  error
	}{
		{"a chosen token", token, room, nil},
		{"again", token, room, nil},
		{"for somebody else", token, Principal{Role: "chair"}, ErrTaken},
		{"too short", token[1:], room, ErrToken},
		{"too long", strings.Repeat("x", maxToken+1), room, ErrToken},
		{"nobody", token + "y", Principal{}, ErrPrincipal},
		{"a name without end", token + "y", long, ErrPrincipal},
	} {
		if err := tokens.Host(c.token, c.who); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	var who []Principal
	for _, g := range tokens.List() {
		who = append(who, g.Principal)
	}
	if diff := cmp.Diff([]Principal{room}, who); diff != "" {
		t.Error(diff)
	}
}

func TestConcurrentUse(t *testing.T) {
	tokens := open(t, memory.New())
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			token, err := tokens.Issue(context.Background(), room, house)
			if err != nil {
				t.Error(err)
			}
			expect(t, tokens, token, room)
			if err := tokens.Revoke(context.Background(), hash(token)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if left := tokens.List(); len(left) > 0 {
		t.Errorf("%d tokens left, want 0", len(left))
	}
}

// failing refuses to change anything while err is set.
type failing struct {
	Records
	mu  sync.Mutex
	err error
}

func (f *failing) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *failing) failed() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *failing) Put(ctx context.Context, key string, body []byte, rev uint64) (uint64, error) {
	if err := f.failed(); err != nil {
		return 0, err
	}
	return f.Records.Put(ctx, key, body, rev)
}

func (f *failing) Delete(ctx context.Context, key string, rev uint64) error {
	if err := f.failed(); err != nil {
		return err
	}
	return f.Records.Delete(ctx, key, rev)
}

func TestTokensOfATimeEndByThemselves(t *testing.T) {
	c := &clock{at: time.Unix(1e9, 0)}
	tokens := open(t, memory.New())
	tokens.now = c.now
	short, err := tokens.Issue(t.Context(), room, Origin{By: "lan", Parent: Person("lan"), Until: c.at.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, tokens, short, room)
	c.at = c.at.Add(time.Hour)
	expect(t, tokens, short, Principal{})
	long, err := tokens.Issue(t.Context(), room, Origin{By: "lan", Parent: Person("lan"), Until: c.at.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(tokens.List()); n != 1 {
		t.Errorf("%d tokens are kept, want the new one", n)
	}
	if err := tokens.RevokeWhere(t.Context(), func(g Grant) bool { return g.IssuedBy == "lan" }); err != nil {
		t.Fatal(err)
	}
	expect(t, tokens, long, Principal{})
}
