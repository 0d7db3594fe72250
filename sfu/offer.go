package sfu

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/sdp/v3"
)

// Bounds of an offer.
const (
	offerMax   = 256 << 10 // bytes
	videoMax   = 25        // receiving video m-lines
	midMax     = 16        // bytes
	formatsMax = 64        // payload types of one m-line
)

// offer is what is taken from a client's SDP: the m-lines in their fixed order.
type offer struct {
	door       Door
	publish    []publishLine // camera, microphone, content, content-sound
	video      []string      // mids of the receiving video m-lines
	voices     []string      // and of the audio ones
	names      streamNames
	extensions map[string][]string // URIs of the header extensions of each m-line, by its mid
	forms      []h264Form          // of H.264, each once
	passive    bool                // the client waits for our ClientHello
	plain      string              // the offer as Pion gets it
}

// publishLine is a sending m-line.
type publishLine struct {
	kind         meeting.Kind
	mid          string
	payloadTypes []uint8         // of the codec every client has,
	h264         []uint8         // and of the one room kits have besides
	repairs      map[uint8]uint8 // payload types of repairs, and what each is for
	sets         [][]byte        // parameter sets of H.264 that are in the offer alone
	primary      uint32          // SSRC, 0 if the offer names none
	repair       uint32          // SSRC of RTX, 0 if none
	rids         []string        // of a simulcast, whose streams are known by these alone
}

// sameShape reports whether a later offer has the m-lines of the first, as an
// ICE restart does.
func (o *offer) sameShape(first *offer) bool {
	return slices.EqualFunc(o.publish, first.publish, func(a, b publishLine) bool {
		return a.kind == b.kind && a.mid == b.mid && a.primary == b.primary && a.repair == b.repair &&
			slices.Equal(a.payloadTypes, b.payloadTypes) && slices.Equal(a.h264, b.h264) && slices.Equal(a.rids, b.rids)
	}) && o.names == first.names && slices.Equal(o.video, first.video) && slices.Equal(o.voices, first.voices)
}

// readOffer parses and checks an offer. Every error wraps ErrOffer.
func readOffer(offered string, cfg PeerConfig) (*offer, error) {
	if len(offered) > offerMax {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrOffer, len(offered), offerMax)
	}
	var session sdp.SessionDescription
	if err := session.UnmarshalString(offered); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOffer, err)
	}
	if n, most := len(session.MediaDescriptions), len(meeting.Kinds)+videoMax+meeting.Voices; n == 0 || n > most {
		return nil, fmt.Errorf("%w: %d m-lines, want 1 to %d", ErrOffer, n, most)
	}
	if err := simplify(&session); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOffer, err)
	}
	o := &offer{door: cfg.Door, extensions: map[string][]string{}}
	mids := map[string]bool{}
	for i, m := range session.MediaDescriptions {
		mid, _ := m.Attribute(sdp.AttrKeyMID)
		if mid == "" || len(mid) > midMax || mids[mid] {
			return nil, fmt.Errorf("%w: m-line %d: mid %.20q is missing, too long or there twice", ErrOffer, i, mid)
		}
		mids[mid] = true
		for _, a := range m.Attributes {
			if e, ok := readExtension(a); ok {
				o.extensions[mid] = append(o.extensions[mid], e.uri)
			}
		}
		if err := errors.Join(o.names.learn(m), o.add(m, mid)); err != nil {
			return nil, fmt.Errorf("%w: m-line %d: %w", ErrOffer, i, err)
		}
	}
	text, err := session.Marshal()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOffer, err)
	}
	setup, _ := session.MediaDescriptions[0].Attribute(sdp.AttrKeyConnectionSetup)
	o.passive = setup == sdp.ConnectionRolePassive.String()
	o.plain = string(text)
	return o, o.check(cfg.Publish, cfg.MaxTiles)
}

func (o *offer) add(m *sdp.MediaDescription, mid string) error {
	video := m.MediaName.Media == "video"
	if !video && m.MediaName.Media != "audio" {
		return fmt.Errorf("media %.20q is not carried", m.MediaName.Media)
	}
	if len(m.MediaName.Formats) > formatsMax {
		return fmt.Errorf("%d payload types, at most %d", len(m.MediaName.Formats), formatsMax)
	}
	codec := "opus/48000"
	if video {
		codec = "vp8/90000"
	}
	types := payloadTypes(m, codec)
	sends, receives := o.door.directions(m)
	line := publishLine{mid: mid, payloadTypes: types, repairs: repairTypes(m)}
	var found []string
	if video {
		line.h264, line.sets, found = o.takeH264(m, sends)
	}
	if len(types) == 0 && (receives || len(line.h264) == 0) {
		return lacking(codec, found, sends)
	}
	switch {
	case sends && !receives && o.door.mayPublish(len(o.video)+len(o.voices) == 0):
		return o.addPublish(m, line, video)
	case receives && !sends && video && o.door.mayReceive(len(o.voices) == 0):
		o.video = append(o.video, mid)
	case receives && !sends && !video && o.door.mayReceive(true):
		o.voices = append(o.voices, mid)
	default:
		return errors.New(o.door.order())
	}
	return nil
}

// takeH264 finds the payload types of H.264 that are taken, and their parameter
// sets, and says which forms there were.
func (o *offer) takeH264(m *sdp.MediaDescription, sends bool) (types []uint8, sets [][]byte, found []string) {
	types, forms, found := plainH264(m, sends)
	for _, f := range forms {
		sets = append(sets, f.sets...)
		if len(o.forms) < h264FormsMax && !slices.ContainsFunc(o.forms, f.like) {
			o.forms = append(o.forms, f)
		}
	}
	return types, sets, found
}

func (o *offer) addPublish(m *sdp.MediaDescription, line publishLine, video bool) error {
	var err error
	if line.kind, err = o.nextKind(video); err != nil {
		return err
	}
	if line.rids, err = rids(m); err != nil {
		return err
	}
	if line.rids != nil && line.kind != meeting.Camera {
		return fmt.Errorf("simulcast of the %s is not carried", line.kind)
	}
	if line.rids == nil {
		if line.primary, line.repair, err = ssrcs(m); err != nil {
			return err
		}
		if line.primary == 0 && o.door == DoorWHIP {
			return errNoStream
		}
	}
	for _, other := range o.publish {
		for _, ssrc := range []uint32{line.primary, line.repair} {
			if ssrc != 0 && (ssrc == other.primary || ssrc == other.repair) {
				return fmt.Errorf("ssrc %d is on two m-lines", ssrc)
			}
		}
	}
	o.publish = append(o.publish, line)
	return nil
}

func (o *offer) check(publish bool, maxTiles int) error {
	switch {
	case (o.names.mid == 0 || o.names.rid == 0) && slices.ContainsFunc(o.publish, func(l publishLine) bool { return l.rids != nil }):
		return fmt.Errorf("%w: simulcast without the header extensions mid and rid", ErrOffer)
	case len(o.publish) > 0 && !publish:
		return fmt.Errorf("%w: this session may not send", ErrOffer)
	case len(o.video) > min(maxTiles, videoMax):
		return fmt.Errorf("%w: %d receiving video m-lines, at most %d", ErrOffer, len(o.video), min(maxTiles, videoMax))
	case len(o.voices) > meeting.Voices:
		return fmt.Errorf("%w: %d receiving audio m-lines, at most %d", ErrOffer, len(o.voices), meeting.Voices)
	}
	return nil
}

// payloadTypes finds the payload types an m-line maps to a codec.
func payloadTypes(m *sdp.MediaDescription, codec string) (types []uint8) {
	for _, a := range m.Attributes {
		if a.Key != "rtpmap" {
			continue
		}
		number, name, _ := strings.Cut(a.Value, " ")
		pt, err := strconv.ParseUint(number, 10, 7)
		if err == nil && strings.HasPrefix(strings.ToLower(name)+"/", codec+"/") {
			types = append(types, uint8(pt))
		}
	}
	return types
}

// ssrcs reads the streams an m-line declares (RFC 5576): one, and one that repairs it.
func ssrcs(m *sdp.MediaDescription) (primary, repair uint32, err error) {
	var all []uint32
	for _, a := range m.Attributes {
		switch a.Key {
		case sdp.AttrKeySSRC:
			first, _, _ := strings.Cut(a.Value, " ")
			n, err := strconv.ParseUint(first, 10, 32)
			if err != nil || n == 0 {
				return 0, 0, fmt.Errorf("bad ssrc %.20q", first)
			}
			if !slices.Contains(all, uint32(n)) {
				all = append(all, uint32(n))
			}
		case sdp.AttrKeySSRCGroup:
			if fields := strings.Fields(a.Value); len(fields) == 3 && fields[0] == "FID" {
				n, err := strconv.ParseUint(fields[2], 10, 32)
				if err != nil {
					return 0, 0, fmt.Errorf("bad ssrc-group %.40q", a.Value)
				}
				repair = uint32(n)
			}
		}
	}
	all = slices.DeleteFunc(all, func(n uint32) bool { return n == repair })
	if len(all) > 1 || len(all) == 0 && repair != 0 {
		return 0, 0, fmt.Errorf("%d streams, want one and its repair", len(all))
	}
	if len(all) == 1 {
		primary = all[0]
	}
	return primary, repair, nil
}
