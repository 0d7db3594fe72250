package signaling

import (
	"sync"
	"time"
)

// recent is something encoded at most once in a while, however many look at it.
// The zero value is ready. Nothing is held while it is made.
type recent struct {
	mu   sync.Mutex
	at   time.Time
	make func() []byte // once
}

// get gives it as it was made at most so long ago, or makes it anew.
func (r *recent) get(every time.Duration, make func() []byte) []byte {
	r.mu.Lock()
	if now := time.Now(); r.make == nil || now.Sub(r.at) >= every {
		r.at, r.make = now, sync.OnceValue(make)
	}
	once := r.make
	r.mu.Unlock()
	return once()
}
