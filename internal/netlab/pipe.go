package netlab

import (
	"container/heap"
	"math/rand/v2"
	"time"
)

// pipe is one direction of a line, without clock or socket: packets wait in a
// queue for the rate, then fly for the delay. Its owner says what time it is.
type pipe struct {
	shape   Shape
	chance  *rand.Rand
	waiting []parcel // for the rate, in order
	queued  int      // bytes of them
	free    time.Duration
	flying  flight
	newest  time.Duration // the last arrival of those in order
	order   uint64
	cut     bool
	count   Counts
}

// parcel is a packet on its way: at is when it came in, then when it arrives.
type parcel struct {
	at    time.Duration
	order uint64
	bytes []byte
}

func newPipe(shape Shape, seed uint64) *pipe {
	return &pipe{shape: shape, chance: rand.New(rand.NewPCG(seed, 1))}
}

// push takes a packet into the line, or drops it.
func (p *pipe) push(b []byte, now time.Duration) {
	p.advance(now)
	p.count.Sent++
	switch {
	case p.cut:
		p.count.Cut++
	case p.shape.airtime(p.queued) > p.shape.queue():
		p.count.Dropped++
	default:
		p.order++
		p.waiting = append(p.waiting, parcel{now, p.order, b})
		p.queued += len(b)
		p.advance(now)
	}
}

// pop gives a packet that has arrived.
func (p *pipe) pop(now time.Duration) ([]byte, bool) {
	p.advance(now)
	if len(p.flying) == 0 || p.flying[0].at > now {
		return nil, false
	}
	arrived := heap.Pop(&p.flying).(parcel)
	p.count.Delivered++
	p.count.Bytes += len(arrived.bytes)
	return arrived.bytes, true
}

// next is when something happens by itself; false is never.
func (p *pipe) next() (at time.Duration, ok bool) {
	if len(p.waiting) > 0 {
		at, ok = p.leaves(), true
	}
	if len(p.flying) > 0 && (!ok || p.flying[0].at < at) {
		at, ok = p.flying[0].at, true
	}
	return at, ok
}

// leaves is when the first packet that waits has been sent whole.
func (p *pipe) leaves() time.Duration {
	return max(p.free, p.waiting[0].at) + p.shape.airtime(len(p.waiting[0].bytes))
}

// advance lets packets fly whose turn has come.
func (p *pipe) advance(now time.Duration) {
	for len(p.waiting) > 0 {
		left := p.leaves()
		if left > now {
			return
		}
		first := p.waiting[0]
		p.waiting[0].bytes = nil
		p.waiting = p.waiting[1:]
		p.queued -= len(first.bytes)
		p.free = left
		p.count.Waited += left - first.at
		p.count.Longest = max(p.count.Longest, left-first.at)
		if p.chance.Float64() < p.shape.Loss {
			p.count.Lost++
			continue
		}
		first.at = left + p.shape.Delay
		if p.shape.Jitter > 0 {
			first.at += time.Duration(p.chance.Int64N(int64(p.shape.Jitter) + 1))
		}
		if !p.shape.Reorder {
			first.at = max(first.at, p.newest)
			p.newest = first.at
		}
		heap.Push(&p.flying, first)
	}
}

// reshape changes what happens to packets that have not left the queue yet.
func (p *pipe) reshape(s Shape, now time.Duration) {
	p.advance(now)
	p.shape = s
}

// sever cuts the line, and loses what is on it, or heals it.
func (p *pipe) sever(cut bool, now time.Duration) {
	p.advance(now)
	if cut {
		p.count.Cut += len(p.waiting) + len(p.flying)
		p.waiting, p.queued, p.flying = nil, 0, nil
	}
	p.cut = cut
}

// flight is a heap of packets by their arrival.
type flight []parcel

// Len is of heap.Interface.
func (f flight) Len() int { return len(f) }

// Less is of heap.Interface.
func (f flight) Less(i, j int) bool {
	return f[i].at < f[j].at || f[i].at == f[j].at && f[i].order < f[j].order
}

// Swap is of heap.Interface.
func (f flight) Swap(i, j int) { f[i], f[j] = f[j], f[i] }

// Push is of heap.Interface.
func (f *flight) Push(x any) { *f = append(*f, x.(parcel)) }

// Pop is of heap.Interface.
func (f *flight) Pop() any {
	last := len(*f) - 1
	x := (*f)[last]
	(*f)[last] = parcel{}
	*f = (*f)[:last]
	return x
}
