package meeting

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// tester is what a play needs of *testing.T and *rapid.T.
type tester interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// game is one random play: a machine, the log it wrote, and a snapshot taken
// somewhere on the way.
type game struct {
	tester
	draw  func(label string, n int) int // one of 0 to n-1
	m     *Meeting
	about []string // beginnings of the names of commands given more often
	now   time.Time
	log   []Event
	mark  Snapshot
}

// drawFrom lets rapid choose. Its draws favour the first of a list, so the
// list is turned a little each time.
func drawFrom(t *rapid.T) func(string, int) int {
	turn := 0
	return func(label string, n int) int {
		turn += 17
		return (turn + rapid.IntRange(0, n-1).Draw(t, label)) % n
	}
}

func pick[T any](g *game, label string, of ...T) T { return of[g.draw(label, len(of))] }

// room draws a point of the game, one that is not of the meeting, or none.
func (g *game) room() PointID {
	return pick[PointID](g, "point", "p2", "p2", "p3", "p3", "p1", "p4", "p5", "p6", "p7", "")
}

func (g *game) actor() Actor {
	role := pick(g, "role", RoleNode, RoleRoom, RoleController, RoleChair, RoleObserver, "root")
	by := Actor{Role: role, Name: pick(g, "name", "", "", "", "", "B"), Node: pick[NodePath](g, "at", "", "", "tw", "tw/02", "elsewhere")}
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
	if pick(g, "hostile", false, false, false, false, true) {
		return g.actor()
	}
	point := target(c, Actor{})
	for _, by := range []Actor{{Role: RoleController}, {Role: RoleNode}, {Role: RoleRoom, Point: point}} {
		if g.m.may(by, c, point) {
			return by
		}
	}
	return g.actor()
}

func (g *game) text() string {
	some := []string{"own", "own", "own", "own", "own", "own", "laptop", "laptop", "bot", "", strings.Repeat("x", 65), "a\x00b", "?"}
	text := pick(g, "text", some...)
	if text == "?" {
		text = string([]byte{byte(g.draw("any byte", 256)), byte(g.draw("any byte", 256))})
	}
	return text
}

func (g *game) speechOrContent() Floor {
	return pick(g, "floor", FloorSpeech, FloorSpeech, FloorContent, "dance")
}

func (g *game) audience() Audience {
	return pick[Audience](g, "audience", "all", "chair", "tier:huyện", "system:A", "point:p2", "point:p3", "point:p7", "", "everyone")
}

func (g *game) layout() Layout {
	kind := pick(g, "kind", Layout1, Layout1, Layout1p1, Layout2x2, LayoutContent1, Layout1p5, Layout3x3, Layout1p12, Layout5x5, LayoutContentStrip, "9x9")
	tiles := make([]Binding, kind.Tiles()+pick(g, "too many", 0, 0, 0, 0, 1))
	for i := range tiles {
		b := pick(g, "binding", BindPoint, BindSpeaker, BindChair, BindContent, BindBlank, BindPrevious, BindRotation)
		tiles[i] = Binding{Kind: b}
		if b == BindPoint {
			tiles[i].Point = g.room()
		}
	}
	return Layout{Kind: kind, Tiles: tiles}
}

// weights says how often each command is drawn; once if it is not here.
var weights = map[string]int{
	"floor.request": 5, "floor.cancel": 1, "floor.deny": 2, "floor.grant": 6, "floor.revoke": 1, "floor.release": 1,
	"floor.give": 2, "floor.closeAll": 1, "floor.mode": 3, "mic.on": 6, "mic.off": 3, "camera.set": 2,
	"layout.set": 3, "layout.clear": 3, "point.connect": 8, "point.lose": 6, "point.askTakeover": 4,
	"point.allowTakeover": 4, "meeting.create": 1, "meeting.end": 1, "content.sound": 3, "programme.mark": 3, "control.take": 2, "floor.move": 2, "floor.defer": 2,
}

// themes are what a play can be about, so that deep states are reached.
var themes = [][]string{
	nil,
	{"floor.request", "floor.annotate", "floor.move", "floor.accept", "floor.defer"},
	{"floor.extend", "floor.timeLimit", "programme", "floor.grant"},
	{"floor.grant", "content", "point.lose", "point.connect"},
	{"meeting.start", "meeting.lock", "meeting.move", "meeting.rehome", "point", "control"},
	{"layout", "rotation", "banner", "point.lose", "point.connect", "floor.give"},
	{"rollcall", "mic.on", "point.lose"},
	{"feed", "point.lose", "point.connect", "point.leave", "point.allowTakeover"},
	{"incident", "message", "point.lose", "point.connect"},
	{"node", "relay", "island", "point.connect", "floor.grant", "mic.on"},
	{"meeting.close", "point.finish", "meeting.release", "point.leave", "point.release", "meeting.openLobby"},
}

// command draws any command.
func (g *game) command() Command {
	var names []string
	for _, c := range allCommands {
		name, often := c.command(), max(1, weights[c.command()])
		if slices.ContainsFunc(g.about, func(s string) bool { return strings.HasPrefix(name, s) }) {
			often *= 6
		}
		names = append(names, slices.Repeat([]string{name}, often)...)
	}
	name := pick(g, "command", names...)
	switch name {
	case "meeting.create":
		return CreateMeeting{Title: g.text(), ChairPoint: "p1", Points: somePoints(2, "")}
	case "island.fork":
		return Fork{Of: g.m.Snapshot(), Node: "tw/02"}
	case "island.report":
		digest := pick(g, "digest", strings.Repeat("5a", 32), "short")
		return ReportIsland{Island: Island{ID: ID(g.text()), Node: pick[NodePath](g, "island", "tw/02", "tw"), Facts: 3, Digest: digest}}
	case "meeting.end":
		if pick(g, "end", true, false, false, false) {
			return EndMeeting{}
		}
		return CloseAll{}
	case "floor.closeAll":
		return CloseAll{}
	case "floor.mode":
		return SetMode{
			Mode:  pick(g, "mode", ModeDiscussion, ModeDiscussion, ModeOneByOne, ModeChairOnly, "free"),
			Limit: pick(g, "limit", 2, 3, 0, 1, 4, -1),
		}
	case "layout.set":
		return SetLayout{Audience: g.audience(), Layout: g.layout()}
	case "rotation.set":
		return SetRotation{
			Points:  pick(g, "points", []PointID{"p2", "p3", "p6"}, []PointID{"p6", "p4"}, nil, []PointID{"p2", "p2"}),
			Seconds: pick(g, "seconds", 5, 60, 0, 4),
		}
	case "layout.clear":
		set := append(slices.Sorted(maps.Keys(g.m.s.Layouts)), "all", "point:p7")
		return ClearLayout{Audience: pick(g, "cleared", set[1:]...)}
	}
	if c := g.pointCommand(name, g.room()); c != nil {
		return c
	}
	return g.fill(commandType(name)).Interface().(Command)
}

// asker draws a live request, most often, or any point and floor.
func (g *game) asker() (PointID, Floor) {
	if len(g.m.s.Requests) > 0 && pick(g, "live", true, true, true, false) {
		r := pick(g, "request", g.m.s.Requests...)
		return r.Point, r.Floor
	}
	return g.room(), g.speechOrContent()
}

func (g *game) pointCommand(name string, p PointID) Command {
	asker, floor := g.asker()
	switch name {
	case "floor.request":
		return RequestFloor{Floor: g.speechOrContent(), Point: p, Subject: g.text()}
	case "floor.annotate":
		return AnnotateRequest{Floor: floor, Point: asker, Note: g.text()}
	case "floor.move":
		return MoveRequest{Floor: floor, Point: asker, Place: pick(g, "place", 1, 2, 3, 9, 0)}
	case "floor.accept":
		return AcceptRequest{Floor: floor, Point: asker}
	case "floor.defer":
		return DeferRequest{Floor: floor, Point: asker}
	case "floor.cancel":
		return CancelRequest{Floor: floor, Point: asker}
	case "floor.deny":
		return DenyFloor{Floor: floor, Point: asker}
	case "floor.revoke":
		return RevokeFloor{Floor: floor, Point: asker}
	case "floor.release":
		return ReleaseFloor{Floor: floor, Point: asker}
	case "mic.on":
		return SwitchOn{Point: asker, Media: pick(g, "media", "", "", "", "M1", "M2")}
	case "mic.off":
		return SwitchOff{Point: asker}
	case "floor.give":
		return GiveFloor{Point: p}
	case "point.askTakeover":
		return AskTakeover{Point: p, Device: g.text()}
	case "point.allowTakeover":
		return AllowTakeover{Point: p}
	case "point.connect":
		return Connect{Point: p, Device: g.text(), Media: pick(g, "media", "M1", "M1", "M2", ""), Simulated: pick(g, "simulated", false, false, true)}
	case "point.lose":
		why := pick(g, "why", LostMedia, LostSocket, LostReload, LostNode, "boredom")
		return Lose{Point: p, Device: g.text(), Why: why}
	case "camera.set":
		return SetCamera{Point: p, On: pick(g, "on", true, false)}
	case "floor.grant":
		to := pick[Audience](g, "to", "", "", "controllers", "", "all", "chair")
		return GrantFloor{Floor: g.speechOrContent(), Point: p, Audience: to, Minutes: pick(g, "minutes", 0, 0, 1, 400)}
	case "point.check":
		return CheckPoint{Point: asker, Check: Check{Camera: pick(g, "verdict", VerdictGood, VerdictBad, "splendid"), UpKbps: pick(g, "up", 0, 900, -1)}}
	case "message.send":
		return SendMessage{Text: g.text(), To: pick(g, "to", nil, []PointID{"p2", "p3"}, []PointID{"p9"})}
	case "incident.describe":
		if n := len(g.m.s.Incidents); n > 0 {
			p = g.m.s.Incidents[n-1].Point
		}
		return DescribeIncident{Point: p, Cause: g.text(), Minutes: pick(g, "minutes", 30, 0, -1)}
	case "content.sound":
		if presenting := g.m.holders(FloorContent); len(presenting) > 0 {
			p = presenting[0].Point
		}
		return SetContentSound{Point: p, On: pick(g, "on", true, false), Media: pick(g, "media", "", "", "M1", "M2")}
	case "feed.open":
		return OpenFeed{Point: pick(g, "feed", "p5", "p5", p), Who: g.text(), Document: g.text()}
	case "feed.close":
		return CloseFeed{Point: pick(g, "feed", "p5", "p5", p)}
	case "floor.extend":
		return ExtendFloor{Point: asker, Minutes: pick(g, "minutes", 1, 0)}
	case "programme.set":
		return g.programme()
	}
	return nil
}

// programme draws a speaking order that keeps some entries, now and then.
func (g *game) programme() Command {
	entries := g.value("Entries", reflect.TypeFor[[]Entry]()).Interface().([]Entry)
	for i := range entries {
		entries[i].ID = 0
		if len(g.m.s.Programme) > 0 && pick(g, "kept", true, false) {
			entries[i] = g.m.s.Programme[i%len(g.m.s.Programme)].Entry
		}
		entries[i].Minutes = max(0, entries[i].Minutes%61)
		if entries[i].Point == "" {
			entries[i].Point = "p2"
		}
	}
	return SetProgramme{Entries: entries}
}

// anyFact draws a fact of the log without asking whether it can follow.
func (g *game) anyFact() Fact {
	switch name := pick(g, "fact", slices.Sorted(maps.Keys(factForms))...); name {
	case "meeting.created":
		return MeetingCreated{Title: g.text(), ChairPoint: g.room(), Points: somePoints(2, "")}
	case "floor.granted":
		return FloorGranted{Floor: g.speechOrContent(), Point: g.room(), Voice: g.draw("voice", Voices+2) - 1}
	default:
		for _, f := range someFacts() {
			if f.fact() == name {
				return g.fill(reflect.TypeOf(f)).Interface().(Fact)
			}
		}
		panic("a fact this test does not know: " + name)
	}
}
