package estimate

import "time"

// Bounds of an estimate, bits a second.
const (
	Least = 64_000        // sound must flow whatever the reports say
	Most  = 1_000_000_000 // no report says more
	Start = 2_000_000     // of a line nobody knows
)

const (
	rembSilence = 3 * time.Second // without REMB, loss and delay decide alone
	stuckAfter  = time.Second     // REMB that does not rise under more traffic than it names
	learnsFor   = 5 * time.Second // a receiver, what has crossed unharmed
	idleAfter   = 5 * time.Second // without pictures: what was known is worth little
	growEvery   = time.Second
	limitAbove  = 12 // percent above what was fallen to

	credible  = 500_000 // bits a second, below which REMB alone is not believed,
	doubtMost = 1_500_000
	harmLasts = 3 * time.Second // how long harm that was seen bears REMB out
)

// Estimator is the estimate of one line. Where the receiver estimates (REMB),
// its fall is believed at once, and what it names, with the sound that browsers
// leave out of it, is the least the line takes: it knows nothing above one and a
// half times what it was sent. A receiver on a busy machine reads late what came
// in time and takes that for a queue; so a fall below what the smallest pictures
// take must be borne out by loss or a queue seen from here. The zero value is not
// ready; New gives one.
type Estimator struct {
	start, ceiling uint64
	value          uint64
	limit          uint64 // what was too much, which REMB alone does not lift; 0 is nothing
	sent           uint64 // bits a second that go out now,
	sound          uint64 // and what of it is sound

	remb     uint64 // of pictures alone
	rembAt   time.Duration
	rembEver bool
	mark     uint64        // REMB when it last rose,
	roseAt   time.Duration // and when that was
	provedAt time.Duration // when so much last crossed unharmed,
	proved   bool          // if ever
	overAt   time.Duration // since when more is sent than REMB names; negative is not

	fellAt  time.Duration // the last time the line was found smaller
	fell    bool
	grownAt time.Duration
	idleAt  time.Duration // since when no picture is sent; negative is not
	waits   bool          // a picture is wanted that there is no room for
	trial   trial

	least  uint64        // what REMB alone does not take,
	doubt  bool          // it has named less
	harmed bool          // loss or a queue was seen,
	harmAt time.Duration // and when

	heard    bool          // the receiver has reported something
	silentAt time.Duration // since when a picture is sent and nothing heard; negative is not
	blind    bool          // so long that nothing is judged
}

// New gives an estimator that begins with what is remembered of the line, 0 if
// nothing, and never exceeds a ceiling, 0 if there is none; bits a second.
func New(remembered, ceiling uint64) Estimator {
	e := Estimator{ceiling: ceiling, overAt: -1, idleAt: -1, silentAt: -1, least: credible}
	e.start = e.bound(Start)
	if remembered > 0 {
		e.start = e.bound(remembered)
	}
	e.value = e.start
	return e
}

func (e *Estimator) bound(bps uint64) uint64 {
	most := uint64(Most)
	if e.ceiling > 0 {
		most = max(Least, e.ceiling)
	}
	return min(max(bps, Least), most)
}

// Budget is what may be sent, bits a second.
func (e *Estimator) Budget() uint64 { return e.value }

// Known is what the line has been found to take, bits a second; false while
// nothing has been found yet, or nothing is sent that would show it.
func (e *Estimator) Known() (uint64, bool) {
	return e.value, e.heard && !e.blind && e.idleAt < 0 && (e.fell || e.value != e.start)
}

// Fell is when the line was last found smaller than it was thought, false if never.
func (e *Estimator) Fell() (time.Duration, bool) { return e.fellAt, e.fell }

// FellWithin reports whether the line was found smaller in the time before now.
func (e *Estimator) FellWithin(d, now time.Duration) bool { return e.fell && now-e.fellAt < d }

// Sent says how many bits a second go out now, everything counted, how many of
// them are sound, and whether a picture is among it.
func (e *Estimator) Sent(bps, sound uint64, pictures bool, now time.Duration) {
	e.sent, e.sound = bps, sound
	switch {
	case pictures || e.waits:
		e.idleAt = -1
	case e.idleAt < 0:
		e.idleAt = now
	case now-e.idleAt >= idleAfter && e.value < e.start:
		e.value, e.idleAt = e.start, now
	}
	e.watch(now)
	if e.heard || !pictures || e.blind {
		return
	}
	if e.silentAt < 0 {
		e.silentAt = now
	}
	if now-e.silentAt >= rembSilence { // no browser: who never reports is not held back by guesses
		e.blind, e.value = true, e.bound(Most)
	}
}

// Heard says that the receiver has reported, whatever it was.
func (e *Estimator) Heard() {
	if e.blind {
		e.blind, e.value = false, e.start
	}
	e.heard = true
}

// Proved says that so many bits a second crossed the line unharmed. If they are
// many more than had been too much, it is another line now.
func (e *Estimator) Proved(bps uint64, now time.Duration) {
	e.value = max(e.value, e.bound(bps))
	e.provedAt, e.proved = now, true
	switch {
	case bps >= e.limit*5/4:
		e.limit = 0
	case bps >= e.limit:
		e.limit = above(bps)
	}
}

// Kept says what had crossed the line before a probe that was too much, bits a
// second, and is told whether it still does. It does not if harm is seen from
// here, or the receiver names less than half of it and less than it is sent: the
// line became smaller meanwhile. One that is sent less than it names knows no more.
func (e *Estimator) Kept(bps uint64, now time.Duration) bool {
	smaller := e.Reported(now) && e.named() < min(bps/2, e.sent)
	if smaller || e.trial.trying != fine || e.harmed && now-e.harmAt < harmLasts {
		return false
	}
	e.value = max(e.value, e.bound(bps))
	return true
}

// Spare says what all pictures take at their smallest, bits a second: a
// receiver's estimate alone pauses none of them.
func (e *Estimator) Spare(bps uint64) { e.least = min(max(bps, credible), doubtMost) }

// Waits says whether a picture is wanted that there is no room for: without it
// a line that carries none is idle, and what was known of it is worth little.
func (e *Estimator) Waits(yes bool) { e.waits = yes }

// REMB takes the receiver's estimate.
func (e *Estimator) REMB(bps uint64, now time.Duration) {
	e.Heard()
	bps = min(bps, Most)
	fallen := e.rembEver && bps < e.remb-e.remb*3/100
	if !e.rembEver || bps > e.mark+e.mark*2/100 {
		e.mark, e.roseAt = bps, now
	}
	if fallen {
		e.mark = bps
	}
	e.remb, e.rembAt, e.rembEver = bps, now, true
	switch {
	case fallen && e.named() < e.value:
		e.believe(now)
	case e.trial.trying != fine: // it would not show whether less helps
	case e.limit > 0:
		e.value = max(e.value, e.bound(min(e.named(), e.limit)))
	default:
		e.value = max(e.value, e.bound(e.named()))
	}
	e.watch(now)
}

// named is what REMB says of the whole line.
func (e *Estimator) named() uint64 { return min(e.remb+e.sound, Most) }

// watch finds a receiver that says no more although more is sent: its line is
// full, unless more has just crossed it unharmed, which the receiver is slow to
// learn.
func (e *Estimator) watch(now time.Duration) {
	learns := e.proved && now-e.provedAt < learnsFor
	if learns || !e.Reported(now) || e.named() >= e.value || e.sent*9/10 <= e.named() {
		e.overAt = -1
		return
	}
	if e.overAt < 0 {
		e.overAt = now
	}
	if now-max(e.overAt, e.roseAt) >= stuckAfter {
		e.believe(now)
		e.overAt = -1
	}
}

// believe follows a receiver that names less than the estimate, as far as it
// can be believed. A line that has been found that small may well be smaller.
func (e *Estimator) believe(now time.Duration) {
	least := e.bound(e.least)
	e.doubt = e.named() < least && e.value >= least && !(e.harmed && now-e.harmAt < harmLasts)
	switch {
	case !e.doubt:
		e.fall(e.named(), now)
	case e.value > least:
		e.fall(least, now)
	}
}

// Reported says whether the receiver estimates by itself.
func (e *Estimator) Reported(now time.Duration) bool { return e.rembEver && now-e.rembAt < rembSilence }

// fall lowers the estimate. Until a probe proves more, the receiver's guess of
// more than what had been too much is not believed: acting on it would fill the
// line again, every few seconds. What cannot fall any more has not fallen.
func (e *Estimator) fall(to uint64, now time.Duration) {
	if e.bound(to) >= e.value {
		return
	}
	e.value = e.bound(to)
	e.limit = e.bound(above(to))
	e.fellAt, e.fell = now, true
}

func above(bps uint64) uint64 { return bps + bps*limitAbove/100 }

// Report takes the share that was lost since the last report, 0 to 1, and how
// much of the round trip is waiting in a queue. A receiver's own estimate does
// not see a queue that is full and stays so, nor a line that has none.
func (e *Estimator) Report(lost float64, queue time.Duration, now time.Duration) {
	e.Heard()
	arrives := uint64(float64(e.sent) * (1 - min(max(lost, 0), 1)))
	switch e.trial.judge(lost, queue, e.value, now) {
	case tryWait:
		e.fall(max(arrives*85/100, e.doubted(now)), now)
	case tryLoss:
		e.fall(max(arrives*95/100, e.doubted(now)), now)
	case restore:
		if e.fellAt <= e.trial.began { // else it was found smaller meanwhile
			e.value = max(e.value, e.bound(e.trial.before))
		}
	}
	e.witness(now)
	grows := !e.Reported(now) && lost < lossLow && queue <= queueHigh && e.trial.trying == fine && e.sent*10/8 >= e.value
	if grows && now-e.grownAt >= growEvery {
		e.grownAt = now
		e.value = e.bound(e.value + e.value*8/100)
	}
}

// doubted is the less that a receiver names and has not been believed, 0 if
// there is none. When harm bears it out it tells better what the line takes than
// what was lost in one moment.
func (e *Estimator) doubted(now time.Duration) uint64 {
	if e.doubt && e.Reported(now) && e.named() < e.value {
		return e.named()
	}
	return 0
}

// witness notes harm that is seen from here, which bears out a receiver that
// has not been believed.
func (e *Estimator) witness(now time.Duration) {
	beyond := e.trial.beyond(now)
	if beyond.loss <= lossFull && beyond.queue <= queueLoss {
		return
	}
	e.harmed, e.harmAt = true, now
	if e.doubted(now) > 0 {
		e.believe(now)
	}
}
