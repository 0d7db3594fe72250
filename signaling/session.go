package signaling

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// ending is why a session ends.
type ending string

const (
	endSocket   ending = "socket"   // its socket did not come back in time
	endReplaced ending = "replaced" // the same device said a fresh hello
	endDraining ending = "draining" // the server closes
	endBroken   ending = "broken"   // it panicked
	endRevoked  ending = "revoked"  // the right it came with has ended
)

// arrival is a socket that has said hello to this session.
type arrival struct {
	socket  *socket
	hello   greeting
	resumed bool
}

// inbound is what a socket's reader has for the session.
type inbound struct {
	from   *socket
	frame  wire.Frame
	closed bool
}

// session is one client. Everything below the blank line belongs to run.
type session struct {
	srv         *Server
	log         *slog.Logger
	id          string
	who         Identity
	grant       string      // what its token stands on
	release     func() bool // lets go of the grant's life
	actor       meeting.Actor
	device      string
	simulated   bool
	maxTiles    int
	screen      *meeting.Screen         // what it chose to see; a room's changes with its second screen
	place       *limit.Place[principal] // guarded by srv.mu
	predecessor *session                // of the same device; it ends before this one begins
	arrivals    chan arrival
	inbounds    chan inbound
	stop        chan struct{} // closed by halt
	done        chan struct{} // closed when run has returned
	stopOnce    sync.Once
	ctx         context.Context // of commands; ended by halt
	cancel      context.CancelFunc
	why         ending                      // set by halt before stop closes
	called      atomic.Pointer[focus.Focus] // as focus, for other sessions to see
	seated      atomic.Bool                 // as seat is taken, likewise

	socket  *socket // nil while the client is away
	grace   *time.Timer
	focus   *focus.Focus // the meeting the client is called to
	changed <-chan struct{}
	unwatch func()
	seat    seat
	refused meeting.Code // why the seat could not be taken, as last told
	media   *media       // nil before the first offer
	mediaID string       // names the media session that is there or comes next
	noMedia bool         // the media path was lost and is not back: the point is lost with it
	watch   []meeting.PointID
	sent    *page // what the client has
	answers answers
	letters letters
	thick   thick
	offers  *limit.Rate

	onAir  atomic.Pointer[media]   // media, for other sessions to see
	played atomic.Pointer[playing] // what the page last said of it
}

func newSession(s *Server, id string, who Bearer, hello wire.Hello) *session {
	most := s.cfg.Limits.tiles(who.Role)
	if hello.MaxTiles > 0 {
		most = min(most, hello.MaxTiles)
	}
	ctx, cancel := context.WithCancel(who.life()) // what it asked for ends with its right
	return &session{
		ctx:       ctx,
		cancel:    cancel,
		srv:       s,
		log:       s.log.With("session", id, "role", who.Role, "point", who.Point),
		id:        id,
		mediaID:   rand.Text(),
		who:       who.Identity,
		grant:     who.Grant,
		actor:     meeting.Actor{Role: who.Role, Point: who.Point, Name: who.Name},
		device:    hello.Device,
		simulated: hello.Simulated,
		maxTiles:  most,
		arrivals:  make(chan arrival),
		inbounds:  make(chan inbound, 8),
		offers:    limit.NewRate(s.fair.table, limit.Offers),
		stop:      make(chan struct{}),
		done:      make(chan struct{}),
		grace:     time.NewTimer(s.cfg.Limits.Grace),
	}
}

// attach gives the session a socket; false if the session has ended.
func (s *session) attach(a arrival) bool {
	select {
	case s.arrivals <- a:
		return true
	case <-s.done:
		return false
	}
}

// give hands over what a reader has; false if the session has ended. It waits
// while the session is busy, so a client that sends fast slows only itself.
func (s *session) give(in inbound) bool {
	select {
	case s.inbounds <- in:
		return true
	case <-s.done:
		return false
	}
}

// halt tells the session to end. It may be told more than once; the first
// reason counts.
func (s *session) halt(why ending) {
	s.stopOnce.Do(func() {
		s.why = why
		close(s.stop)
		s.cancel()
	})
}

// revoke ends a session of which the right has ended. Its media ends here and
// now: the session itself may be waiting for the log.
func (s *session) revoke() {
	s.halt(endRevoked)
	if m := s.onAir.Load(); m != nil {
		if err := m.peer.Close(); err != nil {
			s.log.Info("peer not closed cleanly", "err", err)
		}
	}
}

// run is the session's goroutine.
func (s *session) run() {
	defer close(s.done)
	s.srv.stats.sessions.Inc()
	defer s.srv.stats.sessions.Dec()
	why := endBroken
	defer func() {
		if broken := recover(); broken != nil {
			s.srv.stats.broken.Inc()
			s.log.Error("session broke", "panic", fmt.Sprint(broken), "stack", string(debug.Stack()))
		}
		s.srv.scope("end of a session", nil).Run(func() { s.finish(why) })
	}()
	if s.predecessor != nil {
		s.predecessor.halt(endReplaced)
		<-s.predecessor.done
		s.predecessor = nil
	}
	beat := time.NewTicker(s.srv.cfg.Limits.Beat)
	defer beat.Stop()
	var look <-chan time.Time
	if s.who.Role == meeting.RoleController {
		ticker := time.NewTicker(sightEvery)
		defer ticker.Stop()
		look = ticker.C
	}
	why = s.loop(beat.C, look)
}

func (s *session) loop(beat, look <-chan time.Time) ending {
	for {
		select {
		case <-s.stop:
			return s.why
		case a := <-s.arrivals:
			s.arrive(a)
		case in := <-s.inbounds:
			s.receive(in)
		case <-s.changed:
			s.refresh()
		case <-s.socket.relieved():
			s.refresh()
		case <-s.thick.C:
			s.refresh()
		case <-s.media.news():
			s.tell(s.media.inbox.take())
		case <-beat:
			s.send(encode("tick", wire.Envelope{}, wire.Tick{NowMs: time.Now().UnixMilli()}))
			s.refresh()
		case <-look:
			s.look()
		case <-s.grace.C:
			return endSocket
		}
	}
}

// arrive greets a socket; one that is still there belongs to the past.
func (s *session) arrive(a arrival) {
	if s.socket != nil {
		s.socket.end(failure(0, refusal(wire.CodeSessionReplaced), true))
	}
	s.grace.Stop()
	s.socket = a.socket
	s.sent = nil
	s.send(encode("welcome", wire.Envelope{Re: a.hello.id}, wire.Welcome{
		You:     wire.You{Role: s.who.Role, Point: s.who.Point, Name: s.who.Name},
		Session: s.id,
		Limits: wire.Limits{
			MaxTiles: s.maxTiles, Voices: meeting.Voices, FrameBytes: wire.MaxFrame, Watch: wire.MaxWatch,
		},
		NowMs:   time.Now().UnixMilli(),
		Version: s.srv.cfg.Version,
		ICEPort: s.srv.cfg.Media.Port(),
		Pin:     s.srv.cfg.Pin != "",
		Resumed: a.resumed && s.media != nil,
	}))
	s.refresh()
	if s.media != nil {
		s.announce(s.media.known)
	}
	s.log.Info("client connected", "resumed", a.resumed)
}

// receive handles one thing a reader has. What an old socket still had is void.
func (s *session) receive(in inbound) {
	switch {
	case in.from != s.socket:
	case in.closed:
		s.socket = nil
		s.grace.Reset(s.srv.cfg.Limits.Grace)
	case s.ctx.Err() == nil: // else it has ended, and is about to be told
		s.handle(in.frame)
	}
}

// send queues a frame if the client is there. If it is not, nothing is lost:
// it comes back to a whole view.
func (s *session) send(frame []byte) {
	if s.socket != nil {
		s.socket.send(frame)
	}
}

// finish ends what the session holds. The point is declared lost only if its
// socket stayed away: a successor says for itself what it replaces.
func (s *session) finish(why ending) {
	s.cancel()
	s.release()
	s.grace.Stop()
	s.thick.stop()
	s.dropMedia()
	if s.socket != nil { // before the log is waited for
		s.socket.end(failure(0, farewell[why], true))
	}
	if why == endSocket || why == endBroken || why == endRevoked {
		s.lose(meeting.LostSocket)
	}
	if s.unwatch != nil {
		s.unwatch()
	}
	s.srv.forget(s)
	s.log.Info("session ended", "why", why)
}

// farewell is what a client is told when its session ends under it.
var farewell = map[ending]*meeting.Error{
	endReplaced: {Code: wire.CodeSessionReplaced},
	endDraining: errDraining,
	endBroken:   {Code: wire.CodeServerFailed},
	endRevoked:  {Code: wire.CodeTokenInvalid},
}
