//go:build !unix

package sfu

import (
	"net"
	"net/netip"
)

// sender sends datagrams the portable way, which may wait for the kernel.
type sender struct{ conn *net.UDPConn }

func newSender(c *net.UDPConn) (sender, error) { return sender{conn: c}, nil }

func (s *sender) send(b []byte, to netip.AddrPort) error {
	_, err := s.conn.WriteToUDPAddrPort(b, to)
	return err
}
