package sfu

import "time"

// unbegunAfter is how long a picture may come without one that a viewer can begin
// with, before its tile says so: no whole picture at all, or of H.264 one whose
// parameter sets nobody knows.
const unbegunAfter = 5 * time.Second

// patienceOf is since when a slot waits for a source that does send. It belongs
// to the router.
type patienceOf struct {
	source *source
	since  time.Duration
}

// unbegun reports whether the slot has waited too long for the first picture of
// a source. What it showed before may go on meanwhile.
func (s *slot) unbegun(src *source, now time.Duration) bool {
	want, shown := s.want.Load(), s.shown.Load()
	waits := src != nil && want != nil && want.source == src && want.flows(now) &&
		(shown == nil || shown.source != src) && s.writer.peer.connected.Load()
	switch {
	case !waits:
		s.patience = patienceOf{}
	case s.patience.source != src:
		s.patience = patienceOf{source: src, since: now}
	}
	return waits && now-s.patience.since >= unbegunAfter
}
