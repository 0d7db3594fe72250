package limit

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// served runs a server with few connections of each neighbourhood.
func served(t *testing.T, each, all int, handle http.HandlerFunc) (places *Places[Neighbourhood], address string) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	places = NewPlaces[Neighbourhood](Standard().With(Connections, func(r *Row) { r.Each, r.All = each, all }), Connections, nil)
	s := &http.Server{Handler: handle, ConnContext: Context}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(Listen(inner, places))
	}()
	t.Cleanup(func() {
		s.Close()
		<-done
	})
	return places, inner.Addr().String()
}

// ask sends a request on a connection of its own and leaves it open.
func ask(t *testing.T, from, to, path string) (net.Conn, error) {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.Dial("tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, err = io.ReadFull(c, make([]byte, len("HTTP/1.1 200")))
	return c, err
}

func TestConnectionsHaveAShare(t *testing.T) {
	kept := make(chan bool, 1)
	places, address := served(t, 4, 6, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/known" {
			kept <- Keep(r.Context())
		}
	})
	known, err := ask(t, "127.0.0.2", address, "/known")
	if err != nil || !<-kept {
		t.Fatalf("not kept: %v", err)
	}
	for range 3 {
		if _, err := ask(t, "127.0.0.2", address, "/"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ask(t, "127.0.0.2", address, "/"); err == nil {
		t.Error("a fifth connection of four was served")
	}
	for i, from := range []string{"127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6"} {
		if _, err := ask(t, from, address, "/"); err != nil && i < 3 {
			t.Errorf("%s beside a greedy one: %v", from, err)
		}
	}
	if n := places.Taken(); n > 6 {
		t.Errorf("%d connections of six", n)
	}
	fmt.Fprint(known, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := known.Read(make([]byte, 1)); err != nil {
		t.Errorf("a connection of somebody known was given away: %v", err)
	}
}
