package sfu

import (
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
)

// A technical check is sent to controllers and to nobody else (Art 7.2–7.3).
func TestOnlyControllersHearATechnicalCheck(t *testing.T) {
	checked := meeting.SourceKey{Point: "p3", Kind: meeting.Microphone}
	plan := &meeting.Plan{Views: map[meeting.Audience]*meeting.View{
		meeting.AudienceAll:         {Layout: meeting.Layout1, Tiles: make([]meeting.SourceKey, 1)},
		meeting.AudienceControllers: {Layout: meeting.Layout1, Tiles: make([]meeting.SourceKey, 1)},
	}}
	plan.Views[meeting.AudienceControllers].Voices[2] = checked
	for name, tt := range map[string]struct {
		cfg  PeerConfig
		want meeting.SourceKey
	}{
		"a controller": {PeerConfig{Controller: true}, checked},
		"an observer":  {PeerConfig{}, meeting.SourceKey{}},
		"a room":       {PeerConfig{Point: "p2", Publish: true}, meeting.SourceKey{}},
		"the room":     {PeerConfig{Point: "p3", Publish: true}, meeting.SourceKey{}},
	} {
		if got := voicesFor(plan, tt.cfg, meeting.Voices)[2]; got != tt.want {
			t.Errorf("%s hears %q, want %q", name, got, tt.want)
		}
	}
}

func TestTheChairsTabletIsSentTheSpeaker(t *testing.T) {
	camera := func(p meeting.PointID) meeting.SourceKey { return meeting.SourceKey{Point: p, Kind: meeting.Camera} }
	plan := &meeting.Plan{
		Views:   map[meeting.Audience]*meeting.View{meeting.AudienceAll: {Layout: meeting.Layout1, Tiles: []meeting.SourceKey{camera("p3")}}},
		Speaker: &meeting.View{Layout: meeting.Layout1, Tiles: []meeting.SourceKey{camera("p2")}},
	}
	for name, tt := range map[string]struct {
		cfg  PeerConfig
		want meeting.SourceKey
	}{
		"the tablet": {PeerConfig{Point: "p1", Speaker: true}, camera("p2")},
		"a room":     {PeerConfig{Point: "p1", Publish: true}, camera("p3")},
	} {
		if got := wantedBy(plan, tt.cfg, nil); len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s is sent %v, want %q", name, got, tt.want)
		}
	}
}
