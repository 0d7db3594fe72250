package allocate

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// camera is what the layers of a camera take.
var camera = []uint64{120, 400, 1200}

func TestFitKeepsTheOrder(t *testing.T) {
	gallery := []Picture{
		{Main, camera}, {Content, []uint64{1800}}, {Tile, camera[:1]}, {Tile, camera[:2]}, {Tile, camera[:2]},
	}
	tests := []struct {
		room uint64
		want []int
	}{
		{0, []int{-1, -1, -1, -1, -1}},
		{1799, []int{-1, -1, -1, -1, -1}}, // content first: nothing overtakes it
		{1800, []int{-1, 0, -1, -1, -1}},
		{1920, []int{0, 0, -1, -1, -1}},
		{2159, []int{0, 0, 0, -1, -1}}, // pictures go from the tail
		{2280, []int{0, 0, 0, 0, 0}},
		{2560, []int{1, 0, 0, 0, 0}},
		{2840, []int{1, 0, 0, 1, 0}}, // room for a tile, not for the rest of the main
		{3360, []int{2, 0, 0, 0, 0}},
		{3920, []int{2, 0, 0, 1, 1}},
		{99999, []int{2, 0, 0, 1, 1}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.room), func(t *testing.T) {
			if got := Fit(gallery, tt.room); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDecideGoesDownAtOnceAndUpAfterAWhile(t *testing.T) {
	pictures := []Picture{{Main, camera}, {Tile, camera[:1]}}
	var a Allocator
	sec := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	steps := []struct {
		at     time.Duration
		budget uint64
		want   []int
		next   time.Duration
	}{
		{sec(0), 1420, []int{2, 0}, 0},                // the first decision has nothing to be steady about
		{sec(1), 700, []int{1, 0}, 0},                 // down at once
		{sec(2), 200, []int{0, -1}, 0},                // and further
		{sec(3), 260, []int{0, -1}, 0},                // room for the tile, no headroom
		{sec(4), 300, []int{0, -1}, Stable},           // with headroom: wait
		{sec(6), 300, []int{0, -1}, Stable - sec(2)},  // still
		{sec(7), 240, []int{0, -1}, 0},                // gone: the wait begins anew
		{sec(8), 300, []int{0, -1}, Stable},           //
		{sec(11), 700, []int{1, 0}, Stable},           // the tile's base before the main's more, as far as it goes
		{sec(12), 9999, []int{1, 0}, Stable - sec(1)}, //
		{sec(14), 9999, []int{2, 0}, Stable},          //
		{sec(17), 9999, []int{2, 0}, 0},               // nothing left to gain
		{sec(18), 100, []int{-1, -1}, 0},              // sound alone fits
		{sec(19), 200, []int{-1, -1}, Stable},         //
		{sec(22), 200, []int{0, -1}, Stable},          // and a base again
	}
	for _, s := range steps {
		got, next := a.Decide(pictures, s.budget, 0, s.at)
		if !slices.Equal(got, s.want) || next != s.next {
			t.Errorf("at %v with %d: got %v, %v; want %v, %v", s.at, s.budget, got, next, s.want, s.next)
		}
	}
}

func TestSoundComesFirst(t *testing.T) {
	var a Allocator
	pictures := []Picture{{Main, camera}}
	if got, _ := a.Decide(pictures, 200, 100, 0); got[0] != Paused {
		t.Errorf("got %v with 100 left for a picture of 120", got)
	}
	if got, _ := a.Decide(pictures, 50, 100, 0); got[0] != Paused {
		t.Errorf("got %v with less than the sound takes", got)
	}
}

func pictures(t *rapid.T) []Picture {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Picture {
		p := Picture{Role: rapid.SampledFrom([]Role{Content, Main, Tile}).Draw(t, "role")}
		sum := uint64(0)
		for range rapid.IntRange(1, 3).Draw(t, "layers") {
			sum += rapid.Uint64Range(1, 1000).Draw(t, "cost")
			p.Costs = append(p.Costs, sum)
		}
		return p
	}), 0, 12).Draw(t, "pictures")
}

// Whatever the pictures, what is given fits; more room takes no base away; and
// nobody has more than its base while one before it or after it has none.
func TestFitKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := pictures(t)
		room := rapid.Uint64Range(0, 20000).Draw(t, "room")
		got := Fit(all, room)
		if total(all, got) > room {
			t.Fatalf("%v takes %d of %d", got, total(all, got), room)
		}
		if slices.Contains(got, Paused) && slices.Max(append(got, Paused)) > 0 {
			t.Fatalf("%v: one is better than its base while another has none", got)
		}
		for i, l := range got {
			for j, other := range got {
				before := all[i].Role < all[j].Role || all[i].Role == all[j].Role && i < j
				if before && l == Paused && other != Paused {
					t.Fatalf("%v: %d is paused before %d", got, i, j)
				}
			}
		}
		more := Fit(all, room+rapid.Uint64Range(0, 5000).Draw(t, "more"))
		for i := range got {
			if got[i] != Paused && more[i] == Paused {
				t.Fatalf("%v with less room, %v with more", got, more)
			}
		}
	})
}

// However the budget moves, what is decided fits it, and nothing rises sooner
// than Stable after anything did.
func TestDecideKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := pictures(t)
		var a Allocator
		var now, rose time.Duration
		var before []int
		for range rapid.IntRange(1, 60).Draw(t, "times") {
			now += time.Duration(rapid.IntRange(1, 6000).Draw(t, "ms")) * time.Millisecond
			budget, sound := rapid.Uint64Range(0, 12000).Draw(t, "budget"), rapid.Uint64Range(0, 200).Draw(t, "sound")
			got, _ := a.Decide(all, budget, sound, now)
			if sum := total(all, got); sum > budget-min(budget, sound) {
				t.Fatalf("%v takes %d of %d less %d", got, sum, budget, sound)
			}
			rises := false
			for i := range before {
				rises = rises || got[i] > before[i]
			}
			if rises && now-rose < Stable && rose > 0 {
				t.Fatalf("%v after %v, %v after the last rise", got, before, now-rose)
			}
			if rises {
				rose = now
			}
			before = got
		}
	})
}

// A line that stays as it is ends where it would have begun.
func TestDecideReachesWhatFitsWithHeadroom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := pictures(t)
		room := rapid.Uint64Range(0, 12000).Draw(t, "room")
		var a Allocator
		a.Decide(all, 0, 0, 0)
		var got []int
		for now := Stable; now < 100*Stable; now += Stable {
			got, _ = a.Decide(all, room, 0, now)
		}
		for i, least := range Fit(all, room-room*Headroom/(100+Headroom)) {
			if got[i] == Paused && least != Paused {
				t.Fatalf("%v in the end; with headroom %v fit", got, Fit(all, room-room*Headroom/(100+Headroom)))
			}
		}
	})
}

func TestAnotherLayoutIsNotWaitedFor(t *testing.T) {
	var a Allocator
	small, large := []Picture{{Tile, camera[:1]}}, []Picture{{Tile, camera}}
	for i, p := range [][]Picture{small, large, small, large} {
		if got, _ := a.Decide(p, 2000, 0, time.Duration(i)); got[0] != len(p[0].Costs)-1 {
			t.Errorf("layout %d: got %v", i, got)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	all := []Picture{{Main, camera}}
	for range 24 {
		all = append(all, Picture{Tile, camera[:2]})
	}
	for _, budget := range []uint64{3000, 90000} {
		b.Run(fmt.Sprint(budget), func(b *testing.B) {
			var a Allocator
			for i := 0; b.Loop(); i++ {
				a.Decide(all, budget, 100, time.Duration(i))
			}
		})
	}
}
