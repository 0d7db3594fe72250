package estimate

import "time"

const (
	lossLow  = 0.02
	lossHigh = 0.10
	lossWait = 1200 * time.Millisecond // until less traffic would have helped

	// A queue so long is too much; with loss beside it less is.
	queueHigh = 200 * time.Millisecond
	queueLoss = 100 * time.Millisecond
	lossFull  = 0.05
	queueWait = 1500 * time.Millisecond // until less traffic has emptied it, and reports say so

	bearFor   = time.Minute // what less traffic did not cure
	bearLoss  = 0.05        // more than it was,
	bearQueue = 50 * time.Millisecond
)

// verdict is what a trial finds.
type verdict uint8

const (
	fine    verdict = iota
	tryLoss         // send less, to see whether less is lost
	tryWait         // send less, to see whether the queue empties
	restore         // it did not help: the line does so whatever is sent
)

// harm is what a line does to what is sent.
type harm struct {
	loss  float64 // averaged share
	queue time.Duration
}

// trial tells a full line, which harms less when less is sent, from one that is
// bad, has become longer or ends at a busy machine: it tries.
type trial struct {
	now    harm
	seen   bool
	before uint64 // the estimate before the trial,
	was    harm   // and the harm
	began  time.Duration
	trying verdict // fine is not
	borne  harm    // that less traffic did not cure,
	until  time.Duration
}

// judge takes the share lost since the last report and the queue.
func (t *trial) judge(lost float64, queue time.Duration, value uint64, now time.Duration) verdict {
	if !t.seen {
		t.now.loss, t.seen = lost, true
	}
	t.now.loss += (lost - t.now.loss) / 2
	t.now.queue = queue
	if t.trying != fine {
		return t.end(now)
	}
	over := t.over(lost, now)
	if over != fine {
		t.trying, t.began, t.before, t.was = over, now, value, t.now
	}
	return over
}

// over says what of the harm is more than is borne.
func (t *trial) over(lost float64, now time.Duration) verdict {
	beyond := t.beyond(now)
	switch {
	case beyond.queue > queueHigh, beyond.queue > queueLoss && lost > lossFull:
		return tryWait
	case t.now.loss > lossHigh && beyond.loss > 0:
		return tryLoss
	}
	return fine
}

// beyond is the harm beyond what is borne.
func (t *trial) beyond(now time.Duration) harm {
	if now >= t.until {
		return t.now
	}
	return harm{max(t.now.loss-t.borne.loss, 0), max(t.now.queue-t.borne.queue, 0)}
}

// end judges a trial when less traffic would have helped.
func (t *trial) end(now time.Duration) verdict {
	waited, wait := t.trying == tryWait, lossWait
	if waited {
		wait = queueWait
	}
	if now-t.began < wait {
		return fine
	}
	t.trying = fine
	switch {
	case t.now.loss < t.was.loss*6/10 && !waited, waited && t.now.queue < t.was.queue*6/10:
		return fine // it helped: what harms now is judged anew
	case t.now.loss > t.was.loss*5/4+lossLow, t.now.queue > t.was.queue*5/4+bearQueue:
		return fine // worse: the line has become smaller meanwhile
	case waited && max(t.was.loss, t.now.loss) > lossHigh:
		return fine // a full queue, which may empty slower than this: not borne
	}
	t.borne = harm{max(t.was.loss, t.now.loss) + bearLoss, max(t.was.queue, t.now.queue) + bearQueue}
	t.until = now + bearFor
	return restore
}

// Loss is the share of packets the line loses, averaged.
func (e *Estimator) Loss() float64 { return e.trial.now.loss }
