package limit

import (
	"container/list"
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// placeGrace is how long a place must have been silent before another of the
// same sharer may have it: an honest client speaks within a round trip.
const placeGrace = time.Second

// waitersEach is how many of one sharer may wait for a place, for each it may hold.
const waitersEach = 32

// Places are held for a while, each sharer a few of all. When the share or all
// of them are taken, the place of whoever is greediest and has been silent
// longest is given to the newcomer, if places of the kind can be given away.
type Places[K comparable] struct {
	row   Row
	now   func() time.Time
	began time.Time

	mu    sync.Mutex
	taken int
	each  map[K]*crowd[K]
}

// crowd is what one sharer holds.
type crowd[K comparable] struct {
	held    int
	silent  *list.List // of *Place[K] that can be given away, the longest silent first
	waiting *list.List // of chan struct{}, the first first
}

// Place is one that is held.
type Place[K comparable] struct {
	of       *Places[K]
	who      K
	displace func()
	spoke    atomic.Int64 // when it last spoke, nanoseconds since of.began

	since int64         // guarded by of.mu: spoke, as of its place in the list
	at    *list.Element // guarded by of.mu: nil if it cannot be given away
	left  bool          // guarded by of.mu
}

// NewPlaces makes the places of a row. A nil clock is time.Now.
func NewPlaces[K comparable](t Table, id ID, now func() time.Time) *Places[K] {
	if now == nil {
		now = time.Now
	}
	row := t.kind(id, func(r Row) bool { return r.Each > 0 })
	return &Places[K]{row: row, now: now, began: now(), each: map[K]*crowd[K]{}}
}

// Enter takes a place, or is refused. displace is called, once and on the
// goroutine of the newcomer, if the place is given away; a place without it
// never is.
func (p *Places[K]) Enter(who K, displace func()) (*Place[K], error) {
	place, out, _ := p.try(who, displace)
	if out != nil {
		out()
	}
	if place == nil {
		return nil, p.refusal()
	}
	return place, nil
}

// Await takes a place as soon as there is one, in turn with others of the same
// sharer, or is refused when the context ends.
func (p *Places[K]) Await(ctx context.Context, who K, displace func()) (*Place[K], error) {
	for first := true; ; first = false {
		place, out, patience := p.try(who, displace)
		if out != nil {
			out()
		}
		if place != nil {
			return place, nil
		}
		if !p.wait(ctx, who, first, patience) {
			return nil, p.refusal()
		}
	}
}

func (p *Places[K]) refusal() error {
	return &Refusal{ID: p.row.ID, Code: p.row.Code, After: p.row.After}
}

// wait waits until a place of the sharer may be free; false if it is not worth
// it. Who waits again is first in the queue.
func (p *Places[K]) wait(ctx context.Context, who K, first bool, patience time.Duration) bool {
	wake := make(chan struct{}, 1)
	p.mu.Lock()
	c := p.crowd(who)
	if first && c.waiting.Len() >= waitersEach*p.row.Each {
		p.mu.Unlock()
		return false
	}
	var at *list.Element
	if first {
		at = c.waiting.PushBack(wake)
	} else {
		at = c.waiting.PushFront(wake)
	}
	p.mu.Unlock()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	ok := true
	select {
	case <-wake:
	case <-timer.C:
	case <-ctx.Done():
		ok = false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c.waiting.Remove(at)
	if len(wake) > 0 && !ok {
		c.wakeNext() // the place that was free is another's
	}
	p.tidy(who, c)
	return ok
}

// try takes a place if there is one. out tells whoever had it before; patience
// is when trying again may help.
func (p *Places[K]) try(who K, displace func()) (place *Place[K], out func(), patience time.Duration) {
	now := p.time()
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.crowd(who)
	if c.held >= p.row.Each || p.row.All > 0 && p.taken >= p.row.All {
		old, wait := p.candidate(who, c, now)
		if old == nil {
			p.tidy(who, c)
			return nil, nil, wait
		}
		out = old.displace
		p.remove(old)
		c = p.crowd(who) // it may have been this sharer's only place
	}
	place = &Place[K]{of: p, who: who, displace: displace, since: now}
	place.spoke.Store(place.since)
	if displace != nil {
		place.at = c.silent.PushBack(place)
	}
	c.held++
	p.taken++
	return place, out, 0
}

// time is the monotonic time of the places, in nanoseconds.
func (p *Places[K]) time() int64 { return int64(p.now().Sub(p.began)) }

// candidate is the place to be given to a newcomer: the longest silent of the
// greediest, nil if there is none. One of the newcomer's own must have been
// silent for a while.
func (p *Places[K]) candidate(who K, own *crowd[K], now int64) (*Place[K], time.Duration) {
	if own.held < p.row.Each {
		greediest, most := own, own.silent.Len()+1 // the newcomer counts, so that equals do not push each other out
		for _, c := range p.each {
			if n := c.silent.Len(); n > most {
				greediest, most = c, n
			}
		}
		if greediest != own {
			return greediest.longest(), 0
		}
	}
	old := own.longest()
	if old == nil {
		return nil, placeGrace
	}
	if silent := time.Duration(now - old.since); silent < placeGrace {
		return nil, max(placeGrace-silent, time.Millisecond)
	}
	return old, 0
}

// longest is the longest silent place of a crowd. Those that have spoken since
// they were put in order are put in order again, each once.
func (c *crowd[K]) longest() *Place[K] {
	for range c.silent.Len() {
		front := c.silent.Front()
		place := front.Value.(*Place[K])
		spoke := place.spoke.Load()
		if spoke == place.since {
			return place
		}
		place.since = spoke
		c.silent.MoveToBack(front)
	}
	if front := c.silent.Front(); front != nil {
		return front.Value.(*Place[K])
	}
	return nil
}

func (p *Places[K]) crowd(who K) *crowd[K] {
	c := p.each[who]
	if c == nil {
		c = &crowd[K]{silent: list.New(), waiting: list.New()}
		p.each[who] = c
	}
	return c
}

// tidy forgets a sharer that holds and wants nothing.
func (p *Places[K]) tidy(who K, c *crowd[K]) {
	if c.held == 0 && c.waiting.Len() == 0 && p.each[who] == c {
		delete(p.each, who)
	}
}

// remove takes a place from its holder.
func (p *Places[K]) remove(place *Place[K]) {
	if place.left {
		return
	}
	place.left = true
	c := p.each[place.who]
	if place.at != nil {
		c.silent.Remove(place.at)
		place.at = nil
	}
	c.held--
	p.taken--
	c.wakeNext()
	p.tidy(place.who, c)
}

func (c *crowd[K]) wakeNext() {
	for e := c.waiting.Front(); e != nil; e = e.Next() {
		select {
		case e.Value.(chan struct{}) <- struct{}{}:
			return
		default: // it has been woken already
		}
	}
}

// Taken counts the places that are held.
func (p *Places[K]) Taken() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}

// Speak notes that the holder is not silent. It takes no lock.
func (p *Place[K]) Speak() { p.spoke.Store(p.of.time()) }

// Settle keeps the place from being given away from now on; false if it has
// been already.
func (p *Place[K]) Settle() bool {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	if p.left {
		return false
	}
	if p.at != nil {
		p.of.each[p.who].silent.Remove(p.at)
		p.at = nil
	}
	return true
}

// Leave gives the place back. It may be called more than once.
func (p *Place[K]) Leave() {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	p.of.remove(p)
}
