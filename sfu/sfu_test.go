package sfu

import (
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
)

func camera(p meeting.PointID) meeting.SourceKey {
	return meeting.SourceKey{Point: p, Kind: meeting.Camera}
}
func mic(p meeting.PointID) meeting.SourceKey {
	return meeting.SourceKey{Point: p, Kind: meeting.Microphone}
}

// planOf is a plan in which everyone is shown the tiles and hears the voices,
// and in which the named sources are open.
func planOf(seq meeting.Seq, view meeting.View, open ...meeting.SourceKey) *meeting.Plan {
	p := &meeting.Plan{Seq: seq, Open: map[meeting.SourceKey]meeting.Tag{}, Views: map[meeting.Audience]*meeting.View{meeting.AudienceAll: &view}}
	for _, k := range open {
		p.Open[k] = meeting.Tag{Since: seq}
	}
	return p
}

func sourceStats(s *SFU, k meeting.SourceKey) SourceStats {
	for _, st := range s.Sources("m") {
		if st.Source == k {
			return st
		}
	}
	return SourceStats{}
}

func TestForwardsWhatThePlanShows(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 2, voices: 6})
	a.play(meeting.Camera, 7)
	a.play(meeting.Microphone, 9)
	s.Carry("m", planOf(1, meeting.View{Tiles: []meeting.SourceKey{camera("a")}, Voices: [meeting.Voices]meeting.SourceKey{2: mic("a")}}, camera("a"), mic("a")))

	b.until("pictures", func() bool { return b.video(0).packets.Load() > 30 })
	b.until("sound", func() bool { return b.voice(2).packets.Load() > 20 })
	b.await("slot live", func(n Notice) bool { return n.Live != nil && n.Live.Source == camera("a") && n.Live.Slot == 0 })
	a.await("gate open", func(n Notice) bool {
		return n.Gate != nil && n.Gate.Source == mic("a") && n.Gate.Open && n.Gate.Seq == 1
	})
	a.await("demand", func(n Notice) bool { return n.Demand != nil && n.Demand.Camera && !n.Demand.Content })
}
