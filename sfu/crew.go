package sfu

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/giaoban/giaoban/internal/guard"
)

const (
	crewTurn  = 8   // writers that one of those who share a load takes at a time
	crewOwn   = 32  // that whoever brings the packets serves itself, before it goes on
	crewLoads = 256 // waiting
)

// crew serves the writers of many clients for whoever has packets for them: to
// wake a goroutine for each, thirty times a second, costs more than what it then
// does. Whoever brings the packets does a share; if they are for many, so do as
// many others as there are processors. The zero value is one without others.
type crew struct {
	loads chan *load
	size  int
	done  chan struct{}
	wait  sync.WaitGroup
}

// load is slots whose writers are to be served, by all that share it.
type load struct {
	fan  []*slot
	next atomic.Int32 // of fan
	held atomic.Int32 // by so many
}

// loads holds loads that are done, to be used again.
var loads = sync.Pool{New: func() any { return new(load) }}

// start makes the others. It is called once, before serve.
func (c *crew) start(scope guard.Scope) {
	c.size = runtime.GOMAXPROCS(0)
	c.loads, c.done = make(chan *load, crewLoads), make(chan struct{})
	for range c.size {
		c.wait.Go(scope.KeepFunc(c.run))
	}
}

// close waits for the others. What they have not begun is not sent.
func (c *crew) close() {
	close(c.done)
	c.wait.Wait()
}

func (c *crew) run() {
	for {
		select {
		case l := <-c.loads:
			l.work(len(l.fan))
			l.drop()
		case <-c.done:
			return
		}
	}
}

// serve has the writers of a fan send what they have, now or soon.
func (c *crew) serve(fan []*slot) {
	l := loads.Get().(*load)
	l.fan = fan
	l.next.Store(0)
	l.held.Store(1)
	if c.share(l, min(c.size, (len(fan)-1)/crewOwn)) {
		l.work(crewOwn)
	} else {
		l.work(len(fan))
	}
	l.drop()
}

// share hands a load to so many others, or to as many as have room; false is none.
func (c *crew) share(l *load, others int) (any bool) {
	for range others {
		l.held.Add(1)
		select {
		case c.loads <- l:
			any = true
		default:
			l.held.Add(-1)
			return any
		}
	}
	return any
}

// work serves some writers of a load that are left, so many at most and a few more.
func (l *load) work(most int) {
	for done := 0; done < most; done += crewTurn {
		from := int(l.next.Add(crewTurn)) - crewTurn
		if from >= len(l.fan) {
			return
		}
		for _, s := range l.fan[from:min(from+crewTurn, len(l.fan))] {
			s.writer.serve()
		}
	}
}

// drop ends one's share.
func (l *load) drop() {
	if l.held.Add(-1) == 0 {
		l.fan = nil
		loads.Put(l)
	}
}
