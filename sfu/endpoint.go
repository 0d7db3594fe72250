package sfu

import (
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/stun/v4"
)

const (
	routesMost    = 16               // addresses of one session that are known at a time
	dialledMost   = 64               // addresses a child tries
	endpointQueue = 512              // datagrams of a client that wait for its agent; a power of two
	linkQueue     = 4096             // the same of a link
	contested     = 15 * time.Second // for so long after its check an address is not given to another on his word
)

// endpoint is where the datagrams of one ICE session come and go, whatever
// socket of ours and whatever address of theirs they use.
//
// The agent above knows at most routesMost addresses, however many the other end
// uses: one that comes when all are taken is shown to the agent as the one that
// was longest silent. That bounds what the agent looks through at each check. It
// also lets media follow the other end to another address without the agent, as
// an agent that was told once where to send goes on (follow.go).
//
// Locks: mu guards routes and what goes with them; no packet of media takes it.
type endpoint struct {
	ports  *ports
	run    *run
	ufrag  string // ours
	weight int32  // of clients that it counts as
	dials  bool   // it sends first, where the other end was said to be

	secrets atomic.Pointer[secrets]
	media   atomic.Pointer[route] // where media goes
	in      [2]atomic.Pointer[endpointConn]
	probed  atomic.Int64 // when the other end was last asked whether it is at an address

	mu     sync.Mutex
	routes []*route
	spare  []netip.AddrPort // that the agent has met and no route is shown as
	ended  bool
}

// secrets are the passwords of a session.
type secrets struct {
	local  string
	remote credentials
}

// route is one address of the other end, at one of our sockets.
type route struct {
	end     *endpoint
	socket  *socket
	real    netip.AddrPort
	shown   atomic.Pointer[netip.AddrPort] // what the agent takes it for
	since   time.Duration                  // its first check
	heard   atomic.Int64                   // its newest datagram
	checked atomic.Int64                   // its newest check
	bucket  bucket                         // owned by the socket's reader
}

// deliver gives a datagram to the agent.
func (r *route) deliver(b []byte) {
	shown := *r.shown.Load()
	if c := r.end.in[family(shown.Addr())].Load(); c != nil {
		c.push(b, shown)
	}
}

func family(a netip.Addr) int {
	if a.Is4() {
		return 0
	}
	return 1
}

// vouches reports whether a check has the session's password (RFC 8445 §7.3).
func (e *endpoint) vouches(m *stun.Message) bool {
	s := e.secrets.Load()
	return s != nil && stun.NewShortTermIntegrity(s.local).Check(m) == nil
}

// meet finds or makes the route of an address that has just shown the password.
// An address that is another session's goes over when it has answered, which
// whoever only forged it cannot (RFC 8445 §7.3 proves who asks, not from where).
func (e *endpoint) meet(s *socket, from netip.AddrPort, now time.Duration) *route {
	owner := s.routes.find(from)
	if owner != nil && owner.end == e {
		return owner
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended {
		return nil
	}
	i := slices.IndexFunc(e.routes, func(r *route) bool { return r.socket == s && r.real == from })
	if i < 0 {
		e.routes = append(e.routes, e.admit(s, from, now))
		i = len(e.routes) - 1
	}
	r := e.routes[i]
	if owner == nil || now-time.Duration(owner.checked.Load()) > contested {
		s.routes.put(r)
	} else {
		e.probe(r, now)
	}
	return r
}

// admit makes a route, in the place of the longest silent one if there are many.
func (e *endpoint) admit(s *socket, from netip.AddrPort, now time.Duration) *route {
	r := &route{end: e, socket: s, real: from, since: now}
	r.heard.Store(int64(now))
	if len(e.routes) >= routesMost && !e.dials {
		e.evict()
	}
	shown := e.show(from)
	r.shown.Store(&shown)
	return r
}

// evict forgets the route that was silent for longest, but for that of media.
func (e *endpoint) evict() {
	media, oldest := e.media.Load(), -1
	for i, r := range e.routes {
		if r != media && (oldest < 0 || r.heard.Load() < e.routes[oldest].heard.Load()) {
			oldest = i
		}
	}
	r := e.routes[oldest]
	e.routes = slices.Delete(e.routes, oldest, oldest+1)
	r.socket.routes.drop(r)
	e.spare = append(e.spare, *r.shown.Load())
}

// show picks what the agent takes an address for: itself, or one the agent has
// met before, of the same family if there is one.
func (e *endpoint) show(from netip.AddrPort) netip.AddrPort {
	if i := slices.Index(e.spare, from); i >= 0 {
		e.spare = slices.Delete(e.spare, i, i+1)
		return from
	}
	used := slices.ContainsFunc(e.routes, func(r *route) bool { return *r.shown.Load() == from })
	if len(e.spare) == 0 || !used && len(e.routes)+len(e.spare) < routesMost {
		return from
	}
	i := max(slices.IndexFunc(e.spare, func(a netip.AddrPort) bool { return a.Addr().Is4() == from.Addr().Is4() }), 0)
	shown := e.spare[i]
	e.spare = slices.Delete(e.spare, i, i+1)
	return shown
}

// way finds where the agent means to send to, when it is not where media goes,
// and makes it the way of media if media it is. Nothing goes to an address that
// has not shown the password, but from the end that dials.
func (e *endpoint) way(b []byte, to netip.AddrPort) *route {
	to = plain(to)
	check := stun.IsMessage(b)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended {
		return nil
	}
	i := slices.IndexFunc(e.routes, func(r *route) bool { return *r.shown.Load() == to })
	if e.dials && check {
		i = e.dial(i, to)
	}
	if i < 0 {
		return nil
	}
	if !check {
		e.media.Store(e.routes[i])
	}
	return e.routes[i]
}

// dial finds or makes the route to an address the other end was said to have,
// from the address of the host that the system would send from now.
func (e *endpoint) dial(i int, to netip.AddrPort) int {
	s := e.ports.sourceOf(to.Addr())
	if s == nil || i < 0 && len(e.routes) >= dialledMost {
		return i
	}
	if i >= 0 && e.routes[i].socket == s {
		return i
	}
	r := &route{end: e, socket: s, real: to}
	r.shown.Store(&to)
	s.routes.put(r)
	if i < 0 {
		e.routes = append(e.routes, r)
		return len(e.routes) - 1
	}
	before := e.routes[i]
	e.routes[i] = r
	before.socket.routes.drop(before)
	e.media.CompareAndSwap(before, r)
	return i
}

// end forgets the session.
func (e *endpoint) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	for _, r := range e.routes {
		r.socket.routes.drop(r)
	}
	e.routes = nil
}

// endpointConn is an endpoint as the ICE agent sees it: all of one family.
type endpointConn struct {
	end    *endpoint
	family int
	queue  *ring[*datagram]
	token  chan struct{}
	parked atomic.Bool
	done   chan struct{}
	ending sync.Once
}

// datagram is one that waits for its agent.
type datagram struct {
	bytes [inboxBytes]byte
	size  int
	from  netip.AddrPort
}

// datagramPool holds those that have been read, to be used again.
var datagramPool = sync.Pool{New: func() any { return new(datagram) }}

func newEndpointConn(e *endpoint, family int) *endpointConn {
	size := endpointQueue
	if e.weight > 1 {
		size = linkQueue
	}
	return &endpointConn{end: e, family: family, queue: newRing[*datagram](size), token: make(chan struct{}, 1), done: make(chan struct{})}
}

// push queues a datagram, or drops and counts it.
func (c *endpointConn) push(b []byte, from netip.AddrPort) {
	d := datagramPool.Get().(*datagram)
	d.size, d.from = copy(d.bytes[:], b), from
	if !c.queue.push(d) {
		c.end.ports.unread.Add(1)
		datagramPool.Put(d)
		return
	}
	if c.parked.Load() && c.parked.CompareAndSwap(true, false) {
		select {
		case c.token <- struct{}{}:
		default: // it is about to look anyway
		}
	}
}

// ReadFromAddrPort waits for the next datagram. Only one goroutine may read.
func (c *endpointConn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		if d, ok := c.queue.pop(); ok {
			n, from := copy(b, d.bytes[:d.size]), d.from
			datagramPool.Put(d)
			return n, from, nil
		}
		c.parked.Store(true)
		if !c.queue.empty() {
			c.parked.Store(false)
			continue
		}
		select {
		case <-c.token:
		case <-c.done:
			return 0, netip.AddrPort{}, io.EOF
		}
		c.parked.Store(false)
	}
}

// ReadFrom is ReadFromAddrPort for those who want a net.Addr.
func (c *endpointConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromAddrPort(b)
	return n, net.UDPAddrFromAddrPort(from), err
}

// WriteToAddrPort sends a datagram to where an address is, or adds it to the run.
func (c *endpointConn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	r := c.end.media.Load()
	if r == nil || *r.shown.Load() != to || c.end.dials && stun.IsMessage(b) {
		if r = c.end.way(b, to); r == nil {
			return len(b), nil
		}
	}
	if r.socket.udp != nil && c.end.run.add(r.socket.udp, b, r.real) {
		return len(b), nil
	}
	return r.socket.conn.WriteToAddrPort(b, r.real)
}

// WriteTo is WriteToAddrPort for those who have a net.Addr.
func (c *endpointConn) WriteTo(b []byte, to net.Addr) (int, error) {
	addr, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, net.InvalidAddrError("not a udp address")
	}
	return c.WriteToAddrPort(b, plain(addr.AddrPort()))
}

// LocalAddr is any address of the family: which one is the endpoint's affair.
func (c *endpointConn) LocalAddr() net.Addr { return c.end.ports.anyAddr(c.family) }

// Close ends reading, and the session when it is its last.
func (c *endpointConn) Close() error {
	c.ending.Do(func() {
		close(c.done)
		c.end.in[c.family].CompareAndSwap(c, nil)
		if c.end.in[0].Load() == nil && c.end.in[1].Load() == nil {
			c.end.ports.forget(c.end.ufrag)
		}
	})
	return nil
}

// SetDeadline does nothing: Close ends a read, and a write never waits.
func (c *endpointConn) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (c *endpointConn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (c *endpointConn) SetWriteDeadline(time.Time) error { return nil }

// endpoints are those of one peer: the UDP mux its ICE agent is given.
type endpoints struct {
	ports  *ports
	run    *run
	weight int32
	dials  bool
}

// GetConn gives an ICE session its datagrams of one family.
func (m *endpoints) GetConn(ufrag string, addr net.Addr) (net.PacketConn, error) {
	f := 1
	if udp, ok := addr.(*net.UDPAddr); ok && udp.IP.To4() != nil {
		f = 0
	}
	e := m.ports.endpoint(ufrag, m)
	if e == nil {
		return nil, net.ErrClosed
	}
	c := newEndpointConn(e, f)
	e.in[f].Store(c)
	return c, nil
}

// RemoveConnByUfrag forgets a session.
func (m *endpoints) RemoveConnByUfrag(ufrag string) { m.ports.forget(ufrag) }

// GetListenAddresses are one for each family: a session is at all addresses of
// the host, those that are to come too.
func (m *endpoints) GetListenAddresses() []net.Addr {
	return []net.Addr{m.ports.anyAddr(0), m.ports.anyAddr(1)}
}

// Close does nothing: the sockets are of all.
func (m *endpoints) Close() error { return nil }

// named finds the session that a check names.
func (p *ports) named(m *stun.Message) *endpoint {
	name, err := m.Get(stun.AttrUsername)
	if err != nil {
		return nil
	}
	ufrag, _, _ := strings.Cut(string(name), ":")
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ends[ufrag]
}
