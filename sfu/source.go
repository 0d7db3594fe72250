package sfu

import (
	"sync/atomic"

	"github.com/giaoban/giaoban/internal/meeting"
)

// standing is the state of where a source comes from.
type standing uint8

const (
	present standing = iota
	lost             // its path is down; sound stays closed until it is opened anew
	retired          // it sends nothing more, for good
)

// origin is where the packets of sources come from.
type origin interface {
	standing() standing
	notify(Notice)       // a gate was opened or closed
	poke()               // a broker of a source has something to say
	refresh(ssrc uint32) // ask for a keyframe
}

// source is what one origin sends of one point. Which it is was settled before
// its first packet, by the order of the m-lines, never by anything inside one.
type source struct {
	key    meeting.SourceKey
	mid    string // of the m-line, if a peer publishes it
	from   origin
	router *router
	sfu    *SFU

	gate    gate
	codec   atomic.Uint32 // of the newest packet let past
	foreign atomic.Bool   // its H.264 is of a profile that browsers do not decode
	layers  []*layer      // smallest first; never changed, never empty
	count   sourceCount

	staleTold meeting.Seq // the opening that was last called stale; owned by the router
}

// newSource is a source whose gate is closed.
func newSource(key meeting.SourceKey, from origin, router *router, media string) *source {
	s := &source{key: key, from: from, router: router, sfu: router.sfu}
	s.gate.key, s.gate.media, s.gate.meeting, s.gate.log = key, media, router.id, router.sfu.log
	return s
}
