package rewrite

// History remembers the newest packets of an outgoing stream by sequence
// number, for retransmission. It allocates once.
type History[T any] struct {
	entries []entry[T]
	newest  uint64
}

type entry[T any] struct {
	seq   uint64 // 0 is none
	value T
}

// NewHistory returns a History of size packets, a power of two up to 32768.
func NewHistory[T any](size int) History[T] { return History[T]{entries: make([]entry[T], size)} }

// Size is how many packets it can hold; the zero History holds none.
func (h *History[T]) Size() int { return len(h.entries) }

// Put remembers a value under an extended sequence number, never 0, and forgets the one
// that is size older. A number that is already too old is not remembered.
func (h *History[T]) Put(seq uint64, value T) {
	size := uint64(len(h.entries))
	if h.newest >= size && seq <= h.newest-size {
		return
	}
	h.entries[seq&(size-1)] = entry[T]{seq: seq, value: value}
	h.newest = max(h.newest, seq)
}

// Get finds a remembered packet by the 16 bits of its number a receiver knows.
// The value may be changed in place until the next Put.
func (h *History[T]) Get(seq uint16) (*T, bool) {
	back := uint64(uint16(h.newest) - seq)
	if back >= uint64(len(h.entries)) || back > h.newest {
		return nil, false
	}
	e := &h.entries[(h.newest-back)&uint64(len(h.entries)-1)]
	if e.seq == 0 || e.seq != h.newest-back {
		return nil, false
	}
	return &e.value, true
}

// Clear forgets everything.
func (h *History[T]) Clear() { clear(h.entries) }
