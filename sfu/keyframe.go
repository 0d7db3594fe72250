package sfu

import (
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
)

const (
	keyframeCoalesce = 50 * time.Millisecond  // requests within it are one
	keyframeInterval = 500 * time.Millisecond // between two requests to a publisher
	keyframeBackoff  = 3 * time.Second        // between retries to one that does not answer
	keyframeApart    = 3 * time.Second        // at most, however dear a keyframe is: until then the last is replayed
	keyframeShare    = 15                     // percent of a layer's bytes that requested keyframes may take
)

// broker turns the keyframe requests of all who watch a source into few to the
// one that publishes it: coalesced, spaced, and repeated until one arrives.
// ask and arrived may be called by anybody; step belongs to the minder.
type broker struct {
	requests atomic.Uint64 // sent to the publisher
	spacing  atomic.Int64  // between two, so that keyframes keep to their share
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
	if b.pending && time.Duration(b.newest.Load()) > b.asked {
		b.pending = false // before a new request, which would go on with the old one's patience
	}
	if b.wanted.Swap(false) {
		if !b.pending {
			b.wait = keyframeInterval
			b.due = now + keyframeCoalesce
			if b.ever {
				b.due = max(b.due, b.sent+max(keyframeInterval, time.Duration(b.spacing.Load())))
			}
		}
		b.pending, b.asked = true, now
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

// pictureLoss is a request for a keyframe (RFC 4585 §6.3.1).
func pictureLoss(ssrc uint32) rtcp.Packet { return &rtcp.PictureLossIndication{MediaSSRC: ssrc} }

// meter measures a layer: its rate, and what its keyframes cost. It belongs to
// the layer's stream.
type meter struct {
	since time.Duration // the second being measured began
	bytes uint64        // in it
	inKey bool          // within a keyframe,
	key   uint64        // of so many bytes so far
}

// measure counts a packet. What keyframes cost spaces the requests for them,
// never beyond keyframeApart: a receiver without a picture is worse.
func (m *meter) measure(l *layer, p *packet) {
	if spent := p.at - m.since; spent >= time.Second {
		l.rate.Store(m.bytes * 8 * uint64(time.Second) / uint64(spent))
		m.since, m.bytes = p.at, 0
	}
	m.bytes += uint64(len(p.payload))
	if p.key && !m.inKey {
		m.inKey, m.key = true, 0
	}
	if !m.inKey {
		return
	}
	m.key += uint64(len(p.payload))
	if p.marker && !p.late {
		m.inKey = false
		if rate := l.rate.Load(); rate > 0 {
			spacing := time.Duration(m.key * 8 * 100 * uint64(time.Second) / (rate * keyframeShare))
			l.keys.spacing.Store(int64(min(spacing, keyframeApart)))
		}
	}
}

// forget drops what was asked, of a source whose gate is closed.
func (b *broker) forget() {
	b.wanted.Store(false)
	b.pending = false
}
