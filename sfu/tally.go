package sfu

import (
	"time"

	"github.com/giaoban/giaoban/internal/rewrite"
	"github.com/pion/rtcp"
)

// dropout is how far numbers may jump before the count starts anew, as RFC 3550
// §A.1 has it.
const dropout = 3000

// tally counts one received stream as its sender is told of it (RFC 3550 §6.4.1
// and appendix A).
type tally struct {
	rate    uint64 // of its clock, Hz
	numbers rewrite.Unwrapper

	first, newest uint64 // numbers
	received      uint64
	dueBefore     uint64 // at the last report
	hadBefore     uint64
	last          uint32 // timestamp of the newest packet
	transit       int32  // of it, ticks; it wraps
	jitter        int64  // ticks, times 16
}

// count takes a packet, and reports whether it is the first of a new moment of
// its sender's: the newest, and sampled at another time than the one before.
func (t *tally) count(seq uint16, ts uint32, now time.Duration) (moment bool) {
	n := t.numbers.Unwrap(uint32(seq))
	if n > t.newest+dropout {
		*t = tally{rate: t.rate, numbers: t.numbers, first: n, newest: n - 1}
	}
	t.received++
	if n <= t.newest {
		return false
	}
	t.newest = n
	transit := int32(uint64(now)*t.rate/uint64(time.Second)) - int32(ts)
	if moment = ts != t.last; moment && t.received > 1 {
		between := int64(transit - t.transit) // a clock that wraps is no jump
		t.jitter += max(between, -between) - (t.jitter+8)>>4
	}
	t.last, t.transit = ts, transit
	return moment
}

// due is how many packets have been sent, as far as is known.
func (t *tally) due() uint64 { return t.newest - t.first + 1 }

func newTally(rate uint64) tally { return tally{rate: rate, numbers: rewrite.NewUnwrapper(16)} }

// report is what has come since the last one; false is nothing.
func (t *tally) report() (r rtcp.ReceptionReport, ok bool) {
	if t.received == t.hadBefore {
		return r, false
	}
	due, had := t.due()-t.dueBefore, t.received-t.hadBefore
	t.dueBefore, t.hadBefore = t.due(), t.received
	if due > had {
		r.FractionLost = uint8(min((due-had)*256/due, 255))
	}
	if t.dueBefore > t.received {
		r.TotalLost = uint32(min(t.dueBefore-t.received, 1<<23-1))
	}
	r.LastSequenceNumber = uint32(t.newest - t.first + uint64(uint16(t.first)))
	r.Jitter = uint32(t.jitter >> 4)
	return r, true
}
