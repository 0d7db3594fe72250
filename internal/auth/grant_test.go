package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/giaoban/giaoban/internal/store/memory"
)

// over reports whether a grant's life is done.
func over(h Held) bool { return h.Life.Err() != nil }

func TestAnEndedGrantEndsWhatWasOpenedWithIt(t *testing.T) {
	tokens := open(t, memory.New())
	token := issue(t, tokens, room)
	held, ok := tokens.Lookup(token)
	if !ok || over(held) {
		t.Fatal("a fresh grant has ended")
	}
	if err := tokens.Revoke(t.Context(), held.ID); err != nil {
		t.Fatal(err)
	}
	if !over(held) {
		t.Error("a revoked grant lives on where it was looked up before")
	}
}

// A grant of a time ends by a timer of the monotonic clock: nobody looks it up,
// and a wall clock that is set back gives it no more time.
func TestAGrantOfATimeEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wall := time.Duration(0)
		tokens := open(t, memory.New())
		tokens.now = func() time.Time { return time.Now().Add(wall).Round(0) }
		token, err := tokens.Issue(t.Context(), room, Origin{By: "lan", Parent: Person("lan"), Until: tokens.now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		held, _ := tokens.Lookup(token)
		wall = -24 * time.Hour
		time.Sleep(time.Hour - time.Second)
		if over(held) {
			t.Error("it ends before its time")
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if !over(held) {
			t.Error("it goes on after its time")
		}
	})
}

// After a restart a grant lasts no longer than it was issued for, though the
// clock was set back meanwhile.
func TestAClockSetBackPutsNothingOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memory.New()
		put := func(token string, r record) {
			body, err := json.Marshal(r)
			if err == nil {
				_, err = records.Put(t.Context(), prefix+hash(token), body, 0)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		ahead := time.Now().Add(48 * time.Hour)
		token := strings.Repeat("k", minToken)
		put(token, record{Principal: room, Parent: Machine, IssuedAt: ahead, Until: ahead.Add(time.Hour)})
		tokens := open(t, records)
		held, ok := tokens.Lookup(token)
		if !ok {
			t.Fatal("it is not known")
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if !over(held) {
			t.Error("it lasts longer than it was issued for")
		}
	})
}

// What the records do not take is refused at once, and written down as soon as
// they take it, with nobody asking.
func TestARevocationTheRecordsRefusedIsWrittenLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := &failing{Records: memory.New()}
		tokens := open(t, records)
		token := issue(t, tokens, room)
		held, _ := tokens.Lookup(token)
		records.fail(errors.New("disk full"))
		if err := tokens.Revoke(t.Context(), held.ID); err == nil {
			t.Error("a revocation that was not written is not told of")
		}
		if !over(held) {
			t.Error("it waits for the records")
		}
		time.Sleep(2 * settleAgain)
		records.fail(nil)
		time.Sleep(2 * settleAgain)
		synctest.Wait()
		expect(t, open(t, records), token, Principal{})
	})
}

func TestHostedTokensAreInMemoryAloneAndStayOutOnceRevoked(t *testing.T) {
	records := memory.New()
	tokens := open(t, records)
	token := strings.Repeat("d", minToken)
	if err := tokens.Host(token, room); err != nil {
		t.Fatal(err)
	}
	expect(t, tokens, token, room)
	expect(t, open(t, records), token, Principal{})
	if err := tokens.Revoke(t.Context(), IDOf(token)); err != nil {
		t.Fatal(err)
	}
	for _, tk := range []*Tokens{tokens, open(t, records)} {
		expect(t, tk, token, Principal{})
		if err := tk.Host(token, room); !errors.Is(err, ErrEnded) || !tk.Barred(token) {
			t.Errorf("a revoked token is hosted again: %v", err)
		}
		expect(t, tk, token, Principal{})
	}
}

// What versions before parents wrote down says too little of some grants; they
// end. The permanent links of a person go on, and end with the account.
func TestDocumentsBeforeParents(t *testing.T) {
	records := memory.New()
	put := func(token, body string) {
		if _, err := records.Put(t.Context(), prefix+hash(token), []byte(body), 0); err != nil {
			t.Fatal(err)
		}
	}
	demos, days, links := strings.Repeat("d", 26), strings.Repeat("w", 26), strings.Repeat("p", 26)
	put(demos, `{"role":"operator","issuedAt":"2026-11-30T01:00:00Z"}`)
	put(days, `{"role":"controller","issuedAt":"2026-11-30T01:00:00Z","issuedBy":"Kỹ thuật","until":"2999-01-01T00:00:00Z"}`)
	put(links, `{"role":"room","point":"hg-03","name":"Sở Tài chính","issuedAt":"2026-11-30T01:00:00Z","issuedBy":"lan"}`)
	tokens := open(t, records)
	expect(t, tokens, demos, Principal{})
	expect(t, tokens, days, Principal{})
	expect(t, tokens, links, room)
	if keys, err := records.List(t.Context(), prefix); err != nil || len(keys) != 1 {
		t.Errorf("%d documents are left, %v", len(keys), err)
	}
	if err := tokens.EndOf(t.Context(), Person("lan")); err != nil {
		t.Fatal(err)
	}
	expect(t, tokens, links, Principal{})
}

func TestTheRenewalOfARevokedTokenIsRevoked(t *testing.T) {
	for name, which := range map[string]int{"the old one": 0, "the new one": 1} {
		t.Run(name, func(t *testing.T) {
			c := &clock{at: time.Unix(1e9, 0)}
			tokens := open(t, memory.New())
			tokens.now = c.now
			p := Principal{Role: "room", Point: "hg-03", Device: "d"}
			old, err := tokens.Pair(t.Context(), p, house)
			if err != nil {
				t.Fatal(err)
			}
			c.at = c.at.Add(RotateAfter)
			renewed, err := tokens.Rotate(t.Context(), old, "d")
			if err != nil || renewed == "" {
				t.Fatalf("%q, %v", renewed, err)
			}
			if err := tokens.Revoke(t.Context(), IDOf([]string{old, renewed}[which])); err != nil {
				t.Fatal(err)
			}
			expect(t, tokens, old, Principal{})
			expect(t, tokens, renewed, Principal{})
		})
	}
}

func TestRePairingShutsTheOldComputerOut(t *testing.T) {
	tokens := open(t, memory.New())
	pair := func(point, device string) Held {
		token, err := tokens.Pair(t.Context(), Principal{Role: "room", Point: point, Device: device}, house)
		if err != nil {
			t.Fatal(err)
		}
		held, _ := tokens.Lookup(token)
		return held
	}
	link := issue(t, tokens, Principal{Role: "room", Point: "p-1"})
	old, other := pair("p-1", "old"), pair("p-2", "other")
	if over(old) || over(other) {
		t.Fatal("two points shut each other out")
	}
	pair("p-1", "new")
	if !over(old) || over(other) {
		t.Errorf("old over: %v, another point's: %v", over(old), over(other))
	}
	if pair("p-3", "other"); !over(other) {
		t.Error("a computer that was given another point keeps the first")
	}
	if held, ok := tokens.Lookup(link); !ok || over(held) {
		t.Error("a link of the point, which is no computer's, has ended")
	}
}

// A sign-in during a change of the password does not outlive it.
func TestASignInBesideAChangeOfPasswordIsNone(t *testing.T) {
	c := &clock{at: time.Unix(1e9, 0)}
	records := &meddling{Records: memory.New()}
	u := NewUsers(records, open(t, records), c.now)
	u.cost = hashing{memory: 64, passes: 1, threads: 1}
	if err := u.Add(t.Context(), User{Name: "lan", Holds: []Hold{{Role: "operator"}}}, secret); err != nil {
		t.Fatal(err)
	}
	records.before = func(key string) {
		if strings.HasPrefix(key, sessionPrefix) {
			records.before = nil
			if err := u.SetPassword(t.Context(), "lan", "một mật khẩu khác"); err != nil {
				t.Error(err)
			}
		}
	}
	if session, _, err := u.SignIn(t.Context(), "10.0.0.1", "lan", secret); !errors.Is(err, ErrSignIn) {
		t.Errorf("signed in with the old password: %q, %v", session, err)
	}
	if keys, _ := records.List(t.Context(), sessionPrefix); len(keys) > 0 {
		t.Errorf("%d sessions are left", len(keys))
	}
}

// meddling does something before a document is written.
type meddling struct {
	Records
	before func(key string)
}

func (m *meddling) Put(ctx context.Context, key string, body []byte, rev uint64) (uint64, error) {
	if m.before != nil {
		m.before(key)
	}
	return m.Records.Put(ctx, key, body, rev)
}

// A renewal beside a revocation is not there, or ends.
func TestRevokingBesideRenewing(t *testing.T) {
	for range 50 {
		tokens := open(t, memory.New())
		c := &clock{at: time.Unix(1e9, 0)}
		tokens.now = c.now
		old, err := tokens.Pair(t.Context(), Principal{Role: "room", Point: "p", Device: "d"}, house)
		if err != nil {
			t.Fatal(err)
		}
		c.at = c.at.Add(RotateAfter)
		var renewed string
		var wg sync.WaitGroup
		wg.Go(func() { renewed, _ = tokens.Rotate(context.Background(), old, "d") })
		wg.Go(func() { _ = tokens.Revoke(context.Background(), IDOf(old)) })
		wg.Wait()
		expect(t, tokens, old, Principal{})
		expect(t, tokens, renewed, Principal{})
	}
}

// Old builds read nothing out of the mark of a hosted token that was revoked.
func TestAMarkOfARevokedTokenIsNobodys(t *testing.T) {
	body, err := json.Marshal(record{Ended: true})
	if err != nil || !bytes.Contains(body, []byte(`"role":""`)) {
		t.Errorf("%s, %v", body, err)
	}
}
