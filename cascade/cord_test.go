package cascade

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// cord is what TCP makes of a line, in virtual time: bytes come in order, after
// a delay; of every so many writes one is lost and sent again, and what follows
// waits for it. While the line is cut nothing comes, nor does a connection.
type cord struct {
	lose   atomic.Int64 // every so many writes; 0 is none
	writes atomic.Int64

	mu     sync.Mutex
	healed chan struct{} // closed while the line is not cut
	ends   []*cordEnd
	door   func() chan net.Conn // of the upper end; nil while nobody is there
}

const (
	cordDelay = 30 * time.Millisecond  // one way
	cordAgain = 250 * time.Millisecond // until what was lost is sent again
)

func newCord(door func() chan net.Conn) *cord {
	healed := make(chan struct{})
	close(healed)
	return &cord{healed: healed, door: door}
}

func (c *cord) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.healed = make(chan struct{})
}

func (c *cord) heal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.healed)
}

func (c *cord) whole() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.healed
}

func (c *cord) isCut() bool {
	select {
	case <-c.whole():
		return false
	default:
		return true
	}
}

// reset ends every connection at once, as those of a killed process end.
func (c *cord) reset() {
	c.mu.Lock()
	ends := c.ends
	c.ends = nil
	c.mu.Unlock()
	for _, e := range ends {
		e.in.end(errors.New("connection reset by peer"))
	}
}

// connect asks until somebody answers or the patience of the caller is over.
func (c *cord) connect(ctx context.Context, _, _ string) (net.Conn, error) {
	for pause := time.Second; ; pause *= 2 {
		if !c.isCut() {
			up, down := &stream{cord: c, changed: make(chan struct{}, 1)}, &stream{cord: c, changed: make(chan struct{}, 1)}
			near, far := &cordEnd{in: down, out: up}, &cordEnd{in: up, out: down}
			select {
			case <-time.After(2 * cordDelay):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			select {
			case c.door() <- far:
				c.mu.Lock()
				defer c.mu.Unlock()
				c.ends = append(c.ends, near, far)
				return near, nil
			default:
				return nil, errors.New("connection refused")
			}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// door is a listener whose connections come over cords.
type door struct {
	came chan net.Conn
	done chan struct{}
	once sync.Once
}

// Accept gives the next connection.
func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.came:
		return c, nil
	case <-d.done:
		return nil, net.ErrClosed
	}
}

// Close ends the door.
func (d *door) Close() error {
	d.once.Do(func() { close(d.done) })
	return nil
}

// Addr is nowhere.
func (d *door) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 8444} }

// stream is one direction of a connection.
type stream struct {
	cord    *cord
	changed chan struct{}

	mu       sync.Mutex
	pieces   []piece
	failed   error
	deadline time.Time
}

// piece is what one write sent; nil is the end.
type piece struct {
	due  time.Time
	data []byte
}

func (s *stream) wake() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

func (s *stream) end(err error) {
	s.mu.Lock()
	s.failed = err
	s.mu.Unlock()
	s.wake()
}

func (s *stream) put(data []byte) error {
	due := time.Now().Add(cordDelay)
	if lose := s.cord.lose.Load(); lose > 0 && s.cord.writes.Add(1)%lose == 0 {
		due = due.Add(cordAgain)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil {
		return s.failed
	}
	if n := len(s.pieces); n > 0 && s.pieces[n-1].due.After(due) {
		due = s.pieces[n-1].due
	}
	s.pieces = append(s.pieces, piece{due, data})
	s.wake()
	return nil
}

// take gives what has come, or says what to wait for: until a time, if it is not
// zero, and for the line to be whole if it is not nil.
func (s *stream) take(b []byte) (n int, err error, until time.Time, whole <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	switch {
	case s.failed != nil:
		return 0, s.failed, until, nil
	case !s.deadline.IsZero() && !now.Before(s.deadline):
		return 0, os.ErrDeadlineExceeded, until, nil
	case s.cord.isCut():
		return 0, nil, s.deadline, s.cord.whole()
	case len(s.pieces) == 0:
		return 0, nil, s.deadline, nil
	case s.pieces[0].due.After(now):
		until = s.pieces[0].due
		if !s.deadline.IsZero() && s.deadline.Before(until) {
			until = s.deadline
		}
		return 0, nil, until, nil
	}
	p := &s.pieces[0]
	if p.data == nil {
		return 0, io.EOF, until, nil
	}
	n = copy(b, p.data)
	if p.data = p.data[n:]; len(p.data) == 0 {
		s.pieces = s.pieces[1:]
	}
	return n, nil, until, nil
}

// cordEnd is one end of a connection.
type cordEnd struct{ in, out *stream }

// Read waits for bytes.
func (e *cordEnd) Read(b []byte) (int, error) {
	for {
		n, err, until, whole := e.in.take(b)
		if n > 0 || err != nil {
			return n, err
		}
		var timer <-chan time.Time
		if !until.IsZero() {
			timer = time.After(time.Until(until))
		}
		select {
		case <-e.in.changed:
		case <-timer:
		case <-whole:
			if whole != nil { // what was sent meanwhile is sent again
				e.in.late(time.Now().Add(cordAgain))
			}
		}
	}
}

// late puts off what has not come.
func (s *stream) late(until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.pieces {
		if s.pieces[i].due.Before(until) {
			s.pieces[i].due = until
		}
	}
}

// Write sends bytes, and never waits.
func (e *cordEnd) Write(b []byte) (int, error) {
	if err := e.out.put(append([]byte{}, b...)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Close ends both directions: the other end reads to the end.
func (e *cordEnd) Close() error {
	_ = e.out.put(nil) // it may have failed before
	e.in.end(net.ErrClosed)
	return nil
}

// LocalAddr is nowhere.
func (e *cordEnd) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 2), Port: 1} }

// RemoteAddr is nowhere.
func (e *cordEnd) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 8444} }

// SetDeadline bounds Read; a write never waits.
func (e *cordEnd) SetDeadline(at time.Time) error { return e.SetReadDeadline(at) }

// SetReadDeadline bounds Read.
func (e *cordEnd) SetReadDeadline(at time.Time) error {
	e.in.mu.Lock()
	e.in.deadline = at
	e.in.mu.Unlock()
	e.in.wake()
	return nil
}

// SetWriteDeadline does nothing: a write never waits.
func (e *cordEnd) SetWriteDeadline(time.Time) error { return nil }
