package estimate

import (
	"testing"
	"time"
)

func TestTheMeterCountsTheLastHalfSecond(t *testing.T) {
	var m Meter
	for at := time.Duration(0); at < 2*sec; at += 10 * ms {
		m.Add(1250, at)
	}
	if got := m.Rate(2 * sec); got < 900_000 || got > 1_000_000 {
		t.Errorf("got %d, want about 1000000", got)
	}
	if got := m.Rate(2*sec + 300*ms); got < 250_000 || got > 500_000 {
		t.Errorf("300 ms later %d", got)
	}
	if got := m.Rate(10 * sec); got != 0 {
		t.Errorf("later %d", got)
	}
}

func TestThePacerLetsABurstPastAndThenItsRate(t *testing.T) {
	var p Pacer
	p.Send(1_000_000, 0)
	if p.Wait(0) != 0 {
		t.Error("without a rate it holds something back")
	}
	p.Set(800_000, 2000, 0) // 20 ms of burst, 10 ms a kilobyte
	now, sent := time.Duration(0), 0
	for now < sec {
		if w := p.Wait(now); w > 0 {
			now += w
			continue
		}
		p.Send(1000, now)
		sent += 1000
	}
	if sent < 100_000 || sent > 104_000 {
		t.Errorf("%d bytes in a second, want 100000 and the burst", sent)
	}
	if w := p.Wait(now + sec); w != 0 {
		t.Errorf("after a rest it waits %v", w)
	}
}

func TestWhatWasSentLeaksOutAtTheRateOfNow(t *testing.T) {
	var p Pacer
	p.Set(80_000, 0, 0)
	p.Send(10_000, 0) // a second at this rate
	p.Set(800_000, 0, 500*ms)
	if w := p.Wait(500 * ms); w != 50*ms {
		t.Errorf("half of it, at ten times the rate, waits %v, want 50 ms", w)
	}
}
