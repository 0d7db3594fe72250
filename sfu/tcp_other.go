//go:build !linux

package sfu

import "net"

// limitUnsent keeps what waits in the kernel small, at the cost of lines that
// are long and wide.
func limitUnsent(c *net.TCPConn) { _ = c.SetWriteBuffer(4 * tcpRun) }
