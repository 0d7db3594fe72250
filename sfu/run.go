package sfu

import (
	"net"
	"net/netip"
	"runtime"
	"sync/atomic"

	"github.com/pion/ice/v4"
)

const (
	runPackets = 16 // datagrams of one run
	runBytes   = runPackets * packetMax
)

// run gathers the datagrams that a peer's writer sends in one go, so that the
// kernel walks its UDP stack once for all of them (UDP_SEGMENT): that walk, not
// anything of ours, is what forwarding costs. The ICE agent of the peer may
// write at the same time, so each datagram takes the run by compare-and-swap,
// and goes alone when it does not get it.
type run struct {
	gathering atomic.Bool
	busy      atomic.Bool

	// Owned by whoever is busy.
	socket *udpConn
	to     netip.AddrPort
	size   int // of every datagram but the last, which may be shorter
	last   int
	count  int
	bytes  []byte
}

// begin makes what follows wait for flush.
func (r *run) begin() { r.gathering.Store(true) }

// flush sends what has been gathered.
func (r *run) flush() {
	r.gathering.Store(false)
	for !r.busy.CompareAndSwap(false, true) {
		runtime.Gosched() // the other has one datagram to copy or send
	}
	r.send()
	r.busy.Store(false)
}

// add takes a datagram, or reports that it must be sent alone.
func (r *run) add(socket *udpConn, b []byte, to netip.AddrPort) bool {
	if len(b) > packetMax || !r.gathering.Load() || !r.busy.CompareAndSwap(false, true) {
		return false
	}
	if r.count > 0 && (r.socket != socket || r.to != to || len(b) > r.size || r.last < r.size || r.count == runPackets) {
		r.send()
	}
	if r.count == 0 {
		r.socket, r.to, r.size = socket, to, len(b)
	}
	r.bytes = append(r.bytes, b...)
	r.last = len(b)
	r.count++
	r.busy.Store(false)
	return true
}

func (r *run) send() {
	if r.count > 0 {
		r.socket.writeRun(r.bytes, r.size, r.to)
	}
	r.bytes, r.count = r.bytes[:0], 0
}

// runMux is the UDP mux of one peer: the shared one, with the peer's run in front.
type runMux struct {
	ice.UDPMux
	ports  *ports
	run    *run
	weight int32 // of the addresses it answers
}

// GetConn gives the connection of the peer's ICE agent on one address.
func (m *runMux) GetConn(ufrag string, addr net.Addr) (net.PacketConn, error) {
	conn, err := m.UDPMux.GetConn(ufrag, addr)
	if err != nil {
		return nil, err
	}
	direct, ok := conn.(ice.AddrPortReaderWriter)
	socket := m.ports.socket(addr)
	if !ok || socket == nil {
		return conn, nil
	}
	return &runConn{PacketConn: conn, AddrPortReaderWriter: direct, socket: socket, run: m.run, vouched: vouched{weight: m.weight}}, nil
}

// runConn is a connection whose datagrams may join the peer's run. Whatever
// address it writes to is vouched for until it is closed.
type runConn struct {
	net.PacketConn
	ice.AddrPortReaderWriter
	socket  *udpConn
	run     *run
	vouched vouched
}

// Close ends the connection.
func (c *runConn) Close() error {
	c.vouched.end(c.socket.police)
	return c.PacketConn.Close()
}

// WriteToAddrPort sends a datagram, or adds it to the run.
func (c *runConn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	c.vouched.note(c.socket.police, to)
	if c.run.add(c.socket, b, to) {
		return len(b), nil
	}
	return c.AddrPortReaderWriter.WriteToAddrPort(b, to)
}
