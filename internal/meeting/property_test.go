package meeting

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestInvariants plays random commands, hostile ones among them, losses,
// returns and time, and checks every invariant of doc.go after every fact.
// A play that never reaches some fact would prove nothing about it, so each
// must have happened; a rare one is given more rounds.
func TestInvariants(t *testing.T) {
	seen := map[string]int{}
	for round := 0; round == 0 || round < 5 && len(seen) < len(factForms); round++ {
		rapid.Check(t, func(rt *rapid.T) {
			g := &game{tester: rt, draw: drawFrom(rt), m: New("gb-1"), now: dawn()}
			g.play(pick(g, "steps", 50, 150, 300), pick(g, "snapshot after", 0, 10, 49, 120, 299))
			for _, e := range g.log {
				seen[e.Fact.fact()]++
			}
		})
	}
	for name := range factForms {
		if seen[name] == 0 {
			t.Errorf("no play came to %s: %v", name, seen)
		}
	}
	t.Log(seen)
}

// FuzzCommands is the same with the fuzzer choosing, a byte a choice.
func FuzzCommands(f *testing.F) {
	for seed := range byte(8) {
		noise := make([]byte, 400)
		rand.NewChaCha8([32]byte{seed}).Read(noise)
		f.Add(noise)
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		g := &game{tester: t, m: New("gb-1"), now: dawn()}
		g.draw = func(_ string, n int) int {
			if len(choices) == 0 {
				return 0
			}
			c := int(choices[0])
			choices = choices[1:]
			return c % n
		}
		g.play(min(len(choices)/4, 300), len(choices)/8)
	})
}

// TestHostileLog folds facts nobody decided: each is refused and changes
// nothing, or every invariant still holds.
func TestHostileLog(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := &game{tester: rt, draw: drawFrom(rt), m: New("gb-1"), now: dawn()}
		g.start()
		for range pick(g, "facts", 100, 10) {
			before := g.m.Snapshot()
			e := Event{Seq: g.m.Seq() + 1, At: g.now, By: g.actor(), Fact: g.anyFact()}
			if err := g.m.Apply(e); err != nil {
				g.same("a refused fact", before, g.m)
			}
			g.invariants()
		}
	})
}

func (g *game) play(steps, marked int) {
	g.start()
	for step := range steps {
		if step == marked {
			g.mark = g.m.Snapshot()
		}
		g.now = g.now.Add(time.Duration(pick(g, "seconds", 0, 0, 0, 1, 1, 1, 5, 10, 60)) * time.Second)
		if pick(g, "expire", true, false) {
			g.expire()
		}
		if g.draw("outage", 40) == 0 {
			g.outage()
		}
		c := g.command()
		g.decide(g.actorFor(c), c)
	}
	g.folds()
}

// start creates a meeting of six points and connects most of them.
func (g *game) start() {
	g.about = pick(g, "theme", themes...)
	auto := pick[PointID](g, "auto", "", "p1", "p3")
	create := CreateMeeting{
		Title: "Giao ban", ChairPoint: "p1", Points: withFeed(inTree(somePoints(6, auto)), "p5"), Home: "tw", StartsAt: g.now.Add(time.Minute),
		LobbyMinutes: pick(g, "lobby", 0, 0, 0, 1, 2), ReadmitByClick: pick(g, "readmit", false, false, true),
	}
	if pick(g, "island", false, false, false, false, true) {
		before := &game{tester: g.tester, draw: g.draw, m: New("gb-0"), now: g.now}
		before.decide(Actor{Role: RoleController}, create)
		g.decide(Actor{Role: RoleController}, Fork{Of: before.m.Snapshot(), Node: "tw"})
	} else {
		g.decide(Actor{Role: RoleController}, create)
	}
	g.expire()
	for i := range 5 {
		g.decide(Actor{Role: RoleNode}, Connect{Point: pointName(i + 1), Device: "own"})
	}
}

// decide checks invariants 9 and 11 around one command.
func (g *game) decide(by Actor, c Command) {
	before := g.m.Snapshot()
	facts, err := g.m.Decide(g.now, by, c)
	g.same("Decide", before, g.m)
	if err == nil {
		g.controlled(before, by, facts)
		g.apply(by, facts)
		return
	}
	var refused *Error
	if facts != nil || !errors.As(err, &refused) || refused.Code == "" {
		g.Fatalf("%s: facts %v with error %v", c.command(), facts, err)
	}
}

// controlled checks invariant 14.
func (g *game) controlled(s Snapshot, by Actor, facts []Fact) {
	if by.Role != RoleController || !s.Controlled || s.Control == by.Name || g.m.away(by) {
		return
	}
	for _, f := range facts {
		switch f.(type) {
		case ControlTaken, MessageSent, MessagesRead, IncidentDescribed:
		default:
			g.Fatalf("controller %q, while %q is in control: %s", by.Name, s.Control, f.fact())
		}
	}
}

func (g *game) expire() {
	before := g.m.Snapshot()
	facts := g.m.Expire(g.now)
	g.same("Expire", before, g.m)
	if due := g.m.Deadline(); (len(facts) > 0) != (!due.IsZero() && !g.now.Before(due)) {
		g.Fatalf("at %v the deadline is %v and Expire says %v", g.now, due, facts)
	}
	g.apply(Actor{Role: RoleNode}, facts)
	if due := g.m.Deadline(); !due.IsZero() && !g.now.Before(due) {
		g.Fatalf("at %v, expired, the deadline is still %v", g.now, due)
	}
}

// apply folds facts as the journal gives them back.
func (g *game) apply(by Actor, facts []Fact) {
	for _, f := range facts {
		e := Event{Seq: g.m.Seq() + 1, At: g.now, By: by, Fact: f, Cause: Cause{Session: "tab", ID: 1}}
		b, err := json.Marshal(e)
		if err != nil {
			g.Fatalf("%s: %v", f.fact(), err)
		}
		var read Event
		if err := json.Unmarshal(b, &read); err != nil {
			g.Fatalf("%s: %v", b, err)
		}
		if diff := diffOf(e, read); diff != "" {
			g.Fatalf("%s does not survive JSON: %s", f.fact(), diff)
		}
		if err := g.m.Apply(read); err != nil {
			g.Fatalf("decided, but refused: %v", err)
		}
		g.log = append(g.log, read)
		g.invariants()
	}
}

func (g *game) same(what string, want Snapshot, m *Meeting) {
	if diff := diffOf(want, m.Snapshot()); diff != "" {
		g.Fatalf("%s changed the state: %s", what, diff)
	}
}

// folds checks invariant 8: the log folds to the state, from its beginning and
// from a snapshot on.
func (g *game) folds() {
	whole := New("gb-1")
	starts := []*Meeting{whole}
	if g.mark.Seq > 0 {
		b, err := json.Marshal(g.mark)
		if err != nil {
			g.Fatal(err)
		}
		var s Snapshot
		if err := json.Unmarshal(b, &s); err != nil {
			g.Fatal(err)
		}
		restored, err := Restore(s)
		if err != nil {
			g.Fatal(err)
		}
		starts = append(starts, restored)
	}
	for _, m := range starts {
		for _, e := range g.log[m.Seq():] {
			if err := m.Apply(e); err != nil {
				g.Fatal(err)
			}
		}
		g.same("folding again", g.m.Snapshot(), m)
	}
}

// invariants checks what doc.go numbers 1 to 7, 10, 12, 13 and 15, from the state
// and the plan alone.
func (g *game) invariants() {
	s, plan := g.m.Snapshot(), g.m.Plan()
	if err := g.m.check(); err != nil {
		g.Fatal(err)
	}
	twin, err := Restore(s)
	if err != nil {
		g.Fatal(err)
	}
	if diff := diffOf(plan, twin.Plan()); diff != "" {
		g.Fatalf("the plan depends on more than the state: %s", diff)
	}
	if diff := diffOf(openSources(s), slices.Sorted(mapStrings(plan.Open))); diff != "" {
		g.Fatalf("open gates: %s", diff)
	}
	for k, tag := range plan.Open {
		if p := g.m.point(k.Point); p == nil || tag.Media != p.Media {
			g.Fatalf("%s is open for the media session %q of %+v", k, tag.Media, p)
		}
	}
	g.shuts(plan)
	g.floors(s)
	g.presences(s)
	g.pictures(s, plan)
}

func mapStrings(open map[SourceKey]Tag) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range open {
			if !yield(k.String()) {
				return
			}
		}
	}
}

// openSources says, from the rules alone, which gates a state opens.
func openSources(s Snapshot) []string {
	granted := map[string]bool{}
	soundOff := map[PointID]bool{}
	for _, r := range s.Requests {
		soundOff[r.Point] = soundOff[r.Point] || r.SoundOff
		if r.State == Granted {
			granted[string(r.Floor)+string(r.Point)] = true
		}
	}
	var open []string
	for _, p := range s.Points {
		if p.Presence != Present || !s.EndedAt.IsZero() {
			continue
		}
		relayed := false
		for _, r := range s.Relays {
			relayed = relayed || strings.HasPrefix(string(p.Node), string(r.Node)+"/")
		}
		if !p.CameraOff && (!relayed || granted["speech"+string(p.ID)] || s.Feed.Point == p.ID) {
			open = append(open, string(p.ID)+"/camera")
		}
		if p.SwitchedOn && granted["speech"+string(p.ID)] || p.Feed && s.Feed.Point == p.ID && s.Feed.Who != "" && s.Feed.Document != "" {
			open = append(open, string(p.ID)+"/microphone")
		}
		if granted["content"+string(p.ID)] {
			open = append(open, string(p.ID)+"/content")
		}
		if granted["content"+string(p.ID)] && !soundOff[p.ID] {
			open = append(open, string(p.ID)+"/content-sound")
		}
	}
	slices.Sort(open)
	return open
}

// floors checks invariants 3 to 5: every grant was requested, limits hold, and
// voices and grants match one to one.
func (g *game) floors(s Snapshot) {
	held := map[Floor]int{}
	voices := map[int]PointID{}
	if s.Feed.Point != "" {
		voices[4] = s.Feed.Point
	}
	for _, r := range s.Requests {
		if r.State != Granted {
			continue
		}
		if (s.Phase() == PhaseWaiting || s.Phase() == PhaseLobby) && r.Floor == FloorSpeech && r.Audience == "" && r.Point != s.ChairPoint {
			g.Fatalf("%s holds the floor in phase %s", r.Point, s.Phase())
		}
		if r.AskedAt.IsZero() || r.GrantedAt.Before(r.AskedAt) {
			g.Fatalf("%s granted %v, asked %v", r.Point, r.GrantedAt, r.AskedAt)
		}
		if other, taken := voices[r.Voice]; taken {
			g.Fatalf("voice %d is of %s and %s", r.Voice, r.Point, other)
		}
		if (r.Voice == 0) != (r.Floor == FloorSpeech && r.Point == s.ChairPoint) || (r.Voice == 5) != (r.Floor == FloorContent) {
			g.Fatalf("%s has voice %d for %s", r.Point, r.Voice, r.Floor)
		}
		voices[r.Voice] = r.Point
		if r.Audience != "" {
			held["check"]++
		} else if r.Floor == FloorContent || r.Point != s.ChairPoint {
			held[r.Floor]++
		}
	}
	limit := map[Mode]int{ModeChairOnly: 0, ModeOneByOne: 1, ModeDiscussion: 3}[s.Mode]
	if held[FloorSpeech] > min(s.Limit, limit) || held[FloorContent] > 1 || held["check"] > 1 {
		g.Fatalf("mode %s limit %d with %v holders", s.Mode, s.Limit, held)
	}
	for i, v := range s.Voices {
		if (v.Source != SourceKey{}) != (voices[i] != "") || v.Source.Point != voices[i] {
			g.Fatalf("voice %d carries %v, granted to %q", i, v.Source, voices[i])
		}
	}
}

// presences checks invariants 6 and 7.
func (g *game) presences(s Snapshot) {
	if !s.EndedAt.IsZero() && len(s.Requests) > 0 {
		g.Fatalf("ended with %v", s.Requests)
	}
	for _, p := range s.Points {
		if p.Presence != Present && p.SwitchedOn {
			g.Fatalf("%s is %s and switched on", p.ID, p.Presence)
		}
		asks := slices.ContainsFunc(s.Requests, func(r Request) bool { return r.Point == p.ID })
		if p.Presence == Absent && (asks || p.Device != "") {
			g.Fatalf("%s is absent, asks %v, device %q", p.ID, asks, p.Device)
		}
	}
}

// pictures checks that every view has its layout's tiles, hears the granted
// voices, and never fills a room's screen with itself.
func (g *game) pictures(s Snapshot, plan *Plan) {
	if plan.Views[AudienceAll] == nil {
		g.Fatal("no view for everyone")
	}
	private := map[SourceKey]bool{} // heard by controllers alone
	for _, r := range s.Requests {
		if r.State == Granted && r.Audience != "" {
			private[SourceKey{r.Point, Microphone}] = true
		}
	}
	for a, v := range plan.Views {
		if len(v.Tiles) != v.Layout.Tiles() {
			g.Fatalf("%s: layout %s with %d tiles", a, v.Layout, len(v.Tiles))
		}
		for i, k := range v.Voices {
			want := s.Voices[i].Source
			if a != AudienceControllers && private[want] || !s.EndedAt.IsZero() ||
				want.Point == s.Feed.Point && a == AudiencePoint(want.Point) && i == 4 {
				want = SourceKey{}
			}
			if k != want {
				g.Fatalf("%s hears %v in voice %d, want %v", a, k, i, want)
			}
		}
	}
	for _, p := range s.Points {
		v := plan.View(p.ID)
		if v.Layout == Layout1 && p.ID != s.ChairPoint && v.Tiles[0] == (SourceKey{p.ID, Camera}) {
			g.Fatalf("%s sees only itself", p.ID)
		}
	}
}
