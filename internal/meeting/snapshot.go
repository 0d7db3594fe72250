package meeting

import "time"

// SnapshotVersion is the version Snapshot writes. Restore refuses any other: an
// older fold knew less of the same facts, and the log is folded anew.
const SnapshotVersion = 4

// Snapshot is the whole state of a meeting as a value: a cache of the log's
// fold, and the read model views are built from. It shares nothing with the
// machine.
type Snapshot struct {
	Version    int                 `json:"version"`
	Seq        Seq                 `json:"seq"`
	ID         ID                  `json:"id"`
	Title      string              `json:"title"`
	HostUnit   string              `json:"hostUnit"`
	System     string              `json:"system"`
	ChairPoint PointID             `json:"chairPoint"`
	StartsAt   time.Time           `json:"startsAt"`
	EndedAt    time.Time           `json:"endedAt,omitzero"`
	Mode       Mode                `json:"mode"`
	Limit      int                 `json:"limit"` // how many may hold the speech floor besides the chair
	Points     []PointState        `json:"points"`
	Requests   []Request           `json:"requests"` // both floors; waiting ones in queue order, then granted ones, oldest first
	Voices     [Voices]VoiceState  `json:"voices"`
	Layouts    map[Audience]Layout `json:"layouts"`
	LayoutSeqs map[Audience]Seq    `json:"layoutSeqs"`         // the fact that set each layout
	Answered   map[string]Answered `json:"answered,omitempty"` // per session, for idempotent retries

	LobbyMinutes   int       `json:"lobbyMinutes,omitempty"` // how long before StartsAt the lobby opens; 0: no lobby
	ReadmitByClick bool      `json:"readmitByClick,omitempty"`
	OpenedAt       time.Time `json:"openedAt,omitzero"`   // the lobby
	StartedAt      time.Time `json:"startedAt,omitzero"`  // the meeting, if it has a lobby
	ClosingAt      time.Time `json:"closingAt,omitzero"`  // closing checks began
	ReleasedAt     time.Time `json:"releasedAt,omitzero"` // every point may leave
	Locked         bool      `json:"locked,omitempty"`
	Controlled     bool      `json:"controlled,omitempty"`    // somebody holds the control token:
	Control        string    `json:"control,omitempty"`       // the controller of this name
	ContentLocked  bool      `json:"contentLocked,omitempty"` // the controller alone hands out content

	Previous PointID                   `json:"previous,omitempty"` // the last point but the chair's whose speech grant ended
	Before   map[Audience]LayoutBefore `json:"before,omitempty"`   // for undo
	Saved    []SavedLayout             `json:"saved,omitempty"`
	Rotation Rotation                  `json:"rotation,omitzero"`
	Banners  []Banner                  `json:"banners,omitempty"`

	Feed     Feed     `json:"feed,omitzero"`     // the relay source that is heard
	RollCall RollCall `json:"rollCall,omitzero"` // Điểm danh

	Incidents []Incident `json:"incidents,omitempty"` // the newest maxIncidents
	Messages  []Message  `json:"messages,omitempty"`  // the newest maxMessages
	ReadUpTo  Seq        `json:"readUpTo,omitempty"`  // up to which message the controllers have read

	Home    NodePath `json:"home,omitempty"`    // the node that leads
	ForkOf  ID       `json:"forkOf,omitempty"`  // of an island: the meeting its link was lost to
	Islands []Island `json:"islands,omitempty"` // reported so far
	Relays  []Relay  `json:"relays,omitempty"`  // the orders on record

	Outages []Outage `json:"outages,omitempty"` // when the log could not be written; the newest maxOutages

	Programme   []ProgrammeEntry `json:"programme,omitempty"`   // Thứ tự phát biểu
	LastEntry   int              `json:"lastEntry,omitempty"`   // the largest id an entry ever had
	TurnMinutes int              `json:"turnMinutes,omitempty"` // of a turn without a limit of its own; 0 is none
	AtZero      AtZero           `json:"atZero,omitempty"`      // what the end of a turn does; "" warns
}

// Point is a bridge point as invited to a meeting.
type Point struct {
	ID       PointID `json:"id"`
	Number   int     `json:"number"` // what people say and type
	Code     string  `json:"code"`   // unit code of the statistics office
	Name     string  `json:"name"`   // caption, e.g. "UBND huyện Xín Mần"
	Parent   string  `json:"parent,omitempty"`
	Feed     bool    `json:"feed,omitempty"`     // a relay source (Art 5.4.a), no room
	AutoOpen bool    `json:"autoOpen,omitempty"` // D1: the grant switches the microphone on
	Tier     string  `json:"tier,omitempty"`     // cấp (Art 5.4), an audience; at most 64 runes
	System   string  `json:"system,omitempty"`   // the system it belongs to, an audience; likewise

	Node NodePath `json:"node,omitempty"` // the node it connects to
}

// Presence is whether a point is in the meeting.
type Presence string

// The states of presence. Lost is within the 60 s window: seat and grant held.
const (
	Absent  Presence = "absent"
	Present Presence = "present"
	Lost    Presence = "lost"
)

// PointState is a point and where it stands.
type PointState struct {
	Point
	Presence   Presence  `json:"presence"`
	Since      time.Time `json:"since,omitzero"`
	Device     string    `json:"device,omitempty"`
	Media      string    `json:"media,omitempty"`      // its media session (one PeerConnection), while it is present
	Simulated  bool      `json:"simulated,omitempty"`  // played by a bot, "mô phỏng"
	Asking     string    `json:"asking,omitempty"`     // device that asked to take over, or to be let in
	CameraOff  bool      `json:"cameraOff,omitempty"`  // switched off by the room
	SwitchedOn bool      `json:"switchedOn,omitempty"` // the room pressed OK
	OpenSince  Seq       `json:"openSince,omitempty"`  // the fact that opened the microphone
	OpenAt     time.Time `json:"openAt,omitzero"`      // when it did
	Resumed    bool      `json:"resumed,omitempty"`    // back within the window with a held grant: "nhấn OK để phát biểu tiếp"
	Denied     uint64    `json:"denied,omitempty"`     // how often a request of it was answered "not now"

	HereSince   Seq `json:"hereSince,omitempty"`   // the fact that made it present, 0 while it is not
	CameraSince Seq `json:"cameraSince,omitempty"` // the fact that last switched the camera on, 0 if none did

	FirstAt    time.Time `json:"firstAt,omitzero"`    // when it first came (Art 7.1)
	Joins      int       `json:"joins,omitempty"`     // how often it came, returns within the window not counted
	LeftAt     time.Time `json:"leftAt,omitzero"`     // when it was last there, once it is absent again
	Left       bool      `json:"left,omitempty"`      // it left, and was not lost
	LeftEarly  bool      `json:"leftEarly,omitempty"` // and it left without release (Art 9.2.c)
	Admitted   bool      `json:"admitted,omitempty"`  // a controller lets it in
	SummonedAt time.Time `json:"summonedAt,omitzero"` // last called
	ReleasedAt time.Time `json:"releasedAt,omitzero"` // it may leave
	FinishedAt time.Time `json:"finishedAt,omitzero"` // its closing check is done
	Checked    *Checked  `json:"checked,omitempty"`   // its newest point check
	LostWhy    LostWhy   `json:"lostWhy,omitempty"`   // while it is lost
	ReadUpTo   Seq       `json:"readUpTo,omitempty"`  // up to which message its officer has read
}

// RequestState is the state of a floor request (RFC 8855 §4.1, Table 4).
type RequestState string

// The states a live request can have; ended requests leave the state and stay in the log.
const (
	Pending  RequestState = "pending"
	Accepted RequestState = "accepted" // passed to the chair
	Granted  RequestState = "granted"
)

// Request is one live floor request.
type Request struct {
	Point      PointID      `json:"point"`
	Floor      Floor        `json:"floor"`
	State      RequestState `json:"state"`
	AskedAt    time.Time    `json:"askedAt"`
	GrantedAt  time.Time    `json:"grantedAt,omitzero"`
	By         Role         `json:"by,omitempty"`         // who granted: chair, or controller "theo chỉ đạo của Chủ trì" (D2)
	Audience   Audience     `json:"audience,omitempty"`   // of the grant; "" is everyone
	Voice      int          `json:"voice"`                // audio slot of the grant, -1 without one
	Seq        Seq          `json:"seq"`                  // the fact that brought it into its state
	Note       string       `json:"note,omitempty"`       // the controller's, for the chair
	Deferred   bool         `json:"deferred,omitempty"`   // it was put last (Để sau), and not moved since
	Delegate   string       `json:"delegate,omitempty"`   // who will speak
	Subject    string       `json:"subject,omitempty"`    // on what
	SoundOff   bool         `json:"soundOff,omitempty"`   // of a content grant: its sound is switched off, as it is at first
	SoundSince Seq          `json:"soundSince,omitempty"` // the fact that switched it on
	EndsAt     time.Time    `json:"endsAt,omitzero"`      // when the speaker's time is over; zero is no limit
}

// VoiceState is one audio slot: its source while granted, and since when it is free.
type VoiceState struct {
	Source SourceKey `json:"source,omitzero"`
	FreeAt Seq       `json:"freeAt,omitempty"`
}
