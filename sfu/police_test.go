package sfu

import (
	"bytes"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtcp"
	"pgregory.net/rapid"
)

// However events come, no stretch of time has more than what it may have at
// once and one per interval, and one that comes slower is never refused.
func TestBucketKeepsItsRate(t *testing.T) {
	const interval, atOnce = 10 * time.Millisecond, 5
	rapid.Check(t, func(t *rapid.T) {
		var b bucket
		var now time.Duration
		var taken []time.Duration
		for range rapid.IntRange(1, 200).Draw(t, "events") {
			wait := time.Duration(rapid.IntRange(0, 30).Draw(t, "ms")) * time.Millisecond
			now += wait
			if !b.take(now, interval, atOnce) {
				if wait >= interval {
					t.Fatalf("refused %v after the last event", wait)
				}
				continue
			}
			taken = append(taken, now)
			for i, first := range taken {
				if n, most := len(taken)-i, atOnce+int((now-first)/interval); n > most {
					t.Fatalf("%d in %v, at most %d", n, now-first, most)
				}
			}
		}
	})
}

// flood offers datagrams at one instant and says how many were admitted.
func flood(p *police, r *route, from netip.Addr, datagrams int) (admitted int) {
	for range datagrams {
		if p.admits(r, from, time.Second) {
			admitted++
		}
	}
	return admitted
}

func TestPoliceKnowsItsClients(t *testing.T) {
	p, house := newPolice(), netip.MustParseAddr("192.0.2.1")
	if n := flood(p, nil, house, 2*strangerAtOnce); n != strangerAtOnce {
		t.Errorf("a stranger: %d admitted, want %d", n, strangerAtOnce)
	}
	if n := flood(p, nil, house, 10); n != 0 {
		t.Errorf("the stranger at another port: %d admitted", n)
	}
	if n := flood(p, &route{end: &endpoint{}}, house, 2*knownAtOnce); n != knownAtOnce {
		t.Errorf("a client behind the same address: %d admitted, want %d", n, knownAtOnce)
	}
	if n := flood(p, &route{end: &endpoint{weight: linkWeight}}, house, 2*knownAtOnce*linkWeight); n != knownAtOnce*linkWeight {
		t.Errorf("a node behind the same address: %d admitted, want %d", n, knownAtOnce*linkWeight)
	}
}

// Forged senders take the turns of newcomers, and nothing of those inside.
func TestPoliceUnderForgedSenders(t *testing.T) {
	p := newPolice()
	admitted := 0
	for i := range 3 * strangersAtOnce {
		from := netip.AddrFrom16([16]byte{0x20, 1, byte(i >> 16), byte(i >> 8), byte(i), 0, 0, 0, 0, 1})
		admitted += flood(p, nil, from, 1)
	}
	if admitted != strangersAtOnce {
		t.Errorf("%d admitted of forged senders, want %d", admitted, strangersAtOnce)
	}
	if n := flood(p, &route{end: &endpoint{}}, netip.MustParseAddr("2001:db8::1"), knownAtOnce); n != knownAtOnce {
		t.Errorf("a client inside: %d admitted, want %d", n, knownAtOnce)
	}
}

// A stranger's flood is turned away at the socket, and a meeting goes on.
func TestStrangersFloodIsTurnedAway(t *testing.T) {
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 10 })
	to := s.ports.listens.Load().sockets[0].conn.LocalAddr().(*net.UDPAddr)
	garbage, err := net.DialUDP("udp", nil, to)
	if err != nil {
		t.Fatal(err)
	}
	defer garbage.Close()
	b.until("it is turned away", func() bool {
		for range 500 {
			_, _ = garbage.Write(bytes.Repeat([]byte{0x80}, 1200))
		}
		return s.Stats().TurnedAway > strangerAtOnce
	})
	came := b.video(0).packets.Load()
	b.until("pictures go on", func() bool { return b.video(0).packets.Load() > came+30 })
	checkNoHole(t, b.video(0).packetsSoFar())
}

func TestAddressesOfAClosedClientAreForgotten(t *testing.T) {
	s := newTestSFU(t)
	t.Run("one joins", func(t *testing.T) {
		dial(t, s, clientConfig{point: "a", video: 1})
		if n := s.ports.listens.Load().sockets[0].routes.size(); n == 0 {
			t.Error("a connected client's address is not known")
		}
	})
	waitFor(t, "forgotten", nil, func() bool { return s.ports.listens.Load().sockets[0].routes.size() == 0 })
}

func TestSmallSocketBuffersAreSaid(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	c, _ := listen(t)
	if err := c.SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
	warnOfBuffers(log, []*socket{{udp: c}})
	if !strings.Contains(out.String(), "sysctl=net.core.rmem_max wanted=8388608 granted=65536") {
		t.Errorf("logged: %s", out.String())
	}
}

// One client that keeps asking for keyframes is not heard every time.
func TestKeyframeRequestsOfOneClientAreBounded(t *testing.T) {
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 10 })
	ssrc := uint32(b.pc.GetTransceivers()[0].Receiver().Track().SSRC())
	asked := s.Stats().KeyframesAsked
	for range 60 {
		if err := b.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}}); err != nil {
			t.Fatal(err)
		}
	}
	b.until("all have come", func() bool { return s.Stats().KeyframesWanted == 60 })
	if st := s.Stats(); st.KeyframesAsked-asked > wantAtOnce+1 || st.KeyframesRefused < 60-wantAtOnce-1 {
		t.Errorf("%d let past, %d refused; want %d past", st.KeyframesAsked-asked, st.KeyframesRefused, wantAtOnce)
	}
}
