package sfu

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// demandHold is how long a picture nobody watches goes on, so that a glance
// away does not restart an encoder.
const demandHold = 5 * time.Second

// panicPause is how long a router whose turn panicked waits for the next.
const panicPause = time.Second

// router is one meeting. Its goroutine compares what the plan and the peers
// want with what is, and changes that: gates, slots, fans, demand. Everything
// that happens only wakes it, so doing it twice is doing it once.
type router struct {
	id    meeting.ID
	sfu   *SFU
	plan  atomic.Pointer[meeting.Plan]
	token chan struct{}
	done  chan struct{}
	ended chan struct{}

	mu     sync.Mutex
	peers  []*Peer // in the order they joined
	limbs  []*branch
	closed bool
}

// routed is what the router has told a peer.
type routed struct {
	slots  *Slots
	wanted []meeting.SourceKey // in the order of the tiles
	lot    lot
	demand *Demand
	stop   [demandFlags]time.Duration // when each is due to stop; 0 is not
}

func newRouter(s *SFU, id meeting.ID) *router {
	r := &router{id: id, sfu: s, token: make(chan struct{}, 1), done: make(chan struct{}), ended: make(chan struct{})}
	go s.scope("router", r.shut).Run(r.run)
	return r
}

// wake makes the router look again soon. It never blocks.
func (r *router) wake() {
	select {
	case r.token <- struct{}{}:
	default: // it will look anyway
	}
}

// join adds a peer; an older one that publishes for the same point is retired.
func (r *router) join(p *Peer) bool {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return false
	}
	var replaced []*Peer
	if p.cfg.Publish {
		for _, other := range r.peers {
			if other.cfg.Publish && other.cfg.Point == p.cfg.Point {
				replaced = append(replaced, other)
			}
		}
	}
	r.peers = append(r.peers, p)
	r.mu.Unlock()
	for _, other := range replaced {
		other.retire()
	}
	r.wake()
	return true
}

func (r *router) leave(p *Peer) {
	r.mu.Lock()
	r.peers = slices.DeleteFunc(slices.Clone(r.peers), func(other *Peer) bool { return other == p })
	r.mu.Unlock()
	r.wake()
}

// members lists the peers in the order they joined.
func (r *router) members() []*Peer {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.peers
}

// graft adds a link. It leaves by its branch being retired.
func (r *router) graft(b *branch) {
	r.mu.Lock()
	r.limbs = append(slices.Clone(r.limbs), b)
	r.mu.Unlock()
	r.wake()
}

// branches lists the links.
func (r *router) branches() []*branch {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.limbs
}

// shed lists the links, those that leave for the last time.
func (r *router) shed() []*branch {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.limbs
	r.limbs = slices.DeleteFunc(slices.Clone(all), func(b *branch) bool { return b.gone.Load() })
	return all
}

// close ends every peer and the router's goroutine, and waits.
func (r *router) close() {
	r.mu.Lock()
	r.closed = true
	peers := r.peers
	r.mu.Unlock()
	var wait sync.WaitGroup
	for _, p := range peers {
		wait.Go(r.sfu.scope("closing of a media peer", nil).Func(func() { _ = p.Close() })) // a stuck one is counted
	}
	wait.Wait()
	close(r.done)
	<-r.ended
}

func (r *router) run() {
	defer close(r.ended)
	defer r.shut()
	timer := time.NewTimer(demandHold)
	defer timer.Stop()
	turn := r.sfu.scope("router", r.silence)
	for {
		select {
		case <-r.token:
		case <-timer.C:
		case <-r.done:
			return
		}
		next := panicPause
		turn.Try(func() { next = r.reconcile(r.sfu.now()) })
		if next > 0 {
			timer.Reset(next)
		}
	}
}

// silence closes every gate of sound: the meeting cannot be trusted to say which
// are to be open. Each opens by a newer fact alone.
func (r *router) silence() {
	for _, src := range published(r.members(), r.branches()) {
		src.gate.halt()
	}
}

// shut closes every gate for good.
func (r *router) shut() {
	for _, src := range published(r.members(), r.branches()) {
		src.gate.retire()
	}
}
