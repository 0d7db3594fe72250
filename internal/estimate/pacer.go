package estimate

import "time"

// Pacer spreads bursts over time: a leaky bucket that takes some bytes at once
// and the rest at its rate. A rate of 0 holds nothing back. The zero value is ready.
type Pacer struct {
	rate  uint64 // bits a second
	burst time.Duration
	empty time.Duration // when all that was sent has leaked out
}

// Set changes the rate, at which what was sent leaks out from now on, and the
// bytes that may go at once.
func (p *Pacer) Set(rate uint64, burst int, now time.Duration) {
	if left := p.empty - now; left > 0 && rate > 0 {
		p.empty = now + time.Duration(float64(left)*float64(p.rate)/float64(rate))
	}
	p.rate = rate
	if rate > 0 {
		p.burst = p.time(burst)
	}
}

// Rate is bits a second; 0 is without limit.
func (p *Pacer) Rate() uint64 { return p.rate }

// Wait is how long nothing may be sent.
func (p *Pacer) Wait(now time.Duration) time.Duration {
	if p.rate == 0 {
		return 0
	}
	return max(p.empty-p.burst-now, 0)
}

// Send counts bytes that are sent now.
func (p *Pacer) Send(bytes int, now time.Duration) {
	if p.rate > 0 {
		p.empty = max(p.empty, now) + p.time(bytes)
	}
}

func (p *Pacer) time(bytes int) time.Duration {
	return time.Duration(uint64(bytes) * 8 * uint64(time.Second) / p.rate)
}
