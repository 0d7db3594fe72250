package sfu

import (
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
)

// natSilence is the longest silence after a router has changed a port. Three
// seconds are the promise; the rest is for a machine that is busy.
const natSilence = 3*time.Second + 500*time.Millisecond

// silence is how long nothing came after a router has changed a port, until
// media has followed and something comes again.
func silence(t *testing.T, s *SFU, nat *natRouter, count func() uint64) time.Duration {
	t.Helper()
	followed := s.ports.followed.Load()
	began := time.Now()
	nat.change()
	waitFor(t, "media follows", nil, func() bool { return s.ports.followed.Load() > followed })
	before := count()
	waitFor(t, "something comes again", nil, func() bool { return count() > before })
	took := time.Since(began)
	waitFor(t, "and goes on", nil, func() bool { return count() > before+30 })
	return took
}

// A client that does not nominate again (Pion's, libnice's) is followed (T04).
func TestMediaFollowsAClientWhoseRouterChangesThePort(t *testing.T) {
	s := newTestSFU(t)
	nat := newNAT(t, s.Port())
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dialThrough(t, s, nat, clientConfig{point: "b", video: 1})
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 30 })
	for i := range 3 {
		took := silence(t, s, nat, b.video(0).packets.Load)
		t.Logf("change %d: pictures again after %v", i, took)
		if took > natSilence {
			t.Errorf("change %d: dark for %v", i, took)
		}
	}
	nat.spared(t)
	if lost := func() bool { return b.peer.lost.Load() }(); lost {
		t.Error("the client counts as lost")
	}
}

// A publisher's pictures and what it is sent come again too.
func TestAPublisherWhoseRouterChangesThePortIsHeardAgain(t *testing.T) {
	s := newTestSFU(t)
	nat := newNAT(t, s.Port())
	a := dialThrough(t, s, nat, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 30 })
	took := silence(t, s, nat, b.video(0).packets.Load)
	t.Logf("pictures again after %v", took)
	if took > natSilence {
		t.Errorf("dark for %v", took)
	}
	nat.spared(t)
}

// A link between two nodes (T04): 12.5 s before.
func TestALinkWhoseRouterChangesThePortIsSilentForAMoment(t *testing.T) {
	parent, child := newTestSFU(t), newTestSFU(t)
	var nat *natRouter
	w := connectBy(t, parent, child, wireConfig{prefix: "p", udp: func(port int) int {
		nat = newNAT(t, port)
		return nat.port()
	}})
	w.await(t)
	a := dial(t, parent, clientConfig{point: "a", publish: true})
	b := dial(t, child, clientConfig{point: "p1", video: 1})
	a.play(meeting.Camera, 7)
	plan := planOf(1, tiles(camera("a")), camera("a"))
	parent.Carry("m", plan)
	child.Carry("m", plan)
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 30 })
	for i := range 3 {
		took := silence(t, parent, nat, b.video(0).packets.Load)
		t.Logf("change %d: pictures again after %v", i, took)
		if took > natSilence {
			t.Errorf("change %d: dark for %v", i, took)
		}
	}
	nat.spared(t)
	if n := w.parent.Stats().Transports; n != 1 {
		t.Errorf("%d media paths were built, want the one", n)
	}
}

// A check that somebody caught and sends from elsewhere draws no media, even
// while the client itself is not heard.
func TestACaughtCheckDrawsNoMedia(t *testing.T) {
	s := newTestSFU(t)
	nat := newNAT(t, s.Port())
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dialThrough(t, s, nat, clientConfig{point: "b", video: 1})
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 30 })
	nat.dead.Store(true)
	thief, err := newOuter()
	if err != nil {
		t.Fatal(err)
	}
	var stunCame atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 2048)
		for {
			n, _, err := thief.ReadFromUDP(buf)
			if err != nil {
				return
			}
			if stun.IsMessage(buf[:n]) {
				stunCame.Add(1)
			} else {
				thief.media.Add(1)
			}
		}
	}()
	nat.mu.Lock()
	caught := nat.check
	nat.mu.Unlock()
	began := time.Now()
	waitFor(t, "the thief was asked more than once", nil, func() bool {
		_, _ = thief.WriteToUDP(caught, nat.server)
		return stunCame.Load() > 50 && time.Since(began) > followBack+time.Second
	})
	nat.dead.Store(false)
	before := b.video(0).packets.Load()
	b.until("pictures go on", func() bool { return b.video(0).packets.Load() > before+30 })
	_ = thief.Close()
	<-done
	if n := thief.media.Load(); n > 0 {
		t.Errorf("%d datagrams of media went to who had caught a check", n)
	}
}

// checkOf is a check of a client with the right password.
func checkOf(t *testing.T, c *client) []byte {
	t.Helper()
	theirs, ours := credentialsOf(c.pc.LocalDescription().SDP), credentialsOf(c.pc.CurrentRemoteDescription().SDP)
	m, err := stun.Build(stun.BindingRequest, stun.TransactionID, stun.NewUsername(ours.ufrag+":"+theirs.ufrag),
		ice.AttrControlling(1), ice.PriorityAttr(1), stun.NewShortTermIntegrity(ours.pwd), stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	return m.Raw
}

// L8: a session that checks from many ports is known at a few of them, and its
// agent looks through no more, so that each check costs the same.
func TestAFloodOfGoodChecksIsKnownAtAFewAddresses(t *testing.T) {
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 10 })
	e := s.ports.named(decoded(t, checkOf(t, b)))
	socket := s.ports.listens.Load().sockets[0]
	known := socket.routes.size()
	met := map[netip.AddrPort]bool{}
	for i := range 6000 {
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)}), 9)
		r := e.meet(socket, from, s.ports.now())
		met[*r.shown.Load()] = true
		r.deliver(checkOf(t, b))
	}
	if len(met) > routesMost || len(e.routes) > routesMost {
		t.Errorf("the agent met %d addresses, %d are kept; want at most %d", len(met), len(e.routes), routesMost)
	}
	if n := socket.routes.size(); n > known+routesMost {
		t.Errorf("%d addresses are known, %d before", n, known)
	}
	before := b.video(0).packets.Load()
	b.until("pictures go on", func() bool { return b.video(0).packets.Load() > before+30 })
}

func decoded(t *testing.T, b []byte) *stun.Message {
	t.Helper()
	m := &stun.Message{Raw: b}
	if err := m.Decode(); err != nil {
		t.Fatal(err)
	}
	return m
}

// L8: somebody inside who forges the address of another, before its first check
// or after, keeps it from nothing.
func TestAForgedAddressKeepsNobodyOut(t *testing.T) {
	s := newTestSFU(t)
	nat := newNAT(t, s.Port())
	a := dial(t, s, clientConfig{point: "a", publish: true})
	mallory := dial(t, s, clientConfig{point: "m", video: 1})
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	var outer [8]*outerPort // a client has an address on each interface
	for i := range outer {
		outer[i] = nat.ahead()
		outer[i].checked.Store(true)
	}
	forge := func() {
		for _, o := range outer {
			if _, err := o.WriteToUDP(checkOf(t, mallory), nat.server); err != nil {
				t.Fatal(err)
			}
		}
	}
	forge()
	socket := s.ports.socketAt(netip.MustParseAddr("127.0.0.1"))
	for _, o := range outer {
		at := o.LocalAddr().(*net.UDPAddr).AddrPort()
		waitFor(t, "the address is the forger's", nil, func() bool { return socket.routes.find(at) != nil })
	}
	b := dialThrough(t, s, nat, clientConfig{point: "b", video: 1})
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 30 })
	for range 20 {
		forge()
		before := b.video(0).packets.Load()
		b.until("pictures go on", func() bool { return b.video(0).packets.Load() > before+5 })
	}
	e := s.ports.named(decoded(t, checkOf(t, b)))
	if media := e.media.Load(); media == nil || socket.routes.find(media.real) != media {
		t.Error("the address is not its own client's in the end")
	}
}

// T20: what is too long for a client's agent is counted.
func TestADatagramThatIsTooLongIsCounted(t *testing.T) {
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	e := s.ports.named(decoded(t, checkOf(t, a)))
	r := e.media.Load()
	for _, size := range []int{packetMax, packetMax + 1, inboxBytes} {
		long := make([]byte, size)
		long[0] = 0x80
		e.meet(r.socket, r.real, s.ports.now()).socket.take(long, r.real, s.ports.now())
	}
	if n := s.Stats().Dropped["oversize"]; n != 2 {
		t.Errorf("%d counted as oversize, want 2", n)
	}
}

type nullSocket struct{ udpSocket }

func (nullSocket) WriteToAddrPort(b []byte, _ netip.AddrPort) (int, error) { return len(b), nil }

func TestAWayThatIsKnownCostsNoAllocation(t *testing.T) {
	c, to := nullSocket{}, netip.MustParseAddrPort("192.0.2.1:9")
	e := &endpoint{run: &run{}, ports: &ports{}}
	s := &socket{conn: c, ports: e.ports, police: newPolice()}
	r := &route{end: e, socket: s, real: to}
	r.shown.Store(&to)
	s.routes.put(r)
	e.media.Store(r)
	conn := newEndpointConn(e, 0)
	e.in[0].Store(conn)
	packet, buf := make([]byte, 1100), make([]byte, inboxBytes)
	packet[0] = 0x80
	now := time.Second
	if n := testing.AllocsPerRun(100, func() {
		now += time.Second
		s.take(packet, to, now)
		_, _, _ = conn.ReadFromAddrPort(buf)
		_, _ = conn.WriteToAddrPort(packet, to)
	}); n != 0 {
		t.Errorf("%v allocations for a packet in and a packet out", n)
	}
}
