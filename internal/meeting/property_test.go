package meeting

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestInvariants plays random commands, hostile ones among them, losses,
// returns and time, and checks every invariant of doc.go after every fact.
// A play that never reaches some fact would prove nothing about it, so each
// must have happened.
func TestInvariants(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		for _, e := range playRandomly(rt) {
			seen[e.Fact.fact()]++
		}
	})
	for name := range factForms {
		if seen[name] == 0 {
			t.Errorf("no play came to %s: %v", name, seen)
		}
	}
	t.Log(seen)
}

// FuzzCommands is the same with the fuzzer choosing. A play that runs out of
// bytes is given up, so the seeds are long.
func FuzzCommands(f *testing.F) {
	for seed := range byte(8) {
		noise := make([]byte, 48<<10)
		rand.NewChaCha8([32]byte{seed}).Read(noise)
		f.Add(noise)
	}
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { playRandomly(t) }))
}

// TestHostileLog folds facts nobody decided: each is refused and changes
// nothing, or every invariant still holds.
func TestHostileLog(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := &game{T: rt, m: New("gb-1"), now: dawn()}
		g.start()
		for range rapid.SampledFrom([]int{100, 10}).Draw(rt, "facts") {
			before := g.m.Snapshot()
			e := Event{Seq: g.m.Seq() + 1, At: g.now, By: g.actor(), Fact: g.anyFact()}
			if err := g.m.Apply(e); err != nil {
				g.same("a refused fact", before, g.m)
			}
			g.invariants()
		}
	})
}

// game is one random play: a machine, the log it wrote, and a snapshot taken
// somewhere on the way.
type game struct {
	*rapid.T
	m    *Meeting
	now  time.Time
	log  []Event
	mark Snapshot
	step int
}

// playRandomly plays one meeting and returns its log.
func playRandomly(t *rapid.T) []Event {
	g := &game{T: t, m: New("gb-1"), now: dawn()}
	g.start()
	steps := rapid.SampledFrom([]int{60, 20, 150}).Draw(t, "steps")
	marked := rapid.SampledFrom([]int{0, 10, 19, 50, 149}).Draw(t, "snapshot after")
	for step := range steps {
		if step == marked {
			g.mark = g.m.Snapshot()
		}
		g.now = g.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 1, 1, 5, 10, 60}).Draw(t, "seconds")) * time.Second)
		if rapid.Bool().Draw(t, "expire") {
			g.expire()
		}
		c := g.command()
		g.decide(g.actorFor(c), c)
	}
	g.folds()
	return g.log
}

// start creates a meeting of six points and connects most of them.
func (g *game) start() {
	auto := rapid.SampledFrom([]PointID{"", "p1", "p3"}).Draw(g.T, "auto")
	g.decide(Actor{Role: RoleController}, CreateMeeting{
		Title: "Giao ban", ChairPoint: "p1", Points: somePoints(6, auto), StartsAt: g.now,
	})
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
		g.apply(by, facts)
		return
	}
	var refused *Error
	if facts != nil || !errors.As(err, &refused) || refused.Code == "" {
		g.Fatalf("%s: facts %v with error %v", c.command(), facts, err)
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
		if diff := cmp.Diff(e, read); diff != "" {
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
	if diff := cmp.Diff(want, m.Snapshot()); diff != "" {
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

// invariants checks what doc.go numbers 1 to 7 and 10, from the state and the
// plan alone.
func (g *game) invariants() {
	s, plan := g.m.Snapshot(), g.m.Plan()
	if err := g.m.check(); err != nil {
		g.Fatal(err)
	}
	twin, err := Restore(s)
	if err != nil {
		g.Fatal(err)
	}
	if diff := cmp.Diff(plan, twin.Plan()); diff != "" {
		g.Fatalf("the plan depends on more than the state: %s", diff)
	}
	if diff := cmp.Diff(openSources(s), slices.Sorted(mapStrings(plan.Open))); diff != "" {
		g.Fatalf("open gates: %s", diff)
	}
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
	for _, r := range s.Requests {
		if r.State == Granted {
			granted[string(r.Floor)+string(r.Point)] = true
		}
	}
	var open []string
	for _, p := range s.Points {
		if p.Presence != Present || !s.EndedAt.IsZero() {
			continue
		}
		if !p.CameraOff {
			open = append(open, string(p.ID)+"/camera")
		}
		if p.SwitchedOn && granted["speech"+string(p.ID)] {
			open = append(open, string(p.ID)+"/microphone")
		}
		if granted["content"+string(p.ID)] {
			open = append(open, string(p.ID)+"/content", string(p.ID)+"/content-sound")
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
	for _, r := range s.Requests {
		if r.State != Granted {
			continue
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
		if r.Floor == FloorContent || r.Point != s.ChairPoint {
			held[r.Floor]++
		}
	}
	limit := map[Mode]int{ModeChairOnly: 0, ModeOneByOne: 1, ModeDiscussion: 3}[s.Mode]
	if held[FloorSpeech] > min(s.Limit, limit) || held[FloorContent] > 1 {
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
	for a, v := range plan.Views {
		if len(v.Tiles) != v.Layout.Tiles() {
			g.Fatalf("%s: layout %s with %d tiles", a, v.Layout, len(v.Tiles))
		}
		for i, k := range v.Voices {
			if s.EndedAt.IsZero() && k != s.Voices[i].Source {
				g.Fatalf("%s hears %v, voice %d carries %v", a, k, i, s.Voices[i].Source)
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

// rooms are the points of the game, and one that is not of the meeting.
func (g *game) room() PointID {
	return rapid.SampledFrom([]PointID{"p2", "p2", "p3", "p3", "p1", "p4", "p5", "p6", "p7", ""}).Draw(g.T, "point")
}

func (g *game) actor() Actor {
	role := rapid.SampledFrom([]Role{RoleNode, RoleRoom, RoleController, RoleChair, RoleObserver, "root"}).Draw(g.T, "role")
	by := Actor{Role: role}
	switch role {
	case RoleRoom, RoleObserver:
		by.Point = g.room()
	case RoleChair:
		by.Point = "p1"
	}
	return by
}

// actorFor draws somebody, most often one who has the right.
func (g *game) actorFor(c Command) Actor {
	if rapid.SampledFrom([]bool{false, false, false, false, true}).Draw(g.T, "hostile") {
		return g.actor()
	}
	point, _ := target(c, Actor{})
	for _, by := range []Actor{{Role: RoleController}, {Role: RoleNode}, {Role: RoleRoom, Point: point}} {
		if g.m.may(by, c, point) {
			return by
		}
	}
	return g.actor()
}

func (g *game) text() string {
	some := []string{"own", "own", "own", "own", "own", "own", "laptop", "laptop", "bot", "", strings.Repeat("x", 65), "a\x00b", "?"}
	text := rapid.SampledFrom(some).Draw(g.T, "text")
	if text == "?" {
		text = rapid.StringN(0, 20, 80).Draw(g.T, "any text")
	}
	return text
}

func (g *game) speechOrContent() Floor {
	return rapid.SampledFrom([]Floor{FloorSpeech, FloorSpeech, FloorContent, "dance"}).Draw(g.T, "floor")
}

func (g *game) audience() Audience {
	return rapid.SampledFrom([]Audience{"all", "chair", "point:p2", "point:p3", "point:p7", "", "everyone"}).Draw(g.T, "audience")
}

func (g *game) layout() Layout {
	kind := rapid.SampledFrom([]LayoutKind{Layout1, Layout1, Layout1p1, Layout2x2, LayoutContent1, Layout1p5, Layout3x3, "9x9"}).Draw(g.T, "kind")
	tiles := make([]Binding, kind.Tiles()+rapid.SampledFrom([]int{0, 0, 0, 0, 1}).Draw(g.T, "too many"))
	for i := range tiles {
		b := rapid.SampledFrom([]BindingKind{BindPoint, BindSpeaker, BindChair, BindContent, BindBlank}).Draw(g.T, "binding")
		tiles[i] = Binding{Kind: b}
		if b == BindPoint {
			tiles[i].Point = g.room()
		}
	}
	return Layout{Kind: kind, Tiles: tiles}
}

// weights says how often each command is drawn.
var weights = map[string]int{
	"floor.request": 5, "floor.cancel": 1, "floor.deny": 2, "floor.grant": 6, "floor.revoke": 1, "floor.release": 1,
	"floor.give": 2, "floor.closeAll": 1, "floor.mode": 3, "mic.on": 6, "mic.off": 3, "camera.set": 2,
	"layout.set": 3, "layout.clear": 3, "point.connect": 8, "point.lose": 6, "point.askTakeover": 4,
	"point.allowTakeover": 4, "meeting.create": 1, "meeting.end": 1,
}

// command draws any command.
func (g *game) command() Command {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		names = append(names, slices.Repeat([]string{name}, weights[name])...)
	}
	g.step++ // draws favour what comes first; let that change
	name := names[(g.step*17+rapid.IntRange(0, len(names)-1).Draw(g.T, "command"))%len(names)]
	switch name {
	case "meeting.create":
		return CreateMeeting{Title: g.text(), ChairPoint: "p1", Points: somePoints(2, "")}
	case "meeting.end":
		if rapid.SampledFrom([]bool{true, false, false, false}).Draw(g.T, "end") {
			return EndMeeting{}
		}
		return CloseAll{}
	case "floor.closeAll":
		return CloseAll{}
	case "floor.mode":
		return SetMode{
			Mode:  rapid.SampledFrom([]Mode{ModeDiscussion, ModeDiscussion, ModeOneByOne, ModeChairOnly, "free"}).Draw(g.T, "mode"),
			Limit: rapid.SampledFrom([]int{2, 3, 0, 1, 4, -1}).Draw(g.T, "limit"),
		}
	case "layout.set":
		return SetLayout{Audience: g.audience(), Layout: g.layout()}
	case "layout.clear":
		set := append(slices.Sorted(maps.Keys(g.m.s.Layouts)), "all", "point:p7")
		return ClearLayout{Audience: rapid.SampledFrom(set[1:]).Draw(g.T, "cleared")}
	}
	return g.pointCommand(name, g.room())
}

// asker draws a live request, most often, or any point and floor.
func (g *game) asker() (PointID, Floor) {
	if len(g.m.s.Requests) > 0 && rapid.SampledFrom([]bool{true, true, true, false}).Draw(g.T, "live") {
		r := rapid.SampledFrom(g.m.s.Requests).Draw(g.T, "request")
		return r.Point, r.Floor
	}
	return g.room(), g.speechOrContent()
}

func (g *game) pointCommand(name string, p PointID) Command {
	asker, floor := g.asker()
	switch name {
	case "floor.request":
		return RequestFloor{Floor: g.speechOrContent(), Point: p}
	case "floor.cancel":
		return CancelRequest{Floor: floor, Point: asker}
	case "floor.deny":
		return DenyFloor{Floor: floor, Point: asker}
	case "floor.revoke":
		return RevokeFloor{Floor: floor, Point: asker}
	case "floor.release":
		return ReleaseFloor{Floor: floor, Point: asker}
	case "mic.on":
		return SwitchOn{Point: asker}
	case "mic.off":
		return SwitchOff{Point: asker}
	case "floor.give":
		return GiveFloor{Point: p}
	case "point.askTakeover":
		return AskTakeover{Point: p, Device: g.text()}
	case "point.allowTakeover":
		return AllowTakeover{Point: p}
	case "point.connect":
		return Connect{Point: p, Device: g.text(), Simulated: rapid.SampledFrom([]bool{false, false, true}).Draw(g.T, "simulated")}
	case "point.lose":
		why := rapid.SampledFrom([]LostWhy{LostMedia, LostSocket, LostReload, LostNode, "boredom"}).Draw(g.T, "why")
		return Lose{Point: p, Device: g.text(), Why: why}
	case "camera.set":
		return SetCamera{Point: p, On: rapid.Bool().Draw(g.T, "on")}
	}
	to := rapid.SampledFrom([]Audience{"", "", "", "all", "chair"}).Draw(g.T, "to")
	return GrantFloor{Floor: g.speechOrContent(), Point: p, Audience: to}
}

// anyFact draws a fact of the log without asking whether it can follow.
func (g *game) anyFact() Fact {
	p, floor := g.room(), g.speechOrContent()
	names := slices.Sorted(maps.Keys(factForms))
	switch rapid.SampledFrom(names).Draw(g.T, "fact") {
	case "meeting.created":
		return MeetingCreated{Title: g.text(), ChairPoint: p, Points: somePoints(2, "")}
	case "meeting.ended":
		return MeetingEnded{}
	case "point.connected":
		return PointConnected{Point: p, Device: g.text(), Resumed: rapid.Bool().Draw(g.T, "resumed")}
	case "point.lost":
		return PointLost{Point: p, Device: g.text()}
	case "point.freed":
		return PointFreed{Point: p}
	case "point.takeoverAsked":
		return TakeoverAsked{Point: p, Device: g.text()}
	case "point.takenOver":
		return PointTakenOver{Point: p, Device: g.text(), From: g.text()}
	case "floor.requested":
		return FloorRequested{Floor: floor, Point: p}
	case "floor.cancelled":
		return FloorCancelled{Floor: floor, Point: p}
	case "floor.denied":
		return FloorDenied{Floor: floor, Point: p}
	case "floor.granted":
		return FloorGranted{Floor: floor, Point: p, Voice: rapid.IntRange(-1, Voices).Draw(g.T, "voice")}
	case "floor.revoked":
		return FloorRevoked{Floor: floor, Point: p}
	case "floor.released":
		return FloorReleased{Floor: floor, Point: p}
	case "floor.modeSet":
		return ModeSet{Mode: rapid.SampledFrom([]Mode{ModeDiscussion, ModeChairOnly, "free"}).Draw(g.T, "mode"), Limit: rapid.IntRange(0, 4).Draw(g.T, "limit")}
	case "mic.switchedOn":
		return SwitchedOn{Point: p}
	case "mic.switchedOff":
		return SwitchedOff{Point: p}
	case "camera.set":
		return CameraSet{Point: p, On: rapid.Bool().Draw(g.T, "on")}
	case "layout.set":
		return LayoutSet{Audience: g.audience(), Layout: g.layout()}
	case "layout.cleared":
		return LayoutCleared{Audience: g.audience()}
	}
	panic(fmt.Sprint("a fact this test does not know, of ", names))
}
