package sfu

import (
	"time"

	"github.com/giaoban/giaoban/internal/estimate"
)

const (
	paceWeak  = 150                    // percent of what is given, on a line that has no more
	paceGood  = 400                    // and on one that has
	paceLeast = 4_000_000              // bits a second of a good line at least
	paceFloor = 50_000                 // bits a second of pictures at least
	paceTick  = 5 * time.Millisecond   // of sending at once, on a weak line
	paceRun   = 10                     // packets of it at most
	paceQueue = 250 * time.Millisecond // a picture that has waited longer is not begun
	paceCalm  = 10 * time.Second       // without a fall: the line is good again
	paceRoom  = 130                    // percent of what is given, that a good line takes
)

// pace sets the leaky bucket of pictures. On a line that takes what is given,
// and more, a frame goes at once, as one run; on a weak one a keyframe, or what
// still flows of a layer there is no room for any more, must not become a queue
// that sound has to wait in.
func (w *writer) pace(now time.Duration) {
	l := w.line
	s := l.share.Load()
	if s == nil {
		return
	}
	given := max(s.given, estimate.Least)
	weak := s.need > 0 || l.estimate.Budget()*100 < given*paceRoom || l.estimate.FellWithin(paceCalm, now)
	if !weak {
		l.pacer.Set(max(given*paceGood/100, paceLeast), burst*packetMax, now)
		return
	}
	room := max(l.estimate.Budget()-min(l.estimate.Budget(), l.sound.Rate(now)), paceFloor)
	rate := min(given*paceWeak/100, room)
	once := int(rate * uint64(paceTick) / uint64(time.Second) / 8)
	l.pacer.Set(rate, min(max(once, packetMax), paceRun*packetMax), now)
}

// blocked reports whether pictures have to wait for the pacer.
func (w *writer) blocked() bool { return w.line.pacer.Wait(w.now) > 0 }

// outdated reports whether a packet is of a picture that is left out because the
// line is behind. A picture is left out whole; after one that others need, all
// are until a keyframe.
func (s *slot) outdated(p *packet, now time.Duration) bool {
	if s.writer.line.pacer.Rate() == 0 || s.replay.from != nil {
		return false
	}
	if p.key && !p.late {
		s.thin = thinning{}
	}
	t := &s.thin
	if t.broken || t.dropping == p.ts+1 {
		return true
	}
	upper := p.vp8.TID>>6 > 0
	if !upper && p.vp8.Start {
		t.upper = false
	}
	if t.upper && upper {
		return true
	}
	if !p.vp8.Start || p.key || p.late || now-p.at <= paceQueue {
		return false
	}
	s.writer.peer.sfu.count.thinned.Add(1)
	s.count.thinned.Add(1)
	if upper {
		t.upper, t.dropping = true, p.ts+1
		return true
	}
	t.broken = true
	p.layer.askKeyframe()
	return true
}

// thinning is which pictures a slot leaves out.
type thinning struct {
	dropping uint64 // the timestamp of one, plus one
	upper    bool   // those of the upper temporal layers, until one of the lowest
	broken   bool   // all, until a keyframe
}
