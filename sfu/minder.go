package sfu

import (
	"time"

	"github.com/pion/webrtc/v4"
)

// learnEvery is how often what a line takes is handed over to be remembered.
const learnEvery = time.Minute

// mind is the goroutine that tells a peer's session its notices, follows the
// state of its connection and asks its pictures for keyframes.
func (p *Peer) mind() {
	defer p.recovered()
	state := StateConnecting
	timer, learn := time.NewTimer(0), time.NewTicker(learnEvery)
	defer timer.Stop()
	defer learn.Stop()
	defer p.remember()
	for {
		select {
		case n := <-p.notices:
			p.cfg.Notify(n)
			continue
		case <-p.token:
		case <-timer.C:
		case <-learn.C:
			p.remember()
			continue
		case <-p.done:
			return
		}
		if now := p.state(); now != state {
			state = now
			p.follow(state)
		}
		if next := p.requestKeyframes(p.sfu.now()); next > 0 {
			timer.Reset(next)
		}
	}
}

// remember hands over what the line of the peer's point takes. Only its room
// tells: a tablet of its officer may be on another line.
func (p *Peer) remember() {
	if bps := p.writer.line.learned.Load(); bps > 0 && p.cfg.Publish && p.sfu.lines != nil {
		p.sfu.lines.Learned(p.cfg.Point, bps)
	}
}

// state reads the state of the media path.
func (p *Peer) state() State {
	pc := p.connection()
	switch {
	case p.retired.Load():
		return StateFailed
	case pc == nil:
		return StateConnecting
	}
	switch pc.ConnectionState() {
	case webrtc.PeerConnectionStateConnected:
		return StateConnected
	case webrtc.PeerConnectionStateDisconnected:
		return StateLost
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		return StateFailed
	}
	if p.connected.Load() { // an ICE restart of a live connection
		return StateConnected
	}
	return StateConnecting
}

// follow acts on a new state and tells the session.
func (p *Peer) follow(state State) {
	switch state {
	case StateConnected:
		p.connected.Store(true)
		p.writer.touch()
	case StateFailed:
		p.retire()
		if pc := p.connection(); pc != nil {
			p.spawn(func() { _ = pc.Close() })
		}
	}
	p.lost.Store(state == StateLost)
	p.router.wake()
	p.cfg.Notify(Notice{State: state})
}

// requestKeyframes lets the brokers of the peer's pictures speak, and says how
// long until one has to again; 0 is until it is asked.
func (p *Peer) requestKeyframes(now time.Duration) time.Duration {
	a := p.attached.Load()
	if a == nil {
		return 0
	}
	var wait time.Duration
	for _, src := range a.sources {
		if src.key.Kind.Audio() {
			continue
		}
		for _, l := range src.layers {
			if due := l.requestKeyframe(now); due > 0 {
				wait = soonest(wait, max(due-now, time.Millisecond))
			}
		}
	}
	return wait
}

// requestKeyframe lets the broker of a layer speak, and says when it has to
// again; 0 is when it is asked. A layer that has not begun begins with a keyframe.
func (l *layer) requestKeyframe(now time.Duration) time.Duration {
	ssrc := l.ssrc.Load()
	if !l.source.gate.open() || len(l.fanned())+len(l.relayed()) == 0 || ssrc == 0 {
		l.keys.forget()
		return 0
	}
	send, due := l.keys.step(now)
	if send {
		l.keys.requests.Add(1)
		l.source.sfu.count.keyframesSent.Add(1)
		l.source.from.refresh(ssrc)
	}
	return due
}
