package meeting

import (
	"errors"
	"fmt"
)

// ErrGap is returned by Apply for an event that does not follow the last one.
var ErrGap = errors.New("meeting: event out of sequence")

// Code is a stable error code; the list is append-only.
type Code string

// The codes of the core.
const (
	CodeRights            Code = "rights.denied"
	CodeMeetingEnded      Code = "meeting.ended"
	CodeMeetingExists     Code = "meeting.exists"
	CodeMeetingUnknown    Code = "meeting.unknown"
	CodeMeetingInvalid    Code = "meeting.invalid"
	CodePointUnknown      Code = "point.unknown"
	CodePointAbsent       Code = "point.absent"
	CodePointInUse        Code = "point.in_use"
	CodePointNotAsking    Code = "point.not_asking"
	CodeFloorClosed       Code = "floor.closed"
	CodeFloorQueueFull    Code = "floor.queue_full"
	CodeFloorAlready      Code = "floor.already"
	CodeFloorNotAsked     Code = "floor.not_asked"
	CodeFloorNotGranted   Code = "floor.not_granted"
	CodeFloorFull         Code = "floor.full"
	CodeModeInvalid       Code = "mode.invalid"
	CodeLayoutInvalid     Code = "layout.invalid"
	CodeProgrammeEmpty    Code = "programme.empty"
	CodeContentLocked     Code = "content.locked"
	CodeControlNotHeld    Code = "control.not_held"
	CodeMeetingNotOpen    Code = "meeting.not_open"
	CodeMeetingNotStarted Code = "meeting.not_started"
	CodeMeetingNotClosing Code = "meeting.not_closing"
	CodeMeetingLocked     Code = "meeting.locked"
	CodePointWaits        Code = "point.waits"
	CodePointNotReleased  Code = "point.not_released"
	CodeLayoutFull        Code = "layout.full"
	CodeLayoutUnknown     Code = "layout.unknown"
	CodeRollCallRunning   Code = "rollcall.running"
	CodeRollCallNone      Code = "rollcall.none"
	CodeRollCallPaused    Code = "rollcall.paused"
	CodeRollCallDone      Code = "rollcall.done"
	CodeIncidentNone      Code = "incident.none"
	CodeValueInvalid      Code = "value.invalid"
	CodePointLeft         Code = "point.left"
	CodeFeedNone          Code = "feed.none"
	CodeFeedByOrder       Code = "feed.by_order"
)

// Error is a refused command: a code the client translates, and its arguments.
type Error struct {
	Code Code
	Args map[string]any
}

// Error gives the code and arguments for logs.
func (e *Error) Error() string {
	if len(e.Args) == 0 {
		return string(e.Code)
	}
	return fmt.Sprintf("%s %v", e.Code, e.Args)
}

// refuse makes a refusal; args are name, value pairs.
func refuse(code Code, args ...any) error {
	e := &Error{Code: code}
	for i := 0; i+1 < len(args); i += 2 {
		if e.Args == nil {
			e.Args = make(map[string]any, len(args)/2)
		}
		e.Args[args[i].(string)] = args[i+1]
	}
	return e
}
