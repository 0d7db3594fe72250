package sfu

import (
	"strconv"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// mimeTypes are the names of the codecs.
var mimeTypes = [codecs]string{codecOpus: webrtc.MimeTypeOpus, codecVP8: webrtc.MimeTypeVP8, codecH264: webrtc.MimeTypeH264}

// mimeRED is older sound that goes along with newer (RFC 2198). Clients may
// take it; what they send is never in it.
const mimeRED = "audio/red"

// formats is what a sending m-line may carry, by payload type.
func (l publishLine) formats() map[uint8]codec {
	all := map[uint8]codec{}
	usual := codecVP8
	if l.kind.Audio() {
		usual = codecOpus
	}
	for _, pt := range l.payloadTypes {
		all[pt] = usual
	}
	for _, pt := range l.h264 {
		all[pt] = codecH264
	}
	return all
}

// repairTypes finds the payload types of repairs, and those each is for (RFC 4588 §8.6).
func repairTypes(m *sdp.MediaDescription) map[uint8]uint8 {
	all := map[uint8]uint8{}
	for _, pt := range payloadTypes(m, "rtx/90000") {
		if n, err := strconv.ParseUint(parameters(m, pt)["apt"], 10, 7); err == nil {
			all[pt] = uint8(n)
		}
	}
	return all
}
