package netlab

import (
	"bytes"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// pair gives two hosts and a line between them.
func pair(t *testing.T, shape Shape) (lab *Lab, a, b *Host, line *Line) {
	t.Helper()
	lab = Start(t)
	a, b = host(t, lab, "a"), host(t, lab, "b")
	line, err := lab.Line(a, b, shape)
	if err != nil {
		t.Fatal(err)
	}
	return lab, a, b, line
}

func host(t *testing.T, lab *Lab, name string) *Host {
	t.Helper()
	h, err := lab.Host(name)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// talk gives a socket on a that is connected to one on b, which echoes.
func talk(t *testing.T, a, b *Host, line *Line) net.Conn {
	t.Helper()
	var far *net.UDPConn
	err := b.Do(func() (err error) {
		far, err = net.ListenUDP("udp4", &net.UDPAddr{IP: line.Addr(b).AsSlice()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	near, err := a.DialContext(t.Context(), "udp4", far.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, mtu)
		for {
			n, from, err := far.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			_, _ = far.WriteToUDPAddrPort(buf[:n], from)
		}
	}()
	t.Cleanup(func() {
		_ = near.Close()
		_ = far.Close()
		<-ended
	})
	return near
}

// echo sends a packet and waits for it; false if it is not back in time.
func echo(t *testing.T, conn net.Conn, wait time.Duration) (time.Duration, bool) {
	t.Helper()
	began := time.Now()
	if _, err := conn.Write([]byte(began.String())); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(began.Add(wait))
	buf := make([]byte, mtu)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return 0, false
		}
		if string(buf[:n]) == began.String() {
			return time.Since(began), true
		}
	}
}

func TestALineDelaysAndIsReshapedCutAndHealed(t *testing.T) {
	_, a, b, line := pair(t, Shape{Delay: 30 * ms})
	conn := talk(t, a, b, line)
	if took, ok := echo(t, conn, 5*time.Second); !ok || took < 60*ms {
		t.Errorf("back after %v (%v), want 60 ms or more", took, ok)
	}
	if err := line.To(b).Set(Shape{Delay: 200 * ms}); err != nil {
		t.Fatal(err)
	}
	if took, ok := echo(t, conn, 5*time.Second); !ok || took < 230*ms {
		t.Errorf("back after %v (%v), want 230 ms or more", took, ok)
	}
	line.Cut()
	if _, ok := echo(t, conn, 500*ms); ok {
		t.Error("a packet crossed a cut line")
	}
	line.Heal()
	if _, ok := echo(t, conn, 5*time.Second); !ok {
		t.Error("no packet crossed a healed line")
	}
	if c := line.To(b).Counts(); c.Cut != 1 || c.Delivered != 3 {
		t.Errorf("%+v, want 3 delivered and 1 cut", c)
	}
}

func TestAProcessRunsOnItsHostAndEndsWithIt(t *testing.T) {
	lab, a, _, line := pair(t, Shape{})
	if err := line.Route(a); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	show := exec.Command("ip", "-4", "route")
	show.Stdout = &out
	if err := a.Start(show); err != nil {
		t.Fatal(err)
	}
	if err := show.Wait(); err != nil || !strings.Contains(out.String(), "default via "+line.addrB.String()) {
		t.Errorf("routes on the host: %q, %v", out.String(), err)
	}
	entered, err := exec.Command("nsenter", "--net="+a.Path(), "ip", "-4", "addr").Output()
	if err != nil || !strings.Contains(string(entered), line.Addr(a).String()) {
		t.Errorf("addresses seen from a process that entered: %q, %v", entered, err)
	}
	sleeper := exec.Command("sleep", "600")
	if err := a.Start(sleeper); err != nil {
		t.Fatal(err)
	}
	lab.Close()
	if err := sleeper.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("the process ended with %v", err)
	}
	if err := a.Do(func() error { return nil }); err == nil {
		t.Error("a closed host still does things")
	}
}

func TestAHostHasNoWayOut(t *testing.T) {
	_, a, _, _ := pair(t, Shape{})
	if conn, err := a.DialContext(t.Context(), "udp4", "192.0.2.1:9"); err == nil {
		_ = conn.Close()
		t.Error("an address beyond the line was reachable")
	}
}

// Two labs that stand side by side have addresses of their own, and what a lab
// had is free when it is closed.
func TestLabsSideBySideShareNoAddress(t *testing.T) {
	_, a, b, line := pair(t, Shape{})
	_, c, d, other := pair(t, Shape{})
	if line.Addr(a) == other.Addr(c) || line.Addr(b) == other.Addr(d) {
		t.Errorf("both labs have %s", line.Addr(a))
	}
	for range 2 * blocks {
		claimed, err := claimBlock()
		if err != nil {
			t.Fatal(err)
		}
		claimed.release()
	}
}

func TestNonsenseIsRefused(t *testing.T) {
	lab, a, b, line := pair(t, Shape{})
	for _, s := range []Shape{{Loss: 2}, {Delay: -1}, {Rate: -1}} {
		if line.To(a).Set(s) == nil {
			t.Errorf("%+v was taken", s)
		}
		if _, err := lab.Line(a, b, s); err == nil {
			t.Errorf("a line of %+v was made", s)
		}
	}
}
