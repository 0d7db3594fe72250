package auth

import (
	"sync"
	"time"
)

// limiter holds each of many to a rate: a burst at once, then one more each
// period. It remembers a bounded number of them.
type limiter[K comparable] struct {
	now   func() time.Time
	burst float64
	every time.Duration

	mu      sync.Mutex
	tallies map[K]tally
}

// tally is how much somebody may still do, at a time.
type tally struct {
	left float64
	at   time.Time
}

// How many are remembered, and how many of them are weighed when one must be
// forgotten.
const (
	limiterSize   = 4096
	limiterSample = 8
)

// newLimiter returns a limiter that has seen nobody. A nil clock is time.Now.
func newLimiter[K comparable](now func() time.Time, burst float64, every time.Duration) *limiter[K] {
	if now == nil {
		now = time.Now
	}
	return &limiter[K]{now: now, burst: burst, every: every, tallies: map[K]tally{}}
}

// take counts one act and reports whether it is within the rate.
func (l *limiter[K]) take(who K) bool {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	w, ok := l.tallies[who]
	if !ok {
		l.makeRoom(now)
		w = tally{left: l.burst, at: now}
	}
	w = l.refill(w, now)
	within := w.left >= 1
	if within {
		w.left--
	}
	l.tallies[who] = w
	return within
}

// giveBack forgives one act that was counted.
func (l *limiter[K]) giveBack(who K) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w, ok := l.tallies[who]; ok {
		w.left = min(l.burst, w.left+1)
		l.tallies[who] = w
	}
}

// refill gives back what time has earned.
func (l *limiter[K]) refill(w tally, now time.Time) tally {
	if now.After(w.at) {
		w.left = min(l.burst, w.left+float64(now.Sub(w.at))/float64(l.every))
		w.at = now
	}
	return w
}

// makeRoom keeps the table bounded: of a few, as the map gives them, it
// forgets the one with the most left. Who guesses stays.
func (l *limiter[K]) makeRoom(now time.Time) {
	if len(l.tallies) < limiterSize {
		return
	}
	var mildest K
	most, seen := -1.0, 0
	for who, w := range l.tallies {
		if left := l.refill(w, now).left; left > most {
			mildest, most = who, left
		}
		if seen++; seen == limiterSample {
			break
		}
	}
	delete(l.tallies, mildest)
}
