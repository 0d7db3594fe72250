package testmedia

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pion/webrtc/v4/pkg/media/h264reader"
)

// h264Rate is how many pictures of an H.264 file are shown in a second: the
// byte stream does not say.
const h264Rate = 10

// ReadH264 gives a clip of the pictures of an H.264 byte stream (ITU-T H.264
// Annex B), without sound. An access unit delimiter must stand before every
// picture; they are played at 10 a second.
func ReadH264(file []byte) (*Clip, error) {
	in, err := h264reader.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("pictures: %w", err)
	}
	c := &Clip{H264: true, FrameTime: time.Second / h264Rate}
	for {
		nal, err := in.NextNAL()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("pictures: %w", err)
		}
		if nal.UnitType == h264reader.NalUnitTypeAUD {
			c.Frames = append(c.Frames, nil)
			continue
		}
		if len(c.Frames) == 0 {
			return nil, errors.New("pictures: no access unit delimiter before the first")
		}
		last := &c.Frames[len(c.Frames)-1]
		*last = append(append(*last, 0, 0, 0, 1), nal.Data...)
	}
	if len(c.Frames) == 0 || !c.Key(0) {
		return nil, errors.New("pictures: do not begin with a keyframe")
	}
	return c, nil
}

// h264Key reports whether an access unit has an IDR picture (nal_unit_type 5).
func h264Key(unit []byte) bool {
	for i := 0; i+4 < len(unit); i++ {
		if bytes.Equal(unit[i:i+4], []byte{0, 0, 0, 1}) && unit[i+4]&0x1f == 5 {
			return true
		}
	}
	return false
}
