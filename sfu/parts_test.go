package sfu

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"pgregory.net/rapid"
)

func TestAssign(t *testing.T) {
	keys := func(points ...meeting.PointID) (all []meeting.SourceKey) {
		for _, p := range points {
			k := camera(p)
			if p == "" {
				k = meeting.SourceKey{}
			}
			all = append(all, k)
		}
		return all
	}
	tests := []struct {
		name                        string
		slots, before, wanted, want []meeting.SourceKey
	}{
		{"the first view fills the pool in order", keys("", "", ""), nil, keys("a", "b"), keys("a", "b", "")},
		{"what is still shown keeps its slot", keys("a", "b", ""), keys("a", "b"), keys("b", "a"), keys("a", "b", "")},
		{"a new one takes the slot of what stood there", keys("a", "b", ""), keys("a", "b"), keys("a", "c"), keys("a", "c", "")},
		{"not a blank one, though it comes first", keys("", "a", ""), keys("a"), keys("c"), keys("", "c", "")},
		{"else a slot no longer needed", keys("a", "b", ""), keys("a", "b"), keys("b", "c"), keys("c", "b", "")},
		{"else a blank one", keys("a", "", ""), keys("a"), keys("a", "b"), keys("a", "b", "")},
		{"what does not fit is not shown", keys("", ""), nil, keys("a", "b", "c"), keys("a", "b")},
		{"what stands first is shown, though another has the slot", keys("a"), keys("a"), keys("b", "a"), keys("b")},
		{"nothing wanted blanks all", keys("a", "b"), keys("a", "b"), nil, keys("", "")},
		{"no slots", nil, nil, keys("a"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := assign(tt.slots, tt.before, tt.wanted); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// However views follow each other, a source has one slot, what stays keeps its
// slot, and the first of what is wanted is shown.
func TestAssignKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slots := make([]meeting.SourceKey, rapid.IntRange(0, 9).Draw(t, "slots"))
		var before []meeting.SourceKey
		draw := rapid.SliceOfNDistinct(rapid.SampledFrom([]meeting.PointID{"a", "b", "c", "d", "e", "f", "g", "h"}), 0, 8, rapid.ID)
		for range rapid.IntRange(1, 10).Draw(t, "views") {
			var wanted []meeting.SourceKey
			for _, p := range draw.Draw(t, "wanted") {
				wanted = append(wanted, camera(p))
			}
			next := assign(slots, before, wanted)
			shown := map[meeting.SourceKey]int{}
			for i, k := range next {
				if k.Point == "" {
					continue
				}
				shown[k]++
				if !slices.Contains(wanted, k) || shown[k] > 1 {
					t.Fatalf("%v wanted, shown %v", wanted, next)
				}
				if was := slices.Index(slots, k); was >= 0 && was != i {
					t.Fatalf("%v moved from slot %d to %d", k, was, i)
				}
			}
			for i, k := range wanted {
				if first := i < len(slots); (shown[k] > 0) != first {
					t.Fatalf("of %v wanted, shown %v", wanted, next)
				}
			}
			if !slices.Equal(assign(next, wanted, wanted), next) {
				t.Fatalf("the same view changes %v", next)
			}
			slots, before = next, wanted
		}
	})
}

func TestBroker(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	type event struct {
		at           int // ms
		ask, arrives bool
		send         bool
	}
	tests := []struct {
		name   string
		events []event
	}{
		{"one request, after the window", []event{{at: 1000, ask: true}, {at: 1049}, {at: 1050, send: true}}},
		{"many in the window are one", []event{{at: 1000, ask: true}, {at: 1020, ask: true}, {at: 1050, send: true}, {at: 1060}}},
		{"answered, silent", []event{{at: 1000, ask: true}, {at: 1050, send: true}, {at: 1100, arrives: true}, {at: 1600}, {at: 9000}}},
		{"answered before it was sent", []event{{at: 1000, ask: true}, {at: 1010, arrives: true}, {at: 1050}}},
		{"not answered, repeated ever less often", []event{
			{at: 1000, ask: true}, {at: 1050, send: true}, {at: 1549}, {at: 1550, send: true}, {at: 2549}, {at: 2550, send: true},
			{at: 4549}, {at: 4550, send: true}, {at: 7549}, {at: 7550, send: true}, {at: 10549}, {at: 10550, send: true}}},
		{"not sooner than the interval", []event{
			{at: 1000, ask: true}, {at: 1050, send: true}, {at: 1080, arrives: true}, {at: 1100, ask: true}, {at: 1200}, {at: 1549}, {at: 1550, send: true}}},
		{"an answered one does not slow the next down", []event{
			{at: 1000, ask: true}, {at: 1050, send: true}, {at: 1100, arrives: true, ask: true}, {at: 1549}, {at: 1550, send: true}, {at: 2049}, {at: 2050, send: true}}},
		{"an old keyframe does not answer a new request", []event{
			{at: 900, arrives: true}, {at: 1000, ask: true}, {at: 1050, send: true}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b broker
			for _, e := range tt.events {
				if e.ask {
					b.ask()
				}
				if e.arrives {
					b.arrived(ms(e.at))
				}
				send, next := b.step(ms(e.at))
				if send != e.send {
					t.Errorf("at %d ms: send %v, want %v", e.at, send, e.send)
				}
				if next != 0 && next <= ms(e.at) {
					t.Errorf("at %d ms: step again at %v, which is past", e.at, next)
				}
			}
		})
	}
}

// Many push, one pops: nothing is lost, doubled or reordered per pusher, and a
// full ring says so.
// Keyframes that cost much are asked for less often, but never too seldom.
func TestKeyframesKeepToTheirShare(t *testing.T) {
	tests := []struct {
		name     string
		key, sec int // bytes of a keyframe, and of a second
		want     time.Duration
	}{
		{"cheap", 1000, 100_000, keyframeInterval},
		{"an eighth of a second's bytes", 12_000, 100_000, 800 * time.Millisecond},
		{"dearer than everything else", 100_000, 100_000, keyframeApart},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := &layer{}
			var m meter
			m.measure(l, &packet{at: time.Second, payload: make([]byte, tt.sec)})
			m.measure(l, &packet{at: 2 * time.Second, payload: make([]byte, tt.key/2), key: true})
			m.measure(l, &packet{at: 2 * time.Second, payload: make([]byte, tt.key/2), marker: true})
			first := 10 * time.Second
			l.keys.ask()
			l.keys.step(first)
			if send, _ := l.keys.step(first + keyframeCoalesce); !send {
				t.Fatal("the first was not sent")
			}
			sent := first + keyframeCoalesce
			l.keys.arrived(sent + 1)
			l.keys.step(sent + 2)
			l.keys.ask()
			if _, due := l.keys.step(sent + 3); due != sent+tt.want {
				t.Errorf("the next is due after %v, want %v", due-sent, tt.want)
			}
		})
	}
}

func TestRing(t *testing.T) {
	r := newRing[[2]int](64)
	const pushers, each = 4, 20000
	var wait sync.WaitGroup
	for who := range pushers {
		wait.Go(func() {
			for i := 0; i < each; {
				if r.push([2]int{who, i}) {
					i++
				}
			}
		})
	}
	var next [pushers]int
	for got := 0; got < pushers*each; {
		v, ok := r.pop()
		if !ok {
			continue
		}
		if v[1] != next[v[0]] {
			t.Fatalf("pusher %d: got %d, want %d", v[0], v[1], next[v[0]])
		}
		next[v[0]]++
		got++
	}
	wait.Wait()
	if !r.empty() {
		t.Error("not empty")
	}
	for i := range 64 {
		if !r.push([2]int{0, i}) {
			t.Fatalf("full after %d", i)
		}
	}
	if r.push([2]int{}) {
		t.Error("took one more than its size")
	}
}

// A full writer refuses the rest of the picture, then takes the next.
func TestFullWriterDropsToTheEndOfThePicture(t *testing.T) {
	w := newWriter(nil, Line{})
	s := &slot{video: true, writer: w}
	for i := range videoLane {
		if !w.push(s, &packet{ts: uint64(i)}) {
			t.Fatalf("full after %d", i)
		}
	}
	if w.push(s, &packet{ts: 9999}) {
		t.Error("took one more than there is room for")
	}
	w.video.pop()
	if w.push(s, &packet{ts: 9999}) {
		t.Error("took the rest of a picture with a hole")
	}
	if !w.push(s, &packet{ts: 10000}) {
		t.Error("refused the next picture")
	}
}

func TestRankInTheLayout(t *testing.T) {
	a, b := camera("a"), camera("b")
	tests := []struct {
		layout      meeting.LayoutKind
		main, other rank
	}{
		{meeting.Layout1p1, rankFull, rankFull},
		{meeting.Layout2x2, rankHalf, rankHalf},
		{meeting.Layout3x3, rankQuarter, rankQuarter},
		{meeting.Layout5x5, rankQuarter, rankQuarter},
		{meeting.Layout1p12, rankFull, rankQuarter},
		{meeting.LayoutContent1, rankFull, rankHalf},
		{"a layout of tomorrow", rankQuarter, rankQuarter},
	}
	for _, tt := range tests {
		view := layered(tt.layout, a, b)
		if got := [...]rank{rankIn(&view, a), rankIn(&view, b), rankIn(&view, camera("c")), rankIn(nil, a)}; got != [...]rank{tt.main, tt.other, rankQuarter, rankQuarter} {
			t.Errorf("%s: got %v", tt.layout, got)
		}
	}
}
