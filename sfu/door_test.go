package sfu

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
)

// roomOffer is who a room's offer is read for.
var roomOffer = PeerConfig{Publish: true, MaxTiles: 9}

func TestAnEncoderMaySendOneCameraAndOneMicrophoneInAnyOrder(t *testing.T) {
	encoder := PeerConfig{Publish: true, Door: DoorWHIP}
	cam, mic := line("video", "0", "sendonly", "ssrc:1 c"), line("audio", "1", "sendrecv", "ssrc:2 c")
	for name, lines := range map[string][]string{
		"camera first": {cam, mic}, "microphone first": {mic, cam}, "picture alone": {cam}, "sound alone": {mic},
	} {
		o, err := readOffer(sdpOf(lines...), encoder)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, l := range o.publish {
			if want := map[string]meeting.Kind{"0": meeting.Camera, "1": meeting.Microphone}[l.mid]; l.kind != want {
				t.Errorf("%s: m-line %s is the %s", name, l.mid, l.kind)
			}
		}
	}
	for name, lines := range map[string][]string{
		"two cameras":     {cam, line("video", "5", "sendonly", "ssrc:5 c")},
		"a receiving one": {cam, line("audio", "5", "recvonly")},
		"one that rests":  {cam, line("audio", "5", "inactive")},
		"no stream named": {line("video", "0", "sendonly")},
		"no m-line":       {},
	} {
		if _, err := readOffer(sdpOf(lines...), encoder); !errors.Is(err, ErrOffer) {
			t.Errorf("%s: %v, want ErrOffer", name, err)
		}
	}
}

func TestAPlayerMayReceiveInAnyOrder(t *testing.T) {
	player := PeerConfig{Door: DoorWHEP, MaxTiles: 1}
	o, err := readOffer(sdpOf(line("audio", "a", "recvonly"), line("video", "v", "recvonly"), line("audio", "b", "recvonly")), player)
	if err != nil || fmt.Sprint(o.video, o.voices) != "[v] [a b]" {
		t.Fatalf("read %+v, %v", o, err)
	}
	for name, lines := range map[string][]string{
		"two pictures": {line("video", "v", "recvonly"), line("video", "w", "recvonly")},
		"one to send":  {line("video", "v", "sendonly", "ssrc:1 c")},
		"both ways":    {line("audio", "v", "sendrecv", "ssrc:1 c")},
	} {
		if _, err := readOffer(sdpOf(lines...), player); !errors.Is(err, ErrOffer) {
			t.Errorf("%s: %v, want ErrOffer", name, err)
		}
	}
}

// voice and camera name a point's sources.
func voiceOf(p meeting.PointID) meeting.SourceKey {
	return meeting.SourceKey{Point: p, Kind: meeting.Microphone}
}

func TestAPlayerIsSentTileZeroAndWhoSpeaksFirst(t *testing.T) {
	camera := func(p meeting.PointID) meeting.SourceKey {
		return meeting.SourceKey{Point: p, Kind: meeting.Camera}
	}
	plan := &meeting.Plan{
		Views: map[meeting.Audience]*meeting.View{
			meeting.AudienceAll: {
				Layout: meeting.Layout1p1, Tiles: []meeting.SourceKey{camera("p5"), camera("p2")},
				Voices: [meeting.Voices]meeting.SourceKey{voiceOf("p1"), voiceOf("p2"), voiceOf("p3")},
			},
			meeting.AudiencePoint("p9"): {Layout: meeting.Layout1, Tiles: []meeting.SourceKey{camera("p7")}},
		},
		Speaker: &meeting.View{Layout: meeting.Layout1, Tiles: []meeting.SourceKey{camera("p3")}},
	}
	for name, tt := range map[string]struct {
		cfg    PeerConfig
		voices int
		want   []meeting.SourceKey
	}{
		"one audio m-line":                      {PeerConfig{}, 1, []meeting.SourceKey{voiceOf("p3")}},
		"three":                                 {PeerConfig{}, 3, []meeting.SourceKey{voiceOf("p3"), voiceOf("p1"), voiceOf("p2")}},
		"without a source it feeds":             {PeerConfig{Exclude: []meeting.PointID{"p3"}}, 2, []meeting.SourceKey{{}, voiceOf("p1")}},
		"of a point with a picture of its own":  {PeerConfig{Point: "p9"}, 1, []meeting.SourceKey{voiceOf("p3")}},
		"of the point that speaks: not itself":  {PeerConfig{Point: "p3"}, 2, []meeting.SourceKey{{}, voiceOf("p1")}},
		"while nobody speaks that is not heard": {PeerConfig{Exclude: []meeting.PointID{"p1", "p2", "p3"}}, 3, make([]meeting.SourceKey, 3)},
	} {
		tt.cfg.Door = DoorWHEP
		if got := voicesFor(plan, tt.cfg, tt.voices); !slices.Equal(got, tt.want) {
			t.Errorf("%s: hears %v, want %v", name, got, tt.want)
		}
		if got := wantedBy(plan, tt.cfg, nil); !slices.Equal(got, []meeting.SourceKey{camera("p5")}) {
			t.Errorf("%s: is shown %v, want tile 0 of everyone's picture", name, got)
		}
	}
	if plan.Views[meeting.AudienceAll].Voices[0] != voiceOf("p1") {
		t.Error("the plan was changed")
	}
}
