package sfu

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// announcedMost is how many addresses a client is told of.
const announcedMost = 16

// readAnnounced reads the configured addresses: ADDRESS, or ADDRESS:PORT where a
// router in front has another port outside than the media port is; port 0 is the
// media port.
func readAnnounced(texts []string) ([]netip.AddrPort, error) {
	var all []netip.AddrPort
	for _, text := range texts {
		a, err := readAddress(text)
		if err != nil {
			return nil, fmt.Errorf("media address %q: %w", text, err)
		}
		if !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	if len(all) > announcedMost {
		return nil, fmt.Errorf("media addresses: %d are too many, at most %d", len(all), announcedMost)
	}
	return all, nil
}

func readAddress(text string) (netip.AddrPort, error) {
	at, err := netip.ParseAddrPort(text)
	if err != nil {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return netip.AddrPort{}, errors.New("it must be an IP address, or ADDRESS:PORT; a client may not be able to look a name up")
		}
		at = netip.AddrPortFrom(addr, 0)
	} else if at.Port() == 0 {
		return netip.AddrPort{}, errors.New("the port must be from 1 to 65535")
	}
	addr := at.Addr().Unmap()
	switch {
	case addr.IsUnspecified():
		return at, errors.New("it is every address and none; leave the list empty to announce all of the host's")
	case addr.IsMulticast(), addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return at, errors.New("it is of many hosts, not of one")
	case addr.Zone() != "", addr.Is6() && addr.IsLinkLocalUnicast():
		return at, errors.New("it is valid on one wire alone")
	}
	return netip.AddrPortFrom(addr, at.Port()), nil
}

// hostPrefixes lists the host's own addresses that media can go by, with their
// networks: those of interfaces that are up, but none of IPv6 that is valid on
// one wire alone, for a candidate has no zone (RFC 8445 §5.1.1.1).
func hostPrefixes() ([]netip.Prefix, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	var all []netip.Prefix
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // it has just gone
		}
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err != nil || p.Addr().Is6() && !p.Addr().Is4In6() && p.Addr().IsLinkLocalUnicast() || p.Addr().IsMulticast() {
				continue
			}
			p = netip.PrefixFrom(p.Addr().Unmap(), min(p.Bits(), p.Addr().Unmap().BitLen()))
			if !slices.ContainsFunc(all, func(o netip.Prefix) bool { return o.Addr() == p.Addr() }) {
				all = append(all, p)
			}
		}
	}
	slices.SortFunc(all, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
	return all, nil
}

// choose picks of the host's addresses those that media binds, and of the
// configured ones those that only a router in front has. Configured addresses of
// the host, or that it once had, leave its others out; a list without any leaves
// all of them as they are, for whoever is inside.
func choose(listed []netip.AddrPort, host []netip.Prefix, had func(netip.Addr) bool) (bound []netip.Prefix, outer []netip.AddrPort) {
	some := false
	for _, a := range listed {
		i := slices.IndexFunc(host, func(p netip.Prefix) bool { return p.Addr() == a.Addr() })
		own := i >= 0 || had(a.Addr())
		some = some || own
		if i >= 0 && !slices.Contains(bound, host[i]) {
			bound = append(bound, host[i])
		}
		if !own || a.Port() != 0 {
			outer = append(outer, a)
		}
	}
	if !some {
		bound = host
	}
	return bound, outer
}

// sayFamily refuses an address of a family that the host does not speak at all:
// no router can forward it.
func sayFamily(listed []netip.AddrPort, host []netip.Prefix) error {
	for _, a := range listed {
		if !slices.ContainsFunc(host, func(p netip.Prefix) bool { return p.Addr().Is4() == a.Addr().Is4() }) {
			family := "IPv6"
			if a.Addr().Is4() {
				family = "IPv4"
			}
			return fmt.Errorf("media address %q: the host has no address of %s", a.Addr(), family)
		}
	}
	return nil
}

// The ranks of candidates: what a client that tries only the first must find.
const (
	rankNearest = iota // the host's own on the way to a client inside
	rankOuter          // of a router in front
	rankOwn            // the host's others,
	rankWire           // those of IPv4 that are valid on one wire alone,
	rankHere           // and loopback, for clients of this machine alone
)

// offered lists where a client reaches the media port, the best first, always in
// the same order. from is where the client is; the zero value is this machine.
// Whoever is elsewhere is not told of loopback (RFC 8445 §5.1.1.1).
func (p *ports) offered(from netip.Addr) []netip.AddrPort {
	from = from.Unmap().WithZone("")
	bound, outer := p.listens.Load().bound, p.listens.Load().outer
	near := func(addr netip.Prefix) bool { return !addr.Addr().IsLoopback() && addr.Contains(from) }
	here := !from.IsValid() || from.IsLoopback() || slices.ContainsFunc(bound, func(b netip.Prefix) bool { return b.Addr() == from })
	inside := len(outer) == 0 || from.IsPrivate() || slices.ContainsFunc(bound, near)
	nearest := netip.Addr{}
	if inside && !here && p.net == nil {
		nearest = sourceTowards(from)
	}
	type ranked struct {
		at   netip.AddrPort
		rank int
	}
	var all, loopback []ranked
	for _, a := range outer {
		port := a.Port()
		if port == 0 {
			port = uint16(p.port)
		}
		all = append(all, ranked{netip.AddrPortFrom(a.Addr(), port), rankOuter})
	}
	for _, b := range bound {
		r := ranked{netip.AddrPortFrom(b.Addr(), uint16(p.port)), rankOwn}
		switch {
		case b.Addr().IsLoopback():
			r.rank = rankHere
			loopback = append(loopback, r)
			continue
		case b.Addr() == nearest, inside && near(b):
			r.rank = rankNearest
		case b.Addr().IsLinkLocalUnicast():
			r.rank = rankWire
		}
		all = append(all, r)
	}
	if here || len(all) == 0 { // a host with nothing else has nothing else to say
		all = append(all, loopback...)
	}
	v6 := from.Is6()
	slices.SortStableFunc(all, func(a, b ranked) int {
		other := func(r ranked) int {
			if r.at.Addr().Is6() != v6 {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(other(a), other(b)))
	})
	addrs := make([]netip.AddrPort, 0, len(all))
	for _, r := range all[:min(len(all), announcedMost)] {
		if !slices.Contains(addrs, r.at) {
			addrs = append(addrs, r.at)
		}
	}
	return addrs
}

// sourceTowards asks the system which of the host's addresses it sends from to
// another; nothing is sent.
func sourceTowards(to netip.Addr) netip.Addr {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(to, 9)))
	if err != nil {
		return netip.Addr{}
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
}

// candidateLines describes addresses as candidates (RFC 8839 §5.1), UDP before
// TCP (RFC 6544), with priorities in that order.
func (p *ports) candidateLines(from netip.Addr) []string {
	const udpPreference, tcpPreference, passive = 126, 99, 4<<13 + 1<<13 - 1
	addrs := p.offered(from)
	var lines []string
	add := func(network, tail string, preference, local int, at netip.AddrPort) {
		lines = append(lines, fmt.Sprintf("%d 1 %s %d %s %d typ host%s",
			len(lines)+1, network, preference<<24+local<<8+255, at.Addr(), at.Port(), tail))
	}
	for i, at := range addrs {
		add("udp", "", udpPreference, 65535-i, at)
	}
	if p.net != nil {
		return lines // it has UDP alone
	}
	for i, at := range addrs {
		add("tcp", " tcptype passive", tcpPreference, passive-i, at)
	}
	return lines
}

// announce writes our candidates into an answer in the place of the agent's,
// which are sockets, in whatever order it found them.
func (p *ports) announce(answer string, from netip.Addr) string {
	const prefix = "a=candidate:"
	var b strings.Builder
	written := false // in this section
	for line := range strings.Lines(answer) {
		if strings.HasPrefix(line, "m=") {
			written = false
		}
		if !strings.HasPrefix(line, prefix) {
			b.WriteString(line)
			continue
		}
		if !written {
			written = true
			for _, c := range p.candidateLines(from) {
				b.WriteString(prefix + c + "\r\n")
			}
		}
	}
	return b.String()
}

// describe is candidateLines as the agent of another node reads them.
func (p *ports) describe(from netip.Addr) []string {
	lines := p.candidateLines(from)
	return lines[:min(len(lines), linkCandidateMax)]
}
