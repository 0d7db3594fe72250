package sfu

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/limit"
)

const (
	tcpUseful = 400 * time.Millisecond // older sound and pictures help nobody
	tcpQueue  = 512                    // packets of one connection; a power of two
	tcpProven = 2 * tcpFirstPacket     // older connections belong to a client
	tcpRun    = 8 << 10                // bytes written at once, and not yet sent in the kernel
)

// tcpListener accepts the TCP connections of ICE (RFC 6544, RFC 4571) and bounds
// what waits for each by time: a buffer bounded by its size holds many seconds
// on a thin line, all of it too late.
type tcpListener struct {
	*net.TCPListener
	now  func() time.Duration
	late atomic.Uint64  // packets that were not sent
	wait sync.WaitGroup // the connections' goroutines

	places *limit.Places[limit.Neighbourhood]
}

func newTCPListener(l *net.TCPListener) *tcpListener {
	began := time.Now()
	return &tcpListener{
		TCPListener: l, now: func() time.Duration { return time.Since(began) },
		places: limit.NewPlaces[limit.Neighbourhood](limit.Standard(), limit.MediaConnections, nil),
	}
}

// Accept waits for the next connection whose neighbourhood has a place. Whoever
// takes it closes it.
func (l *tcpListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.AcceptTCP()
		if err != nil {
			return nil, err
		}
		place, err := l.places.Enter(limit.NearConn(conn), func() { _ = conn.Close() })
		if err != nil {
			_ = conn.Close() // before anything was said
			continue
		}
		return l.begin(conn, place), nil
	}
}

func (l *tcpListener) begin(conn *net.TCPConn, place *limit.Place[limit.Neighbourhood]) *tcpConn {
	limitUnsent(conn)
	c := &tcpConn{
		place: place, began: l.now(),
		TCPConn: conn, listener: l, queue: newRing[*timedPacket](tcpQueue),
		token: make(chan struct{}, 1), done: make(chan struct{}),
	}
	l.wait.Go(guard.Scope{Name: "media over tcp", Shut: func() { _ = c.Close() }}.Func(c.run)) // its reader sees it
	return c
}

// timedPacket is a framed packet and when it was to be sent.
type timedPacket struct {
	data []byte
	at   time.Duration
}

// tcpPackets holds packets that have been sent, to be used again.
var tcpPackets = sync.Pool{New: func() any { return new(timedPacket) }}

// tcpConn is a connection that never holds up who writes to it. Each Write is
// one whole frame; its one goroutine sends them in turn and leaves out those
// that have waited too long. A frame that was begun is finished, or the stream
// could not be read any more.
type tcpConn struct {
	*net.TCPConn
	listener *tcpListener
	place    *limit.Place[limit.Neighbourhood]
	began    time.Duration
	proven   atomic.Bool
	queue    *ring[*timedPacket]
	token    chan struct{}
	parked   atomic.Bool
	done     chan struct{}
	closing  sync.Once
}

// Read notes that the other end is there. One that still is when ICE has closed
// every connection it knows nothing of keeps its place.
func (c *tcpConn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if n > 0 && !c.proven.Load() {
		c.place.Speak()
		if c.listener.now()-c.began > tcpProven {
			c.place.Settle()
			c.proven.Store(true)
		}
	}
	return n, err
}

// Write queues a frame, or drops and counts it.
func (c *tcpConn) Write(frame []byte) (int, error) {
	select {
	case <-c.done:
		return 0, net.ErrClosed
	default:
	}
	p := tcpPackets.Get().(*timedPacket)
	p.data, p.at = append(p.data[:0], frame...), c.listener.now()
	if !c.queue.push(p) {
		c.listener.late.Add(1)
		tcpPackets.Put(p)
	}
	if c.parked.Load() && c.parked.CompareAndSwap(true, false) {
		select {
		case c.token <- struct{}{}:
		default: // it is about to look anyway
		}
	}
	return len(frame), nil
}

// Close ends the connection and what waits for it.
func (c *tcpConn) Close() error {
	c.closing.Do(func() {
		close(c.done)
		c.place.Leave()
	})
	return c.TCPConn.Close()
}

// run sends what is queued until the connection ends. When the other end does
// not read, it is this goroutine alone that waits.
func (c *tcpConn) run() {
	batch := make([]byte, 0, tcpRun+packetMax)
	for {
		if batch = c.next(batch[:0]); len(batch) > 0 {
			if _, err := c.TCPConn.Write(batch); err != nil {
				_ = c.Close() // its reader sees it, and tells ICE
				return
			}
			continue
		}
		c.parked.Store(true)
		if !c.queue.empty() {
			c.parked.Store(false)
			continue
		}
		select {
		case <-c.token:
		case <-c.done:
			return
		}
		c.parked.Store(false)
	}
}

// next gathers the frames to be written now.
func (c *tcpConn) next(batch []byte) []byte {
	for len(batch) < tcpRun {
		p, ok := c.queue.pop()
		if !ok {
			break
		}
		if c.listener.now()-p.at > tcpUseful {
			c.listener.late.Add(1)
		} else {
			batch = append(batch, p.data...)
		}
		tcpPackets.Put(p)
	}
	return batch
}
