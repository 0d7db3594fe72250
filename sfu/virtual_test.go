package sfu

import (
	"fmt"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/netlab"
	"github.com/pion/rtp"
	pion "github.com/pion/transport/v5"
	"github.com/pion/transport/v5/vnet"
)

// span is a line between hosts of a simulated network, in a bubble of synctest:
// every datagram takes half of its round trip, and what of RTP is lost or late
// is counted, not diced. The zero counts lose and delay nothing.
type span struct {
	*netlab.Virtual
	t      *testing.T
	lose   atomic.Uint64 // every so many packets of media are lost,
	late   atomic.Uint64 // and so many of them are overtaken
	cut    atomic.Bool
	sent   atomic.Uint64 // packets of media
	lost   atomic.Uint64
	passed atomic.Uint64 // by those that were late

	clients int
}

const (
	lineDelay = 20 * time.Millisecond // one way
	lineLate  = 15 * time.Millisecond // more, of a packet that is overtaken
)

// bubble plays a test in virtual time, on hosts with a line between them.
func bubble(t *testing.T, play func(t *testing.T, l *span)) {
	netlab.InVirtualTime(t, lineDelay, func(t *testing.T, v *netlab.Virtual) { play(t, &span{Virtual: v, t: t}) })
}

// node starts an SFU on a host.
func (l *span) node(n *vnet.Net, addr string) *SFU {
	l.t.Helper()
	s, err := New(Config{Addrs: []string{addr}, Port: 10000, Net: &host{Net: n, line: l}})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			l.t.Error(err)
		}
	})
	return s
}

const (
	upper = "10.0.0.1" // the addresses of the two nodes; clients have others
	lower = "10.0.0.2"
)

// host is one end of a line.
type host struct {
	*vnet.Net
	line *span
}

// ListenUDP opens a socket whose datagrams the line may lose or delay.
func (h *host) ListenUDP(network string, at *net.UDPAddr) (pion.UDPConn, error) {
	c, err := h.Net.ListenUDP(network, at)
	if err != nil {
		return nil, err
	}
	return &lineConn{UDPConn: c, line: h.line}, nil
}

type lineConn struct {
	pion.UDPConn
	line *span
}

// WriteTo sends a datagram, if the line takes it.
func (c *lineConn) WriteTo(b []byte, to net.Addr) (int, error) {
	switch c.line.fate(b, to) {
	case gone:
		return len(b), nil
	case overtaken:
		kept := append([]byte(nil), b...)
		time.AfterFunc(lineLate, func() {
			if _, err := c.UDPConn.WriteTo(kept, to); err == nil {
				c.line.passed.Add(1)
			}
		})
		return len(b), nil
	}
	return c.UDPConn.WriteTo(b, to)
}

type fate int

const (
	arrives fate = iota
	gone
	overtaken
)

// fate is what becomes of a datagram. Only the line between the nodes is bad.
func (l *span) fate(b []byte, to net.Addr) fate {
	if ip := to.(*net.UDPAddr).IP.String(); ip != upper && ip != lower {
		return arrives
	}
	if l.cut.Load() {
		return gone
	}
	media := len(b) > 12 && b[0] >= 128 && b[0] <= 191 && (b[1] < 192 || b[1] > 223)
	if !media {
		return arrives
	}
	n := l.sent.Add(1)
	if lose := l.lose.Load(); lose > 0 && n%lose == 0 {
		l.lost.Add(1)
		return gone
	}
	if late := l.late.Load(); late > 0 && n%late == 1 {
		return overtaken
	}
	return arrives
}

// scene is a camera and a microphone at the lower node, shown and heard at the
// upper one.
type scene struct {
	top, low   *SFU
	wire       *wire
	from, seat *client
	pictures   *feed
}

func (l *span) scene() *scene {
	l.t.Helper()
	s := &scene{top: l.node(l.Join(upper), upper), low: l.node(l.Join(lower), lower)}
	s.wire = connect(l.t, s.top, s.low, "p")
	s.from = dial(l.t, s.low, clientConfig{point: "p1", publish: true, net: l.client()})
	s.seat = dial(l.t, s.top, clientConfig{point: "r1", video: 1, voices: 6, net: l.client()})
	s.pictures = s.from.play(meeting.Camera, 7)
	s.from.play(meeting.Microphone, 9)
	s.wire.await(l.t)
	view := meeting.View{Tiles: []meeting.SourceKey{camera("p1")}, Voices: [meeting.Voices]meeting.SourceKey{mic("p1")}}
	carry(planOf(1, view, camera("p1"), mic("p1")), s.top, s.low)
	s.seat.until("pictures", func() bool { return s.seat.video(0).packets.Load() > 10 && s.seat.voice(0).packets.Load() > 5 })
	return s
}

// client is the network of one more client.
func (l *span) client() pion.Net {
	l.clients++
	return l.Join(fmt.Sprintf("10.0.0.%d", 100+l.clients))
}

// A line that loses one packet in twenty and has others overtaken shows whole
// pictures in their order, and what was lost was sent again over that line.
func TestAVirtualLineLosesAndReorders(t *testing.T) {
	bubble(t, func(t *testing.T, l *span) {
		s := l.scene()
		l.lose.Store(20)
		l.late.Store(7)
		netlab.Pass(t, 10*time.Second)
		l.lose.Store(0)
		l.late.Store(0)
		netlab.Pass(t, time.Second)
		st := s.wire.parent.Stats()
		if l.lost.Load() < 20 || l.passed.Load() < 60 || st.Mended < 15 || st.GivenUp != 0 {
			t.Errorf("%d lost, %d late, %+v", l.lost.Load(), l.passed.Load(), st)
		}
		if st.Transports != 1 {
			t.Errorf("%d paths, want the first alone", st.Transports)
		}
		ordered(t, s.seat.video(0).packetsSoFar(), true)
	})
}

// A line cut for less than ICE notices goes on as it was; for one cut for longer
// there is always an attempt under way, or another soon. The slot of the seat
// keeps its numbers.
func TestAVirtualLineIsCut(t *testing.T) {
	for _, tt := range []struct {
		long       time.Duration
		within     time.Duration // after the line is back
		transports uint64
	}{
		{long: 2 * time.Second, within: 200 * time.Millisecond, transports: 1},
		{long: 30 * time.Second, within: 2 * time.Second, transports: 2},
		{long: 36 * time.Second, within: 2 * time.Second, transports: 2},
	} {
		t.Run(tt.long.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T, l *span) {
				s := l.scene()
				l.cut.Store(true)
				netlab.Pass(t, tt.long)
				before, heard := s.seat.video(0).packets.Load(), s.seat.voice(0).packets.Load()
				l.cut.Store(false)
				healed := time.Now()
				s.seat.until("sound again", func() bool { return s.seat.voice(0).packets.Load() > heard })
				sound := time.Since(healed)
				s.seat.until("pictures again", func() bool { return s.seat.video(0).packets.Load() > before })
				picture := time.Since(healed)
				t.Logf("sound after %v, a picture after %v", sound, picture)
				if sound > tt.within || picture > tt.within {
					t.Errorf("want both within %v of virtual time", tt.within)
				}
				netlab.Pass(t, time.Second)
				if st := s.wire.child.Stats(); st.Transports != tt.transports {
					t.Errorf("%d paths, want %d", st.Transports, tt.transports)
				}
				ordered(t, s.seat.video(0).packetsSoFar(), tt.transports > 1)
			})
		})
	}
}

// A parent that is killed and begins again has media of the same child at once,
// and the pictures go on in the slot of whoever stayed.
func TestAVirtualParentRestarts(t *testing.T) {
	bubble(t, func(t *testing.T, l *span) {
		above := l.Join(upper)
		top, low := l.node(above, upper), l.node(l.Join(lower), lower)
		w := connect(t, top, low, "p")
		from := dial(t, top, clientConfig{point: "r1", publish: true, net: l.client()})
		seat := dial(t, low, clientConfig{point: "p1", video: 1, voices: 6, net: l.client()})
		from.play(meeting.Camera, 7)
		w.await(t)
		plan := planOf(1, meeting.View{Tiles: []meeting.SourceKey{camera("r1")}}, camera("r1"))
		carry(plan, top, low)
		seat.until("pictures", func() bool { return seat.video(0).packets.Load() > 10 })
		_, _ = w.parent.Close(), w.child.Close()
		if err := top.Close(); err != nil {
			t.Error(err)
		}
		netlab.Pass(t, 3*time.Second)
		before := seat.video(0).packets.Load()
		top = l.node(above, upper)
		again := connect(t, top, low, "p")
		next := dial(t, top, clientConfig{point: "r1", publish: true, net: l.client()})
		next.play(meeting.Camera, 8)
		began := time.Now()
		carry(plan, top, low)
		seat.until("pictures again", func() bool { return seat.video(0).packets.Load() > before+10 })
		t.Logf("pictures go on after %v", time.Since(began))
		if st := again.child.Stats(); st.Transports != 1 || st.Undeclared != 0 {
			t.Errorf("%+v", st)
		}
		checkContinuous(t, seat.video(0).packetsSoFar())
	})
}

// ordered fails if a packet came twice, or, of what must be whole, did not come,
// in whatever order: a receiver puts them in theirs.
func ordered(t *testing.T, packets []rtp.Packet, whole bool) {
	t.Helper()
	slices.SortStableFunc(packets, func(a, b rtp.Packet) int { return int(int16(a.SequenceNumber - b.SequenceNumber)) })
	if whole {
		checkContinuous(t, packets)
	}
	for i := range packets[1:] {
		if packets[i].SequenceNumber == packets[i+1].SequenceNumber {
			t.Errorf("packet %d came twice", packets[i].SequenceNumber)
		}
	}
}
