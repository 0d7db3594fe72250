package sfu

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/stun/v4"
	pion "github.com/pion/transport/v5"
	"github.com/pion/webrtc/v4"

	"github.com/giaoban/giaoban/internal/guard"
)

const (
	socketBuffer   = 8 << 20 // bytes asked of the kernel, each way
	tcpReadPackets = 50
	tcpFirstPacket = 10 * time.Second
	portTries      = 20 // free port numbers tried until one is free for all
)

// ports are the UDP sockets and TCP listeners of all media, one of each per
// address of the host, all on one port number. They follow the host's addresses.
//
// Locks: mu guards the sessions and probes, and is never taken for a packet of
// media; changing is held while addresses come or go, and guards what has been.
type ports struct {
	net     pion.Net // nil is the host's
	port    int
	listed  []netip.AddrPort // as configured
	log     *slog.Logger
	pionLog logging.LoggerFactory
	began   time.Time
	tcp     *tcpMuxes
	listens atomic.Pointer[listening]
	done    chan struct{}
	wait    sync.WaitGroup // the sockets' goroutines and the one that follows

	oversize atomic.Uint64 // datagrams of clients that are longer than a packet may be
	unread   atomic.Uint64 // datagrams that waited too long for their agent
	followed atomic.Uint64 // times that media followed the other end elsewhere
	closed   closedSockets

	mu     sync.Mutex
	ends   map[string]*endpoint // by our name of the session
	probes map[[stun.TransactionIDSize]byte]*probe

	changing sync.Mutex
	host     func() ([]netip.Prefix, error) // lists the host's addresses
	was      map[netip.Addr]time.Duration   // addresses the host has had, and when it last did
	failed   map[netip.Addr]bool            // those that could not be opened, and it was said
}

// listening is what is open, and what is announced. It never changes.
type listening struct {
	sockets []*socket
	bound   []netip.Prefix   // addresses of the host, with their networks
	outer   []netip.AddrPort // what is announced besides; port 0 is the media port
}

// closedSockets are the figures of those that are closed.
type closedSockets struct{ turned, dropped, late atomic.Uint64 }

// now is the time since the ports were opened.
func (p *ports) now() time.Duration { return time.Since(p.began) }

// warnOfBuffers says which setting of the system keeps the sockets' buffers
// small, once for each: a picture that arrives in a burst does not fit.
func warnOfBuffers(log *slog.Logger, sockets []*socket) {
	read, write := socketBuffer, socketBuffer
	for _, s := range sockets {
		if s.udp != nil {
			r, w := s.udp.granted()
			read, write = min(read, r), min(write, w)
		}
	}
	for _, b := range []struct {
		sysctl  string
		granted int
	}{{"net.core.rmem_max", read}, {"net.core.wmem_max", write}} {
		if b.granted < socketBuffer {
			log.Warn("media socket buffer is small; raise the sysctl", "sysctl", b.sysctl, "wanted", socketBuffer, "granted", b.granted)
		}
	}
}

// openPorts opens the media port on the host's addresses.
func openPorts(cfg Config, log *slog.Logger, pionLog logging.LoggerFactory) (*ports, error) {
	listed, err := readAnnounced(cfg.Addrs)
	if err != nil {
		return nil, err
	}
	host, err := hostOf(cfg.Net, listed)
	if err != nil {
		return nil, err
	}
	if err := sayFamily(listed, host); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		p := &ports{
			net: cfg.Net, port: cfg.Port, listed: listed, log: log, pionLog: pionLog, began: time.Now(), tcp: newTCPMuxes(),
			done: make(chan struct{}), ends: map[string]*endpoint{}, probes: map[[stun.TransactionIDSize]byte]*probe{},
			was: map[netip.Addr]time.Duration{}, failed: map[netip.Addr]bool{},
			host: hostPrefixes,
		}
		p.listens.Store(&listening{})
		err := p.openAll(host)
		if err == nil {
			if p.net == nil {
				p.wait.Go(guard.Scope{Name: "addresses of the media port", Log: p.log}.KeepFunc(p.keep))
			}
			return p, nil
		}
		err = errors.Join(err, p.close())
		if cfg.Port != 0 || try == portTries {
			return nil, err
		}
	}
}

// hostOf lists the addresses of a network: of one that is not the host's, those
// that are configured.
func hostOf(network pion.Net, listed []netip.AddrPort) (host []netip.Prefix, err error) {
	if network == nil {
		return hostPrefixes()
	}
	for _, a := range listed {
		host = append(host, netip.PrefixFrom(a.Addr(), a.Addr().BitLen()))
	}
	return host, nil
}

// open opens the media port on an address of the host, UDP and TCP.
func (p *ports) open(addr netip.Addr) (*socket, error) {
	if p.net != nil {
		return p.openOther(addr)
	}
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, uint16(p.port))))
	if err != nil {
		return nil, fmt.Errorf("open media port: %w", err)
	}
	port := udp.LocalAddr().(*net.UDPAddr).Port
	conn, err := newUDPConn(udp)
	if err != nil {
		return nil, fmt.Errorf("open media port: %w", err)
	}
	listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, uint16(port))))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open media port: %w", err), conn.Close())
	}
	p.port = port
	p.tcp.open(addr, newTCPListener(listener), p.pionLog.NewLogger("tcp"))
	return newSocket(p, addr, conn), nil
}

// openOther opens it on a network that is not the host's, which has UDP alone.
func (p *ports) openOther(addr netip.Addr) (*socket, error) {
	udp, err := p.net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, uint16(p.port))))
	if err != nil {
		return nil, fmt.Errorf("open media port: %w", err)
	}
	p.port = udp.LocalAddr().(*net.UDPAddr).Port
	return newSocket(p, addr, elsewhereSocket{udp}), nil
}

// use makes a peer's connection go over the ports, its datagrams through its run.
func (p *ports) use(se *webrtc.SettingEngine, r *run) {
	se.SetNetworkTypes([]webrtc.NetworkType{
		webrtc.NetworkTypeUDP4, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP6,
	})
	se.SetICEUDPMux(&endpoints{ports: p, run: r})
	se.SetICETCPMux(p.tcp)
	se.SetIncludeLoopbackCandidate(true)
	se.SetIPFilter(p.own)
	if p.net != nil {
		se.SetNet(p.net)
	}
}

// agentOptions make the ICE agent of a link go over the ports, its datagrams
// through its run. The parent is the lite one and waits, on UDP and on TCP; the
// child dials out, from the media port by UDP and from any by TCP, which ICE
// prefers last.
func (p *ports) agentOptions(child bool, r *run, log logging.LoggerFactory) []ice.AgentOption {
	options := []ice.AgentOption{
		ice.WithUDPMux(&endpoints{ports: p, run: r, weight: linkWeight, dials: child}),
		ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4, ice.NetworkTypeTCP4, ice.NetworkTypeUDP6, ice.NetworkTypeTCP6}),
		ice.WithCandidateTypes([]ice.CandidateType{ice.CandidateTypeHost}),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled), ice.WithIncludeLoopback(), ice.WithIPFilter(p.own),
		ice.WithDisconnectedTimeout(linkLost), ice.WithFailedTimeout(linkFailed), ice.WithKeepaliveInterval(linkKeepalive),
		ice.WithICELite(!child), ice.WithLoggerFactory(log), ice.WithMaxBindingRequests(linkAsks),
	}
	if p.net != nil {
		options = append(options, ice.WithNet(p.net))
	}
	if !child {
		options = append(options, ice.WithTCPMux(p.tcp), ice.WithDisableActiveTCP())
	}
	return options
}

// own reports whether the media port is open on an address.
func (p *ports) own(ip net.IP) bool {
	addr, ok := netip.AddrFromSlice(ip)
	return ok && p.socketAt(addr.Unmap()) != nil
}

func (p *ports) socketAt(addr netip.Addr) *socket {
	for _, s := range p.listens.Load().sockets {
		if s.addr == addr {
			return s
		}
	}
	return nil
}

// sourceOf picks the socket to send to an address from: that of the host's
// address which the system would use, else one of the family.
func (p *ports) sourceOf(to netip.Addr) *socket {
	if p.net == nil {
		if s := p.socketAt(sourceTowards(to)); s != nil {
			return s
		}
	}
	for _, s := range p.listens.Load().sockets {
		if s.addr.Is4() == to.Is4() && (p.net != nil || s.addr.IsLoopback() == to.IsLoopback()) {
			return s
		}
	}
	return nil
}

// anyAddr listens for all addresses of a family: 0 is IPv4, 1 is IPv6.
func (p *ports) anyAddr(family int) net.Addr {
	return &net.UDPAddr{IP: []net.IP{net.IPv4zero, net.IPv6unspecified}[family], Port: p.port}
}

// endpoint finds or makes that of a session; nil if the ports are closed.
func (p *ports) endpoint(ufrag string, of *endpoints) *endpoint {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.ends[ufrag]
	if e == nil {
		e = &endpoint{ports: p, run: of.run, ufrag: ufrag, weight: of.weight, dials: of.dials}
		p.ends[ufrag] = e
	}
	return e
}

// forget ends a session.
func (p *ports) forget(ufrag string) {
	p.mu.Lock()
	e := p.ends[ufrag]
	delete(p.ends, ufrag)
	p.mu.Unlock()
	if e != nil {
		e.end()
	}
}

// introduce tells a session's passwords to whoever lets its checks in.
func (p *ports) introduce(local, remote credentials) {
	p.mu.Lock()
	e := p.ends[local.ufrag]
	p.mu.Unlock()
	if e != nil {
		e.secrets.Store(&secrets{local: local.pwd, remote: remote})
	}
}

// turned counts the datagrams of addresses that sent too many.
func (p *ports) turned() uint64 {
	n := p.closed.turned.Load()
	for _, s := range p.listens.Load().sockets {
		n += s.police.turned.Load()
	}
	return n
}

// dropped counts the datagrams there was no room for, in the kernel or before
// their agent.
func (p *ports) dropped() uint64 {
	n := p.closed.dropped.Load() + p.unread.Load()
	for _, s := range p.listens.Load().sockets {
		if s.udp != nil {
			n += s.udp.dropped.Load()
		}
	}
	return n
}

// late counts the packets that waited too long for a TCP connection.
func (p *ports) late() uint64 { return p.closed.late.Load() + p.tcp.late() }

func (p *ports) close() error {
	close(p.done)
	err := p.closeSockets()
	p.wait.Wait()
	return err
}

// closeSockets closes what is open; nothing is opened any more.
func (p *ports) closeSockets() error {
	p.changing.Lock() // not while waiting: whoever follows the addresses takes it
	defer p.changing.Unlock()
	var errs []error
	for _, s := range p.listens.Load().sockets {
		errs = append(errs, s.conn.Close())
	}
	return errors.Join(append(errs, p.tcp.Close())...)
}
