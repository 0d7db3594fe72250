package sfu

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"
)

// natRouter stands between clients and the media port as one with NAT does: each
// client has an outer port of it, which change replaces.
type natRouter struct {
	t      *testing.T
	inside *net.UDPConn
	server *net.UDPAddr
	wait   sync.WaitGroup
	dead   atomic.Bool // nothing passes

	mu    sync.Mutex
	outer map[netip.AddrPort]*outerPort // by client
	all   []*outerPort
	next  []*outerPort // made before they are needed
	check []byte       // the newest that a client sent
}

// outerPort is one, and what it has seen.
type outerPort struct {
	*net.UDPConn
	checked atomic.Bool  // a check went out
	early   atomic.Int64 // datagrams that came in before
	media   atomic.Int64 // that came in and are no STUN
}

func newNAT(t *testing.T, server int) *natRouter {
	t.Helper()
	inside, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	r := &natRouter{t: t, inside: inside, server: &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: server}, outer: map[netip.AddrPort]*outerPort{}}
	r.wait.Go(r.out)
	t.Cleanup(func() {
		_ = inside.Close()
		r.mu.Lock()
		for _, o := range append(r.all, r.next...) {
			_ = o.Close()
		}
		r.mu.Unlock()
		r.wait.Wait()
	})
	return r
}

func (r *natRouter) port() int { return r.inside.LocalAddr().(*net.UDPAddr).Port }

// change forgets every outer port, as a router that restarts does.
func (r *natRouter) change() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.outer)
}

func newOuter() (*outerPort, error) {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	return &outerPort{UDPConn: c}, err
}

// ahead makes the outer port of the next client.
func (r *natRouter) ahead() *outerPort {
	r.t.Helper()
	o, err := newOuter()
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = append(r.next, o)
	return o
}

func (r *natRouter) of(client netip.AddrPort) *outerPort {
	r.mu.Lock()
	defer r.mu.Unlock()
	if o := r.outer[client]; o != nil {
		return o
	}
	var o *outerPort
	if len(r.next) > 0 {
		o, r.next = r.next[0], r.next[1:]
	} else {
		var err error
		if o, err = newOuter(); err != nil {
			return nil
		}
	}
	r.outer[client] = o
	r.all = append(r.all, o)
	r.wait.Go(func() { r.in(o, client) })
	return o
}

func (r *natRouter) out() {
	b := make([]byte, 2048)
	for {
		n, client, err := r.inside.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		o := r.of(client)
		if o == nil || r.dead.Load() {
			continue
		}
		if m := (&stun.Message{Raw: slices.Clone(b[:n])}); stun.IsMessage(b[:n]) && m.Decode() == nil && m.Type.Class == stun.ClassRequest {
			o.checked.Store(true)
			r.mu.Lock()
			r.check = slices.Clone(b[:n])
			r.mu.Unlock()
		}
		_, _ = o.WriteToUDP(b[:n], r.server)
	}
}

func (r *natRouter) in(o *outerPort, client netip.AddrPort) {
	b := make([]byte, 2048)
	for {
		n, _, err := o.ReadFromUDP(b)
		if err != nil {
			return
		}
		if !o.checked.Load() {
			o.early.Add(1)
		}
		r.mu.Lock()
		current := r.outer[client] == o
		r.mu.Unlock()
		if current && !r.dead.Load() {
			_, _ = r.inside.WriteToUDPAddrPort(b[:n], client)
		}
	}
}

// spared reports whether no outer port was sent anything before its first check.
func (r *natRouter) spared(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, o := range r.all {
		if n := o.early.Load(); n > 0 {
			t.Errorf("outer port %d was sent %d datagrams before a check had come from it", i, n)
		}
	}
}

var candidateLine = regexp.MustCompile(`(?m)^a=candidate:.*\r?\n`)

// through is an answer whose only way is through the router.
func (r *natRouter) through(answer string) string {
	first := true
	return candidateLine.ReplaceAllStringFunc(answer, func(string) string {
		if !first {
			return ""
		}
		first = false
		return fmt.Sprintf("a=candidate:1 1 udp 2130706431 127.0.0.1 %d typ host\r\n", r.port())
	})
}

// dialThrough joins a client behind the router.
func dialThrough(t *testing.T, s *SFU, r *natRouter, cfg clientConfig) *client {
	t.Helper()
	c := newClient(t, s, cfg)
	answer := r.through(c.offerOnly())
	if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	c.await("connected", func(n Notice) bool { return n.State == StateConnected })
	return c
}
