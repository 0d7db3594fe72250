package sfu

import (
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/estimate"
	"github.com/pion/rtp"
)

// numberer is a track's writer that keeps the sequence numbers sent.
type numberer struct{ seqs []uint16 }

func (r *numberer) WriteRTP(h *rtp.Header, _ []byte) (int, error) {
	r.seqs = append(r.seqs, h.SequenceNumber)
	return 0, nil
}
func (r *numberer) Write([]byte) (int, error) { return 0, nil }

// queued gives a writer whose pacer is set, and puts pictures of one packet,
// by their temporal layer, into its queue, all waiting for the same time.
func queued(t *testing.T, waited time.Duration, layers ...uint8) (*writer, *numberer) {
	t.Helper()
	b := newBench(1)
	b.forward() // a keyframe, which begins the slot
	w, out := b.writers[0], &numberer{}
	slot := (*b.in.layer.fan.Load())[0]
	bound := *slot.bound.Load()
	bound.out = out
	slot.bound.Store(&bound)
	w.line.pacer.Set(100_000_000, burst*packetMax, 0)
	past, ok := slot.history.Get(uint16(slot.munge.Newest().Seq))
	if !ok {
		t.Fatal("the slot has sent nothing")
	}
	last := past.packet
	for i, tid := range layers {
		p := &packet{layer: b.in.layer, run: last.run, seq: last.seq + 1 + uint64(i), ts: last.ts + 3000*uint64(i+1), marker: true}
		p.at = w.peer.sfu.now() - waited
		p.payload = []byte{0x90, 0x20, tid << 6, 1, 0, 0, 0}
		p.codec = codecVP8
		p.vp8.Size, p.vp8.Start, p.vp8.HasTID, p.vp8.TID = 3, true, true, tid<<6
		w.video.push(work{slot, p})
	}
	return w, out
}

func TestPicturesThatWaitedTooLongAreLeftOutWithoutAHole(t *testing.T) {
	tests := []struct {
		name   string
		waited time.Duration
		layers []uint8
		sent   int
		asked  bool
	}{
		{"in time", 100 * time.Millisecond, []uint8{0, 1, 0, 1}, 4, false},
		{"upper layers go, and nobody needs a keyframe", time.Second, []uint8{1, 1}, 0, false},
		{"after one that others need all wait for a keyframe", time.Second, []uint8{0, 1, 0}, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, out := queued(t, tt.waited, tt.layers...)
			before := w.peer.sfu.count.keyframesAsked.Load()
			w.drain()
			if len(out.seqs) != tt.sent {
				t.Errorf("%d sent, want %d", len(out.seqs), tt.sent)
			}
			for i := 1; i < len(out.seqs); i++ {
				if out.seqs[i] != out.seqs[i-1]+1 {
					t.Errorf("numbers %v", out.seqs)
				}
			}
			if asked := w.peer.sfu.count.keyframesAsked.Load() > before; asked != tt.asked {
				t.Errorf("keyframe asked: %v", asked)
			}
		})
	}
}

func TestAPacedWriterHoldsPicturesBackAndNeverSound(t *testing.T) {
	w, out := queued(t, 0, 0, 0, 0)
	w.line.pacer.Set(8_000, packetMax, w.peer.sfu.now()) // a packet takes a second and a half
	w.line.pacer.Send(2*packetMax, w.peer.sfu.now())
	voice := newSlot(1, false, w, func() uint32 { return 1 })
	next := w.video.cells[w.video.head.Load()%videoLane].value
	voice.want.Store(next.packet.layer)
	heard := &numberer{}
	voice.bound.Store(&binding{out: heard, lines: [codecs]bindingLine{codecOpus: {header: rtp.Header{Version: 2}}}})
	w.audio.push(work{voice, &packet{layer: voice.want.Load(), codec: codecOpus, payload: []byte(opusSilence)}})
	w.drain()
	if len(out.seqs) != 0 || len(heard.seqs) != 1 {
		t.Errorf("%d pictures and %d packets of sound, want none and 1", len(out.seqs), len(heard.seqs))
	}
	if !w.idle() || w.video.empty() {
		t.Error("the pictures should wait, and the writer sleep")
	}
}

func TestAWeakLineIsPacedPacketByPacketAndAGoodOneFrameByFrame(t *testing.T) {
	w := newBench(1).writers[0]
	w.line.share.Store(&share{given: 300_000, need: 900_000})
	w.pace(0)
	if got := w.line.pacer.Rate(); got != 450_000 {
		t.Errorf("weak: %d, want 450000", got)
	}
	w.line.pacer.Send(packetMax+1, 0)
	if w.line.pacer.Wait(0) == 0 {
		t.Error("weak: a second packet goes at once")
	}
	good := newBench(1).writers[0]
	good.line.share.Store(&share{given: 1_000_000})
	good.pace(0)
	good.line.pacer.Send(burst*packetMax, 0)
	if good.line.pacer.Rate() < paceLeast || good.line.pacer.Wait(0) != 0 {
		t.Errorf("good: %d, a frame of %d packets waits", good.line.pacer.Rate(), burst)
	}
}

// A line that was found small is not filled by the layers it has no room for
// any more, which flow until keyframes of smaller ones come.
func TestALineThatBecameSmallerIsPacedByWhatItTakesBesideTheSound(t *testing.T) {
	w := newBench(1).writers[0]
	w.line.estimate = estimate.New(400_000, 0)
	w.line.share.Store(&share{given: 1_200_000})
	for range 10 {
		w.line.count(1250-headerBytes, true, time.Second) // 200 kbit/s over half a second
	}
	if w.pace(time.Second); w.line.pacer.Rate() != 200_000 {
		t.Errorf("%d, want the 200000 that the sound leaves", w.line.pacer.Rate())
	}
}
