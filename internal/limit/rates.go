package limit

import (
	"container/list"
	"context"
	"hash/maphash"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How many sharers a table of rates knows one by one, and by how many buckets
// the others go.
const (
	ratesKept   = 4096
	ratesShared = 64
)

// Rates holds each of many to the rate of a row.
type Rates[K comparable] struct {
	row  Row
	now  func() time.Time
	seed maphash.Seed

	mu     sync.Mutex
	each   map[K]*list.Element
	order  *list.List // of *held[K], the longest unused first
	shared [ratesShared]*rate.Limiter
}

// held is one sharer's bucket.
type held[K comparable] struct {
	who    K
	bucket *rate.Limiter
}

// NewRates makes the limiter of a row. A nil clock is time.Now.
func NewRates[K comparable](t Table, id ID, now func() time.Time) *Rates[K] {
	if now == nil {
		now = time.Now
	}
	r := &Rates[K]{
		row: t.kind(id, Row.isRate), now: now, seed: maphash.MakeSeed(),
		each: map[K]*list.Element{}, order: list.New(),
	}
	for i := range r.shared {
		r.shared[i] = r.row.bucket()
	}
	return r
}

// isRate reports whether a row is one of acts at a rate.
func (r Row) isRate() bool { return r.Burst > 0 && r.Every > 0 }

func (r Row) bucket() *rate.Limiter { return rate.NewLimiter(rate.Every(r.Every), r.Burst) }

// Take counts an act in, or refuses it.
func (r *Rates[K]) Take(who K) error {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.row.take(r.of(who, now), now)
}

// GiveBack forgives an act that was counted.
func (r *Rates[K]) GiveBack(who K) {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.of(who, now).ReserveN(now, -1) // the bucket never holds more than its burst
}

// Known counts the sharers that are known one by one, at most 4096.
func (r *Rates[K]) Known() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.each)
}

func (r Row) take(bucket *rate.Limiter, now time.Time) error {
	turn := bucket.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	turn.CancelAt(now)
	return &Refusal{ID: r.ID, Code: r.Code, After: wait}
}

// of finds the bucket of a sharer. Only a bucket that is full is forgotten for a
// new one, so nobody gets rid of a debt by filling the table.
func (r *Rates[K]) of(who K, now time.Time) *rate.Limiter {
	if e, ok := r.each[who]; ok {
		r.order.MoveToBack(e)
		return e.Value.(*held[K]).bucket
	}
	if len(r.each) >= ratesKept {
		oldest := r.order.Front()
		h := oldest.Value.(*held[K])
		if h.bucket.TokensAt(now) < float64(r.row.Burst) {
			return r.shared[maphash.Comparable(r.seed, who)%ratesShared]
		}
		delete(r.each, h.who)
		r.order.Remove(oldest)
	}
	h := &held[K]{who: who, bucket: r.row.bucket()}
	r.each[who] = r.order.PushBack(h)
	return h.bucket
}

// Rate is the rate of a row for one sharer, which keeps it itself.
type Rate struct {
	row    Row
	bucket *rate.Limiter
}

// NewRate makes the limiter of a row for one sharer.
func NewRate(t Table, id ID) *Rate {
	row := t.kind(id, Row.isRate)
	return &Rate{row: row, bucket: row.bucket()}
}

// Take counts an act in, or refuses it.
func (r *Rate) Take(now time.Time) error { return r.row.take(r.bucket, now) }

// Await counts an act in when its turn has come, for acts that wait instead of
// being refused. It gives the context's error if that ends before.
func (r *Rate) Await(ctx context.Context) error { return r.bucket.Wait(ctx) }
