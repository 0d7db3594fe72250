package sfu

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/giaoban/giaoban/internal/meeting"
)

// The rule of the house, as this node keeps it. Every packet of a source asks
// its gate, before anything stores or forwards it; there is no other way past.
// What follows is all that opens and closes one:
//
//   - The zero value of a gate is closed.
//   - apply alone opens one, and only as a Plan permits; sound only for the media
//     session (the PeerConnection) that the Plan's Tag names.
//   - The sound of a client of this node opens only if OK was pressed on this
//     very connection, as this node itself saw it (press), whatever the log says
//     or a node above sends; or if the node's own records say that the point may
//     open without (a consent, a relay source).
//   - An opening that was closed never opens again: what opens is newer than
//     whatever was closed before. A node may close ahead of the log, never open.
//   - A gate that is retired stays closed.

// permit is one opening of a gate: the fact of the meeting's log that began it.
// A gate opened anew has another.
type permit struct{ since meeting.Seq }

// gate stands at the ingress of one source. The packet path reads it without a
// lock; mu orders those who change it.
type gate struct {
	at atomic.Pointer[permit] // nil: closed

	mu      sync.Mutex
	meeting meeting.ID
	key     meeting.SourceKey
	media   string // the media session behind it
	guarded bool   // sound of a client of this node: it wants an OK
	alone   bool   // but this node has it on record that it opens without
	pressed bool   // OK was pressed on this connection, and nothing closed it since
	retired bool
	closed  meeting.Seq // the newest opening that was closed; it and older ones are over
	seq     meeting.Seq // of the newest plan applied
	log     *slog.Logger
}

// change is what applying a plan did to a gate.
type change uint8

const (
	unchanged change = iota
	opened
	closed
	stale // the plan permits an opening that this node has closed, or that nobody pressed OK for here
)

// passes gives the opening that packets pass by now, nil if they do not.
func (g *gate) passes() *permit { return g.at.Load() }

// open reports whether packets pass.
func (g *gate) open() bool { return g.at.Load() != nil }

// apply makes the gate what a plan says of its source, as far as the rules allow.
// here is whether the media path is up: sound whose path is down closes, and that
// opening is over.
func (g *gate) apply(plan *meeting.Plan, here bool) change {
	tag, permitted := plan.Open[g.key]
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seq = plan.Seq
	if g.retired {
		return unchanged
	}
	is := g.at.Load()
	may := permitted && (tag.Media == g.media || !g.key.Kind.Audio())
	if may && g.guarded {
		if !here {
			g.closed = max(g.closed, tag.Since)
		}
		if is != nil && is.since != tag.Since {
			g.closed = max(g.closed, is.since) // it is over, whatever comes in its place
		}
		may = tag.Since > g.closed && (g.pressed || g.alone)
	}
	switch {
	case may && (is == nil || is.since != tag.Since):
		g.end()
		g.at.Store(&permit{since: tag.Since})
		g.tell("gate opened", tag.Since)
		return opened
	case may:
		return unchanged
	case is != nil:
		g.end()
		g.pressed = false
		return closed
	case permitted && g.guarded && here && tag.Media == g.media:
		return stale
	}
	return unchanged
}

// press notes that OK was pressed on this connection, before the meeting is asked.
func (g *gate) press() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pressed = true
}

// unpress takes an OK back that the meeting refused, unless it opened the gate.
func (g *gate) unpress() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.at.Load() == nil {
		g.pressed = false
	}
}

// halt closes the gate, whatever the plan says: what opens it again is newer.
func (g *gate) halt() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.end()
	g.pressed = false
}

// retire closes the gate for good. It may be called from anywhere.
func (g *gate) retire() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.retired = true
	g.end()
}

// end closes whatever is open; that opening is over. mu is held. The zero value
// never opened and has no log.
func (g *gate) end() {
	if is := g.at.Swap(nil); is != nil {
		g.closed = max(g.closed, is.since)
		g.tell("gate closed", is.since)
	}
}

// tell logs what was done to a gate of sound, after it was done. Held against the
// meeting's own log it says whether a microphone was ever open that should not
// have been, at every node by itself.
func (g *gate) tell(what string, since meeting.Seq) {
	if g.key.Kind.Audio() {
		g.log.Info(what, "meeting", g.meeting, "source", g.key, "since", since, "seq", g.seq)
	}
}

// turn applies a plan to a source's gate and reports whether it was opened. A
// closing is told at once, an opening when its slots are set.
func (s *source) turn(plan *meeting.Plan) bool {
	is := s.from.standing()
	if is == retired {
		s.gate.retire()
		return false
	}
	was := s.gate.apply(plan, is == present)
	if s.from.standing() == retired { // since the look above
		s.gate.retire()
	}
	switch was {
	case closed:
		s.from.notify(Notice{Gate: &Gate{Source: s.key, Seq: plan.Seq}})
	case stale:
		if since := plan.Open[s.key].Since; since != s.staleTold {
			s.staleTold = since
			s.from.notify(Notice{Gate: &Gate{Source: s.key, Seq: plan.Seq, Stale: true}})
		}
	}
	return was == opened
}

// Press notes that OK was pressed for a source on the media session its point has
// here, before the meeting is asked: without it nothing opens that microphone at
// this node. It reports whether there is such a session.
func (s *SFU) Press(id meeting.ID, key meeting.SourceKey) bool {
	pressed := false
	s.eachGate(id, key, func(g *gate) { g.press(); pressed = true })
	return pressed
}

// Unpress takes back an OK that the meeting refused.
func (s *SFU) Unpress(id meeting.ID, key meeting.SourceKey) {
	s.eachGate(id, key, (*gate).unpress)
}

// eachGate finds the gates of a source that a client of this node publishes.
func (s *SFU) eachGate(id meeting.ID, key meeting.SourceKey, do func(*gate)) {
	r := s.router(id)
	if r == nil {
		return
	}
	for _, p := range r.members() {
		if p.cfg.Point != key.Point || p.retired.Load() {
			continue
		}
		for _, src := range p.published() {
			if src.key == key {
				do(&src.gate)
			}
		}
	}
}
