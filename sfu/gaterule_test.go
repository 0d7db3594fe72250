package sfu

import (
	"log/slog"
	"testing"

	"pgregory.net/rapid"

	"github.com/giaoban/giaoban/internal/meeting"
)

// gateOf is the gate of a room's microphone, of the media session M1.
func gateOf(alone bool) *gate {
	return &gate{key: mic("a"), media: "M1", guarded: true, alone: alone, log: slog.New(slog.DiscardHandler)}
}

func permits(since meeting.Seq, media string) *meeting.Plan {
	return &meeting.Plan{Seq: since, Open: map[meeting.SourceKey]meeting.Tag{mic("a"): {Since: since, Media: media}}}
}

func TestGate_OpensForAnOKOnThisConnectionAlone(t *testing.T) {
	none := &meeting.Plan{Seq: 90}
	for name, test := range map[string]struct {
		g    *gate
		do   func(*gate)
		want bool
	}{
		"nothing":                {&gate{}, func(*gate) {}, false},
		"the plan alone":         {gateOf(false), func(g *gate) { g.apply(permits(5, "M1"), true) }, false},
		"OK alone":               {gateOf(false), func(g *gate) { g.press(); g.apply(none, true) }, false},
		"both":                   {gateOf(false), func(g *gate) { g.press(); g.apply(permits(5, "M1"), true) }, true},
		"for another connection": {gateOf(false), func(g *gate) { g.press(); g.apply(permits(5, "M0"), true) }, false},
		"for none by name":       {gateOf(false), func(g *gate) { g.press(); g.apply(permits(5, ""), true) }, false},
		"a consent":              {gateOf(true), func(g *gate) { g.apply(permits(5, "M1"), true) }, true},
		"a consent, elsewhere":   {gateOf(true), func(g *gate) { g.apply(permits(5, "M0"), true) }, false},
		"OK that was refused":    {gateOf(false), func(g *gate) { g.press(); g.unpress(); g.apply(permits(5, "M1"), true) }, false},
		"closed and opened by no OK": {gateOf(false), func(g *gate) {
			g.press()
			g.apply(permits(5, "M1"), true)
			g.apply(none, true)
			g.apply(permits(6, "M1"), true)
		}, false},
		"closed and opened by another": {gateOf(false), func(g *gate) {
			g.press()
			g.apply(permits(5, "M1"), true)
			g.apply(none, true)
			g.press()
			g.apply(permits(6, "M1"), true)
		}, true},
		"the same opening again": {gateOf(true), func(g *gate) { g.apply(permits(5, "M1"), true); g.apply(none, true); g.apply(permits(5, "M1"), true) }, false},
		"lost":                   {gateOf(true), func(g *gate) { g.apply(permits(5, "M1"), true); g.apply(permits(5, "M1"), false) }, false},
		"lost and back":          {gateOf(true), func(g *gate) { g.apply(permits(5, "M1"), false); g.apply(permits(5, "M1"), true) }, false},
		"retired":                {gateOf(true), func(g *gate) { g.retire(); g.apply(permits(5, "M1"), true) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			test.do(test.g)
			if got := test.g.open(); got != test.want {
				t.Errorf("open: %v, want %v", got, test.want)
			}
		})
	}
}

// Whatever comes in whatever order: a gate is open only under the newest plan,
// for its own media session, after an OK that nothing has ended since, and never
// twice by one fact.
func TestGate_Property(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := gateOf(false)
		var plan *meeting.Plan
		pressed, retired, here := false, false, true
		var over meeting.Seq // the newest opening that has ended
		seq := meeting.Seq(0)
		last := (*permit)(nil)
		t.Repeat(map[string]func(*rapid.T){
			"plan": func(t *rapid.T) {
				seq++
				plan = &meeting.Plan{Seq: seq}
				if rapid.Bool().Draw(t, "permits") {
					since := meeting.Seq(rapid.IntRange(1, int(seq)).Draw(t, "since"))
					plan = permits(since, rapid.SampledFrom([]string{"M1", "M1", "M0", ""}).Draw(t, "media"))
				}
				g.apply(plan, here)
			},
			"again":   func(*rapid.T) { g.apply(orNone(plan), here) },
			"press":   func(*rapid.T) { g.press(); pressed = true },
			"unpress": func(*rapid.T) { g.unpress(); pressed = pressed && g.open() },
			"path":    func(t *rapid.T) { here = rapid.Bool().Draw(t, "here"); g.apply(orNone(plan), here) },
			"retire": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "for good") == 0 {
					g.retire()
					retired = true
				}
			},
			"": func(t *rapid.T) {
				is := g.passes()
				if last != nil && is != last {
					over = max(over, last.since)
					if is == nil {
						pressed = false
					}
				}
				last = is
				if is == nil {
					return
				}
				tag, ok := plan.Open[mic("a")]
				if !ok || tag != (meeting.Tag{Since: is.since, Media: "M1"}) || !pressed || retired || !here || is.since <= over {
					t.Fatalf("open since %d under %+v: pressed %v, retired %v, here %v, over %d", is.since, tag, pressed, retired, here, over)
				}
			},
		})
	})
}

func orNone(p *meeting.Plan) *meeting.Plan {
	if p == nil {
		return &meeting.Plan{}
	}
	return p
}

// The connection that OK was pressed on is heard; one that takes its place is
// not, whatever the plan says, until OK is pressed on it.
func TestGate_ANewConnectionOfThePointIsClosed(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	b := dial(t, s, clientConfig{point: "b", voices: 6})
	open := func() bool { return sourceStats(s, mic("a")).Open }
	plan := func(seq meeting.Seq, media string) *meeting.Plan {
		p := planOf(seq, voiceView(), mic("a"))
		p.Open[mic("a")] = meeting.Tag{Since: seq, Media: media}
		return p
	}
	a := dial(t, s, clientConfig{point: "a", publish: true, presses: true, media: "M1"})
	a.play(meeting.Microphone, 9)
	s.Carry("m", plan(1, "M1"))
	a.await("the log is told", func(n Notice) bool { return n.Gate != nil && n.Gate.Stale })
	if open() || s.Press("m", mic("c")) || !s.Press("m", mic("a")) {
		t.Fatal("open before OK, or pressed for nobody")
	}
	s.Carry("m", plan(2, "M1"))
	b.until("sound", func() bool { return b.voice(0).packets.Load() > 10 })

	again := dial(t, s, clientConfig{point: "a", publish: true, presses: true, media: "M2"})
	a.close() // as a reload does
	tone := again.play(meeting.Microphone, 9)
	heard := b.voice(0).packets.Load()
	for _, p := range []*meeting.Plan{plan(2, "M1"), plan(3, "M1"), plan(4, "M2"), plan(5, "")} {
		s.Carry("m", p)
		sent := tone.sent.Load()
		again.until("more is sent", func() bool { return tone.sent.Load() > sent+10 })
	}
	if n := b.voice(0).packets.Load() - heard; n > 2*tailFrames || open() {
		t.Errorf("%d packets of a connection on which nobody pressed OK", n)
	}
	s.Press("m", mic("a"))
	s.Carry("m", plan(6, "M2"))
	again.until("open by its own OK", open)
}
