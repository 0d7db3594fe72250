package sfu

import (
	"errors"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

const (
	addressesEvery = 2 * time.Second // the host's are looked at
	addressLinger  = time.Minute     // a socket whose address has gone: it may come again
)

// openAll opens the media port for the first time. An address that the system
// will not have yet, as IPv6 has it until nobody else is found to use it, is
// opened when it can be.
func (p *ports) openAll(host []netip.Prefix) error {
	p.changing.Lock()
	defer p.changing.Unlock()
	if err := p.refresh(host); err != nil {
		return err
	}
	if len(p.listens.Load().sockets) == 0 {
		return errors.New("open media port: the host has no address")
	}
	return nil
}

// keep follows the addresses of the host until the ports are closed.
func (p *ports) keep() {
	ticker := time.NewTicker(addressesEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-p.done:
			return
		}
		p.look()
	}
}

// look opens the media port on addresses that have come, and closes it on those
// that have long been gone.
func (p *ports) look() {
	p.changing.Lock()
	defer p.changing.Unlock()
	host, err := p.host()
	if err != nil {
		p.log.Warn("addresses of the host not read", "err", err)
		return
	}
	select {
	case <-p.done:
		return
	default:
	}
	_ = p.refresh(host) // what cannot be opened has been said, and is tried again
}

// refresh makes what is open that of the host's addresses; changing is held. The
// error is the first that another look may not mend.
func (p *ports) refresh(host []netip.Prefix) (first error) {
	now := p.now()
	for _, h := range host {
		p.was[h.Addr()] = now
	}
	wanted, outer := choose(p.listed, host, func(a netip.Addr) bool { _, had := p.was[a]; return had })
	before := p.listens.Load()
	next := &listening{outer: outer}
	for _, s := range before.sockets {
		if now-p.was[s.addr] <= addressLinger {
			next.sockets = append(next.sockets, s)
		} else {
			p.shut(s)
		}
	}
	for _, w := range wanted {
		if !slices.ContainsFunc(next.sockets, func(s *socket) bool { return s.addr == w.Addr() }) {
			s, err := p.open(w.Addr())
			if err != nil {
				if first == nil && !errors.Is(err, syscall.EADDRNOTAVAIL) {
					first = err
				}
				p.sayFailed(w.Addr(), err, len(before.sockets) > 0)
				continue
			}
			delete(p.failed, w.Addr())
			next.sockets = append(next.sockets, s)
			if len(before.sockets) > 0 {
				p.log.Info("media port opened on another address", "address", w.Addr().String())
			}
		}
		next.bound = append(next.bound, w)
	}
	p.listens.Store(next)
	return first
}

// sayFailed logs once that an address cannot be opened while running.
func (p *ports) sayFailed(addr netip.Addr, err error, running bool) {
	if running && !p.failed[addr] && !errors.Is(err, syscall.EADDRNOTAVAIL) {
		p.failed[addr] = true
		p.log.Warn("media port not opened on an address of the host", "address", addr.String(), "err", err)
	}
}

// shut closes the media port on an address that has gone.
func (p *ports) shut(s *socket) {
	p.log.Info("media port closed on an address that has gone", "address", s.addr.String())
	_ = s.conn.Close() // nothing can be done about it
	late, _ := p.tcp.end(s.addr)
	p.closed.late.Add(late)
	p.closed.turned.Add(s.police.turned.Load())
	if s.udp != nil {
		p.closed.dropped.Add(s.udp.dropped.Load())
	}
	delete(p.was, s.addr)
}
