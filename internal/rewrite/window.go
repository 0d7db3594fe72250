package rewrite

// windowSize is how many sequence numbers a Window remembers.
const windowSize = 512

// Arrival says what a sequence number is to those that came before it.
type Arrival uint8

// What an arriving packet can be.
const (
	Newest    Arrival = iota // newer than all before
	Late                     // fills a hole
	Duplicate                // was here already
	Old                      // too old to tell; never guessed
)

// Window remembers which of the newest sequence numbers have arrived.
type Window struct {
	seen    [windowSize / 64]uint64
	newest  uint64
	started bool
}

// Judge says what seq would be, and changes nothing.
func (w *Window) Judge(seq uint64) Arrival {
	switch {
	case !w.started || seq > w.newest:
		return Newest
	case w.newest-seq >= windowSize:
		return Old
	case w.has(seq):
		return Duplicate
	}
	return Late
}

// Add notes that seq arrived and says what it was.
func (w *Window) Add(seq uint64) Arrival {
	arrival := w.Judge(seq)
	switch arrival {
	case Newest:
		w.advance(seq)
		w.set(seq)
	case Late:
		w.set(seq)
	}
	return arrival
}

func (w *Window) advance(seq uint64) {
	if !w.started || seq-w.newest >= windowSize {
		w.seen = [windowSize / 64]uint64{}
	} else {
		for s := w.newest + 1; s < seq; s++ {
			w.clear(s)
		}
	}
	w.started = true
	w.newest = seq
}

func (w *Window) has(seq uint64) bool { return w.seen[seq/64%(windowSize/64)]&(1<<(seq%64)) != 0 }
func (w *Window) set(seq uint64)      { w.seen[seq/64%(windowSize/64)] |= 1 << (seq % 64) }
func (w *Window) clear(seq uint64)    { w.seen[seq/64%(windowSize/64)] &^= 1 << (seq % 64) }
