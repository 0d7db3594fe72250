package sfu

import (
	"sync/atomic"
	"time"
)

const (
	keyframeCoalesce = 50 * time.Millisecond  // requests within it are one
	keyframeInterval = 500 * time.Millisecond // between two requests to a publisher
	keyframeBackoff  = 3 * time.Second        // between retries to one that does not answer
)

// broker turns the keyframe requests of all who watch a source into few to the
// one that publishes it: coalesced, spaced, and repeated until one arrives.
// ask and arrived may be called by anybody; step belongs to the minder.
type broker struct {
	requests atomic.Uint64 // sent to the publisher
	wanted   atomic.Bool
	newest   atomic.Int64 // arrival of the newest keyframe, since the SFU began
	pending  bool
	asked    time.Duration // when the newest unanswered request was made
	sent     time.Duration
	due      time.Duration
	wait     time.Duration // until the next retry
	ever     bool
}

func (b *broker) ask() { b.wanted.Store(true) }

func (b *broker) arrived(at time.Duration) { b.newest.Store(int64(at)) }

// step says whether to send a request now, and when to step again; 0 is never.
func (b *broker) step(now time.Duration) (send bool, next time.Duration) {
	if b.wanted.Swap(false) {
		if !b.pending {
			b.wait = keyframeInterval
			b.due = now + keyframeCoalesce
			if b.ever {
				b.due = max(b.due, b.sent+keyframeInterval)
			}
		}
		b.pending, b.asked = true, now
	}
	if b.pending && time.Duration(b.newest.Load()) > b.asked {
		b.pending = false
	}
	if !b.pending {
		return false, 0
	}
	if now < b.due {
		return false, b.due
	}
	b.ever, b.sent = true, now
	b.due = now + b.wait
	b.wait = min(2*b.wait, keyframeBackoff)
	return true, b.due
}

// forget drops what was asked, of a source whose gate is closed.
func (b *broker) forget() {
	b.wanted.Store(false)
	b.pending = false
}
