package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// door is a port the server opens, and the flag that moves it.
type door struct {
	what    string // what it is for, in a sentence
	network string // "tcp" or "udp"
	addr    string // host:port
	flag    string // takes an address, or, for media, a port alone
}

// takenError says who holds a port and which command starts beside it.
type takenError struct {
	door   door
	holder string
	rerun  string
}

// Error is for the person at the terminal.
func (e *takenError) Error() string {
	return fmt.Sprintf("port %s (%s) is taken by %s.\nTo use another port, run:\n\n  %s\n",
		e.door.port(), e.door.what, e.holder, e.rerun)
}

// explain turns "address in use" into a takenError, and leaves other errors.
func (d door) explain(err error, args []string) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("open %s (%s): %w", d.addr, d.what, err)
	}
	port, _ := strconv.Atoi(d.port())
	return &takenError{door: d, holder: d.holder(port), rerun: d.rerun(port, args)}
}

func (d door) port() string {
	_, port, _ := net.SplitHostPort(d.addr)
	return port
}

// holder looks on both networks for media, which needs the same number on both.
func (d door) holder(port int) string {
	if who := holder(d.network, port); d.network == "tcp" || who != "another process" {
		return who
	}
	return holder("tcp", port)
}

// rerun is the command line as it was given, with this door moved to the next
// free port.
func (d door) rerun(port int, args []string) string {
	host, _, _ := net.SplitHostPort(d.addr)
	free := port + 1
	for free < port+100 && !d.isFree(net.JoinHostPort(host, strconv.Itoa(free))) {
		free++
	}
	value := strconv.Itoa(free)
	if d.network == "tcp" {
		value = net.JoinHostPort(host, value)
	}
	return strings.Join(append(without(args, d.flag), d.flag, value), " ")
}

func (d door) isFree(addr string) bool {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	l.Close()
	if d.network == "tcp" {
		return true
	}
	c, err := net.ListenPacket(d.network, addr)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// without removes a flag and its value from a command line.
func without(args []string, flag string) []string {
	args = slices.Clone(args)
	for i := 0; i < len(args); {
		switch {
		case args[i] == flag && i+1 < len(args):
			args = slices.Delete(args, i, i+2)
		case args[i] == flag, strings.HasPrefix(args[i], flag+"="):
			args = slices.Delete(args, i, i+1)
		default:
			i++
		}
	}
	return args
}

// listen opens a TCP address. "localhost" means both loopback addresses, as
// browsers try both; the second is left out where the machine has only one.
func (d door) listen(args []string) ([]net.Listener, error) {
	host, port, err := net.SplitHostPort(d.addr)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.what, err)
	}
	hosts := []string{host}
	if host == "localhost" {
		hosts = []string{"127.0.0.1", "::1"}
	}
	var open []net.Listener
	for i, h := range hosts {
		l, err := net.Listen("tcp", net.JoinHostPort(h, port))
		if err != nil && i > 0 && !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
		if err != nil {
			closeAll(open)
			return nil, d.explain(err, args)
		}
		open = append(open, l)
		_, port, _ = net.SplitHostPort(l.Addr().String())
	}
	return open, nil
}

func closeAll[C io.Closer](open []C) {
	for _, c := range open {
		c.Close()
	}
}
