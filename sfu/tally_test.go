package sfu

import (
	"testing"
	"time"
)

// The figures of RFC 3550 §6.4.1, over a wrap of the numbers and of the clock.
func TestTally(t *testing.T) {
	ty := newTally(videoRate)
	send := func(from, to int, skip func(int) bool) {
		for i := from; i < to; i++ {
			if skip != nil && skip(i) {
				continue
			}
			ty.count(numbered(i), 0xffff0000+uint32(i)*3000, time.Duration(i)*time.Second/30)
		}
	}
	if _, ok := ty.report(); ok {
		t.Error("a report of nothing")
	}
	send(0, 1000, nil)
	r, ok := ty.report()
	if !ok || r.FractionLost != 0 || r.TotalLost != 0 || r.LastSequenceNumber != 1<<16+(65000+999)&0xffff || r.Jitter > 1 {
		t.Errorf("without loss: %+v", r)
	}
	if _, ok := ty.report(); ok {
		t.Error("a second report of the same")
	}
	send(1000, 2000, func(i int) bool { return i%4 == 1 })
	r, _ = ty.report()
	if r.FractionLost != 64 || r.TotalLost != 250 {
		t.Errorf("a quarter lost: %+v", r)
	}
	ty.count(numbered(1001), 0, 70*time.Second) // late, and never counted twice as new
	r, _ = ty.report()
	if r.TotalLost != 249 || r.FractionLost != 0 {
		t.Errorf("one came late: %+v", r)
	}
	ty.count(numbered(2000+dropout+1), 7, 71*time.Second)
	r, _ = ty.report()
	if r.TotalLost != 0 || r.FractionLost != 0 {
		t.Errorf("after a jump: %+v", r)
	}
}

// numbered is the number of packet i.
func numbered(i int) uint16 { return uint16(65000 + i) }

func TestTallyJitter(t *testing.T) {
	ty := newTally(videoRate)
	for i := range 2000 { // every other packet 10 ms late
		late := time.Duration(i%2) * 10 * time.Millisecond
		ty.count(uint16(i), uint32(i)*3000, time.Duration(i)*time.Second/30+late)
	}
	if r, _ := ty.report(); r.Jitter < 850 || r.Jitter > 900 {
		t.Errorf("jitter %d ticks, want nearly 900", r.Jitter)
	}
}
