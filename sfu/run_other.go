//go:build !linux

package sfu

import (
	"errors"
	"net/netip"
)

// sendRun is for systems whose kernel does not cut runs.
func (s *sender) sendRun([]byte, int, netip.AddrPort) error { return errors.ErrUnsupported }

// granted is taken to be what was asked: there is no sysctl to name.
func (c *udpConn) granted() (read, write int) { return socketBuffer, socketBuffer }
