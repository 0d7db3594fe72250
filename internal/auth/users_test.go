package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/store/memory"
)

const secret = "rất bí mật 2026"

func people(t *testing.T, c *clock) (*Users, Records) {
	t.Helper()
	records := memory.New()
	u := NewUsers(records, open(t, records), c.now)
	u.cost = hashing{memory: 64, passes: 1, threads: 1} // a test has no time for the ordinary
	who := User{Name: "lan", Display: "Nguyễn Thị Lan", Holds: []Hold{{Role: "operator", System: "ha-giang-tinh"}}}
	if err := u.Add(t.Context(), who, secret); err != nil {
		t.Fatal(err)
	}
	return u, records
}

func TestSignInOpensASession(t *testing.T) {
	c := &clock{at: time.Unix(1e9, 0)}
	u, records := people(t, c)
	session, who, err := u.SignIn(t.Context(), "10.0.0.1", "lan", secret)
	if err != nil || who.Display != "Nguyễn Thị Lan" || !who.Holding("operator") {
		t.Fatalf("%+v, %v", who, err)
	}
	if who, ok, err := u.Session(t.Context(), session); err != nil || !ok || who.Name != "lan" {
		t.Errorf("%+v, %v, %v", who, ok, err)
	}
	if _, ok, _ := u.Session(t.Context(), newToken()); ok {
		t.Error("a made-up session is somebody's")
	}
	keys, err := records.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		body, _, _ := records.Get(t.Context(), key)
		if strings.Contains(key, session) || bytes.Contains(body, []byte(session)) || bytes.Contains(body, []byte(secret)) {
			t.Errorf("%s gives a secret away", key)
		}
	}
	c.at = c.at.Add(SessionLife)
	if _, ok, _ := u.Session(t.Context(), session); ok {
		t.Error("a session outlives its time")
	}
}

func TestSessionsEndWithWhatTheyStandOn(t *testing.T) {
	for name, end := range map[string]func(u *Users, session string) error{
		"signing out":      func(u *Users, s string) error { return u.SignOut(t.Context(), s) },
		"another password": func(u *Users, _ string) error { return u.SetPassword(t.Context(), "lan", "một mật khẩu khác") },
		"being disabled":   func(u *Users, _ string) error { return u.Disable(t.Context(), "lan") },
	} {
		u, _ := people(t, &clock{at: time.Unix(1e9, 0)})
		session, _, err := u.SignIn(t.Context(), "a", "lan", secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := end(u, session); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, ok, _ := u.Session(t.Context(), session); ok {
			t.Errorf("%s does not end the session", name)
		}
		if _, err := u.Verify(t.Context(), "a", "lan", secret); (err == nil) != (name == "signing out") {
			t.Errorf("after %s the old password gives %v", name, err)
		}
	}
}

// An unknown name, a wrong password and a disabled account are one answer, so
// that nobody learns who has an account.
func TestRefusalsAreOne(t *testing.T) {
	u, _ := people(t, &clock{at: time.Unix(1e9, 0)})
	if err := u.Add(t.Context(), User{Name: "minh", Holds: []Hold{{Role: "chair"}}}, secret); err != nil {
		t.Fatal(err)
	}
	if err := u.Disable(t.Context(), "minh"); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{"nobody", secret}, {"lan", "không phải mật khẩu"}, {"minh", secret}, {"LAN", secret}, {"lan", strings.Repeat("x", 5000)}, {"../lan", secret}} {
		if _, err := u.Verify(t.Context(), "a", c[0], c[1]); !errors.Is(err, ErrSignIn) {
			t.Errorf("%q: %v", c[0], err)
		}
	}
}

func TestGuessingIsSlow(t *testing.T) {
	const guesser, elsewhere = "10.0.0.1", "10.0.0.2"
	c := &clock{at: time.Unix(1e9, 0)}
	u, _ := people(t, c)
	pair := limit.Standard().Row(limit.SignInPairs)
	for range pair.Burst {
		if _, err := u.Verify(t.Context(), guesser, "lan", "sai mật khẩu rồi"); !errors.Is(err, ErrSignIn) {
			t.Fatal(err)
		}
	}
	var over *limit.Refusal
	if _, err := u.Verify(t.Context(), guesser, "lan", secret); !errors.Is(err, ErrTooFast) || !errors.As(err, &over) || over.After != pair.Every {
		t.Errorf("the guesser goes on: %v", err)
	}
	if _, err := u.Verify(t.Context(), elsewhere, "lan", secret); err != nil {
		t.Errorf("the person pays for the guesser: %v", err)
	}
	c.at = c.at.Add(pair.Every)
	if _, err := u.Verify(t.Context(), guesser, "lan", secret); err != nil {
		t.Errorf("time forgives nothing: %v", err)
	}
}

// A name from many neighbourhoods is held to a rate too, but not where its owner
// has signed in before: nobody is shut out by strangers. Only the tallies are
// looked at: fifty hashes would take the test's time.
func TestStrangersCannotShutANameOut(t *testing.T) {
	u, _ := people(t, &clock{at: time.Unix(1e9, 0)})
	if _, err := u.Verify(t.Context(), "10.0.0.1", "lan", secret); err != nil {
		t.Fatal(err)
	}
	for range limit.Standard().Row(limit.SignInNames).Burst {
		if err := u.patience.name.Take("lan"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := u.Verify(t.Context(), "10.0.0.9", "lan", secret); !errors.Is(err, ErrTooFast) {
		t.Errorf("a stranger goes on: %v", err)
	}
	if _, err := u.Verify(t.Context(), "10.0.0.1", "lan", secret); err != nil {
		t.Errorf("the person is shut out: %v", err)
	}
	again := NewUsers(u.records, nil, nil)
	again.patience = u.patience
	if _, err := again.Verify(t.Context(), "10.0.0.1", "lan", secret); err != nil {
		t.Errorf("shut out after a restart: %v", err)
	}
}

// Names vary freely; one neighbourhood has one allowance for all of them, and
// over it nothing is hashed.
func TestSprayingIsSlow(t *testing.T) {
	u, _ := people(t, &clock{at: time.Unix(1e9, 0)})
	hashed := 0
	for i := range 400 {
		_, err := u.Verify(t.Context(), fmt.Sprintf("2001:db8::%x", i), fmt.Sprint("name-", i), "sai mật khẩu rồi")
		if errors.Is(err, ErrSignIn) {
			hashed++
		}
	}
	if want := limit.Standard().Row(limit.SignIns).Burst; hashed != want {
		t.Errorf("%d of 400 names were hashed for, want %d", hashed, want)
	}
	if _, err := u.Verify(t.Context(), "2001:db8:0:1::1", "lan", secret); err != nil {
		t.Errorf("another network pays for it: %v", err)
	}
}

// Hashes go one at a time, few of one neighbourhood wait, and the rest are told
// when to come again.
func TestHashesWaitInABoundedQueue(t *testing.T) {
	p := newPatience(nil)
	hold, began := make(chan struct{}), make(chan struct{}, 100)
	work := func(from limit.Neighbourhood) error {
		return p.work(t.Context(), from, func() {
			began <- struct{}{}
			<-hold
		})
	}
	near, far := limit.At("10.0.0.1"), limit.At("10.0.0.2")
	var wg sync.WaitGroup
	most := limit.Standard().Row(limit.Hashes).Each
	for range most {
		wg.Go(func() {
			if err := work(near); err != nil {
				t.Error(err)
			}
		})
	}
	for p.hashes.Taken() < most {
		runtime.Gosched()
	}
	<-began
	var over *limit.Refusal
	if err := work(near); !errors.Is(err, ErrOverload) || !errors.As(err, &over) || over.After <= 0 {
		t.Errorf("a fifth of one neighbourhood: %v", err)
	}
	wg.Go(func() {
		if err := work(far); err != nil {
			t.Errorf("another neighbourhood: %v", err)
		}
	})
	if len(began) != 0 {
		t.Error("two hashes at once")
	}
	close(hold)
	wg.Wait()
	if p.hashes.Taken() != 0 {
		t.Error("places are left behind")
	}
}

func TestFirstStartMakesOneOperator(t *testing.T) {
	u := NewUsers(memory.New(), nil, nil)
	password, err := u.First(t.Context(), "operator")
	if err != nil || len(password) < 20 {
		t.Fatalf("%q, %v", password, err)
	}
	if _, err := u.Verify(t.Context(), "a", "operator", password); err != nil {
		t.Error(err)
	}
	if again, err := u.First(t.Context(), "operator"); err != nil || again != "" {
		t.Errorf("a second start makes another: %q, %v", again, err)
	}
}

func TestAccountsAreJudged(t *testing.T) {
	u, _ := people(t, &clock{at: time.Unix(1e9, 0)})
	holds := []Hold{{Role: "chair"}}
	for name, c := range map[string]struct {
		user     User
		password string
		want     error
	}{
		"a name twice":      {User{Name: "lan", Holds: holds}, secret, ErrExists},
		"a name with marks": {User{Name: "Lân", Holds: holds}, secret, ErrUser},
		"no name":           {User{Holds: holds}, secret, ErrUser},
		"no role":           {User{Name: "an"}, secret, ErrUser},
		"a short password":  {User{Name: "an", Holds: holds}, "ngắn", ErrPassword},
		"a long password":   {User{Name: "an", Holds: holds}, strings.Repeat("x", 201), ErrPassword},
	} {
		if err := u.Add(t.Context(), c.user, c.password); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := u.Disable(t.Context(), "none"); !errors.Is(err, ErrUnknown) {
		t.Errorf("%v", err)
	}
	users, err := u.List(t.Context())
	if err != nil || len(users) != 1 || !slices.Equal(users[0].Holds, []Hold{{Role: "operator", System: "ha-giang-tinh"}}) {
		t.Errorf("%+v, %v", users, err)
	}
}

func TestHashesOfAnotherKindMatchNothing(t *testing.T) {
	for _, stored := range []string{"", "$", "x$argon2id$v=19$m=8,t=1,p=1$AAAA$", "$argon2id$v=18$m=8,t=1,p=1$AAAAAAAA$AAAA",
		"$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAA$AAAA", "$argon2id$v=19$m=8,t=0,p=1$AAAAAAAA$AAAA", "$argon2i$v=19$m=8,t=1,p=1$AAAAAAAA$AAAA", secret} {
		if matches(stored, secret) {
			t.Errorf("%q matches", stored)
		}
	}
	if !matches(ordinary.hash(secret), secret) {
		t.Error("a hash does not match its own password")
	}
}

// The account of the first version stays readable, and its password right.
func TestGoldenAccountIsRead(t *testing.T) {
	const golden = `{"version":1,"name":"lan","display":"Lan","holds":[{"role":"operator","system":"ha-giang-tinh"}],"madeAt":"2026-11-25T00:00:00Z","hash":"$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$%s"}`
	records := memory.New()
	u := NewUsers(records, open(t, records), nil)
	// The key of "rất bí mật 2026" under these parameters, as version 1 stored it.
	const key = "QlIwEE/Q5TwG6Z2h0uaJmip/k4K46sG+zNyXUumeF90"
	if _, err := records.Put(context.Background(), "user/lan", fmt.Appendf(nil, golden, key), 0); err != nil {
		t.Fatal(err)
	}
	if who, err := u.Verify(t.Context(), "a", "lan", secret); err != nil || who.Display != "Lan" {
		t.Errorf("%+v, %v", who, err)
	}
}
