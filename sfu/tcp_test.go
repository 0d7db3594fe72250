package sfu

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/limit"
)

// tcpPair is a connection of the media port, its clock, and who is at its other
// end, who reads nothing by itself.
func tcpPair(t *testing.T) (c *tcpConn, l *tcpListener, clock *atomic.Int64, other *net.TCPConn) {
	t.Helper()
	inner, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	l, clock = newTCPListener(inner), new(atomic.Int64)
	l.now = func() time.Duration { return time.Duration(clock.Load()) }
	dialled, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	other = dialled.(*net.TCPConn)
	if err := other.SetReadBuffer(8 << 10); err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c = accepted.(*tcpConn)
	t.Cleanup(func() {
		c.Close()
		other.Close()
		l.Close()
		l.wait.Wait()
	})
	return c, l, clock, other
}

// frameOf is a frame of 1200 bytes with a number (RFC 4571).
func frameOf(n uint32) []byte {
	frame := make([]byte, 2+1200)
	binary.BigEndian.PutUint16(frame, 1200)
	binary.BigEndian.PutUint32(frame[2:], n)
	return frame
}

func readFrame(t *testing.T, from *net.TCPConn) uint32 {
	t.Helper()
	if err := from.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	frame := make([]byte, 2+1200)
	if _, err := io.ReadFull(from, frame); err != nil {
		t.Fatal(err)
	}
	if size := binary.BigEndian.Uint16(frame); size != 1200 {
		t.Fatalf("a frame of %d bytes: the stream is torn", size)
	}
	return binary.BigEndian.Uint32(frame[2:])
}

// Of what was to be sent while the other end did not read, it gets what was
// under way already, whole, and then what is new.
func TestAStalledTCPConnectionGetsWhatIsNew(t *testing.T) {
	t.Parallel()
	c, l, clock, other := tcpPair(t)
	if _, err := c.Write(frameOf(0)); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the first frame to be under way", nil, c.queue.empty)
	n := uint32(1)
	for ; l.late.Load() < 100; n++ { // nobody reads: writing would wait for ever, if it waited
		if got, err := c.Write(frameOf(n)); err != nil || got != 1202 {
			t.Fatalf("wrote %d, %v", got, err)
		}
	}
	clock.Add(int64(tcpUseful) + 1)
	const fresh = 1 << 24
	var writing sync.WaitGroup
	defer writing.Wait()
	stop := make(chan struct{})
	defer close(stop)
	writing.Go(func() { // until it is seen coming: a full queue takes none
		for pause := time.NewTicker(time.Millisecond); ; {
			select {
			case <-stop:
				return
			case <-pause.C:
				_, _ = c.Write(frameOf(fresh))
			}
		}
	})
	next, marks := uint32(0), uint32(0)
	for marks < 50 {
		switch got := readFrame(t, other); {
		case got >= fresh:
			marks++
		case got != next || marks > 0:
			t.Fatalf("frame %d came after %d and %d new ones", got, next, marks)
		default:
			next++
		}
	}
	if under := next * 1202; under == 0 || under > 256<<10 {
		t.Errorf("%d bytes were under way; the queue is to be here, where it can be left out", under)
	}
	if late := l.late.Load(); late < tcpQueue {
		t.Errorf("%d packets left out, want those of a whole queue at least", late)
	}
}

// What is not too late is sent, all of it and in its order.
func TestTCPSendsWhatIsNotLate(t *testing.T) {
	t.Parallel()
	c, l, clock, other := tcpPair(t)
	for n := range uint32(3 * tcpQueue) {
		clock.Add(int64(time.Millisecond))
		if _, err := c.Write(frameOf(n)); err != nil {
			t.Fatal(err)
		}
		if got := readFrame(t, other); got != n {
			t.Fatalf("frame %d came in the place of %d", got, n)
		}
	}
	if late := l.late.Load(); late != 0 {
		t.Errorf("%d packets left out", late)
	}
}

func TestAClosedTCPConnectionTakesNothing(t *testing.T) {
	t.Parallel()
	c, l, _, _ := tcpPair(t)
	for l.late.Load() == 0 { // its goroutine waits for the other end
		if _, err := c.Write(frameOf(0)); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	l.wait.Wait()
	if _, err := c.Write(frameOf(0)); err == nil {
		t.Error("a frame is taken")
	}
}

func TestTCPWritesDoNotAllocate(t *testing.T) {
	c, _, _, other := tcpPair(t)
	go io.Copy(io.Discard, other)
	frame := frameOf(1)
	if got := testing.AllocsPerRun(2000, func() { _, _ = c.Write(frame) }); got > 0 {
		t.Errorf("%v allocations for a packet", got)
	}
}

// Silent connections of one neighbourhood take its share of the media port; a
// room elsewhere is let in, and one that has been here stays.
func TestConnectionsToTheMediaPortAreShared(t *testing.T) {
	c, l, clock, other := tcpPair(t)
	most := limit.Standard().Row(limit.MediaConnections).Each
	clock.Store(int64(3 * tcpProven))
	if _, err := other.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err != nil || !c.proven.Load() {
		t.Fatalf("a connection of long ago is not proven: %v", err)
	}
	young, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer young.Close()
	fresh, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(young, "x")
	if _, err := fresh.Read(make([]byte, 1)); err != nil || fresh.(*tcpConn).proven.Load() {
		t.Fatalf("a new connection is proven by one byte: %v", err)
	}
	fresh.Close()
	accepted := make(chan net.Conn, 4*most)
	go func() {
		defer close(accepted)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	from := func(address string) net.Conn {
		t.Helper()
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
		conn, err := d.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	for range most + 200 {
		from("127.0.0.2")
	}
	for range most {
		(<-accepted).Close()
		from("127.0.0.2") // as many again as have gone
	}
	if n := l.places.Taken(); n > most+1 {
		t.Errorf("%d connections are held, want at most %d", n, most+1)
	}
	from("127.0.0.3")
	t.Cleanup(func() {
		l.Close()
		for conn := range accepted {
			conn.Close()
		}
	})
	for conn := range accepted {
		address := conn.RemoteAddr().(*net.TCPAddr).IP.String()
		conn.Close()
		if address == "127.0.0.3" {
			return
		}
	}
	t.Error("a room elsewhere was not let in")
}
