package sfu

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// simplify rewrites an offer in place in the one form in which Pion and the rest of
// this package read it, whatever else RFC 8866 allows: what stands for the whole
// session is said of each m-line, format parameters have one spelling, an
// extension has one id.
func simplify(s *sdp.SessionDescription) error {
	if err := inherit(s); err != nil {
		return err
	}
	if err := oneIDEach(s); err != nil {
		return err
	}
	for _, m := range s.MediaDescriptions {
		plainRepairs(m)
	}
	return nil
}

// directionsOf are the attributes of which an m-line has one (RFC 8866 §6.7).
func directionsOf() []string {
	return []string{sdp.AttrKeySendRecv, sdp.AttrKeySendOnly, sdp.AttrKeyRecvOnly, sdp.AttrKeyInactive}
}

// inherit gives each m-line what the session says of all: the part in DTLS, the
// direction, the header extensions. All m-lines are one bundle, whose part in
// DTLS is that of the first (RFC 8842 §7); one nobody names is active (RFC 4145 §4.1).
func inherit(s *sdp.SessionDescription) error {
	setup, named := "", false
	if len(s.MediaDescriptions) > 0 {
		setup, named = s.MediaDescriptions[0].Attribute(sdp.AttrKeyConnectionSetup)
	}
	if !named {
		if setup, named = s.Attribute(sdp.AttrKeyConnectionSetup); !named {
			setup = sdp.ConnectionRoleActive.String()
		}
	}
	switch setup = strings.ToLower(strings.TrimSpace(setup)); setup {
	case "actpass", "active", "passive":
	default: // holdconn has no place with DTLS (RFC 5763 §5)
		return fmt.Errorf("setup:%.20s: want actpass, active or passive", setup)
	}
	var direction string
	var shared []sdp.Attribute
	for _, a := range s.Attributes {
		switch {
		case slices.Contains(directionsOf(), a.Key):
			direction = a.Key
		case a.Key == sdp.AttrKeyExtMap:
			shared = append(shared, a)
		}
	}
	for _, m := range s.MediaDescriptions {
		m.Attributes = slices.DeleteFunc(m.Attributes, func(a sdp.Attribute) bool { return a.Key == sdp.AttrKeyConnectionSetup })
		m.Attributes = append(m.Attributes, sdp.Attribute{Key: sdp.AttrKeyConnectionSetup, Value: setup})
		if direction != "" && !slices.ContainsFunc(m.Attributes, func(a sdp.Attribute) bool { return slices.Contains(directionsOf(), a.Key) }) {
			m.Attributes = append(m.Attributes, sdp.Attribute{Key: direction})
		}
		m.Attributes = append(m.Attributes, shared...)
	}
	return nil
}

// extension is an extmap attribute (RFC 8285 §5).
type extension struct {
	id  uint64
	uri string
}

func readExtension(a sdp.Attribute) (extension, bool) {
	fields := strings.Fields(a.Value)
	if a.Key != sdp.AttrKeyExtMap || len(fields) < 2 {
		return extension{}, false
	}
	number, _, _ := strings.Cut(fields[0], "/")
	id, err := strconv.ParseUint(number, 10, 16)
	return extension{id: id, uri: fields[1]}, err == nil
}

// oneIDEach refuses an id that means two extensions (RFC 8843 §9.1, as all
// m-lines are one bundle). Of an extension with two ids the one of the simulcast
// is kept, whose packets are known by it alone, else the first: the other
// m-lines go without the extension.
func oneIDEach(s *sdp.SessionDescription) error {
	lines := slices.Clone(s.MediaDescriptions)
	slices.SortStableFunc(lines, func(a, b *sdp.MediaDescription) int { return layeredFirst(a) - layeredFirst(b) })
	means, has := map[uint64]string{}, map[string]uint64{}
	for _, m := range lines {
		for _, a := range m.Attributes {
			e, ok := readExtension(a)
			if !ok {
				continue
			}
			if other, taken := means[e.id]; taken && other != e.uri {
				return fmt.Errorf("bad extmap: id %d is both %.60s and %.60s", e.id, other, e.uri)
			}
			means[e.id] = e.uri
			if _, known := has[e.uri]; !known {
				has[e.uri] = e.id
			}
		}
	}
	for _, m := range lines {
		seen := map[string]bool{}
		m.Attributes = slices.DeleteFunc(m.Attributes, func(a sdp.Attribute) bool {
			e, ok := readExtension(a)
			if !ok {
				return false
			}
			again := seen[e.uri] || has[e.uri] != e.id
			seen[e.uri] = seen[e.uri] || !again
			return again
		})
	}
	return nil
}

// layeredFirst orders m-lines: those of a simulcast first.
func layeredFirst(m *sdp.MediaDescription) int {
	if _, layered := m.Attribute("simulcast"); layered {
		return 0
	}
	return 1
}

// parameters reads the format parameters of a payload type (RFC 4855 §3): in any
// order, with any spaces, their names in any case. An m-line may have one fmtp
// for a type; of more the first that names a parameter counts.
func parameters(m *sdp.MediaDescription, pt uint8) map[string]string {
	all := map[string]string{}
	for _, a := range m.Attributes {
		number, form, _ := strings.Cut(strings.TrimSpace(a.Value), " ")
		if a.Key != "fmtp" || number != strconv.Itoa(int(pt)) {
			continue
		}
		for field := range strings.SplitSeq(form, ";") {
			name, value, _ := strings.Cut(field, "=")
			name = strings.ToLower(strings.TrimSpace(name))
			if _, known := all[name]; !known && name != "" {
				all[name] = strings.TrimSpace(value)
			}
		}
	}
	return all
}

// setParameters gives a payload type these format parameters and no others.
func setParameters(m *sdp.MediaDescription, pt uint8, form string) {
	number := strconv.Itoa(int(pt))
	m.Attributes = slices.DeleteFunc(m.Attributes, func(a sdp.Attribute) bool {
		of, _, _ := strings.Cut(strings.TrimSpace(a.Value), " ")
		return a.Key == "fmtp" && of == number
	})
	m.Attributes = append(m.Attributes, sdp.Attribute{Key: "fmtp", Value: number + " " + form})
}

// leaveOut takes a payload type off an m-line, as an answer may (RFC 3264 §6.1).
func leaveOut(m *sdp.MediaDescription, pt uint8) {
	number := strconv.Itoa(int(pt))
	m.MediaName.Formats = slices.DeleteFunc(m.MediaName.Formats, func(format string) bool { return format == number })
}

// plainRepairs leaves of the parameters of a repair the one by which Pion finds
// it (RFC 4588 §8.6): how long the sender keeps packets changes nothing here. A
// repair of nothing is left out.
func plainRepairs(m *sdp.MediaDescription) {
	for _, pt := range payloadTypes(m, "rtx/90000") {
		of, err := strconv.ParseUint(parameters(m, pt)["apt"], 10, 7)
		if err != nil {
			leaveOut(m, pt)
			continue
		}
		setParameters(m, pt, fmt.Sprintf("apt=%d", of))
	}
}

// withoutIdleRepairs takes the pairs of streams and repairs (RFC 5576 §4.2) off
// the m-lines of an answer that have no payload type of repairs.
func withoutIdleRepairs(answer string) (string, error) {
	const group = "FID "
	var s sdp.SessionDescription
	if !strings.Contains(answer, group) {
		return answer, nil
	}
	if err := s.UnmarshalString(answer); err != nil {
		return "", fmt.Errorf("read own answer: %w", err)
	}
	for _, m := range s.MediaDescriptions {
		if len(payloadTypes(m, "rtx/90000")) > 0 {
			continue
		}
		idle := ""
		m.Attributes = slices.DeleteFunc(m.Attributes, func(a sdp.Attribute) bool {
			pair := strings.Fields(a.Value)
			if a.Key == sdp.AttrKeySSRCGroup && strings.HasPrefix(a.Value, group) && len(pair) == 3 {
				idle = pair[2]
				return true
			}
			return a.Key == sdp.AttrKeySSRC && idle != "" && pair[0] == idle
		})
	}
	b, err := s.Marshal()
	return string(b), err
}
