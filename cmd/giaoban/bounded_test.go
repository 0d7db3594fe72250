package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/limit"
)

// Every server that can be reached from the network has a time for everything a
// client may be slow at; the socket file has none for long answers.
func TestServersAreBounded(t *testing.T) {
	network, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer network.Close()
	s := &http.Server{}
	if _, ok := bounded(s, network).(*limit.Listener); !ok {
		t.Error("connections are not counted")
	}
	if s.ReadTimeout <= 0 || s.ReadHeaderTimeout <= 0 || s.WriteTimeout <= 0 || s.IdleTimeout <= 0 ||
		s.MaxHeaderBytes <= 0 || s.HTTP2.MaxConcurrentStreams <= 0 || s.ConnContext == nil {
		t.Errorf("%+v", s)
	}
	file, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if s := (&http.Server{}); bounded(s, file) != file || s.WriteTimeout != 0 {
		t.Error("the operator's own socket is bounded")
	}
}

// A connection that says nothing, or trickles, ends by itself, at every route of
// plain http, and one of another neighbourhood is answered meanwhile.
func TestNobodyHoldsTheDoor(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: plain(t, newCA(t))}
	l := bounded(s, inner)
	s.ReadTimeout, s.ReadHeaderTimeout = 300*time.Millisecond, 300*time.Millisecond // what bounded sets takes too long for a test
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l)
	}()
	t.Cleanup(func() {
		s.Close()
		<-done
	})
	flood := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	held := make([]net.Conn, 50)
	for i := range held {
		if held[i], err = flood.Dial("tcp", inner.Addr().String()); err != nil {
			t.Fatal(err)
		}
		defer held[i].Close()
		if i%2 == 0 {
			fmt.Fprint(held[i], "POST /console HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx")
		}
	}
	began := time.Now()
	res, err := http.Get("http://" + inner.Addr().String() + "/setup")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("beside them: %v", err)
	}
	res.Body.Close()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
	for _, c := range held {
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Fatalf("a connection is held: %v", err)
		}
	}
}
