package estimate

import (
	"testing"
	"time"
)

func TestAProbeThatWasTooMuchTakesNothingOfWhatHadCrossed(t *testing.T) {
	for _, tt := range []struct{ named, sent, want uint64 }{
		{487_000, 400_000, 684_000}, // 95 percent of the probe before
		{205_000, 400_000, 500_000}, // less than half: the line became smaller
		{15_000, 10_000, 684_000},   // hardly anything is sent by which to name more
	} {
		e, p := New(600_000, 0), Prober{}
		probes, probing := 0, false
		var harmed time.Duration
		for now := time.Duration(0); now < 10*sec && (harmed == 0 || now < harmed+2*sec); now += tick {
			p.Step(Line{Estimate: &e, Need: 700_000, Sent: max(tt.sent, p.Target(now)), Trip: 50 * ms}, now)
			if now%(100*ms) == 0 {
				e.Sent(tt.sent, 0, true, now)
				p.Reported()
			}
			if on := p.Target(now) > 0; on && !probing {
				probes++
			}
			if probing = p.Target(now) > 0; probing && probes == 2 && harmed == 0 && now > p.Began() {
				e.REMB(700_000, now)
				e.REMB(tt.named, now)
				harmed = now
			}
		}
		if e.Budget() != tt.want {
			t.Errorf("%d named: %d after %d probes, want %d", tt.named, e.Budget(), probes, tt.want)
		}
	}
}

// After a failure every probe that does no harm proves more than was known.
func TestAProbeBelowOneThatFailedProvesMore(t *testing.T) {
	for gap := uint64(100); gap < 200; gap++ {
		e, p := New(251_000, 0), Prober{failed: 251_000 * gap / 100}
		for now := time.Duration(0); e.Budget() == 251_000; now += tick {
			if now > 5*sec {
				t.Fatalf("after a failure at %d percent nothing more is proved", gap)
			}
			p.Step(Line{Estimate: &e, Need: 1_300_000, Sent: max(150_000, p.Target(now)), Trip: 50 * ms}, now)
			p.Reported()
		}
	}
}

// After a fall a receiver names more only slowly: what a probe has proved
// meanwhile is not lost because it still names less.
func TestAReceiverIsGivenTimeToLearnWhatWasProved(t *testing.T) {
	e := New(300_000, 0)
	e.REMB(285_000, 0)
	e.Proved(1_500_000, sec)
	for at := sec; at < 3*sec; at += 100 * ms {
		e.Sent(900_000, 0, true, at)
		e.REMB(285_000, at)
	}
	if e.Budget() != 1_500_000 {
		t.Errorf("%d two seconds after 1500000 crossed", e.Budget())
	}
	for at := 3 * sec; at < 9*sec; at += 100 * ms {
		e.Sent(900_000, 0, true, at)
		e.REMB(285_000, at)
	}
	if e.Budget() > credible {
		t.Errorf("%d though the receiver never names more than 285000", e.Budget())
	}
}

// After a failure it is tried half as far beyond what is known.
func TestAProbeThatFailedIsFollowedByOneHalfAsFar(t *testing.T) {
	e, p := New(1_000_000, 0), Prober{}
	line := func(sent uint64) Line { return Line{Estimate: &e, Need: 4_000_000, Sent: sent, Trip: 50 * ms} }
	p.Step(line(950_000), 0)
	first := p.Target(0)
	harmed := line(first)
	harmed.Queue = probeQueue + 10*ms
	p.Step(harmed, 200*ms)
	if p.Target(200*ms) != 0 {
		t.Fatal("a probe that fills the line goes on")
	}
	for now := 200 * ms; now < 10*sec; now += tick {
		p.Step(line(950_000), now)
		if target := p.Target(now); target > 0 {
			if want := 1_000_000 + (first-1_000_000)/2; target != want {
				t.Errorf("after %d was too much %d is tried, want %d", first, target, want)
			}
			return
		}
	}
	t.Error("no probe follows one that failed")
}
