package loadtest

import (
	"bytes"
	"testing"

	"github.com/pion/rtp"
	depacketizer "github.com/pion/rtp/codecs"
)

// FuzzSplit holds split against Pion's own reading of RTP packets.
func FuzzSplit(f *testing.F) {
	plain := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: 7, Marker: true, SSRC: 1}, Payload: []byte("picture")}
	extended := plain
	if err := extended.SetExtension(3, []byte{1, 2}); err != nil {
		f.Fatal(err)
	}
	extended.CSRC = []uint32{1, 2, 3}
	padded := plain
	padded.Padding, padded.PaddingSize = true, 4
	for _, p := range []rtp.Packet{plain, extended, padded} {
		raw, err := p.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte{0x80})
	f.Add(bytes.Repeat([]byte{0xff}, 20))
	f.Fuzz(func(t *testing.T, raw []byte) {
		seq, payload, marker, ok := split(raw)
		var want rtp.Packet
		if err := want.Unmarshal(raw); err != nil || want.Version != 2 || !ok {
			return
		}
		if seq != want.SequenceNumber || marker != want.Marker || !bytes.Equal(payload, want.Payload) {
			t.Fatalf("split %x: seq %d, marker %v, payload %x; Pion reads %v", raw, seq, marker, payload, want)
		}
	})
}

// FuzzVP8Body holds vp8Body against Pion's own reading of the descriptor.
func FuzzVP8Body(f *testing.F) {
	for _, seed := range [][]byte{
		{0x10, 0x9d}, {0x90, 0x80, 0x81, 0x02, 0x00}, {0x90, 0x80, 0x7f, 0x00}, {0x90, 0xf0, 0x81, 0x02, 9, 8, 1}, {0x80}, {},
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, start := vp8Body(raw)
		var want depacketizer.VP8Packet
		rest, err := want.Unmarshal(raw)
		if err != nil || len(rest) == 0 {
			return
		}
		if !bytes.Equal(body, rest) || start != (want.S == 1 && want.PID == 0) {
			t.Fatalf("%x: body %x, start %v; Pion reads %x, S %d, PID %d", raw, body, start, rest, want.S, want.PID)
		}
	})
}

func TestAnswerNamesTheSlotOfEachStream(t *testing.T) {
	t.Parallel()
	s := newSink(nil)
	answer := "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" +
		"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ssrc:1 cname:x\r\n" +
		"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ssrc:10 cname:x\r\na=ssrc:11 cname:x\r\n" +
		"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ssrc:20 cname:x\r\n" +
		"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ssrc:30 cname:x\r\n"
	if err := s.learn(answer, 1); err != nil {
		t.Fatal(err)
	}
	for ssrc, want := range map[uint32]SlotID{
		10: {Index: 0}, 11: {Index: 0}, 20: {Index: 1}, 30: {Audio: true}, 1: {Index: -1}, 99: {Index: -1},
	} {
		if got := s.slot(ssrc); got != want {
			t.Errorf("stream %d belongs to %+v, want %+v", ssrc, got, want)
		}
	}
	if err := s.learn("not an answer", 0); err == nil {
		t.Error("nonsense was accepted")
	}
}
