package sfu

import (
	"hash/maphash"
	"net/netip"
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

	strangers = 4096 // buckets; addresses that fall into one share it
)

// police says which datagrams of a socket go on. An address is known once a
// check from it has had a session's password (RFC 8445 §7.3); its bucket is its
// own. All others are strangers: forged senders by the million cost newcomers
// their turn, and those inside nothing. It belongs to the socket's reader.
type police struct {
	seed   maphash.Seed
	each   [strangers]bucket
	all    bucket
	turned atomic.Uint64 // datagrams turned away
}

func newPolice() *police { return &police{seed: maphash.MakeSeed()} }

// admits says whether a datagram goes on, and counts it if not. A stranger has
// no route.
func (p *police) admits(r *route, from netip.Addr, now time.Duration) bool {
	ok := false
	if r != nil {
		weight := max(int(r.end.weight), 1)
		ok = r.bucket.take(now, knownEvery/time.Duration(weight), knownAtOnce*weight)
	} else {
		ok = p.each[p.place(from)].take(now, strangerEvery, strangerAtOnce) && p.all.take(now, strangersEvery, strangersAtOnce)
	}
	if !ok {
		p.turned.Add(1)
	}
	return ok
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

func plain(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
