package sfu

import (
	"os"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/rewrite"
	"github.com/pion/rtp"
)

// nowhere is a track's writer that sends nothing.
type nowhere struct{ packets int }

func (n *nowhere) WriteRTP(*rtp.Header, []byte) (int, error) { n.packets++; return 0, nil }
func (n *nowhere) Write([]byte) (int, error)                 { n.packets++; return 0, nil }

// bench is one picture's stream and its receivers, with nothing below them.
type bench struct {
	in      *stream
	packet  []byte
	writers []*writer
	out     *nowhere
	seq     uint16
}

func newBench(receivers int) *bench {
	s := &SFU{began: time.Now(), meetings: map[meeting.ID]*router{}}
	r := &router{sfu: s, token: make(chan struct{}, 1)}
	newPeer := func() *Peer {
		p := &Peer{sfu: s, router: r, said: &sayings{}, notices: make(chan Notice, 16), token: make(chan struct{}, 1)}
		p.writer = newWriter(p, Line{})
		p.connected.Store(true)
		p.writer.swift.Store(true)
		return p
	}
	src := &source{key: camera("a"), from: newPeer(), router: r, sfu: s}
	src.layers = newLayers(src, publishLine{})
	only := src.layers[0]
	src.gate.at.Store(&permit{since: 1})
	b := &bench{in: newStream(only, map[uint8]codec{96: codecVP8}, map[uint8]uint8{97: 96}), out: &nowhere{}}
	var fan []*slot
	for range receivers {
		p := newPeer()
		out := newSlot(0, true, p.writer, func() uint32 { return 1 })
		out.want.Store(only)
		header := rtp.Header{Version: 2, PayloadType: 96}
		_ = header.SetExtension(1, []byte("4"))
		out.bound.Store(&binding{out: b.out, lines: [codecs]bindingLine{codecVP8: {header: header}}})
		fan = append(fan, out)
		b.writers = append(b.writers, p.writer)
	}
	only.fan.Store(&fan)
	b.in.seq, b.in.ts = rewrite.NewUnwrapper(16), rewrite.NewUnwrapper(32)
	key := append([]byte{0x90, 0x80, 0x80, 1, 0, 0, 0, 0x9d, 1, 0x2a, 0, 0, 0, 0}, make([]byte, 1086)...)
	raw, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 96}, Payload: key}).Marshal()
	if err != nil {
		panic(err)
	}
	b.packet = raw
	return b
}

// begin sends the key frame; what follows are pictures that need others.
func (b *bench) begin() {
	b.forward()
	b.packet[16] |= 1
}

// forward takes one packet from its arrival to every receiver's track.
func (b *bench) forward() {
	b.arrive()
	for _, w := range b.writers {
		w.drain()
	}
}

// drain sends all that is waiting.
func (w *writer) drain() {
	for w.pass() {
	}
}

// arrive takes one packet that arrives to whoever sends it.
func (b *bench) arrive() {
	b.seq++
	buf := b.in.room.room(b.in.size)
	n := copy(buf, b.packet)
	buf[2], buf[3] = byte(b.seq>>8), byte(b.seq)
	buf[6], buf[7] = byte(b.seq>>6), byte(b.seq<<2)
	b.in.take(buf[:n], false)
	b.in.release()
}

// BenchmarkForward is the cost of one packet to one receiver, without
// encryption and sockets.
func BenchmarkForward(b *testing.B) {
	const receivers = 50
	bench := newBench(receivers)
	bench.begin()
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i += receivers {
		bench.forward()
	}
	if path := os.Getenv("JSON"); path != "" {
		if err := writeFigures(path, map[string]float64{"forward_null_nanoseconds_per_packet": float64(b.Elapsed().Nanoseconds()) / float64(b.N)}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestForwardDoesNotAllocate(t *testing.T) {
	const receivers, rounds = 50, 4 * chunkPackets
	bench := newBench(receivers)
	bench.begin()
	// AllocsPerRun rounds down, so the two of a chunk of 96 packets do not show.
	if n := testing.AllocsPerRun(rounds, bench.forward); n != 0 {
		t.Errorf("%v allocations a packet for %d receivers, want none", n, receivers)
	}
	if want := (rounds + 2) * receivers; bench.out.packets != want {
		t.Errorf("%d packets sent, want %d: the measure is of something else", bench.out.packets, want)
	}
}
