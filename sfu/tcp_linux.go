package sfu

import (
	"net"

	"golang.org/x/sys/unix"
)

// limitUnsent keeps what has been written and not sent yet out of the kernel,
// where it could not be left out any more (tcp(7), TCP_NOTSENT_LOWAT). A system
// that refuses it queues more, and nothing else.
func limitUnsent(c *net.TCPConn) {
	if raw, err := c.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, tcpRun)
		})
	}
}
