package sfu

import (
	"net/netip"
	"runtime"
	"sync/atomic"
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
