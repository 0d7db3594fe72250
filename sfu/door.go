package sfu

import (
	"errors"
	"fmt"
	"slices"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/sdp/v3"
)

// Door is the protocol by which a client came. The zero value is bridge.v1,
// whose offers have all m-lines of a page in a fixed order.
type Door string

// The doors besides bridge.v1.
const (
	// DoorWHIP takes one camera and one microphone, in any order (RFC 9725).
	DoorWHIP Door = "whip"
	// DoorWHEP gives tile 0 of everyone's picture, and on its first audio
	// m-line who speaks; the others have the other voices
	// (draft-ietf-wish-whep).
	DoorWHEP Door = "whep"
)

// mayPublish reports whether an offer may have a sending m-line here; first is
// whether none that receives stands before it.
func (d Door) mayPublish(first bool) bool { return d == DoorWHIP || d == "" && first }

// mayReceive is the same of a receiving m-line, in the order of bridge.v1.
func (d Door) mayReceive(inOrder bool) bool { return d == DoorWHEP || d == "" && inOrder }

// order says which m-lines an offer must have.
func (d Door) order() string {
	switch d {
	case DoorWHIP:
		return "want m-lines that send"
	case DoorWHEP:
		return "want m-lines that are recvonly"
	}
	return "out of order: want sendonly first, then recvonly video, then recvonly audio"
}

// directions reads which ways an m-line goes. An encoder that offers both
// (RFC 8866 §6.7) is answered that it may only send.
func (d Door) directions(m *sdp.MediaDescription) (sends, receives bool) {
	_, sends = m.Attribute(sdp.AttrKeySendOnly)
	_, receives = m.Attribute(sdp.AttrKeyRecvOnly)
	_, nothing := m.Attribute(sdp.AttrKeyInactive)
	return sends || d == DoorWHIP && !receives && !nothing, receives
}

// nextKind is what the next sending m-line of an offer carries.
func (o *offer) nextKind(video bool) (meeting.Kind, error) {
	if o.door == DoorWHIP {
		kind := meeting.Microphone
		if video {
			kind = meeting.Camera
		}
		if slices.ContainsFunc(o.publish, func(l publishLine) bool { return l.kind == kind }) {
			return "", fmt.Errorf("a second %s", kind)
		}
		return kind, nil
	}
	if len(o.publish) == len(meeting.Kinds) {
		return "", fmt.Errorf("more than %d sendonly", len(meeting.Kinds))
	}
	kind := meeting.Kinds[len(o.publish)]
	if kind.Audio() == video {
		return "", fmt.Errorf("sendonly number %d must be the %s", len(o.publish)+1, kind)
	}
	return kind, nil
}

// leading puts the voice of who speaks first and keeps the order of the
// others: a player of one audio m-line hears the newest holder of the floor,
// else the chair.
func leading(voices [meeting.Voices]meeting.SourceKey, speaker *meeting.View) [meeting.Voices]meeting.SourceKey {
	if speaker == nil {
		return voices
	}
	first := meeting.SourceKey{Point: speaker.Tiles[0].Point, Kind: meeting.Microphone}
	i := slices.Index(voices[:], first)
	if i < 0 {
		return voices
	}
	copy(voices[1:i+1], voices[:i])
	voices[0] = first
	return voices
}

// errNoStream refuses a sending m-line of an encoder that names no stream:
// the gate is for streams the offer names.
var errNoStream = errors.New("no a=ssrc and no rid: the m-line must name its stream (RFC 5576)")
