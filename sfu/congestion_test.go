package sfu

import (
	"testing"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
)

// bottleneck is a line of a rate with a queue before it, and what the other end
// reports of it.
type bottleneck struct {
	rate    uint64
	queue   time.Duration // a packet that would wait longer is lost
	delay   time.Duration
	everyth int // packet is lost as well; 0 is none
	free    time.Duration
	count   int

	narrowAt time.Duration // the rate becomes another; 0 is never
	narrow   uint64

	stalls int // seconds between two moments in which the far machine reads late; 0 is never
}

// late is how much later than it came a packet is read: of every so many
// seconds, in the first quarter of one, more and more.
func (b *bottleneck) late(at time.Duration) time.Duration {
	if b.stalls == 0 {
		return 0
	}
	into := at % (time.Duration(b.stalls) * time.Second)
	if into > 250*time.Millisecond {
		return 0
	}
	return into
}

// drive sends by an estimate through a bottleneck for a while, as much as it
// allows but no more than offered, and gives the estimate each second.
func drive(c *congestion, b *bottleneck, offered uint64, length time.Duration) (estimates []uint64) {
	const size = 1000
	recorder := twcc.NewRecorder(1)
	number := uint16(0)
	next := time.Duration(0)
	start := 100 * time.Millisecond
	type report struct {
		at time.Duration
		fb *rtcp.TransportLayerCC
	}
	var reports []report
	for now := start; now < start+length; now += time.Millisecond {
		if b.narrowAt > 0 && now >= b.narrowAt {
			b.rate = b.narrow
		}
		padding := c.probe(now)
		for ; next <= now || padding > 0; number++ {
			at := now
			c.sent(number, size, at)
			if padding > 0 {
				padding -= size
			} else {
				next = max(next, now-10*time.Millisecond) + time.Duration(size*8*uint64(time.Second)/min(c.estimate, offered))
			}
			b.count++
			waited := max(b.free-at, 0)
			if waited > b.queue || b.everyth > 0 && b.count%b.everyth == 0 {
				continue
			}
			b.free = max(b.free, at) + time.Duration(size*8*uint64(time.Second)/b.rate)
			recorder.Record(2, number, (b.free + b.delay + b.late(b.free)).Microseconds())
		}
		if now%(50*time.Millisecond) == 0 {
			for _, p := range recorder.BuildFeedbackPacket() {
				reports = append(reports, report{now + b.delay + max(b.free-now, 0), p.(*rtcp.TransportLayerCC)})
			}
		}
		for len(reports) > 0 && reports[0].at <= now {
			c.feedback(reports[0].fb, now)
			reports = reports[1:]
		}
		if now%time.Second == 0 {
			estimates = append(estimates, c.estimate)
		}
	}
	return estimates
}

func TestCongestionFindsTheLine(t *testing.T) {
	for _, tt := range []struct {
		name    string
		rate    uint64
		everyth int
		stalls  int
		cap     int
		offered uint64
		starved bool
		from    int // second after which every estimate is within
		low     uint64
		high    uint64
	}{
		{name: "a narrow line", rate: 1_000_000, offered: 5_000_000, from: 10, low: 600_000, high: 1_150_000},
		{name: "a narrow line that loses one in fifty", rate: 2_000_000, everyth: 50, offered: 5_000_000, from: 10, low: 1_200_000, high: 2_300_000},
		{name: "a wide line, grown into", rate: 10_000_000, offered: 20_000_000, from: 40, low: 6_000_000, high: 11_500_000},
		{name: "the operator's cap", rate: 10_000_000, cap: 2_000_000, offered: 5_000_000, from: 5, low: 2_000_000, high: 2_000_000},
		{name: "a line that is hardly used tells nothing", rate: 50_000_000, offered: 300_000, from: 5, low: estimateFirst, high: estimateFirst},
		{name: "its own loss does not close an idle line", rate: 50_000_000, everyth: 8, offered: 300_000, from: 5, low: estimateFirst, high: estimateFirst},
		{name: "a busy machine at the end of a line that is hardly used", rate: 50_000_000, stalls: 4, offered: 200_000, from: 5, low: estimateFirst / 2, high: estimateFirst},
		{name: "probes find room that nobody used", rate: 10_000_000, offered: 2_600_000, starved: true, from: 45, low: 3_300_000, high: 11_000_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCongestion(tt.cap)
			c.starved = tt.starved
			b := &bottleneck{rate: tt.rate, queue: 300 * time.Millisecond, delay: 20 * time.Millisecond, everyth: tt.everyth, stalls: tt.stalls}
			for second, got := range drive(&c, b, tt.offered, time.Minute) {
				if second >= tt.from && (got < tt.low || got > tt.high) {
					t.Errorf("second %d: estimate %d, want %d to %d", second, got, tt.low, tt.high)
				}
			}
		})
	}
}

// A line that becomes narrow is noticed within seconds, and its queue drains.
func TestCongestionFollowsALineDown(t *testing.T) {
	c := newCongestion(0)
	b := &bottleneck{
		rate: 8_000_000, queue: 400 * time.Millisecond, delay: 20 * time.Millisecond, narrowAt: 20 * time.Second, narrow: 1_000_000,
	}
	got := drive(&c, b, 6_000_000, 30*time.Second)
	if last := got[len(got)-1]; got[18] < 3_000_000 || got[25] > 1_200_000 || last > 1_200_000 || last < 500_000 {
		t.Errorf("estimates, the line becoming 1 Mbit/s at second 20: %v", got)
	}
}
