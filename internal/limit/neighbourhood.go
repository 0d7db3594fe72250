package limit

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Neighbourhood is what counts as one address: all of an IPv4 address, the
// network half of an IPv6 one (RFC 4291 §2.5.4), since a host has the rest. The
// zero value is that of all addresses nobody can read.
type Neighbourhood struct{ prefix netip.Prefix }

// String is the network, for people.
func (n Neighbourhood) String() string { return n.prefix.String() }

// Near is the neighbourhood of an address. An IPv4 address written as an IPv6
// one is the IPv4 address.
func Near(a netip.Addr) Neighbourhood {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return Neighbourhood{}
	}
	return Neighbourhood{p}
}

// NearConn is the neighbourhood of a connection's other end.
func NearConn(c net.Conn) Neighbourhood {
	from, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return Neighbourhood{}
	}
	return Near(from.Addr())
}

// At is the neighbourhood of an address in text.
func At(address string) Neighbourhood {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return Neighbourhood{}
	}
	return Near(a)
}

// Of is the neighbourhood of a request.
func Of(r *http.Request) Neighbourhood { return At(Address(r)) }

// Address is where a request comes from. A proxy on this machine is believed
// when it says whom it speaks for: the last entry of X-Forwarded-For, which it
// has written itself. Nobody else's header is.
func Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	direct, err := netip.ParseAddr(host)
	if err != nil || !direct.Unmap().IsLoopback() {
		return host
	}
	said := r.Header.Values("X-Forwarded-For")
	if len(said) == 0 {
		return host
	}
	last := said[len(said)-1]
	last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
	a, err := netip.ParseAddr(last)
	if err != nil {
		return host
	}
	return a.Unmap().WithZone("").String()
}
