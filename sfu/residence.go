package sfu

import (
	"math"
	"sync/atomic"
	"time"
)

// ResidenceBounds are the upper bounds of what Residence counts, in order; what
// took longer than the last is counted behind them.
var ResidenceBounds = [...]time.Duration{
	100 * time.Microsecond, 200 * time.Microsecond, 300 * time.Microsecond, 400 * time.Microsecond, 600 * time.Microsecond, 800 * time.Microsecond,
	time.Millisecond, 1500 * time.Microsecond, 2 * time.Millisecond, 3 * time.Millisecond, 4 * time.Millisecond, 6 * time.Millisecond,
	8 * time.Millisecond, 12 * time.Millisecond, 16 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, time.Second,
}

// Residence is how long packets were in the server: from when they were
// decrypted, the wait for the rest of their picture and for a weak line
// included, to when the kernel had them. What is sent again does not count.
type Residence struct {
	Counts [len(ResidenceBounds) + 1]uint64 // by ResidenceBounds
	Sum    time.Duration
}

// Since is what came after an earlier reading.
func (r Residence) Since(was Residence) Residence {
	for i := range r.Counts {
		r.Counts[i] -= was.Counts[i]
	}
	r.Sum -= was.Sum
	return r
}

// Quantile is the bound that a share of the packets, 0 to 1, stayed within; the
// largest there is if it was longer.
func (r Residence) Quantile(share float64) time.Duration {
	all := uint64(0)
	for _, n := range r.Counts {
		all += n
	}
	most, within := uint64(math.Ceil(float64(all)*share)), uint64(0)
	for i, bound := range ResidenceBounds {
		if within += r.Counts[i]; within >= most {
			return bound
		}
	}
	return math.MaxInt64
}

// residence counts it.
type residence struct {
	counts [len(ResidenceBounds) + 1]atomic.Uint64
	sum    atomic.Int64
}

func (r *residence) add(stay time.Duration) {
	i := 0
	for i < len(ResidenceBounds) && stay > ResidenceBounds[i] {
		i++
	}
	r.counts[i].Add(1)
	r.sum.Add(int64(stay))
}

func (r *residence) read() (all Residence) {
	for i := range r.counts {
		all.Counts[i] = r.counts[i].Load()
	}
	all.Sum = time.Duration(r.sum.Load())
	return all
}

// leaves notes when a packet that is being sent had come.
func (w *writer) leaves(came time.Duration) {
	if w.leaving == len(w.came) {
		w.left()
	}
	w.came[w.leaving] = came
	w.leaving++
}

// left is told when the kernel has them.
func (w *writer) left() {
	if w.leaving == 0 {
		return
	}
	now := w.peer.sfu.now()
	for _, came := range w.came[:w.leaving] {
		w.peer.sfu.count.residence.add(now - came)
	}
	w.leaving = 0
}
