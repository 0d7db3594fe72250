package estimate

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const (
	sec = time.Second
	ms  = time.Millisecond
)

func TestTheEstimateBeginsWithWhatIsKnown(t *testing.T) {
	tests := []struct {
		name                string
		remembered, ceiling uint64
		want                uint64
	}{
		{"nothing is known", 0, 0, Start},
		{"it is remembered", 800_000, 0, 800_000},
		{"the operator's cap wins", 5_000_000, 2_000_000, 2_000_000},
		{"a cap below what sound takes is not one", 0, 1, Least},
		{"nonsense was remembered", 1, 0, Least},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := New(tt.remembered, tt.ceiling)
			if got := e.Budget(); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestREMBIsBelievedWhenItFallsAndOtherwiseTheLeast(t *testing.T) {
	e := New(0, 0)
	steps := []struct {
		at         time.Duration
		sent, remb uint64
		want       uint64
	}{
		{1 * sec, 150_000, 222_000, Start},         // it was sent no more: says nothing about more
		{2 * sec, 150_000, 230_000, Start},         //
		{3 * sec, 1_400_000, 2_000_000, 2_000_000}, // more is more
		{4 * sec, 1_400_000, 1_990_000, 2_000_000}, // about the same
		{5 * sec, 1_400_000, 900_000, 900_000},     // a fall is at once
		{6 * sec, 800_000, 920_000, 920_000},
	}
	for _, s := range steps {
		e.Sent(s.sent, 0, true, s.at)
		e.REMB(s.remb, s.at)
		if got := e.Budget(); got != s.want {
			t.Errorf("at %v: got %d, want %d", s.at, got, s.want)
		}
	}
	if fell, ever := e.Fell(); !ever || fell != 5*sec {
		t.Errorf("fell at %v, %v", fell, ever)
	}
}

func TestREMBThatDoesNotRiseUnderMoreTrafficIsTheLine(t *testing.T) {
	e := New(0, 0)
	for at := 200 * ms; at <= 3*sec; at += 200 * ms {
		e.Sent(1_200_000, 0, true, at)
		e.REMB(600_000, at)
	}
	if got := e.Budget(); got != 600_000 {
		t.Errorf("got %d, want 600000", got)
	}
}

// A machine that is busy reads late what came in time: its estimate falls again
// and again though nothing is lost and nothing waits.
func TestAReceiverOnABusyMachineKeepsItsSmallPictures(t *testing.T) {
	for _, tt := range []struct{ small, want uint64 }{{0, credible}, {900_000, 900_000}, {5_000_000, doubtMost}} {
		e := New(0, 0)
		e.Spare(tt.small)
		for at := 500 * ms; at < 60*sec; at += 500 * ms {
			rate := e.Budget() * 9 / 10
			e.Sent(rate, 0, true, at)
			e.REMB(rate*85/100, at)
			e.Report(0.01, 20*ms, at)
			if got := e.Budget(); got < tt.want {
				t.Fatalf("pictures that take %d at their smallest: %d after %v, want %d", tt.small, got, at, tt.want)
			}
		}
		if got := e.Budget(); got != tt.want {
			t.Errorf("pictures that take %d at their smallest: %d, want %d: above it REMB is believed", tt.small, got, tt.want)
		}
	}
}

func TestAReceiverIsBelievedWhenHarmBearsItOut(t *testing.T) {
	for _, tt := range []struct {
		name   string
		lost   float64
		queue  time.Duration
		before bool // the harm is seen before the receiver's estimate falls
		want   uint64
	}{
		{"loss, then the fall", 0.09, 0, true, 200_000},
		{"the fall, then loss", 0.09, 0, false, 200_000},
		{"a queue, then the fall", 0, 120 * ms, true, 200_000},
		{"the fall, then a queue", 0, 120 * ms, false, 200_000},
		{"a little of both", 0.04, 80 * ms, true, credible},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := New(600_000, 0)
			e.Sent(550_000, 0, true, sec)
			e.REMB(600_000, sec)
			if tt.before {
				e.Report(tt.lost, tt.queue, sec)
			}
			e.REMB(200_000, 2*sec)
			if !tt.before {
				if got := e.Budget(); got != credible {
					t.Errorf("before the harm is seen: %d", got)
				}
				e.Report(tt.lost, tt.queue, 3*sec)
			}
			if got := e.Budget(); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
			if e.REMB(150_000, 8*sec); tt.want < credible && e.Budget() != 150_000 {
				t.Errorf("a line that has been found that small: %d, want 150000", e.Budget())
			}
		})
	}
}

// A queue that is full loses packets, and is so for longer than a trial lasts:
// what was too much for it is not sent again.
func TestAFullQueueIsNotFilledAgain(t *testing.T) {
	e := New(2_000_000, 0)
	for at := sec; at < 6*sec; at += 500 * ms {
		e.Sent(e.Budget(), 0, true, at)
		e.Report(0.2, 300*ms, at)
		if got := e.Budget(); at > 2*sec && got > 1_500_000 {
			t.Fatalf("%v: %d again, of 1600000 that arrived", at, got)
		}
	}
}

// A queue that stays full in spite of the first fall is given less again.
func TestAFullQueueIsNotBorne(t *testing.T) {
	e := New(2_000_000, 0)
	for at := sec; at < 8*sec; at += 500 * ms {
		e.Sent(e.Budget(), 0, true, at)
		e.Report(0.2, 300*ms, at)
	}
	if got := e.Budget(); got > 1_000_000 {
		t.Errorf("%d after 7 s of a full queue", got)
	}
}

// A round trip that becomes longer is no queue: it stays when less is sent.
func TestALongerRoundTripIsBorne(t *testing.T) {
	e := New(1_000_000, 0)
	for at := sec; at < 50*sec; at += 500 * ms {
		e.Sent(e.Budget()/3, 0, true, at)
		e.Report(0.06, 250*ms, at)
	}
	if got := e.Budget(); got != 1_000_000 {
		t.Errorf("%d, want what it was", got)
	}
	var p Prober
	p.Step(Line{Estimate: &e, Need: 2_000_000, Sent: 900_000, Queue: 250 * ms}, 50*sec)
	p.Step(Line{Estimate: &e, Need: 2_000_000, Sent: 900_000, Queue: 250 * ms}, 50*sec+500*ms)
	if p.Target(50*sec+500*ms) == 0 {
		t.Error("a probe was given up though nothing has become worse")
	}
}

func TestREMBThatRisesUnderMoreTrafficIsNot(t *testing.T) {
	e := New(0, 0)
	remb := uint64(300_000)
	for at := 200 * ms; at <= 5*sec; at += 200 * ms {
		e.Sent(1_200_000, 0, true, at)
		e.REMB(remb, at)
		remb += remb * 16 / 1000 // 8 % a second
	}
	if got := e.Budget(); got != Start {
		t.Errorf("got %d, want %d", got, uint64(Start))
	}
}

func TestWithoutREMBLossAndDelayDecide(t *testing.T) {
	at := time.Duration(0)
	run := func(e *Estimator, seconds int, lost float64, queue time.Duration) uint64 {
		for range seconds {
			at += sec
			e.Sent(e.Budget(), 0, true, at)
			e.Report(lost, queue, at)
		}
		return e.Budget()
	}
	e := New(1_000_000, 0)
	if got := run(&e, 5, 0, 0); got < 1_400_000 || got > 1_500_000 {
		t.Errorf("after five good seconds %d, want 8 %% a second more than 1000000", got)
	}
	grown := e.Budget()
	if got := run(&e, 5, 0.05, 0); got != grown {
		t.Errorf("at 5 %% loss %d, want %d held", got, grown)
	}
	if got := run(&e, 1, 0, 300*ms); got != grown*85/100 {
		t.Errorf("with a queue %d, want %d", got, grown*85/100)
	}
	if got := run(&e, 1, 0, 300*ms); got != grown*85/100 {
		t.Errorf("while the queue empties %d, want %d", got, grown*85/100)
	}
}

func TestLossThatLessTrafficCuresIsAFullLine(t *testing.T) {
	e := New(1_000_000, 0)
	for at := sec; at < 30*sec; at += sec {
		lost := 0.0
		if e.Budget() > 600_000 {
			lost = 1 - 600_000/float64(e.Budget())
		}
		e.Sent(e.Budget(), 0, true, at)
		e.REMB(900_000, at) // which knows nothing of it
		e.Report(lost, 0, at)
	}
	if got := e.Budget(); got > 700_000 || got < 400_000 {
		t.Errorf("got %d on a line of 600000", got)
	}
}

func TestLossThatLessTrafficDoesNotCureIsBorne(t *testing.T) {
	e := New(1_000_000, 0)
	low := 0
	for at := sec; at < 90*sec; at += sec {
		e.Sent(e.Budget()/2, 0, true, at)
		e.Report(0.2, 0, at)
		if e.Budget() < 1_000_000 {
			low++
		}
	}
	if got := e.Budget(); got != 1_000_000 || low == 0 || low > 12 {
		t.Errorf("got %d after 90 s at 20 %% loss, %d of them below", got, low)
	}
}

func TestWhoNeverReportsIsNotJudged(t *testing.T) {
	e := New(0, 8_000_000)
	for at := sec; at < 4*sec; at += sec {
		if e.Sent(100_000, 0, true, at); e.Budget() != Start {
			t.Errorf("at %v: %d", at, e.Budget())
		}
	}
	if e.Sent(100_000, 0, true, 4*sec); e.Budget() != 8_000_000 {
		t.Errorf("after three silent seconds %d, want all the operator allows", e.Budget())
	}
	if e.Heard(); e.Budget() != Start {
		t.Errorf("after the first report %d", e.Budget())
	}
	if e.Sent(100_000, 0, true, 20*sec); e.Budget() != Start {
		t.Errorf("after a report long ago %d", e.Budget())
	}
}

func TestAnIdleLineIsWhatItWas(t *testing.T) {
	e := New(900_000, 0)
	e.REMB(500_000, sec)
	e.Sent(400_000, 0, true, sec)
	e.Report(0.3, 0, 2*sec)
	e.REMB(200_000, 2*sec)
	for at := 3 * sec; at < 7*sec; at += sec {
		e.Sent(30_000, 0, false, at)
	}
	if got := e.Budget(); got != 200_000 {
		t.Errorf("idle for four seconds: %d", got)
	}
	e.Sent(30_000, 0, false, 8*sec)
	if got := e.Budget(); got != 900_000 {
		t.Errorf("idle for five seconds: %d, want what was remembered", got)
	}
}

// A line so narrow that it has room for no picture is not one that is idle:
// what is known of it is why none is sent.
func TestALineWithRoomForNoPictureStaysWhatItIs(t *testing.T) {
	e := New(0, 0)
	e.Sent(400_000, 0, true, sec)
	e.Report(0.3, 0, sec)
	e.REMB(1_000_000, sec)
	e.REMB(120_000, 2*sec)
	e.Waits(true)
	for at := 3 * sec; at < 30*sec; at += sec {
		e.Sent(80_000, 0, false, at)
	}
	if got := e.Budget(); got != 120_000 {
		t.Errorf("%d, want 120000", got)
	}
}

// Whatever is reported, the estimate stays in its bounds.
func TestTheEstimateKeepsItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ceiling := rapid.Uint64Range(0, 20_000_000).Draw(t, "ceiling")
		e := New(rapid.Uint64().Draw(t, "remembered"), ceiling)
		var p Prober
		now := time.Duration(0)
		for range rapid.IntRange(1, 100).Draw(t, "events") {
			now += time.Duration(rapid.IntRange(0, 4000).Draw(t, "ms")) * ms
			bps := rapid.Uint64().Draw(t, "bps")
			switch rapid.IntRange(0, 3).Draw(t, "event") {
			case 0:
				e.REMB(bps, now)
			case 1:
				e.Report(rapid.Float64Range(0, 1).Draw(t, "lost"), time.Duration(rapid.IntRange(0, 1000).Draw(t, "queue"))*ms, now)
				p.Reported()
			case 2:
				e.Sent(bps%30_000_000, bps%100_000, rapid.Bool().Draw(t, "pictures"), now)
			case 3:
				p.Step(Line{Estimate: &e, Need: bps % 10_000_000, Sent: e.sent}, now)
			}
			if got := e.Budget(); got < Least || ceiling > Least && got > ceiling {
				t.Fatalf("%d, of a line of at most %d", got, ceiling)
			}
			if got := p.Target(now); got > 0 && ceiling > Least && got > ceiling {
				t.Fatalf("a probe of %d, of a line of at most %d", got, ceiling)
			}
		}
	})
}

// Browsers estimate pictures alone: what the line takes is that and the sound.
func TestSoundIsNotAmongWhatREMBNames(t *testing.T) {
	e := New(600_000, 0)
	for at := time.Duration(0); at < 10*sec; at += 100 * ms {
		e.Sent(250_000, 80_000, true, at)
		e.REMB(200_000, at)
		e.Report(0, 0, at)
	}
	if got := e.Budget(); got != 600_000 {
		t.Errorf("%d: 170000 of pictures are less than the 200000 named", got)
	}
	e.REMB(170_000, 10*sec)
	if e.Report(0.5, 0, 10*sec); e.Budget() != 250_000 {
		t.Errorf("%d, want what is named now and the sound", e.Budget())
	}
}

// At its least an estimate does not fall again and again: nothing would ever be
// probed there.
func TestAnEstimateThatCannotFallDoesNot(t *testing.T) {
	e := New(Least, 0)
	for at := time.Duration(0); at < 10*sec; at += 100 * ms {
		e.Sent(90_000, 20_000, true, at)
		e.REMB(30_000, at)
	}
	if at, fell := e.Fell(); fell {
		t.Errorf("it fell at %v", at)
	}
}

// A receiver that names less than is believed is followed when harm bears it
// out, and not what was lost in that moment, which may be nearly everything.
func TestHarmBearsOutWhatIsNamed(t *testing.T) {
	e := New(700_000, 0)
	e.Sent(500_000, 50_000, true, sec)
	e.REMB(700_000, sec)
	e.REMB(205_000, 2*sec)
	if e.Budget() != credible {
		t.Fatalf("%d before any harm, want %d", e.Budget(), credible)
	}
	if e.Report(1, 0, 2*sec+100*ms); e.Budget() != 255_000 {
		t.Errorf("%d, want the 205000 named and the sound", e.Budget())
	}
}
