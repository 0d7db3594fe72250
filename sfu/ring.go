package sfu

import "sync/atomic"

// ring is a bounded queue of many pushers and one popper without locks: each
// cell carries the turn at which it may next be written or read.
type ring[T any] struct {
	cells []cell[T]
	_     [64]byte // the two ends do not share a cache line
	tail  atomic.Uint64
	_     [64]byte
	head  atomic.Uint64
}

type cell[T any] struct {
	turn  atomic.Uint64
	value T
}

// newRing returns a ring of size places, a power of two.
func newRing[T any](size int) *ring[T] {
	r := &ring[T]{cells: make([]cell[T], size)}
	for i := range r.cells {
		r.cells[i].turn.Store(uint64(i))
	}
	return r
}

// push adds a value; false means full.
func (r *ring[T]) push(v T) bool {
	mask := uint64(len(r.cells) - 1)
	for {
		pos := r.tail.Load()
		c := &r.cells[pos&mask]
		switch turn := c.turn.Load(); {
		case turn == pos:
			if r.tail.CompareAndSwap(pos, pos+1) {
				c.value = v
				c.turn.Store(pos + 1)
				return true
			}
		case turn < pos:
			return false
		}
	}
}

// pop takes the oldest value. Only one goroutine may pop.
func (r *ring[T]) pop() (v T, ok bool) {
	mask := uint64(len(r.cells) - 1)
	pos := r.head.Load()
	c := &r.cells[pos&mask]
	if c.turn.Load() != pos+1 {
		return v, false
	}
	var zero T
	v, c.value = c.value, zero
	c.turn.Store(pos + mask + 1)
	r.head.Store(pos + 1)
	return v, true
}

// empty reports whether nothing can be popped now.
func (r *ring[T]) empty() bool {
	pos := r.head.Load()
	return r.cells[pos&uint64(len(r.cells)-1)].turn.Load() != pos+1
}
