package rewrite

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Two clocks of one sender show the same moments, whenever each was reported
// and wherever each began.
func TestClockTranslates(t *testing.T) {
	const rate = 90000
	rapid.Check(t, func(t *rapid.T) {
		from, to := rapid.Uint32().Draw(t, "from"), rapid.Uint32().Draw(t, "to")
		ms := rapid.IntRange(0, 3_600_000)
		at := func(base uint32, ms int) uint32 { return base + uint32(ms*90) }
		ntp := func(ms int) uint64 { return 1<<62 + uint64(ms)<<32/1000 }
		a, b, now := ms.Draw(t, "report of one"), ms.Draw(t, "report of the other"), ms.Draw(t, "now")
		got := Clock{ntp(a), at(from, a)}.Translate(at(from, now), Clock{ntp(b), at(to, b)}, rate)
		if off := int32(got - at(to, now)); off < -1 || off > 1 {
			t.Fatalf("off by %d ticks", off)
		}
	})
}

func TestSplice(t *testing.T) {
	const rate = 90000
	tests := []struct {
		name string
		same int32 // ticks after the old encoding's newest
		late time.Duration
		want uint64 // ticks after the newest sent
	}{
		{"the next frame", 3000, 33 * time.Millisecond, 3000},
		{"held up on its way", 3000, 133 * time.Millisecond, 3000},
		{"a frame ahead", 6000, 33 * time.Millisecond, 6000},
		{"the same moment: time moves by the wall", 0, 33 * time.Millisecond, 2970},
		{"behind", -3000, 33 * time.Millisecond, 2970},
		{"reports that lie", 40 * rate, 33 * time.Millisecond, 2970},
		{"far behind the wall", 3000, 10 * time.Second, 10 * rate},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := NewMunger(rate, Numbers{Seq: 1 << 32, TS: 1 << 40})
			m.Switch(100, 5000, 0)
			before := m.Newest()
			got := m.Splice(Numbers{Seq: 7, TS: 1 << 33}, uint32(5000+tt.same), tt.late)
			if got.Seq != before.Seq+1 || got.TS != before.TS+tt.want {
				t.Errorf("got %d and %d ticks on, want 1 and %d", got.Seq-before.Seq, got.TS-before.TS, tt.want)
			}
			if next, ok := m.Map(8, 1<<33+3000, tt.late); !ok || next.Seq != got.Seq+1 || next.TS != got.TS+3000 {
				t.Errorf("then %v, %v", next, ok)
			}
		})
	}
}
