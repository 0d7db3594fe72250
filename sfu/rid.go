package sfu

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pion/sdp/v3"
)

const (
	ridMost  = 16 // bytes of a rid: what a one-byte header extension holds (RFC 8852 §3)
	ridsMost = 8  // of one m-line
)

// rids reads the layers an m-line declares (RFC 8851 §4, RFC 8853 §5.1), smallest
// first; nil if it is no simulcast. Of more than there are sizes here the
// largest, the smallest and the one between are kept, and the others taken off
// the m-line, as an answer may (RFC 8853 §5.3.2).
func rids(m *sdp.MediaDescription) (names []string, err error) {
	var order []string
	for _, a := range m.Attributes {
		switch a.Key {
		case "rid":
			fields := strings.Fields(a.Value)
			if len(fields) < 2 || fields[1] != "send" || !isRID(fields[0]) || slices.Contains(names, fields[0]) || len(names) == ridsMost {
				return nil, fmt.Errorf("rid %.40q: want at most %d, each once, of 1 to %d letters, digits, - and _, to send", a.Value, ridsMost, ridMost)
			}
			names = append(names, fields[0])
		case "simulcast":
			if order, err = readSimulcast(a.Value, m); err != nil {
				return nil, err
			}
		}
	}
	if len(order) == 0 {
		order = names
	}
	return keepLayers(m, bySize(order)), nil
}

// isRID reports whether a name is a rid (RFC 8851 §10).
func isRID(name string) bool {
	const others = "-_"
	return len(name) > 0 && len(name) <= ridMost && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(others, r))
	})
}

// readSimulcast reads a list of streams to send, without alternatives, each of
// which has its rid; one that is paused at first may have its tilde.
func readSimulcast(value string, m *sdp.MediaDescription) (order []string, err error) {
	list, ok := strings.CutPrefix(strings.TrimSpace(value), "send ")
	for name := range strings.SplitSeq(strings.TrimSpace(list), ";") {
		name = strings.TrimPrefix(name, "~")
		ok = ok && !slices.Contains(order, name) && slices.ContainsFunc(m.Attributes, func(a sdp.Attribute) bool {
			return a.Key == "rid" && strings.HasPrefix(a.Value, name+" ")
		})
		order = append(order, name)
	}
	if !ok {
		return nil, fmt.Errorf("bad simulcast %.60q", value)
	}
	return order, nil
}

// bySize puts rids in the order of the sizes of their pictures, smallest first:
// by their names if all are of those that pages here use, else by the order of
// the offer, in which the first is what the encoder would rather send, its
// largest (RFC 8853 §5.2).
func bySize(order []string) []string {
	size := func(name string) int { return slices.Index(layerNames[:], name) }
	all := slices.Clone(order)
	if slices.ContainsFunc(all, func(name string) bool { return size(name) < 0 }) {
		slices.Reverse(all)
		return all
	}
	slices.SortFunc(all, func(a, b string) int { return size(a) - size(b) })
	return all
}

// keepLayers leaves so many layers on an m-line as there are sizes.
func keepLayers(m *sdp.MediaDescription, names []string) []string {
	if len(names) <= len(layerNames) {
		return names
	}
	kept := []string{names[0], names[(len(names)-1)/2], names[len(names)-1]}
	m.Attributes = slices.DeleteFunc(m.Attributes, func(a sdp.Attribute) bool {
		name, _, _ := strings.Cut(a.Value, " ")
		return a.Key == "simulcast" || a.Key == "rid" && !slices.Contains(kept, name)
	})
	m.Attributes = append(m.Attributes, sdp.Attribute{Key: "simulcast", Value: "send " + kept[2] + ";" + kept[1] + ";" + kept[0]})
	return kept
}

// ranksOf gives the sizes of layers, smallest first: what their names say, else
// the largest sizes there are.
func ranksOf(rids []string) []rank {
	ranks := make([]rank, len(rids))
	named := true
	for i, name := range rids {
		at := slices.Index(layerNames[:], name)
		named = named && at >= 0
		ranks[i] = rank(max(at, 0))
	}
	for i := range ranks {
		if !named {
			ranks[i] = rank(len(layerNames) - len(rids) + i)
		}
	}
	return ranks
}
