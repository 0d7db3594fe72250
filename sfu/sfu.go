package sfu

import (
	"log/slog"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Config is what an SFU needs to run.
type Config struct {
	// Port is the one UDP and TCP port of all media; 0 takes a free one.
	Port int
	// Addrs are the IP addresses announced as ICE candidates; empty means
	// every address of the host's interfaces, loopback included.
	Addrs []string
	// Log receives events; nil discards them.
	Log *slog.Logger
}

// SFU carries the media of every meeting of this node.
type SFU struct{}

// New opens the media port and returns a running SFU.
func New(cfg Config) (*SFU, error) { panic("sfu: being built") }

// Port is the media port in use.
func (s *SFU) Port() int { panic("sfu: being built") }

// Carry makes reality match the plan. It never blocks; carrying a plan twice is carrying it once.
func (s *SFU) Carry(id meeting.ID, plan *meeting.Plan) { panic("sfu: being built") }

// End drops a meeting and every peer of it.
func (s *SFU) End(id meeting.ID) { panic("sfu: being built") }

// Close closes every peer and the port, and waits.
func (s *SFU) Close() error { panic("sfu: being built") }

// Slots is which source each receiving m-line of a peer is for.
type Slots struct {
	Video  []meeting.SourceKey
	Voices []meeting.SourceKey
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
}

// Demand says which of the peer's own pictures anybody watches.
type Demand struct{ Camera, Content bool }

// PeerConfig describes one client's media session.
type PeerConfig struct {
	Meeting meeting.ID
	// Point is whose sources the client may publish and whose view it gets;
	// empty for an observer or controller, who get everyone's view.
	Point meeting.PointID
	// Publish allows sending m-lines. At most one peer of a point may publish.
	Publish bool
	// MaxTiles bounds the receiving video m-lines (rooms 9, console 25).
	MaxTiles int
	// Notify is called for every Notice, never concurrently for one peer. It must not block.
	Notify func(Notice)
}

// Peer is one client's PeerConnection.
type Peer struct{}

// Join adds a client to a meeting. It has no media until Offer.
func (s *SFU) Join(cfg PeerConfig) (*Peer, error) { panic("sfu: being built") }

// Offer takes the client's SDP offer, the first or an ICE restart, and gives the answer.
func (p *Peer) Offer(sdp string) (answer string, err error) { panic("sfu: being built") }

// Watch sets the private look: the points whose cameras this peer is sent
// besides its view, at most 25, as a whole set.
func (p *Peer) Watch(points []meeting.PointID) { panic("sfu: being built") }

// Close ends the session and waits for its goroutines.
func (p *Peer) Close() error { panic("sfu: being built") }
