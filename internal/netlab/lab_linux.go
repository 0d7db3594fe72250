package netlab

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// Lab holds hosts and lines, and ends them. It has one owner.
type Lab struct {
	hosts []*Host
	lines []*Line
	block *block // of addresses; nil before the first line
	wait  sync.WaitGroup
}

// Line joins two hosts.
type Line struct {
	a, b         *Host
	addrA, addrB netip.Addr
	devices      [2]*os.File
	toA, toB     *Way
}

// Ready says why a lab cannot be made here, nil if it can.
func Ready() error {
	if os.Getuid() != 0 {
		return errors.New("network namespaces need root")
	}
	if _, err := os.Stat("/dev/net/tun"); err != nil {
		return fmt.Errorf("lines need TUN: %w", err)
	}
	if _, err := exec.LookPath("ip"); err != nil {
		return fmt.Errorf("lines need iproute2: %w", err)
	}
	return nil
}

// Start gives a lab that ends with the test. Where none can be made the test is
// skipped, but under CI it fails.
func Start(t testing.TB) *Lab {
	t.Helper()
	if err := Ready(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	lab := &Lab{}
	t.Cleanup(lab.Close)
	return lab
}

// Host makes a host with a loopback and nothing else.
func (l *Lab) Host(name string) (*Host, error) { return l.host(name, true) }

// Here is the host the process itself is on.
func (l *Lab) Here() (*Host, error) { return l.host("here", false) }

func (l *Lab) host(name string, own bool) (*Host, error) {
	h, err := newHost(name, own)
	if err != nil {
		return nil, err
	}
	l.hosts = append(l.hosts, h)
	return h, nil
}

// Line joins two hosts by a line whose directions both have the shape.
func (l *Lab) Line(a, b *Host, shape Shape) (*Line, error) {
	if err := shape.check(); err != nil {
		return nil, err
	}
	first, err := l.network()
	if err != nil {
		return nil, fmt.Errorf("line %s–%s: %w", a.name, b.name, err)
	}
	line := &Line{a: a, b: b, addrA: first.Next(), addrB: first.Next().Next()}
	for i, end := range []struct {
		host *Host
		addr netip.Addr
	}{{a, line.addrA}, {b, line.addrB}} {
		device, err := end.host.device(end.addr.String())
		if err != nil {
			return nil, errors.Join(fmt.Errorf("line %s–%s: %w", a.name, b.name, err), line.close())
		}
		line.devices[i] = device
	}
	seed := uint64(len(l.lines))
	line.toB = newWay(line.devices[0], line.devices[1], shape, 2*seed)
	line.toA = newWay(line.devices[1], line.devices[0], shape, 2*seed+1)
	for _, w := range []*Way{line.toA, line.toB} {
		l.wait.Go(w.read)
		l.wait.Go(w.deliver)
	}
	l.lines = append(l.lines, line)
	return line, nil
}

// Route sends what a host has for addresses of nowhere else over a line.
func (l *Line) Route(h *Host) error {
	via := l.addrA
	if h == l.a {
		via = l.addrB
	}
	return h.ip("route replace default via " + via.String())
}

// Addr is the address of one of the two hosts on the line.
func (l *Line) Addr(h *Host) netip.Addr {
	if h == l.a {
		return l.addrA
	}
	return l.addrB
}

// To is the direction towards one of the two hosts.
func (l *Line) To(h *Host) *Way {
	if h == l.a {
		return l.toA
	}
	return l.toB
}

// Cut loses everything that is on the line or enters it, until Heal.
func (l *Line) Cut() {
	l.toA.sever(true)
	l.toB.sever(true)
}

// Heal ends a cut.
func (l *Line) Heal() {
	l.toA.sever(false)
	l.toB.sever(false)
}

func (l *Line) close() error {
	var errs []error
	for _, d := range l.devices {
		if d != nil {
			errs = append(errs, d.Close())
		}
	}
	for _, w := range []*Way{l.toA, l.toB} {
		if w != nil {
			close(w.done)
		}
	}
	return errors.Join(errs...)
}

// Close ends the processes on the hosts, the lines and the hosts, and waits.
func (l *Lab) Close() {
	for _, line := range l.lines {
		_ = line.close() // the devices end with the process at the latest
	}
	l.wait.Wait()
	for _, h := range l.hosts {
		h.close()
	}
	if l.block != nil {
		l.block.release()
	}
	l.lines, l.hosts, l.block = nil, nil, nil
}
