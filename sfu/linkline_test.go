package sfu

import (
	"net"
	"sync/atomic"
	"testing"
)

// lossyPath is a UDP path between two nodes that loses what it is told to.
type lossyPath struct {
	port int
	cut  atomic.Bool
	lose atomic.Pointer[func(b []byte) bool]
	lost atomic.Uint64
}

// newLossyPath begins a path to a port of this host. It knows one dialler at a time.
func newLossyPath(t testing.TB, to int) *lossyPath {
	t.Helper()
	near, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	far, err := net.DialUDP("udp", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: to})
	if err != nil {
		t.Fatal(err)
	}
	l := &lossyPath{port: near.LocalAddr().(*net.UDPAddr).Port}
	var dialler atomic.Pointer[net.UDPAddr]
	ended := make(chan struct{}, 2)
	t.Cleanup(func() {
		_, _ = near.Close(), far.Close()
		<-ended
		<-ended
	})
	go func() {
		defer func() { ended <- struct{}{} }()
		b := make([]byte, 2048)
		for {
			n, from, err := near.ReadFromUDP(b)
			if err != nil {
				return
			}
			dialler.Store(from)
			if l.passes(b[:n]) {
				_, _ = far.Write(b[:n])
			}
		}
	}()
	go func() {
		defer func() { ended <- struct{}{} }()
		b := make([]byte, 2048)
		for {
			n, err := far.Read(b)
			if err != nil {
				return
			}
			if to := dialler.Load(); to != nil && l.passes(b[:n]) {
				_, _ = near.WriteToUDP(b[:n], to)
			}
		}
	}()
	return l
}

func (l *lossyPath) passes(b []byte) bool {
	lose := l.lose.Load()
	if l.cut.Load() || lose != nil && (*lose)(b) {
		l.lost.Add(1)
		return false
	}
	return true
}

// losing makes the path lose every nth RTP packet of either way.
func (l *lossyPath) losing(nth uint64) {
	var count atomic.Uint64
	lose := func(b []byte) bool {
		media := len(b) > 12 && b[0] >= 128 && b[0] <= 191 && (b[1] < 192 || b[1] > 223)
		return media && count.Add(1)%nth == 0
	}
	l.lose.Store(&lose)
}
