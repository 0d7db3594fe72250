package sfu

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

const (
	closeDeadline = 5 * time.Second
	noticesMax    = 256
	watchMax      = 25
)

// Peer is one client's PeerConnection.
type Peer struct {
	number  uint64 // among all that ever joined, from 1
	cfg     PeerConfig
	sfu     *SFU
	router  *router
	writer  *writer
	buffers buffers
	run     run
	notices chan Notice
	token   chan struct{} // wakes the minder
	turn    chan struct{} // held while an offer is answered
	done    chan struct{}
	ending  sync.Once
	wait    sync.WaitGroup // the peer's goroutines

	connected atomic.Bool
	lost      atomic.Bool // ICE disconnected; its sound is closed until it is opened anew
	retired   atomic.Bool // publishes nothing, gets nothing, for good
	watch     atomic.Pointer[[]meeting.PointID]
	screen    atomic.Pointer[meeting.Screen]
	attached  atomic.Pointer[attachment] // what the first offer made
	offered   atomic.Pointer[string]     // the newest offer that was answered
	said      *sayings                   // feedback about what it is sent

	mu    sync.Mutex
	pc    *webrtc.PeerConnection
	ended bool // nothing more may be spawned

	told routed // owned by the router
}

// attachment is what the m-lines of the first offer became. It never changes.
type attachment struct {
	offer   *offer
	sources []*source
	slots   []*slot // video, then voices
	video   int     // how many of slots are video
}

// Join adds a client to a meeting. It has no media until Offer.
func (s *SFU) Join(cfg PeerConfig) (*Peer, error) {
	if cfg.Notify == nil {
		cfg.Notify = func(Notice) {}
	}
	r := s.open(cfg.Meeting)
	if r == nil {
		return nil, ErrClosed
	}
	p := &Peer{
		number: s.joined.Add(1), cfg: cfg, sfu: s, router: r, said: s.saidBy(cfg.Point), notices: make(chan Notice, noticesMax),
		token: make(chan struct{}, 1), turn: make(chan struct{}, 1), done: make(chan struct{}),
	}
	p.screen.Store(cfg.Screen)
	p.buffers.peer = p
	p.writer = newWriter(p, s.known(cfg.Point))
	if !r.join(p) {
		return nil, ErrClosed
	}
	p.spawn(p.mind)
	return p, nil
}

// Offer takes the client's SDP offer, the first or an ICE restart, and gives the answer.
func (p *Peer) Offer(sdp string) (answer string, err error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	default:
		return "", ErrBusy
	}
	select {
	case <-p.done:
		return "", ErrClosed
	default:
	}
	o, err := readOffer(sdp, p.cfg)
	if err != nil {
		return "", err
	}
	if p.retired.Load() {
		return "", ErrClosed
	}
	if answer, err = p.answer(o); err == nil {
		p.offered.Store(&sdp)
	}
	return answer, err
}

// Watch sets the private look: the points whose cameras this peer is sent
// besides its view, at most 25, as a whole set.
func (p *Peer) Watch(points []meeting.PointID) {
	points = slices.Clone(points[:min(len(points), watchMax)])
	p.watch.Store(&points)
	p.router.wake()
}

// Show changes what the peer is shown of its view; nil is the whole of it.
func (p *Peer) Show(screen *meeting.Screen) {
	p.screen.Store(screen)
	p.router.wake()
}

// seen is the peer's configuration with the screen of now.
func (p *Peer) seen() PeerConfig {
	cfg := p.cfg
	cfg.Screen = p.screen.Load()
	return cfg
}

// Close ends the session and waits for its goroutines. It takes seconds at
// most; what Pion has not ended by then is counted and left behind.
func (p *Peer) Close() error {
	p.end()
	if !p.waited(closeDeadline) {
		p.sfu.count.stuck.Add(1)
		return fmt.Errorf("close peer: still running after %v", closeDeadline)
	}
	return nil
}

// end stops everything the peer does, once.
func (p *Peer) end() {
	p.ending.Do(func() {
		p.retire()
		close(p.done)
		p.router.leave(p)
		if pc := p.connection(); pc != nil {
			p.spawn(func() { _ = pc.GracefulClose() })
		}
		p.mu.Lock()
		p.ended = true
		p.mu.Unlock()
	})
}

// spawn starts a goroutine that Close waits for, unless the peer has ended.
func (p *Peer) spawn(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.wait.Go(p.sfu.scope("media peer", func() { p.fail("panic") }).Func(f))
	}
}

func (p *Peer) waited(limit time.Duration) bool {
	ended := make(chan struct{})
	go p.sfu.scope("closing of a media peer", nil).Run(func() { p.wait.Wait(); close(ended) })
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-ended:
		return true
	case <-timer.C:
		return false
	}
}

// retire closes every gate of the peer for good. It may be called from anywhere.
func (p *Peer) retire() {
	p.retired.Store(true)
	p.connected.Store(false)
	for _, src := range p.published() {
		src.gate.retire()
	}
	p.router.wake()
	p.poke()
}

// fail gives the peer up: the minder tells its client and closes the connection.
func (p *Peer) fail(why string) {
	if p.retired.Swap(true) {
		return
	}
	p.sfu.count.failed.Add(1)
	p.sfu.log.Warn("media peer failed", "meeting", p.cfg.Meeting, "point", p.cfg.Point, "why", why)
	p.retire()
}

// recovered isolates a panic in one peer's goroutine: that peer fails, alone.
func (p *Peer) recovered() {
	if r := recover(); r != nil {
		p.sfu.count.panics.Add(1)
		p.fail(fmt.Sprint("panic: ", r))
	}
}

// poke wakes the minder.
func (p *Peer) poke() {
	select {
	case p.token <- struct{}{}:
	default: // it is awake already
	}
}

// notify queues a notice. A session that has let this many wait is gone.
func (p *Peer) notify(n Notice) {
	select {
	case p.notices <- n:
	default:
		p.fail("too many notices waiting")
	}
}

func (p *Peer) standing() standing {
	switch {
	case p.retired.Load():
		return retired
	case p.lost.Load():
		return lost
	}
	return present
}

// refresh asks the client for a keyframe. A request that is lost is repeated.
func (p *Peer) refresh(ssrc uint32) {
	_ = p.writeRTCP([]rtcp.Packet{pictureLoss(ssrc)})
}

func (p *Peer) published() []*source {
	if a := p.attached.Load(); a != nil {
		return a.sources
	}
	return nil
}

// slotOf finds the slot that sends on an SSRC, or repairs on it.
func (p *Peer) slotOf(ssrc uint32) *slot {
	if a := p.attached.Load(); a != nil {
		for _, s := range a.slots {
			if b := s.bound.Load(); b != nil && (b.ssrc == ssrc || b.lines[codecVP8].rtx.SSRC == ssrc) {
				return s
			}
		}
	}
	return nil
}

func (p *Peer) connection() *webrtc.PeerConnection {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pc
}

func (p *Peer) writeRTCP(packets []rtcp.Packet) error {
	pc := p.connection()
	if pc == nil {
		return ErrClosed
	}
	return pc.WriteRTCP(packets)
}

// attach makes the sources and slots of the first offer.
func (p *Peer) attach(o *offer) *attachment {
	a := &attachment{offer: o, video: len(o.video)}
	p.buffers.streams, p.buffers.bySSRC, p.buffers.names = map[*layer]*stream{}, map[uint32]*source{}, o.names
	p.buffers.hearing = newHearing(p, o.names.number)
	for _, line := range o.publish {
		src := newSource(meeting.SourceKey{Point: p.cfg.Point, Kind: line.kind}, p, p.router, p.cfg.Media)
		src.mid = line.mid
		src.gate.guarded, src.gate.alone = line.kind.Audio(), p.cfg.OpensAlone
		src.layers = newLayers(src, line)
		a.sources = append(a.sources, src)
		for _, l := range src.layers {
			p.buffers.streams[l] = newStream(l, line.formats(), line.repairs)
			p.buffers.streams[l].expect(line)
		}
		if len(line.rids) > 0 {
			p.buffers.byRID, p.buffers.mid = src.layers, line.mid
		}
		if line.primary != 0 {
			p.buffers.bySSRC[line.primary] = src
		}
		if line.repair != 0 {
			p.buffers.bySSRC[line.repair] = src
		}
	}
	add := func(index int, mid string, video bool) {
		s := newSlot(index, video, p.writer, rand.Uint32)
		s.mid, s.extensions = mid, o.extensions[mid]
		a.slots = append(a.slots, s)
	}
	for i, mid := range o.video {
		add(i, mid, true)
	}
	for i, mid := range o.voices {
		add(i, mid, false)
	}
	p.writer.slots = a.slots
	return a
}
