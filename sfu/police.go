package sfu

import (
	"hash/maphash"
	"maps"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// What an address may send, in datagrams: each costs much the same, large or
// small. A room sends some hundreds a second with everything on; the others'
// figures leave room for a hall full of points behind one address.
const (
	knownEvery      = time.Second / 3000 // of one client's address and port
	knownAtOnce     = 3000
	linkWeight      = 20                 // clients that another node counts as
	strangerEvery   = time.Second / 1000 // of one address nobody has vouched for
	strangerAtOnce  = 4000
	strangersEvery  = time.Second / 20000 // of all of these together
	strangersAtOnce = 20000

	strangers  = 4096 // buckets; addresses that fall into one share it
	vouchedMax = 8    // newest addresses of one client that are known
)

// police says which datagrams go on to the mux. An address is known once the
// ICE agent of a client has answered it, for which it had to prove that it has
// the client's password (RFC 8445 §7.3); its bucket is its own. All others are
// strangers: forged senders by the million cost newcomers their turn, and
// those inside nothing.
type police struct {
	mu    sync.Mutex // of those who change known
	known atomic.Pointer[map[netip.AddrPort]*acquaintance]

	// Owned by the socket's reader.
	seed   maphash.Seed
	each   [strangers]bucket
	all    bucket
	turned atomic.Uint64 // datagrams turned away
}

// acquaintance is a known address.
type acquaintance struct {
	clients int          // that vouch for it; guarded by police.mu
	weight  atomic.Int32 // of clients it may send as much as
	bucket  bucket       // owned by the socket's reader
}

func newPolice() *police {
	p := &police{seed: maphash.MakeSeed()}
	p.known.Store(&map[netip.AddrPort]*acquaintance{})
	return p
}

// admits says whether a datagram goes on, and counts it if not.
func (p *police) admits(from netip.AddrPort, now time.Duration) bool {
	from = plain(from)
	ok := false
	if a := (*p.known.Load())[from]; a != nil {
		ok = a.admits(now)
	} else {
		ok = p.each[p.place(from.Addr())].take(now, strangerEvery, strangerAtOnce) && p.all.take(now, strangersEvery, strangersAtOnce)
	}
	if !ok {
		p.turned.Add(1)
	}
	return ok
}

func (a *acquaintance) admits(now time.Duration) bool {
	weight := max(int(a.weight.Load()), 1)
	return a.bucket.take(now, knownEvery/time.Duration(weight), knownAtOnce*weight)
}

// place finds the bucket of a stranger; a host may own the low half of an IPv6 address.
func (p *police) place(addr netip.Addr) uint64 {
	b := addr.As16()
	n := len(b)
	if addr.Is6() {
		n /= 2
	}
	return maphash.Bytes(p.seed, b[:n]) % strangers
}

// vouch makes an address known, until it is forgotten as often.
func (p *police) vouch(addr netip.AddrPort, weight int32) {
	p.change(func(known map[netip.AddrPort]*acquaintance) {
		if known[plain(addr)] == nil {
			known[plain(addr)] = &acquaintance{}
		}
		known[plain(addr)].clients++
		known[plain(addr)].weight.Store(max(weight, known[plain(addr)].weight.Load()))
	})
}

func (p *police) forget(addr netip.AddrPort) {
	p.change(func(known map[netip.AddrPort]*acquaintance) {
		a := known[plain(addr)]
		if a == nil {
			return
		}
		if a.clients--; a.clients == 0 {
			delete(known, plain(addr))
		}
	})
}

// change copies the table, for the reader takes no lock.
func (p *police) change(f func(map[netip.AddrPort]*acquaintance)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := maps.Clone(*p.known.Load())
	f(next)
	p.known.Store(&next)
}

func plain(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// vouched are the addresses one client's ICE agent has answered on one socket.
type vouched struct {
	weight int32 // of each; 0 is a client's
	newest atomic.Pointer[netip.AddrPort]

	mu    sync.Mutex
	addrs []netip.AddrPort // newest last
	ended bool
}

// note makes an address known that the agent answers. Mostly it is the one it
// answered last, and that takes no lock.
func (v *vouched) note(p *police, to netip.AddrPort) {
	if newest := v.newest.Load(); newest != nil && *newest == to {
		return
	}
	v.meet(p, to)
}

// meet is note for another address than the last. It is a function of its own
// because it keeps the address, and note must not allocate.
func (v *vouched) meet(p *police, to netip.AddrPort) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.newest.Store(&to)
	for _, a := range v.addrs {
		if a == to {
			return
		}
	}
	if v.ended {
		return
	}
	p.vouch(to, v.weight)
	v.addrs = append(v.addrs, to)
	if len(v.addrs) > vouchedMax {
		p.forget(v.addrs[0])
		v.addrs = v.addrs[1:]
	}
}

// end forgets them all.
func (v *vouched) end(p *police) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, a := range v.addrs {
		p.forget(a)
	}
	v.addrs, v.ended = nil, true
}
