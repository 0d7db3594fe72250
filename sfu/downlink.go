package sfu

import (
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/estimate"
	"github.com/pion/rtcp"
)

const (
	heardLane   = 64 // reports of one client waiting for its writer
	lineEvery   = 50 * time.Millisecond
	lineWindow  = 500 * time.Millisecond // of what loss is counted over
	lineEnough  = 20                     // packets that say something about loss
	tripUnknown = 100 * time.Millisecond
	tripMost    = 5 * time.Second // a report that claims more is wrong
	leastEvery  = 30 * time.Second
	recentEvery = 500 * time.Millisecond
	pictureGone = time.Second // without a packet of one: none is sent
	learnOver   = 60          // seconds that what is remembered of a line is averaged over,
	learnLeast  = 10          // and without which nothing is

	headerBytes = 24 // of RTP with its extensions
)

// heard is one report of a client on one of its slots.
type heard struct {
	slot   *slot
	at     time.Duration
	remb   uint64 // bits a second; 0 if it is a reception report
	report rtcp.ReceptionReport
}

// share is what the router gave a client of its line, bits a second.
type share struct {
	given uint64 // what the layers it is sent take, sound included
	need  uint64 // what those of its tiles' sizes would; 0 if they are what it is sent
	least uint64 // what the smallest of each would
}

// downlink is what one client's line is known to take and to do. It belongs to the
// client's writer, but for what is atomic.
type downlink struct {
	budget    atomic.Uint64         // bits a second, for the router
	repairing atomic.Uint64         // and what of it goes into repair, older sound that goes along among it
	share     atomic.Pointer[share] // of the router
	weak      atomic.Int32          // pictures the router found no room for
	sight     atomic.Pointer[Sight] // as last seen
	learned   atomic.Uint64         // what the line takes, bits a second, of late; 0 is not known
	heard     *ring[heard]

	estimate estimate.Estimator
	prober   estimate.Prober
	pacer    estimate.Pacer
	sent     estimate.Meter
	sound    estimate.Meter // what of it was sound,
	repair   estimate.Meter // what was sent again,
	spare    estimate.Meter // and what of it was older sound that went along
	red      redundancy
	stepped  time.Duration
	told     uint64 // the budget the router last woke for
	picture  time.Duration
	padded   uint64 // bytes sent since the probe began
	average  average

	seen   time.Duration // when sight was taken
	trip   time.Duration // round trip, averaged
	least  shortest      // of this half minute and of the one before
	recent shortest      // of this half second and of the one before

	window         time.Duration // when it began
	packets, again uint64        // of pictures sent, and asked for again, in it
	before         uint64        // of pictures sent in the one before
	due, missing   uint64        // that reports are about
	loss           float64       // of the last window that said something
}

func newDownlink(known Line) *downlink {
	l := &downlink{heard: newRing[heard](heardLane), estimate: estimate.New(known.Estimate, known.Cap)}
	l.told = l.estimate.Budget()
	l.budget.Store(l.told)
	return l
}

// count notes a packet that is sent.
func (l *downlink) count(bytes int, sound bool, now time.Duration) {
	l.sent.Add(bytes+headerBytes, now)
	if sound {
		l.sound.Add(bytes+headerBytes, now)
	}
	l.padded += uint64(bytes + headerBytes)
}

// roundTrip is the time to the client and back, or a guess.
func (l *downlink) roundTrip() time.Duration {
	if l.trip == 0 {
		return tripUnknown
	}
	return l.trip
}

// queue is how much of the round trips was waiting. Of late ones it takes the
// shortest: a client that reads late now and then has no queue.
func (l *downlink) queue() time.Duration { return max(l.recent.trip()-l.least.trip(), 0) }

// learn follows what the line takes, slowly: a bad minute is not what the next
// meeting begins with. It is called once a second.
func (l *downlink) learn() {
	bps, ok := l.estimate.Known()
	if !ok {
		return
	}
	if l.average.add(float64(bps)); l.average.seconds >= learnLeast {
		l.learned.Store(uint64(l.average.value))
	}
}

// average is a mean that leans to what is new.
type average struct {
	value   float64
	seconds int
}

func (a *average) add(value float64) {
	a.seconds = min(a.seconds+1, learnOver)
	a.value += (value - a.value) / float64(a.seconds)
}

// measure takes a round trip (RFC 3550 §6.4.1, LSR and DLSR).
func (l *downlink) measure(trip, now time.Duration) {
	if trip < 0 || trip > tripMost {
		return
	}
	if l.trip == 0 {
		l.trip = trip
	}
	l.trip += (trip - l.trip) / 4
	l.least.keep(trip, leastEvery, now) // the line may have become a longer one
	l.recent.keep(trip, recentEvery, now)
}

// shortest is the shortest round trip of a period and of the one before it.
type shortest struct {
	trips [2]time.Duration // 0 is none
	since time.Duration
}

func (s *shortest) keep(trip, period, now time.Duration) {
	switch {
	case s.trips[0] == 0 || now-s.since > 2*period: // what was before is long ago
		*s = shortest{trips: [2]time.Duration{trip}, since: now}
	case now-s.since > period:
		*s = shortest{trips: [2]time.Duration{trip, s.trips[0]}, since: now}
	default:
		s.trips[0] = min(s.trips[0], trip)
	}
}

func (s *shortest) trip() time.Duration {
	if s.trips[1] == 0 {
		return s.trips[0]
	}
	return min(s.trips[0], s.trips[1])
}

// hear takes what the client reported since the writer last looked.
func (w *writer) hear(now time.Duration) {
	for it, ok := w.line.heard.pop(); ok; it, ok = w.line.heard.pop() {
		w.line.prober.Reported()
		w.line.estimate.Heard()
		if it.remb > 0 {
			w.line.estimate.REMB(it.remb, it.at)
			continue
		}
		w.line.measure(roundTrip(it.report, w.peer.sfu.clock(it.at)), now)
		if b := it.slot.bound.Load(); b == nil || b.ssrc != it.report.SSRC {
			continue // on its repair stream
		}
		due, missing := it.slot.reception.learn(it.report, it.slot.clockRate())
		w.line.due, w.line.missing = w.line.due+due, w.line.missing+missing
	}
}

// roundTrip is the time since the sender report that a reception report
// answers was sent, less what the receiver kept it; negative if it answers none.
func roundTrip(r rtcp.ReceptionReport, now uint64) time.Duration {
	if r.LastSenderReport == 0 {
		return -1
	}
	units := int32(uint32(now>>16) - r.LastSenderReport - r.Delay) // of 2^-16 s
	return time.Duration(units) * time.Second >> 16
}

// step judges the line. It runs often enough for a probe, and costs next to
// nothing in between.
func (w *writer) step(now time.Duration) {
	w.hear(now)
	l := w.line
	if now-l.stepped < lineEvery && l.prober.Target(now) == 0 {
		return
	}
	l.stepped = now
	rate := l.sent.Rate(now)
	l.estimate.Waits(l.weak.Load() > 0)
	l.estimate.Sent(rate, l.sound.Rate(now), l.picture > 0 && now-l.picture < pictureGone, now)
	l.estimate.Spare(l.smallest())
	w.judgeLoss(now)
	had := l.prober.Target(now) > 0
	l.prober.Step(estimate.Line{Estimate: &l.estimate, Need: l.need(), Sent: rate, Trip: l.roundTrip(), Queue: l.queue()}, now)
	if !had && l.prober.Target(now) > 0 {
		l.padded = 0
	}
	w.settle()
}

func (l *downlink) need() uint64 {
	if s := l.share.Load(); s != nil {
		return s.need
	}
	return 0
}

// smallest is what all its pictures would take at their smallest.
func (l *downlink) smallest() uint64 {
	if s := l.share.Load(); s != nil {
		return s.least
	}
	return 0
}

// judgeLoss counts what was lost in a window: packets asked for again, which
// tells at once, and reports, which tell of sound too.
func (w *writer) judgeLoss(now time.Duration) {
	l := w.line
	if now-l.window < lineWindow {
		return
	}
	l.window = now
	said := false
	lost := 0.0
	if most := max(l.packets, l.before); most >= lineEnough { // less goes out now than what is asked for again was among
		said, lost = true, min(float64(l.again)/float64(most), 1)
	}
	if l.due >= lineEnough {
		said, lost = true, max(lost, min(float64(l.missing)/float64(l.due), 1))
		l.due, l.missing = 0, 0
	}
	l.before, l.packets, l.again = l.packets, 0, 0
	if said {
		l.loss = lost
		l.estimate.Report(lost, l.queue(), now)
		l.red.judge(l.estimate.Loss(), l.estimate.FellWithin(redFull, now), now)
	}
}

// settle publishes the budget, and wakes the router if it would decide anew:
// at once when less is left than was given, soon when more is there for those
// who lack something.
func (w *writer) settle() {
	l := w.line
	budget := l.estimate.Budget()
	l.budget.Store(budget)
	l.repairing.Store(min(l.repair.Rate(w.now), budget/resendShare) + l.spare.Rate(w.now))
	w.pace(w.now)
	s := l.share.Load()
	if s == nil {
		return
	}
	less := budget < s.given && budget < l.told
	more := s.need > 0 && budget > l.told+l.told/20
	switch {
	case less || more || budget < l.told-l.told/4:
		l.told = budget
		w.peer.router.wake()
	case s.need == 0: // it would change nothing, but its fall may
		l.told = max(l.told, budget)
	}
}

// reception is what reports on one slot have told so far. It belongs to the writer.
type reception struct {
	highest, lost uint32
	seen          bool
	loss          float64       // averaged over reports
	jitter        time.Duration // RFC 3550 §6.4.1
	at            time.Duration
}

// learn gives how many packets were due since the last report, and how many of
// them are missing.
func (r *reception) learn(report rtcp.ReceptionReport, rate uint64) (due, missing uint64) {
	r.jitter = time.Duration(uint64(report.Jitter) * uint64(time.Second) / rate)
	if r.seen {
		due = uint64(max(int32(report.LastSequenceNumber-r.highest), 0))
		missing = min(uint64(max(int32(report.TotalLost-r.lost), 0)), due)
	}
	r.highest, r.lost, r.seen = report.LastSequenceNumber, report.TotalLost, true
	if due > 0 {
		r.loss += (float64(missing)/float64(due) - r.loss) / 2
	}
	return due, missing
}
