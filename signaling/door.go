package signaling

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

var errDraining = &meeting.Error{Code: wire.CodeServerDraining}

// bridge is GET /api/v1/bridge: one client's WebSocket, from its upgrade to
// its end. The request's goroutine is the socket's reader.
func (s *Server) bridge(w http.ResponseWriter, r *http.Request) {
	if !sameOrigin(r) {
		problem(w, refusal(wire.CodeOriginDenied))
		return
	}
	address := addressOf(r)
	open, greeting, err := s.enter(r)
	if err != nil {
		problem(w, err)
		return
	}
	defer open.Leave()
	defer greeting.place.Leave()
	up := websocket.Upgrader{
		HandshakeTimeout: s.cfg.Limits.Hello,
		Subprotocols:     []string{wire.Subprotocol},
		CheckOrigin:      func(*http.Request) bool { return true }, // sameOrigin has, with a coded answer
	}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	k := newSocket(conn, address, s)
	if !s.serve(k) { // it closes, and has not seen this socket
		k.end(failure(0, errDraining, true))
		close(k.silent)
		k.finish()
		conn.Close()
		return
	}
	defer s.drop(k)
	context.AfterFunc(greeting.lost, func() { k.end(failure(0, refusal(wire.CodeTooManyConnections), true)) })
	who, hello, ok := s.greet(k)
	ok = ok && greeting.place.Settle() && limit.Keep(r.Context())
	greeting.place.Leave()
	if ok {
		s.cfg.Audit(Act{Who: who.Identity, From: k.address, Act: "hello"})
		s.attend(k, who, hello)
	}
	k.end(nil)
	k.hush()
}

// greet reads the hello and says who it is from. What is wrong is told and
// ends the socket.
func (s *Server) greet(k *socket) (Bearer, greeting, bool) {
	who, hello, err := s.readHello(k)
	if err == nil {
		err = k.listen()
	}
	if err != nil {
		k.end(failure(hello.id, err, true))
		return who, hello, false
	}
	return who, hello, true
}

// greeting is a hello and its number.
type greeting struct {
	wire.Hello
	id uint64
}

func (s *Server) readHello(k *socket) (Bearer, greeting, error) {
	var g greeting
	if err := k.conn.SetReadDeadline(time.Now().Add(s.cfg.Limits.Hello)); err != nil {
		return Bearer{}, g, err
	}
	data, err := k.read()
	if err != nil {
		return Bearer{}, g, refusal(wire.CodeHelloExpected)
	}
	f, err := wire.ReadFrame(data)
	g.id = f.ID
	if err != nil {
		return Bearer{}, g, err
	}
	if f.T != "hello" {
		return Bearer{}, g, refusal(wire.CodeHelloExpected)
	}
	if err := wire.Decode(f.D, &g.Hello); err != nil {
		return Bearer{}, g, err
	}
	who, err := s.identify(k.address, g.Token)
	if err == nil {
		err = s.fair.hellos.Take(principalOf(who.Identity))
	}
	if err != nil {
		return who, g, err
	}
	if who.Device != "" && who.Device != g.Device {
		err := refusal(wire.CodeTokenDevice)
		s.cfg.Audit(Act{Who: who.Identity, From: k.address, Act: "hello", Err: err})
		return who, g, err
	}
	if !validDevice(g.Device) {
		return who, g, &meeting.Error{Code: meeting.CodeValueInvalid, Args: map[string]any{"field": "device"}}
	}
	return who, g, nil
}

// validDevice reports whether a device's name is one word of printable ASCII,
// as the meeting wants it; its length is bounded by the wire.
func validDevice(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' })
}

// attend gives the socket to its session and reads it to its end.
func (s *Server) attend(k *socket, who Bearer, hello greeting) {
	sess, err := s.admit(k, who, hello)
	if err != nil {
		k.end(failure(hello.id, err, true))
		return
	}
	r := newReader(s, k, sess.ctx)
	for {
		in, err := r.next()
		if err != nil {
			break
		}
		if !sess.give(in) {
			return // the session has ended the socket
		}
	}
	sess.give(inbound{from: k, closed: true})
}

// admit brings the socket to a session. The one it would go on with may end
// at this very moment; then it gets its own.
func (s *Server) admit(k *socket, who Bearer, hello greeting) (*session, error) {
	for range 2 {
		sess, resumed, err := s.session(who, hello)
		if err != nil {
			return nil, err
		}
		if sess.attach(arrival{socket: k, hello: hello, resumed: resumed}) {
			return sess, nil
		}
		hello.Resume = ""
	}
	return nil, refusal(wire.CodeServerFailed)
}

// session finds the session a hello goes on with, or starts its own.
func (s *Server) session(who Bearer, hello greeting) (sess *session, resumed bool, err error) {
	screen, err := screenOf(who.Identity, &hello.Hello)
	if err != nil {
		return nil, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false, errDraining
	}
	if old := s.sessions[hello.Resume]; hello.Resume != "" && old != nil && old.who == who.Identity && old.grant == who.Grant && old.device == hello.Device {
		return old, true, nil
	}
	key := seatKey{string(who.Point), hello.Device}
	before := s.seats[key]
	place, err := s.sessionPlace(who.Identity, before)
	if err != nil {
		return nil, false, err
	}
	sess = newSession(s, rand.Text(), who, hello.Hello)
	sess.screen, sess.place = screen, place
	s.beside(sess, 1)
	s.sessions[sess.id] = sess
	if who.Role == meeting.RoleRoom {
		sess.predecessor = before
		s.seats[key] = sess
	}
	sess.release = context.AfterFunc(who.life(), s.scope("session", nil).Func(sess.revoke))
	s.wg.Go(s.scope("session", nil).Func(sess.run))
	return sess, false, nil
}

// sessionPlace gives a new session a place among those of its principal: the
// one of the session it replaces, which ends at once. The lock is held.
func (s *Server) sessionPlace(who Identity, before *session) (*limit.Place[principal], error) {
	if before != nil && before.who == who && before.place != nil {
		place := before.place
		before.place = nil
		return place, nil
	}
	return s.fair.sessions.Enter(principalOf(who), nil)
}

// forget drops an ended session from the tables.
func (s *Server) forget(sess *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, sess.id)
	if sess.place != nil {
		sess.place.Leave()
	}
	s.beside(sess, -1)
	key := seatKey{string(sess.who.Point), sess.device}
	if s.seats[key] == sess {
		delete(s.seats, key)
	}
}

// called is the meeting a client belongs to now, nil if there is none: its
// point's, or the first of the open ones for those who have no point.
func (s *Server) called(who Identity) *focus.Focus {
	if who.Point != "" {
		return s.cfg.Meetings.Called(who.Point)
	}
	if live := s.within(who); len(live) > 0 {
		return live[0]
	}
	return nil
}

// within lists the open meetings of a client's system and those below it, or
// all.
func (s *Server) within(who Identity) []*focus.Focus {
	return slices.DeleteFunc(s.cfg.Meetings.Live(), func(f *focus.Focus) bool { return !s.covers(who, f) })
}

// greetingPlace is a socket's before its hello, and tells when it is given to
// somebody else.
type greetingPlace struct {
	place *limit.Place[near]
	lost  context.Context
}

// enter takes a place for a socket, and one for its greeting, for which it waits
// a while.
func (s *Server) enter(r *http.Request) (open *limit.Place[near], g greetingPlace, err error) {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return nil, g, errDraining
	}
	from := limit.Of(r)
	if open, err = s.fair.sockets.Enter(from, nil); err != nil {
		return nil, g, err
	}
	lost, lose := context.WithCancel(context.WithoutCancel(r.Context()))
	patience, done := context.WithTimeout(r.Context(), s.cfg.Limits.Hello)
	defer done()
	if g.place, err = s.fair.greetings.Await(patience, from, lose); err != nil {
		lose()
		open.Leave()
		return nil, g, err
	}
	g.lost = lost
	return open, g, nil
}

// serve starts the socket's writer, unless the server is closing.
func (s *Server) serve(k *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.sockets[k] = struct{}{}
	s.wg.Add(1) // for the reader, until drop
	s.wg.Go(s.scope("socket", func() { _ = k.conn.Close() }).Func(k.write))
	return true
}

// drop forgets a socket whose reader has ended.
func (s *Server) drop(k *socket) {
	defer s.wg.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sockets, k)
}

// reader turns a socket's frames into what its session takes, within its rate.
type reader struct {
	socket  *socket
	stats   *stats
	ctx     context.Context // of the session
	rate    *limit.Rate
	closing *limit.Rate
	refused *limit.Rate
}

func newReader(s *Server, k *socket, ctx context.Context) *reader {
	return &reader{
		socket: k, stats: s.stats, ctx: ctx,
		rate:    limit.NewRate(s.fair.table, limit.Frames),
		closing: limit.NewRate(s.fair.table, limit.Closings),
		refused: limit.NewRate(s.fair.table, limit.Refusals),
	}
}

// next waits for a frame within the rate. Frames over it are refused here,
// and so many of them that it cannot be a mistake end the socket.
func (r *reader) next() (inbound, error) {
	for {
		data, err := r.socket.read()
		if err != nil && !errors.Is(err, errNotText) {
			return inbound{}, err
		}
		f, refused := r.parse(data, err)
		if refused == nil {
			return inbound{from: r.socket, frame: f}, nil
		}
		r.stats.refuse(refused)
		if r.abused(refused) {
			r.socket.end(failure(f.ID, refused, true))
			return inbound{}, refused
		}
		r.socket.send(failure(f.ID, refused, false))
		if overRate(refused) { // who sends fast is read slowly
			_ = pace(r.ctx, &limit.Refusal{After: refusedEvery})
		}
	}
}

// refusedEvery is how long a frame over the rate holds up the next of its socket.
const refusedEvery = 5 * time.Millisecond

// abused reports whether a refusal is one too many: of a frame over its bound,
// after too many others, or while the client does not even read them.
func (r *reader) abused(refused error) bool {
	return codedError(refused).Code == wire.CodeFrameTooBig || r.refused.Take(time.Now()) != nil || r.socket.choked()
}

// parse reads a frame and holds it to the rate. A closing command is never over
// it: too many of them only wait for each other.
func (r *reader) parse(data []byte, err error) (wire.Frame, error) {
	if err != nil {
		return wire.Frame{}, &meeting.Error{Code: wire.CodeFrameMalformed, Args: map[string]any{"detail": "want text frames"}}
	}
	f, err := wire.ReadFrame(data)
	if err == nil && closingNames[f.T] {
		return f, pace(r.ctx, r.closing.Take(time.Now()))
	}
	if over := r.rate.Take(time.Now()); err == nil {
		err = over
	}
	return f, err
}

// sameOrigin reports whether a browser's page comes from this server. A
// client that is no browser sends no Origin, and has its token.
func sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

func addressOf(r *http.Request) string { return limit.Address(r) }

// placeOf is an address as media wants it; one that cannot be read is this machine.
func placeOf(address string) netip.Addr {
	addr, _ := netip.ParseAddr(address)
	return addr
}
