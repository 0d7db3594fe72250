package netlab

import (
	"os"
	"sync"
	"time"
)

const mtu = 1500

// Way is one direction of a line.
type Way struct {
	from, to *os.File // TUN devices
	began    time.Time
	wake     chan struct{}
	done     chan struct{}

	mu   sync.Mutex
	pipe *pipe
}

func newWay(from, to *os.File, shape Shape, seed uint64) *Way {
	return &Way{
		from: from, to: to, began: time.Now(), pipe: newPipe(shape, seed),
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

// Set changes the shape, from the packets on that still wait for the rate.
func (w *Way) Set(s Shape) error {
	if err := s.check(); err != nil {
		return err
	}
	w.change(func(now time.Duration) { w.pipe.reshape(s, now) })
	return nil
}

// Counts reads what has happened to packets so far.
func (w *Way) Counts() (c Counts) {
	w.change(func(time.Duration) {
		c = w.pipe.count
		w.pipe.count.Longest = 0
	})
	return c
}

func (w *Way) sever(cut bool) {
	w.change(func(now time.Duration) { w.pipe.sever(cut, now) })
}

// change does something to the pipe and lets the deliverer look again.
func (w *Way) change(f func(now time.Duration)) {
	w.mu.Lock()
	f(time.Since(w.began))
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default: // it is about to look
	}
}

// read takes what one end sends until the device is closed.
func (w *Way) read() {
	for {
		b := make([]byte, mtu)
		n, err := w.from.Read(b)
		if err != nil {
			return
		}
		w.change(func(now time.Duration) { w.pipe.push(b[:n], now) })
	}
}

// deliver gives the other end what has arrived.
func (w *Way) deliver() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		due := w.pour()
		timer.Reset(due)
		select {
		case <-timer.C:
		case <-w.wake:
		case <-w.done:
			return
		}
	}
}

// pour writes what has arrived, and says how long until something may have.
func (w *Way) pour() time.Duration {
	for {
		w.mu.Lock()
		now := time.Since(w.began)
		b, ok := w.pipe.pop(now)
		next, more := w.pipe.next()
		w.mu.Unlock()
		switch {
		case ok:
			_, _ = w.to.Write(b) // a device that is going down loses it
		case more:
			return max(next-now, 0)
		default:
			return time.Hour
		}
	}
}
