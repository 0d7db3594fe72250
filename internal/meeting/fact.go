package meeting

import "time"

// Fact is something that happened. The set is sealed and append-only: a fact
// once written is readable for ever (event.go).
type Fact interface {
	fact() string // its stable name in journals and on links
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
	}
	// MeetingEnded closes the log to commands. Every grant was revoked before it.
	MeetingEnded struct{}
	// PointConnected says that a device brought its point into the meeting.
	// Resumed: the seat was held for this device.
	PointConnected struct {
		Point     PointID `json:"point"`
		Device    string  `json:"device"`
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
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
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
	// SwitchedOn says that the room opened its microphone under its grant.
	SwitchedOn struct {
		Point PointID `json:"point"`
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
