package testmedia

import (
	"bytes"
	"testing"
	"time"
)

func TestEveryClipIsFitForABot(t *testing.T) {
	const mostBytes, mostTotal = 80_000, 700_000
	total := 0
	for look := range Looks {
		c, err := LoadClip(look)
		if err != nil {
			t.Fatal(err)
		}
		if c.Width != 640 || c.Height != 360 || c.FrameTime != 100*time.Millisecond || len(c.Frames) != 60 {
			t.Errorf("look %d is %dx%d, %d frames of %v", look, c.Width, c.Height, len(c.Frames), c.FrameTime)
		}
		if got := c.NextKey(1); got != 30 {
			t.Errorf("look %d: second keyframe is frame %d, want 30", look, got)
		}
		if got := c.NextKey(31); got != 0 {
			t.Errorf("look %d: after frame 31 the keyframe is %d, want 0", look, got)
		}
		pictures := time.Duration(len(c.Frames)) * c.FrameTime
		if sound := time.Duration(len(c.Sound)) * SoundFrame; sound < pictures || sound > pictures+100*time.Millisecond {
			t.Errorf("look %d: %v of sound for %v of pictures", look, sound, pictures)
		}
		size := len(bytes.Join(c.Frames, nil)) + len(bytes.Join(c.Sound, nil))
		if size > mostBytes {
			t.Errorf("look %d takes %d bytes", look, size)
		}
		total += size
	}
	if total > mostTotal {
		t.Errorf("all clips take %d bytes", total)
	}
}

func TestClipsDifferFromEachOther(t *testing.T) {
	seen := map[string]int{}
	for look := range Looks {
		c, err := LoadClip(look)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range [][]byte{c.Frames[0], bytes.Join(c.Sound, nil)} {
			if other, ok := seen[string(part)]; ok {
				t.Errorf("looks %d and %d are alike", other, look)
			}
			seen[string(part)] = look
		}
	}
}

func TestEveryOpusPacketIsOneFrameOfTwentyMilliseconds(t *testing.T) {
	for look := range Looks {
		c, err := LoadClip(look)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range c.Sound {
			// RFC 6716 §3.1: configs 0–11 are SILK, four sizes each; 12–15 hybrid; 16–31 CELT.
			config, frames := p[0]>>3, p[0]&3
			twenty := config < 12 && config%4 == 1 || config >= 12 && config < 16 && config%2 == 1 || config >= 16 && config%4 == 3
			if !twenty || frames != 0 {
				t.Fatalf("look %d packet %d: config %d, frame code %d", look, i, config, frames)
			}
		}
	}
}
