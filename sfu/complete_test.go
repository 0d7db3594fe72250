package sfu

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/rewrite"
	"github.com/pion/rtp"
)

// Parameter sets of the encoders in these tests: of number 0, of number 1, and a
// newer one of number 0.
func spsUnit(mark byte) []byte { return []byte{0x67, 0x42, 0xe0, 0x1f, 0xff, mark} }
func ppsUnit(mark byte) []byte { return []byte{0x68, 0xff, mark} }

// stapOf packs units (RFC 6184 §5.7.1).
func stapOf(units ...[]byte) []byte {
	b := []byte{0x78}
	for _, u := range units {
		b = append(append(b, byte(len(u)>>8), byte(len(u))), u...)
	}
	return b
}

// encoder is a camera that says its parameter sets its own way, and has a
// picture that needs no other at times of its own, whoever asks.
type encoder struct {
	before [][]byte     // packets at the very start
	key    [][]byte     // of each whole picture
	mended *atomic.Bool // it has the sets with it from now on; nil is never
}

// keyEvery is the encoder's pictures from one whole one to the next.
const keyEvery = 10

// run plays until the test ends, 30 pictures a second.
func (e encoder) run(c *client) {
	f := &feed{seq: 100, ts: 5}
	done, ended := make(chan struct{}), make(chan struct{})
	c.t.Cleanup(func() { close(done); <-ended })
	go func() {
		defer close(ended)
		tick := time.NewTicker(33 * time.Millisecond)
		defer tick.Stop()
		track := c.track(meeting.Camera)
		for n := 0; ; n++ {
			select {
			case <-tick.C:
			case <-done:
				return
			}
			f.ts += videoRate / 30
			packets := [][]byte{{0x41, 0x9a, 1, 1}}
			if n%keyEvery == 0 {
				packets = e.key
				if e.mended != nil && e.mended.Load() {
					packets = slices.Concat([][]byte{stapOf(spsUnit(1), ppsUnit(1))}, e.key)
				}
			}
			if n == 0 {
				packets = slices.Concat(e.before, packets)
			}
			for i, b := range packets {
				f.write(track, i == len(packets)-1, b)
			}
		}
	}()
}

// withSets puts parameter sets into an offer.
func withSets(sets ...[]byte) func(string) string {
	text := ""
	for i, s := range sets {
		if i > 0 {
			text += ","
		}
		text += base64.StdEncoding.EncodeToString(s)
	}
	return func(offer string) string {
		return regexp.MustCompile(`(a=fmtp:\d+ [^\r]*profile-level-id=42[^\r]*)`).ReplaceAllString(offer, "$1; sprop-parameter-sets="+text)
	}
}

var (
	wholeIDR = [][]byte{{0x65, 0x88, 0x84, 1}}
	cutIDR   = [][]byte{{0x7c, 0x85, 0x88, 1}, {0x7c, 0x05, 2}, {0x7c, 0x45, 3}}
	slices2  = [][]byte{{0x65, 0x88, 0x84, 1}, {0x65, 0x20, 0x84, 1}}
)

// Whoever begins to watch begins within one interval of whole pictures, with the
// parameter sets and the picture, wherever the encoder said its sets; and so
// over a link.
func TestAViewerBeginsWithTheSetsHoweverTheyCame(t *testing.T) {
	t.Parallel()
	same := func(s string) string { return s }
	tests := []struct {
		name  string
		offer func(string) string
		encoder
		mark byte // of the set that is in force
	}{
		{"in the offer alone", withSets(spsUnit(1), ppsUnit(1)), encoder{key: wholeIDR}, 1},
		{"in the offer alone, pictures cut", withSets(spsUnit(1), ppsUnit(1)), encoder{key: cutIDR}, 1},
		{"in the offer alone, pictures of slices", withSets(spsUnit(1), ppsUnit(1)), encoder{key: slices2}, 1},
		{"once, in one packet", same, encoder{before: [][]byte{stapOf(spsUnit(2), ppsUnit(2))}, key: cutIDR}, 2},
		{"once, in packets of their own", same, encoder{before: [][]byte{spsUnit(3), ppsUnit(3)}, key: wholeIDR}, 3},
		{"newer ones in-band", withSets(spsUnit(1), ppsUnit(1)), encoder{before: [][]byte{spsUnit(4), ppsUnit(4)}, key: wholeIDR}, 4},
		{"the sequence each time, the picture's once", same, encoder{before: [][]byte{ppsUnit(5)}, key: slices.Concat([][]byte{spsUnit(5)}, wholeIDR)}, 5},
		{"each time", same, encoder{key: slices.Concat([][]byte{stapOf(spsUnit(6), ppsUnit(6))}, cutIDR)}, 6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, far := newTestSFU(t), newTestSFU(t)
			connect(t, s, far, "z")
			k := newClient(t, s, clientConfig{point: "k", publish: true, h264: true})
			k.offered(tt.offer)
			tt.run(k)
			plan := planOf(1, tiles(camera("k")), camera("k"))
			s.Carry("m", plan)
			far.Carry("m", plan)
			k.until("it has sent a while", func() bool { return sourceStats(s, camera("k")).Passed > 3*keyEvery })
			for _, at := range []*SFU{s, far} {
				b := dial(t, at, clientConfig{point: "z", video: 1})
				b.until("pictures", func() bool { return b.video(0).packets.Load() > 2*keyEvery })
				packets := b.video(0).packetsSoFar()
				checkNoHole(t, packets)
				checkBeginning(t, packets, tt.mark)
			}
		})
	}
}

// checkBeginning wants the sets first, the newest ones, then the picture, all of
// one moment.
func checkBeginning(t *testing.T, packets []rtp.Packet, mark byte) {
	t.Helper()
	said := ""
	for _, p := range packets {
		if p.Timestamp != packets[0].Timestamp {
			break
		}
		if !p.Marker || len(said) == 0 || said[len(said)-1] != 'I' {
			rewrite.EachSet(p.Payload, func(unit []byte) {
				said += map[byte]string{7: "S", 8: "P"}[unit[0]&0x1f]
				if unit[len(unit)-1] != mark {
					t.Errorf("a set of mark %d, want %d", unit[len(unit)-1], mark)
				}
			})
		}
		if h, err := rewrite.ParseH264(p.Payload); err == nil && h.IDR {
			said += "I"
		}
	}
	if !regexp.MustCompile(`^(SS?P|SSP)I+$`).MatchString(said) {
		t.Errorf("began with %q, want the sets, then the picture", said)
	}
}

// Packets that come late are numbered as those of their time, whatever was put
// in after them.
func TestWhatIsPutInMakesTheLaterNumbersGreater(t *testing.T) {
	var a added
	place := func(seq uint64) string {
		at, ok := a.place(seq)
		return fmt.Sprint(at, ok)
	}
	if got := place(7); got != "7 true" {
		t.Errorf("before any: %s", got)
	}
	a.before(10) // 10 is sent on as 11, after what was put in
	a.before(20)
	for seq, want := range map[uint64]string{9: "9 true", 10: "11 true", 19: "20 true", 20: "22 true", 30: "32 true"} {
		if got := place(seq); got != want {
			t.Errorf("%d: %s, want %s", seq, got, want)
		}
	}
	for i := range uint64(addedMax) {
		a.before(100 + 10*i)
	}
	if got := place(20); got != "0 false" {
		t.Errorf("one too old to tell: %s", got)
	}
	if got := place(105); got != "108 true" {
		t.Errorf("the oldest that is known: %s", got)
	}
}

// What is put in is packed once; following a stream allocates nothing.
func TestFollowingSetsDoesNotAllocate(t *testing.T) {
	var c completion
	c.learn(stapOf(spsUnit(1), ppsUnit(1)))
	p := packet{codec: codecH264, idr: true, payload: wholeIDR[0]}
	put := 0
	n := testing.AllocsPerRun(1000, func() {
		p.seq, p.ts = p.seq+1, p.ts+3000
		if sets, key := c.follow(&p); sets != nil && key {
			put++
		}
	})
	if n > 0 || put == 0 {
		t.Errorf("%v allocations, %d put in", n, put)
	}
}

// A tile whose picture cannot begin says so after a while, and no more once it
// has; one whose profile browsers do not decode says that.
func TestATileThatCannotBeginSaysSo(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	k := dial(t, s, clientConfig{point: "k", publish: true, h264: true})
	x := dial(t, s, clientConfig{point: "x", publish: true, h264: true})
	b := dial(t, s, clientConfig{point: "b", video: 2})
	var mended atomic.Bool
	encoder{key: wholeIDR, mended: &mended}.run(k)
	high10 := []byte{0x67, 110, 0, 0x1f, 0xff, 1}
	encoder{key: slices.Concat([][]byte{high10, ppsUnit(1)}, wholeIDR)}.run(x)
	s.Carry("m", planOf(1, tiles(camera("k"), camera("x")), camera("k"), camera("x")))
	b.await("that the profile cannot be decoded", func(n Notice) bool {
		return n.Slots != nil && slices.Equal(n.Slots.Undecodable, []meeting.SourceKey{camera("x")})
	})
	b.await("that nothing can begin", func(n Notice) bool {
		return n.Slots != nil && slices.Equal(n.Slots.Unbegun, []meeting.SourceKey{camera("k")})
	})
	b.forget()
	mended.Store(true)
	b.until("it is shown", func() bool { return b.video(0).packets.Load() > 0 })
	b.await("that it has begun", func(n Notice) bool { return n.Slots != nil && len(n.Slots.Unbegun) == 0 })
}
