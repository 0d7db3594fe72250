package sfu

import (
	"sync/atomic"

	"github.com/giaoban/giaoban/internal/meeting"
)

// said is a kind of feedback a client sends about what it is sent.
type said uint8

// Kinds, in the order of saidNames.
const (
	saidReport      said = iota // reception report, RFC 3550 §6.4
	saidREMB                    // estimate, draft-alvestrand-rmcat-remb
	saidTransportCC             // draft-holmer-rmcat-transport-wide-cc-extensions
	saidNACK                    // RFC 4585 §6.2.1
	saidPLI                     // RFC 4585 §6.3.1
	saidFIR                     // RFC 5104 §4.3.1
	saidKinds
)

// saidNames are the names of the kinds in Stats and in /metrics.
var saidNames = [saidKinds]string{"report", "remb", "transport_cc", "nack", "pli", "fir"}

// sayings counts what all clients of one point have said, those that have left
// as well.
type sayings [saidKinds]atomic.Uint64

// Feedback says of which point's clients a count is, empty for those of none,
// and of which kind of RTCP: report, remb, transport_cc, nack, pli, fir.
type Feedback struct {
	Point meeting.PointID
	Kind  string
}

// saidBy is the count of a point's clients, new for the first of them.
func (s *SFU) saidBy(point meeting.PointID) *sayings {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.said[point] == nil {
		s.said[point] = &sayings{}
	}
	return s.said[point]
}

// allSaid reads every count. What was never said has no entry.
func (s *SFU) allSaid() map[Feedback]uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	sums := map[Feedback]uint64{}
	for point, counts := range s.said {
		for kind, name := range saidNames {
			if n := counts[kind].Load(); n > 0 {
				sums[Feedback{point, name}] = n
			}
		}
	}
	return sums
}
