package wire

import "github.com/giaoban/giaoban/internal/meeting"

// LayoutView is a set layout.
type LayoutView struct {
	Layout meeting.Layout `json:"layout"`
	Seq    meeting.Seq    `json:"seq"`
}

// BannerView is a line of text over a picture (Dòng thông báo).
type BannerView struct {
	Audience meeting.Audience `json:"audience"`
	Text     string           `json:"text"`
	UntilMs  int64            `json:"untilMs,omitempty"` // 0: until it is cleared
}

// MessagesView is the line between officers and controllers (Art 9.2.đ). A
// point sees what it sent and what was sent to it, a controller everything.
type MessagesView struct {
	List   []MessageView                   `json:"list"`             // oldest first
	UpTo   meeting.Seq                     `json:"upTo,omitempty"`   // this client's side has read up to this message
	Desk   meeting.Seq                     `json:"desk,omitempty"`   // the controllers have, told to a point
	Points map[meeting.PointID]meeting.Seq `json:"points,omitempty"` // the points have, told to controllers
}

// MessageView is one message.
type MessageView struct {
	ID   meeting.Seq       `json:"id"`
	AtMs int64             `json:"atMs"`
	From meeting.PointID   `json:"from,omitempty"` // the officer's point; absent: a controller
	Name string            `json:"name,omitempty"`
	To   []meeting.PointID `json:"to,omitempty"` // a controller's: these points; absent: all
	Text string            `json:"text"`
}

// IncidentView is the loss of a point (Sự cố, Art 9.2.d). It runs while
// ClosedAtMs is 0.
type IncidentView struct {
	ID           meeting.Seq     `json:"id"`
	Point        meeting.PointID `json:"point"`
	Name         string          `json:"name"`
	Parent       string          `json:"parent,omitempty"`
	Why          meeting.LostWhy `json:"why,omitempty"`
	OpenedAtMs   int64           `json:"openedAtMs"`
	ClosedAtMs   int64           `json:"closedAtMs,omitempty"`
	Cause        string          `json:"cause,omitempty"`
	Remedy       string          `json:"remedy,omitempty"`
	ExpectedAtMs int64           `json:"expectedAtMs,omitempty"` // Dự kiến khắc phục xong lúc
}

// ProgrammeView is the speaking order (Thứ tự phát biểu).
type ProgrammeView struct {
	Entries []EntryView `json:"entries"`
	Next    int         `json:"next,omitempty"` // the entry whose point programme.next invites now; 0: none
}

// EntryView is one entry of the speaking order and how far it has come.
type EntryView struct {
	ID       int                `json:"id"`
	Point    meeting.PointID    `json:"point"`
	Delegate string             `json:"delegate,omitempty"`
	Subject  string             `json:"subject,omitempty"`
	Minutes  int                `json:"minutes,omitempty"` // 0: the meeting's own limit
	State    meeting.EntryState `json:"state"`
}

// RollCallView is the meeting's last roll call (Điểm danh) and its sheet. It
// runs while FinishedAtMs is 0.
type RollCallView struct {
	StartedAtMs  int64           `json:"startedAtMs"`
	FinishedAtMs int64           `json:"finishedAtMs,omitempty"`
	Paused       bool            `json:"paused,omitempty"`
	Current      meeting.PointID `json:"current,omitempty"` // called last
	Next         meeting.PointID `json:"next,omitempty"`    // whom rollcall.next calls; absent: every point is marked
	Marks        []MarkView      `json:"marks"`
}

// MarkView is one row of the sheet.
type MarkView struct {
	Point  meeting.PointID   `json:"point"`
	State  meeting.MarkState `json:"state"`
	Remark string            `json:"remark,omitempty"`
	AtMs   int64             `json:"atMs"`
}

// ControlView says who holds the control token (Art 2.3).
type ControlView struct {
	Held    bool     `json:"held,omitempty"`   // by somebody; else the first to act takes it
	Holder  string   `json:"holder,omitempty"` // the controller's name
	Mine    bool     `json:"mine,omitempty"`   // this client's credential holds it
	Present []string `json:"present"`          // the names of the controllers signed in now
}

// RotationView is the rotation (Hiển thị luân phiên).
type RotationView struct {
	Points  []meeting.PointID `json:"points"`
	Seconds int               `json:"seconds"`
	Paused  bool              `json:"paused,omitempty"`
	Current meeting.PointID   `json:"current,omitempty"`
	SinceMs int64             `json:"sinceMs,omitempty"` // of Current
}

// SavedView is a saved layout (Bố cục đã lưu).
type SavedView struct {
	Name   string         `json:"name"`
	Layout meeting.Layout `json:"layout"`
}

// NodeView is one node and its line to the node above.
type NodeView struct {
	Node        meeting.NodePath `json:"node"`
	Name        string           `json:"name,omitempty"`
	Tier        string           `json:"tier,omitempty"`
	State       string           `json:"state"`
	SinceMs     int64            `json:"sinceMs,omitempty"`
	UpBps       int64            `json:"upBps,omitempty"`
	DownBps     int64            `json:"downBps,omitempty"`
	LossPercent float64          `json:"lossPercent,omitempty"`
	RTTMs       int64            `json:"rttMs,omitempty"`
	StreamsUp   int              `json:"streamsUp,omitempty"`
	StreamsDown int              `json:"streamsDown,omitempty"`
	Path        string           `json:"path,omitempty"`
	Version     string           `json:"version,omitempty"`
	ClockMs     int64            `json:"clockMs,omitempty"`
	Alarms      uint64           `json:"alarms,omitempty"`
	Redialled   uint64           `json:"redialled,omitempty"`
	Diverged    uint64           `json:"diverged,omitempty"`
}

// CapacityView says how many connected rooms decode fewer pictures than a
// layout has, and the largest of its kind that they all show whole.
type CapacityView struct {
	Layout  meeting.LayoutKind `json:"layout"`
	Rooms   int                `json:"rooms"`
	Instead meeting.LayoutKind `json:"instead,omitempty"`
}
