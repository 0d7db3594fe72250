package sfu

import (
	"time"

	"github.com/giaoban/giaoban/internal/estimate"
	"github.com/pion/rtcp"
)

// The figures of the estimate, in the manner of draft-ietf-rmcat-gcc-02.
const (
	estimateFirst = 3_000_000 // bits a second, of a line nobody has capped
	estimateLeast = 200_000   // sound and a small picture
	estimateMost  = 100_000_000
	pacePercent   = 150  // of the estimate
	sentLog       = 8192 // packets whose report may still come; a power of two

	trendGroup  = 5 * time.Millisecond // packets sent within it are one group
	trendGroups = 20                   // over which the delay is followed
	trendGain   = 4.0
	trendSmooth = 0.9
	overuseTime = 10 * time.Millisecond
	limitFirst  = 12.5 // ms, of the modified trend
	limitLeast  = 6.0
	limitMost   = 600.0
	limitUp     = 0.0087
	limitDown   = 0.039

	backOff       = 0.85                   // of what arrives, when the line fills
	growPerSecond = 0.08                   // of the estimate
	lossHigh      = 100                    // permille above which the estimate falls
	lossUsed      = 50                     // percent of the estimate below which a loss is the line's own, a delay perhaps somebody else's
	idleFall      = 2                      // parts: an estimate hardly used keeps one of them
	restoreAfter  = 2 * time.Second        // of calm, after falls while it was hardly used
	backOffWait   = 250 * time.Millisecond // at least, between two falls

	probeEvery    = 5 * time.Second
	probeLength   = 300 * time.Millisecond
	probePercent  = 130 // of the estimate
	limitedAt     = 80  // percent of the estimate in use, below which it tells nothing of the line
	limitedBeyond = 150 // percent of what arrives, that the estimate may be without a probe
)

// sentPacket is what the estimate must know of a packet.
type sentPacket struct {
	number  uint16
	size    int
	at      time.Duration
	unknown bool // no report on it yet
}

// congestion estimates what a line takes from the other end's reports of what
// arrived (draft-holmer-rmcat-transport-wide-cc-extensions-01): when the delay
// grows the line is filling and the estimate falls below what arrives; when
// packets are lost by the tenth it falls; else it grows, but never far beyond
// what is really sent: a line that is not used tells nothing. A probe sends
// more for a moment to find out. It belongs to the writer.
type congestion struct {
	estimate     uint64
	top          uint64 // the operator's cap, or estimateMost
	rtt          time.Duration
	lossPermille uint32

	log     [sentLog]sentPacket
	trend   trend
	rate    estimate.Meter // of what arrives
	sending estimate.Meter
	loss    lossMeter
	grown   time.Duration
	dropped time.Duration // when the estimate last fell
	before  uint64        // what it was, if it only fell while it was hardly used
	starved bool          // somebody wants more than the estimate
	probing time.Duration // until when; 0 is not
	probed  time.Duration // when the last probe began
	padded  time.Duration
}

func newCongestion(limit int) congestion {
	c := congestion{estimate: firstEstimate(limit), top: estimateMost, trend: newTrend()}
	if limit > 0 {
		c.top = uint64(limit)
	}
	return c
}

// firstEstimate is that of a line of which nothing has been heard, but what the
// operator allows; 0 is no limit.
func firstEstimate(limit int) uint64 {
	if limit > 0 {
		return uint64(limit)
	}
	return estimateFirst
}

// pacingRate is how fast pictures may be sent.
func (c *congestion) pacingRate() uint64 {
	return min(c.estimate*pacePercent/100, max(c.top, estimateLeast)*110/100)
}

// sent notes a packet.
func (c *congestion) sent(number uint16, size int, at time.Duration) {
	c.sending.Add(size, at)
	c.log[number%sentLog] = sentPacket{number: number, size: size, at: at, unknown: true}
}

// feedback takes a report of what arrived.
func (c *congestion) feedback(fb *rtcp.TransportLayerCC, now time.Duration) {
	arrival := time.Duration(fb.ReferenceTime) * 64 * time.Millisecond
	delta, number := 0, fb.BaseSequenceNumber
	lost, got, left := 0, 0, int(fb.PacketStatusCount)
	var newest time.Duration
	symbol := func(s uint16) {
		if left == 0 {
			return
		}
		left--
		p := &c.log[number%sentLog]
		known := p.number == number && p.unknown
		number++
		if s != rtcp.TypeTCCPacketReceivedSmallDelta && s != rtcp.TypeTCCPacketReceivedLargeDelta {
			if known {
				lost++
			}
			return
		}
		if delta >= len(fb.RecvDeltas) {
			return
		}
		arrival += time.Duration(fb.RecvDeltas[delta].Delta) * time.Microsecond
		delta++
		if !known {
			return
		}
		p.unknown = false
		got++
		newest = max(newest, p.at)
		c.rate.Add(p.size, now)
		c.trend.add(p.at, arrival)
	}
	for _, chunk := range fb.PacketChunks {
		switch chunk := chunk.(type) {
		case *rtcp.RunLengthChunk:
			for range min(int(chunk.RunLength), left) {
				symbol(chunk.PacketStatusSymbol)
			}
		case *rtcp.StatusVectorChunk:
			for _, s := range chunk.SymbolList {
				symbol(s)
			}
		}
	}
	if newest > 0 {
		c.measured(now - newest)
	}
	c.loss.add(lost, got, now)
	c.judge(now)
}

// measured follows the round trip: the shortest of late is the line's own.
func (c *congestion) measured(rtt time.Duration) {
	switch {
	case c.rtt == 0 || rtt < c.rtt:
		c.rtt = rtt
	default:
		c.rtt += (rtt - c.rtt) / 16
	}
}

// judge moves the estimate.
func (c *congestion) judge(now time.Duration) {
	since := min(now-c.grown, time.Second)
	c.grown = now
	arrives := c.rate.Rate(now)
	loss, fresh := c.loss.permille()
	c.lossPermille = loss
	calm := now-c.dropped > max(2*c.rtt, backOffWait)
	switch {
	case c.trend.over(now):
		if calm {
			c.filled(arrives, now)
		}
	case fresh && loss > lossHigh:
		if calm && c.lossHelps(loss, arrives) {
			c.before = 0
			c.fall(uint64(float64(c.estimate)*(1-0.5*float64(loss)/1000)), now)
		}
	case c.before > 0 && now-c.dropped >= restoreAfter:
		c.set(max(c.before, c.estimate))
		c.before = 0
	case c.idle(arrives) && !c.probingNow(now), now-c.dropped < time.Second, c.trend.under():
		// the line has more than is asked of it, nobody knows how much; or it is
		// still emptying
	default:
		grown := uint64(float64(c.estimate) * (1 + growPerSecond*since.Seconds()))
		if c.probingNow(now) {
			grown = max(grown, min(arrives, c.estimate*probePercent/100))
		}
		c.set(min(grown, max(c.estimate, arrives*limitedBeyond/100)))
	}
}

// lossHelps reports whether sending less may cure a loss: on a line that is
// hardly used it is the line's own.
func (c *congestion) lossHelps(loss uint32, arrives uint64) bool {
	return arrives*100 > c.estimate*lossUsed || loss > 2*lossHigh
}

// filled follows a delay that grows. If the line is hardly used it may not be
// its queue but a busy machine at its end: the estimate is halved at most, and
// comes back when the delay has gone though no less was sent.
func (c *congestion) filled(arrives uint64, now time.Duration) {
	to := uint64(backOff * float64(arrives))
	if c.sending.Rate(now)*100 < c.estimate*lossUsed {
		c.before = max(c.before, c.estimate)
		to = max(to, c.estimate/idleFall)
	} else {
		c.before = 0
	}
	c.fall(to, now)
}

func (c *congestion) fall(to uint64, now time.Duration) {
	c.dropped, c.probing = now, 0
	c.set(min(c.estimate, to))
}

// idle reports whether too little is sent to tell what the line takes.
func (c *congestion) idle(arrives uint64) bool { return arrives*100 < c.estimate*limitedAt }

func (c *congestion) set(estimate uint64) { c.estimate = min(max(estimate, estimateLeast), c.top) }

func (c *congestion) probingNow(now time.Duration) bool { return c.probing > now }

// probe gives how many bytes to send beyond what there is, now: when somebody
// wants more than the estimate, the line has been quiet since it last fell, and
// the last probe was a while ago.
func (c *congestion) probe(now time.Duration) int {
	if !c.probingNow(now) {
		if !c.starved || c.estimate >= c.top || now-c.probed < probeEvery || now-c.dropped < probeEvery {
			return 0
		}
		c.probed, c.probing, c.padded = now, now+probeLength, now
		return 0
	}
	missing := int64(c.estimate*probePercent/100) - int64(c.rate.Rate(now))
	bytes := missing * int64(now-c.padded) / 8 / int64(time.Second)
	c.padded = now
	return max(int(bytes), 0)
}

// wait is how long the writer may sleep though nothing comes.
func (c *congestion) wait() time.Duration {
	if c.probing > 0 {
		return 5 * time.Millisecond
	}
	return idleWait
}

// trend follows the growth of the delay from group to group of packets by a
// line through the last of them.
type trend struct {
	groupSent, groupBegan, groupArrived time.Duration
	lastSent, lastArrived               time.Duration
	begun, second                       bool
	delay, smooth                       float64 // ms
	points                              [trendGroups]struct{ x, y float64 }
	count                               int
	first                               time.Duration // arrival of the first group
	limit                               float64
	value, before                       float64
	overSince                           time.Duration
	adapted                             time.Duration
}

func newTrend() trend { return trend{limit: limitFirst} }

// add takes one packet's time of sending, of this clock, and of arrival, of another's.
func (t *trend) add(sent, arrived time.Duration) {
	switch {
	case !t.begun:
		t.begun = true
		t.groupBegan, t.groupSent, t.groupArrived, t.first = sent, sent, arrived, arrived
		return
	case sent < t.groupBegan:
		return // of an older group
	case sent-t.groupBegan <= trendGroup:
		t.groupSent, t.groupArrived = max(t.groupSent, sent), max(t.groupArrived, arrived)
		return
	}
	if t.second {
		t.group(float64((t.groupArrived-t.lastArrived)-(t.groupSent-t.lastSent)) / float64(time.Millisecond))
	}
	t.lastSent, t.lastArrived, t.second = t.groupSent, t.groupArrived, true
	t.groupBegan, t.groupSent, t.groupArrived = sent, sent, arrived
}

// group takes how much later than the one before a group came, ms.
func (t *trend) group(later float64) {
	if later > 3000 || later < -3000 { // a clock was set, or the other end began anew
		*t = newTrend()
		return
	}
	t.delay += later
	t.smooth = trendSmooth*t.smooth + (1-trendSmooth)*t.delay
	t.points[t.count%trendGroups] = struct{ x, y float64 }{float64(t.groupArrived-t.first) / float64(time.Millisecond), t.smooth}
	t.count++
	t.before = t.value
	if t.count >= trendGroups {
		t.value = min(float64(t.count), 60) * t.slope() * trendGain
	}
	t.adapt()
}

func (t *trend) slope() float64 {
	var sx, sy float64
	for _, p := range t.points {
		sx += p.x
		sy += p.y
	}
	mx, my := sx/trendGroups, sy/trendGroups
	var over, under float64
	for _, p := range t.points {
		over += (p.x - mx) * (p.y - my)
		under += (p.x - mx) * (p.x - mx)
	}
	if under == 0 {
		return 0
	}
	return over / under
}

// adapt moves the limit after the trend, slowly up and slower down, so that the
// jitter of a line is not taken for a queue.
func (t *trend) adapt() {
	size := t.value
	if size < 0 {
		size = -size
	}
	since := min(t.groupArrived-t.adapted, 100*time.Millisecond)
	t.adapted = t.groupArrived
	if size > t.limit+15 {
		return
	}
	gain := limitDown
	if size > t.limit {
		gain = limitUp
	}
	t.limit = min(max(t.limit+gain*(size-t.limit)*float64(since)/float64(time.Millisecond), limitLeast), limitMost)
}

// over reports whether the delay grows for longer than a moment.
func (t *trend) over(now time.Duration) bool {
	if t.value <= t.limit || t.value < t.before {
		t.overSince = 0
		return false
	}
	if t.overSince == 0 {
		t.overSince = now
	}
	return now-t.overSince >= overuseTime
}

// under reports whether a queue is draining.
func (t *trend) under() bool { return t.value < -t.limit }

// lossMeter is the share of packets lost, second by second.
type lossMeter struct {
	since     time.Duration
	lost, got int
	last      uint32
	fresh     bool
}

func (m *lossMeter) add(lost, got int, now time.Duration) {
	m.lost += lost
	m.got += got
	if now-m.since < time.Second || m.lost+m.got < 20 {
		return
	}
	m.last = uint32(m.lost * 1000 / (m.lost + m.got))
	m.since, m.lost, m.got, m.fresh = now, 0, 0, true
}

// permille is the share of the last second, and whether it is news.
func (m *lossMeter) permille() (uint32, bool) {
	fresh := m.fresh
	m.fresh = false
	return m.last, fresh
}
