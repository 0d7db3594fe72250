package sfu

import (
	"sync/atomic"

	"github.com/giaoban/giaoban/internal/meeting"
)

// gate is an open gate; a nil *gate is a closed one, so that the zero value of
// a source lets nothing past.
type gate struct{ since meeting.Seq }

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

	gate    atomic.Pointer[gate]
	codec   atomic.Uint32 // of the newest packet let past
	foreign atomic.Bool   // its H.264 is of a profile that browsers do not decode
	layers  []*layer      // smallest first; never changed, never empty
	count   sourceCount

	// Owned by the router.
	spent     bool        // the peer was lost while the gate was open,
	spentFrom meeting.Seq // and openings up to this one do not count any more
}
