package sfu

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtp"
)

var allLayers = []string{"q", "h", "f"}

// newest is the layer of the newest packet on a slot.
func newest(r *received) byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) == 0 {
		return 0
	}
	return body(r.all[len(r.all)-1])
}

func TestLayerFollowsTheSizeOfTheTile(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true, layers: allLayers})
	b := dial(t, s, clientConfig{point: "b", video: 9})
	a.film.reports = true
	for _, rid := range []string{"f", "q", "h"} { // in any order
		a.film.layer(rid).play()
	}
	steps := []struct {
		layout meeting.LayoutKind
		tiles  []meeting.SourceKey
		want   byte
	}{
		{meeting.Layout1, []meeting.SourceKey{camera("a")}, 'f'},
		{meeting.Layout3x3, []meeting.SourceKey{camera("x"), camera("a")}, 'q'},
		{meeting.Layout2x2, []meeting.SourceKey{camera("a")}, 'h'},
		{meeting.Layout1p5, []meeting.SourceKey{camera("a")}, 'f'},
		{meeting.Layout1p5, []meeting.SourceKey{camera("x"), camera("a")}, 'q'},
	}
	slot := b.video(0)
	begun := 0 // pictures before the first of the size, for whichever layer came first
	for i, step := range steps {
		s.Carry("m", planOf(meeting.Seq(i+1), layered(step.layout, step.tiles...), camera("a")))
		b.until(string(step.layout)+" shows layer "+string(step.want), func() bool { return newest(slot) == step.want })
		if i == 0 {
			begun = len(switches(slot.packetsSoFar()))
		}
	}
	packets := slot.packetsSoFar()
	checkContinuous(t, packets)
	if began := switches(packets); begun > 2 || len(began) != begun+len(steps)-1 {
		t.Errorf("%d switches, %d of them to begin with, want %d after those", len(began), begun, len(steps)-1)
	}
	for i, p := range switches(packets) {
		if p.Payload[0]&0x10 == 0 || p.Payload[4]&1 != 0 {
			t.Errorf("layer %d begins with % x, not with a keyframe", i, p.Payload[:8])
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	lives := 0
	for _, n := range b.notices {
		if n.Live != nil {
			lives++
		}
	}
	if lives != 1 {
		t.Errorf("told %d times what is live: a change of layer is none", lives)
	}
}

// Until the size that is wanted flows, what flows is shown at once, and then
// left for that size alone, or for the next best when it does not come.
func TestAChoiceIsMadeAtOnceAndThenKept(t *testing.T) {
	src := &source{}
	for i, name := range layerNames {
		src.layers = append(src.layers, &layer{source: src, rid: name, rank: rank(i)})
	}
	var c choice
	for _, step := range []struct {
		at    time.Duration
		flow  string
		wants rank
		want  string
	}{
		{1, "", rankFull, "f"},    // nothing is there yet
		{2, "q", rankFull, "q"},   // something is better than nothing
		{3, "qh", rankFull, "q"},  // not a third while the one wanted may come
		{4, "qhf", rankFull, "f"}, // there it is
		{5, "hf", rankQuarter, "f"},
		{6, "qhf", rankQuarter, "q"},
		{7, "qh", rankFull, "q"},
		{20, "qh", rankFull, "h"}, // it does not come
		{21, "qhf", rankFull, "f"},
		{22, "qh", rankFull, "h"}, // and is gone
	} {
		now := step.at * 100 * time.Millisecond
		for _, l := range src.layers {
			l.heard.Store(0)
			if strings.Contains(step.flow, l.rid) {
				l.heard.Store(int64(now))
			}
		}
		if got := c.choose(src, step.wants, now); got.rid != step.want {
			t.Errorf("at %v, of %q, wanting %s: %s, want %s", now, step.flow, layerNames[step.wants], got.rid, step.want)
		}
	}
}

// A switch between layers whose clocks are known keeps the course of time,
// however long the packet was on its way.
func TestLayerSwitchKeepsTheCourseOfTime(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true, layers: allLayers})
	b := dial(t, s, clientConfig{point: "b", video: 9})
	a.film.reports = true
	stops := map[string]func(){}
	for _, l := range a.film.layers {
		stops[l.rid] = l.play()
	}
	s.Carry("m", planOf(1, layered(meeting.Layout1, camera("a")), camera("a")))
	slot := b.video(0)
	layers := a.peer.attached.Load().sources[0].layers
	b.until("full, the clocks of all layers known, a keyframe of each", func() bool {
		known := newest(slot) == 'f'
		for _, l := range layers {
			known = known && l.report.Load() != nil && l.opening.Load() != nil
		}
		return known
	})
	stops["f"]() // so that no frame of it can overtake the quarter's
	for _, l := range layers {
		l.opening.Load().torn.Store(true) // so that the quarter begins with a frame of now
	}
	s.Carry("m", planOf(2, layered(meeting.Layout3x3, camera("a")), camera("a")))
	b.until("a quarter", func() bool { return newest(slot) == 'q' })
	packets := slot.packetsSoFar()
	checkContinuous(t, packets)
	full := slices.IndexFunc(packets, func(p rtp.Packet) bool { return body(p) == 'f' }) // perhaps after a quarter that came first
	first := full + slices.IndexFunc(packets[full:], func(p rtp.Packet) bool { return body(p) == 'q' })
	step := packets[first].Timestamp - packets[first-1].Timestamp
	if step%90 > 1 && step%90 < 89 {
		t.Errorf("time went on by %d ticks to the switch; a frame's time is a multiple of 90", step)
	}
}

func TestAnySubsetOfLayersWorks(t *testing.T) {
	for _, tt := range []struct {
		name   string
		offers []string
		flow   string
		layout meeting.LayoutKind
		want   byte
	}{
		{"one layer only", []string{"h"}, "h", meeting.Layout1, 'h'},
		{"the one between is not offered", []string{"q", "f"}, "qf", meeting.Layout2x2, 'q'},
		{"the largest does not come", allLayers, "qh", meeting.Layout1, 'h'},
		{"only the largest comes", allLayers, "f", meeting.Layout3x3, 'f'},
		{"the order of the offer does not matter", []string{"f", "q"}, "qf", meeting.Layout3x3, 'q'},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newTestSFU(t)
			a := dial(t, s, clientConfig{point: "a", publish: true, layers: tt.offers})
			b := dial(t, s, clientConfig{point: "b", video: 9})
			for _, rid := range tt.flow {
				a.film.layer(string(rid)).play()
			}
			s.Carry("m", planOf(1, layered(tt.layout, camera("a")), camera("a")))
			b.until("pictures", func() bool { return newest(b.video(0)) == tt.want })
			checkNoHole(t, b.video(0).packetsSoFar())
		})
	}
}

// The picture falls back when its layer stops, and comes back with it.
func TestLayerThatStopsIsReplaced(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true, layers: allLayers})
	b := dial(t, s, clientConfig{point: "b", video: 9})
	a.film.layer("q").play()
	stop := a.film.layer("f").play()
	s.Carry("m", planOf(1, layered(meeting.Layout1, camera("a")), camera("a")))
	slot := b.video(0)
	b.until("full", func() bool { return newest(slot) == 'f' })
	stop()
	b.until("a quarter", func() bool { return newest(slot) == 'q' })
	a.await("what lies between is asked for", func(n Notice) bool { return n.Demand != nil && n.Demand.Layers == 0b111 })
	a.film.layer("f").play()
	b.until("full again", func() bool { return newest(slot) == 'f' })
	packets := slot.packetsSoFar()
	checkContinuous(t, packets)
}

func TestOnlyWatchedLayersAreAskedFor(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true, layers: allLayers})
	b := dial(t, s, clientConfig{point: "b", video: 9})
	for _, l := range a.film.layers {
		l.play()
	}
	demanded := func(set Layers) func(Notice) bool {
		return func(n Notice) bool { return n.Demand != nil && n.Demand.Camera && n.Demand.Layers == set }
	}
	s.Carry("m", planOf(1, layered(meeting.Layout3x3, camera("a")), camera("a")))
	a.await("the smallest", demanded(0b001))
	b.until("a quarter", func() bool { return newest(b.video(0)) == 'q' })
	s.Carry("m", planOf(2, layered(meeting.Layout1, camera("a")), camera("a")))
	a.await("the largest at once, and the smallest", demanded(0b101))
	b.until("full", func() bool { return newest(b.video(0)) == 'f' })
	a.forget()
	began := time.Now()
	s.Carry("m", planOf(3, layered(meeting.Layout3x3, camera("a")), camera("a")))
	a.await("the largest no more", demanded(0b001))
	if held := time.Since(began); held < demandHold {
		t.Errorf("told after %v, want it held for %v", held, demandHold)
	}
	if names := Layers(0b101).Names(); len(names) != 2 || names[0] != "q" || names[1] != "f" {
		t.Errorf("names %v", names)
	}
}

// What claims to be a layer and is not gets no further than one that claims nothing.
func TestHostileLayers(t *testing.T) {
	opus := []byte{0xfc, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	vp8 := []byte{0x90, 0x80, 0x81, 0x02, 0, 1, 2, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 'x'}
	tests := []struct {
		name, reason string
		write        func(f *film, h rtp.Header)
	}{
		{"a second stream of a layer", "unbound_ssrc", func(f *film, h rtp.Header) {
			h.SSRC = 4711
			_, _ = f.c.taps[0].write(&h, vp8)
		}},
		{"a layer nobody offered", "unbound_ssrc", func(f *film, h rtp.Header) {
			h.SSRC = 4712
			f.name(&h, "z")
			_, _ = f.c.taps[0].write(&h, vp8)
		}},
		{"a layer of the microphone", "unbound_ssrc", func(f *film, h rtp.Header) {
			h.SSRC, h.PayloadType = 4713, 111
			_ = h.SetExtension(h.GetExtensionIDs()[0], []byte(f.c.pc.GetTransceivers()[1].Mid()))
			_, _ = f.c.taps[0].write(&h, opus)
		}},
		{"opus on a layer", "wrong_payload_type", func(f *film, h rtp.Header) {
			h.PayloadType = 111
			_, _ = f.c.taps[0].write(&h, opus)
		}},
		{"opus called vp8 on a layer", "malformed", func(f *film, h rtp.Header) {
			_, _ = f.c.taps[0].write(&h, []byte(opusSilence))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newTestSFU(t)
			a := dial(t, s, clientConfig{point: "a", publish: true, layers: allLayers})
			b := dial(t, s, clientConfig{point: "b", video: 1, voices: 6})
			for _, l := range a.film.layers {
				l.play()
			}
			s.Carry("m", planOf(1, layered(meeting.Layout1, camera("a")), camera("a")))
			b.until("full", func() bool { return newest(b.video(0)) == 'f' })
			seq := uint16(10)
			a.until("it arrives and is counted", func() bool {
				h := a.film.layer("f").header()
				seq++
				h.SequenceNumber = seq
				tt.write(a.film, h)
				return s.Stats().Dropped[tt.reason] > 20
			})
			came := b.video(0).packets.Load()
			b.until("pictures go on", func() bool { return b.video(0).packets.Load() > came+30 })
			for _, p := range b.video(0).packetsSoFar() {
				if mark := body(p); mark != 'q' && mark != 'h' && mark != 'f' {
					t.Fatalf("it came through: % x", p.Payload)
				}
			}
			for i := range meeting.Voices {
				if n := b.voice(i).packets.Load(); n != 0 {
					t.Errorf("%d packets came through on voice %d", n, i)
				}
			}
		})
	}
}

// The gate of a camera is that of all its layers.
func TestClosedGateHoldsEveryLayer(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true, layers: allLayers})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	for _, l := range a.film.layers {
		l.play()
	}
	s.Carry("m", planOf(1, layered(meeting.Layout1, camera("a"))))
	a.until("packets arrive", func() bool { return sourceStats(s, camera("a")).Dropped["not_permitted"] > 60 })
	if st := sourceStats(s, camera("a")); st.Passed != 0 || b.video(0).packets.Load() != 0 {
		t.Errorf("%d passed, %d came through", st.Passed, b.video(0).packets.Load())
	}
	s.Carry("m", planOf(2, layered(meeting.Layout1, camera("a")), camera("a")))
	b.until("pictures once it is open", func() bool { return newest(b.video(0)) == 'f' })
}
