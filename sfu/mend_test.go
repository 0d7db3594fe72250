package sfu

import (
	"testing"

	"github.com/pion/rtp"
)

// A repair (RFC 4588) fills the hole it was asked for, as the packet it stands
// for; padding is no packet, and what nobody asked for or names no codec is
// counted and goes nowhere.
func TestARepairFillsTheHole(t *testing.T) {
	delta := []byte{0x90, 0x80, 0x80, 9, 1, 7}
	tests := []struct {
		name    string
		header  rtp.Header
		payload []byte
		fills   bool
		dropped drop
	}{
		{"what is missing", rtp.Header{Version: 2, PayloadType: 97, Marker: true}, append([]byte{0, 2}, delta...), true, dropReasons},
		{"with padding", rtp.Header{Version: 2, PayloadType: 97, Marker: true, Padding: true, PaddingSize: 9}, append([]byte{0, 2}, delta...), true, dropReasons},
		{"a probe", rtp.Header{Version: 2, PayloadType: 97, Padding: true, PaddingSize: 200}, nil, false, dropReasons},
		{"what has come", rtp.Header{Version: 2, PayloadType: 97}, append([]byte{0, 3}, delta...), false, dropRepair},
		{"what is to come", rtp.Header{Version: 2, PayloadType: 97}, append([]byte{0, 9}, delta...), false, dropRepair},
		{"of no codec", rtp.Header{Version: 2, PayloadType: 98}, append([]byte{0, 2}, delta...), false, dropPayloadType},
		{"no VP8", rtp.Header{Version: 2, PayloadType: 97}, []byte{0, 2, 0x90}, false, dropMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bench := newBench(1)
			out := bench.record()
			p := &publisher{peer: bench.in.source.from.(*Peer)}
			p.peer.buffers = buffers{peer: p.peer, hearing: newHearing(p.peer, 5), streams: map[*layer]*stream{bench.in.layer: bench.in}}
			p.direct, p.repair = p.peer.buffers.declare(bench.in.layer, false), p.peer.buffers.declare(bench.in.layer, true)
			p.send(t, rtp.Header{Version: 2, PayloadType: 96, SSRC: 7, SequenceNumber: 1, Timestamp: 3000, Marker: true}, []byte{0x90, 0x80, 0x80, 8, 0, 0, 0, 0x9d, 1, 0x2a, 0, 0, 0, 0})
			p.send(t, rtp.Header{Version: 2, PayloadType: 96, SSRC: 7, SequenceNumber: 3, Timestamp: 9000, Marker: true}, delta)
			sent := len(out.packets)
			tt.header.SSRC, tt.header.Timestamp = 8, 6000
			p.send(t, tt.header, tt.payload)
			bench.writers[0].drain()
			if fills := len(out.packets) > sent; fills != tt.fills {
				t.Errorf("%d packets more, want it to fill the hole: %v", len(out.packets)-sent, tt.fills)
			}
			if tt.fills {
				first, mended := out.packets[0], out.packets[len(out.packets)-1]
				if mended.SequenceNumber != first.SequenceNumber+1 || mended.Timestamp != first.Timestamp+3000 || len(mended.Payload) < 3 || mended.Payload[len(mended.Payload)-1] != 7 {
					t.Errorf("went out as %+v after %+v", mended, first)
				}
			}
			for why := range dropReasons {
				if n := p.peer.sfu.count.drops[why].Load(); (n > 0) != (why == tt.dropped) {
					t.Errorf("%d dropped as %s", n, dropNames[why])
				}
			}
		})
	}
}

// What a closed gate does not let past is counted and kept nowhere, a repair as
// little as the packet itself.
func TestNothingIsKeptBehindAClosedGate(t *testing.T) {
	bench := newBench(1)
	bench.in.source.gate.at.Store(nil)
	kept := bench.in.room
	bench.in.receive(bench.packet)
	raw, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 97}, Payload: []byte{0, 2, 0x90, 1}}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	bench.in.mend(raw)
	if n := bench.in.source.count.drops[dropNotPermitted].Load(); n != 2 {
		t.Errorf("%d refused, want 2", n)
	}
	if len(kept.bytes) != len(bench.in.room.bytes) || len(kept.packets) != len(bench.in.room.packets) {
		t.Error("something was kept")
	}
}
