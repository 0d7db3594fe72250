package testmedia

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pion/webrtc/v4/pkg/media/ivfreader"
	"github.com/pion/webrtc/v4/pkg/media/oggreader"
)

//go:embed clips/*.ivf clips/*.ogg
var clipFiles embed.FS

// SoundFrame is how long one packet of a clip's sound lasts.
const SoundFrame = 20 * time.Millisecond

// Clip is a few seconds of one look, encoded: VP8 pictures and Opus sound, to
// be played in a loop. It is shared by bots and must not be changed.
type Clip struct {
	Look      int
	Width     int
	Height    int
	FrameTime time.Duration
	H264      bool     // of the pictures; else VP8
	Frames    [][]byte // the first is a keyframe
	Sound     [][]byte // Opus packets of SoundFrame each, 48 kHz
}

// VP8Key reports whether a VP8 frame is a keyframe (RFC 6386 §9.1).
func VP8Key(frame []byte) bool { return len(frame) > 0 && frame[0]&1 == 0 }

// Key reports whether a frame needs no other.
func (c *Clip) Key(frame int) bool {
	if c.H264 {
		return h264Key(c.Frames[frame])
	}
	return VP8Key(c.Frames[frame])
}

// NextKey is the number of the first keyframe at or after a frame, looping.
func (c *Clip) NextKey(frame int) int {
	for i := range c.Frames {
		if n := (frame + i) % len(c.Frames); c.Key(n) {
			return n
		}
	}
	return 0
}

// LoadClip decodes the clip of a look; looks Looks apart are alike.
func LoadClip(look int) (*Clip, error) {
	look = (look%Looks + Looks) % Looks
	c := &Clip{Look: look}
	pictures, err := clipFiles.ReadFile(fmt.Sprintf("clips/look-%d.ivf", look))
	if err != nil {
		return nil, fmt.Errorf("clip of look %d: %w", look, err)
	}
	sound, err := clipFiles.ReadFile(fmt.Sprintf("clips/look-%d.ogg", look))
	if err != nil {
		return nil, fmt.Errorf("clip of look %d: %w", look, err)
	}
	if err := c.readIVF(pictures); err != nil {
		return nil, fmt.Errorf("pictures of look %d: %w", look, err)
	}
	if err := c.readOgg(sound); err != nil {
		return nil, fmt.Errorf("sound of look %d: %w", look, err)
	}
	return c, nil
}

// ReadPictures gives a clip of the pictures of an IVF file with VP8 in it, without sound.
func ReadPictures(file []byte) (*Clip, error) {
	c := &Clip{}
	if err := c.readIVF(file); err != nil {
		return nil, fmt.Errorf("pictures: %w", err)
	}
	return c, nil
}

func (c *Clip) readIVF(file []byte) error {
	in, head, err := ivfreader.NewWith(bytes.NewReader(file))
	if err != nil {
		return err
	}
	if head.FourCC != "VP80" || head.TimebaseDenominator == 0 || head.TimebaseNumerator == 0 {
		return fmt.Errorf("%s at %d/%d is not VP8 with a rate", head.FourCC, head.TimebaseDenominator, head.TimebaseNumerator)
	}
	c.Width, c.Height = int(head.Width), int(head.Height)
	c.FrameTime = time.Second * time.Duration(head.TimebaseNumerator) / time.Duration(head.TimebaseDenominator)
	for {
		frame, _, err := in.ParseNextFrame()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		c.Frames = append(c.Frames, frame)
	}
	if len(c.Frames) == 0 || !VP8Key(c.Frames[0]) {
		return errors.New("does not begin with a keyframe")
	}
	return nil
}

// readOgg takes the packets of a file that has one packet a page (RFC 7845).
func (c *Clip) readOgg(file []byte) error {
	in, err := oggreader.NewWithOptions(bytes.NewReader(file))
	if err != nil {
		return err
	}
	for {
		packet, _, err := in.ParseNextPage()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(packet, []byte("OpusHead")) && !bytes.HasPrefix(packet, []byte("OpusTags")) {
			c.Sound = append(c.Sound, packet)
		}
	}
	if len(c.Sound) == 0 {
		return errors.New("has no packets")
	}
	return nil
}
