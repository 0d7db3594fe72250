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

// sendCall is what one send needs; its function is made once.
type sendCall struct {
	b   []byte
	to4 unix.SockaddrInet4
	to6 unix.SockaddrInet6
	to  unix.Sockaddr
	err error
	do  func(fd uintptr) bool
}

func newSender(c *net.UDPConn) (sender, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return sender{}, err
	}
	s := sender{raw: raw, v4: c.LocalAddr().(*net.UDPAddr).IP.To4() != nil}
	s.calls = &sync.Pool{New: func() any {
		call := &sendCall{}
		call.do = func(fd uintptr) bool {
			call.err = unix.Sendto(int(fd), call.b, unix.MSG_DONTWAIT, call.to)
			return true
		}
		return call
	}}
	return s, nil
}

func (s *sender) send(b []byte, to netip.AddrPort) error {
	call := s.calls.Get().(*sendCall)
	if addr := to.Addr().Unmap(); s.v4 && addr.Is4() {
		call.to4 = unix.SockaddrInet4{Port: int(to.Port()), Addr: addr.As4()}
		call.to = &call.to4
	} else {
		call.to6 = unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
		call.to = &call.to6
	}
	call.b = b
	err := s.raw.Write(call.do)
	if err == nil {
		err = call.err
	}
	call.b = nil
	s.calls.Put(call)
	return err
}
