package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

func TestATakenPortNamesItsHolderAndTheWayOut(t *testing.T) {
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	web := door{what: "pages", network: "tcp", addr: held.Addr().String(), flag: "--http"}

	_, err = web.listen([]string{"bin/giaoban", "serve", "--http", web.addr, "--tree=tuyen-quang"})

	var taken *takenError
	if !errors.As(err, &taken) {
		t.Fatalf("err %v", err)
	}
	if want := fmt.Sprintf("(process %d)", os.Getpid()); !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not name %s", err, want)
	}
	rerun := strings.Fields(taken.rerun)
	if len(rerun) != 5 || strings.Join(rerun[:4], " ") != "bin/giaoban serve --tree=tuyen-quang --http" {
		t.Fatalf("rerun %q", taken.rerun)
	}
	web.addr = rerun[4]
	free, err := web.listen(nil)
	if err != nil {
		t.Errorf("the port it proposes is not free: %v", err)
	}
	closeAll(free)
}

func TestATakenMediaPortNamesItsHolder(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			addr := occupy(t, network)
			media := door{what: "media", network: "udp", addr: addr, flag: "--media-port"}
			if who := media.holder(portOf(t, addr)); !strings.Contains(who, fmt.Sprint(os.Getpid())) {
				t.Errorf("held by %s", who)
			}
			if media.isFree(addr) {
				t.Error("it passes for free")
			}
			_, value, _ := strings.Cut(media.rerun(portOf(t, addr), []string{"giaoban", "serve"}), "--media-port ")
			if strings.ContainsAny(value, ":. ") || value == "" {
				t.Errorf("--media-port %q is no port", value)
			}
		})
	}
}

func TestNobodyHoldsAFreePort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if who := holder("tcp", portOf(t, l.Addr().String())); who != "another process" {
		t.Errorf("held by %s", who)
	}
}

func TestLocalhostIsBothLoopbackAddresses(t *testing.T) {
	open, err := door{addr: "localhost:0"}.listen(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(open)
	port := portOf(t, open[0].Addr().String())
	for _, l := range open {
		addr := l.Addr().(*net.TCPAddr)
		if !addr.IP.IsLoopback() || addr.Port != port {
			t.Errorf("listens on %v, want a loopback address and port %d", addr, port)
		}
	}
}

func occupy(t *testing.T, network string) string {
	t.Helper()
	if network == "tcp" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return l.Addr().String()
	}
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.LocalAddr().String()
}

func portOf(t *testing.T, addr string) int {
	t.Helper()
	a, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return a.Port
}
