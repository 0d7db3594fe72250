package signaling

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/sfu"
)

func TestControllersAreToldHowTheLinesAre(t *testing.T) {
	h := newHall(t, nil)
	room, controller := h.join("room-p2", "tv"), h.join("controller", "desk")
	room.answer(room.send("media.offer", sdp("7", 1)), "media.answer", nil)
	peer := h.media.last(t)
	peer.mu.Lock()
	peer.sight = sfu.Sight{
		Trip: 40 * time.Millisecond, Estimate: 1_800_000,
		Down: sfu.Flow{Rate: 900_000, Loss: 0.08}, Up: sfu.Flow{Rate: 300_000, Jitter: 4 * time.Millisecond},
		Sources: []sfu.SourceSight{{Source: meeting.SourceKey{Point: "p2", Kind: meeting.Camera}, Layer: "q"}},
	}
	peer.mu.Unlock()
	room.do("media.report", wire.MediaReport{Freezes: 2, FrozenMs: 700, Concealed: 1.5})
	var lines wire.Quality
	controller.news("quality", &lines)
	for len(lines.Lines) == 0 || lines.Lines[0].Freezes == 0 {
		controller.news("quality", &lines)
	}
	want := wire.LineView{
		Point: "p2", Word: wire.LineWeak, UpKbps: 300, DownKbps: 900, EstimateKbps: 1800, LossDown: 8,
		RTTMs: 40, JitterMs: 4, Layers: []string{"q"}, Freezes: 2, FrozenMs: 700, Concealed: 1.5,
	}
	if diff := cmp.Diff([]wire.LineView{want}, lines.Lines); diff != "" {
		t.Errorf("the line (-want +got)\n%s", diff)
	}
	for _, bad := range []wire.MediaReport{{Freezes: -1}, {FrozenMs: -1}, {Concealed: 101}, {Concealed: -1}} {
		if code := room.refused("media.report", bad); code != wire.CodeFrameMalformed {
			t.Errorf("%+v: %s", bad, code)
		}
	}
}

func TestALineIsWeakWhenAPictureSuffers(t *testing.T) {
	heard := &playing{wire.MediaReport{Concealed: 9}, time.Now()}
	old := &playing{wire.MediaReport{Concealed: 9}, time.Now().Add(-time.Minute)}
	for _, tt := range []struct {
		name   string
		sight  sfu.Sight
		played *playing
		want   wire.LineWord
	}{
		{"nothing measured", sfu.Sight{}, nil, wire.LineGood},
		{"a little loss", sfu.Sight{Up: sfu.Flow{Loss: 0.05}}, nil, wire.LineGood},
		{"loss on the way up", sfu.Sight{Up: sfu.Flow{Loss: 0.06}}, nil, wire.LineWeak},
		{"a long way", sfu.Sight{Trip: 601 * time.Millisecond}, nil, wire.LineWeak},
		{"no room for a picture", sfu.Sight{Weak: 1}, nil, wire.LineWeak},
		{"sound made up", sfu.Sight{}, heard, wire.LineWeak},
		{"long ago", sfu.Sight{}, old, wire.LineGood},
	} {
		if got := lineView("p2", tt.sight, tt.played).Word; got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
