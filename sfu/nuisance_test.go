package sfu

import (
	"crypto/rand"
	"encoding/binary"
	"net"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtp"
)

// isolationEnv is how many seconds each part of the isolation proof lasts.
const isolationEnv = "GIAOBAN_PROVE_ISOLATION"

// witness follows one stream whose packets say when they were sent.
type witness struct {
	mu     sync.Mutex
	begun  bool
	newest uint16
	lost   int
	delays []float64 // ms
}

func (w *witness) see(p *rtp.Packet) {
	if len(p.Payload) < 100 {
		return
	}
	sent := int64(binary.BigEndian.Uint64(p.Payload[len(p.Payload)-8:]))
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.begun {
		w.lost += int(p.SequenceNumber - w.newest - 1)
	}
	w.begun, w.newest = true, p.SequenceNumber
	w.delays = append(w.delays, float64(time.Now().UnixNano()-sent)/1e6)
}

// account gives what was seen since the last one: packets lost, packets, and
// the 99th percentile of the delay, ms.
func (w *witness) account() (lost, packets int, p99 float64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	lost, packets = w.lost, len(w.delays)
	if packets > 0 {
		slices.Sort(w.delays)
		p99 = w.delays[packets*99/100]
	}
	w.lost, w.delays = 0, nil
	return lost, packets, p99
}

// stamp sends pictures that say when they were sent, until the test ends.
func (c *client) stamp() {
	f := &feed{ts: 1}
	every(c.t, 10*time.Millisecond, func() {
		f.ts += videoRate / 100
		head := []byte{0x90, 0x80, 0x80 | byte(f.ts>>8&0x7f), byte(f.ts), 0, 1, 2, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0}
		body := append(head, make([]byte, 900)...)
		f.write(c.track(meeting.Camera), true, binary.BigEndian.AppendUint64(body, uint64(time.Now().UnixNano())))
	})
}

// every does something at an interval until the test ends, or it is stopped.
func every(t testing.TB, d time.Duration, do func()) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	var once sync.Once
	stop = func() { once.Do(func() { close(done) }); <-ended }
	t.Cleanup(stop)
	go func() {
		defer close(ended)
		tick := time.NewTicker(d)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				do()
			case <-done:
				return
			}
		}
	}()
	return stop
}

// joinProcess lets another process join as a peer and a receiver of what is
// shown, and gives what stops it.
func joinProcess(t testing.TB, s *SFU, point string, env ...string) (freeze func()) {
	t.Helper()
	pipe := benchProcess(t, 1, env...)
	for i := range 2 {
		var line benchLine
		if err := pipe.Decode(&line); err != nil {
			t.Fatal(err)
		}
		p, err := s.Join(PeerConfig{Meeting: "m", Point: meeting.PointID(point + strconv.Itoa(i)), Publish: line.Publish, MaxTiles: 9})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := p.Offer(line.SDP)
		if err != nil {
			t.Fatal(err)
		}
		if err := pipe.Encode(benchLine{SDP: answer}); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the process is connected", nil, p.connected.Load)
	}
	t.Cleanup(func() { _ = pipe.process.Signal(syscall.SIGCONT) })
	return func() {
		if err := pipe.process.Signal(syscall.SIGSTOP); err != nil {
			t.Error(err)
		}
	}
}

const nuisanceBytes = 1100 // of one packet of garbage

// garbage sends so many megabytes a second from a client that may send, and as
// many from an address nobody knows.
func garbage(t testing.TB, s *SFU, from *client, megabytes int) (stop func()) {
	t.Helper()
	stranger, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: s.Port()})
	if err != nil {
		t.Fatal(err)
	}
	junk := make([]byte, nuisanceBytes)
	_, _ = rand.Read(junk)
	const interval = 10 * time.Millisecond
	each := megabytes << 20 / int(time.Second/interval) / nuisanceBytes
	header := rtp.Header{Version: 2, SSRC: uint32(from.pc.GetTransceivers()[0].Sender().GetParameters().Encodings[0].SSRC), PayloadType: 96}
	ends := []func(){
		every(t, interval, func() {
			for range each {
				header.SequenceNumber++
				_, _ = from.taps[0].write(&header, junk)
			}
		}),
		every(t, interval, func() {
			for range each {
				_, _ = stranger.Write(junk)
			}
		}),
	}
	return func() {
		for _, end := range ends {
			end()
		}
		_ = stranger.Close()
	}
}

// A process that is stopped, one behind a TCP connection that stalls, garbage
// of a client and garbage of a stranger cost the others no packet.
func TestOthersNoticeNothing(t *testing.T) {
	seconds := fromEnv(t, isolationEnv, 2)
	part := time.Duration(seconds) * time.Second
	s := newTestSFU(t)
	var w witness
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 1, blind: true, seen: w.see})
	hostile := dial(t, s, clientConfig{point: "g", publish: true})
	freezes := []func(){joinProcess(t, s, "x"), joinProcess(t, s, "y", benchTCP+"=1")}
	s.Carry("m", planOf(1, tiles(camera("a"), camera("g")), camera("a"), camera("g")))
	a.stamp()
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 50 })
	w.account()

	observe := func(what string) float64 {
		<-time.After(part)
		lost, packets, p99 := w.account()
		t.Logf("%s: %d of %d packets lost, p99 %.2f ms", what, lost, packets, p99)
		if lost != 0 || packets == 0 {
			t.Errorf("%s: %d packets lost of %d", what, lost, packets)
		}
		return p99
	}
	control := observe("control")
	for _, freeze := range freezes {
		freeze()
	}
	stop := garbage(t, s, hostile, 5)
	disturbed := observe("two processes stopped, 5 MB/s of garbage from a client and a stranger each")
	stop()
	if seconds > 2 && disturbed > 2*control { // short of that the figure is of the machine
		t.Errorf("p99 %.2f ms, %.2f ms in the control run", disturbed, control)
	}
	if n := sourceStats(s, camera("g")).Packets; n == 0 || s.Stats().TurnedAway == 0 {
		t.Errorf("%d packets of garbage arrived, %d turned away: the proof is of nothing", n, s.Stats().TurnedAway)
	}
	stop = garbage(t, s, hostile, 50)
	<-time.After(part)
	stop()
	for _, c := range []*client{a, b, hostile} {
		if !c.peer.connected.Load() || c.peer.retired.Load() || c.peer.lost.Load() {
			t.Errorf("%s is disconnected", c.peer.cfg.Point)
		}
	}
}
