package sfu

import (
	"net/netip"
	"slices"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Slots is which source each receiving m-line of a peer is for. A zero key is
// a blank slot or a silent voice.
type Slots struct {
	Video  []meeting.SourceKey
	Voices []meeting.SourceKey
	// Undecodable are those of Video whose codec the client does not have.
	Undecodable []meeting.SourceKey
	// Unbegun are those of Video that are sent, but for five seconds have had no
	// picture with which a viewer can begin.
	Unbegun []meeting.SourceKey
	// Weak are those of Video the client's line has no room for.
	Weak []meeting.SourceKey
}

// equal reports whether two say the same; a nil one says nothing.
func (s *Slots) equal(other *Slots) bool {
	return s != nil && slices.Equal(s.Video, other.Video) && slices.Equal(s.Voices, other.Voices) &&
		slices.Equal(s.Undecodable, other.Undecodable) && slices.Equal(s.Unbegun, other.Unbegun) && slices.Equal(s.Weak, other.Weak)
}

// State is the state of a peer's media path.
type State string

// The states of a peer.
const (
	StateConnecting State = "connecting"
	StateConnected  State = "connected"
	StateLost       State = "lost"   // ICE disconnected; may come back
	StateFailed     State = "failed" // will not come back; the client must offer anew
)

// Notice is something a peer's session must tell its client. Exactly one field is set.
type Notice struct {
	Live   *Live
	Gate   *Gate
	Slots  *Slots
	Demand *Demand
	State  State
}

// Live says that a video slot carries a source from the frame with RTPTS on.
// A zero Source says that it carries nothing from now on.
type Live struct {
	Slot   int
	Source meeting.SourceKey
	RTPTS  uint32
}

// Gate confirms a gate of the peer's own source, after the ingress applied it.
type Gate struct {
	Source meeting.SourceKey
	Open   bool
	Seq    meeting.Seq
	// Stale: the plan permits an opening that stays closed here, because it was
	// closed ahead of the log or nobody pressed OK on this connection. The log is
	// to be told that it is off.
	Stale bool
}

// PeerConfig describes one client's media session.
type PeerConfig struct {
	Meeting meeting.ID
	// Point is whose sources the client may publish and whose view it gets;
	// empty for an observer, who gets everyone's view, or a controller.
	Point meeting.PointID
	// Media names this media session, once and for all: the sound of the point
	// passes only under a Tag of the plan that names it.
	Media string
	// OpensAlone: this node has it on record that the point's sound may open
	// without an OK on this connection. Else Press must have been called.
	OpensAlone bool
	// Controller gives the controllers' view, which hears technical checks.
	Controller bool
	// Speaker gives one tile of who speaks, else of the chair point.
	Speaker bool
	// Screen is what a page that only shows a picture chooses of its view; nil
	// is the whole of it. Show changes it.
	Screen *meeting.Screen
	// Publish allows sending m-lines. At most one peer of a point may publish:
	// the newest replaces the one before, which is told StateFailed.
	Publish bool
	// From is where the client is, as its offer's connection says; the zero value
	// is this machine. It decides what the answer's candidates are and their order.
	From netip.Addr
	// Door is by which protocol the client came; it says which m-lines an
	// offer has and what they carry.
	Door Door
	// Exclude are points whose sound the client is not sent: the return to a
	// central codec must not hold what came from it (mix-minus, Art 5.4.a).
	Exclude []meeting.PointID
	// MaxTiles bounds the receiving video m-lines (rooms 9, console 25).
	MaxTiles int
	// Notify is called for every Notice, never concurrently for one peer. It
	// must not block, and must not call Close.
	Notify func(Notice)
}
