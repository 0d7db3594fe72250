package sfu

import (
	"net/netip"
	"slices"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
)

// A router between us and the other end that restarts, or forgets, gives it
// another port, in the midst of a call. Its checks come from there from then on,
// at most some seconds apart (RFC 7675 §5.1), but few ends say again that this
// is the address to use (USE-CANDIDATE): to them nothing has changed. So media
// follows: when where it goes is silent and another address has shown the
// password, that one is asked, with the other end's own password; who answers is
// the other end, and is there now. A check that was caught and sent again, or
// whose sender is forged, is answered by nobody. No media goes anywhere before.
const (
	followAfter = 500 * time.Millisecond  // of silence, to an address that came after
	followBack  = 1500 * time.Millisecond // to one that was there before, as a second line is
	askEvery    = 200 * time.Millisecond  // of one session
	probeLasts  = 2 * time.Second
	probesMost  = 1024 // at once, of all sessions
)

// probe is a question to the other end: is it you, at this address?
type probe struct {
	route *route
	at    time.Duration
}

// consider asks an address from which something came, if media may have to go
// there. It is called for each datagram that comes from elsewhere than media
// goes to, so mostly it does nothing.
func (e *endpoint) consider(r *route, now time.Duration) {
	media := e.media.Load()
	if media == nil || media == r || !follows(media, r, now) {
		return
	}
	e.probe(r, now)
}

// follows reports whether media should go to another address, if that answers.
func follows(media, r *route, now time.Duration) bool {
	heard := time.Duration(media.heard.Load())
	if r.since > heard {
		return now-heard >= followAfter
	}
	return now-heard >= followBack
}

// probe sends a check of our own: to whoever has shown our password, and seldom.
func (e *endpoint) probe(r *route, now time.Duration) {
	last := e.probed.Load()
	secrets := e.secrets.Load()
	if secrets == nil || last != 0 && now-time.Duration(last) < askEvery || !e.probed.CompareAndSwap(last, int64(now)) {
		return
	}
	m, err := stun.Build(stun.BindingRequest, stun.TransactionID, stun.NewUsername(secrets.remote.ufrag+":"+e.ufrag),
		ice.AttrControlled(uint64(now)), ice.PriorityAttr(1), stun.NewShortTermIntegrity(secrets.remote.pwd), stun.Fingerprint)
	if err != nil || !e.ports.ask(m.TransactionID, &probe{route: r, at: now}, now) {
		return
	}
	_, _ = r.socket.conn.WriteToAddrPort(m.Raw, r.real) // lost is as good as unanswered
}

// answered takes the answer to a probe.
func (p *probe) answered(s *socket, m *stun.Message, from netip.AddrPort, now time.Duration) {
	r, e := p.route, p.route.end
	secrets := e.secrets.Load()
	if m.Type.Class != stun.ClassSuccessResponse || r.socket != s || r.real != from || secrets == nil ||
		stun.NewShortTermIntegrity(secrets.remote.pwd).Check(m) != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended || !slices.Contains(e.routes, r) {
		return
	}
	r.heard.Store(int64(now))
	r.checked.Store(int64(now))
	if s.routes.find(from) != r {
		s.routes.put(r)
	}
	media := e.media.Load()
	if media == nil || media == r || !follows(media, r, now) {
		return
	}
	// The agent goes on sending to the address it knows, which is here now.
	was, is := media.shown.Load(), r.shown.Load()
	r.shown.Store(was)
	media.shown.Store(is)
	e.media.Store(r)
	e.ports.followed.Add(1)
}

// ask remembers a probe, or reports that there are too many.
func (p *ports) ask(id [stun.TransactionIDSize]byte, q *probe, now time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.probes) >= probesMost {
		for id, old := range p.probes {
			if now-old.at > probeLasts {
				delete(p.probes, id)
			}
		}
		if len(p.probes) >= probesMost {
			return false
		}
	}
	p.probes[id] = q
	return true
}

// asked takes back the probe that is answered; nil if none is.
func (p *ports) asked(id [stun.TransactionIDSize]byte) *probe {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.probes[id]
	delete(p.probes, id)
	return q
}
