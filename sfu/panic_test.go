package sfu

import (
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
)

// A meeting whose router breaks is silent, and the node's other meeting hears
// nothing of it; what opens its microphones again is newer than the break.
func TestRouter_APanicSilencesItsMeetingAlone(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", voices: 6})
	dial(t, s, clientConfig{video: 1, voices: 1, door: DoorWHEP})
	other := dial(t, s, clientConfig{point: "a", publish: true, meeting: "n"})
	hears := dial(t, s, clientConfig{point: "b", voices: 6, meeting: "n"})
	a.play(meeting.Microphone, 9)
	other.play(meeting.Microphone, 9)
	s.Carry("m", planOf(1, voiceView(), mic("a")))
	s.Carry("n", planOf(1, voiceView(), mic("a")))
	b.until("sound", func() bool { return b.voice(0).packets.Load() > 10 })
	hears.until("sound", func() bool { return hears.voice(0).packets.Load() > 10 })

	broken := planOf(1, meeting.View{Voices: voiceView().Voices}, mic("a")) // a view always has a tile, which a player is sent
	s.Carry("m", broken)
	b.until("the break", func() bool { return s.Stats().Panics > 0 })
	b.until("silence", func() bool { return !sourceStats(s, mic("a")).Open })
	s.Carry("m", planOf(1, voiceView(), mic("a")))
	heard := hears.voice(0).packets.Load()
	hears.until("the other meeting goes on", func() bool { return hears.voice(0).packets.Load() > heard+20 })
	if sourceStats(s, mic("a")).Open {
		t.Error("open again by what had opened it before the break")
	}
	s.Carry("m", planOf(3, voiceView(), mic("a")))
	b.until("open by a newer fact", func() bool { return sourceStats(s, mic("a")).Open })
}
