package sfu

import "github.com/giaoban/giaoban/internal/meeting"

// sounding is the sound a node lets past: for each source whose gate is open,
// the fact that opened it.
type sounding map[meeting.SourceKey]meeting.Seq

// record logs which gates of sound were opened and closed since the last time,
// whatever did it: a fact, or the end of what was behind the gate. Held against
// the meeting's own log it says whether a microphone was ever open that should
// not have been, at every node by itself. A closing is logged after it was done.
func (r *router) record(all []*source, seq meeting.Seq) {
	now := sounding{}
	for _, src := range all {
		if g := src.gate.Load(); g != nil && src.key.Kind.Audio() {
			now[src.key] = g.since
		}
	}
	for key, since := range r.sounding {
		if now[key] != since {
			r.sfu.log.Info("gate closed", "meeting", r.id, "source", key, "since", since, "seq", seq)
		}
	}
	for key, since := range now {
		if r.sounding[key] != since {
			r.sfu.log.Info("gate opened", "meeting", r.id, "source", key, "since", since, "seq", seq)
		}
	}
	r.sounding = now
}
