package sfu

import (
	"sync/atomic"

	"github.com/giaoban/giaoban/internal/meeting"
)

// gate is an open gate; a nil *gate is a closed one, so that the zero value of
// a source lets nothing past.
type gate struct{ since meeting.Seq }

// source is one sending m-line of a publishing peer. The server assigned it by
// the order of the m-lines, never by anything inside a packet.
type source struct {
	key  meeting.SourceKey
	mid  string
	peer *Peer

	gate   atomic.Pointer[gate]
	layers []*layer // smallest first; never changed, never empty
	count  sourceCount

	// Owned by the router.
	spent     bool        // the peer was lost while the gate was open,
	spentFrom meeting.Seq // and openings up to this one do not count any more
}
