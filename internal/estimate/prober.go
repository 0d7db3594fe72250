package estimate

import "time"

const (
	probeGentle = 20 // percent above the estimate, while it is not known to help
	probeBold   = 50 // after a success
	probeLasts  = 800 * time.Millisecond
	probeSettle = 250 * time.Millisecond // and a round trip: until its harm would be reported
	probeCalm   = 1500 * time.Millisecond
	probeBack   = 3 * time.Second // after a failure, half as much again after each
	probeMost   = 6 * time.Second // at most: a line that recovers is found
	probeSpare  = 30              // percent more than is needed is never probed for
	probeHarm   = 0.05            // more loss than before
	probeQueue  = 150 * time.Millisecond
	probeHeals  = time.Second // after a failure, and a round trip: until its queue is gone
	probeCloser = 20          // percent between what crossed and what did not, below which it is tried beyond: half of less proves nothing new
)

// Prober decides when to send padding to learn whether a line takes more than
// is known, and how much. It probes only for what is missing, gently first, and
// after a failure half as far. The zero value is ready.
type Prober struct {
	target  uint64 // bits a second, all traffic; 0 is no probe
	proved  uint64 // what the last that did no harm carried; 0 is nothing
	failed  uint64 // the target that was too much; 0 is none
	began   time.Duration
	loss    float64       // when it began,
	queue   time.Duration // and the queue
	over    time.Duration // when the last one, and the harm it did, was over
	heals   bool          // it has done some
	next    time.Duration
	back    time.Duration
	bold    bool
	reports int // that came since it should have been felt
	carried uint64
}

// Line is what a Prober looks at.
type Line struct {
	Estimate *Estimator
	Need     uint64        // bits a second that would give everything wanted; 0 when all is given
	Sent     uint64        // bits a second that go out now, padding included
	Trip     time.Duration // the round trip,
	Queue    time.Duration // and how much of it is waiting
}

// Target is how many bits a second all traffic and the padding should make
// now; 0 is no padding.
func (p *Prober) Target(now time.Duration) uint64 {
	if p.target == 0 || now-p.began >= probeLasts {
		return 0
	}
	return p.target
}

// Began is when the probe of Target began.
func (p *Prober) Began() time.Duration { return p.began }

// Step looks at the line; it is called many times a second.
func (p *Prober) Step(l Line, now time.Duration) {
	fell, ever := l.Estimate.Fell()
	if p.heals && now >= p.over {
		p.heals = false
		if !l.Estimate.Kept(p.proved, now) {
			p.proved = 0
		}
	}
	if p.target == 0 {
		if ever && fell > p.over { // less came to be too much without a probe
			p.proved = 0
		}
		p.begin(l, now)
		return
	}
	lasted := now - p.began
	if lasted < probeLasts {
		p.carried = max(p.carried, min(l.Sent, p.target))
	}
	switch {
	case ever && fell > p.began, l.Queue > p.queue+probeQueue && lasted > l.Trip, l.Estimate.Loss() > p.loss+probeHarm:
		p.end(false, now)
		p.heals, p.over = true, now+probeHeals+l.Trip
	case lasted >= probeLasts+l.Trip+probeSettle:
		if p.reports > 0 {
			p.proved = p.carried * 95 / 100
			l.Estimate.Proved(p.proved, now)
		}
		p.end(p.reports > 0, now)
	}
}

// Reported says that the receiver has sent a report.
func (p *Prober) Reported() { p.reports++ }

func (p *Prober) begin(l Line, now time.Duration) {
	if l.Need == 0 || l.Estimate.FellWithin(probeCalm, now) || now < p.next {
		return
	}
	more := uint64(probeGentle)
	if p.bold {
		more = probeBold
	}
	base := l.Estimate.Budget()
	target := min(base+base*more/100, l.Need+l.Need*probeSpare/100, l.Estimate.bound(Most))
	if p.failed < base+base*probeCloser/100 {
		p.failed = 0
	} else {
		target = min(target, base+(p.failed-base)/2)
	}
	if target <= base {
		return
	}
	p.target, p.began, p.loss, p.queue = target, now, l.Estimate.Loss(), l.Queue
	p.reports, p.carried = 0, 0
}

func (p *Prober) end(success bool, now time.Duration) {
	target := p.target
	p.target, p.bold, p.over = 0, success, now
	if success {
		p.back, p.next = 0, now
		return
	}
	p.failed = target
	p.back = min(max(p.back+p.back/2, probeBack), probeMost)
	p.next = now + p.back
}
