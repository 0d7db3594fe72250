package sfu

import (
	"math"
	"testing"
	"testing/synctest"
	"time"
)

func TestResidenceQuantile(t *testing.T) {
	var r residence
	if q := r.read().Quantile(0.5); q != ResidenceBounds[0] {
		t.Errorf("of nothing: %v", q)
	}
	for range 98 {
		r.add(250 * time.Microsecond)
	}
	before := r.read()
	r.add(5 * time.Millisecond)
	r.add(time.Minute)
	for _, tt := range []struct {
		share float64
		want  time.Duration
	}{{0.5, 300 * time.Microsecond}, {0.98, 300 * time.Microsecond}, {0.99, 6 * time.Millisecond}, {1, math.MaxInt64}} {
		if q := r.read().Quantile(tt.share); q != tt.want {
			t.Errorf("%v of them within %v, want %v", tt.share, q, tt.want)
		}
	}
	if late := r.read().Since(before); late.Counts[0] != 0 || late.Quantile(0.5) != 6*time.Millisecond || late.Sum != time.Minute+5*time.Millisecond {
		t.Errorf("since then: %+v", late)
	}
}

// A packet is in the server until it is sent, the wait for the end of its picture
// included.
func TestResidenceIsUntilItIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bench := newBench(3)
		bench.begin()
		first := bench.in.source.sfu.count.residence.read()
		bench.seq++
		raw := bench.in.copied(bench.packet)
		raw[3], raw[7] = byte(bench.seq), byte(bench.seq<<2)
		bench.in.take(raw, false)
		time.Sleep(7 * time.Millisecond)
		bench.in.release()
		if got := bench.in.source.sfu.count.residence.read().Since(first); got.Sum != 21*time.Millisecond || got.Quantile(0.01) != 8*time.Millisecond {
			t.Errorf("%+v, want three of 7 ms", got)
		}
	})
}
