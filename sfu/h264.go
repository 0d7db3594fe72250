package sfu

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/pion/sdp/v3"
)

// Profiles of H.264 (ITU-T H.264 annex A) as the first byte of profile-level-id.
const (
	profileBaseline = 0x42
	profileMain     = 0x4d
	profileExtended = 0x58
	profileHigh     = 0x64
)

// h264FormsMax bounds the different forms of H.264 one connection has.
const h264FormsMax = 7

// setsMost bounds the parameter sets of one payload type in an offer.
const setsMost = 16

// h264Form is what a payload type of H.264 says it is (RFC 6184 §8.1).
type h264Form struct {
	profile, constraints byte
	level                byte
	mode                 string // packetization-mode
	asymmetry            bool
	said                 string   // profile-level-id as it was written
	sets                 [][]byte // sprop-parameter-sets
}

// constrained reports whether the form is constrained baseline, which every
// decoder of H.264 has (RFC 6184 §8.1, table 5).
func (f h264Form) constrained() bool {
	switch f.profile {
	case profileBaseline:
		return f.constraints&0x40 != 0
	case profileMain:
		return f.constraints&0x80 != 0
	case profileExtended:
		return f.constraints&0xc0 == 0xc0
	}
	return false
}

// readH264 reads the form of a payload type. One without a profile is of the
// baseline, without a mode of mode 0 (RFC 6184 §8.1).
func readH264(m *sdp.MediaDescription, pt uint8) (h264Form, bool) {
	p := parameters(m, pt)
	f := h264Form{mode: "0", said: p["profile-level-id"], asymmetry: p["level-asymmetry-allowed"] == "1"}
	f.sets = readSets(p["sprop-parameter-sets"])
	if mode := p["packetization-mode"]; mode != "" {
		f.mode = mode
	}
	id := strings.ToLower(f.said)
	switch {
	case id == "":
		id = "42000a"
	case len(id) == 7 && strings.HasPrefix(id, "42200"): // as FFmpeg 8 writes constrained baseline
		id = "42c0" + id[5:]
	}
	b, err := hex.DecodeString(id)
	if err != nil || len(b) != 3 {
		return f, false
	}
	f.profile, f.constraints, f.level = b[0], b[1], b[2]
	return f, true
}

// readSets reads sprop-parameter-sets: units in base64, with commas between them.
func readSets(text string) (sets [][]byte) {
	for one := range strings.SplitSeq(text, ",") {
		unit, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(one), "="))
		if err == nil && len(unit) > 0 && len(sets) < setsMost {
			sets = append(sets, unit)
		}
	}
	return sets
}

// String is the form as Pion reads it.
func (f h264Form) String() string {
	s := fmt.Sprintf("packetization-mode=%s;profile-level-id=%02x%02x%02x", f.mode, f.profile, f.constraints, f.level)
	if f.asymmetry {
		s = "level-asymmetry-allowed=1;" + s
	}
	return s
}

// like reports whether two forms differ in their level at most, which is the
// sender's own affair.
func (f h264Form) like(other h264Form) bool {
	return f.profile == other.profile && f.constraints == other.constraints && f.mode == other.mode
}

// choice orders the forms that can be taken, the best being 1; 0 is one that
// cannot. What is sent here is to be decoded by every receiver: the baseline,
// which encoders mostly use as the constrained one whatever they call it, its
// packets whole (mode 0) or cut (mode 1). A receiver is sent the constrained
// baseline in mode 1, which the larger profiles hold.
func (f h264Form) choice(sends bool) int {
	whole := f.constrained()
	switch {
	case f.mode == "1" && whole:
		return 1
	case f.mode == "1" && f.profile == profileBaseline:
		return 2
	case sends && f.mode == "0" && whole:
		return 3
	case sends && f.mode == "0" && f.profile == profileBaseline:
		return 4
	case !sends && f.mode == "1" && (f.profile == profileMain || f.profile == profileHigh):
		return 5
	}
	return 0
}

// plainH264 leaves of the H.264 of an m-line its best form that is taken, and
// gives its payload types, their forms, and all forms that were found, in words.
func plainH264(m *sdp.MediaDescription, sends bool) (types []uint8, forms []h264Form, found []string) {
	all := payloadTypes(m, "h264/90000")
	best := 0
	for _, pt := range all {
		f, ok := readH264(m, pt)
		found = append(found, f.words())
		if c := f.choice(sends); ok && c > 0 && (best == 0 || c < best) {
			best = c
		}
	}
	for _, pt := range all {
		f, ok := readH264(m, pt)
		if !ok || best == 0 || f.choice(sends) != best {
			leaveOut(m, pt)
			continue
		}
		setParameters(m, pt, f.String())
		types = append(types, pt)
		if !slices.ContainsFunc(forms, f.like) {
			forms = append(forms, f)
		}
	}
	return types, forms, found
}

// words says what was found.
func (f h264Form) words() string {
	said := f.said
	if said == "" {
		said = "none"
	}
	return fmt.Sprintf("profile-level-id %.12s with packetization-mode %.4s", said, f.mode)
}

// lacking says which formats an m-line has none of, and which of another codec
// it had.
func lacking(codec string, found []string, sends bool) error {
	if len(found) == 0 {
		return fmt.Errorf("lacks %s", codec)
	}
	if sends {
		return fmt.Errorf("H.264 was offered as %s: taken are %s, or H.264 baseline (profile-level-id 42xxxx) with packetization-mode 0 or 1",
			strings.Join(found, ", "), codec)
	}
	return fmt.Errorf("lacks %s, which every receiver must have (H.264 was offered as %s)", codec, strings.Join(found, ", "))
}
