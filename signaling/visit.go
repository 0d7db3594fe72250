package signaling

import (
	"context"
	"crypto/rand"
	"errors"
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
	"github.com/giaoban/giaoban/sfu"
)

// visitIdle is how long a visit's media may take to come up at first.
const visitIdle = 30 * time.Second

// visitEnd is why a visit ends.
type visitEnd string

const (
	visitLeft     visitEnd = "left"     // DELETE
	visitLost     visitEnd = "lost"     // its media failed or never came
	visitReplaced visitEnd = "replaced" // the same token came anew
	visitTaken    visitEnd = "taken"    // another device has the point now
	visitOver     visitEnd = "over"     // the meeting has ended
	visitRevoked  visitEnd = "revoked"  // the right it came with has ended
	visitDraining visitEnd = "draining" // the server closes
)

// visitCard is who comes in by a standard door.
type visitCard struct {
	door    sfu.Door
	who     Bearer
	device  string
	address string
	exclude []meeting.PointID
}

// visit is one client of WHIP or WHEP: media and, for an encoder, the seat of
// its point, without a socket. Its goroutine follows its media and its meeting.
type visit struct {
	visitCard
	srv      *Server
	log      *slog.Logger
	id       string
	focus    *focus.Focus
	peer     Peer
	inbox    *inbox
	stop     chan struct{}
	done     chan struct{}
	stopOnce sync.Once
	why      visitEnd    // set by halt before stop closes
	release  func() bool // lets go of the grant's life
	version  atomic.Pointer[string]
	feed     bool // its point is a relay source
	places   visitPlaces
}

// encoderOf names the device that a token's encoder is.
func encoderOf(token string) string { return string(sfu.DoorWHIP) + "-" + fingerprint(token) }

// encodes reports whether the token's encoder has its point. It has no page to
// press OK on, so its button box may.
func (s *Server) encodes(f *focus.Focus, who Identity, token string) bool {
	b := s.boards.of(f)
	return b != nil && b.points[who.Point] != nil && b.points[who.Point].Device == encoderOf(token)
}

// receiveVisitor seats an encoder, answers the offer and starts the visit.
func (s *Server) receiveVisitor(card visitCard, offer string) (*visit, string, error) {
	f := s.called(card.who.Identity)
	if f == nil || !f.Live() {
		return nil, "", refusal(wire.CodeMeetingNone)
	}
	v := &visit{
		visitCard: card, srv: s, id: rand.Text(), focus: f, inbox: newInbox(),
		log:  s.log.With("door", card.door, "role", card.who.Role, "point", card.who.Point),
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	if p := v.point(); p != nil && card.door == sfu.DoorWHIP {
		v.feed = p.Feed
	}
	v.renew()
	before, err := s.admitVisit(v)
	if err != nil {
		return nil, "", err
	}
	if before != nil {
		before.halt(visitReplaced)
		<-before.done
	}
	v.release = context.AfterFunc(card.who.life(), s.scope("visit", nil).Func(v.revoke))
	answer, err := v.begin(offer)
	if err != nil {
		v.halt(visitLost)
		v.finish()
		close(v.done)
		s.wg.Done()
		return nil, "", err
	}
	go s.scope("visit", nil).Run(v.run)
	return v, answer, nil
}

// admitVisit counts a visit in, and gives the one it takes the place of: a
// point has one encoder. The server waits for it from here on.
func (s *Server) admitVisit(v *visit) (before *visit, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errDraining
	}
	for _, other := range s.visits {
		if v.door == sfu.DoorWHIP && other.door == v.door && other.device == v.device {
			before = other
		}
	}
	if before != nil {
		v.places, before.places = before.places, visitPlaces{}
	} else if v.places, err = s.visitPlaces(v); err != nil {
		return nil, err
	}
	s.visits[v.id] = v
	s.wg.Add(1)
	return before, nil
}

// visitPlaces are those a visit holds: of its principal, for a player, and of
// its kind. A zero field holds none.
type visitPlaces struct {
	principal *limit.Place[principal]
	kind      *limit.Place[everybody]
}

func (p visitPlaces) leave() {
	if p.principal != nil {
		p.principal.Leave()
	}
	if p.kind != nil {
		p.kind.Leave()
	}
}

// visitPlaces takes a new visit's places.
func (s *Server) visitPlaces(v *visit) (p visitPlaces, err error) {
	if v.door == sfu.DoorWHEP {
		if p.principal, err = s.fair.players.Enter(principalOf(v.who.Identity), nil); err != nil {
			return p, err
		}
	}
	if p.kind, err = s.fair.visits[visitKind{v.door, v.who.Role, v.feed}].Enter(everybody{}, nil); err != nil {
		p.leave()
		return visitPlaces{}, err
	}
	return p, nil
}

// begin takes the seat and answers the offer.
func (v *visit) begin(offer string) (string, error) {
	if err := v.sit(); err != nil {
		return "", err
	}
	screen, err := screenOf(v.who.Identity, &wire.Hello{})
	if err != nil {
		return "", err
	}
	cfg := sfu.PeerConfig{
		Screen: screen, Meeting: v.focus.ID(), Media: v.id, OpensAlone: v.srv.opensAlone(v.focus, v.point()),
		Door: v.door, Publish: v.door == sfu.DoorWHIP, MaxTiles: 1,
		Exclude: v.exclude, Notify: v.inbox.notify, From: placeOf(v.address),
	}
	if v.who.Role == meeting.RoleRoom {
		cfg.Point = v.who.Point
	}
	peer, err := v.srv.cfg.Media.Join(cfg)
	if err != nil {
		v.log.Info("media join refused", "err", err)
		return "", refusal(wire.CodeMediaBusy)
	}
	v.srv.mu.Lock()
	v.peer = peer // whoever looks at the lines may be reading it
	v.srv.mu.Unlock()
	answer, err := peer.Offer(offer)
	if err != nil {
		return "", v.refused(err)
	}
	return answer, nil
}

// refused is the coded form of what the SFU says of an offer.
func (v *visit) refused(err error) error {
	v.log.Info("media offer refused", "err", err)
	if errors.Is(err, sfu.ErrOffer) {
		return &meeting.Error{Code: wire.CodeOfferRefused, Args: map[string]any{"detail": err.Error()}}
	}
	return refusal(wire.CodeMediaBusy)
}

// restart hands a fragment to the media.
func (v *visit) restart(fragment string) (string, error) {
	answer, err := v.peer.Restart(fragment)
	if err != nil {
		return "", v.refused(err)
	}
	if answer != "" {
		v.renew()
	}
	return answer, nil
}

// tag is the entity tag of the visit's ICE session (RFC 9725 §4.3.1).
func (v *visit) tag() string { return *v.version.Load() }

func (v *visit) renew() {
	tag := `"` + rand.Text() + `"`
	v.version.Store(&tag)
}

// halt tells the visit to end. The first reason counts.
func (v *visit) halt(why visitEnd) {
	v.stopOnce.Do(func() {
		v.why = why
		close(v.stop)
	})
}

// revoke ends a visit of which the right has ended. Its media ends here and
// now: the visit itself may be waiting for the log.
func (v *visit) revoke() {
	v.halt(visitRevoked)
	v.srv.mu.Lock()
	peer := v.peer
	v.srv.mu.Unlock()
	if peer == nil {
		return // it ends before it has begun
	}
	if err := peer.Close(); err != nil {
		v.log.Info("peer not closed cleanly", "err", err)
	}
}

// run is the visit's goroutine.
func (v *visit) run() {
	defer v.srv.wg.Done()
	defer close(v.done)
	defer v.finish()
	defer func() {
		if broken := recover(); broken != nil {
			v.srv.stats.broken.Inc()
			v.log.Error("visit broke", "panic", fmt.Sprint(broken), "stack", string(debug.Stack()))
			v.halt(visitLost)
		}
	}()
	changed, unwatch := v.focus.Watch()
	defer unwatch()
	idle := time.NewTimer(visitIdle)
	defer idle.Stop()
	v.log.Info("visit begun", "device", v.device)
	for {
		select {
		case <-v.stop:
			return
		case <-changed:
			v.check()
		case <-v.inbox.wake:
			fresh := v.inbox.take()
			v.straighten(fresh)
			if v.follow(fresh.state) {
				idle.Stop()
			}
		case <-idle.C:
			v.halt(visitLost)
		}
	}
}

// follow acts on the state of the media path and reports whether it is up.
func (v *visit) follow(state sfu.State) bool {
	switch state {
	case sfu.StateConnected:
		if err := v.sit(); err != nil {
			v.log.Info("seat not taken", "err", err)
		}
		return true
	case sfu.StateLost:
		v.lose()
	case sfu.StateFailed:
		v.halt(visitLost)
	}
	return false
}

// check ends a visit whose meeting is over or whose point another device has.
func (v *visit) check() {
	if !v.focus.Live() {
		v.halt(visitOver)
		return
	}
	if p := v.point(); p != nil && v.door == sfu.DoorWHIP && p.Device != "" && p.Device != v.device {
		v.halt(visitTaken)
	}
}

// point is the encoder's point as the meeting has it.
func (v *visit) point() *meeting.PointState {
	if b := v.srv.boards.of(v.focus); b != nil {
		return b.points[v.who.Point]
	}
	return nil
}

// sit takes the seat of an encoder's point, with this visit's media session. A
// seat the log still gives to this device is of a visit that is gone: the meeting
// loses that and has the point back in one decision, its microphone closed.
func (v *visit) sit() error {
	p := v.point()
	if v.door != sfu.DoorWHIP || p == nil || p.Device == v.device && p.Presence == meeting.Present && p.Media == v.id {
		return nil
	}
	return v.submit(node, meeting.Connect{Point: p.ID, Device: v.device, Media: v.id})
}

// straighten puts on record that a source is off, where the log permits what
// stays closed here.
func (v *visit) straighten(n news) {
	for source, g := range n.gates {
		if g.Stale && v.door == sfu.DoorWHIP {
			_ = v.submit(v.actor(), offOf(source)) // logged
		}
	}
}

// actor is the encoder's point, acting.
func (v *visit) actor() meeting.Actor {
	return meeting.Actor{Role: v.who.Role, Point: v.who.Point, Name: v.who.Name}
}

// lose says that the encoder's device is gone.
func (v *visit) lose() {
	if v.door == sfu.DoorWHIP {
		_ = v.submit(node, meeting.Lose{Point: v.who.Point, Device: v.device, Why: meeting.LostMedia}) // logged
	}
}

func (v *visit) submit(by meeting.Actor, c meeting.Command) error {
	ctx, cancel := context.WithTimeout(context.Background(), v.srv.cfg.Limits.Command)
	defer cancel()
	_, err := v.focus.Submit(ctx, by, meeting.Cause{}, c)
	if err != nil {
		v.log.Info("presence refused", "command", meeting.CommandName(c), "err", err)
	}
	return err
}

// finish ends what the visit holds. An encoder that says goodbye leaves, with
// or without a release (Art 9.2.c); of one that is gone the meeting is told.
func (v *visit) finish() {
	v.release()
	if v.peer != nil {
		if err := v.peer.Close(); err != nil {
			v.log.Info("peer not closed cleanly", "err", err)
		}
	}
	if v.door == sfu.DoorWHIP {
		switch v.why {
		case visitLeft:
			if v.submit(v.actor(), meeting.LeavePoint{Point: v.who.Point, Force: true}) != nil {
				v.lose()
			}
		case visitLost, visitRevoked:
			v.lose()
		}
	}
	v.srv.mu.Lock()
	delete(v.srv.visits, v.id)
	v.places.leave()
	v.srv.mu.Unlock()
	v.log.Info("visit ended", "why", v.why)
}
