package meeting

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// answering is a meeting whose sessions act.
type answering struct {
	*Meeting
	t  rapid.TB
	on bool
}

// act has a session give a command with a number that leads to a fact.
func (a *answering) act(session string, id uint64) {
	a.t.Helper()
	cause := Cause{Session: session, ID: id, Command: CommandDigest(Actor{}, SetCamera{On: a.on})}
	if err := a.Apply(Event{Seq: a.Seq() + 1, At: dawn(), Cause: cause, Fact: CameraSet{Point: "p2", On: a.on}}); err != nil {
		a.t.Fatal(err)
	}
	a.on = !a.on
}

// knows reports whether a session's last answer is remembered.
func (a *answering) remembers(session string) bool {
	_, ok := a.s.Answered[session]
	return ok
}

func TestOnlyTheVerySameCommandIsARetry(t *testing.T) {
	m := newMeeting(t, 2, 2)
	room := Actor{Role: RoleRoom, Point: "p2"}
	off := CommandDigest(room, SetCamera{})
	if err := m.Apply(Event{Seq: m.Seq() + 1, At: dawn(), Cause: Cause{Session: "tab", ID: 7, Command: off}, Fact: CameraSet{Point: "p2"}}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		what  string
		cause Cause
		done  bool
		want  Code
	}{
		{"the same again", Cause{Session: "tab", ID: 7, Command: off}, true, ""},
		{"another command with its number", Cause{Session: "tab", ID: 7, Command: CommandDigest(room, CloseAll{})}, false, CodeNumberUsed},
		{"the same of somebody else", Cause{Session: "tab", ID: 7, Command: CommandDigest(Actor{Role: RoleRoom, Point: "p1"}, SetCamera{})}, false, CodeNumberUsed},
		{"the same with a lower number", Cause{Session: "tab", ID: 6, Command: off}, false, CodeNumberUsed},
		{"no command", Cause{Session: "tab", ID: 7}, false, CodeNumberUsed},
		{"the next number", Cause{Session: "tab", ID: 8, Command: off}, false, ""},
		{"another session", Cause{Session: "tab2", ID: 1, Command: off}, false, ""},
		{"none", Cause{}, false, ""},
	} {
		seq, done, err := m.Answered(tc.cause)
		if done != tc.done || code(err) != tc.want || done && seq != m.Seq() {
			t.Errorf("%s: %d %v %v, want done %v, code %q", tc.what, seq, done, err, tc.done, tc.want)
		}
	}
}

// A log of before there were digests of commands folds; a number of it is
// refused, as nobody knows what it was for.
func TestANumberOfAnOldLogIsRefused(t *testing.T) {
	m := newMeeting(t, 2, 2)
	var e Event
	old := fmt.Sprintf(`{"seq":%d,"at":"2026-11-26T07:00:00Z","by":{"role":"room","point":"p2"},"cause":{"session":"tab","id":7},"fact":"camera.set","v":1,"d":{"point":"p2","on":false}}`, m.Seq()+1)
	if err := e.UnmarshalJSON([]byte(old)); err != nil {
		t.Fatal(err)
	}
	if err := m.Apply(e); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[uint64]Code{7: CodeNumberUsed, 8: ""} {
		_, done, err := m.Answered(Cause{Session: "tab", ID: id, Command: CommandDigest(e.By, SetCamera{Point: "p2"})})
		if done || code(err) != want {
			t.Errorf("number %d: done %v, %v", id, done, err)
		}
	}
	if kept, err := Restore(m.Snapshot()); err != nil || kept.s.Answered["tab"].ID != 7 {
		t.Error("its session is not kept", err)
	}
}

// Whoever floods a meeting with sessions pushes out their own, and those of
// nobody who has no more than a fair part.
func TestAFloodOfSessionsPushesOutItsOwn(t *testing.T) {
	m := &answering{Meeting: newMeeting(t, 2, 2), t: t}
	real := []string{"tab", "http-0123", "02/tab", "02/x/tab", "02/y/node-1", "03/tab"}
	for _, s := range real {
		m.act(s, 1)
	}
	flood := func(form string) {
		for i := range maxSession + 20 {
			m.act(fmt.Sprintf(form, i), 1)
		}
	}
	for _, form := range []string{
		"04/%d", "04/n%d/tab", "04/a/b/c/d/e/f/g/h/%d", // of a child, of nodes it invents, deeper than a tree goes
		"02/z/%d", "02/z/n%d/m/tab", // of a node below a child, and of those it invents
	} {
		flood(form)
		for _, s := range real {
			if !m.remembers(s) {
				t.Errorf("a flood of %s pushes out %q", form, s)
			}
		}
	}
	flood("%d")
	if m.remembers("tab") || !m.remembers("03/tab") {
		t.Error("a flood of this node's own sessions pushes out those of others")
	}
	if n := len(m.s.Answered); n > maxSession+3*maxBelow {
		t.Errorf("%d sessions are remembered", n)
	}
}

func TestTheNewestSessionsAreRemembered(t *testing.T) {
	for prefix, most := range map[string]int{"": maxSession, "02/": maxBelow, "02/x/": maxBelow} {
		m := &answering{Meeting: newMeeting(t, 2, 2), t: t}
		m.act(prefix+"first", 1)
		m.act(prefix+"second", 1)
		m.act(prefix+"first", 2)
		for i := range most - 1 {
			m.act(fmt.Sprint(prefix, "tab", i), 1)
		}
		if !m.remembers(prefix+"first") || m.remembers(prefix+"second") || !m.remembers(prefix+"tab0") || len(m.s.Answered) != most {
			t.Errorf("%q: %d remembered, first %v, second %v", prefix, len(m.s.Answered), m.remembers(prefix+"first"), m.remembers(prefix+"second"))
		}
	}
}

// No session from below is one of another node, nor one of this node's own,
// however it is chosen; each stays itself, and grows no further than a link takes.
func TestASessionFromBelowIsNobodyElses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		session := rapid.OneOf(rapid.StringMatching(`[a-z0-9/~.-]{1,12}`), rapid.StringMatching(`[a-z/]{110,200}`))
		type come struct{ node, session string }
		from := map[string]come{}
		for range 40 {
			c := come{rapid.SampledFrom([]string{"02", "02.a", "2", strings.Repeat("x", 64)}).Draw(t, "node"), session.Draw(t, "session")}
			got := Cause{Session: c.session, ID: 1}.Below(c.node).Session
			if was, twice := from[got]; twice && was != c {
				t.Fatalf("%v and %v are both %q", was, c, got)
			}
			from[got] = c
			if !strings.HasPrefix(got, c.node+"/") || len(got) > 200 {
				t.Fatalf("%v is %q", c, got)
			}
		}
	})
	for _, none := range []Cause{{}, {Session: "tab"}, {ID: 1}} {
		if got := none.Below("02"); got != (Cause{}) {
			t.Errorf("%+v becomes %+v", none, got)
		}
	}
}
