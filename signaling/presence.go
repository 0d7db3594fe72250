package signaling

import (
	"context"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// seat is where a room's session stands towards its point.
type seat string

const (
	seatNone    seat = ""        // no meeting, or the role has no presence
	seatTaken   seat = "taken"   // this device is the point's
	seatWaiting seat = "waiting" // the meeting does not take this device in yet
)

// retryLost is how long another device must have been lost before this one
// tries again by itself (ARCHITECTURE §4); the meeting decides.
const retryLost = 10 * time.Second

var node = meeting.Actor{Role: meeting.RoleNode}

// follow finds the meeting the client is called to. A running meeting is never
// left for another; an ended one stays in sight until there is a next.
func (s *session) follow() {
	if s.focus != nil && s.focus.Live() {
		return
	}
	next := s.srv.called(s.who)
	if next == nil || next == s.focus {
		return
	}
	s.dropMedia()
	if s.unwatch != nil {
		s.unwatch()
	}
	s.focus, s.watch, s.noMedia = next, nil, false
	s.setSeat(seatNone)
	s.called.Store(next)
	s.changed, s.unwatch = next.Watch()
	s.sent = nil // another meeting begins with a whole view
}

// own is the client's point as the meeting has it, nil if it has none.
func (s *session) own() *meeting.PointState {
	b := s.srv.boards.of(s.focus)
	if b == nil || s.who.Point == "" {
		return nil
	}
	return b.points[s.who.Point]
}

// sit keeps a room's seat: takes it when it may, and notices when it is gone.
func (s *session) sit() {
	p := s.own()
	if p == nil || s.who.Role != meeting.RoleRoom || !s.focus.Live() {
		return
	}
	switch {
	case s.seat == seatTaken && p.Device != "" && p.Device != s.device:
		s.stand(refusal(meeting.CodePointInUse))
		s.send(failure(0, refusal(wire.CodeSessionTakenOver), false))
	case s.seat == seatTaken && p.Left && s.admitted(p) != nil:
		s.stand(s.admitted(p))
	case s.socket == nil || s.noMedia || s.seat == seatTaken && p.Presence == meeting.Present && p.Media == s.mediaID:
	case s.seat == seatTaken || s.mayTry(p):
		s.connect(p)
	}
}

// stand gives the seat up, or goes on without it; why is what the room reads.
func (s *session) stand(why error) {
	s.dropMedia()
	s.noMedia, s.refused = false, codedError(why).Code
	s.setSeat(seatWaiting)
}

// admitted is why the meeting would not take the point in, as far as the state
// tells; nil says that it may be asked.
func (s *session) admitted(p *meeting.PointState) error {
	if b := s.srv.boards.of(s.focus); b != nil && p.Presence == meeting.Absent {
		return b.state.Admits(p)
	}
	return nil
}

// setSeat keeps what other sessions may know of the seat in step with it.
func (s *session) setSeat(to seat) {
	s.seat = to
	s.seated.Store(to == seatTaken)
}

// mayTry reports whether Connect has a chance; the first time it always asks.
func (s *session) mayTry(p *meeting.PointState) bool {
	switch {
	case s.seat == seatNone, p.Presence == meeting.Absent, p.Device == s.device:
		return true
	case s.simulated:
		return false // it gives way and waits for the seat to be free
	}
	return p.Simulated || p.Presence == meeting.Lost && time.Since(p.Since) >= retryLost
}

// connect takes the seat, with the media session that OK can be pressed on. A
// device that the log still has as present was reloaded, or its connection was
// replaced: the meeting loses it and has it back in one decision, its microphone
// closed, whatever became of what was said of its loss.
func (s *session) connect(p *meeting.PointState) {
	err := s.admitted(p)
	if err == nil {
		err = s.submitPresence(meeting.Connect{Point: p.ID, Device: s.device, Media: s.mediaID, Simulated: s.simulated})
	}
	if err == nil {
		s.refused = ""
		s.setSeat(seatTaken)
		return
	}
	code := codedError(err).Code
	if code != s.refused { // it is tried again and again, and said once
		s.send(failure(0, err, false))
	}
	if waits(code) {
		s.stand(err)
	}
	s.refused = code
}

// waits reports whether a refusal may end by itself or by a controller's act.
func waits(code meeting.Code) bool {
	switch code {
	case meeting.CodePointInUse, meeting.CodePointWaits, meeting.CodePointLeft, meeting.CodeMeetingLocked, meeting.CodeMeetingNotOpen:
		return true
	}
	return false
}

// unseated is why a room's device may not act for its point.
func (s *session) unseated() error {
	if s.refused == "" {
		return refusal(meeting.CodePointInUse)
	}
	return refusal(s.refused)
}

// lose says that the seat's device is gone, if this session holds the seat.
func (s *session) lose(why meeting.LostWhy) {
	if s.seat != seatTaken {
		return
	}
	s.submitPresence(meeting.Lose{Point: s.who.Point, Device: s.device, Why: why})
}

// submitPresence tells the meeting about the device as the node itself. Nothing
// is left open by a failure, which is logged: the gate belongs to a connection
// that is gone, and the next Connect says so again.
func (s *session) submitPresence(c meeting.Command) error { return s.submit(node, c) }

// submitOwn gives a command of the room itself.
func (s *session) submitOwn(c meeting.Command) { _ = s.submit(s.actor, c) } // logged

func (s *session) submit(by meeting.Actor, c meeting.Command) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.srv.cfg.Limits.Command)
	defer cancel()
	_, err := s.focus.Submit(ctx, by, meeting.Cause{}, c)
	if err != nil {
		s.log.Info("presence refused", "command", meeting.CommandName(c), "err", err)
	}
	return err
}
