package sfu

import (
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// soakEnv is how many seconds the full form of the soak lasts.
const soakEnv = "GIAOBAN_PROVE_SOAK"

// held is what a process holds.
type held struct{ goroutines, files, heap int }

// holds reads it once collections free nothing more.
func holds(t testing.TB) held {
	t.Helper()
	var m runtime.MemStats
	for range 3 { // finalizers and pools take more than one
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("this system does not tell what a process holds: %v", err)
	}
	return held{runtime.NumGoroutine(), len(files), int(m.HeapInuse)}
}

// within reports whether no more is held than before, by 2 % and by what a peer
// and its client on their way in hold.
func (h held) within(before held, heap bool) bool {
	near := func(was, is, slack int) bool { return is <= int(math.Ceil(float64(was)*1.02))+slack }
	return near(before.goroutines, h.goroutines, 2*21) && near(before.files, h.files, 4) &&
		(!heap || near(before.heap, h.heap, 0))
}

// stay is the part of a test that one client takes: what it leaves behind goes
// when it leaves, not when the test ends.
type stay struct {
	testing.TB
	client *client
	ends   []func()
}

// Cleanup is done by leave.
func (s *stay) Cleanup(f func()) { s.ends = append(s.ends, f) }

func (s *stay) leave() {
	for _, end := range slices.Backward(s.ends) {
		end()
	}
}

// soakPeer joins one more peer, which publishes and watches.
func soakPeer(t testing.TB, s *SFU, number int) *stay {
	t.Helper()
	one := &stay{TB: t}
	point := meeting.PointID("s" + strconv.Itoa(number))
	one.client = dial(one, s, clientConfig{point: point, publish: true, video: 3, voices: 6, blind: true})
	one.client.play(meeting.Camera, byte(number))
	one.client.play(meeting.Microphone, byte(number))
	return one
}

func (s *stay) camera() meeting.SourceKey { return camera(s.client.peer.cfg.Point) }
func (s *stay) mic() meeting.SourceKey    { return mic(s.client.peer.cfg.Point) }

// A meeting in which points come and go, speakers change and layouts flip holds
// no more at its end than it did at its beginning.
func TestSoak(t *testing.T) {
	seconds, peers := 12, 6
	if os.Getenv(soakEnv) != "" {
		seconds, peers = fromEnv(t, soakEnv, 0), 50
	}
	s := newTestSFU(t)
	var here []*stay
	t.Cleanup(func() {
		for _, c := range here {
			c.leave()
		}
	})
	for i := range peers {
		here = append(here, soakPeer(t, s, i))
	}
	speaker, flip := 0, 0
	carry := func(seq int) {
		var open []meeting.SourceKey
		for _, c := range here {
			open = append(open, c.camera())
		}
		talks := here[speaker%peers].mic()
		first := flip % peers
		view := meeting.View{
			Tiles:  []meeting.SourceKey{open[first], open[(first+1)%peers], open[(first+2)%peers]},
			Voices: [meeting.Voices]meeting.SourceKey{talks},
		}
		s.Carry("m", planOf(meeting.Seq(seq), view, append(open, talks)...))
	}
	second := time.NewTicker(time.Second)
	defer second.Stop()
	var before held
	for n := range seconds {
		<-second.C
		here[0].leave()
		here = append(here[1:], soakPeer(t, s, peers+n))
		if n%10 == 0 {
			speaker++
		}
		if n%20 == 0 {
			flip++
		}
		carry(n + 1)
		if n == seconds/3 { // by then every pool and cache has been filled
			before = holds(t)
		}
	}
	last := here[peers-1].client
	last.until("the last sees", func() bool { return last.video(0).packets.Load() > 10 })
	heap := os.Getenv(soakEnv) != "" // in a minute it says nothing
	after := holds(t)
	for patience := time.Now().Add(20 * time.Second); !after.within(before, heap) && time.Now().Before(patience); after = holds(t) {
		<-second.C // those that left are still on their way out
	}
	t.Logf("%d peers, one replaced each of %d s: goroutines %d, then %d; files %d, then %d; heap %d kB, then %d kB", peers, seconds,
		before.goroutines, after.goroutines, before.files, after.files, before.heap>>10, after.heap>>10)
	if !after.within(before, heap) {
		t.Errorf("holds %+v, before %+v", after, before)
	}
	if st := s.Stats(); st.Failed != 0 || st.Panics != 0 || st.Stuck != 0 || st.Peers != peers {
		t.Errorf("%d peers, %d failed, %d panics, %d stuck", st.Peers, st.Failed, st.Panics, st.Stuck)
	}
}
