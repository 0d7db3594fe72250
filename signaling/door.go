package signaling

import (
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
	if err := s.enter(address); err != nil {
		problem(w, err)
		return
	}
	defer s.leave(address)
	greeted := false
	defer func() {
		if !greeted {
			s.greeted()
		}
	}()
	up := websocket.Upgrader{
		HandshakeTimeout: s.cfg.Limits.Hello,
		Subprotocols:     []string{wire.Subprotocol},
		CheckOrigin:      func(*http.Request) bool { return true }, // sameOrigin has, with a coded answer
	}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	k := newSocket(conn, address, s.cfg.Limits)
	if !s.serve(k) {
		conn.Close()
		return
	}
	defer s.drop(k)
	who, hello, ok := s.greet(k)
	greeted = true
	s.greeted()
	if ok {
		s.cfg.Audit(Act{Who: who, From: k.address, Act: "hello"})
		s.attend(k, who, hello)
	}
	k.end(nil)
	k.hush()
}

// greet reads the hello and says who it is from. What is wrong is told and
// ends the socket.
func (s *Server) greet(k *socket) (Identity, greeting, bool) {
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

func (s *Server) readHello(k *socket) (Identity, greeting, error) {
	var g greeting
	if err := k.conn.SetReadDeadline(time.Now().Add(s.cfg.Limits.Hello)); err != nil {
		return Identity{}, g, err
	}
	data, err := k.read()
	if err != nil {
		return Identity{}, g, refusal(wire.CodeHelloExpected)
	}
	f, err := wire.ReadFrame(data)
	g.id = f.ID
	if err != nil {
		return Identity{}, g, err
	}
	if f.T != "hello" {
		return Identity{}, g, refusal(wire.CodeHelloExpected)
	}
	if err := wire.Decode(f.D, &g.Hello); err != nil {
		return Identity{}, g, err
	}
	who, err := s.identify(k.address, g.Token)
	if err != nil {
		return who, g, err
	}
	if who.Device != "" && who.Device != g.Device {
		err := refusal(wire.CodeTokenDevice)
		s.cfg.Audit(Act{Who: who, From: k.address, Act: "hello", Err: err})
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
func (s *Server) attend(k *socket, who Identity, hello greeting) {
	sess, err := s.admit(k, who, hello)
	if err != nil {
		k.end(failure(hello.id, err, true))
		return
	}
	r := newReader(s, k)
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
func (s *Server) admit(k *socket, who Identity, hello greeting) (*session, error) {
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
func (s *Server) session(who Identity, hello greeting) (sess *session, resumed bool, err error) {
	screen, err := screenOf(who, &hello.Hello)
	if err != nil {
		return nil, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false, errDraining
	}
	if old := s.sessions[hello.Resume]; hello.Resume != "" && old != nil && old.who == who && old.device == hello.Device {
		return old, true, nil
	}
	sess = newSession(s, rand.Text(), who, hello.Hello)
	sess.screen = screen
	s.beside(sess, 1)
	s.sessions[sess.id] = sess
	if who.Role == meeting.RoleRoom {
		key := seatKey{string(who.Point), hello.Device}
		sess.predecessor = s.seats[key]
		s.seats[key] = sess
	}
	s.wg.Go(sess.run)
	return sess, false, nil
}

// forget drops an ended session from the tables.
func (s *Server) forget(sess *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, sess.id)
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

// enter counts a socket of an address in.
func (s *Server) enter(address string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return errDraining
	case s.greeting >= s.cfg.Limits.Unauthenticated, s.addresses[address] >= s.cfg.Limits.PerAddress:
		return refusal(wire.CodeTooManyConnections)
	}
	s.addresses[address]++
	s.greeting++
	return nil
}

// greeted says that a socket is no longer before its hello.
func (s *Server) greeted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.greeting--
}

// leave counts a socket of an address out.
func (s *Server) leave(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.addresses[address]--; s.addresses[address] == 0 {
		delete(s.addresses, address)
	}
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
	s.wg.Go(k.write)
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
	rate    bucket
	refused bucket
}

func newReader(s *Server, k *socket) *reader {
	l := s.cfg.Limits
	return &reader{
		socket: k, stats: s.stats,
		rate:    newBucket(l.CommandsRate, l.CommandsBurst),
		refused: newBucket(l.CommandsRate, l.RefusedBurst),
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
	}
}

// abused reports whether a refusal is one too many: of a frame over its bound,
// after too many others, or while the client does not even read them.
func (r *reader) abused(refused error) bool {
	return codedError(refused).Code == wire.CodeFrameTooBig || !r.refused.take(time.Now()) || r.socket.choked()
}

func (r *reader) parse(data []byte, err error) (wire.Frame, error) {
	if err != nil {
		return wire.Frame{}, &meeting.Error{Code: wire.CodeFrameMalformed, Args: map[string]any{"detail": "want text frames"}}
	}
	limited := !r.rate.take(time.Now())
	f, err := wire.ReadFrame(data)
	if err == nil && limited {
		err = refusal(wire.CodeRateLimited)
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
