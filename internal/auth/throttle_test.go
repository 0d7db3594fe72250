package auth

import (
	"net/netip"
	"testing"
	"time"
)

// clock is a clock that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestThrottleAnswersABurstThenOnePerPeriod(t *testing.T) {
	c := &clock{at: time.Unix(1000, 0)}
	th := NewThrottle(c.now)
	guesser, other := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	for i := range throttleBurst {
		if !th.Wrong(guesser) {
			t.Fatalf("wrong token %d is not answered", i+1)
		}
	}
	if th.Wrong(guesser) {
		t.Error("a guesser is answered without end")
	}
	if !th.Wrong(other) {
		t.Error("another address pays for the guesser")
	}
	c.at = c.at.Add(throttleEvery)
	if !th.Wrong(guesser) || th.Wrong(guesser) {
		t.Error("a period does not earn exactly one answer")
	}
	c.at = c.at.Add(-time.Hour)
	if th.Wrong(guesser) {
		t.Error("a clock set back earns an answer")
	}
}

func TestThrottleCountsANetworkAsOne(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b string
		one  bool
	}{
		{"hosts of one IPv6 network", "2001:db8::1", "2001:db8::ffff", true},
		{"two IPv6 networks", "2001:db8:0:1::1", "2001:db8:0:2::1", false},
		{"both writings of an IPv4 address", "10.0.0.1", "::ffff:10.0.0.1", true},
		{"zones of a link-local address", "fe80::1%eth0", "fe80::1%eth1", true},
		{"neighbours in IPv4", "10.0.0.1", "10.0.0.2", false},
	} {
		if got := neighbourhood(netip.MustParseAddr(c.a)) == neighbourhood(netip.MustParseAddr(c.b)); got != c.one {
			t.Errorf("%s: one is %v, want %v", c.name, got, c.one)
		}
	}
	if th := NewThrottle(nil); !th.Wrong(netip.Addr{}) {
		t.Error("an unknown address is not answered once")
	}
}

func TestThrottleIsBoundedAndKeepsWhoGuesses(t *testing.T) {
	c := &clock{at: time.Unix(1000, 0)}
	th := NewThrottle(c.now)
	guesser := netip.MustParseAddr("192.0.2.1")
	for range throttleBurst {
		th.Wrong(guesser)
	}
	from := netip.MustParseAddr("10.0.0.0")
	for range 3 * limiterSize {
		from = from.Next()
		th.Wrong(from)
	}
	if n := len(th.tallies.tallies); n != limiterSize {
		t.Errorf("%d addresses remembered, want %d", n, limiterSize)
	}
	if th.Wrong(guesser) {
		t.Error("a flood of addresses made it forget who guesses")
	}
}
