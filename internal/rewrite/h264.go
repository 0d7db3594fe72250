package rewrite

import "errors"

// ErrH264 is returned for a payload that is not H.264 as RFC 6184 has it in
// packetization mode 1.
var ErrH264 = errors.New("not an h264 payload")

// Types of NAL units (ITU-T H.264 table 7-1) and of the packets that carry
// them (RFC 6184 §5.4).
const (
	nalIDR = 5
	nalSPS = 7
	nalPPS = 8
	nalSTA = 24 // several units
	nalFUA = 28 // a part of one
)

// H264 is what the head of a payload tells.
type H264 struct {
	Parameters bool // a sequence parameter set is in it
	IDR        bool // a picture that needs no other begins in it
}

// ParseH264 reads the units of a payload. What mode 1 has not (STAP-B, MTAP,
// FU-B) is refused.
func ParseH264(payload []byte) (H264, error) {
	var h H264
	if len(payload) < 2 {
		return h, ErrH264
	}
	switch kind := payload[0] & 0x1f; {
	case kind >= 1 && kind <= 23:
		h.note(kind)
	case kind == nalSTA:
		return h, h.units(payload[1:])
	case kind == nalFUA:
		if len(payload) < 3 {
			return h, ErrH264
		}
		if payload[1]&0x80 != 0 { // the start of the unit
			h.note(payload[1] & 0x1f)
		}
	default:
		return h, ErrH264
	}
	return h, nil
}

// units reads the units of a STAP-A: each with its size in front.
func (h *H264) units(b []byte) error {
	for len(b) > 0 {
		if len(b) < 3 {
			return ErrH264
		}
		size := int(b[0])<<8 | int(b[1])
		if size == 0 || size > len(b)-2 {
			return ErrH264
		}
		h.note(b[2] & 0x1f)
		b = b[2+size:]
	}
	return nil
}

func (h *H264) note(kind byte) {
	h.Parameters = h.Parameters || kind == nalSPS
	h.IDR = h.IDR || kind == nalIDR
}
