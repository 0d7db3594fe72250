package meeting

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// TestTranscripts plays testdata/*.txt. The language is described in
// testdata/README.md; -rewrite writes what the machine says instead.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			r := &reader{t: t}
			datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
				r.t = t
				return r.play(d)
			})
		})
	}
}

// reader plays one transcript on one machine.
type reader struct {
	t   *testing.T
	m   *Meeting
	now time.Time
}

// dawn is the moment every transcript begins.
func dawn() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

func (r *reader) play(d *datadriven.TestData) string {
	r.t.Helper()
	switch d.Cmd {
	case "meeting":
		r.open(d)
		return fmt.Sprintf("%d points, chair point %s, mode %s\n", len(r.m.s.Points), r.m.s.ChairPoint, r.m.s.Mode)
	case "do":
		var out strings.Builder
		for line := range strings.Lines(d.Input) {
			line = strings.TrimSpace(line)
			fmt.Fprintf(&out, "%s\n%s", line, r.step(line))
			if err := r.m.check(); err != nil {
				r.t.Fatalf("%s: after %q: %v", d.Pos, line, err)
			}
		}
		return out.String()
	case "gates":
		return r.gates()
	case "phase":
		return string(r.m.s.Phase()) + "\n"
	case "roster":
		return r.roster()
	case "floor":
		return r.floor()
	case "views":
		return r.views()
	case "rollcall":
		return r.rollCall()
	case "incidents":
		return r.incidents()
	case "messages":
		return r.messages()
	case "shown":
		return r.shown()
	case "banners":
		return r.banners()
	case "programme":
		return r.programme()
	}
	r.t.Fatalf("%s: unknown directive %q", d.Pos, d.Cmd)
	return ""
}

// open makes the meeting "meeting points=5 [auto=p4] [connected=3] [lobby=90]
// [readmit=click]": p1 is the chair point, the first points are connected, the
// meeting starts in two hours.
func (r *reader) open(d *datadriven.TestData) {
	r.t.Helper()
	var points, connected int
	var auto, readmit, feed string
	var lobby int
	d.MaybeScanArgs(r.t, "lobby", &lobby)
	d.MaybeScanArgs(r.t, "readmit", &readmit)
	d.ScanArgs(r.t, "points", &points)
	d.MaybeScanArgs(r.t, "connected", &connected)
	d.MaybeScanArgs(r.t, "auto", &auto)
	d.MaybeScanArgs(r.t, "feed", &feed)
	r.m, r.now = New("gb-1"), dawn()
	r.decide(Actor{Role: RoleController}, CreateMeeting{
		Title: "Giao ban", ChairPoint: "p1", Points: withFeed(inTree(somePoints(points, PointID(auto))), PointID(feed)), Home: "tw",
		StartsAt: dawn().Add(2 * time.Hour), LobbyMinutes: lobby, ReadmitByClick: readmit == "click",
	})
	for i := range connected {
		id := pointName(i + 1)
		r.decide(Actor{Role: RoleNode}, Connect{Point: id, Device: "device-" + string(id)})
	}
}

// somePoints makes points p1, p2, …; auto opens by its grant.
func somePoints(n int, auto PointID) []Point {
	points := make([]Point, n)
	for i := range points {
		id := pointName(i + 1)
		points[i] = Point{Tier: []string{"tỉnh", "huyện"}[min(i, 1)], System: string(rune('A' + i%2)), ID: id, Number: i + 1, Name: "Điểm cầu " + strconv.Itoa(i+1), AutoOpen: id == auto}
	}
	return points
}

// inTree places points in a tree: p1 at the root, tw; p2 and p5 at tw/02; p3
// below it at tw/02/024; the others at tw/03.
func inTree(points []Point) []Point {
	nodes := map[PointID]NodePath{"p1": "tw", "p2": "tw/02", "p3": "tw/02/024", "p5": "tw/02"}
	for i := range points {
		points[i].Node = "tw/03"
		if n, ok := nodes[points[i].ID]; ok {
			points[i].Node = n
		}
	}
	return points
}

// withFeed makes one of the points a relay source.
func withFeed(points []Point, feed PointID) []Point {
	for i := range points {
		points[i].Feed = points[i].ID == feed
	}
	return points
}

func pointName(n int) PointID { return PointID("p" + strconv.Itoa(n)) }

// decide gives a command and applies its facts, each described on a line.
func (r *reader) decide(by Actor, c Command) string {
	r.t.Helper()
	before := r.m.Snapshot()
	facts, err := r.m.Decide(r.now, by, c)
	if !equalSnapshots(before, r.m.Snapshot()) {
		r.t.Fatalf("Decide(%T) changed the state", c)
	}
	if err != nil {
		return "  refused: " + err.Error() + "\n"
	}
	return r.apply(by, facts)
}

func (r *reader) apply(by Actor, facts []Fact) string {
	r.t.Helper()
	var out strings.Builder
	for _, f := range facts {
		e := Event{Seq: r.m.Seq() + 1, At: r.now, By: by, Fact: f}
		if err := r.m.Apply(e); err != nil {
			r.t.Fatal(err)
		}
		fmt.Fprintf(&out, "  %d %s\n", e.Seq, describe(f))
	}
	if len(facts) == 0 {
		return "  nothing to do\n"
	}
	return out.String()
}

// step plays one line: "actor verb words…", or "wait 10s".
func (r *reader) step(line string) string {
	r.t.Helper()
	words := strings.Fields(line)
	if len(words) < 2 {
		r.t.Fatalf("line %q: want an actor and a verb", line)
	}
	switch words[0] {
	case "wait":
		r.pass(words[1])
		return r.apply(Actor{Role: RoleNode}, r.m.Expire(r.now))
	case "clock":
		r.pass(words[1])
		return ""
	case "everyone":
		return r.everyone(words[1:])
	case "restored":
		return r.apply(Actor{Role: RoleNode}, r.m.Restored(r.now, OutageWhy(words[1])))
	}
	by := r.actor(words[0])
	if strings.Contains(words[1], ".") {
		return r.decide(by, r.byName(words[1], line))
	}
	c := r.command(by, words[1], slices.Concat(words[2:], []string{"", "", ""}))
	if c == nil {
		r.t.Fatalf("line %q: unknown verb", line)
	}
	switch c.(type) {
	case Connect, Lose:
		by = Actor{Role: RoleNode, Node: by.Node} // the server says so, not the room
	}
	return r.decide(by, c)
}

// byName reads "actor command.name key=value…".
func (r *reader) byName(name, line string) Command {
	r.t.Helper()
	_, values, _ := strings.Cut(line, name)
	c, err := readCommand(name, values)
	if err != nil || c == nil {
		r.t.Fatalf("line %q: command %v, %v", line, c, err)
	}
	return c
}

// pass moves the clock.
func (r *reader) pass(by string) {
	r.t.Helper()
	d, err := time.ParseDuration(by)
	if err != nil {
		r.t.Fatal(err)
	}
	r.now = r.now.Add(d)
}

// everyone lets each room in turn do the same, and sums up the answers.
func (r *reader) everyone(words []string) string {
	r.t.Helper()
	var order []string
	count := map[string]int{}
	for _, p := range r.m.s.Points {
		answer := r.step(string(p.ID) + " " + strings.Join(words, " "))
		if !strings.HasPrefix(answer, "  refused") {
			answer = "  done\n"
		}
		if count[answer]++; count[answer] == 1 {
			order = append(order, answer)
		}
	}
	var out strings.Builder
	for _, answer := range order {
		fmt.Fprintf(&out, "  %d times%s", count[answer], strings.TrimPrefix(answer, " "))
	}
	return out.String()
}

// actor reads who acts: "controller", or "controller@tw/02" at a node below.
func (r *reader) actor(word string) Actor {
	who, node, _ := strings.Cut(word, "@")
	by := r.role(who)
	by.Node = NodePath(node)
	return by
}

func (r *reader) role(word string) Actor {
	switch word {
	case "chair":
		return Actor{Role: RoleChair, Point: r.m.s.ChairPoint}
	case "controller":
		return Actor{Role: RoleController}
	case "second-controller":
		return Actor{Role: RoleController, Name: "second"}
	case "operator":
		return Actor{Role: RoleOperator}
	case "carrier":
		return Actor{Role: RoleCarrier}
	case "observer":
		return Actor{Role: RoleObserver}
	case "server":
		return Actor{Role: RoleNode}
	}
	if point, ok := strings.CutSuffix(word, "-officer"); ok {
		return Actor{Role: RoleFocal, Point: PointID(point)}
	}
	return Actor{Role: RoleRoom, Point: PointID(word)}
}

// command reads a verb and its words, of which there are always three.
func (r *reader) command(by Actor, verb string, w []string) Command {
	floor := Floor(w[0])
	device := "device-" + string(by.Point)
	switch verb {
	case "connects":
		if w[0] == "from" {
			device = w[1]
		}
		return Connect{Point: by.Point, Device: device, Simulated: slices.Contains(w, "simulated")}
	case "loses":
		if w[1] == "on" {
			device = w[2]
		}
		return Lose{Point: by.Point, Device: device, Why: LostWhy(w[0])}
	case "asks-takeover":
		return AskTakeover{Point: by.Point, Device: w[0]}
	case "allows-takeover":
		return AllowTakeover{Point: PointID(w[0])}
	case "requests":
		return RequestFloor{Floor: floor, Point: PointID(w[1])}
	case "cancels":
		return CancelRequest{Floor: floor, Point: PointID(w[1])}
	case "releases":
		return ReleaseFloor{Floor: floor, Point: PointID(w[1])}
	case "grants":
		return GrantFloor{Floor: floor, Point: PointID(w[1]), Audience: Audience(w[2])}
	case "denies":
		return DenyFloor{Floor: floor, Point: PointID(w[1])}
	case "revokes":
		return RevokeFloor{Floor: floor, Point: PointID(w[1])}
	case "gives-floor":
		return GiveFloor{Point: PointID(w[0])}
	case "closes-all":
		return CloseAll{}
	}
	return r.switches(verb, w)
}

func (r *reader) switches(verb string, w []string) Command {
	switch verb {
	case "mode":
		limit, _ := strconv.Atoi(w[1])
		return SetMode{Mode: Mode(w[0]), Limit: limit}
	case "switches-on":
		return SwitchOn{Point: PointID(w[0])}
	case "switches-off":
		return SwitchOff{Point: PointID(w[0])}
	case "camera":
		return SetCamera{On: w[0] == "on", Point: PointID(w[1])}
	case "layout":
		tiles := slices.DeleteFunc(slices.Clone(w[2:]), func(s string) bool { return s == "" })
		return SetLayout{Audience: Audience(w[0]), Layout: Layout{Kind: LayoutKind(w[1]), Tiles: bindings(tiles)}}
	case "clears-layout":
		return ClearLayout{Audience: Audience(w[0])}
	case "ends":
		return EndMeeting{}
	}
	return nil
}

// bindings reads tiles: a kind of binding, or a point.
func bindings(words []string) []Binding {
	var tiles []Binding
	for _, w := range words {
		switch kind := BindingKind(w); kind {
		case BindBlank, BindSpeaker, BindChair, BindContent, BindPrevious, BindRotation:
			tiles = append(tiles, Binding{Kind: kind})
		default:
			tiles = append(tiles, Binding{Kind: BindPoint, Point: PointID(w)})
		}
	}
	return tiles
}
