package sfu

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/webrtc/v4"
)

// readdress has the media port look at a host that has other addresses.
func readdress(s *SFU, all ...string) {
	s.ports.changing.Lock()
	s.ports.host = func() (host []netip.Prefix, err error) {
		for _, a := range all {
			p, err := netip.ParsePrefix(a)
			if err != nil {
				return nil, err
			}
			host = append(host, p)
		}
		return host, nil
	}
	s.ports.changing.Unlock()
	s.ports.look()
}

// An address that comes is announced to the next offer, and works; those who are
// there go on. One that has gone is announced to nobody, and opened again.
func TestAddressesAreFollowedWhileRunning(t *testing.T) {
	s, err := New(Config{Addrs: []string{"203.0.113.7"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const here, came = "127.0.0.1/8", "127.0.0.9/8"
	readdress(s, here)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 10 })

	tells := func(addr string) bool {
		return strings.Contains(strings.Join(s.ports.candidateLines(netip.Addr{}), "\n"), " "+addr+" ")
	}
	if tells("127.0.0.9") {
		t.Fatal("announced before it came")
	}
	readdress(s, here, came)
	c := newClient(t, s, clientConfig{point: "c", video: 1})
	answer := only(t, c.offerOnly(), "127.0.0.9")
	if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	c.await("connected by the new address", func(n Notice) bool { return n.State == StateConnected })
	before := b.video(0).packets.Load()
	b.until("pictures go on", func() bool { return b.video(0).packets.Load() > before+10 })

	readdress(s, here)
	if tells("127.0.0.9") {
		t.Error("announced after it has gone")
	}
	readdress(s, here, came)
	if !tells("127.0.0.9") {
		t.Error("not announced when it came again")
	}
	readdress(s, "unreadable")
	if !tells("127.0.0.9") {
		t.Error("what could not be read changed something")
	}
}

// only is an answer with the UDP candidate of one address.
func only(t *testing.T, answer, addr string) string {
	t.Helper()
	kept := 0
	answer = candidateLine.ReplaceAllStringFunc(answer, func(line string) string {
		if !strings.Contains(line, " "+addr+" ") || !strings.Contains(line, " udp ") {
			return ""
		}
		kept++
		return line
	})
	if kept != 1 {
		t.Fatalf("%d candidates of %s in the answer", kept, addr)
	}
	return answer
}

// A configured address of the host stays the only one when it is away for a
// while: another network of the host is not opened for that.
func TestAConfiguredAddressThatGoesOpensNoOther(t *testing.T) {
	s, err := New(Config{Addrs: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	readdress(s, "127.0.0.9/8")
	if s.ports.socketAt(netip.MustParseAddr("127.0.0.9")) != nil {
		t.Error("another address was opened")
	}
	if lines := s.ports.candidateLines(netip.Addr{}); len(lines) != 0 {
		t.Errorf("announced: %q", lines)
	}
}

// A socket outlives its address for a while, then it is closed; its figures stay.
func TestASocketOfAnAddressThatHasGoneIsClosed(t *testing.T) {
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	readdress(s, "127.0.0.1/8", "127.0.0.9/8")
	gone := netip.MustParseAddr("127.0.0.9")
	socket := s.ports.socketAt(gone)
	socket.police.turned.Add(7)
	s.ports.changing.Lock()
	s.ports.was[gone] = -addressLinger - time.Second
	s.ports.changing.Unlock()
	readdress(s, "127.0.0.1/8")
	if s.ports.socketAt(gone) != nil {
		t.Error("still open")
	}
	if n := s.ports.turned(); n < 7 {
		t.Errorf("%d turned away, want 7 and more", n)
	}
	again, err := net.ListenTCP("tcp", &net.TCPAddr{IP: gone.AsSlice(), Port: s.Port()})
	if err != nil {
		t.Fatalf("its port of TCP is not free: %v", err)
	}
	again.Close()
}

// Closing waits for nobody who is just looking at the addresses.
func TestCloseWhileAddressesAreLookedAt(t *testing.T) {
	for range 20 {
		s, err := New(Config{Addrs: []string{"127.0.0.1"}})
		if err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		for range 4 {
			s.ports.wait.Go(s.ports.look)
		}
		wait.Go(func() { _ = s.Close() })
		wait.Wait()
	}
}
