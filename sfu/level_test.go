package sfu

import (
	"testing"

	"github.com/pion/rtp"
)

// The parts of a picture leave equally long, so that the kernel takes them as
// one run; the padding is no part of the picture, and what is much shorter, or
// the last, has none.
func TestPartsOfAPictureLeaveEquallyLong(t *testing.T) {
	tests := []struct {
		name        string
		sizes, want []int // of what the encoder made of a part; of padding
	}{
		{"equal", []int{900, 900, 900}, []int{0, 0, 0}},
		{"a byte or two apart", []int{899, 900, 898, 900}, []int{1, 0, 2, 0}},
		{"the last is shorter", []int{905, 900, 900, 300}, []int{0, 5, 5, 0}},
		{"one is much shorter", []int{900, 900 - fillMost, 900 - fillMost - 1, 900}, []int{0, fillMost, 0, 0}},
		{"one alone", []int{40}, []int{0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bench := newBench(1)
			bench.begin()
			out := bench.record()
			for i, size := range tt.sizes {
				bench.seq++
				head := []byte{0x80, 0x80, 0x80, 2, 1}
				if i == 0 {
					head[0] |= 0x10
				}
				h := rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: bench.seq, Timestamp: 5000, Marker: i == len(tt.sizes)-1}
				raw, err := (&rtp.Packet{Header: h, Payload: append(head, make([]byte, size-1)...)}).Marshal()
				if err != nil {
					t.Fatal(err)
				}
				bench.in.receive(raw)
			}
			bench.writers[0].drain()
			if len(out.packets) != len(tt.sizes) {
				t.Fatalf("%d packets, want %d", len(out.packets), len(tt.sizes))
			}
			for i, p := range out.packets {
				if int(p.Header.PaddingSize) != tt.want[i] || p.Padding != (tt.want[i] > 0) || len(p.Payload) != 4+tt.sizes[i] {
					t.Errorf("part %d: %d bytes and %d of padding (%v), want %d and %d", i, len(p.Payload), p.Header.PaddingSize, p.Padding, 4+tt.sizes[i], tt.want[i])
				}
			}
		})
	}
}

// Parts whose picture has lost its end go on when the next one begins.
func TestPartsWithoutAnEndGoWithTheNextPicture(t *testing.T) {
	bench := newBench(1)
	bench.begin()
	out := bench.record()
	take := func(ts uint32, marker bool) {
		bench.seq++
		h := rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: bench.seq, Timestamp: ts, Marker: marker}
		raw, err := (&rtp.Packet{Header: h, Payload: []byte{0x80, 0x80, 0x80, 2, 1, 7}}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		bench.in.receive(raw)
		bench.writers[0].drain()
	}
	take(5000, false)
	take(5000, false)
	if len(out.packets) != 0 {
		t.Errorf("%d packets of a picture that has not ended, want none", len(out.packets))
	}
	take(8000, false)
	if len(out.packets) != 2 {
		t.Errorf("%d packets when the next picture began, want the 2 before it", len(out.packets))
	}
	take(8000, true)
	if len(out.packets) != 4 {
		t.Errorf("%d packets, want 4", len(out.packets))
	}
}
