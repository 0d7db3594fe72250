package sfu

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pion/rtp"

	"github.com/giaoban/giaoban/internal/guard"
)

// turnstile counts packets, and those out of turn. Only one goroutine at a time
// may be in it, which the race detector sees to.
type turnstile struct {
	last  uint16
	wrong int
	count atomic.Int64
}

func (o *turnstile) WriteRTP(h *rtp.Header, _ []byte) (int, error) {
	if o.count.Load() > 0 && h.SequenceNumber != o.last+1 {
		o.wrong++
	}
	o.last = h.SequenceNumber
	o.count.Add(1)
	return 0, nil
}
func (o *turnstile) Write([]byte) (int, error) { return 0, nil }

// Whoever serves a writer, who brings packets, the crew, its own goroutine or
// somebody else, each packet goes out once and in order.
func TestWhoeverServesEachPacketGoesOnceInOrder(t *testing.T) {
	const receivers, rounds = 3 * crewOwn, 400
	bench := newBench(receivers)
	sfu := bench.in.source.sfu
	sfu.crew.start(guard.Scope{})
	var outs []*turnstile
	var wait sync.WaitGroup
	done := make(chan struct{})
	for i, s := range *bench.in.layer.fan.Load() {
		b, out := *s.bound.Load(), &turnstile{}
		b.out = out
		s.bound.Store(&b)
		outs = append(outs, out)
		s.writer.peer.done = done
		s.writer.swift.Store(i%3 > 0)
		wait.Go(s.writer.run)
	}
	wait.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
				bench.writers[i%receivers].take()
			}
		}
	})
	for i := range rounds {
		bench.arrive()
		if i == 0 {
			bench.packet[16] |= 1 // pictures that need others follow
		}
		waitFor(t, "the rings have room", nil, func() bool { return outs[0].count.Load() > int64(i-videoLane/2) })
	}
	for i, out := range outs {
		waitFor(t, "all is sent", nil, func() bool { return out.count.Load() == rounds })
		if out.wrong > 0 {
			t.Errorf("receiver %d: %d packets out of turn", i, out.wrong)
		}
	}
	close(done)
	wait.Wait()
	sfu.crew.close()
}

// Those who share a load leave nobody out: nothing but the crew serves here.
func TestEveryWriterOfAFanIsServed(t *testing.T) {
	for _, receivers := range []int{1, crewTurn + 1, crewOwn, crewOwn + 1, 5*crewOwn + 3} {
		bench := newBench(receivers)
		bench.in.source.sfu.crew.start(guard.Scope{})
		var outs []*turnstile
		for _, s := range *bench.in.layer.fan.Load() {
			b := *s.bound.Load()
			out := &turnstile{}
			b.out = out
			s.bound.Store(&b)
			outs = append(outs, out)
		}
		bench.arrive()
		for i, out := range outs {
			waitFor(t, fmt.Sprintf("receiver %d of %d", i, receivers), nil, func() bool { return out.count.Load() == 1 })
		}
		bench.in.source.sfu.crew.close()
	}
}

// A writer that always has more is left to its own goroutine: whoever came with
// packets has others to see to.
func TestWhoServesIsNotKept(t *testing.T) {
	bench := newBench(1)
	w := bench.writers[0]
	s := (*bench.in.layer.fan.Load())[0]
	b, out := *s.bound.Load(), &refill{slot: s}
	b.out = out
	s.bound.Store(&b)
	out.next = func() packet { return *bench.in.layer.opening.Load().packets[0] }
	bench.arrive()
	if out.sent < turnMost-2 || out.sent > turnMost*burst {
		t.Errorf("%d packets sent by one who had one", out.sent)
	}
	if !w.called.Load() || len(w.token) != 1 {
		t.Error("its own goroutine is not woken to go on")
	}
}

// refill is a receiver for whom another packet comes with each it is sent.
type refill struct {
	slot *slot
	next func() packet
	sent int
}

func (o *refill) WriteRTP(*rtp.Header, []byte) (int, error) {
	if o.sent++; o.sent < 10000 {
		p := o.next()
		p.seq, p.ts = p.seq+uint64(o.sent), p.ts+3000*uint64(o.sent)
		o.slot.writer.push(o.slot, &p)
		o.slot.writer.serve()
	}
	return 0, nil
}
func (o *refill) Write([]byte) (int, error) { return 0, nil }
