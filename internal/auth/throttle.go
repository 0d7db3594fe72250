package auth

import (
	"net/netip"
	"time"
)

// Throttle counts wrong tokens per address, so that guessing is slow and does
// not fill the log. It never stops a right token: many rooms can stand behind
// one address, and one of them with an old link must not lock the others out.
type Throttle struct{ tallies *limiter[netip.Prefix] }

// How many wrong tokens an address has at once, and how long until it has one
// more.
const (
	throttleBurst = 20
	throttleEvery = 3 * time.Second
)

// NewThrottle returns a throttle that has seen nobody. A nil clock is time.Now.
func NewThrottle(now func() time.Time) *Throttle {
	return &Throttle{newLimiter[netip.Prefix](now, throttleBurst, throttleEvery)}
}

// Wrong records a wrong token from an address and reports whether it may be
// answered; if not, the connection is best closed without a word.
func (t *Throttle) Wrong(from netip.Addr) bool { return t.tallies.take(neighbourhood(from)) }

// neighbourhood is what counts as one address: all of an IPv4 address, the
// network half of an IPv6 one (RFC 4291 §2.5.4), since a host has the rest.
func neighbourhood(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // an invalid address: all of them are one
	}
	return p
}
