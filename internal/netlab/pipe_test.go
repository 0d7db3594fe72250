package netlab

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const ms = time.Millisecond

// drain pops all that arrives until an instant, with the arrival of each.
func drain(p *pipe, until time.Duration) (arrivals []time.Duration, first []byte) {
	for {
		at, ok := p.next()
		if !ok || at > until {
			return arrivals, first
		}
		for b, ok := p.pop(at); ok; b, ok = p.pop(at) {
			arrivals, first = append(arrivals, at), append(first, b[0])
		}
	}
}

func TestAPacketTakesItsTimeAtTheRateAndThenTheDelay(t *testing.T) {
	p := newPipe(Shape{Delay: 40 * ms, Rate: 1_000_000}, 1)
	p.push(make([]byte, 1250), 0) // 10 ms on the line
	p.push(make([]byte, 1250), 5*ms)
	got, _ := drain(p, time.Second)
	if len(got) != 2 || got[0] != 50*ms || got[1] != 60*ms {
		t.Errorf("arrived at %v, want 50 and 60 ms", got)
	}
}

func TestAFullQueueDropsWhatComesLast(t *testing.T) {
	p := newPipe(Shape{Rate: 1_000_000, Queue: 100 * ms}, 1)
	for range 50 {
		p.push(make([]byte, 1250), 0)
	}
	got, _ := drain(p, time.Minute)
	// Ten wait, one more is let in at the very edge, and none after it.
	if len(got) != 11 || got[10] != 110*ms || p.count.Dropped != 39 {
		t.Errorf("%d arrived, the last at %v, %d dropped", len(got), got[len(got)-1], p.count.Dropped)
	}
}

func TestANewRateCountsForWhatWaits(t *testing.T) {
	p := newPipe(Shape{Rate: 100_000, Queue: time.Hour}, 1)
	for range 10 {
		p.push(make([]byte, 1250), 0) // 100 ms each
	}
	p.reshape(Shape{Rate: 1_000_000}, 200*ms)
	if got, _ := drain(p, time.Hour); len(got) != 10 || got[9] != 280*ms {
		t.Errorf("arrived at %v, the last should at 280 ms", got)
	}
}

func TestLossIsTheShareAskedFor(t *testing.T) {
	p := newPipe(Shape{Loss: 0.05}, 7)
	for range 20000 {
		p.push([]byte{1}, 0)
	}
	if p.count.Lost < 900 || p.count.Lost > 1100 {
		t.Errorf("%d of 20000 lost, want about 1000", p.count.Lost)
	}
}

func TestACutLosesWhatIsOnTheLine(t *testing.T) {
	p := newPipe(Shape{Delay: 100 * ms}, 1)
	p.push([]byte{1}, 0)
	p.sever(true, 50*ms)
	p.push([]byte{2}, 60*ms)
	p.sever(false, 70*ms)
	p.push([]byte{3}, 80*ms)
	if _, got := drain(p, time.Second); len(got) != 1 || got[0] != 3 || p.count.Cut != 2 {
		t.Errorf("got %v, %d cut", got, p.count.Cut)
	}
}

// Whatever the shapes and the moments, each packet is accounted for once, and
// none arrives out of order unless that is asked for.
func TestNothingIsLostFromTheCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(most int, name string) int { return rapid.IntRange(0, most).Draw(t, name) }
		reorder := rapid.Bool().Draw(t, "reorder")
		shape := func() Shape {
			return Shape{
				Delay: time.Duration(draw(300, "delay")) * ms, Jitter: time.Duration(draw(50, "jitter")) * ms,
				Loss: float64(draw(100, "loss")) / 100, Rate: draw(4_000_000, "rate"), Queue: time.Duration(draw(300, "queue")) * ms,
				Reorder: reorder,
			}
		}
		p := newPipe(shape(), 3)
		var now, before time.Duration
		var got []byte
		for i := range draw(200, "packets") {
			now += time.Duration(draw(30, "gap")) * ms
			switch draw(20, "act") {
			case 0:
				p.reshape(shape(), now)
			case 1:
				p.sever(!p.cut, now)
			}
			b := make([]byte, 1+draw(1499, "size"))
			b[0] = byte(i)
			p.push(b, now)
			for b, ok := p.pop(now); ok; b, ok = p.pop(now) {
				got = append(got, b[0])
			}
		}
		arrivals, rest := drain(p, 1<<62)
		got = append(got, rest...)
		for _, at := range arrivals {
			if at < before {
				t.Fatalf("arrival %v after %v", at, before)
			}
			before = at
		}
		c := p.count
		if c.Delivered != len(got) || c.Sent != c.Delivered+c.Lost+c.Dropped+c.Cut {
			t.Fatalf("%+v, %d delivered", c, len(got))
		}
		for i := 1; i < len(got) && !reorder; i++ {
			if got[i] <= got[i-1] {
				t.Fatalf("order %v", got)
			}
		}
	})
}
