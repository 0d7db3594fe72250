package sfu

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
)

// tcpMuxes picks the listener of an address for ICE (RFC 6544).
type tcpMuxes struct {
	mu    sync.Mutex
	muxes map[netip.Addr]tcpMux
}

type tcpMux struct {
	*ice.TCPMuxDefault
	listener *tcpListener
}

func newTCPMuxes() *tcpMuxes { return &tcpMuxes{muxes: map[netip.Addr]tcpMux{}} }

// open listens for ICE on an address.
func (m *tcpMuxes) open(addr netip.Addr, l *tcpListener, log logging.LeveledLogger) {
	mux := ice.NewTCPMuxDefault(ice.TCPMuxParams{
		Listener: l, Logger: log, ReadBufferSize: tcpReadPackets,
		FirstStunBindTimeout: tcpFirstPacket, AliveDurationForConnFromStun: tcpFirstPacket,
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	m.muxes[addr] = tcpMux{mux, l}
}

// GetConnByUfrag gives the connection of one ICE agent on one address.
func (m *tcpMuxes) GetConnByUfrag(ufrag string, v6 bool, local net.IP) (net.PacketConn, error) {
	addr, _ := netip.AddrFromSlice(local)
	m.mu.Lock()
	mux, ok := m.muxes[addr.Unmap()]
	m.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("no media port on %v", local)
	}
	return mux.GetConnByUfrag(ufrag, v6, local)
}

// RemoveConnByUfrag ends the connections of one ICE agent.
func (m *tcpMuxes) RemoveConnByUfrag(ufrag string) {
	for _, mux := range m.all() {
		mux.RemoveConnByUfrag(ufrag)
	}
}

func (m *tcpMuxes) all() []tcpMux {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]tcpMux, 0, len(m.muxes))
	for _, mux := range m.muxes {
		all = append(all, mux)
	}
	return all
}

// late counts the packets that waited too long, of the listeners that are open.
func (m *tcpMuxes) late() (n uint64) {
	for _, mux := range m.all() {
		n += mux.listener.late.Load()
	}
	return n
}

// end closes the listener of an address, and gives how many packets were late.
func (m *tcpMuxes) end(addr netip.Addr) (late uint64, err error) {
	m.mu.Lock()
	mux, ok := m.muxes[addr]
	delete(m.muxes, addr)
	m.mu.Unlock()
	if !ok {
		return 0, nil
	}
	err = mux.Close()
	mux.listener.wait.Wait()
	return mux.listener.late.Load(), err
}

// Close ends every listener.
func (m *tcpMuxes) Close() error {
	var errs []error
	for _, mux := range m.all() {
		errs = append(errs, mux.Close())
		mux.listener.wait.Wait()
	}
	return errors.Join(errs...)
}
