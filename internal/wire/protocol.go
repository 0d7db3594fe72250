package wire

import (
	"encoding/json"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Subprotocol is the WebSocket subprotocol of this file.
const Subprotocol = "bridge.v1"

// Envelope is every frame in both directions. T names the message; ID is the
// client's number for a message that wants an answer, Re the number answered;
// Seq is the log position a view or answer reflects.
type Envelope struct {
	T   string          `json:"t"`
	ID  uint64          `json:"id,omitempty"`
	Re  uint64          `json:"re,omitempty"`
	Seq meeting.Seq     `json:"seq,omitempty"`
	D   json.RawMessage `json:"d,omitempty"`
}

// Hello is the client's first message ("hello").
type Hello struct {
	Token     string `json:"token"`
	Device    string `json:"device" max:"64"`     // random, kept by the page; the same over reloads
	MaxTiles  int    `json:"maxTiles,omitempty"`  // how many pictures the page decodes at most
	Resume    string `json:"resume,omitempty"`    // the session whose PeerConnection the page still holds
	Simulated bool   `json:"simulated,omitempty"` // a bot plays the point; it gives way to a real device

	// What a page that only shows a picture chooses to show; see meeting.Screen.
	Audience meeting.Audience  `json:"audience,omitempty"`
	Exclude  []meeting.PointID `json:"exclude,omitempty"`
	Part     meeting.Part      `json:"part,omitempty"`
}

// Welcome answers Hello ("welcome").
type Welcome struct {
	You     You    `json:"you"`
	Session string `json:"session"`
	Limits  Limits `json:"limits"`
	NowMs   int64  `json:"nowMs"` // the server's clock, Unix milliseconds
	Version string `json:"version"`
	ICEPort int    `json:"icePort"`           // the one media port, for the sentence that says it is blocked
	Resumed bool   `json:"resumed,omitempty"` // the PeerConnection of Hello.Resume goes on; else the page offers anew
	Pin     bool   `json:"pin,omitempty"`     // the settings of a room's page ask for the operator's PIN
}

// You says who the server takes the client for.
type You struct {
	Role  meeting.Role    `json:"role"`
	Point meeting.PointID `json:"point,omitempty"`
	Name  string          `json:"name,omitempty"`
}

// Limits are what the server accepts from this client.
type Limits struct {
	MaxTiles   int `json:"maxTiles"`
	Voices     int `json:"voices"`
	FrameBytes int `json:"frameBytes"`
	Watch      int `json:"watch"`
}

// MediaOffer carries the client's SDP offer ("media.offer"). The k-th sending
// m-line is camera, microphone, content, content-sound, in this order;
// receiving m-lines follow: the video slots, then the voices.
type MediaOffer struct {
	SDP string `json:"sdp" max:"200000"` // bytes
}

// MediaAnswer answers MediaOffer ("media.answer").
type MediaAnswer struct {
	SDP string `json:"sdp"`
}

// MediaWatch is the whole set of points a controller looks at privately
// ("media.watch"); it is never journalled and ends with the session.
type MediaWatch struct {
	Points []meeting.PointID `json:"points"`
}

// Publish tells a client which of its sources anybody watches ("publish");
// the others it stops encoding. Layers are the rids of the camera's layers to
// encode, of q, h and f (RFC 8851); none means all it has.
type Publish struct {
	Camera  bool     `json:"camera"`
	Content bool     `json:"content"`
	Layers  []string `json:"layers,omitempty"`
}

// Gate tells a client that its own source's gate was set at the ingress ("gate").
type Gate struct {
	Source meeting.SourceKey `json:"source"`
	Open   bool              `json:"open"`
	Seq    meeting.Seq       `json:"seq"`
}

// SlotLive tells a client that a slot now carries a source, from the frame
// with this RTP timestamp on ("slot.live").
type SlotLive struct {
	Slot   int               `json:"slot"`
	Source meeting.SourceKey `json:"source"`
	RTPTS  uint32            `json:"rtpTs"`
}

// Tick is sent every two seconds ("tick"): the server's clock, and a sign of life.
type Tick struct {
	NowMs int64 `json:"nowMs"`
}

// Failure is the data of an "error" frame; Closed says the socket closes after it.
type Failure struct {
	Code   meeting.Code   `json:"code"`
	Args   map[string]any `json:"args,omitempty"`
	Closed bool           `json:"closed,omitempty"`
}
