package sfu

import (
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// FuzzReadOffer checks that no text makes the reader of offers panic, and that
// what it accepts is within its bounds.
func FuzzReadOffer(f *testing.F) {
	names := []string{"extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid", "extmap:2/sendonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"}
	f.Add(sdpOf(line("video", "0", "sendonly", append(names, "rid:q send", "rid:f send max-width=1280", "simulcast:send q;~f")...)))
	f.Add(sdpOf(line("video", "0", "sendonly", "ssrc-group:FID 10 11", "ssrc:10 cname:x", "ssrc:11 cname:x"), line("audio", "1", "sendonly")))
	f.Add(sdpOf(line("video", "9", "recvonly"), line("audio", "8", "recvonly")))
	f.Fuzz(func(t *testing.T, text string) {
		for _, door := range []Door{DoorWHIP, DoorWHEP} {
			o, err := readOffer(text, PeerConfig{Publish: true, MaxTiles: 1, Door: door})
			if err == nil && (len(o.publish) > 2 || len(o.video) > 1 || len(o.publish) > 0 != (door == DoorWHIP)) {
				t.Fatalf("%s: %d sending, %d and %d receiving lines", door, len(o.publish), len(o.video), len(o.voices))
			}
		}
		o, err := readOffer(text, roomOffer)
		if err != nil {
			return
		}
		if len(o.publish) > 4 || len(o.video) > 9 || len(o.voices) > 6 {
			t.Fatalf("%d sending, %d and %d receiving lines", len(o.publish), len(o.video), len(o.voices))
		}
		for i, line := range o.publish {
			if len(line.rids) > len(layerNames) || len(line.rids) > 0 && (i > 0 || line.primary != 0 || o.names.rid == 0) {
				t.Fatalf("line %d: %+v, %+v", i, line, o.names)
			}
		}
	})
}

// FuzzQuarantine feeds packets to a stream that may become a layer's, and
// checks that nothing reaches Pion under the name of a layer it is not.
func FuzzQuarantine(f *testing.F) {
	packet := func(mid, rid string) []byte {
		h := rtp.Header{Version: 2, PayloadType: 96}
		_ = h.SetExtension(1, []byte(mid))
		_ = h.SetExtension(2, []byte(rid))
		raw, err := (&rtp.Packet{Header: h, Payload: []byte{1, 2, 3}}).Marshal()
		if err != nil {
			f.Fatal(err)
		}
		return raw
	}
	f.Add(packet("0", "q"))
	f.Add(packet("0", "f"))
	f.Add(packet("1", "q"))
	f.Add([]byte{0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 9})
	f.Fuzz(func(t *testing.T, b []byte) {
		peer := newBench(0).in.source.from.(*Peer)
		src := &source{from: peer, sfu: peer.sfu, router: peer.router}
		src.layers = newLayers(src, publishLine{rids: []string{"q", "f"}})
		taken := src.layers[1]
		taken.ssrc.Store(99)
		peer.buffers = buffers{peer: peer, hearing: newHearing(peer, 4), byRID: src.layers, mid: "0", names: streamNames{mid: 1, rid: 2, repaired: 3}}
		peer.buffers.streams = map[*layer]*stream{src.layers[0]: newStream(src.layers[0], nil, nil), taken: newStream(taken, nil, nil)}
		q := newQuarantine(&peer.buffers, 7)
		_, err := q.Write(b)
		mid, rid, _, ok := peer.buffers.names.read(b)
		if q.free != nil && (!ok || mid != "0") || taken.ssrc.Load() != 99 {
			t.Fatalf("freed by mid %q rid %q", mid, rid)
		}
		if ok && rid != "" && q.free == nil && err == nil {
			t.Fatalf("Pion gets a packet that claims %q", rid)
		}
	})
}

// FuzzReports feeds a layer RTCP.
func FuzzReports(f *testing.F) {
	sr, err := (&rtcp.SenderReport{SSRC: 7, NTPTime: 1 << 40, RTPTime: 9}).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sr)
	src := newBench(0).in.source
	f.Add([]byte{0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 7})
	f.Fuzz(func(t *testing.T, b []byte) {
		l := &layer{source: src}
		l.ssrc.Store(7)
		l.learnClock(b)
		if l.report.Load() != nil && len(b) < len(sr) {
			t.Fatalf("a clock out of %d bytes", len(b))
		}
	})
}
