package sfu

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// A client that has stopped reading costs the others nothing.
func TestStalledClientDoesNotTouchOthers(t *testing.T) {
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	stalled := dial(t, s, clientConfig{point: "x", video: 1, tcp: true})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	block := make(chan struct{})
	stop := stall(stalled, block)
	defer stop()
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 60 })
	checkNoHole(t, b.video(0).packetsSoFar())
}

// stall blocks the writer of a peer inside Pion, as a stalled socket would.
func stall(c *client, block chan struct{}) (stop func()) {
	for _, out := range c.peer.attached.Load().slots {
		b := *out.bound.Load()
		b.out = stuck{b.out, block}
		out.bound.Store(&b)
	}
	return func() { close(block) }
}

type stuck struct {
	webrtc.TrackLocalWriter
	block chan struct{}
}

func (w stuck) WriteRTP(*rtp.Header, []byte) (int, error) { <-w.block; return 0, nil }

// A panic in one peer's writer ends that peer and no other.
func TestPanicIsolatesOnePeer(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	x := dial(t, s, clientConfig{point: "x", video: 1})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	for _, out := range x.peer.attached.Load().slots {
		broken := *out.bound.Load()
		broken.out = nil
		out.bound.Store(&broken)
	}
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	x.await("told", func(n Notice) bool { return n.State == StateFailed })
	count := b.video(0).packets.Load()
	b.until("others go on", func() bool { return b.video(0).packets.Load() > count+30 })
	if st := s.Stats(); st.Panics != 1 || st.Failed != 1 {
		t.Errorf("%d panics, %d failed", st.Panics, st.Failed)
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	s, err := New(Config{Addrs: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("joins", func(t *testing.T) {
		s.Carry("m", planOf(1, voiceView(), camera("a"), mic("a")))
		for round := range 12 {
			t.Run("", func(t *testing.T) {
				a := dial(t, s, clientConfig{point: "a", publish: true, video: 2, voices: 6, tcp: round%3 == 0})
				b := newClient(t, s, clientConfig{point: "b", video: 2}) // never connects
				b.offerOnly()
				a.play(meeting.Microphone, 1)
				a.until("sound", func() bool { return sourceStats(s, mic("a")).Passed > 2 })
			})
		}
		if st := s.Stats(); st.Peers != 0 || st.Stuck != 0 {
			t.Errorf("%d peers left, %d stuck", st.Peers, st.Stuck)
		}
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(patience)
	for runtime.NumGoroutine() > before+2 {
		if time.Now().After(deadline) {
			b := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, strings.TrimSpace(string(b[:runtime.Stack(b, true)])))
		}
		runtime.Gosched()
	}
}

func TestClosedTwice(t *testing.T) {
	s, err := New(Config{Addrs: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Join(PeerConfig{Meeting: "m"})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := p.Offer("v=0"); err != ErrClosed {
		t.Errorf("offer to a closed peer: %v", err)
	}
	if _, err := s.Join(PeerConfig{Meeting: "m"}); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Join(PeerConfig{Meeting: "m"}); err != ErrClosed {
		t.Errorf("join of a closed sfu: %v", err)
	}
	s.Carry("m", planOf(1, tiles())) // changes nothing, and must not panic
}

// A client that vanishes is lost: its microphone closes, the listeners hear
// silence, and a packet that still comes does not open it again.
func TestVanishedClientIsLost(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	s.lostAfter = time.Second
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", voices: 6})
	sound := a.play(meeting.Microphone, 1)
	s.Carry("m", planOf(1, voiceView(), mic("a")))
	b.until("sound", func() bool { return b.voice(0).packets.Load() > 10 })
	sound.stop()
	if err := a.pc.Close(); err != nil {
		t.Fatal(err)
	}
	a.await("lost", func(n Notice) bool { return n.State == StateLost })
	a.await("closed", func(n Notice) bool { return n.Gate != nil && n.Gate.Source == mic("a") && !n.Gate.Open })
	b.until("silence", func() bool { return s.Stats().Silence == tailFrames })
	if sourceStats(s, mic("a")).Open {
		t.Error("the gate of a lost client is open")
	}
}
