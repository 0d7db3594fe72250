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

// View is what this client may know, in sections. A "view" frame carries the
// whole; a "patch" frame carries only the sections that changed, each whole,
// but for Roster, whose rows are replaced by key (null removes a row).
type View struct {
	Meeting *MeetingView                    `json:"meeting,omitempty"`
	Idle    *IdleView                       `json:"idle,omitempty"`
	Own     *OwnView                        `json:"own,omitempty"`
	Roster  map[meeting.PointID]*RosterRow  `json:"roster,omitempty"`
	Floor   *FloorView                      `json:"floor,omitempty"`
	Picture *PictureView                    `json:"picture,omitempty"` // what this client is shown
	Slots   *SlotsView                      `json:"slots,omitempty"`
	Layouts map[meeting.Audience]LayoutView `json:"layouts,omitempty"` // controllers only: what each audience is set to
}

// The words of MeetingView.Status and TileView.Note.
const (
	StatusOpen    = "open"
	StatusEnded   = "ended"
	NoteAbsent    = "absent"
	NoteLost      = "lost"
	NoteCameraOff = "camera-off"
)

// MeetingView is the meeting the client is called to. Status is "open" or "ended".
type MeetingView struct {
	ID         meeting.ID      `json:"id"`
	Title      string          `json:"title"`
	HostUnit   string          `json:"hostUnit"`
	Status     string          `json:"status"`
	StartsAtMs int64           `json:"startsAtMs"`
	ChairPoint meeting.PointID `json:"chairPoint"`
	Points     int             `json:"points"`  // invited
	Present    int             `json:"present"` // connected now
}

// IdleView replaces every other section while there is no meeting.
type IdleView struct {
	NextTitle  string       `json:"nextTitle,omitempty"`
	NextAtMs   int64        `json:"nextAtMs,omitempty"`
	InUse      bool         `json:"inUse,omitempty"` // the point is in use on another device; this one waits
	Asked      bool         `json:"asked,omitempty"` // and has asked to take over
	Why        meeting.Code `json:"why,omitempty"`   // why the meeting does not take the point in yet
	SystemName string       `json:"systemName,omitempty"`
}

// MicState is the state of a microphone in one word.
type MicState string

// The microphone states. "on" is permitted; the room shows "speaking" only
// when "gate" has confirmed it as well.
const (
	MicOff      MicState = "off"
	MicAsked    MicState = "asked"
	MicInvited  MicState = "invited"
	MicBack     MicState = "back" // reconnected with the grant held
	MicOn       MicState = "on"
	MicAccepted MicState = "accepted" // asked, and passed to the chair
)

// OwnView is the client's own point.
type OwnView struct {
	Point     meeting.PointID `json:"point"`
	Name      string          `json:"name"`
	Mic       MicState        `json:"mic"`
	Place     int             `json:"place,omitempty"`   // in the queue, from 1
	SinceMs   int64           `json:"sinceMs,omitempty"` // of Mic
	CameraOff bool            `json:"cameraOff,omitempty"`
	Content   MicState        `json:"content"` // of the content floor: off, asked, invited, on
	Chair     bool            `json:"chair,omitempty"`
	Denied    uint64          `json:"denied,omitempty"` // rises by one each time the chair said "not now"
	MayAsk    bool            `json:"mayAsk"`           // the mode takes requests
	Simulated bool            `json:"simulated,omitempty"`
}

// RosterRow is one point. Rooms get only the rows they are shown.
type RosterRow struct {
	ID        meeting.PointID  `json:"id"`
	Number    int              `json:"number"`
	Code      string           `json:"code"`
	Name      string           `json:"name"`
	Parent    string           `json:"parent,omitempty"`
	Presence  meeting.Presence `json:"presence"`
	SinceMs   int64            `json:"sinceMs,omitempty"`
	Mic       MicState         `json:"mic"`
	Place     int              `json:"place,omitempty"`
	CameraOff bool             `json:"cameraOff,omitempty"`
	Content   MicState         `json:"content,omitempty"`
	Chair     bool             `json:"chair,omitempty"`
	Simulated bool             `json:"simulated,omitempty"`
	Asking    bool             `json:"asking,omitempty"` // a second device asks to take over
}

// FloorView is the speech floor and the queue, oldest request first. Only
// chair and controller get Requests whole; a room gets the holders.
type FloorView struct {
	Mode     meeting.Mode  `json:"mode"`
	Limit    int           `json:"limit"`
	Requests []RequestView `json:"requests"`
}

// RequestView is one live request.
type RequestView struct {
	Point       meeting.PointID      `json:"point"`
	Floor       meeting.Floor        `json:"floor"`
	State       meeting.RequestState `json:"state"`
	Mic         MicState             `json:"mic"`
	AskedAtMs   int64                `json:"askedAtMs"`
	GrantedAtMs int64                `json:"grantedAtMs,omitempty"`
	ByDirection bool                 `json:"byDirection,omitempty"` // "theo chỉ đạo của Chủ trì"
}

// PictureView is the layout a client is shown, tile 0 the largest.
type PictureView struct {
	Layout meeting.LayoutKind `json:"layout"`
	Tiles  []TileView         `json:"tiles"`
}

// TileView is one tile: its source ("point/camera", "" blank) and its caption,
// which is server state and cannot be edited by a point.
type TileView struct {
	Source meeting.SourceKey `json:"source"`
	Name   string            `json:"name,omitempty"`
	Parent string            `json:"parent,omitempty"`
	Own    bool              `json:"own,omitempty"`  // shown from the local camera, no slot
	Note   string            `json:"note,omitempty"` // "absent", "lost", "camera-off"
	Sim    bool              `json:"sim,omitempty"`
	Mic    MicState          `json:"mic,omitempty"`
}

// SlotsView says which source each of the client's receiving m-lines is for,
// in the order of its offer: video slots, then voices. "" is an idle slot.
type SlotsView struct {
	Video  []meeting.SourceKey `json:"video"`
	Voices []meeting.SourceKey `json:"voices"`
}

// LayoutView is a set layout.
type LayoutView struct {
	Layout meeting.Layout `json:"layout"`
	Seq    meeting.Seq    `json:"seq"`
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
