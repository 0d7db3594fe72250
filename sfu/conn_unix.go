//go:build unix

package sfu

import (
	"net"
	"net/netip"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// sender sends datagrams without waiting and without allocating.
type sender struct {
	raw   syscall.RawConn
	v4    bool
	calls *sync.Pool // of *sendCall
}

// sendCall is what one send needs; its functions are made once.
type sendCall struct {
	b        []byte
	control  []byte
	to4      unix.SockaddrInet4
	to6      unix.SockaddrInet6
	to       unix.Sockaddr
	err      error
	single   func(fd uintptr) bool
	segments func(fd uintptr) bool
}

func newSender(c *net.UDPConn) (sender, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return sender{}, err
	}
	s := sender{raw: raw, v4: c.LocalAddr().(*net.UDPAddr).IP.To4() != nil}
	s.calls = &sync.Pool{New: func() any {
		call := &sendCall{}
		call.single = func(fd uintptr) bool {
			call.err = unix.Sendto(int(fd), call.b, unix.MSG_DONTWAIT, call.to)
			return true
		}
		return call
	}}
	return s, nil
}

func (c *sendCall) address(v4 bool, to netip.AddrPort) {
	if addr := to.Addr().Unmap(); v4 && addr.Is4() {
		c.to4 = unix.SockaddrInet4{Port: int(to.Port()), Addr: addr.As4()}
		c.to = &c.to4
		return
	}
	c.to6 = unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
	c.to = &c.to6
}

func (s *sender) send(b []byte, to netip.AddrPort) error {
	call := s.calls.Get().(*sendCall)
	call.address(s.v4, to)
	return s.finish(call, b, call.single)
}

func (s *sender) finish(call *sendCall, b []byte, do func(fd uintptr) bool) error {
	call.b = b
	err := s.raw.Write(do)
	if err == nil {
		err = call.err
	}
	call.b = nil
	s.calls.Put(call)
	return err
}
