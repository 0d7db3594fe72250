package sfu

import (
	"os"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// tree is a root, a province and a district, one below the other; the points of
// the district begin with "pd", those of the province alone with "p".
type tree struct {
	root, province, district *SFU
	high, low                *wire
}

func newTree(t testing.TB) *tree {
	t.Helper()
	tr := &tree{root: newTestSFU(t), province: newTestSFU(t), district: newTestSFU(t)}
	tr.high = connect(t, tr.root, tr.province, "p")
	tr.low = connect(t, tr.province, tr.district, "pd")
	return tr
}

func (tr *tree) carry(plan *meeting.Plan) { carry(plan, tr.root, tr.province, tr.district) }

func (tr *tree) await(t testing.TB) {
	tr.high.await(t)
	tr.low.await(t)
}

// A picture crosses two lines, upwards and downwards, and nothing else does: of
// a source that nobody shows no byte leaves its node.
func TestLinkCrossesOnlyWhatIsShown(t *testing.T) {
	t.Parallel()
	tr := newTree(t)
	leaf := dial(t, tr.district, clientConfig{point: "pd1", publish: true, video: 2, voices: 6})
	top := dial(t, tr.root, clientConfig{point: "r1", publish: true, video: 2, voices: 6})
	for _, kind := range []meeting.Kind{meeting.Camera, meeting.Microphone} {
		leaf.play(kind, 7)
		top.play(kind, 9)
	}
	tr.await(t)
	tr.carry(planOf(1, meeting.View{Tiles: []meeting.SourceKey{{}}}, camera("pd1"), camera("r1"), mic("pd1"), mic("r1")))
	leaf.until("pictures arrive", func() bool { return sourceStats(tr.district, camera("pd1")).Passed > 60 })
	for _, l := range []*Link{tr.high.child, tr.high.parent, tr.low.child, tr.low.parent} {
		if n := l.Stats().PacketsOut; n != 0 {
			t.Errorf("%s: %d packets of what nobody shows", l.cfg.Name, n)
		}
	}
	view := meeting.View{Tiles: []meeting.SourceKey{camera("pd1"), camera("r1")}, Voices: [meeting.Voices]meeting.SourceKey{0: mic("r1"), 1: mic("pd1")}}
	tr.carry(planOf(2, view, camera("pd1"), camera("r1"), mic("pd1"), mic("r1")))
	top.until("the leaf's picture", func() bool { return top.video(0).packets.Load() > 30 })
	top.until("the leaf's voice", func() bool { return top.voice(1).packets.Load() > 30 })
	leaf.until("the top's picture", func() bool { return leaf.video(0).packets.Load() > 30 || leaf.video(1).packets.Load() > 30 })
	leaf.until("the top's voice", func() bool { return leaf.voice(0).packets.Load() > 30 })
	checkContinuous(t, top.video(0).packetsSoFar())
	if a := append(tr.high.alarms(), tr.low.alarms()...); len(a) > 0 {
		t.Errorf("alarms of honest nodes: %v", a)
	}
}

// However many points below show a picture, it crosses the line once.
func TestLinkBytesDoNotDependOnPoints(t *testing.T) {
	t.Parallel()
	counts := []int{1, 4}
	if os.Getenv("GIAOBAN_PROVE_CASCADE") != "" {
		counts = []int{1, 5, 25}
	}
	var first float64
	for _, points := range counts {
		top, low := newTestSFU(t), newTestSFU(t)
		w := connect(t, top, low, "p")
		speaker := dial(t, top, clientConfig{point: "r", publish: true})
		speaker.play(meeting.Camera, 7)
		speaker.play(meeting.Microphone, 9)
		var seats []*client
		for i := range points {
			seats = append(seats, dial(t, low, clientConfig{point: meeting.PointID("p" + string(rune('a'+i))), video: 1, voices: 6}))
		}
		w.await(t)
		view := meeting.View{Tiles: []meeting.SourceKey{camera("r")}, Voices: [meeting.Voices]meeting.SourceKey{mic("r")}}
		carry(planOf(1, view, camera("r"), mic("r")), top, low)
		for _, seat := range seats {
			seat.until("pictures", func() bool { return seat.video(0).packets.Load() > 10 })
		}
		passed := func() uint64 {
			return sourceStats(top, camera("r")).Passed + sourceStats(top, mic("r")).Passed
		}
		in, out := passed(), w.parent.Stats().PacketsOut
		speaker.until("two hundred more", func() bool { return passed() >= in+200 })
		ratio := float64(w.parent.Stats().PacketsOut-out) / float64(passed()-in)
		if first == 0 {
			first = ratio
		}
		if ratio < 0.97*first || ratio > 1.03*first || ratio < 0.97 || ratio > 1.03 {
			t.Errorf("%d points: %.3f packets on the line for each of the speaker's, %.3f for one point", points, ratio, first)
		}
		t.Logf("%d points: %.3f packets on the line for each of the speaker's", points, ratio)
	}
}

// A child that sends sound its parent's plan does not allow, and a source of a
// point that is not its own, gets neither past it.
func TestLinkParentLetsNoCheatPast(t *testing.T) {
	t.Parallel()
	top, low := newTestSFU(t), newTestSFU(t)
	w := connect(t, top, low, "p")
	cheat := dial(t, low, clientConfig{point: "p1", publish: true})
	cheat.play(meeting.Microphone, 9)
	ear := dial(t, top, clientConfig{point: "r1", voices: 6})
	w.await(t)
	view := meeting.View{Voices: [meeting.Voices]meeting.SourceKey{mic("p1")}}
	top.Carry("m", planOf(1, view))            // the honest node: heard if it were open
	low.Carry("m", planOf(1, view, mic("p1"))) // the cheat opens its own gate
	waitFor(t, "the alarm", nil, func() bool { return len(w.alarms()) > 0 })
	if got := w.alarms()[0]; got.Why != AlarmNotPermitted || got.Source != mic("p1") {
		t.Errorf("alarm %+v", got)
	}
	if st := sourceStats(top, mic("p1")); st.Passed != 0 || st.Dropped["not_permitted"] == 0 {
		t.Errorf("ungranted sound: %+v", st)
	}
	if n := ear.voice(0).packets.Load(); n != 0 {
		t.Errorf("%d packets heard", n)
	}
	stranger := announceMessage{Transport: 1, Meeting: "m", Source: camera("r1"), Layer: rankFull, SSRC: 77, RTX: 78}
	if err := w.parent.Receive(encodeLink(linkAnnounce, stranger)); err != nil {
		t.Error(err)
	}
	waitFor(t, "the second alarm", nil, func() bool { return len(w.alarms()) > 1 })
	if st := w.parent.Stats(); st.Strangers != 1 || sourceStats(top, camera("r1")).Source == camera("r1") {
		t.Errorf("a stranger's source was taken: %+v", st)
	}
}

// The sound of a technical check is for the leader's desk: a child whose plan says
// that everybody hears it asks for it, and gets nothing.
func TestLinkKeepsACheckFromTheNodesBelow(t *testing.T) {
	t.Parallel()
	top, low := newTestSFU(t), newTestSFU(t)
	w := connect(t, top, low, "p")
	checked := dial(t, top, clientConfig{point: "r1", publish: true})
	checked.play(meeting.Microphone, 9)
	checked.play(meeting.Camera, 7)
	ear := dial(t, low, clientConfig{point: "p1", video: 1, voices: 6})
	w.await(t)
	heard := [meeting.Voices]meeting.SourceKey{mic("r1")}
	tiles := []meeting.SourceKey{camera("r1")}
	honest := planOf(1, meeting.View{Tiles: tiles}, mic("r1"), camera("r1"))
	honest.Views[meeting.AudienceControllers] = &meeting.View{Tiles: tiles, Voices: heard}
	top.Carry("m", honest)
	low.Carry("m", planOf(1, meeting.View{Tiles: tiles, Voices: heard}, mic("r1"), camera("r1")))
	ear.until("the picture", func() bool { return ear.video(0).packets.Load() > 60 })
	if n := ear.voice(0).packets.Load(); n != 0 || sourceStats(top, mic("r1")).Passed == 0 {
		t.Errorf("%d packets of a check heard below, %d passed at the top", n, sourceStats(top, mic("r1")).Passed)
	}
	top.Carry("m", planOf(2, meeting.View{Tiles: tiles, Voices: heard}, mic("r1"), camera("r1")))
	ear.until("the voice once it is for everybody", func() bool { return ear.voice(0).packets.Load() > 10 })
}

// A flood of streams nobody announced holds up nothing that was.
func TestLinkOutlivesUndeclaredStreams(t *testing.T) {
	t.Parallel()
	top, low := newTestSFU(t), newTestSFU(t)
	w := connect(t, top, low, "p")
	a := dial(t, low, clientConfig{point: "p1", publish: true})
	b := dial(t, top, clientConfig{point: "r1", video: 1, voices: 6})
	a.play(meeting.Camera, 7)
	w.await(t)
	carry(planOf(1, meeting.View{Tiles: []meeting.SourceKey{camera("p1")}}, camera("p1")), top, low)
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 10 })
	rogue := w.child.current.Load()
	flood := &relay{writer: rogue.writer, branch: w.child.branch("m"), layer: &layer{source: &source{sfu: low}}}
	const packets = 200 // of sound, which is not left out however slow the machine
	for i := range packets {
		flood := relay{writer: flood.writer, branch: flood.branch, layer: flood.layer, ssrc: uint32(1000 + i)}
		if !rogue.writer.push(&flood, &packet{layer: flood.layer, seq: 1 << 20, codec: codecOpus, at: low.now(), payload: []byte{1, 2, 3}}) {
			t.Fatal("no room")
		}
	}
	rogue.writer.wakeUp()
	waitFor(t, "the flood", nil, func() bool { return w.parent.Stats().Undeclared >= packets })
	before := b.video(0).packets.Load()
	b.until("pictures after it", func() bool { return b.video(0).packets.Load() > before+30 })
	checkContinuous(t, b.video(0).packetsSoFar())
}

// What a line loses is sent again over that line alone: nobody behind it asks.
func TestLinkRepairsWhatTheLineLoses(t *testing.T) {
	t.Parallel()
	top, low := newTestSFU(t), newTestSFU(t)
	var bad *lossyPath
	w := connectBy(t, top, low, wireConfig{prefix: "p", udp: func(port int) int { bad = newLossyPath(t, port); return bad.port }})
	a := dial(t, low, clientConfig{point: "p1", publish: true})
	b := dial(t, top, clientConfig{point: "r1", video: 1, voices: 6})
	f, v := a.play(meeting.Camera, 7), a.play(meeting.Microphone, 9)
	w.await(t)
	view := meeting.View{Tiles: []meeting.SourceKey{camera("p1")}, Voices: [meeting.Voices]meeting.SourceKey{mic("p1")}}
	carry(planOf(1, view, camera("p1"), mic("p1")), top, low)
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 10 && b.voice(0).packets.Load() > 5 })
	bad.losing(20)
	sent := f.sent.Load() + v.sent.Load()
	b.until("four hundred more", func() bool { return f.sent.Load()+v.sent.Load() > sent+400 })
	bad.lose.Store(nil)
	waitFor(t, "every hole is mended", nil, func() bool {
		st := w.parent.Stats()
		return st.Holes >= 15 && st.Mended >= st.Holes
	})
	if st := w.parent.Stats(); st.GivenUp != 0 || low.Stats().Nacked != 0 {
		t.Errorf("repairs: %+v", st)
	}
	passed, arrived := sourceStats(low, camera("p1")), sourceStats(top, camera("p1"))
	if arrived.Passed+2 < passed.Passed-arrived.Passed/10 {
		t.Errorf("%d packets passed the child, %d the parent", passed.Passed, arrived.Passed)
	}
}

// When UDP stops, the child builds another path beside the dead one and swaps:
// TCP on the same port number; pictures go on in the same slot.
func TestLinkSwapsToTCPWhenUDPStops(t *testing.T) {
	t.Parallel()
	top, low := newTestSFU(t), newTestSFU(t)
	var path *lossyPath
	w := connectBy(t, top, low, wireConfig{prefix: "p", udp: func(port int) int { path = newLossyPath(t, port); return path.port }})
	a := dial(t, low, clientConfig{point: "p1", publish: true})
	b := dial(t, top, clientConfig{point: "r1", video: 1})
	a.play(meeting.Camera, 7)
	w.await(t)
	if p := w.child.Stats().Path; p != "udp" {
		t.Fatalf("began on %q", p)
	}
	carry(planOf(1, meeting.View{Tiles: []meeting.SourceKey{camera("p1")}}, camera("p1")), top, low)
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 10 })
	path.cut.Store(true)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for until := time.Now().Add(4 * patience); time.Now().Before(until); <-tick.C {
		if w.child.Stats().Path == "tcp" && w.parent.Stats().Transports >= 2 {
			break
		}
	}
	if st := w.child.Stats(); st.Path != "tcp" {
		t.Fatalf("no other path: child %+v, parent %+v", st, w.parent.Stats())
	}
	before := b.video(0).packets.Load()
	b.until("pictures again", func() bool { return b.video(0).packets.Load() > before+30 })
	checkContinuous(t, b.video(0).packetsSoFar())
}

// Each line carries the layers that somebody beyond it shows, each once; the
// publisher encodes what is left of that, and a large picture nobody shows any
// more stops after a while, all the way.
func TestLinkLayersFollowWhoShowsThem(t *testing.T) {
	t.Parallel()
	tr := newTree(t)
	a := dial(t, tr.district, clientConfig{point: "pd1", publish: true, layers: allLayers})
	near := dial(t, tr.province, clientConfig{point: "p1", video: 2})
	far := dial(t, tr.root, clientConfig{point: "r1", video: 2})
	for _, l := range a.film.layers {
		l.play()
	}
	tr.await(t)
	small, large := layered(meeting.Layout3x3, camera("x"), camera("pd1")), layered(meeting.Layout1, camera("pd1"))
	plan := planOf(1, small, camera("pd1"))
	plan.Views[meeting.AudiencePoint("r1")] = &large
	tr.carry(plan)
	far.until("the large picture at the root", func() bool { return newest(far.video(0)) == 'f' })
	near.until("the small one at the province", func() bool { return newest(near.video(0)) == 'q' || newest(near.video(1)) == 'q' })
	if high, low := tr.high.parent.Stats().Receiving, tr.low.parent.Stats().Receiving; high != 1 || low != 2 {
		t.Errorf("%d layers on the upper line, %d on the lower, want 1 and 2", high, low)
	}
	a.await("the encoder runs both", func(n Notice) bool { return n.Demand != nil && n.Demand.Layers == 0b101 })
	tr.carry(func() *meeting.Plan { p := planOf(1, small, camera("pd1")); p.Seq = 2; return p }())
	far.until("the small picture at the root", func() bool { return newest(far.video(0)) == 'q' || newest(far.video(1)) == 'q' })
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	held := func() bool { return tr.low.parent.Stats().Receiving == 1 && tr.high.parent.Stats().Receiving == 1 }
	for until := time.Now().Add(3 * patience); !held() && time.Now().Before(until); <-tick.C {
	}
	if !held() {
		t.Errorf("large pictures that nobody shows: upper %+v, lower %+v", tr.high.parent.Stats(), tr.low.parent.Stats())
	}
	a.await("the encoder runs the small one alone", func(n Notice) bool { return n.Demand != nil && n.Demand.Layers == 0b001 })
}
