package sfu

import (
	"testing"

	"github.com/pion/rtp"
)

// recorder is a track's writer that remembers.
type recorder struct{ packets []rtp.Packet }

func (r *recorder) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	r.packets = append(r.packets, rtp.Packet{Header: *h, Payload: append([]byte(nil), payload...)})
	return len(payload), nil
}
func (r *recorder) Write([]byte) (int, error) { return 0, nil }

// record remembers what the bench's first receiver is sent from now on.
func (b *bench) record() *recorder {
	out, s := &recorder{}, (*b.in.layer.fan.Load())[0]
	bound := *s.bound.Load()
	bound.out = out
	s.bound.Store(&bound)
	return out
}

// Temporal layers are left out by whole pictures, and neither numbers nor
// picture ids nor markers tell of it.
func TestTemporalLayersAreLeftOutWithoutAHole(t *testing.T) {
	bench := newBench(1)
	out, s := bench.record(), (*bench.in.layer.fan.Load())[0]
	order := []byte{0, 2<<6 | 0x20, 1<<6 | 0x20, 2 << 6}
	send := func(pictures int) {
		for range pictures {
			for part := range 3 {
				n := int(bench.seq) / 3
				head := []byte{0x80, 0xe0, 0x80 | byte(n>>8), byte(n), byte(n / 4), order[n%4], 1, 7}
				if part == 0 {
					head[0] |= 0x10
				}
				if n == 0 && part == 0 {
					head = append(head[:6], 0, 0, 0, 0x9d, 1, 0x2a, 0, 0, 0, 0)
				}
				h := rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: bench.seq, Timestamp: uint32(n) * 3000, Marker: part == 2}
				bench.seq++
				raw, err := (&rtp.Packet{Header: h, Payload: head}).Marshal()
				if err != nil {
					t.Fatal(err)
				}
				buf := bench.in.room.room(bench.in.size)
				bench.in.take(buf[:copy(buf, raw)], false)
			}
			bench.writers[0].drain()
		}
	}
	send(16)
	all := len(out.packets)
	s.capTemporal(0)
	send(16)
	base := len(out.packets) - all
	s.capTemporal(1)
	send(16)
	two := len(out.packets) - all - base
	if all != 48 || base != 12 || two != 24 {
		t.Errorf("sent %d, %d and %d packets, want 48 of all, 12 of the base, 24 of two layers", all, base, two)
	}
	checkContinuous(t, out.packets)
	for i, p := range out.packets {
		if p.Marker != (i%3 == 2) {
			t.Errorf("packet %d: marker %v", i, p.Marker)
		}
		base := p.Payload[5]>>6 == 0
		if i > 0 && base && p.Timestamp != out.packets[i-1].Timestamp && p.Payload[4] != out.packets[i-1].Payload[4]+1 {
			t.Errorf("packet %d: TL0PICIDX %d after %d", i, p.Payload[4], out.packets[i-1].Payload[4])
		}
	}
}
