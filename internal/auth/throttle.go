package auth

import (
	"net/netip"
	"sync"
	"time"
)

// Throttle counts wrong tokens per address, so that guessing is slow and does
// not fill the log. It never stops a right token: many rooms can stand behind
// one address, and one of them with an old link must not lock the others out.
type Throttle struct {
	now func() time.Time

	mu    sync.Mutex
	wrong map[netip.Prefix]tally
}

// tally is how many wrong tokens an address may still send, at a time.
type tally struct {
	left float64
	at   time.Time
}

// Bounds of a Throttle: how many wrong tokens an address has at once, how long
// until it has one more, how many addresses are remembered, and how many of
// them are weighed when one must be forgotten.
const (
	throttleBurst  = 20
	throttleEvery  = 3 * time.Second
	throttleSize   = 4096
	throttleSample = 8
)

// NewThrottle returns a throttle that has seen nobody. A nil clock is time.Now.
func NewThrottle(now func() time.Time) *Throttle {
	if now == nil {
		now = time.Now
	}
	return &Throttle{now: now, wrong: map[netip.Prefix]tally{}}
}

// Wrong records a wrong token from an address and reports whether it may be
// answered; if not, the connection is best closed without a word.
func (t *Throttle) Wrong(from netip.Addr) bool {
	who, now := neighbourhood(from), t.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	w, ok := t.wrong[who]
	if !ok {
		t.makeRoom(now)
		w = tally{left: throttleBurst, at: now}
	}
	w = w.refill(now)
	answer := w.left >= 1
	if answer {
		w.left--
	}
	t.wrong[who] = w
	return answer
}

// refill gives back what time has earned.
func (w tally) refill(now time.Time) tally {
	if now.After(w.at) {
		w.left = min(throttleBurst, w.left+float64(now.Sub(w.at))/float64(throttleEvery))
		w.at = now
	}
	return w
}

// makeRoom keeps the table bounded: of a few addresses, as the map gives them,
// it forgets the one with the most left. Who guesses stays.
func (t *Throttle) makeRoom(now time.Time) {
	if len(t.wrong) < throttleSize {
		return
	}
	var mildest netip.Prefix
	most, seen := -1.0, 0
	for who, w := range t.wrong {
		if left := w.refill(now).left; left > most {
			mildest, most = who, left
		}
		if seen++; seen == throttleSample {
			break
		}
	}
	delete(t.wrong, mildest)
}

// neighbourhood is what counts as one address: all of an IPv4 address, the
// network half of an IPv6 one (RFC 4291 §2.5.4), since a host has the rest.
func neighbourhood(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // an invalid address: all of them are one
	}
	return p
}
