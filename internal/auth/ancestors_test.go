package auth

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/giaoban/giaoban/internal/store/memory"
)

// After any sequence of signing in and out, handing out, renewing, re-pairing,
// revoking, disabling and restarting, nothing that can be used hangs on
// anything that has ended.
func TestNothingUsableHasAnEndedAncestor(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newGrants(t)
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			step := rapid.SampledFrom(w.steps()).Draw(rt, "step")
			step.do(w, rapid.IntRange(0, 1<<16).Draw(rt, "which"))
			w.check(rt, step.name)
		}
	})
}

// grants is a model of what hangs on what.
type grants struct {
	t       *testing.T
	records *memory.Store
	tokens  *Tokens
	users   *Users
	clock   *clock
	people  map[string]bool // whether the person's rights go on
	signed  []*sign
	made    []*made
}

type sign struct {
	session, who string
	over         bool
}

type made struct {
	token, device string
	who           string // whose it is; "" is the machine's
	sign          *sign  // of a working day; nil is for good
	renews        *made
	over          bool
	life          Held
}

func newGrants(t *testing.T) *grants {
	w := &grants{t: t, records: memory.New(), clock: &clock{at: time.Unix(1e9, 0)}, people: map[string]bool{}}
	w.restart()
	for _, name := range []string{"an", "binh", "chi"} {
		if err := w.users.Add(t.Context(), User{Name: name, Holds: []Hold{{Role: "operator"}}}, secret); err != nil {
			t.Fatal(err)
		}
		w.people[name] = true
	}
	return w
}

func (w *grants) restart() {
	var err error
	if w.tokens, err = load(w.t.Context(), w.records, w.clock.now); err != nil {
		w.t.Fatal(err)
	}
	w.users = NewUsers(w.records, w.tokens, w.clock.now)
	w.users.cost = hashing{memory: 64, passes: 1, threads: 1}
	for _, m := range w.made {
		m.life = Held{}
		if held, ok := w.tokens.Lookup(m.token); ok {
			m.life = held
		}
	}
}

type grantStep struct {
	name string
	do   func(*grants, int)
}

func (w *grants) steps() []grantStep {
	names := []string{"an", "binh", "chi"}
	steps := []grantStep{
		{"sign in", func(w *grants, n int) {
			who := names[n%3]
			session, _, err := w.users.SignIn(w.t.Context(), "10.0.0.1", who, secret)
			if (err == nil) != w.people[who] {
				w.t.Fatalf("sign in of %s: %v", who, err)
			}
			if err == nil {
				w.signed = append(w.signed, &sign{session: session, who: who})
			}
		}},
		{"disable", func(w *grants, n int) {
			who := names[n%3]
			w.must(w.users.Disable(w.t.Context(), who))
			w.people[who] = false
			w.end(func(s *sign) bool { return s.who == who }, func(m *made) bool { return m.who == who })
		}},
		{"reset the password", func(w *grants, n int) {
			who := names[n%3]
			w.must(w.users.SetPassword(w.t.Context(), who, secret))
			w.end(func(s *sign) bool { return s.who == who }, nil)
		}},
		{"restart", func(w *grants, _ int) { w.restart() }},
		{"a month passes", func(w *grants, _ int) {
			w.clock.at = w.clock.at.Add(RotateAfter)
			w.end(func(*sign) bool { return true }, nil)
			w.restart()
		}},
		{"the machine hands out", func(w *grants, n int) { w.hand("", nil, n) }},
	}
	if len(w.signed) > 0 {
		steps = append(steps,
			grantStep{"sign out", func(w *grants, n int) {
				s := w.signed[n%len(w.signed)]
				w.must(w.users.SignOut(w.t.Context(), s.session))
				w.end(func(o *sign) bool { return o == s }, nil)
			}},
			grantStep{"open a page", func(w *grants, n int) { w.byPerson(n, true) }},
			grantStep{"hand out for good", func(w *grants, n int) { w.byPerson(n, false) }})
	}
	if len(w.made) > 0 {
		steps = append(steps,
			grantStep{"revoke", func(w *grants, n int) {
				m := w.made[n%len(w.made)]
				if err := w.tokens.Revoke(w.t.Context(), IDOf(m.token)); err != nil && !errors.Is(err, ErrUnknown) {
					w.t.Fatal(err)
				}
				if !m.over { // what has ended has no family any more
					w.end(nil, func(o *made) bool { return o == m })
				}
			}},
			grantStep{"renew", func(w *grants, n int) { w.renew(w.made[n%len(w.made)]) }})
	}
	return steps
}

func (w *grants) must(err error) {
	if err != nil {
		w.t.Fatal(err)
	}
}

// byPerson lets somebody who is signed in hand something out, as the operator's
// interface does: it asks for the session first.
func (w *grants) byPerson(n int, day bool) {
	s := w.signed[n%len(w.signed)]
	_, ok, err := w.users.Session(w.t.Context(), s.session)
	if err != nil || ok == s.over {
		w.t.Fatalf("the session of %s goes on: %v, over: %v, %v", s.who, ok, s.over, err)
	}
	if !ok {
		return
	}
	if !day {
		w.hand(s.who, nil, n)
		return
	}
	w.hand(s.who, s, n)
}

func (w *grants) hand(who string, s *sign, n int) {
	from := Origin{By: who, Parent: Machine}
	if who != "" {
		from.Parent = Person(who)
	}
	p, m := Principal{Role: "room", Point: fmt.Sprint("p-", n%3)}, &made{who: who, sign: s}
	var err error
	switch {
	case s != nil:
		signed, _, _ := w.users.Session(w.t.Context(), s.session)
		from.Parent, from.Until = signed.Parent, signed.Until
		m.token, err = w.tokens.Issue(w.t.Context(), p, from)
	case n%2 == 0:
		p.Device = fmt.Sprint("d-", n%5)
		m.device = p.Device
		m.token, err = w.tokens.Pair(w.t.Context(), p, from)
		w.end(nil, func(o *made) bool {
			return o.device != "" && (o.device == p.Device || o.life.Point == p.Point)
		})
	default:
		m.token, err = w.tokens.Issue(w.t.Context(), p, from)
	}
	w.must(err)
	w.admit(m)
}

func (w *grants) admit(m *made) {
	held, ok := w.tokens.Lookup(m.token)
	if !ok {
		w.t.Fatal("what was handed out is not known")
	}
	m.life = held
	w.made = append(w.made, m)
}

func (w *grants) renew(m *made) {
	token, err := w.tokens.Rotate(w.t.Context(), m.token, m.device)
	if m.over || m.device == "" {
		if err == nil {
			w.t.Fatal("renewed what cannot be")
		}
		return
	}
	w.must(err)
	for _, o := range w.made { // itself superseded, or superseding
		if o == m.renews || o.renews == m {
			o.over = true
		}
	}
	if token != "" {
		w.admit(&made{token: token, device: m.device, who: m.who, renews: m})
	}
}

// end marks what has ended, and all that hangs on it or renews it.
func (w *grants) end(signs func(*sign) bool, which func(*made) bool) {
	for _, s := range w.signed {
		s.over = s.over || signs != nil && signs(s)
	}
	var just []*made
	for _, m := range w.made {
		if !m.over && (which != nil && which(m) || m.sign != nil && m.sign.over) {
			m.over = true
			just = append(just, m)
		}
	}
	for len(just) > 0 {
		m := just[0]
		just = just[1:]
		for _, o := range w.made {
			if !o.over && (m.renews == o || o.renews == m) {
				o.over = true
				just = append(just, o)
			}
		}
	}
}

func (w *grants) check(rt *rapid.T, step string) {
	for i, m := range w.made {
		_, ok := w.tokens.Lookup(m.token)
		alive := !m.over && (m.who == "" || w.people[m.who]) && (m.sign == nil || !m.sign.over)
		if ok && !alive {
			rt.Fatalf("after %q grant %d of %q is usable", step, i, m.who)
		}
		if !ok && alive {
			rt.Fatalf("after %q grant %d of %q has ended for no reason", step, i, m.who)
		}
		if !ok && m.life.Life != nil && !over(m.life) {
			rt.Fatalf("after %q grant %d is refused, and what it opened goes on", step, i)
		}
	}
	for _, s := range w.signed {
		if _, ok, _ := w.users.Session(w.t.Context(), s.session); ok && (s.over || !w.people[s.who]) {
			rt.Fatalf("after %q a session of %s is usable", step, s.who)
		}
	}
}
