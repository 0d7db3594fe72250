package sfu

import "github.com/giaoban/giaoban/internal/meeting"

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

// Feedback says of which point's clients a count is, empty for those of none,
// and of which kind of RTCP: report, remb, transport_cc, nack, pli, fir.
type Feedback struct {
	Point meeting.PointID
	Kind  string
}

// countSaid adds what a peer has said to the sums of its point. What was never
// said has no entry.
func (p *Peer) countSaid(sums map[Feedback]uint64) {
	for kind, name := range saidNames {
		if n := p.said[kind].Load(); n > 0 {
			sums[Feedback{p.cfg.Point, name}] += n
		}
	}
}
