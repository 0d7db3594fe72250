package rewrite

import (
	"testing"

	"pgregory.net/rapid"
)

func TestUnwrapper(t *testing.T) {
	tests := []struct {
		name string
		bits uint
		in   []uint32
		want []int64 // differences from the first
	}{
		{"counts on", 16, []uint32{10, 11, 12}, []int64{0, 1, 2}},
		{"wraps forward", 16, []uint32{65534, 65535, 0, 1}, []int64{0, 1, 2, 3}},
		{"a late packet from before the wrap", 16, []uint32{65535, 1, 0}, []int64{0, 2, 1}},
		{"older than the first", 16, []uint32{0, 65535}, []int64{0, -1}},
		{"half the range ahead is the past", 16, []uint32{0, 32768}, []int64{0, -32768}},
		{"just under half is the future", 16, []uint32{0, 32767}, []int64{0, 32767}},
		{"timestamps wrap", 32, []uint32{1<<32 - 960, 0, 960}, []int64{0, 960, 1920}},
		{"seven bits", 7, []uint32{126, 127, 0}, []int64{0, 1, 2}},
		{"stray high bits do not count", 7, []uint32{0x80 | 5, 6}, []int64{0, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := NewUnwrapper(tt.bits)
			first := u.Unwrap(tt.in[0])
			for i, v := range tt.in[1:] {
				if got := int64(u.Unwrap(v) - first); got != tt.want[i+1] {
					t.Errorf("%d: got %d, want %d", v, got, tt.want[i+1])
				}
			}
		})
	}
}

func TestUnwrapKeepsLowBitsAndOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.SampledFrom([]uint{5, 7, 8, 15, 16, 32}).Draw(t, "bits")
		mask := uint64(1)<<bits - 1
		u := NewUnwrapper(bits)
		true64 := rapid.Uint64Range(0, 1<<40).Draw(t, "start")
		before := u.Unwrap(uint32(true64 & mask))
		for range 50 {
			step := rapid.Uint64Range(1, mask/2).Draw(t, "step")
			true64 += step
			got := u.Unwrap(uint32(true64 & mask))
			if got != before+step || got&mask != true64&mask {
				t.Fatalf("after %d came %d, want %d", before, got, before+step)
			}
			before = got
		}
	})
}

func TestWindow(t *testing.T) {
	tests := []struct {
		name string
		in   []uint64
		want []Arrival
	}{
		{"in order", []uint64{5, 6, 7}, []Arrival{Newest, Newest, Newest}},
		{"twice", []uint64{5, 5}, []Arrival{Newest, Duplicate}},
		{"fills a hole once", []uint64{5, 8, 6, 6}, []Arrival{Newest, Newest, Late, Duplicate}},
		{"before the first", []uint64{100, 99}, []Arrival{Newest, Late}},
		{"too old", []uint64{1000, 1000 - windowSize}, []Arrival{Newest, Old}},
		{"a jump forgets what was there", []uint64{5, 5 + 3*windowSize, 4 + 3*windowSize}, []Arrival{Newest, Newest, Late}},
		{"the hole of a wrap of the memory", []uint64{5, 4 + windowSize, 5}, []Arrival{Newest, Newest, Duplicate}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w Window
			for i, seq := range tt.in {
				if judged := w.Judge(seq); judged != tt.want[i] {
					t.Errorf("packet %d: judged %d, want %d", i, judged, tt.want[i])
				}
				if got := w.Add(seq); got != tt.want[i] {
					t.Errorf("packet %d: got %d, want %d", i, got, tt.want[i])
				}
			}
		})
	}
}

// The window agrees with a plain set.
func TestWindowAgreesWithASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w Window
		seen := map[uint64]bool{}
		var newest uint64
		for range 300 {
			seq := 1<<20 + rapid.Uint64Range(0, 3*windowSize).Draw(t, "seq")
			want := Newest
			switch {
			case len(seen) == 0 || seq > newest:
				newest = seq
			case newest-seq >= windowSize:
				want = Old
			case seen[seq]:
				want = Duplicate
			default:
				want = Late
			}
			seen[seq] = true
			if got := w.Add(seq); got != want {
				t.Fatalf("%d after %d: got %d, want %d", seq, newest, got, want)
			}
		}
	})
}

func TestHistory(t *testing.T) {
	h := NewHistory[string](4)
	const base = 1<<32 + 65534
	for i, v := range []string{"a", "b", "c", "d", "e"} {
		h.Put(base+uint64(i), v)
	}
	tests := []struct {
		name string
		seq  uint16
		want string
	}{
		{"forgotten", 65534, ""}, {"oldest", 65535, "b"}, {"over the wrap", 0, "c"},
		{"newest", 2, "e"}, {"not yet", 3, ""}, {"half a world away", 30000, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := h.Get(tt.seq)
			if ok != (tt.want != "") || ok && *got != tt.want {
				t.Errorf("got %v, %v", got, ok)
			}
		})
	}
	h.Put(base+6, "g")
	if _, ok := h.Get(3); ok {
		t.Error("a number that was skipped is found")
	}
	h.Put(base, "too old")
	if got, ok := h.Get(2); !ok || *got != "e" {
		t.Error("a packet too old pushed out a new one")
	}
	h.Clear()
	if _, ok := h.Get(4); ok {
		t.Error("found after Clear")
	}
}
