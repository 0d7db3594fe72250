package sfu

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"
)

// udpConn is a socket of the host. A write never waits: one client behind a full
// buffer must not cost the others their consent checks. A read only fails after
// Close, because its reader ends at the first error.
type udpConn struct {
	*net.UDPConn
	sender  sender
	inbox   *inbox
	dropped atomic.Uint64 // datagrams there was no room for
	refused atomic.Int32  // runs the system would not cut, in a row
}

const refusedMax = 16 // then no more are tried

const readPause = 10 * time.Millisecond // after a failed read, lest it spins

func newUDPConn(c *net.UDPConn) (*udpConn, error) {
	// The kernel may grant less; ports warns of it, and the drops are counted.
	_, _ = c.SetReadBuffer(socketBuffer), c.SetWriteBuffer(socketBuffer)
	sender, err := newSender(c)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare socket: %w", err), c.Close())
	}
	inbox, err := newInbox(c)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare socket: %w", err), c.Close())
	}
	return &udpConn{UDPConn: c, sender: sender, inbox: inbox}, nil
}

// ReadFromAddrPort reads one datagram. Only one goroutine may read.
func (c *udpConn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		datagram, from, err := c.inbox.read()
		switch {
		case errors.Is(err, net.ErrClosed):
			return 0, from, err
		case err != nil:
			time.Sleep(readPause)
		default:
			return copy(b, datagram), from, nil
		}
	}
}

// WriteToAddrPort sends one datagram, or drops and counts it.
func (c *udpConn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if err := c.sender.send(b, to); err != nil {
		if errors.Is(err, net.ErrClosed) {
			return 0, err
		}
		c.dropped.Add(1)
	}
	return len(b), nil
}

// writeRun sends datagrams of one size, the last of which may be shorter: as
// one message if the system can cut it, else one by one.
func (c *udpConn) writeRun(b []byte, size int, to netip.AddrPort) {
	if len(b) > size && c.refused.Load() < refusedMax {
		switch err := c.sender.sendRun(b, size, to); {
		case err == nil:
			c.refused.Store(0)
			return
		case full(err):
			c.dropped.Add(uint64((len(b) + size - 1) / size))
			return
		}
		c.refused.Add(1)
	}
	for len(b) > 0 {
		n := min(size, len(b))
		_, _ = c.WriteToAddrPort(b[:n], to) // counted there
		b = b[n:]
	}
}

// full reports whether a send failed for want of room.
func full(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.ENOBUFS)
}
