package sfu

import (
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// The forms of H.264 that are taken: constrained baseline in packetization
// mode 1 (RFC 6184 §8.1), which browsers call 42e01f and encoders of room kits
// 42c01f. The level is the publisher's own affair.
var h264Forms = []string{
	"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
	"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42c01f",
}

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
		for _, a := range m.Attributes {
			number, form, _ := strings.Cut(a.Value, " ")
			of, found := strings.CutPrefix(form, "apt=")
			if a.Key != "fmtp" || number != strconv.Itoa(int(pt)) || !found {
				continue
			}
			if n, err := strconv.ParseUint(of, 10, 7); err == nil {
				all[pt] = uint8(n)
			}
		}
	}
	return all
}

// h264Types finds the payload types of an m-line that are H.264 as it is taken.
func h264Types(m *sdp.MediaDescription) (types []uint8) {
	for _, pt := range payloadTypes(m, "h264/90000") {
		for _, a := range m.Attributes {
			number, form, _ := strings.Cut(a.Value, " ")
			if a.Key == "fmtp" && number == strconv.Itoa(int(pt)) && takesH264(form) {
				types = append(types, pt)
			}
		}
	}
	return types
}

// takesH264 reports whether format parameters (RFC 6184 §8.1) are of a form
// that is taken: mode 1, profile 66 with constraint set 1.
func takesH264(form string) bool {
	mode, profile := "0", ""
	for field := range strings.SplitSeq(form, ";") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(field), "="); name {
		case "packetization-mode":
			mode = value
		case "profile-level-id":
			profile = strings.ToLower(value)
		}
	}
	return mode == "1" && (strings.HasPrefix(profile, "42e0") || strings.HasPrefix(profile, "42c0"))
}
