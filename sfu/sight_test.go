package sfu

import (
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtcp"
)

func TestSightOfALineTellsBothWays(t *testing.T) {
	s := newTestSFU(t)
	from, to := watching(t, s)
	from.until("the camera to be seen coming", func() bool {
		sight := from.peer.Sight()
		return len(sight.Sources) == 1 && sight.Sources[0].Source == camera("a") && sight.Up.Rate > 0
	})
	to.until("it to be seen going", func() bool { return to.peer.Sight().Down.Rate > 0 })
	lost := uint32(0)
	to.until("what the client reports", func() bool {
		lost += 25
		to.report(&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{
			SSRC: ssrcOf(to, 0), LastSequenceNumber: 1000 + 4*lost, TotalLost: lost, Jitter: videoRate / 100,
		}}})
		sight := to.peer.Sight()
		return sight.Down.Jitter == 10*time.Millisecond && sight.Down.Loss > 0.2
	})
	if up := to.peer.Sight().Up; up != (Flow{}) {
		t.Errorf("who sends nothing has a way up: %+v", up)
	}
}

func TestHindsightCountsHolesOnceAndNotWhatIsOnlyLate(t *testing.T) {
	l := &layer{source: &source{key: meeting.SourceKey{Point: "a", Kind: meeting.Camera}}}
	var h hindsight
	at, seq := time.Second, uint64(1000)
	next := func(skip uint64) {
		seq += 1 + skip
		at += 40 * time.Millisecond
		h.take(l, &packet{seq: seq, ts: 90 * uint64(at/time.Millisecond), at: at})
	}
	for range 9 {
		next(0)
	}
	next(5) // five missing,
	h.found()
	for range 60 { // of which one was only late
		next(0)
	}
	if lost := l.lossPermille.Load(); lost != 0 {
		t.Errorf("%d ‰ in a second without a hole", lost)
	}
	if jitter := h.jitter; jitter > time.Microsecond {
		t.Errorf("jitter %v of packets that came evenly", jitter)
	}
	h.due, h.absent, h.since = 0, 0, at
	next(3)
	h.found()
	for range 25 {
		next(0)
	}
	if lost := l.lossPermille.Load(); lost < 60 || lost > 80 {
		t.Errorf("%d ‰, want 2 of 29", lost)
	}
	before := h.jitter
	at += 16 * time.Millisecond
	h.take(l, &packet{seq: seq + 1, ts: 90 * uint64((at+24*time.Millisecond)/time.Millisecond), at: at + 40*time.Millisecond})
	if got := h.jitter - before; got < 500*time.Microsecond {
		t.Errorf("a late packet moves the jitter by %v", got)
	}
}
