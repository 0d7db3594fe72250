package signaling

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// handle answers one frame, exactly once. The very same frame again is answered as
// before, and nothing is carried out twice; another one with its number is refused.
func (s *session) handle(f wire.Frame) {
	if kept, ok := s.answers.by[f.ID]; ok {
		if kept.frame != digest(f) {
			s.send(s.failed(f, &meeting.Error{Code: meeting.CodeNumberUsed, Args: map[string]any{"id": f.ID, "last": s.answers.newest}}))
			return
		}
		s.send(kept.answer)
		return
	}
	var answer []byte
	switch f.T {
	case "media.offer":
		s.send(s.handleOffer(f)) // too long to keep, and harmless to answer anew
		return
	case "media.watch":
		answer = s.handleWatch(f)
	case "media.report":
		answer = s.handleReport(f)
	default:
		var over bool
		if answer, over = s.handleCommand(f); over {
			s.send(answer) // not kept: the same command may come again
			return
		}
	}
	s.answers.keep(f, answer)
	s.send(answer)
}

func (s *session) handleOffer(f wire.Frame) []byte {
	var o wire.MediaOffer
	if err := wire.Decode(f.D, &o); err != nil {
		return s.failed(f, err)
	}
	if err := s.mayOffer(); err != nil {
		return s.failed(f, err)
	}
	answer, err := s.offer(o)
	if err != nil {
		return s.failed(f, err)
	}
	return encode("media.answer", wire.Envelope{Re: f.ID}, answer)
}

// handleWatch sets a controller's private look. It is this session's own: it
// is not journalled and ends with it.
func (s *session) handleWatch(f wire.Frame) []byte {
	var w wire.MediaWatch
	if err := wire.Decode(f.D, &w); err != nil {
		return s.failed(f, err)
	}
	if s.who.Role != meeting.RoleController {
		return s.failed(f, refusal(meeting.CodeRights))
	}
	b := s.srv.boards.of(s.focus)
	if b == nil {
		return s.failed(f, refusal(wire.CodeMeetingNone))
	}
	for _, p := range w.Points {
		if b.points[p] == nil {
			return s.failed(f, &meeting.Error{Code: meeting.CodePointUnknown, Args: map[string]any{"point": p}})
		}
	}
	s.watch = w.Points
	if s.media != nil {
		s.media.peer.Watch(w.Points)
	}
	return encode("ok", wire.Envelope{Re: f.ID}, nil)
}

// mayOffer holds offers to the rate of the session and of its principal.
func (s *session) mayOffer() error {
	if err := s.offers.Take(time.Now()); err != nil {
		return err
	}
	return s.srv.fair.offers.Take(principalOf(s.who))
}

// handleCommand carries a command out. over says that it was one too many, and
// nothing was done.
func (s *session) handleCommand(f wire.Frame) (answer []byte, over bool) {
	c, err := wire.ReadCommand(f.T, f.D)
	if err != nil {
		return s.failed(f, err), false
	}
	if err := s.srv.fair.command(s.who, c); err != nil {
		return s.failed(f, err), true
	}
	if c, err = s.stamp(c); err != nil {
		return s.failed(f, err), false
	}
	ctx, cancel := context.WithTimeout(s.ctx, s.srv.cfg.Limits.Command)
	defer cancel()
	var seq meeting.Seq
	if err = s.srv.mayMove(s.who, c); err == nil {
		seq, err = s.srv.submit(ctx, s.focus, order{by: s.actor, cause: meeting.Cause{Session: s.id, ID: f.ID}, command: c})
	}
	s.srv.record(Act{Who: s.who, From: s.address(), Act: f.T, Target: idOf(s.focus), Err: err})
	if err != nil {
		return s.failed(f, err), false
	}
	s.srv.stats.commands.WithLabelValues(f.T).Inc()
	return encode("ok", wire.Envelope{Re: f.ID, Seq: seq}, nil), false
}

// stamp checks that the session may speak for its point, and writes in what
// only the server knows. A device that waits for its point may only ask for it.
func (s *session) stamp(c meeting.Command) (meeting.Command, error) {
	if s.focus == nil {
		return nil, refusal(wire.CodeMeetingNone)
	}
	if _, asks := c.(meeting.AskTakeover); asks {
		return meeting.AskTakeover{Point: s.who.Point, Device: s.device}, nil
	}
	if s.who.Role == meeting.RoleRoom && s.seat != seatTaken {
		return nil, s.unseated()
	}
	if s.who.Role != meeting.RoleRoom {
		return onMedia(c, ""), nil
	}
	return onMedia(c, s.mediaID), nil
}

func (s *session) failed(f wire.Frame, err error) []byte {
	s.srv.stats.refuse(err)
	return failure(f.ID, err, false)
}

// answersKept is how many answers a session can repeat. A client that comes
// back asks again only for what it had not heard, which is less.
const answersKept = 64

// answers remembers the last answers of a session by their numbers.
type answers struct {
	by     map[uint64]answered
	ring   [answersKept]uint64
	next   int
	newest uint64 // the highest number answered
}

// answered is an answer, and to what.
type answered struct {
	frame  [sha256.Size]byte
	answer []byte
}

func digest(f wire.Frame) [sha256.Size]byte {
	return sha256.Sum256(slices.Concat([]byte(f.T), []byte{0}, f.D))
}

func (a *answers) keep(f wire.Frame, answer []byte) {
	if a.by == nil {
		a.by = make(map[uint64]answered, answersKept)
	}
	delete(a.by, a.ring[a.next])
	a.ring[a.next] = f.ID
	a.by[f.ID] = answered{digest(f), answer}
	a.next = (a.next + 1) % answersKept
	a.newest = max(a.newest, f.ID)
}
