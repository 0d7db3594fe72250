package sfu

import (
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/rewrite"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// pieces cuts nonsense into packets: two bytes of length before each.
func pieces(b []byte) (all [][]byte) {
	for len(b) > 2 && len(all) < 64 {
		n := min(int(b[0])<<8|int(b[1]), len(b)-2, packetMax)
		all = append(all, b[2:2+n])
		b = b[2+n:]
	}
	return all
}

func piece(t testing.TB, h rtp.Header, payload []byte) []byte {
	t.Helper()
	raw, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte{byte(len(raw) >> 8), byte(len(raw))}, raw...)
}

// FuzzStream feeds a received stream nonsense, header extensions and padding
// included, from its arrival to the track of a receiver, and checks that what
// is sent on is a picture and that no number is given out twice: with
// AES-GCM, that would give away the key stream.
func FuzzStream(f *testing.F) {
	key := []byte{0x90, 0xe0, 0x80, 1, 7, 0x20, 0, 0, 0, 0x9d, 1, 0x2a, 0, 0, 0, 0}
	h := rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: 65534, Timestamp: 1<<32 - 1}
	seed := piece(f, h, key)
	h.SequenceNumber++
	_ = h.SetExtension(1, []byte("0"))
	seed = append(seed, piece(f, h, []byte{0x80, 0xe0, 0x80, 1, 7, 0x20, 9, 9})...)
	h.SequenceNumber, h.PayloadType = 3, 102
	f.Add(append(seed, piece(f, h, []byte{0x78, 0, 3, 0x67, 0x42, 0xe0, 0, 2, 0x68, 1})...), uint8(1))
	f.Add([]byte{0, 14, 0xb0, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde}, uint8(3))
	f.Fuzz(func(t *testing.T, b []byte, limit uint8) {
		bench, out := newBench(1), &recorder{}
		bench.in.size = 4 * packetMax // a whole chunk costs more than the packets
		bench.in.kinds[102] = codecH264
		s := (*bench.in.layer.fan.Load())[0]
		bound := *s.bound.Load()
		bound.out = out
		bound.lines[codecH264].header = rtp.Header{Version: 2, PayloadType: 102}
		s.bound.Store(&bound)
		s.capTemporal(limit & 3)
		for i, raw := range pieces(b) {
			if i%7 == 6 {
				bench.in.mend(raw)
			} else {
				bench.in.take(bench.in.copied(raw), i%7 == 5)
			}
			if i%3 == 2 {
				bench.in.release()
			}
			if i%16 == 15 { // a receiver that cannot go on
				s.stale.Store(true)
				s.writer.changed.Store(true)
			}
			s.writer.drain()
		}
		given := map[uint16]bool{}
		for _, p := range out.packets {
			if given[p.SequenceNumber] {
				t.Fatalf("number %d is given twice", p.SequenceNumber)
			}
			given[p.SequenceNumber] = true
			if err := pictureOf(p); err != nil {
				t.Fatalf("payload type %d, % x: %v", p.PayloadType, p.Payload, err)
			}
		}
	})
}

func pictureOf(p rtp.Packet) (err error) {
	if p.PayloadType == 102 {
		_, err = rewrite.ParseH264(p.Payload)
		return err
	}
	_, err = rewrite.ParseVP8(p.Payload)
	return err
}

// FuzzFeedback feeds a slot the RTCP of a hostile client, and checks that no
// more is sent again than it has been sent and each packet so often at most.
func FuzzFeedback(f *testing.F) {
	for _, p := range []rtcp.Packet{
		&rtcp.TransportLayerNack{MediaSSRC: 7, Nacks: []rtcp.NackPair{{PacketID: 1, LostPackets: 0xffff}}},
		&rtcp.PictureLossIndication{MediaSSRC: 7},
		&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: 7, FractionLost: 255, TotalLost: 1 << 23}}},
		&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 1e30, SSRCs: []uint32{7}},
	} {
		raw, err := p.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		bench, out := newBench(1), &recorder{}
		bench.in.size = 4 * packetMax // a whole chunk costs more than the packets
		s := (*bench.in.layer.fan.Load())[0]
		bound := *s.bound.Load()
		bound.out, bound.ssrc = out, 7
		bound.lines[codecVP8].rtx = rtp.Header{Version: 2, PayloadType: 97, SSRC: 8}
		s.bound.Store(&bound)
		peer := s.writer.peer
		peer.attached.Store(&attachment{slots: []*slot{s}, video: 1})
		s.writer.slots = []*slot{s}
		bench.begin()
		for range 20 {
			bench.forward()
		}
		sent := len(out.packets)
		in := &feedback{peer: peer, ssrc: 7}
		for range 8 {
			_, _ = in.Write(b)
			s.writer.drain()
			s.writer.tick(peer.sfu.now() + time.Second)
		}
		again := map[uint16]int{}
		for _, p := range out.packets[sent:] {
			if p.PayloadType == 97 && len(p.Payload) > 2 {
				again[uint16(p.Payload[0])<<8|uint16(p.Payload[1])]++
			}
		}
		for seq, n := range again {
			if n > resendMax {
				t.Fatalf("packet %d was sent again %d times", seq, n)
			}
		}
	})
}
