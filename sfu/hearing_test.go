package sfu

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// publisher plays what a client sends to where Pion would write it.
type publisher struct {
	peer   *Peer
	source *source
	direct *declared
	repair *declared
	number uint16
}

func newPublisher() *publisher {
	in := newBench(0).in
	peer := in.source.from.(*Peer)
	l := in.source.layers[0]
	l.ssrc.Store(7)
	l.repair.Store(8)
	peer.buffers = buffers{peer: peer, hearing: newHearing(peer, 5), streams: map[*layer]*stream{l: in}, bySSRC: map[uint32]*source{7: in.source, 8: in.source}}
	return &publisher{
		peer: peer, source: in.source,
		direct: peer.buffers.open(0, 7).(*declared),
		repair: peer.buffers.open(0, 8).(*declared),
	}
}

func (p *publisher) send(t *testing.T, h rtp.Header, payload []byte) {
	t.Helper()
	p.number++
	if err := h.SetExtension(5, []byte{byte(p.number >> 8), byte(p.number)}); err != nil {
		t.Fatal(err)
	}
	raw, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	q := p.direct
	if h.SSRC == 8 {
		q = p.repair
	}
	if _, err := q.Write(raw); err != nil {
		t.Fatal(err)
	}
}

// picture sends one of one packet.
func (p *publisher) picture(t *testing.T, n int) {
	t.Helper()
	p.send(t, rtp.Header{Version: 2, PayloadType: 96, SSRC: 7, SequenceNumber: uint16(n), Timestamp: uint32(n) * 3000}, []byte{1, 2, 3})
}

func (p *publisher) said() (nacks []*rtcp.TransportLayerNack, reports []*rtcp.ReceiverReport, when []*rtcp.TransportLayerCC) {
	for r, ok := p.peer.writer.replies.pop(); ok; r, ok = p.peer.writer.replies.pop() {
		switch r := r.(type) {
		case *rtcp.TransportLayerNack:
			nacks = append(nacks, r)
		case *rtcp.ReceiverReport:
			reports = append(reports, r)
		case *rtcp.TransportLayerCC:
			when = append(when, r)
		}
	}
	return nacks, reports, when
}

// A publisher is told when its packets came, how many, and which did not.
func TestPublisherIsToldWhatCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPublisher()
		sr, err := (&rtcp.SenderReport{SSRC: 7, NTPTime: 0x1122334455667788}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.peer.buffers.openReports(7).Write(sr); err != nil {
			t.Fatal(err)
		}
		for n := range 80 {
			time.Sleep(time.Second / 30)
			if n != 40 {
				p.picture(t, n)
			}
			if n == 41 {
				nacks, _, _ := p.said()
				if len(nacks) != 1 || nacks[0].MediaSSRC != 7 || !slices.Equal(nacks[0].Nacks[0].PacketList(), []uint16{40}) {
					t.Fatalf("asked for %v at once, want 40", nacks)
				}
				p.send(t, rtp.Header{Version: 2, PayloadType: 97, SSRC: 8, SequenceNumber: 1}, []byte{0, 40, 1, 2, 3})
			}
		}
		nacks, reports, when := p.said()
		if len(nacks) != 0 {
			t.Errorf("asked for %v, which has been sent again", nacks)
		}
		if len(reports) != 1 || len(reports[0].Reports) != 1 {
			t.Fatalf("%d reports since, want one a second, of one stream", len(reports))
		}
		r := reports[0].Reports[0]
		if r.SSRC != 7 || r.TotalLost != 1 || r.LastSenderReport != 0x33445566 || r.Delay < 1<<16 || r.Delay > 3<<16 {
			t.Errorf("reported %+v", r)
		}
		if len(when) < 17 || len(when) > 21 {
			t.Errorf("%d reports of when packets came in 1.27 s, want one in 50 ms and more", len(when))
		}
		time.Sleep(time.Hour)
		if nacks, reports, when := p.said(); nacks != nil || reports != nil || when != nil {
			t.Error("something is said of nothing")
		}
	})
}

// Once a picture has come that needs no other, what was missing before it is
// not asked for again, whichever codec it is of; a picture that needs others
// changes nothing.
func TestAPublisherIsNotAskedForWhatAKeyframeOvertook(t *testing.T) {
	for _, tt := range []struct {
		name       string
		codec      codec
		key, delta []byte
	}{
		{"VP8", codecVP8, []byte{0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 48, 0}, []byte{0x10, 0x01, 0, 0}},
		{"H.264", codecH264, []byte{0x67, 0x42, 0xe0, 0x1f}, []byte{0x41, 0x9a, 0}},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPublisher()
			p.direct.stream.kinds[96] = tt.codec
			send := func(n int, payload []byte) (nacked bool) {
				time.Sleep(time.Second / 30)
				p.send(t, rtp.Header{Version: 2, PayloadType: 96, SSRC: 7, SequenceNumber: uint16(n), Timestamp: uint32(n) * 3000}, payload)
				nacks, _, _ := p.said()
				return len(nacks) > 0
			}
			send(1, tt.key)
			if !send(3, tt.delta) {
				t.Errorf("%s: 2 is missing and not asked for", tt.name)
			}
			again := false
			for n := 4; n < 12; n++ {
				again = send(n, tt.delta) || again
			}
			if !again {
				t.Errorf("%s: 2 is not asked for again", tt.name)
			}
			for n := range 10 {
				if send(12+n, map[bool][]byte{true: tt.key, false: tt.delta}[n == 0]) {
					t.Errorf("%s: 2 is asked for %d packets after a keyframe", tt.name, n)
				}
			}
		})
	}
}

// Nothing is asked for that a gate would not let past.
func TestNothingIsMissedBehindAClosedGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPublisher()
		p.source.gate.at.Store(nil)
		for n := range 100 {
			time.Sleep(time.Second / 30)
			p.picture(t, 2*n)
		}
		if nacks, _, _ := p.said(); len(nacks) != 0 {
			t.Errorf("asked for %d packets", len(nacks))
		}
	})
}

// A packet that comes costs no memory.
func TestHearingDoesNotAllocate(t *testing.T) {
	p := newPublisher()
	raw, err := (&rtp.Packet{Header: rtp.Header{Version: 2, SSRC: 7, SequenceNumber: 9}, Payload: []byte{1}}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	h, l := p.peer.buffers.hearing, p.source.layers[0]
	if n := testing.AllocsPerRun(1000, func() { h.take(raw, l, false) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	p.source.codec.Store(uint32(codecVP8))
	if n := testing.AllocsPerRun(1000, func() { l.begins(raw, 12, false) }); n > 0 {
		t.Errorf("%v allocations to look for a keyframe", n)
	}
}
