package sfu

import (
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"time"
)

// Datagrams that have come are taken many at a time, each as it was sent, with
// whom it came from; one too long for a packet is left out.
func TestInboxTakesManyAtATime(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			const many = 2*inboxMax + 5
			at := netip.AddrPortFrom(netip.MustParseAddr(host), 0)
			socket, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
			if err != nil {
				t.Fatal(err)
			}
			to, err := newUDPConn(socket)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = to.Close() })
			var senders []*net.UDPConn
			for range 3 {
				from, err := net.DialUDP("udp", nil, socket.LocalAddr().(*net.UDPAddr))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = from.Close() })
				senders = append(senders, from)
			}
			for i := range many {
				b := make([]byte, 4+i)
				binary.BigEndian.PutUint32(b, uint32(i))
				if i == 7 {
					b = make([]byte, inboxBytes+1)
				}
				if _, err := senders[i%3].Write(b); err != nil {
					t.Fatal(err)
				}
			}
			if err := to.SetReadDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			b, calls := make([]byte, 2*inboxBytes), 0
			for i := range many {
				if i == 7 {
					continue
				}
				if to.inbox.next == to.inbox.got {
					calls++
				}
				n, from, err := to.ReadFromAddrPort(b)
				if want := senders[i%3].LocalAddr().(*net.UDPAddr).AddrPort(); err != nil || n != 4+i || binary.BigEndian.Uint32(b) != uint32(i) || from != want {
					t.Fatalf("datagram %d: %d bytes from %v, %v, want %d from %v", i, n, from, err, 4+i, want)
				}
			}
			if calls != 3 {
				t.Errorf("%d datagrams in %d system calls, want 3", many, calls)
			}
		})
	}
}

// A socket that is closed ends its reader.
func TestInboxEndsWithItsSocket(t *testing.T) {
	c, _ := listen(t)
	ended := make(chan error, 1)
	go func() {
		_, _, err := c.ReadFromAddrPort(make([]byte, packetMax))
		ended <- err
	}()
	_ = c.Close()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a closed socket gave a datagram")
		}
	case <-time.After(patience):
		t.Error("the reader waits on")
	}
}
