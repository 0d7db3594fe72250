package wire

import "github.com/giaoban/giaoban/internal/meeting"

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

	Banners   []BannerView       `json:"banners,omitempty"`   // what this client reads over its picture, the closest audience first; a controller: all
	Messages  *MessagesView      `json:"messages,omitempty"`  // between officers and controllers
	Incidents []IncidentView     `json:"incidents,omitempty"` // newest first; a point: its own
	Programme *ProgrammeView     `json:"programme,omitempty"` // chair and controllers
	RollCall  *RollCallView      `json:"rollcall,omitempty"`  // chair, controllers, operators; once there was one
	Control   *ControlView       `json:"control,omitempty"`   // controllers only, like the following
	Rotation  *RotationView      `json:"rotation,omitempty"`
	Saved     []SavedView        `json:"saved,omitempty"`
	Undo      []meeting.Audience `json:"undo,omitempty"`     // whose last take can be undone
	Capacity  []CapacityView     `json:"capacity,omitempty"` // layouts that some room cannot show whole
	Nodes     []NodeView         `json:"nodes,omitempty"`    // of a tree: the line above this node first, then the nodes below it
}

// The words of MeetingView.Status and TileView.Note.
const (
	StatusOpen    = "open"
	StatusEnded   = "ended"
	NoteAbsent    = "absent"
	NoteLost      = "lost"
	NoteCameraOff = "camera-off"
	NoteCodec     = "codec"   // this client cannot decode it
	NoteWeak      = "weak"    // the client's line has no room for it
	NoteUnbegun   = "unbegun" // it is sent, but no picture with which a viewer can begin
)

// MeetingView is the meeting the client is called to. Status is "open" or "ended".
type MeetingView struct {
	ID           meeting.ID      `json:"id"`
	Title        string          `json:"title"`
	HostUnit     string          `json:"hostUnit"`
	System       string          `json:"system,omitempty"`
	Status       string          `json:"status"`
	Phase        meeting.Phase   `json:"phase"`
	StartsAtMs   int64           `json:"startsAtMs"`
	LobbyAtMs    int64           `json:"lobbyAtMs,omitempty"`    // when the lobby opens by itself; 0: the meeting has none
	DueAtMs      int64           `json:"dueAtMs,omitempty"`      // a point that connects after this is late (Art 7.1)
	StartedAtMs  int64           `json:"startedAtMs,omitempty"`  // opened
	ClosingAtMs  int64           `json:"closingAtMs,omitempty"`  // closing checks began
	ReleasedAtMs int64           `json:"releasedAtMs,omitempty"` // every point may leave
	EndedAtMs    int64           `json:"endedAtMs,omitempty"`
	Locked       bool            `json:"locked,omitempty"`
	ChairPoint   meeting.PointID `json:"chairPoint"`
	Points       int             `json:"points"`             // invited
	Present      int             `json:"present"`            // connected now
	Finished     int             `json:"finished,omitempty"` // closing checks done
	// UnwrittenSinceMs is since when the meeting's log cannot be written: every
	// microphone is closed, and only what closes more is taken.
	UnwrittenSinceMs int64  `json:"unwrittenSinceMs,omitempty"`
	Above            string `json:"above,omitempty"` // the node above, by name, while the link to it is lost: nothing of the meeting changes
}

// IdleView replaces every other section while there is no meeting.
type IdleView struct {
	NextTitle    string       `json:"nextTitle,omitempty"`
	NextHost     string       `json:"nextHost,omitempty"` // Đơn vị chủ trì
	NextAtMs     int64        `json:"nextAtMs,omitempty"`
	LobbyAtMs    int64        `json:"lobbyAtMs,omitempty"` // when its lobby opens by itself
	InUse        bool         `json:"inUse,omitempty"`     // the point is in use on another device; this one waits
	Asked        bool         `json:"asked,omitempty"`     // and has asked to take over, or to be let in
	Why          meeting.Code `json:"why,omitempty"`       // why the meeting does not take the point in yet
	SummonedAtMs int64        `json:"summonedAtMs,omitempty"`
	SystemName   string       `json:"systemName,omitempty"`
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
	Point     meeting.PointID  `json:"point"`
	Name      string           `json:"name"`
	Presence  meeting.Presence `json:"presence"`
	Mic       MicState         `json:"mic"`
	Place     int              `json:"place,omitempty"`   // in the queue, from 1
	SinceMs   int64            `json:"sinceMs,omitempty"` // of Mic
	Delegate  string           `json:"delegate,omitempty"`
	Subject   string           `json:"subject,omitempty"`
	EndsAtMs  int64            `json:"endsAtMs,omitempty"` // of its turn; 0: no limit
	Closes    bool             `json:"closes,omitempty"`   // and then its microphone closes
	Check     bool             `json:"check,omitempty"`    // a technical check: the controllers alone hear it
	Turn      int              `json:"turn,omitempty"`     // in the speaking order: 1 is the next
	CameraOff bool             `json:"cameraOff,omitempty"`
	Content   MicState         `json:"content"`            // of the content floor: off, asked, invited, on
	SoundOff  bool             `json:"soundOff,omitempty"` // of its presentation
	Chair     bool             `json:"chair,omitempty"`
	Denied    uint64           `json:"denied,omitempty"` // rises by one each time the chair said "not now"
	MayAsk    bool             `json:"mayAsk"`           // the mode takes requests
	MayShow   bool             `json:"mayShow"`          // and the content floor does
	MayLeave  bool             `json:"mayLeave,omitempty"`
	Finished  bool             `json:"finished,omitempty"` // its closing check is done
	Simulated bool             `json:"simulated,omitempty"`
	Support   *ContactView     `json:"support,omitempty"` // whom to call
	Checked   *CheckedView     `json:"checked,omitempty"` // its newest point check
}

// RosterRow is one point. Rooms get only the rows they are shown; what the
// second part holds is for controllers and operators.
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
	Asking    bool             `json:"asking,omitempty"` // a second device asks to take over, or a point to be let in

	Tier         string          `json:"tier,omitempty"`
	System       string          `json:"system,omitempty"`
	Feed         bool            `json:"feed,omitempty"`     // a relay source (Art 5.4.a): no room
	AutoOpen     bool            `json:"autoOpen,omitempty"` // its grant opens its microphone (D1)
	LostWhy      meeting.LostWhy `json:"lostWhy,omitempty"`
	FirstAtMs    int64           `json:"firstAtMs,omitempty"` // first connected (Art 7.1)
	Late         bool            `json:"late,omitempty"`      // and that was after it was due
	Joins        int             `json:"joins,omitempty"`
	LeftAtMs     int64           `json:"leftAtMs,omitempty"`  // last there, while it is absent
	Left         bool            `json:"left,omitempty"`      // it left, and was not lost
	LeftEarly    bool            `json:"leftEarly,omitempty"` // without release (Art 9.2.c)
	Admitted     bool            `json:"admitted,omitempty"`  // let in, and not here yet
	SummonedAtMs int64           `json:"summonedAtMs,omitempty"`
	MayLeave     bool            `json:"mayLeave,omitempty"`
	FinishedAtMs int64           `json:"finishedAtMs,omitempty"` // closing check done (Art 9.2.e)
	Incident     meeting.Seq     `json:"incident,omitempty"`     // its open incident
	Denied       uint64          `json:"denied,omitempty"`
	Card         *CardView       `json:"card,omitempty"`    // from the catalogue
	Checked      *CheckedView    `json:"checked,omitempty"` // its newest point check
}

// CheckedView is a point's newest point check (Kiểm tra điểm cầu, Art 8.2.a).
type CheckedView struct {
	Check meeting.Check `json:"check"`
	AtMs  int64         `json:"atMs"`
	By    meeting.Role  `json:"by"` // room or focal
}

// CardView is who looks after a point (Art 2.5, 2.6).
type CardView struct {
	Unit         string        `json:"unit,omitempty"`
	Room         string        `json:"room,omitempty"`
	Officers     []ContactView `json:"officers,omitempty"`
	Carrier      string        `json:"carrier,omitempty"`
	CarrierPhone string        `json:"carrierPhone,omitempty"`
	Circuit      string        `json:"circuit,omitempty"`
}

// ContactView is a person to call.
type ContactView struct {
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"`
	Email string `json:"email,omitempty"`
}

// FloorView is the speech floor and the queue, oldest request first. Only
// chair and controller get Requests whole; a room gets the holders everyone hears.
type FloorView struct {
	Mode          meeting.Mode   `json:"mode"`
	Limit         int            `json:"limit"`
	TurnMinutes   int            `json:"turnMinutes,omitempty"` // of a turn without a limit of its own; 0: none
	AtZero        meeting.AtZero `json:"atZero"`                // what the end of a turn does
	ContentLocked bool           `json:"contentLocked,omitempty"`
	Feed          *FeedView      `json:"feed,omitempty"` // the relay source that is heard
	Requests      []RequestView  `json:"requests"`
}

// FeedView is the relay source that is heard (Nguồn chuyển tiếp, Art 5.4.a).
// By which order is for the chair and controllers.
type FeedView struct {
	Point      meeting.PointID `json:"point"`
	Who        string          `json:"who,omitempty"`
	Document   string          `json:"document,omitempty"`
	OpenedAtMs int64           `json:"openedAtMs"`
}

// RequestView is one live request. Note and Deferred are for the chair's side.
type RequestView struct {
	Point       meeting.PointID      `json:"point"`
	Floor       meeting.Floor        `json:"floor"`
	State       meeting.RequestState `json:"state"`
	Mic         MicState             `json:"mic"`
	AskedAtMs   int64                `json:"askedAtMs"`
	GrantedAtMs int64                `json:"grantedAtMs,omitempty"`
	EndsAtMs    int64                `json:"endsAtMs,omitempty"`    // of the turn
	ByDirection bool                 `json:"byDirection,omitempty"` // "theo chỉ đạo của Chủ trì"
	Check       bool                 `json:"check,omitempty"`       // a technical check
	Delegate    string               `json:"delegate,omitempty"`
	Subject     string               `json:"subject,omitempty"`
	Note        string               `json:"note,omitempty"`     // the controller's
	Deferred    bool                 `json:"deferred,omitempty"` // "Để sau"
	SoundOff    bool                 `json:"soundOff,omitempty"` // of a presentation
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
	Note   string            `json:"note,omitempty"` // "absent", "lost", "camera-off", "codec", "weak", "unbegun"
	Sim    bool              `json:"sim,omitempty"`
	Mic    MicState          `json:"mic,omitempty"`
}

// SlotsView says which source each of the client's receiving m-lines is for,
// in the order of its offer: video slots, then voices. "" is an idle slot.
type SlotsView struct {
	Video  []meeting.SourceKey `json:"video"`
	Voices []meeting.SourceKey `json:"voices"`
}
