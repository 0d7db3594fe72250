//go:build !linux

package sfu

import (
	"errors"
	"net/netip"
)

// sendRun is for systems whose kernel does not cut runs.
func (s *sender) sendRun([]byte, int, netip.AddrPort) error { return errors.ErrUnsupported }
