package sfu

import (
	"time"

	"github.com/giaoban/giaoban/internal/rewrite"
)

const (
	padBytes = 255 // of one packet of padding, the most there can be (RFC 3550 §5.1)
	padMost  = 64  // packets at once
	padEvery = 5 * time.Millisecond
)

// pad sends what a probe lacks as padding on the repair stream of a slot
// (RFC 4588), which no decoder sees, and says when to go on; 0 is never.
func (w *writer) pad(now time.Duration) time.Duration {
	target := w.line.prober.Target(now)
	if target == 0 {
		return 0
	}
	began := w.line.prober.Began()
	due := target / 8 * uint64(now-began) / uint64(time.Second)
	out := w.padding()
	for range padMost {
		if out == nil || w.line.padded >= due {
			break
		}
		b := out.bound.Load()
		out.repair++
		b.lines[codecVP8].rtx.Padding, b.lines[codecVP8].rtx.PaddingSize = true, padBytes
		out.emit(b, number(&b.lines[codecVP8].rtx, rewrite.Numbers{Seq: uint64(out.repair), TS: out.munge.Newest().TS}, false), nil)
		b.lines[codecVP8].rtx.Padding, b.lines[codecVP8].rtx.PaddingSize = false, 0
		w.peer.sfu.count.padding.Add(1)
		w.line.count(padBytes, false, now)
	}
	return now + padEvery
}

// padding finds a slot whose repair stream can carry padding, one that shows
// something if there is one.
func (w *writer) padding() (found *slot) {
	for _, s := range w.slots {
		b := s.bound.Load()
		if !s.video || b == nil || b.lines[codecVP8].rtx.SSRC == 0 {
			continue
		}
		if s.shown.Load() != nil {
			return s
		}
		if found == nil {
			found = s
		}
	}
	return found
}
