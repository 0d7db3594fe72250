package estimate

import "time"

// verdict is what a lossJudge finds.
type verdict uint8

const (
	lossFine    verdict = iota
	lossTry             // send less, to see whether that helps
	lossRestore         // it did not: the line loses whatever is sent
)

// lossJudge tells a full line, which loses less when less is sent, from a bad
// one, which does not: it tries.
type lossJudge struct {
	average float64 // of the share lost
	seen    bool
	before  uint64  // the estimate before the trial,
	harm    float64 // and the loss
	trial   time.Duration
	trying  bool
	borne   float64 // loss that less traffic did not cure,
	until   time.Duration
}

// judge takes the share lost since the last report.
func (l *lossJudge) judge(lost float64, value uint64, now time.Duration) verdict {
	if !l.seen {
		l.average, l.seen = lost, true
	}
	l.average += (lost - l.average) / 2
	if l.trying {
		if now-l.trial < lossWait {
			return lossFine
		}
		l.trying = false
		switch {
		case l.average < l.harm*6/10:
			return lossFine // it helped: what is lost now is judged anew
		case l.average <= l.harm*5/4+0.02:
			l.borne, l.until = max(l.harm, l.average)+0.05, now+lossBear
			return lossRestore
		} // worse: the line has become smaller meanwhile
	}
	if l.average <= lossHigh || now < l.until && l.average <= l.borne {
		return lossFine
	}
	l.trying, l.trial, l.before, l.harm = true, now, value, l.average
	return lossTry
}

// Loss is the share of packets the line loses, averaged.
func (e *Estimator) Loss() float64 { return e.loss.average }
