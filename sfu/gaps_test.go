package sfu

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

func newGaps() (g *gaps, found, lost *atomic.Uint64) {
	found, lost = &atomic.Uint64{}, &atomic.Uint64{}
	return &gaps{found: found, lost: lost}, found, lost
}

// What is missing is asked for once it can hardly be only late, after a round
// trip again, less and less often, and not for ever.
func TestMissingPacketsAreAskedForLessAndLess(t *testing.T) {
	g, found, lost := newGaps()
	g.note(65534, false, 0)
	g.note(1, false, 0) // 65535 and 0 are missing
	if due := g.ask(40*time.Millisecond, 7*time.Millisecond); due != nil {
		t.Errorf("%v asked for while it may only be late", due)
	}
	if due := g.ask(40*time.Millisecond, 8*time.Millisecond); !slices.Equal(due, []uint16{65535, 0}) {
		t.Errorf("%v asked for, want both", due)
	}
	g.mend(0)
	var asked []time.Duration
	for now := 9 * time.Millisecond; now < time.Second; now += time.Millisecond {
		if due := g.ask(40*time.Millisecond, now); len(due) > 0 {
			if !slices.Equal(due, []uint16{65535}) {
				t.Fatalf("%v asked for", due)
			}
			asked = append(asked, now)
		}
	}
	want := []time.Duration{58, 121, 200, 298, 421, 574}
	for i := range want {
		want[i] *= time.Millisecond
	}
	if !slices.Equal(asked, want) {
		t.Errorf("asked again at %v, want %v", asked, want)
	}
	if found.Load() != 2 || lost.Load() != 1 || len(g.missing) != 0 {
		t.Errorf("%d found, %d lost, %d still waited for", found.Load(), lost.Load(), len(g.missing))
	}
}

func TestWhatCannotBeLateIsAskedForAtOnce(t *testing.T) {
	g, _, _ := newGaps()
	g.note(10, false, 0)
	g.note(12, true, 0)
	if due := g.ask(time.Second, 0); !slices.Equal(due, []uint16{11}) {
		t.Errorf("%v asked for, want 11", due)
	}
	g.note(11, false, 0)
	if len(g.missing) != 0 {
		t.Error("it has come, and is still waited for")
	}
}

// Before a picture that needs no other nothing is missed any more; after its
// first packet everything is. Numbers wrap.
func TestAKeyframeOvertakesWhatIsMissing(t *testing.T) {
	g, found, lost := newGaps()
	g.note(65533, false, 0)
	g.note(2, true, 0) // 65534, 65535, 0 and 1 are missing,
	g.note(5, true, 0) // 3 and 4 as well
	g.overtake(2)
	if due := g.ask(time.Second, 0); !slices.Equal(due, []uint16{3, 4}) {
		t.Errorf("%v asked for, want what the keyframe itself lacks", due)
	}
	if found.Load() != 6 || lost.Load() != 4 {
		t.Errorf("%d found, %d given up", found.Load(), lost.Load())
	}
}

// A stream that starts anew, or jumps, is not asked for what was never sent;
// what is waited for has a bound.
func TestGapsAreBounded(t *testing.T) {
	g, found, lost := newGaps()
	g.note(1, false, 0)
	g.note(30000, false, 0)
	if len(g.missing) != 0 {
		t.Errorf("%d missing after a jump", len(g.missing))
	}
	for seq := uint16(30002); seq < 31000; seq += 2 {
		g.note(seq, false, 0)
	}
	if len(g.missing) != missingMax || found.Load()-lost.Load() != missingMax {
		t.Errorf("%d waited for, %d found, %d lost", len(g.missing), found.Load(), lost.Load())
	}
	g.forget()
	g.note(5, false, 0)
	if due := g.ask(0, time.Hour); len(due) != 0 {
		t.Errorf("%v asked for of a stream that began anew", due)
	}
}
