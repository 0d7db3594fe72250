package sfu

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	pion "github.com/pion/transport/v5"
	"github.com/pion/webrtc/v4"
)

const (
	socketBuffer   = 8 << 20 // bytes asked of the kernel, each way
	tcpReadPackets = 50
	tcpFirstPacket = 10 * time.Second
	portTries      = 20 // free port numbers tried until one is free for all
)

// ports are the UDP sockets and TCP listeners of all media, one of each per
// address of the host, all on one port number.
type ports struct {
	net   pion.Net // nil is the host's
	port  int
	bound []netip.Prefix   // what has a socket, and its network
	outer []netip.AddrPort // what is announced besides; port 0 is port
	udp   []*udpConn
	muxes []ice.UDPMux
	tcp   tcpMuxes

	listeners []*tcpListener // of tcp
}

// warnOfBuffers says which setting of the system keeps the sockets' buffers
// small, once for each: a picture that arrives in a burst does not fit.
func (p *ports) warnOfBuffers(log *slog.Logger) {
	read, write := socketBuffer, socketBuffer
	for _, c := range p.udp {
		r, w := c.granted()
		read, write = min(read, r), min(write, w)
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

// openPorts binds the host's addresses.
func openPorts(cfg Config, log logging.LoggerFactory) (*ports, error) {
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
	bound, outer := choose(listed, host)
	for try := 1; ; try++ {
		p, err := bindPorts(cfg.Net, cfg.Port, bound, log)
		if err == nil {
			p.outer = outer
			return p, nil
		}
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

// bindPorts binds addresses. One that the system will not have yet, as IPv6 has
// it until nobody else is found to use it, is left out.
func bindPorts(network pion.Net, port int, addrs []netip.Prefix, log logging.LoggerFactory) (*ports, error) {
	p := &ports{net: network, port: port, tcp: tcpMuxes{}}
	bind := p.bind
	if network != nil {
		bind = p.bindOther
	}
	for _, addr := range addrs {
		err := bind(addr.Addr(), log)
		switch {
		case err == nil:
			p.bound = append(p.bound, addr)
		case !errors.Is(err, syscall.EADDRNOTAVAIL):
			return nil, errors.Join(err, p.close())
		}
	}
	if len(p.bound) == 0 {
		return nil, errors.New("open media port: the host has no address")
	}
	return p, nil
}

func (p *ports) bind(addr netip.Addr, log logging.LoggerFactory) error {
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, uint16(p.port))))
	if err != nil {
		return fmt.Errorf("open media port: %w", err)
	}
	p.port = udp.LocalAddr().(*net.UDPAddr).Port
	conn, err := newUDPConn(udp)
	if err != nil {
		return fmt.Errorf("open media port: %w", err)
	}
	p.udp = append(p.udp, conn)
	p.muxes = append(p.muxes, ice.NewUDPMuxDefault(ice.UDPMuxParams{Logger: log.NewLogger("udp"), UDPConn: conn}))
	listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, uint16(p.port))))
	if err != nil {
		return fmt.Errorf("open media port: %w", err)
	}
	timed := newTCPListener(listener)
	p.listeners = append(p.listeners, timed)
	p.tcp[addr] = ice.NewTCPMuxDefault(ice.TCPMuxParams{
		Listener: timed, Logger: log.NewLogger("tcp"), ReadBufferSize: tcpReadPackets,
		FirstStunBindTimeout: tcpFirstPacket, AliveDurationForConnFromStun: tcpFirstPacket,
	})
	return nil
}

// bindOther binds an address of a network that is not the host's, which has
// UDP alone.
func (p *ports) bindOther(addr netip.Addr, log logging.LoggerFactory) error {
	udp, err := p.net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, uint16(p.port))))
	if err != nil {
		return fmt.Errorf("open media port: %w", err)
	}
	p.port = udp.LocalAddr().(*net.UDPAddr).Port
	p.muxes = append(p.muxes, ice.NewUDPMuxDefault(ice.UDPMuxParams{Logger: log.NewLogger("udp"), UDPConn: udp, Net: p.net}))
	return nil
}

// use makes a peer's connection go over the ports, its datagrams through its run.
func (p *ports) use(se *webrtc.SettingEngine, r *run) {
	networks := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeTCP4}
	if p.v6() {
		networks = append(networks, webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP6)
	}
	se.SetNetworkTypes(networks)
	se.SetICEUDPMux(&runMux{UDPMux: ice.NewMultiUDPMuxDefault(p.muxes...), ports: p, run: r})
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
	networks := []ice.NetworkType{ice.NetworkTypeUDP4, ice.NetworkTypeTCP4}
	if p.v6() {
		networks = append(networks, ice.NetworkTypeUDP6, ice.NetworkTypeTCP6)
	}
	options := []ice.AgentOption{
		ice.WithUDPMux(&runMux{UDPMux: ice.NewMultiUDPMuxDefault(p.muxes...), ports: p, run: r, weight: linkWeight}),
		ice.WithNetworkTypes(networks), ice.WithCandidateTypes([]ice.CandidateType{ice.CandidateTypeHost}),
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

// own reports whether an address is one of the media port's.
func (p *ports) own(ip net.IP) bool {
	addr, ok := netip.AddrFromSlice(ip)
	return ok && slices.ContainsFunc(p.bound, func(b netip.Prefix) bool { return b.Addr() == addr.Unmap() })
}

func (p *ports) v6() bool {
	return slices.ContainsFunc(p.bound, func(b netip.Prefix) bool { return b.Addr().Is6() })
}

// socket finds the socket of a local address.
func (p *ports) socket(addr net.Addr) *udpConn {
	for _, c := range p.udp {
		if c.LocalAddr().String() == addr.String() {
			return c
		}
	}
	return nil
}

// turned counts the datagrams of addresses that sent too many.
func (p *ports) turned() (n uint64) {
	for _, c := range p.udp {
		n += c.police.turned.Load()
	}
	return n
}

// dropped counts the datagrams the kernel had no room for.
func (p *ports) dropped() (n uint64) {
	for _, c := range p.udp {
		n += c.dropped.Load()
	}
	return n
}

// late counts the packets that waited too long for a TCP connection.
func (p *ports) late() (n uint64) {
	for _, l := range p.listeners {
		n += l.late.Load()
	}
	return n
}

func (p *ports) close() error {
	var errs []error
	for _, m := range p.muxes {
		errs = append(errs, m.Close())
	}
	errs = append(errs, p.tcp.Close())
	for _, l := range p.listeners {
		l.wait.Wait()
	}
	return errors.Join(errs...)
}

// tcpMuxes picks the listener of an address for ICE (RFC 6544).
type tcpMuxes map[netip.Addr]*ice.TCPMuxDefault

// GetConnByUfrag gives the connection of one ICE agent on one address.
func (m tcpMuxes) GetConnByUfrag(ufrag string, v6 bool, local net.IP) (net.PacketConn, error) {
	addr, _ := netip.AddrFromSlice(local)
	mux := m[addr.Unmap()]
	if mux == nil {
		return nil, fmt.Errorf("no media port on %v", local)
	}
	return mux.GetConnByUfrag(ufrag, v6, local)
}

// RemoveConnByUfrag ends the connections of one ICE agent.
func (m tcpMuxes) RemoveConnByUfrag(ufrag string) {
	for _, mux := range m {
		mux.RemoveConnByUfrag(ufrag)
	}
}

// Close ends every listener.
func (m tcpMuxes) Close() error {
	var errs []error
	for _, mux := range m {
		errs = append(errs, mux.Close())
	}
	return errors.Join(errs...)
}
