package limit

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestNeighbourhoods(t *testing.T) {
	for _, same := range [][2]string{
		{"203.0.113.9", "::ffff:203.0.113.9"},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"},
		{"fe80::1%eth0", "fe80::2"},
	} {
		if a, b := Near(netip.MustParseAddr(same[0])), Near(netip.MustParseAddr(same[1])); a != b {
			t.Errorf("%s and %s are %s and %s", same[0], same[1], a, b)
		}
	}
	for _, other := range [][2]string{{"203.0.113.9", "203.0.113.10"}, {"2001:db8:1:2::1", "2001:db8:1:3::1"}, {"127.0.0.1", "127.0.0.2"}} {
		if a, b := Near(netip.MustParseAddr(other[0])), Near(netip.MustParseAddr(other[1])); a == b {
			t.Errorf("%s and %s are one", other[0], other[1])
		}
	}
	if Near(netip.Addr{}) != (Neighbourhood{}) {
		t.Error("no address is some neighbourhood")
	}
}

func TestAddress(t *testing.T) {
	for _, c := range []struct {
		remote, forwarded, want string
	}{
		{"203.0.113.9:1", "", "203.0.113.9"},
		{"203.0.113.9:1", "198.51.100.1", "203.0.113.9"}, // no proxy of this machine
		{"127.0.0.1:1", "", "127.0.0.1"},
		{"127.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{"127.0.0.1:1", "forged, 198.51.100.1", "198.51.100.1"},
		{"127.0.0.1:1", "198.51.100.1, nonsense", "127.0.0.1"},
		{"[::1]:1", "2001:db8::1", "2001:db8::1"},
		{"[::ffff:127.0.0.1]:1", "::ffff:198.51.100.1", "198.51.100.1"},
		{"@", "", "@"},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{}}
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := Address(r); got != c.want {
			t.Errorf("%s for %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}
