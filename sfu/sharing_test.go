package sfu

import (
	"maps"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// newItemOf makes a source of some rates, bits a second, and what is wanted of it.
func newItemOf(key meeting.SourceKey, main bool, sizes Layers, rates ...uint64) item {
	src := &source{key: key}
	for i, rate := range rates {
		l := &layer{source: src, rid: layerNames[i], rank: rank(i)}
		if len(rates) == 1 {
			l.rid, l.rank = "", rankFull
		}
		l.rate.Store(rate)
		src.layers = append(src.layers, l)
	}
	var picks []*layer
	for size := range rank(len(layerNames)) {
		if sizes&(1<<size) != 0 {
			picks = append(picks, src.nearest(size))
		}
	}
	return newItem(src, picks, main)
}

func TestItemSendsWhatIsWantedOrTheStepInItsPlace(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sizes Layers
		steps []Layers // sent at each step the line may take
	}{
		{"a large picture", 0b100, []Layers{0b001, 0b010, 0b100}},
		{"a small one", 0b001, []Layers{0b001}},
		{"a small and a large one", 0b101, []Layers{0b001, 0b011, 0b101}},
		{"all", 0b111, []Layers{0b001, 0b011, 0b111}},
	} {
		it := newItemOf(camera("a"), false, tt.sizes, 1, 2, 4)
		if len(it.steps) != len(tt.steps) {
			t.Errorf("%s: %d steps, want %d", tt.name, len(it.steps), len(tt.steps))
			continue
		}
		for step, want := range tt.steps {
			var got Layers
			for _, l := range it.at(step) {
				got |= 1 << l.rank
			}
			if got != want {
				t.Errorf("%s: step %d sends %03b, want %03b", tt.name, step, got, want)
			}
		}
		if it.at(-1) != nil {
			t.Errorf("%s: a paused one is sent", tt.name)
		}
	}
}

// A line gives to sound first, then what is presented, then the largest tile,
// then the others, each its smallest before any is large.
func TestLineIsSharedInOrder(t *testing.T) {
	content := meeting.SourceKey{Point: "c", Kind: meeting.Content}
	items := []item{
		newItemOf(mic("a"), false, 0b001, 30_000),
		newItemOf(camera("b"), false, 0b100, 100_000, 400_000, 1_200_000),
		newItemOf(camera("a"), true, 0b100, 100_000, 400_000, 1_200_000),
		newItemOf(content, false, 0b100, 300_000),
	}
	items[0].steps = nil
	for _, tt := range []struct {
		name string
		cap  int
		want map[meeting.SourceKey]int
	}{
		{"nothing but sound", 100_000, map[meeting.SourceKey]int{content: -1, camera("a"): -1, camera("b"): -1}},
		{"what is presented", 400_000, map[meeting.SourceKey]int{content: 0, camera("a"): -1, camera("b"): -1}},
		{"the largest tile too", 550_000, map[meeting.SourceKey]int{content: 0, camera("a"): 0, camera("b"): -1}},
		{"everything small", 650_000, map[meeting.SourceKey]int{content: 0, camera("a"): 0, camera("b"): 0}},
		{"the largest tile larger", 1_000_000, map[meeting.SourceKey]int{content: 0, camera("a"): 1, camera("b"): 0}},
		{"everything", 4_000_000, map[meeting.SourceKey]int{content: 0, camera("a"): 2, camera("b"): 2}},
	} {
		l := &Link{cfg: LinkConfig{Cap: tt.cap}, branches: map[meeting.ID]*branch{}}
		b := newBranch(l, &router{id: "m", token: make(chan struct{}, 1)})
		b.items.Store(&items)
		l.branches["m"] = b
		m := minding{l: l}
		m.share(time.Second)
		if got := *b.limits.Load(); !maps.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if starved := tt.cap < 4_000_000; l.count.starved.Load() != starved {
			t.Errorf("%s: starved %v", tt.name, !starved)
		}
	}
}

// Two cameras of one encoding that begin at the same moment are both sent at
// once: a wait for what they take would be seconds of a dark tile.
func TestLineIsNotKeptFromWhatNobodyHasMeasured(t *testing.T) {
	l := &Link{branches: map[meeting.ID]*branch{}}
	b := newBranch(l, &router{id: "m", token: make(chan struct{}, 1)})
	items := []item{newItemOf(camera("a"), true, 0b100, 0), newItemOf(camera("b"), false, 0b100, 0)}
	b.items.Store(&items)
	l.branches["m"] = b
	m := minding{l: l}
	m.share(time.Second)
	if got := *b.limits.Load(); got[camera("a")] != 0 || got[camera("b")] != 0 || l.count.starved.Load() {
		t.Errorf("%v, starved %v", got, l.count.starved.Load())
	}
}

// An estimate that has no room for any picture would never be found too low.
func TestLineIsNeverLeftDark(t *testing.T) {
	l := &Link{branches: map[meeting.ID]*branch{}}
	l.count.estimate.Store(estimateLeast)
	b := newBranch(l, &router{id: "m", token: make(chan struct{}, 1)})
	items := []item{newItemOf(camera("a"), true, 0b100, 400_000), newItemOf(camera("b"), false, 0b100, 400_000)}
	b.items.Store(&items)
	l.branches["m"] = b
	m := minding{l: l}
	m.share(time.Second)
	if got := *b.limits.Load(); got[camera("a")] != 0 || got[camera("b")] != -1 || !l.count.starved.Load() {
		t.Errorf("%v, starved %v", got, l.count.starved.Load())
	}
}
