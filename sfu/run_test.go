package sfu

import (
	"bytes"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

func listen(t *testing.T) (*udpConn, netip.AddrPort) {
	t.Helper()
	raw, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	c, err := newUDPConn(raw)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, raw.LocalAddr().(*net.UDPAddr).AddrPort()
}

// However datagrams are gathered, each arrives as it was, in order.
func TestRunArrivesAsItWas(t *testing.T) {
	from, _ := listen(t)
	to, addr := listen(t)
	tests := []struct {
		name  string
		sizes []int
	}{
		{"one", []int{100}},
		{"a picture", []int{1103, 1103, 1103, 1103, 700}},
		{"a shorter one ends it", []int{500, 400, 400, 400}},
		{"a longer one begins another", []int{1102, 1102, 1103, 1103}},
		{"more than a run holds", bytesOf(3*runPackets+1, 900)},
		{"the largest", bytesOf(runPackets, packetMax)},
		{"one too large goes alone", []int{100, packetMax + 50}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r run
			r.begin()
			for i, size := range tt.sizes {
				if b := bytes.Repeat([]byte{byte(i + 1)}, size); !r.add(from, b, addr) {
					r.flush()
					r.begin()
					if _, err := from.WriteToAddrPort(b, addr); err != nil {
						t.Fatal(err)
					}
				}
			}
			r.flush()
			got := make([]byte, 2*packetMax)
			for i, size := range tt.sizes {
				if err := to.SetReadDeadline(time.Now().Add(patience)); err != nil {
					t.Fatal(err)
				}
				n, _, err := to.UDPConn.ReadFromUDPAddrPort(got)
				if err != nil {
					t.Fatalf("datagram %d: %v", i, err)
				}
				if !bytes.Equal(got[:n], bytes.Repeat([]byte{byte(i + 1)}, size)) {
					t.Fatalf("datagram %d: %d bytes of %d, want %d of %d", i, n, got[0], size, i+1)
				}
			}
		})
	}
	if n := from.dropped.Load(); n != 0 {
		t.Errorf("%d dropped", n)
	}
}

func bytesOf(count, size int) []int {
	sizes := make([]int, count)
	for i := range sizes {
		sizes[i] = size
	}
	return sizes
}

// A system that will not cut runs is asked a few times, and served one by one.
func TestRunThatIsRefused(t *testing.T) {
	from, _ := listen(t)
	to, addr := listen(t)
	from.refused.Store(refusedMax)
	from.writeRun(bytes.Repeat([]byte{1}, 250), 100, addr)
	got := make([]byte, packetMax)
	for _, want := range []int{100, 100, 50} {
		if n, _, err := to.ReadFromAddrPort(got); err != nil || n != want {
			t.Errorf("got %d bytes, %v, want %d", n, err, want)
		}
	}
}

// The ICE agent writes while the writer gathers: nothing is lost or mixed.
func TestRunIsShared(t *testing.T) {
	from, _ := listen(t)
	to, addr := listen(t)
	var r run
	e := &endpoint{run: &r}
	way := &route{end: e, socket: &socket{conn: from, udp: from}, real: addr}
	way.shown.Store(&addr)
	e.media.Store(way)
	conn := newEndpointConn(e, 0)
	const each = 300
	var wait sync.WaitGroup
	for who := range 2 {
		wait.Go(func() {
			for i := range each {
				if who == 0 && i%5 == 0 {
					r.flush()
					r.begin()
				}
				_, _ = conn.WriteToAddrPort(bytes.Repeat([]byte{byte(who)}, 50+10*who), addr)
			}
			if who == 0 {
				r.flush()
			}
		})
	}
	wait.Wait()
	r.flush()
	got := make([]byte, packetMax)
	for range 2 * each {
		if err := to.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		n, _, err := to.UDPConn.ReadFromUDPAddrPort(got)
		if err != nil {
			t.Fatal(err)
		}
		if who := got[0]; !bytes.Equal(got[:n], bytes.Repeat([]byte{who}, 50+10*int(who))) {
			t.Fatalf("%d bytes of %d", n, who)
		}
	}
}
