package sfu

import (
	"sync/atomic"

	"github.com/giaoban/giaoban/internal/meeting"
)

// drop is a reason why a packet that arrived was not forwarded.
type drop uint8

// Reasons, in the order of dropNames.
const (
	dropNotPermitted drop = iota
	dropPayloadType
	dropUnbound
	dropRepair
	dropMalformed
	dropDuplicate
	dropOversize
	dropReasons
)

// dropNames are the names of the reasons in Stats and in /metrics.
var dropNames = [dropReasons]string{
	"not_permitted", "wrong_payload_type", "unbound_ssrc", "unasked_repair",
	"malformed", "duplicate", "oversize",
}

// counters are the figures of one SFU, kept as atomics and read on demand.
type counters struct {
	packetsIn, bytesIn       atomic.Uint64
	packetsOut, bytesOut     atomic.Uint64
	drops                    [dropReasons]atomic.Uint64
	residence                residence
	writerDrops, writeErrors atomic.Uint64
	nacked, resent, silence  atomic.Uint64
	missing, givenUp         atomic.Uint64 // packets of publishers
	padding                  atomic.Uint64 // packets of padding, to probe lines
	thinned                  atomic.Uint64 // pictures left out because a line was behind
	unrepaired               atomic.Uint64 // packets not sent again for want of room
	keyframesWanted          atomic.Uint64 // PLI and FIR from clients
	keyframesRefused         atomic.Uint64 // of a client that asked too often
	keyframesAsked           atomic.Uint64 // by anybody, before the broker
	keyframesSent            atomic.Uint64 // PLI to publishers
	replays                  atomic.Uint64 // of an opening, instead
	panics, failed, stuck    atomic.Uint64
}

func (c *counters) arrive(bytes int) {
	c.packetsIn.Add(1)
	c.bytesIn.Add(uint64(bytes))
}

func (c *counters) drop(why drop, n uint64) { c.drops[why].Add(n) }

// sourceCount are the figures of one source.
type sourceCount struct {
	packets, bytes atomic.Uint64
	passed         atomic.Uint64
	drops          [dropReasons]atomic.Uint64
}

func (s *source) arrive(bytes int) {
	s.count.packets.Add(1)
	s.count.bytes.Add(uint64(bytes))
	s.sfu.count.arrive(bytes)
}

func (s *source) drop(why drop) {
	s.count.drops[why].Add(1)
	s.sfu.count.drop(why, 1)
}

// Stats is a reading of every figure of an SFU. All but the gauges only grow.
type Stats struct {
	Meetings, Peers, Connected int // gauges

	PacketsIn, BytesIn   uint64 // decrypted RTP from clients, undeclared streams included
	PacketsOut, BytesOut uint64 // RTP to clients, payload bytes; retransmissions included
	// Dropped counts arrived packets that were not forwarded, by reason:
	// not_permitted, wrong_payload_type, unbound_ssrc, unasked_repair,
	// malformed, duplicate, oversize. Every reason is present.
	Dropped map[string]uint64
	// Feedback counts the RTCP of clients, about what they are sent.
	Feedback    map[Feedback]uint64
	WriterDrops uint64 // packets a slow client's writer had no room for
	WriteErrors uint64
	SocketDrops uint64 // datagrams the kernel had no room for
	Late        uint64 // packets that waited too long for a TCP connection
	TurnedAway  uint64 // datagrams of addresses that sent too many
	Missing     uint64 // packets of publishers asked for again
	GivenUp     uint64 // and that never came
	Nacked      uint64 // packets clients asked for again
	Resent      uint64 // and were sent again
	Silence     uint64 // silence packets made when a voice closed
	Padding     uint64 // packets of padding, sent to learn what lines take
	Thinned     uint64 // pictures left out because a client's line was behind
	Unrepaired  uint64 // packets not sent again because repair has its share of a line

	KeyframesWanted, KeyframesAsked, KeyframesSent uint64
	KeyframesRefused                               uint64 // wanted too often by one client
	Replays                                        uint64 // a keyframe of before sent again instead
	Panics, Failed, Stuck                          uint64 // peers

	Residence Residence
}

// SourceStats are the figures of one source of a peer or a link.
type SourceStats struct {
	Meeting   meeting.ID
	Source    meeting.SourceKey
	Open      bool              // the gate
	Fan       int               // slots and links it is sent to
	Packets   uint64            // arrived
	Bytes     uint64            // arrived
	Passed    uint64            // packets that got past the gate and every check
	Dropped   map[string]uint64 // by reason, those that occurred
	Keyframes uint64            // requests sent to the publisher
	Layers    []LayerStats      // smallest first
}

// LayerStats are the figures of one layer of a source.
type LayerStats struct {
	Name   string // the rid; empty for the only layer
	Fan    int    // slots and links it is sent to
	Passed uint64 // packets that got past the gate and every check
	Flow          // over the last whole second; all 0 if nothing comes
}

// Stats reads every figure.
func (s *SFU) Stats() Stats {
	c := &s.count
	st := Stats{
		PacketsIn: c.packetsIn.Load(), BytesIn: c.bytesIn.Load(),
		PacketsOut: c.packetsOut.Load(), BytesOut: c.bytesOut.Load(),
		Dropped:     make(map[string]uint64, dropReasons),
		Feedback:    s.allSaid(),
		WriterDrops: c.writerDrops.Load(), WriteErrors: c.writeErrors.Load(),
		SocketDrops: s.ports.dropped(), TurnedAway: s.ports.turned(), Late: s.ports.late(),
		Missing: c.missing.Load(), GivenUp: c.givenUp.Load(), Nacked: c.nacked.Load(), Resent: c.resent.Load(), Silence: c.silence.Load(), Padding: c.padding.Load(), Thinned: c.thinned.Load(), Unrepaired: c.unrepaired.Load(),
		KeyframesWanted: c.keyframesWanted.Load(), KeyframesAsked: c.keyframesAsked.Load(),
		KeyframesSent: c.keyframesSent.Load(), KeyframesRefused: c.keyframesRefused.Load(), Replays: c.replays.Load(),
		Panics: c.panics.Load(), Failed: c.failed.Load(), Stuck: c.stuck.Load(),
		Residence: c.residence.read(),
	}
	for why := range dropReasons {
		st.Dropped[dropNames[why]] = c.drops[why].Load()
	}
	st.Dropped["oversize"] += s.ports.oversize.Load()
	for _, r := range s.routers() {
		st.Meetings++
		for _, p := range r.members() {
			st.Peers++
			if p.connected.Load() {
				st.Connected++
			}
		}
	}
	return st
}

// Sources reads the figures of every source of a meeting, those that come over
// links first.
func (s *SFU) Sources(id meeting.ID) []SourceStats {
	r := s.router(id)
	if r == nil {
		return nil
	}
	var all []SourceStats
	for _, src := range published(r.members(), r.branches()) {
		all = append(all, src.stats())
	}
	return all
}

func (s *source) stats() SourceStats {
	st := SourceStats{
		Meeting: s.router.id, Source: s.key, Open: s.gate.open(),
		Packets: s.count.packets.Load(), Bytes: s.count.bytes.Load(), Passed: s.count.passed.Load(),
		Dropped: map[string]uint64{},
	}
	for _, l := range s.layers {
		st.Fan += len(l.fanned()) + len(l.relayed())
		st.Keyframes += l.keys.requests.Load()
		st.Layers = append(st.Layers, LayerStats{Name: l.rid, Fan: len(l.fanned()) + len(l.relayed()), Passed: l.got.Load(), Flow: l.flow(s.sfu.now())})
	}
	for why := range dropReasons {
		if n := s.count.drops[why].Load(); n > 0 {
			st.Dropped[dropNames[why]] = n
		}
	}
	return st
}
