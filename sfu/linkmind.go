package sfu

import (
	"math/rand/v2"
	"slices"
	"time"
)

// minding is the state of a link's minder: which transport is being built, and
// when to build another.
type minding struct {
	l        *Link
	trying   *transport // not up yet
	began    time.Duration
	answered bool          // by the other end
	number   uint32        // of the newest transport
	wait     time.Duration // before the next try
	due      time.Duration // when that is
	up       bool          // as told
	linger   map[*transport]time.Duration
	decided  time.Duration
	sharing  sharing
}

// mind is the goroutine that builds and swaps transports, asks the pictures
// that come over the link for keyframes, and shares the line.
func (l *Link) mind() {
	m := minding{l: l, linger: map[*transport]time.Duration{}}
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer m.end()
	for {
		select {
		case <-l.token:
		case <-timer.C:
		case <-l.done:
			return
		}
		timer.Reset(m.guarded(l.sfu.now()))
	}
}

// guarded is step, in which a panic costs this link its path and nothing else.
func (m *minding) guarded(now time.Duration) (wait time.Duration) {
	wait = time.Second
	defer func() {
		if r := recover(); r != nil {
			m.l.sfu.count.panics.Add(1)
			m.l.sfu.log.Error("link minder panicked", "node", m.l.cfg.Name, "panic", r)
		}
	}()
	return m.step(now)
}

// step does what is due and says how long to sleep at most.
func (m *minding) step(now time.Duration) time.Duration {
	m.read(now)
	m.follow(now)
	if m.l.cfg.Child {
		m.dial(now)
	}
	for t, due := range m.linger {
		if now >= due {
			delete(m.linger, t)
			m.l.discard(t)
		}
	}
	wait := m.share(now)
	for _, b := range m.l.attached() {
		for _, src := range b.published() {
			for _, layer := range src.layers {
				if due := layer.requestKeyframe(now); due > 0 {
					wait = min(wait, max(due-now, time.Millisecond))
				}
			}
		}
	}
	return wait
}

// read takes what the other end has said of a transport.
func (m *minding) read(now time.Duration) {
	m.l.mu.Lock()
	offered := m.l.offered
	m.l.offered = nil
	m.l.mu.Unlock()
	switch {
	case offered == nil:
	case m.l.cfg.Child:
		if t := m.trying; t != nil && t.number == offered.Number && !m.answered {
			m.answered = true
			t.spawn(func() { t.connect(*offered) })
		}
	default:
		m.answer(*offered, now)
	}
}

// answer builds the parent's end of a transport.
func (m *minding) answer(offer transportMessage, now time.Duration) {
	if m.trying != nil {
		m.l.discard(m.trying)
		m.trying = nil
	}
	if t := m.build(offer.Number, now); t != nil {
		t.spawn(func() { t.connect(offer) })
	}
}

// build makes a transport and tells the other end of it.
func (m *minding) build(number uint32, now time.Duration) *transport {
	t, err := newTransport(m.l, number)
	if err == nil {
		var message transportMessage
		if message, err = t.describe(); err == nil {
			m.l.mu.Lock()
			m.l.paths = append(m.l.paths, t)
			m.l.mu.Unlock()
			m.trying, m.began, m.answered = t, now, false
			m.l.cfg.Send(encodeLink(linkTransport, message))
			return t
		}
		t.close()
	}
	m.l.sfu.log.Warn("link media path not built", "node", m.l.cfg.Name, "err", err)
	return nil
}

// dial builds the child's next transport when there is none that works.
func (m *minding) dial(now time.Duration) {
	if m.trying != nil && now-m.began > linkConnect+time.Second {
		m.l.discard(m.trying)
		m.trying = nil
		m.later(now)
	}
	if m.trying != nil || m.l.current.Load().up() || now < m.due {
		return
	}
	m.number++
	m.began = now
	if m.build(m.number, now) == nil {
		m.later(now)
	}
}

// later waits longer from each try to the next, never twice the same. One that
// took that long has waited.
func (m *minding) later(now time.Duration) {
	m.wait = min(max(2*m.wait, retryFirst), retryMost)
	spread := func(d time.Duration) time.Duration { return d*7/10 + time.Duration(rand.Int64N(int64(d*6/10))) }
	m.due = max(m.began+spread(m.wait), now+spread(retryFirst))
}

// follow swaps to a transport that has come up, lets go of dead ones, and tells
// whether media flows.
func (m *minding) follow(now time.Duration) {
	if t := m.trying; t != nil {
		switch phase(t.phase.Load()) {
		case phaseUp:
			m.trying, m.wait = nil, 0
			old := m.l.current.Swap(t)
			m.l.count.transports.Add(1)
			if old != nil {
				m.linger[old] = now + lingerFor
			}
			m.wake()
		case phaseDead:
			m.trying = nil
			m.l.discard(t)
			m.later(now)
		}
	}
	if t := m.l.current.Load(); t != nil && phase(t.phase.Load()) == phaseDead {
		m.l.current.Store(nil)
		m.linger[t] = now
		m.wake()
	}
	if up := m.l.current.Load().up(); up != m.up {
		m.up = up
		m.l.sfu.log.Info("link media", "node", m.l.cfg.Name, "up", up)
		m.l.notify(LinkNotice{Up: &up})
	}
}

// wake makes every router the link is attached to look again.
func (m *minding) wake() {
	for _, b := range m.l.attached() {
		b.router.wake()
	}
}

// end closes every transport.
func (m *minding) end() {
	m.l.current.Store(nil)
	m.l.mu.Lock()
	paths := slices.Clone(m.l.paths)
	m.l.mu.Unlock()
	for _, t := range paths {
		m.l.discard(t)
	}
}

// discard forgets a transport and ends it.
func (l *Link) discard(t *transport) {
	l.mu.Lock()
	l.paths = slices.DeleteFunc(l.paths, func(other *transport) bool { return other == t })
	l.mu.Unlock()
	t.close()
}
