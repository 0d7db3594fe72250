package meeting

import "time"

// Role is what an actor may do; rights.go has the table.
type Role string

// The roles of a meeting. RoleNode is the server itself: presence and time.
const (
	RoleChair      Role = "chair"
	RoleController Role = "controller"
	RoleRoom       Role = "room"
	RoleFocal      Role = "focal" // the point's officer with a phone or laptop, no media (Art 2.5)
	RoleObserver   Role = "observer"
	RoleOperator   Role = "operator" // runs the system (Art 6)
	RoleCarrier    Role = "carrier"  // links and incidents only (Art 16.2)
	RoleNode       Role = "node"
)

// Actor is who gave a command. The server stamps it; a client never does.
type Actor struct {
	Role  Role    `json:"role"`
	Point PointID `json:"point,omitempty"` // the actor's own point: a room's, or the chair point of a chair's tablet, who has no right without it
	Name  string  `json:"name,omitempty"`
	// Node is where the actor signed in, if the meeting is led elsewhere: a
	// node below keeps the rights of repair only (rights.go).
	Node NodePath `json:"node,omitempty"`
}

// Cause identifies the request behind a command, so that a retry is answered
// again without being carried out again.
type Cause struct {
	Session string `json:"session,omitempty"`
	ID      uint64 `json:"id,omitempty"`
	// Command is the CommandDigest of the request. The leader writes it; on its
	// way there is none.
	Command string `json:"command,omitempty"`
}

// Floor is one of the two floors of a meeting (RFC 8855 §3.1).
type Floor string

// The two floors.
const (
	FloorSpeech  Floor = "speech"
	FloorContent Floor = "content"
)

// Mode is how the speech floor is handed out.
type Mode string

// The three modes: Chỉ chủ trì, Từng điểm cầu phát biểu, Thảo luận.
const (
	ModeChairOnly  Mode = "chair-only"
	ModeOneByOne   Mode = "one-by-one"
	ModeDiscussion Mode = "discussion"
)

// LostWhy is why a point is no longer present.
type LostWhy string

// The ways to lose a point. Media and Socket open the 60 s window; so does Reload.
const (
	LostMedia  LostWhy = "media"
	LostSocket LostWhy = "socket"
	LostReload LostWhy = "reload"
	LostNode   LostWhy = "node" // the server restarted
	LostLink   LostWhy = "link" // between the servers of two tiers
)

// Command is a request to change a meeting. Decide judges it. The set is
// sealed; CommandName gives the name on the wire.
type Command interface{ command() string }

// A command is for the whole meeting or for one point; either judges itself.
type (
	meetingCommand interface {
		decide(m *Meeting, at moment) ([]Fact, error)
	}
	pointCommand interface {
		target() PointID // empty: the actor's own
		decideFor(m *Meeting, at moment, p *PointState) ([]Fact, error)
	}
)

// moment is when and by whom a command is given.
type moment struct {
	now time.Time
	by  Actor
}

// Commands. A Point left empty means the actor's own.
type (
	// CreateMeeting is the first command of a meeting's life.
	CreateMeeting struct {
		Title      string    `json:"title"`
		HostUnit   string    `json:"hostUnit"`
		System     string    `json:"system"`
		ChairPoint PointID   `json:"chairPoint"`
		StartsAt   time.Time `json:"startsAt"`
		Points     []Point   `json:"points"`

		LobbyMinutes   int  `json:"lobbyMinutes,omitempty"`   // how long before StartsAt the lobby opens (Art 7.1: 90); 0: no lobby, open at once
		ReadmitByClick bool `json:"readmitByClick,omitempty"` // who was away returns by a controller's click, else by itself (D3)

		Home NodePath `json:"home,omitempty"` // the node that leads; every Point.Node is below it, or it
	}
	// EndMeeting closes every gate and ends the meeting.
	EndMeeting struct{}

	// Connect says that a point's device is here with a live session. A
	// simulated device gives way to a real one at once.
	Connect struct {
		Point     PointID `json:"point"`
		Device    string  `json:"device"`
		Media     string  `json:"media,omitempty"` // names the media session (one PeerConnection) it sends by
		Simulated bool    `json:"simulated,omitempty"`
	}
	// Lose says that a connected device is gone or its media is. It changes
	// nothing unless that device has the point.
	Lose struct {
		Point  PointID `json:"point"`
		Device string  `json:"device"`
		Why    LostWhy `json:"why"`
	}
	// AskTakeover is a second device asking for a point that is in use.
	AskTakeover struct {
		Point  PointID `json:"point"`
		Device string  `json:"device"`
	}
	// AllowTakeover reserves the point for the device that asked: it is then
	// lost and held for that device, which connects within AbsenceWindow.
	AllowTakeover struct {
		Point PointID `json:"point"`
	}

	// RequestFloor asks for a floor.
	RequestFloor struct {
		Floor    Floor   `json:"floor"`
		Point    PointID `json:"point,omitempty"`
		Delegate string  `json:"delegate,omitempty" max:"800"` // who will speak; one line of 200 runes
		Subject  string  `json:"subject,omitempty" max:"800"`  // on what; likewise
	}
	// CancelRequest withdraws one's pending or accepted request.
	CancelRequest struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point,omitempty"`
	}
	// GrantFloor invites a point, asked or not.
	GrantFloor struct {
		Floor    Floor    `json:"floor"`
		Point    PointID  `json:"point"`
		Audience Audience `json:"audience,omitempty"` // "" is everyone; AudienceControllers a technical check
		Minutes  int      `json:"minutes,omitempty"`  // the speaker's time; 0: as the programme or the meeting says
	}
	// DenyFloor answers a request with "not now".
	DenyFloor struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
	}
	// RevokeFloor takes a granted floor back (Ngắt micro).
	RevokeFloor struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point"`
	}
	// ReleaseFloor gives one's own floor back (Kết thúc phát biểu).
	ReleaseFloor struct {
		Floor Floor   `json:"floor"`
		Point PointID `json:"point,omitempty"`
	}
	// GiveFloor is one act: the point is shown to everyone and invited, all
	// others but the chair are closed (Mời và đưa lên hình).
	GiveFloor struct {
		Point PointID `json:"point"`
	}
	// CloseAll revokes every speech floor but the chair point's.
	CloseAll struct{}
	// SetMode changes how the speech floor is handed out. Limit counts for
	// ModeDiscussion only: 2 or 3.
	SetMode struct {
		Mode  Mode `json:"mode"`
		Limit int  `json:"limit,omitempty"`
	}
	// SwitchOn is the room pressing OK. The chair's is its own request, grant and switch in one.
	// Media is the media session it was pressed on, which the server writes in.
	SwitchOn struct {
		Point PointID `json:"point,omitempty"`
		Media string  `json:"media,omitempty"`
	}
	// SwitchOff closes one's own microphone and keeps the floor.
	SwitchOff struct {
		Point PointID `json:"point,omitempty"`
	}
	// SetCamera switches one's own camera on or off.
	SetCamera struct {
		Point PointID `json:"point,omitempty"`
		On    bool    `json:"on"`
	}

	// SetLayout decides what an audience sees (Lên hình).
	SetLayout struct {
		Audience Audience `json:"audience"`
		Layout   Layout   `json:"layout"`
	}
	// ClearLayout returns an audience other than "all" to everyone's view.
	ClearLayout struct {
		Audience Audience `json:"audience"`
	}
)

func (CreateMeeting) command() string { return "meeting.create" }
func (EndMeeting) command() string    { return "meeting.end" }
func (Connect) command() string       { return "point.connect" }
func (Lose) command() string          { return "point.lose" }
func (AskTakeover) command() string   { return "point.askTakeover" }
func (AllowTakeover) command() string { return "point.allowTakeover" }
func (RequestFloor) command() string  { return "floor.request" }
func (CancelRequest) command() string { return "floor.cancel" }
func (GrantFloor) command() string    { return "floor.grant" }
func (DenyFloor) command() string     { return "floor.deny" }
func (RevokeFloor) command() string   { return "floor.revoke" }
func (ReleaseFloor) command() string  { return "floor.release" }
func (GiveFloor) command() string     { return "floor.give" }
func (CloseAll) command() string      { return "floor.closeAll" }
func (SetMode) command() string       { return "floor.mode" }
func (SwitchOn) command() string      { return "mic.on" }
func (SwitchOff) command() string     { return "mic.off" }
func (SetCamera) command() string     { return "camera.set" }
func (SetLayout) command() string     { return "layout.set" }
func (ClearLayout) command() string   { return "layout.clear" }

func (c Connect) target() PointID       { return c.Point }
func (c Lose) target() PointID          { return c.Point }
func (c AskTakeover) target() PointID   { return c.Point }
func (c AllowTakeover) target() PointID { return c.Point }
func (c RequestFloor) target() PointID  { return c.Point }
func (c CancelRequest) target() PointID { return c.Point }
func (c GrantFloor) target() PointID    { return c.Point }
func (c DenyFloor) target() PointID     { return c.Point }
func (c RevokeFloor) target() PointID   { return c.Point }
func (c ReleaseFloor) target() PointID  { return c.Point }
func (c GiveFloor) target() PointID     { return c.Point }
func (c SwitchOn) target() PointID      { return c.Point }
func (c SwitchOff) target() PointID     { return c.Point }
func (c SetCamera) target() PointID     { return c.Point }

func (c Connect) decideFor(m *Meeting, at moment, p *PointState) ([]Fact, error) {
	return m.connect(at.now, p, c)
}
func (c Lose) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) { return m.lose(p, c) }
func (c AskTakeover) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	return m.askTakeover(p, c)
}
func (AllowTakeover) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	return m.allowTakeover(p)
}
func (c RequestFloor) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	return m.requestFloor(p, c)
}
func (c CancelRequest) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	return m.cancelRequest(p, c.Floor)
}
func (c GrantFloor) decideFor(m *Meeting, at moment, p *PointState) ([]Fact, error) {
	return m.grantFloor(at, p, c)
}
func (c DenyFloor) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	return m.denyFloor(p, c.Floor)
}
func (c RevokeFloor) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	return m.revokeFloor(p, c.Floor)
}
func (c ReleaseFloor) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	return m.releaseFloor(p, c.Floor)
}
func (GiveFloor) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	return m.giveFloor(p)
}
func (c SwitchOn) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	return m.switchOn(p, c.Media)
}
func (SwitchOff) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	return m.switchOff(p), nil
}
func (c SetCamera) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	return m.setCamera(p, c.On), nil
}

func (EndMeeting) decide(m *Meeting, _ moment) ([]Fact, error)    { return m.end(), nil }
func (CloseAll) decide(m *Meeting, _ moment) ([]Fact, error)      { return m.closeAll(), nil }
func (c SetMode) decide(m *Meeting, _ moment) ([]Fact, error)     { return m.setMode(c) }
func (c SetLayout) decide(m *Meeting, _ moment) ([]Fact, error)   { return m.setLayout(c) }
func (c ClearLayout) decide(m *Meeting, _ moment) ([]Fact, error) { return m.clearLayout(c) }

// CommandName is the command's stable name in bridge.v1 and the HTTP API.
func CommandName(c Command) string { return c.command() }
