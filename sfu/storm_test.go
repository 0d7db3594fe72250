package sfu

import (
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// stormEnv is how many peers join in the full form of the storm; ten a second.
const stormEnv = "GIAOBAN_PROVE_STORM"

// fromEnv reads the size of a proof, or the one it has within all the tests.
func fromEnv(t testing.TB, name string, short int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return short
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q: want a number", name, text)
	}
	return n
}

// first is when a client had its first picture and its first sound, since it
// began to offer.
type first struct{ picture, sound time.Duration }

// Points that join all at once see and hear soon, and cost each publisher no
// more keyframes than a few would; nor does a layout that changes for all.
func TestStorm(t *testing.T) {
	peers := fromEnv(t, stormEnv, 20)
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	c := dial(t, s, clientConfig{point: "c", publish: true})
	a.play(meeting.Camera, 0xa)
	a.play(meeting.Microphone, 0xa)
	c.play(meeting.Camera, 0xc)
	open := []meeting.SourceKey{camera("a"), camera("c"), mic("a")}
	view := voiceView()
	s.Carry("m", planOf(1, view, open...))

	began := time.Now()
	all, firsts := make([]*client, peers), make([]first, peers)
	var wait sync.WaitGroup
	for i := range peers {
		all[i] = newClient(t, s, clientConfig{video: 2, voices: 6, blind: true})
		wait.Go(func() { firsts[i] = all[i].joins() })
		<-time.After(time.Until(began.Add(time.Duration(i+1) * 100 * time.Millisecond)))
	}
	wait.Wait()
	spent := time.Since(began)
	asked := sourceStats(s, camera("a")).Keyframes
	if most := uint64(spent/keyframeInterval) + 1; asked > most {
		t.Errorf("%d keyframe requests in %v, want at most %d", asked, spent, most)
	}
	for i, f := range firsts {
		if f.picture == 0 || f.sound == 0 {
			t.Errorf("peer %d: picture after %v, sound after %v; 0 is never", i, f.picture, f.sound)
		}
	}
	t.Logf("%d peers in %v: p95 first picture %v, first sound %v; %d keyframe requests, %d replays", peers, spent.Round(time.Millisecond),
		p95(firsts, func(f first) time.Duration { return f.picture }), p95(firsts, func(f first) time.Duration { return f.sound }),
		asked, s.Stats().Replays)

	before := sourceStats(s, camera("c")).Keyframes
	view.Tiles = []meeting.SourceKey{camera("c")}
	flipped := time.Now()
	s.Carry("m", planOf(2, view, open...))
	for _, one := range all {
		one.await("the other camera is live", func(n Notice) bool { return n.Live != nil && n.Live.Source == camera("c") })
	}
	asked = sourceStats(s, camera("c")).Keyframes - before
	if asked > 1 {
		t.Errorf("a layout for %d points: %d keyframe requests, want one", peers, asked)
	}
	t.Logf("layout changed for all in %v, %d keyframe request", time.Since(flipped).Round(time.Millisecond), asked)
}

// joins offers and waits for the first picture and the first sound.
func (c *client) joins() (f first) {
	began := time.Now()
	c.offer()
	deadline := time.After(patience)
	for f.picture == 0 || f.sound == 0 {
		if f.picture == 0 && c.video(0).packets.Load() > 0 {
			f.picture = time.Since(began)
		}
		if f.sound == 0 && c.voice(0).packets.Load() > 0 {
			f.sound = time.Since(began)
		}
		select {
		case <-c.changed:
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			return f
		}
	}
	return f
}

func p95[T any](all []T, of func(T) time.Duration) time.Duration {
	var sorted []time.Duration
	for _, v := range all {
		sorted = append(sorted, of(v))
	}
	slices.Sort(sorted)
	return sorted[len(sorted)*95/100].Round(time.Millisecond)
}
