package cascade

import (
	"log/slog"
	"time"

	"github.com/giaoban/giaoban/sfu"
)

// sightEvery is how often a node reports what is below it.
const sightEvery = 2 * time.Second

// pings measures a link: round trip, and how far the other clock is ahead.
type pings struct {
	n     uint64
	sent  [8]time.Time // of the newest
	rtt   time.Duration
	clock int64 // ms
}

func (p *pings) next() []byte {
	p.n++
	p.sent[p.n%uint64(len(p.sent))] = time.Now()
	return encode("ping", pingMsg{N: p.n})
}

// answered takes a pong; one for a much older ping measures nothing.
func (p *pings) answered(m *pongMsg) {
	if m.N == 0 || m.N > p.n || p.n-m.N >= uint64(len(p.sent)) {
		return
	}
	sent := p.sent[m.N%uint64(len(p.sent))]
	p.rtt = time.Since(sent)
	p.clock = m.NowMs - sent.Add(p.rtt/2).UnixMilli()
}

// rates turns running totals into bits a second.
type rates struct {
	at      time.Time
	in, out uint64
}

// since gives the rates since the last call, and keeps the totals.
func (r *rates) since(now time.Time, s sfu.LinkStats) (in, out int64) {
	if d := now.Sub(r.at).Seconds(); !r.at.IsZero() && d > 0 && s.BytesIn >= r.in && s.BytesOut >= r.out {
		in, out = int64(float64(8*(s.BytesIn-r.in))/d), int64(float64(8*(s.BytesOut-r.out))/d)
	}
	r.at, r.in, r.out = now, s.BytesIn, s.BytesOut
	return in, out
}

// read takes from the figures of media what does not need two of them.
func read(into *Sight, s sfu.LinkStats) {
	into.Path, into.Loss, into.Alarms = s.Path, s.Loss, s.Alarms
	into.StreamsUp, into.StreamsDn = s.Receiving, s.Sending
}

// noteMedia logs what the media of a link has to say.
func noteMedia(log *slog.Logger, n sfu.LinkNotice) {
	switch {
	case n.Up != nil && *n.Up:
		log.Info("media of the link flows")
	case n.Up != nil:
		log.Warn("media of the link stopped")
	case n.Alarm != nil:
		log.Error("the other end sent what it may not", "alarm", n.Alarm.Why, "meeting", n.Alarm.Meeting, "source", n.Alarm.Source.String())
	}
}

// tell reports to the parent what is known of the nodes below, and keeps the
// own view of the line.
func (s *upstate) tell() {
	now := time.Now()
	sight := Sight{Node: s.cfg.path(), State: s.m.state(), SinceMs: millis(s.m.lostAt), RTTMs: s.pings.rtt.Milliseconds(), ClockMs: s.pings.clock}
	if s.media != nil {
		stats := s.media.Stats()
		sight.DownBps, sight.UpBps = s.rates.since(now, stats)
		read(&sight, stats)
		sight.StreamsUp, sight.StreamsDn = sight.StreamsDn, sight.StreamsUp // which are the child's here
	}
	s.mu.Lock()
	sight.Diverged, sight.Unanswered = s.differs, uint64(len(s.pending))
	s.sight = sight
	s.mu.Unlock()
	if s.sock == nil || now.Before(s.sightAt) {
		return
	}
	s.sightAt = now.Add(sightEvery)
	var below []Sight
	if s.cfg.Below != nil {
		below = s.cfg.Below()
	}
	s.sock.send(encode("sight", sightMsg{Nodes: below[:min(len(below), maxSights)], Diverged: sight.Diverged, Unanswered: sight.Unanswered}))
}
