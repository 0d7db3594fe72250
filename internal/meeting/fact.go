package meeting

import "time"

// Fact is something that happened. The set is sealed and append-only: a fact
// once written is readable for ever (event.go).
type Fact interface {
	fact() string                   // its stable name in journals and on links
	fold(m *Meeting, e Event) error // checks it against the state, then carries it out
}

// Why says what ended a request, a grant or a device's hold on its point.
type Why string

// The reasons in facts.
const (
	WhyOwn       Why = "own"       // the point itself withdrew
	WhyCut       Why = "cut"       // the chair's side cut it (Ngắt micro)
	WhyNext      Why = "next"      // the floor went to the next speaker
	WhyMode      Why = "mode"      // the new mode has no place for it
	WhyAll       Why = "all"       // all microphones were closed
	WhyLost      Why = "lost"      // the point stayed away, or its place was needed meanwhile
	WhyTakeover  Why = "takeover"  // another device took the point over
	WhyConfirmed Why = "confirmed" // a controller confirmed the other device
	WhySimulated Why = "simulated" // a simulated device gave way to a real one
	WhyEnded     Why = "ended"     // the meeting ended
	WhyTime      Why = "time"      // the speaker's time was over
	WhyStarted   Why = "started"   // the meeting opened; technical checks end
	WhyMoved     Why = "moved"     // another point became the chair point
	WhyLeft      Why = "left"      // the point left the meeting
	WhyRejoined  Why = "rejoined"  // the island's link is back
)

// Facts of the meeting and its roster.
type (
	// MeetingCreated is the first fact of every log.
	MeetingCreated struct {
		Title      string    `json:"title"`
		HostUnit   string    `json:"hostUnit"`
		System     string    `json:"system"`
		ChairPoint PointID   `json:"chairPoint"`
		StartsAt   time.Time `json:"startsAt,omitzero"`
		Points     []Point   `json:"points"`

		LobbyMinutes   int  `json:"lobbyMinutes,omitempty"`   // 0: no lobby. Since version 2, as is Point.Tier and Point.System
		ReadmitByClick bool `json:"readmitByClick,omitempty"` // since version 2

		Home NodePath `json:"home,omitempty"` // the node that leads. Since version 3, as is Point.Node
	}
	// MeetingEnded closes the log to commands. Every grant was revoked before it.
	MeetingEnded struct {
		Why Why `json:"why,omitempty"` // WhyRejoined for an island. Since version 2
	}
	// PointConnected says that a device brought its point into the meeting.
	// Resumed: the seat was held for this device.
	PointConnected struct {
		Point     PointID `json:"point"`
		Device    string  `json:"device"`
		Media     string  `json:"media,omitempty"` // its media session. Since version 2
		Simulated bool    `json:"simulated,omitempty"`
		Resumed   bool    `json:"resumed,omitempty"`
	}
	// PointLost opens the absence window: the microphone is off, seat and grant are held.
	PointLost struct {
		Point  PointID `json:"point"`
		Device string  `json:"device"`
		Why    LostWhy `json:"why"`
	}
	// PointFreed ends the absence window: the seat is free.
	PointFreed struct {
		Point PointID `json:"point"`
	}
	// TakeoverAsked says that a second device asks for a point in use.
	TakeoverAsked struct {
		Point  PointID `json:"point"`
		Device string  `json:"device"`
	}
	// PointTakenOver reserves the seat for another device, which has the
	// absence window to connect. From is the device that had it.
	PointTakenOver struct {
		Point  PointID `json:"point"`
		Device string  `json:"device"`
		From   string  `json:"from"`
		Why    Why     `json:"why"`
	}
)

// Facts of the two floors (RFC 8855 §4.1).
type (
	// FloorRequested puts a point in the queue.
	FloorRequested struct {
		Floor    Floor   `json:"floor"`
		Point    PointID `json:"point"`
		Delegate string  `json:"delegate,omitempty"` // since version 2
		Subject  string  `json:"subject,omitempty"`  // since version 2
	}
	// FloorCancelled takes a waiting request out of the queue.
	FloorCancelled struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
		Why   Why     `json:"why"`
	}
	// FloorDenied answers a waiting request with "not now".
	FloorDenied struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
	}
	// FloorGranted turns a waiting request into a grant, with its audio slot.
	FloorGranted struct {
		Floor    Floor    `json:"floor"`
		Point    PointID  `json:"point"`
		Audience Audience `json:"audience,omitempty"`
		Voice    int      `json:"voice"`
		Minutes  int      `json:"minutes,omitempty"` // the speaker's time; 0 is no limit. Since version 2
		Silent   bool     `json:"silent,omitempty"`  // of content: its sound is off until the presenter switches it on. Since version 3
	}
	// FloorRevoked ends a grant from the chair's side.
	FloorRevoked struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
		Why   Why     `json:"why"`
	}
	// FloorReleased ends a grant from the holder's side.
	FloorReleased struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
	}
	// ModeSet changes how many may hold the speech floor besides the chair point.
	ModeSet struct {
		Mode  Mode `json:"mode"`
		Limit int  `json:"limit"`
	}
)

// Facts of a room's own switches and of the picture.
type (
	// SwitchedOn says that the room opened its microphone under its grant, for
	// the media session it pressed OK on and no other.
	SwitchedOn struct {
		Point PointID `json:"point"`
		Media string  `json:"media,omitempty"` // since version 2
	}
	// SwitchedOff says that the room closed its microphone and keeps its grant.
	SwitchedOff struct {
		Point PointID `json:"point"`
	}
	// CameraSet says that the room switched its camera.
	CameraSet struct {
		Point PointID `json:"point"`
		On    bool    `json:"on"`
	}
	// LayoutSet gives an audience its picture.
	LayoutSet struct {
		Audience Audience `json:"audience"`
		Layout   Layout   `json:"layout"`
	}
	// LayoutCleared returns an audience to everyone's picture.
	LayoutCleared struct {
		Audience Audience `json:"audience"`
	}
)

func (MeetingCreated) fact() string { return "meeting.created" }
func (MeetingEnded) fact() string   { return "meeting.ended" }
func (PointConnected) fact() string { return "point.connected" }
func (PointLost) fact() string      { return "point.lost" }
func (PointFreed) fact() string     { return "point.freed" }
func (TakeoverAsked) fact() string  { return "point.takeoverAsked" }
func (PointTakenOver) fact() string { return "point.takenOver" }
func (FloorRequested) fact() string { return "floor.requested" }
func (FloorCancelled) fact() string { return "floor.cancelled" }
func (FloorDenied) fact() string    { return "floor.denied" }
func (FloorGranted) fact() string   { return "floor.granted" }
func (FloorRevoked) fact() string   { return "floor.revoked" }
func (FloorReleased) fact() string  { return "floor.released" }
func (ModeSet) fact() string        { return "floor.modeSet" }
func (SwitchedOn) fact() string     { return "mic.switchedOn" }
func (SwitchedOff) fact() string    { return "mic.switchedOff" }
func (CameraSet) fact() string      { return "camera.set" }
func (LayoutSet) fact() string      { return "layout.set" }
func (LayoutCleared) fact() string  { return "layout.cleared" }

func (f MeetingCreated) fold(m *Meeting, _ Event) error { return m.applyCreated(f) }
func (f MeetingEnded) fold(m *Meeting, e Event) error   { return m.applyEnded(e, f) }
func (f PointConnected) fold(m *Meeting, e Event) error { return m.applyConnected(e, f) }
func (f PointLost) fold(m *Meeting, e Event) error      { return m.applyLost(e, f) }
func (f PointFreed) fold(m *Meeting, e Event) error     { return m.applyFreed(e, f) }
func (f TakeoverAsked) fold(m *Meeting, _ Event) error  { return m.applyTakeoverAsked(f) }
func (f PointTakenOver) fold(m *Meeting, e Event) error { return m.applyTakenOver(e, f) }
func (f FloorRequested) fold(m *Meeting, e Event) error { return m.applyRequested(e, f) }
func (f FloorCancelled) fold(m *Meeting, _ Event) error { return m.endWaiting(f.Point, f.Floor) }
func (f FloorDenied) fold(m *Meeting, _ Event) error    { return m.applyDenied(f) }
func (f FloorGranted) fold(m *Meeting, e Event) error   { return m.applyGranted(e, f) }
func (f FloorRevoked) fold(m *Meeting, e Event) error {
	return m.endGrant(e, f.Point, f.Floor, f.Why)
}
func (f FloorReleased) fold(m *Meeting, e Event) error {
	return m.endGrant(e, f.Point, f.Floor, WhyOwn)
}
func (f ModeSet) fold(m *Meeting, _ Event) error       { return m.applyMode(f) }
func (f SwitchedOn) fold(m *Meeting, e Event) error    { return m.applySwitchedOn(e, f) }
func (f SwitchedOff) fold(m *Meeting, _ Event) error   { return m.applySwitchedOff(f) }
func (f CameraSet) fold(m *Meeting, e Event) error     { return m.applyCamera(e, f) }
func (f LayoutSet) fold(m *Meeting, e Event) error     { return m.applyLayout(e, f) }
func (f LayoutCleared) fold(m *Meeting, _ Event) error { return m.applyLayoutCleared(f) }
