package sfu

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/rewrite"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"pgregory.net/rapid"
)

// redBlock is one block of a RED payload.
type redBlock struct {
	format  uint8
	offset  uint32
	payload []byte
}

// readRED reads a RED payload strictly (RFC 2198 §3).
func readRED(b []byte) (blocks []redBlock, err error) {
	var sizes []int
	for {
		if len(b) == 0 {
			return nil, errors.New("ends within the headers")
		}
		if b[0]&0x80 == 0 {
			blocks, b = append(blocks, redBlock{format: b[0]}), b[1:]
			break
		}
		if len(b) < 4 {
			return nil, errors.New("ends within a header")
		}
		word := binary.BigEndian.Uint32(b)
		blocks = append(blocks, redBlock{format: uint8(word >> 24 & 0x7f), offset: word >> 10 & 0x3fff})
		sizes, b = append(sizes, int(word&0x3ff)), b[4:]
	}
	for i, size := range sizes {
		if size > len(b) {
			return nil, errors.New("a block is longer than the payload")
		}
		blocks[i].payload, b = b[:size], b[size:]
	}
	blocks[len(sizes)].payload = b
	return blocks, nil
}

// Whatever was said before, a packet is what RFC 2198 has, and what goes along
// is exactly what was sent then.
func TestSoundThatGoesAlongIsWhatWasSent(t *testing.T) {
	w := newDownlinkWriter()
	rapid.Check(t, func(t *rapid.T) {
		s := newSlot(0, false, w, func() uint32 { return 0 })
		b := &binding{red: rtp.Header{Version: 2, PayloadType: 63}}
		b.lines[codecOpus].header = rtp.Header{Version: 2, PayloadType: 111}
		sent := map[uint64][]byte{}
		ts := uint64(1 << 40)
		for range rapid.IntRange(1, 20).Draw(t, "packets") {
			ts += uint64(rapid.SampledFrom([]int{1, 960, 1920, 19_200}).Draw(t, "ticks"))
			p := &packet{payload: rapid.SliceOfN(rapid.Byte(), 1, rapid.SampledFrom([]int{3, 120, packetMax - 40}).Draw(t, "most")).Draw(t, "payload")}
			depth := rapid.IntRange(1, redMost).Draw(t, "depth")
			payload := s.redundant(b, p, rewrite.Numbers{TS: ts}, depth)
			if payload != nil {
				blocks, err := readRED(payload)
				if err != nil {
					t.Fatal(err)
				}
				newest := blocks[len(blocks)-1]
				if len(blocks)-1 > depth || newest.format != 111 || !bytes.Equal(newest.payload, p.payload) {
					t.Fatalf("%d blocks, the newest of format %d", len(blocks), newest.format)
				}
				for _, block := range blocks[:len(blocks)-1] {
					if block.format != 111 || !bytes.Equal(block.payload, sent[ts-uint64(block.offset)]) {
						t.Fatalf("%d ticks before %d: not what was sent then", block.offset, ts)
					}
				}
			}
			sent[ts] = p.payload
			s.said.remember(p, ts)
		}
	})
}

func newDownlinkWriter() *writer { return newWriter(&Peer{}, Line{}) }

func TestOlderSoundGoesAlongWhileTheLineLoses(t *testing.T) {
	var r redundancy
	for _, step := range []struct {
		at   time.Duration
		loss float64
		full bool
		want int
	}{
		{1, 0, false, 0},
		{2, 0.3, true, 0}, // a full line is not filled further
		{3, 0.03, false, 1},
		{4, 0.1, false, 2},
		{5, 0.01, false, 2},
		{6, 0.3, true, 2},
		{11, 0.01, false, 2},
		{13, 0.03, false, 2},
		{16, 0.01, false, 1},
		{17, 0, false, 1},
		{28, 0, false, 0},
	} {
		if r.judge(step.loss, step.full, step.at*time.Second); r.depth != step.want {
			t.Errorf("at %d s, %v lost: %d packets go along, want %d", step.at, step.loss, r.depth, step.want)
		}
	}
}

// What a line loses while it is being found full does not bring more sound on it.
func TestAFullLineIsSentNoOlderSound(t *testing.T) {
	for _, tt := range []struct {
		remb uint64 // after 4 Mbit/s
		want int
	}{{600_000, 0}, {4_000_000, 1}} {
		w := newDownlinkWriter()
		w.line.estimate.REMB(4_000_000, 0)
		w.line.estimate.REMB(tt.remb, time.Second)
		w.line.due, w.line.missing = 100, 5
		w.judgeLoss(time.Second + lineWindow)
		if w.line.red.depth != tt.want {
			t.Errorf("a line of %d that loses 5 %%: %d packets go along, want %d", tt.remb, w.line.red.depth, tt.want)
		}
	}
}

// A client on a line that loses is sent each voice twice, one on a good line
// once; nothing of one voice goes along with another.
func TestALossyLineIsSentSoundTwice(t *testing.T) {
	s := newTestSFU(t)
	from := dial(t, s, clientConfig{point: "a", publish: true})
	other := dial(t, s, clientConfig{point: "c", publish: true})
	takes := dial(t, s, clientConfig{point: "b", voices: 1, red: true})
	plain := dial(t, s, clientConfig{point: "d", voices: 1})
	from.play(meeting.Microphone, 1)
	heard := func(p meeting.PointID) meeting.View {
		return meeting.View{Voices: [meeting.Voices]meeting.SourceKey{mic(p)}}
	}
	other.play(meeting.Microphone, 2)
	s.Carry("m", planOf(1, heard("a"), mic("a")))
	lossy := func(c *client) {
		got := c.voice(0).packetsSoFar()
		if len(got) == 0 {
			return
		}
		highest := uint32(got[len(got)-1].SequenceNumber)
		c.report(&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: got[0].SSRC, LastSequenceNumber: highest, TotalLost: highest / 4}}})
	}
	redundant := func(c *client) (all []rtp.Packet) {
		for _, p := range c.voice(0).packetsSoFar() {
			if p.PayloadType == 63 {
				all = append(all, p)
			}
		}
		return all
	}
	takes.until("older sound along with newer", func() bool {
		lossy(takes)
		lossy(plain)
		return len(redundant(takes)) > 20
	})
	if n := len(redundant(plain)); n > 0 {
		t.Errorf("%d packets of a format the client does not take", n)
	}
	s.Carry("m", planOf(2, heard("c"), mic("c")))
	seen := len(takes.voice(0).packetsSoFar())
	takes.until("the other voice", func() bool { return len(takes.voice(0).packetsSoFar()) > seen+60 })
	checkRED(t, redundant(takes))
}

// checkRED fails unless every block that goes along belongs to the voice of the packet.
func checkRED(t *testing.T, packets []rtp.Packet) {
	t.Helper()
	for _, p := range packets {
		blocks, err := readRED(p.Payload)
		if err != nil {
			t.Fatal(err)
		}
		newest := blocks[len(blocks)-1].payload
		for _, block := range blocks {
			if block.payload[1] != newest[1] {
				t.Errorf("sound of %d goes along with sound of %d", block.payload[1], newest[1])
			}
		}
	}
}
