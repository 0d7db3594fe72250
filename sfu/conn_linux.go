package sfu

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"
)

// granted is what the kernel gave the socket for reading and for writing,
// bytes; it keeps as much again for itself (socket(7)).
func (c *udpConn) granted() (read, write int) {
	_ = c.sender.raw.Control(func(fd uintptr) {
		read, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF)
		write, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUF)
	})
	return read / 2, write / 2
}

// sendRun sends datagrams of one size, the last of which may be shorter, as
// one message that the kernel or the network card cuts (udp(7), UDP_SEGMENT).
func (s *sender) sendRun(b []byte, size int, to netip.AddrPort) error {
	call := s.calls.Get().(*sendCall)
	call.address(s.v4, to)
	if call.control == nil {
		call.control = make([]byte, unix.CmsgSpace(2))
		binary.NativeEndian.PutUint64(call.control, uint64(unix.CmsgLen(2)))
		binary.NativeEndian.PutUint32(call.control[8:], unix.SOL_UDP)
		binary.NativeEndian.PutUint32(call.control[12:], unix.UDP_SEGMENT)
		call.segments = func(fd uintptr) bool {
			_, call.err = unix.SendmsgN(int(fd), call.b, call.control, call.to, unix.MSG_DONTWAIT)
			return true
		}
	}
	binary.NativeEndian.PutUint16(call.control[16:], uint16(size))
	return s.finish(call, b, call.segments)
}
