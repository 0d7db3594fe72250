package sfu

import (
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Whoever joins while a keyframe is young begins with it: the publisher is
// asked for no other, and the picture goes on without a hole.
func TestJoinersBeginWithTheLastKeyframe(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	var later []*client
	for range 6 {
		later = append(later, newClient(t, s, clientConfig{video: 1}))
	}
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 10 })
	asked, began := s.Stats().KeyframesSent, time.Now()
	for _, c := range later {
		c.offer()
	}
	for _, c := range later {
		c.until("pictures", func() bool { return c.video(0).packets.Load() > 80 })
		packets := c.video(0).packetsSoFar()
		checkContinuous(t, packets)
		if p := packets[0].Payload; p[0]&0x10 == 0 || p[4]&1 != 0 {
			t.Error("it does not begin with a key frame")
		}
	}
	st := s.Stats()
	if st.Replays < 3 {
		t.Errorf("%d replays for 6 joiners", st.Replays)
	}
	// Two, or where they take longer to come one for each second that one is fresh.
	most := max(2, 1+uint64(time.Since(began)/openingFresh))
	if n := st.KeyframesSent - asked; n > most {
		t.Errorf("the publisher was asked for %d keyframes, want %d at most", n, most)
	}
}

// A layout that changes for all asks each source once, whoever comes first.
func TestLayoutFlipAsksEachSourceOnce(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	c := dial(t, s, clientConfig{point: "c", publish: true})
	var all []*client
	for range 12 {
		all = append(all, dial(t, s, clientConfig{video: 1}))
	}
	a.play(meeting.Camera, 0xa)
	c.play(meeting.Camera, 0xc)
	keys := []meeting.SourceKey{camera("a"), camera("c")}
	for flip := range 4 {
		before := sourceStats(s, keys[flip%2]).Keyframes
		s.Carry("m", planOf(meeting.Seq(flip+1), tiles(keys[flip%2]), keys...))
		mark := []byte{0xa, 0xc}[flip%2]
		for _, one := range all {
			one.until("the other is shown", func() bool { return newest(one.video(0)) == mark })
		}
		if n := sourceStats(s, keys[flip%2]).Keyframes - before; n > 1 {
			t.Errorf("flip %d: %d requests", flip, n)
		}
	}
	for _, one := range all {
		checkContinuous(t, one.video(0).packetsSoFar())
	}
}

// What was kept under one gate is not sent under another, nor under none.
func TestOpeningBelongsToItsGate(t *testing.T) {
	bench := newBench(1)
	bench.begin()
	l, now := bench.in.layer, bench.in.source.sfu.now()
	if l.replayable(now) == nil {
		t.Fatal("a young keyframe cannot be replayed")
	}
	if l.replayable(now+openingFresh+time.Second) != nil {
		t.Error("an old one can")
	}
	for _, other := range []*permit{nil, {since: 2}} {
		l.source.gate.at.Store(other)
		if l.replayable(now) != nil {
			t.Errorf("it can be replayed under the gate %v", other)
		}
	}
}

func TestTornOrLongOpeningIsNotReplayed(t *testing.T) {
	bench := newBench(1)
	bench.begin()
	bench.seq += 2
	bench.forward()
	if bench.in.layer.replayable(0) != nil {
		t.Error("one with a hole is replayed")
	}
	bench = newBench(1)
	bench.begin()
	for range openingMax {
		bench.forward()
	}
	if o := bench.in.layer.opening.Load(); !o.full() || bench.in.layer.replayable(0) != nil {
		t.Error("one that is longer than what is kept is replayed")
	}
}
