package sfu

import (
	"maps"
	"time"
)

// LinkStats is a reading of the figures of a link. All but the gauges only grow.
type LinkStats struct {
	Up         bool          // gauge: media flows
	Path       string        // gauge: udp or tcp; empty while there is none
	Estimate   uint64        // gauge: what the line is thought to take from here, bits a second
	RoundTrip  time.Duration // gauge; 0 until it is known
	Loss       float64       // gauge: share of what this end sent lately that was lost
	Starved    bool          // gauge: the line takes less than is wanted
	Sending    int           // gauge: streams announced to the other end
	Receiving  int           // gauge: streams the other end has announced
	Encodings  int           // gauge: different encodings among those sending; fewer than them is one that crosses twice
	Transports uint64        // paths that came up; more than one means restarts

	StreamsIn, StreamsOut uint64 // announced so far
	PacketsIn, PacketsOut uint64 // RTP, repairs included
	BytesIn, BytesOut     uint64 // UDP payload of all media: RTP, RTCP, DTLS
	Holes                 uint64 // packets that did not come at first
	Mended                uint64 // repairs that came
	GivenUp               uint64 // packets that never came
	Resent                uint64 // packets sent again
	Stale                 uint64 // packets of pictures that waited too long for the line
	Undeclared            uint64 // packets of streams nobody announced
	Strays                uint64 // datagrams that are no media, or not of this path
	Strangers             uint64 // announced sources of points that are not beyond
	Alarms                uint64
}

// Stats reads every figure.
func (l *Link) Stats() LinkStats {
	c := &l.count
	st := LinkStats{
		Estimate: c.estimate.Load(), RoundTrip: l.rtt(), Loss: float64(c.loss.Load()) / 1000, Starved: c.starved.Load(),
		Transports: c.transports.Load(), StreamsIn: c.streamsIn.Load(), StreamsOut: c.streamsOut.Load(),
		PacketsIn: c.packetsIn.Load(), PacketsOut: c.packetsOut.Load(), BytesIn: c.bytesIn.Load(), BytesOut: c.bytesOut.Load(),
		Holes: c.holes.Load(), Mended: c.mended.Load(), GivenUp: c.givenUp.Load(), Resent: c.resent.Load(), Stale: c.stale.Load(),
		Undeclared: c.undeclared.Load(), Strays: c.strays.Load(), Strangers: c.strangers.Load(), Alarms: c.alarms.Load(),
	}
	if t := l.current.Load(); t.up() {
		st.Up = true
		relays := *t.relays.Load()
		st.Sending, st.Receiving = len(relays), len(*t.arrivals.Load())/2
		encodings := make(map[*layer]bool, len(relays))
		for _, r := range relays {
			encodings[r.layer] = true
		}
		st.Encodings = len(encodings)
		if pair, err := t.agent.GetSelectedCandidatePair(); err == nil && pair != nil {
			st.Path = "udp"
			if pair.Local.NetworkType().IsTCP() {
				st.Path = "tcp"
			}
		}
	}
	return st
}

// Links reads the figures of every link, by its name.
func (s *SFU) Links() map[string]LinkStats {
	s.mu.Lock()
	links := maps.Clone(s.links)
	s.mu.Unlock()
	all := make(map[string]LinkStats, len(links))
	for name, l := range links {
		all[name] = l.Stats()
	}
	return all
}

// unlink forgets a link, unless a newer one has its name.
func (s *SFU) unlink(l *Link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.links[l.cfg.Name] == l {
		delete(s.links, l.cfg.Name)
	}
}
