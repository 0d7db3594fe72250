package netlab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// errClosed is what a closed host answers.
var errClosed = errors.New("host is closed")

// Host is one network namespace.
type Host struct {
	name  string
	space *os.File
	jobs  chan func()
	done  chan struct{}
	ended chan struct{}

	mu      sync.Mutex
	started []*os.Process
}

// newHost makes a namespace, or takes the one the process is in.
func newHost(name string, own bool) (*Host, error) {
	h := &Host{name: name, jobs: make(chan func()), done: make(chan struct{}), ended: make(chan struct{})}
	ready := make(chan error)
	go h.stay(own, ready)
	if err := <-ready; err != nil {
		return nil, fmt.Errorf("make host %q: %w", name, err)
	}
	if own {
		if err := h.ip("link set lo up"); err != nil {
			h.close()
			return nil, err
		}
	}
	return h, nil
}

// stay runs what must run in the namespace. The thread is never given back: it
// ends with the goroutine, and the processes it started end with it.
func (h *Host) stay(own bool, ready chan<- error) {
	defer close(h.ended)
	runtime.LockOSThread()
	var err error
	if own {
		err = unix.Unshare(unix.CLONE_NEWNET)
	}
	if err == nil {
		h.space, err = os.Open(fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid()))
	}
	ready <- err
	if err != nil {
		return
	}
	defer h.space.Close()
	for {
		select {
		case job := <-h.jobs:
			job()
		case <-h.done:
			return
		}
	}
}

// Name is what the host was called when it was made.
func (h *Host) Name() string { return h.name }

// Path is where other processes find the namespace, as nsenter --net=PATH
// does, while this process lives.
func (h *Host) Path() string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), h.space.Fd()) }

// Do runs f inside: the sockets that f itself opens, not goroutines it starts,
// belong to the host. One f runs at a time.
func (h *Host) Do(f func() error) error {
	result := make(chan error, 1)
	select {
	case h.jobs <- func() { result <- f() }:
		return <-result
	case <-h.done:
		return errClosed
	}
}

// DialContext connects from inside to a literal address, as http.Transport and
// websocket.Dialer want it.
func (h *Host) DialContext(ctx context.Context, network, address string) (conn net.Conn, err error) {
	err = h.Do(func() error {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// Start starts a process inside. It is killed when the host is closed.
func (h *Host) Start(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	if err := h.Do(cmd.Start); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.started = append(h.started, cmd.Process)
	return nil
}

// ip runs the commands of ip(8) inside.
func (h *Host) ip(commands ...string) error {
	cmd := exec.Command("ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := h.Start(cmd); err != nil {
		return fmt.Errorf("host %q: start ip: %w", h.name, err)
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("host %q: ip: %w: %s", h.name, err, strings.TrimSpace(out.String()))
	}
	return nil
}

// device makes a TUN device inside with an address of a /30.
func (h *Host) device(addr string) (*os.File, error) {
	var device *os.File
	var name string
	err := h.Do(func() (err error) {
		device, name, err = openTUN()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("host %q: %w", h.name, err)
	}
	// Without addresses of IPv6 the kernel sends nothing of its own.
	err = h.ip("link set "+name+" addrgenmode none", "addr add "+addr+"/30 dev "+name,
		fmt.Sprintf("link set %s up mtu %d txqueuelen 1000", name, mtu))
	if err != nil {
		return nil, errors.Join(err, device.Close())
	}
	return device, nil
}

func openTUN() (*os.File, string, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, "", fmt.Errorf("open /dev/net/tun: %w", err)
	}
	request, err := unix.NewIfreq("line%d")
	if err == nil {
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("make TUN device: %w", err), unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), request.Name()), request.Name(), nil
}

// close ends the processes and the thread. It kills them itself: the death of
// the thread would, but the first thread of a process never ends, and the host
// may stand on it.
func (h *Host) close() {
	h.mu.Lock()
	for _, p := range h.started {
		_ = p.Kill() // one that has ended is no matter
	}
	h.mu.Unlock()
	close(h.done)
	<-h.ended
}
