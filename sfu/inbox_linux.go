package sfu

import (
	"net"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	inboxMax   = 32
	inboxBytes = 2048 // of one datagram; a longer one is no packet of ours
)

// inbox takes many datagrams from a socket in one system call (recvmmsg(2)): a
// picture's packets come together, and so does a flood. It belongs to the one
// goroutine that reads the socket.
type inbox struct {
	raw       syscall.RawConn
	got, next int // of messages: given by the system, and read
	err       error
	take      func(fd uintptr) bool
	datagrams [inboxMax][inboxBytes]byte
	names     [inboxMax]unix.RawSockaddrInet6 // or what is smaller
	vectors   [inboxMax]unix.Iovec
	messages  [inboxMax]message
}

// message is struct mmsghdr of recvmmsg(2).
type message struct {
	header unix.Msghdr
	length uint32
}

func newInbox(c *net.UDPConn) (*inbox, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	in := &inbox{raw: raw}
	for i := range in.messages {
		in.vectors[i].Base = &in.datagrams[i][0]
		in.vectors[i].SetLen(inboxBytes)
		h := &in.messages[i].header
		h.Name = (*byte)(unsafe.Pointer(&in.names[i]))
		h.Iov = &in.vectors[i]
		h.SetIovlen(1)
	}
	in.take = in.receive
	return in, nil
}

// receive asks the system once; false is that it has nothing.
func (in *inbox) receive(fd uintptr) bool {
	for i := range in.messages {
		in.messages[i].header.Namelen = uint32(unsafe.Sizeof(in.names[i]))
	}
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&in.messages[0])), inboxMax, unix.MSG_DONTWAIT, 0, 0)
	in.got, in.next, in.err = 0, 0, nil
	switch errno {
	case 0:
		in.got = int(n)
	case unix.EAGAIN:
		return false
	case unix.EINTR:
	default:
		in.err = errno
	}
	return true
}

// read waits for the next datagram. What it gives is good until it is called again.
func (in *inbox) read() ([]byte, netip.AddrPort, error) {
	for {
		for in.next < in.got {
			i := in.next
			in.next++
			m := &in.messages[i]
			if from, ok := in.from(i); ok && m.header.Flags&unix.MSG_TRUNC == 0 {
				return in.datagrams[i][:m.length], from, nil
			}
		}
		if err := in.raw.Read(in.take); err != nil {
			return nil, netip.AddrPort{}, err
		}
		if in.err != nil {
			return nil, netip.AddrPort{}, in.err
		}
	}
}

func (in *inbox) from(i int) (netip.AddrPort, bool) {
	name := &in.names[i]
	port := func(p *uint16) uint16 {
		b := (*[2]byte)(unsafe.Pointer(p)) // in the order of the network
		return uint16(b[0])<<8 | uint16(b[1])
	}
	switch name.Family {
	case unix.AF_INET:
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(name))
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), port(&v4.Port)), true
	case unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16(name.Addr), port(&name.Port)), true
	}
	return netip.AddrPort{}, false
}
