package rewrite

import "errors"

// ErrVP8 is returned for a payload that is not VP8 as RFC 7741 has it.
var ErrVP8 = errors.New("not a vp8 payload")

// VP8MaxDescriptor is the longest payload descriptor Marshal writes, in bytes.
const VP8MaxDescriptor = 6

// VP8 is a payload descriptor (RFC 7741 §4.2) and what the first byte of the
// frame header tells (§4.3). Fields that are absent are zero and their Has is false.
type VP8 struct {
	Size       int  // bytes of the descriptor as received
	Start      bool // first packet of a frame
	Keyframe   bool // with Start: the frame needs no other
	HasPicture bool
	Wide       bool // the picture id had 15 bits, not 7
	HasTL0     bool
	HasTID     bool
	HasKey     bool
	Picture    uint16
	TL0        uint8
	TID        uint8 // the temporal layer's two bits and the Y bit, in place
	Key        uint8 // 5 bits
	head       byte  // first byte without the X bit
}

// ParseVP8 reads the descriptor at the head of a payload.
func ParseVP8(payload []byte) (VP8, error) {
	if len(payload) < 2 {
		return VP8{}, ErrVP8
	}
	d := VP8{Size: 1, head: payload[0] &^ 0x80}
	if payload[0]&0x80 != 0 {
		if err := d.parseExtension(payload); err != nil {
			return VP8{}, err
		}
	}
	if d.Size >= len(payload) {
		return VP8{}, ErrVP8
	}
	d.Start = d.head&0x10 != 0 && d.head&0x0f == 0
	d.Keyframe = d.Start && payload[d.Size]&1 == 0
	if d.Keyframe && !keyframeHeader(payload[d.Size:]) {
		return VP8{}, ErrVP8
	}
	return d, nil
}

func (d *VP8) parseExtension(payload []byte) error {
	flags := payload[1]
	rest := payload[2:]
	take := func() (byte, bool) {
		if len(rest) == 0 {
			return 0, false
		}
		b := rest[0]
		rest = rest[1:]
		return b, true
	}
	d.HasPicture, d.HasTL0, d.HasTID, d.HasKey = flags&0x80 != 0, flags&0x40 != 0, flags&0x20 != 0, flags&0x10 != 0
	ok := true
	if d.HasPicture {
		var b byte
		b, ok = take()
		d.Picture = uint16(b & 0x7f)
		if d.Wide = b&0x80 != 0; d.Wide {
			b, ok = take()
			d.Picture = d.Picture<<8 | uint16(b)
		}
	}
	if d.HasTL0 {
		d.TL0, ok = take()
	}
	if d.HasTID || d.HasKey {
		var b byte
		b, ok = take()
		d.TID, d.Key = b&0xe0, b&0x1f
	}
	d.Size = len(payload) - len(rest)
	if !ok {
		return ErrVP8
	}
	return nil
}

// keyframeHeader reports whether b begins like a VP8 key frame (RFC 6386 §9.1).
func keyframeHeader(b []byte) bool {
	return len(b) >= 10 && b[3] == 0x9d && b[4] == 0x01 && b[5] == 0x2a
}

// Marshal writes the descriptor with a picture id of 15 bits and gives its
// length. dst holds at least VP8MaxDescriptor bytes.
func (d VP8) Marshal(dst []byte) int {
	var flags byte
	n := 2
	if d.HasPicture {
		flags |= 0x80
		dst[n], dst[n+1] = 0x80|byte(d.Picture>>8), byte(d.Picture)
		n += 2
	}
	if d.HasTL0 {
		flags |= 0x40
		dst[n] = d.TL0
		n++
	}
	if d.HasTID || d.HasKey {
		if d.HasTID {
			flags |= 0x20
		}
		if d.HasKey {
			flags |= 0x10
		}
		dst[n] = d.TID | d.Key
		n++
	}
	if flags == 0 {
		dst[0] = d.head
		return 1
	}
	dst[0], dst[1] = d.head|0x80, flags
	return n
}
