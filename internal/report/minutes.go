package report

import (
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Minutes is what the logs of one meeting come to. Every time is as the log has
// it, in UTC; zero means that it did not happen.
type Minutes struct {
	Meeting    meeting.ID
	Title      string
	HostUnit   string
	System     string
	ChairPoint meeting.PointID
	StartsAt   time.Time
	DueAt      time.Time // by when points were to be connected (Art 7.1)
	StartedAt  time.Time
	EndedAt    time.Time
	Until      time.Time // the last event: what still runs is counted to here
	Logs       []meeting.ID

	Attendance []Attendance // in the order of the roster
	Speeches   []Speech     // by their grant
	RollCalls  []RollCall
	Incidents  []Incident // by the loss
	Acts       []Act
}

// Attendance is one point's row. Several joins merge into it.
type Attendance struct {
	Point     meeting.Point
	FirstAt   time.Time
	LastAt    time.Time // when it was last there
	Late      bool      // it came after it was due, or never
	Joins     int       // a return within the absence window is none
	Losses    int
	Present   time.Duration // in all, losses not counted
	LeftEarly bool          // it left without release (Art 9.2.c)
	Finished  time.Time     // closing check done (Art 9.2.e)
	Stays     []Span        // when it was there, in order, none overlapping
}

// Span is a stretch of time.
type Span struct{ From, To time.Time }

// Speech is one turn on the speech floor, heard by everyone.
type Speech struct {
	Point       meeting.PointID
	Name        string
	Delegate    string
	Subject     string
	InvitedAt   time.Time
	OpenedAt    time.Time // the microphone first open; zero: never
	EndedAt     time.Time
	Spoke       time.Duration // with an open microphone
	Minutes     int           // allowed; 0 is no limit
	ByDirection bool          // invited "theo chỉ đạo của Chủ trì"
	Why         meeting.Why   // what ended it; "" if it still ran
}

// RollCall is one roll call and its sheet.
type RollCall struct {
	StartedAt, FinishedAt time.Time
	Marks                 []meeting.Mark // in the order they were first made
	Present, Absent, Late int
	Unmarked              int
}

// Incident is the loss of a point beyond the absence window (Art 9.2.d).
type Incident struct {
	meeting.Incident
	Name string
}

// Act is something the chair's side or the operator did.
type Act struct {
	At    time.Time
	By    meeting.Actor
	Fact  string // the fact's name in the journal
	Point meeting.PointID
	Name  string // of Point
	Text  string // a remark, a banner, a name: what was said with it
}
