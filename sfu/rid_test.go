package sfu

import (
	"slices"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
)

func TestLayersOfAnyNamesHaveTheirSizes(t *testing.T) {
	tests := []struct {
		name   string
		offers []string // of rids, the one of simulcast last
		rids   []string // smallest first
		ranks  []rank
	}{
		{"ours, in any order", []string{"rid:f send", "rid:q send", "rid:h send", "simulcast:send f;q;h"}, []string{"q", "h", "f"}, []rank{0, 1, 2}},
		{"two of ours", []string{"rid:f send", "rid:q send", "simulcast:send q;f"}, []string{"q", "f"}, []rank{0, 2}},
		{"OBS 32", []string{"rid:0 send", "rid:1 send", "rid:2 send", "simulcast:send 0;1;2"}, []string{"2", "1", "0"}, []rank{0, 1, 2}},
		{"two of OBS", []string{"rid:0 send", "rid:1 send", "simulcast:send 0;1"}, []string{"1", "0"}, []rank{1, 2}},
		{"four of OBS", []string{"rid:0 send", "rid:1 send", "rid:2 send", "rid:3 send", "simulcast:send 0;1;2;3"}, []string{"3", "2", "0"}, []rank{0, 1, 2}},
		{"words, with restrictions", []string{"rid:high send pt=96;max-width=1280", "rid:low_1 send", "simulcast:send high;~low_1"}, []string{"low_1", "high"}, []rank{1, 2}},
		{"the order is that of the simulcast", []string{"rid:b send", "rid:a send", "simulcast:send a;b"}, []string{"b", "a"}, []rank{1, 2}},
		{"one alone", []string{"rid:0123456789abcde- send", "simulcast:send 0123456789abcde-"}, []string{"0123456789abcde-"}, []rank{2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			extensions := []string{"extmap:1 " + midURI, "extmap:2 " + ridURI}
			o, err := readOffer(sdpOf(line("video", "0", "sendonly", append(extensions, tt.offers...)...)), PeerConfig{Publish: true, Door: DoorWHIP})
			if err != nil {
				t.Fatal(err)
			}
			got := o.publish[0]
			if !slices.Equal(got.rids, tt.rids) || !slices.Equal(ranksOf(got.rids), tt.ranks) {
				t.Errorf("%v of sizes %v, want %v of %v", got.rids, ranksOf(got.rids), tt.rids, tt.ranks)
			}
			if n := strings.Count(o.plain, "a=rid:"); n != len(tt.rids) || strings.Count(o.plain, "a=simulcast:") != 1 {
				t.Errorf("Pion gets %d rids:\n%s", n, o.plain)
			}
		})
	}
}

// A viewer is sent the layer of its tile's size whatever the encoder calls it,
// over a link too, and the encoder is told what is watched in its own words.
func TestAnEncodersOwnLayerNames(t *testing.T) {
	t.Parallel()
	s, far := newTestSFU(t), newTestSFU(t)
	connect(t, s, far, "z")
	a := dial(t, s, clientConfig{point: "a", publish: true, layers: []string{"0", "1", "2"}})
	b, z := dial(t, s, clientConfig{point: "b", video: 9}), dial(t, far, clientConfig{point: "z", video: 9})
	for _, l := range a.film.layers {
		l.play()
	}
	for i, step := range []struct {
		layout meeting.LayoutKind
		want   byte
		told   []string
	}{{meeting.Layout1, '0', []string{"2", "0"}}, {meeting.Layout2x2, '1', []string{"2", "1"}}, {meeting.Layout3x3, '2', nil}} {
		a.forget()
		plan := planOf(meeting.Seq(i+1), layered(step.layout, camera("a")), camera("a"))
		s.Carry("m", plan)
		far.Carry("m", plan)
		for _, viewer := range []*client{b, z} {
			viewer.until(string(step.layout)+" shows layer "+string(step.want), func() bool { return newest(viewer.video(0)) == step.want })
		}
		if step.told == nil {
			continue
		}
		// What is watched no more is held a while, here and by the link.
		a.await("told in its own words", func(n Notice) bool {
			return n.Demand != nil && !slices.ContainsFunc(step.told, func(rid string) bool { return !slices.Contains(n.Demand.Names(), rid) })
		})
	}
}
