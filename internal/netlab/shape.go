package netlab

import (
	"fmt"
	"time"
)

// defaultQueue is the queue of a shape that names none.
const defaultQueue = 200 * time.Millisecond

// Shape is what one direction of a line does to packets. The zero value is a
// line without limits.
type Shape struct {
	// Delay is how long a packet travels.
	Delay time.Duration
	// Jitter is up to how much longer, evenly spread.
	Jitter time.Duration
	// Reorder lets jitter change the order of packets.
	Reorder bool
	// Loss is the share of packets that do not arrive, 0 to 1. They take their
	// part of the rate.
	Loss float64
	// Rate is in bits of IP packets a second; 0 is without limit.
	Rate int
	// Queue is the longest wait for the rate: a packet that would wait longer
	// is dropped. 0 is 200 ms.
	Queue time.Duration
}

func (s Shape) check() error {
	if s.Delay < 0 || s.Jitter < 0 || s.Rate < 0 || s.Queue < 0 || s.Loss < 0 || s.Loss > 1 {
		return fmt.Errorf("shape %+v: nothing may be negative, and loss at most 1", s)
	}
	return nil
}

// airtime is how long so many bytes take at the rate.
func (s Shape) airtime(bytes int) time.Duration {
	if s.Rate == 0 {
		return 0
	}
	return time.Duration(bytes) * 8 * time.Second / time.Duration(s.Rate)
}

func (s Shape) queue() time.Duration {
	if s.Queue == 0 {
		return defaultQueue
	}
	return s.Queue
}

// Counts are the packets of one direction so far.
type Counts struct {
	Sent      int // into the line
	Delivered int
	Lost      int // by chance
	Dropped   int // by a full queue
	Cut       int // while the line was cut, or when it was
	Bytes     int // delivered

	Waited  time.Duration // for the rate, all that left the queue together,
	Longest time.Duration // and the one that waited longest since this was last read
}
