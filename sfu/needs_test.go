package sfu

import (
	"slices"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

func TestNeedsRiseAtOnceAndFallLate(t *testing.T) {
	n := newNeeds()
	at := func(now time.Duration, needed ...want) []want {
		t.Helper()
		for _, w := range needed {
			n.add(w)
		}
		all, _ := n.tell(now)
		return all
	}
	small, large := want{Source: camera("a"), Sizes: 1}, want{Source: camera("a"), Sizes: 4, Main: true}
	both := want{Source: camera("a"), Sizes: 5, Main: true}
	voice := want{Source: mic("a"), Sizes: 1}
	other := want{Source: camera("b"), Sizes: 1}
	sec := time.Second
	for _, tt := range []struct {
		name   string
		now    time.Duration
		needed []want
		want   []want
	}{
		{"a tile", 0, []want{small}, []want{small}},
		{"two who need it are one, the larger picture too", 1 * sec, []want{small, large}, []want{both}},
		{"the larger is needed no more, and goes on", 2 * sec, []want{small}, []want{{Source: camera("a"), Sizes: 5}}},
		{"for five seconds", 6900 * time.Millisecond, []want{small}, []want{{Source: camera("a"), Sizes: 5}}},
		{"not more", 7 * sec, []want{small}, []want{small}},
		{"sound comes first, and nothing before what is a main tile", 8 * sec, []want{other, large, voice}, []want{voice, {Source: camera("a"), Sizes: 5, Main: true}, other}},
		{"sound stops at once", 9 * sec, nil, []want{{Source: camera("a"), Sizes: 5}, other}},
		{"needed again within the time", 12 * sec, []want{small}, []want{{Source: camera("a"), Sizes: 5}, other}},
		{"only what was not stops", 14 * sec, []want{small}, []want{small}},
		{"and then all", 20 * sec, nil, []want{small}},
		{"of it", 25 * sec, nil, nil},
	} {
		if got := at(tt.now, tt.needed...); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A room whose second display shows the presentation shows people full size on the
// first: over a link too, it needs them at the size of the screen it has now.
func TestNeeds_FollowTheScreenOfNow(t *testing.T) {
	content := meeting.SourceKey{Point: "c", Kind: meeting.Content}
	view := &meeting.View{Layout: meeting.LayoutContent1, Tiles: []meeting.SourceKey{content, camera("a")}}
	plan := &meeting.Plan{Views: map[meeting.Audience]*meeting.View{meeting.AudienceAll: view}}
	p := &Peer{cfg: PeerConfig{Point: "b"}}
	p.told.wanted = []meeting.SourceKey{camera("a")}
	p.told.slots = &Slots{Video: p.told.wanted}
	needed := func() (all []want) {
		p.needs(plan, func(w want) { all = append(all, w) })
		return all
	}
	if got := needed(); !slices.Equal(got, []want{{Source: camera("a"), Sizes: 1 << rankHalf}}) {
		t.Fatalf("one display needs %v", got)
	}
	p.screen.Store(&meeting.Screen{Part: meeting.PartPeople})
	if got := needed(); !slices.Equal(got, []want{{Source: camera("a"), Sizes: 1 << rankFull, Main: true}}) {
		t.Errorf("beside a second display it needs %v, want the whole screen's size", got)
	}
}
