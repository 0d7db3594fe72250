package sfu

import (
	"errors"
	"hash/maphash"
	"maps"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/stun/v4"
	pion "github.com/pion/transport/v5"

	"github.com/giaoban/giaoban/internal/guard"
)

// udpSocket is a UDP socket.
type udpSocket interface {
	ReadFromAddrPort([]byte) (int, netip.AddrPort, error)
	WriteToAddrPort([]byte, netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// socket is one UDP socket of the media port, on one address of the host. Its
// one goroutine reads it and gives each datagram to the endpoint it is for:
// STUN by the name of the session in it (RFC 8445 §7.2.2), and only with that
// session's password, all else by the address, which such a check has shown.
type socket struct {
	ports  *ports
	addr   netip.Addr
	conn   udpSocket
	udp    *udpConn // conn, if it is the host's
	police *police
	routes routeTable
}

func newSocket(p *ports, addr netip.Addr, conn udpSocket) *socket {
	s := &socket{ports: p, addr: addr, conn: conn, police: newPolice(), routes: routeTable{seed: maphash.MakeSeed()}}
	s.udp, _ = conn.(*udpConn)
	p.wait.Go(guard.Scope{Name: "media port", Log: p.log}.KeepFunc(s.read))
	return s
}

func (s *socket) read() {
	b := make([]byte, inboxBytes)
	for {
		n, from, err := s.conn.ReadFromAddrPort(b)
		if err != nil {
			if errors.Is(err, net.ErrClosed) || s.udp == nil {
				return
			}
			continue // what a socket of the host says is over
		}
		s.take(b[:n], plain(from), s.ports.now())
	}
}

// take sees to one datagram.
func (s *socket) take(b []byte, from netip.AddrPort, now time.Duration) {
	r := s.routes.find(from)
	if !s.police.admits(r, from.Addr(), now) {
		return
	}
	if stun.IsMessage(b) {
		s.takeSTUN(b, from, r, now)
		return
	}
	if r == nil {
		return // nobody has shown that it is of a session
	}
	r.heard.Store(int64(now))
	if r.end.media.Load() != r {
		r.end.consider(r, now)
	}
	if len(b) > packetMax && r.end.weight == 0 {
		s.ports.oversize.Add(1) // the agent of a client has no room for it
		return
	}
	r.deliver(b)
}

// takeSTUN sees to a STUN message. A request must have the password of the
// session it names; responses and indications name none.
func (s *socket) takeSTUN(b []byte, from netip.AddrPort, r *route, now time.Duration) {
	m := &stun.Message{Raw: append([]byte(nil), b...)}
	if m.Decode() != nil {
		return
	}
	if m.Type.Class != stun.ClassRequest {
		if c := s.ports.asked(m.TransactionID); c != nil {
			c.answered(s, m, from, now)
		} else if r != nil {
			r.heard.Store(int64(now))
			r.deliver(b)
		}
		return
	}
	end := s.ports.named(m)
	if end == nil || !end.vouches(m) {
		return
	}
	r = end.meet(s, from, now)
	if r == nil {
		return
	}
	r.heard.Store(int64(now))
	r.checked.Store(int64(now))
	end.consider(r, now)
	r.deliver(b)
}

// routeShards is in how many parts a table is copied when it changes.
const routeShards = 64

// routeTable finds the route of an address without a lock.
type routeTable struct {
	seed   maphash.Seed
	mu     sync.Mutex // of those who change it
	shards [routeShards]atomic.Pointer[map[netip.AddrPort]*route]
}

func (t *routeTable) shard(at netip.AddrPort) *atomic.Pointer[map[netip.AddrPort]*route] {
	return &t.shards[maphash.Comparable(t.seed, at)%routeShards]
}

func (t *routeTable) find(at netip.AddrPort) *route {
	if all := t.shard(at).Load(); all != nil {
		return (*all)[at]
	}
	return nil
}

// put gives an address to a route, whoever had it.
func (t *routeTable) put(r *route) {
	t.change(r.real, func(all map[netip.AddrPort]*route) { all[r.real] = r })
}

// drop forgets a route, unless its address is another's by now.
func (t *routeTable) drop(r *route) {
	t.change(r.real, func(all map[netip.AddrPort]*route) {
		if all[r.real] == r {
			delete(all, r.real)
		}
	})
}

func (t *routeTable) change(at netip.AddrPort, f func(map[netip.AddrPort]*route)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	shard := t.shard(at)
	next := map[netip.AddrPort]*route{}
	if all := shard.Load(); all != nil {
		next = maps.Clone(*all)
	}
	f(next)
	shard.Store(&next)
}

// size counts the addresses that are known.
func (t *routeTable) size() (n int) {
	for i := range t.shards {
		if all := t.shards[i].Load(); all != nil {
			n += len(*all)
		}
	}
	return n
}

// elsewhereSocket is a socket of a network that is not the host's.
type elsewhereSocket struct{ pion.UDPConn }

// ReadFromAddrPort reads one datagram.
func (f elsewhereSocket) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	n, from, err := f.ReadFrom(b)
	if udp, ok := from.(*net.UDPAddr); ok {
		return n, udp.AddrPort(), err
	}
	return n, netip.AddrPort{}, err
}

// WriteToAddrPort sends one datagram.
func (f elsewhereSocket) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return f.WriteTo(b, net.UDPAddrFromAddrPort(to))
}
