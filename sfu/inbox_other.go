//go:build !linux

package sfu

import (
	"net"
	"net/netip"
)

// inbox takes datagrams from a socket one by one.
type inbox struct {
	conn *net.UDPConn
	b    [packetMax + 1]byte
}

func newInbox(c *net.UDPConn) (*inbox, error) { return &inbox{conn: c}, nil }

// read waits for the next datagram. What it gives is good until it is called again.
func (in *inbox) read() ([]byte, netip.AddrPort, error) {
	n, from, err := in.conn.ReadFromUDPAddrPort(in.b[:])
	return in.b[:n], from, err
}
