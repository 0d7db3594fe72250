package sfu

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/ice/v4"
)

// at is a media port on a host with these addresses, by its configuration.
func at(t *testing.T, listed string, host ...string) *ports {
	t.Helper()
	all, err := readAnnounced(strings.Fields(listed))
	if err != nil {
		t.Fatal(err)
	}
	var prefixes []netip.Prefix
	for _, h := range host {
		prefixes = append(prefixes, netip.MustParsePrefix(h))
	}
	p := &ports{port: 10000}
	bound, outer := choose(all, prefixes, func(netip.Addr) bool { return false })
	p.listens.Store(&listening{bound: bound, outer: outer})
	return p
}

var lan = []string{"10.1.2.3/24", "127.0.0.1/8", "::1/128", "2001:db8::3/64"}

func TestWhatAClientIsToldOfAndInWhichOrder(t *testing.T) {
	for name, tt := range map[string]struct {
		listed, from string
		want         []string
	}{
		"from this machine":                {"", "127.0.0.1", []string{"10.1.2.3:10000", "[2001:db8::3]:10000", "127.0.0.1:10000", "[::1]:10000"}},
		"from an own address":              {"", "10.1.2.3", []string{"10.1.2.3:10000", "[2001:db8::3]:10000", "127.0.0.1:10000", "[::1]:10000"}},
		"from this machine, as IPv6 says":  {"", "::ffff:127.0.0.1", []string{"10.1.2.3:10000", "[2001:db8::3]:10000", "127.0.0.1:10000", "[::1]:10000"}},
		"from the same network":            {"", "10.1.2.9", []string{"10.1.2.3:10000", "[2001:db8::3]:10000"}},
		"from elsewhere by IPv6":           {"", "2001:db8:9::1", []string{"[2001:db8::3]:10000", "10.1.2.3:10000"}},
		"behind a router, from outside":    {"203.0.113.7", "198.51.100.4", []string{"203.0.113.7:10000", "10.1.2.3:10000", "[2001:db8::3]:10000"}},
		"behind a router, from inside":     {"203.0.113.7", "10.1.2.9", []string{"10.1.2.3:10000", "203.0.113.7:10000", "[2001:db8::3]:10000"}},
		"a router with another port":       {"203.0.113.7:20000", "198.51.100.4", []string{"203.0.113.7:20000", "10.1.2.3:10000", "[2001:db8::3]:10000"}},
		"an own address leaves others out": {"10.1.2.3", "198.51.100.4", []string{"10.1.2.3:10000"}},
		"own and outer":                    {"203.0.113.7 10.1.2.3", "198.51.100.4", []string{"203.0.113.7:10000", "10.1.2.3:10000"}},
		"nothing but loopback":             {"127.0.0.1", "198.51.100.4", []string{"127.0.0.1:10000"}},
	} {
		var got []string
		for _, a := range at(t, tt.listed, lan...).offered(netip.MustParseAddr(tt.from)) {
			got = append(got, a.String())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Whoever takes the first candidate, or the one of the highest priority, gets
// the same, and it is UDP.
func TestPrioritiesAreInTheOrderOfTheLines(t *testing.T) {
	lines := at(t, "203.0.113.7", lan...).candidateLines(netip.MustParseAddr("198.51.100.4"))
	if len(lines) != 6 {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	var before uint64 = 1 << 31
	for i, line := range lines {
		c := readCandidate(t, line)
		if uint64(c.Priority()) >= before {
			t.Errorf("line %d: priority %d after %d", i, c.Priority(), before)
		}
		before = uint64(c.Priority())
		if tcp := c.NetworkType().IsTCP(); tcp != (i >= 3) {
			t.Errorf("line %d: %s", i, line)
		}
	}
	if !strings.Contains(lines[3], "203.0.113.7 10000 typ host tcptype passive") {
		t.Errorf("the first of TCP: %s", lines[3])
	}
}

func TestAddressesThatCannotBeAnnounced(t *testing.T) {
	for text, want := range map[string]string{
		"cau.example.vn":  "must be an IP address",
		"":                "must be an IP address",
		"0.0.0.0":         "every address and none",
		"::":              "every address and none",
		"224.0.0.1":       "of many hosts",
		"ff02::1":         "of many hosts",
		"255.255.255.255": "of many hosts",
		"fe80::1":         "on one wire alone",
		"fe80::1%eth0":    "on one wire alone",
		"203.0.113.7:0":   "port must be from 1",
		"203.0.113.7:x":   "must be an IP address",
	} {
		if _, err := New(Config{Addrs: []string{text}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	err := sayFamily([]netip.AddrPort{netip.MustParseAddrPort("[2001:db8::1]:0")}, []netip.Prefix{netip.MustParsePrefix("10.1.2.3/24")})
	if err == nil || !strings.Contains(err.Error(), "no address of IPv6") {
		t.Errorf("another family than the host's: %v", err)
	}
}

// A server behind a router announces what only the router has (T01).
func TestAnAddressOfARouterIsAnnouncedAndNotBound(t *testing.T) {
	s, err := New(Config{Addrs: []string{"203.0.113.7", "203.0.113.8:20000"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := newClient(t, s, clientConfig{point: "a", video: 1})
	c.offer()
	c.await("connected", func(n Notice) bool { return n.State == StateConnected })
	answer := c.pc.CurrentRemoteDescription().SDP
	var udp, tcp int
	for line := range strings.Lines(answer) {
		if strings.Contains(line, " 203.0.113.7 "+port(s.Port())+" ") || strings.Contains(line, " 203.0.113.8 20000 ") {
			if strings.Contains(line, " tcp ") {
				tcp++
			} else {
				udp++
			}
		}
	}
	if udp != 2 || tcp != 2 {
		t.Errorf("%d candidates of UDP and %d of TCP have the router's addresses, want 2 of each, in:\n%s", udp, tcp, answer)
	}
}

// T03: nobody elsewhere is told of loopback, and each answer has the same order.
func TestAnswersHaveTheSameOrderAndLoopbackForThisMachineAlone(t *testing.T) {
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var first []string
	for i := range 5 {
		c := newClient(t, s, clientConfig{point: "a", video: 1, from: "198.51.100.4"})
		c.offer()
		var lines []string
		for line := range strings.Lines(c.pc.CurrentRemoteDescription().SDP) {
			if strings.HasPrefix(line, "a=candidate:") {
				lines = append(lines, line)
			}
		}
		if i == 0 {
			first = lines
		}
		if !slices.Equal(first, lines) || len(lines) == 0 {
			t.Errorf("answer %d:\n%q\nthe first:\n%q", i, lines, first)
		}
		alone := len(s.ports.listens.Load().bound) == countLoopback(s.ports.listens.Load().bound)
		for _, line := range lines {
			if a := readCandidate(t, strings.TrimPrefix(strings.TrimSpace(line), "a=")).Address(); !alone && netip.MustParseAddr(a).IsLoopback() {
				t.Errorf("a client elsewhere is told of %s", a)
			}
		}
	}
}

func readCandidate(t *testing.T, line string) ice.Candidate {
	t.Helper()
	c, err := ice.UnmarshalCandidate(line)
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return c
}

func port(n int) string { return strconv.Itoa(n) }

func countLoopback(all []netip.Prefix) (n int) {
	for _, p := range all {
		if p.Addr().IsLoopback() {
			n++
		}
	}
	return n
}
