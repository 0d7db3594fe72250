package loadtest

import (
	"bytes"
	"sync"
	"testing"

	"github.com/pion/rtp"
)

// TestEveryCheatLeavesTheBotAsItsNameSays keeps the tests of the bridge
// honest: what they say was sent really was.
func TestEveryCheatLeavesTheBotAsItsNameSays(t *testing.T) {
	f := newFakeBridge(t)
	var mu sync.Mutex
	seen := map[string][]rtp.Header{}
	f.raw = func(packet []byte) {
		var h rtp.Header
		if _, err := h.Unmarshal(packet); err != nil {
			t.Error(err)
		}
		_, rest, ok := bytes.Cut(packet, []byte(cheatMagic))
		if !ok {
			return
		}
		label, _, _ := bytes.Cut(rest, []byte(":"))
		mu.Lock()
		defer mu.Unlock()
		seen[string(label)] = append(seen[string(label)], h)
	}
	b := start(t, Config{URL: f.url(), Token: "t", Device: "d", Clip: clip(t, 0)})
	await(t, b, "media", connected)
	const packets = 5
	for _, way := range Ways() {
		if n, err := b.Cheat(within(t), way, string(way), packets); n != packets || err != nil {
			t.Fatalf("%s: sent %d, %v", way, n, err)
		}
		eventually(t, string(way), func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(seen[string(way)]) == packets
		})
	}
	streams := map[uint32][]Way{}
	for _, way := range Ways() {
		h := seen[string(way)][0]
		streams[h.SSRC] = append(streams[h.SSRC], way)
		repair := way == WayRepairVideo || way == WayRepairAudio || way == WayRepairInvented
		if want := map[bool]uint8{false: payloadOpus, true: payloadVP8RTX}[repair]; h.PayloadType != want {
			t.Errorf("%s has payload type %d, want %d", way, h.PayloadType, want)
		}
	}
	mic := seen[string(WayMicrophone)][0].SSRC
	if got := streams[mic]; len(got) != 4 {
		t.Errorf("on the microphone's stream: %v", got)
	}
	if forged := seen[string(WayLevelForged)][0]; len(forged.GetExtension(forged.GetExtensionIDs()[0])) != 1 {
		t.Errorf("forged level: %+v", forged)
	}
	if stripped := seen[string(WayLevelStripped)][0]; stripped.Extension {
		t.Errorf("stripped level: %+v", stripped)
	}
}

func TestDetectorFindsWhatItShould(t *testing.T) {
	var d Detector
	d.Listen(SlotID{}, []byte("\x80\x6f......."+cheatMagic+"a:1;"))
	d.Listen(SlotID{}, []byte("\x80\x6f......."+cheatMagic+"a:2;"))
	d.Listen(SlotID{}, []byte("an honest packet"))
	if d.Heard("a") != 2 || len(d.Labels()) != 1 {
		t.Errorf("heard %v", d.Labels())
	}
}
