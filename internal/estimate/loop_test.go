package estimate

import (
	"testing"
	"time"
)

// model is a line with a queue and, at its end, a receiver that estimates as
// browsers do: of pictures alone, it grows by 8 % a second, knows nothing beyond
// one and a half times what arrives, and falls to 85 % of that when its queue
// grows.
type model struct {
	capacity  uint64
	trip      time.Duration
	queue     float64 // bits
	arrived   Meter
	delays    [20]time.Duration // of the queue, the last 200 ms
	remb      float64
	told      time.Duration
	mail      []letter
	fellUntil time.Duration
	lost      float64 // bits, since the last report
	offered   float64
}

type letter struct {
	at  time.Duration
	bps uint64
}

const (
	voice = 50_000 // bits a second, of sound
	small = 95_000 // of a picture at its smallest
	tick  = 10 * ms
	each  = 40 * sec // how long the line stays as it is
)

func (m *model) delay() time.Duration {
	return time.Duration(m.queue / float64(m.capacity) * float64(sec))
}

// step carries what is sent in one tick, and gives what the receiver says.
func (m *model) step(rate uint64, now time.Duration) (remb []uint64) {
	offered := float64(rate) * tick.Seconds()
	out := min(m.queue+offered, float64(m.capacity)*tick.Seconds())
	rest := m.queue + offered - out
	m.queue = min(rest, float64(m.capacity)*0.2) // 200 ms, the rest is lost
	m.lost, m.offered = m.lost+rest-m.queue, m.offered+offered
	m.arrived.Add(int(out*(1-voice/float64(rate))/8), now)
	copy(m.delays[1:], m.delays[:])
	m.delays[0] = m.delay()
	got := float64(m.arrived.Rate(now))
	grown := m.delays[0]-m.delays[len(m.delays)-1] > 15*ms
	fall := grown && now > m.fellUntil
	switch {
	case fall:
		m.remb, m.fellUntil = min(m.remb, 0.85*got), now+200*ms
	case m.delays[0] > 60*ms: // wait for it to drain
	case m.remb < 1.5*got+10_000:
		m.remb = min(m.remb*(1+0.08*tick.Seconds()), 1.5*got+10_000)
	}
	if fall || now-m.told >= sec {
		m.told = now
		m.mail = append(m.mail, letter{now + m.trip/2, uint64(m.remb)})
	}
	for len(m.mail) > 0 && m.mail[0].at <= now {
		remb = append(remb, m.mail[0].bps)
		m.mail = m.mail[1:]
	}
	return remb
}

// fits is what is sent within a budget: sound, four pictures at their smallest,
// then each at its size, which is want together.
func fits(budget, want uint64) uint64 {
	sent := uint64(voice)
	for range 4 {
		if sent+small <= budget {
			sent += small
		}
	}
	more := (want - voice - 4*small) / 4
	for range 4 {
		if sent >= voice+4*small && (sent+more)*115/100 <= budget {
			sent += more
		}
	}
	return sent
}

// follow sends as much of what is wanted as the estimate allows over a line
// whose capacity changes, and tells how the queue was and when the budget first
// came to a bound after each change.
func follow(trip time.Duration, steps []uint64, want uint64, seen func(step int, since time.Duration, e *Estimator, m *model)) {
	e, p := New(0, 0), Prober{}
	m := &model{capacity: steps[0], trip: trip, remb: 300_000}
	var sent Meter
	for now := time.Duration(0); now < each*time.Duration(len(steps)); now += tick {
		step := int(now / each)
		m.capacity = steps[step]
		rate := fits(e.Budget(), want)
		need := uint64(0)
		if e.Budget() < want*115/100 {
			need = want
		}
		rate = max(rate, p.Target(now))
		sent.Add(int(rate*uint64(tick)/uint64(sec)/8), now)
		for _, bps := range m.step(rate, now) {
			e.REMB(bps, now)
			p.Reported()
		}
		e.Sent(sent.Rate(now), voice, true, now)
		e.Spare(voice + 4*small)
		if now%(500*ms) == 0 {
			e.Report(m.lost/max(m.offered, 1), m.delay(), now)
			m.lost, m.offered = 0, 0
		}
		p.Step(Line{Estimate: &e, Need: need, Sent: sent.Rate(now), Trip: trip, Queue: m.delay()}, now)
		seen(step, now-each*time.Duration(step), &e, m)
	}
}

func TestTheEstimateFollowsTheLine(t *testing.T) {
	const want = 1_800_000
	steps := []uint64{4_000_000, 1_000_000, 300_000, 4_000_000}
	for _, trip := range []time.Duration{50 * ms, 150 * ms, 300 * ms} {
		t.Run(trip.String(), func(t *testing.T) {
			var settled [4]time.Duration
			var queued [4]time.Duration // in all
			var paused [4]time.Duration // without a picture
			var used [4]float64         // bits
			follow(trip, steps, want, func(step int, since time.Duration, e *Estimator, m *model) {
				if m.delay() > 100*ms {
					queued[step] += tick
				}
				if since > 5*sec && e.Budget() < voice+small {
					paused[step] += tick
				}
				used[step] += float64(min(e.Budget(), m.capacity)) * tick.Seconds()
				up := step == 0 || step == 3
				if up && settled[step] == 0 && e.Budget() >= want*115/100 {
					settled[step] = since
				}
				if !up && e.Budget() > steps[step]*120/100 {
					settled[step] = since + tick // the last moment of too much
				}
			})
			if settled[1] > 3*sec || settled[2] > 3*sec {
				t.Errorf("down after %v and %v, want 3 s", settled[1], settled[2])
			}
			for _, step := range []int{0, 3} {
				if settled[step] == 0 || settled[step] > 16*sec {
					t.Errorf("up in step %d after %v, want 16 s", step, settled[step])
				}
			}
			for step, d := range queued {
				if d > 4*sec { // of forty
					t.Errorf("step %d: a queue above 100 ms for %v", step, d)
				}
			}
			for step, capacity := range steps {
				if used := used[step] / each.Seconds() / float64(min(capacity, want)); used < 0.7 {
					t.Errorf("step %d: %.0f %% of the line is used", step, 100*used)
				}
				if paused[step] > 0 {
					t.Errorf("step %d: no picture for %v", step, paused[step])
				}
			}
			t.Logf("settled %v, queued %v, paused %v, used %.0f", settled, queued, paused, used)
		})
	}
}

// A line that gives all that is wanted is sent no padding.
func TestNothingIsProbedWhenNothingIsMissing(t *testing.T) {
	e, p := New(2_000_000, 0), Prober{}
	for now := time.Duration(0); now < 30*sec; now += tick {
		p.Step(Line{Estimate: &e, Sent: 500_000}, now)
		if p.Target(now) != 0 {
			t.Fatalf("a probe at %v", now)
		}
	}
}

func TestAProbeThatHurtsEndsAndTheNextOnesAreRarer(t *testing.T) {
	e, p := New(500_000, 0), Prober{}
	var began []time.Duration
	probing := false
	for now := time.Duration(0); now < 60*sec; now += tick {
		p.Step(Line{Estimate: &e, Need: 2_000_000, Sent: max(480_000, p.Target(now)), Trip: 50 * ms}, now)
		if on := p.Target(now) > 0; on != probing {
			if probing = on; on {
				began = append(began, now)
				e.REMB(510_000, now)
			}
		}
		if len(began) > 0 && now == began[len(began)-1]+200*ms {
			e.REMB(450_000, now) // overuse
			if p.Step(Line{Estimate: &e, Need: 2_000_000, Sent: 500_000}, now); p.Target(now) != 0 {
				t.Fatal("the probe goes on after the receiver said that the line is full")
			}
		}
	}
	for i := 2; i < len(began); i++ {
		if gap := began[i] - began[i-1]; gap < probeBack || gap > probeMost+sec || gap < began[i-1]-began[i-2]-sec {
			t.Errorf("probes at %v", began)
			break
		}
	}
	if len(began) < 5 || e.Budget() > 510_000 {
		t.Errorf("%d probes, estimate %d", len(began), e.Budget())
	}
}

func TestAProbeNobodyReportsOnProvesNothing(t *testing.T) {
	e, p := New(500_000, 0), Prober{}
	for now := time.Duration(0); now < 10*sec; now += tick {
		p.Step(Line{Estimate: &e, Need: 2_000_000, Sent: max(480_000, p.Target(now))}, now)
	}
	if e.Budget() != 500_000 {
		t.Errorf("the estimate rose to %d", e.Budget())
	}
}
