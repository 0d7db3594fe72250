package sfu

import (
	"encoding/binary"
	"io"
	"time"

	"github.com/giaoban/giaoban/internal/rewrite"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const (
	hearingEvery = 50 * time.Millisecond // between two reports of when packets came
	tallyEvery   = time.Second           // between two of how many did
	tripGuess    = 100 * time.Millisecond
	repliesMax   = 32      // RTCP packets waiting for a client
	probeSSRC    = 0       // of what Chromium sends to learn what a line takes
	reporterSSRC = 1       // whom RTCP that is about no stream of its own comes from
	osnBytes     = 2       // of the number before a repair's payload (RFC 4588 §4)
	ntpMiddle    = 1 << 16 // a sender report is named by the middle of its time
)

// hearing is the receiving end of everything one client sends: it tells the
// client when packets came (transport-wide congestion control), how many did
// (RFC 3550 §6.4.2), and which did not (RFC 4585 §6.2.1). Nothing in it has a
// timer: what is due is said when the next packet comes, so a client that sends
// nothing costs nothing. It belongs to the goroutine on which Pion decrypts.
type hearing struct {
	peer     *Peer
	number   uint8 // id of the header extension with the transport-wide number; 0 is none
	recorder *twcc.Recorder
	header   rtp.Header
	fresh    int           // packets recorded since they were last reported
	told     time.Duration // when they were
	tallied  time.Duration
	ends     []*end
}

// end is the receiving end of one layer.
type end struct {
	layer *layer
	tally tally
	gaps  gaps
}

func newHearing(p *Peer, number uint8) *hearing {
	return &hearing{peer: p, number: number, recorder: twcc.NewRecorder(reporterSSRC)}
}

// of finds the end of a layer.
func (h *hearing) of(l *layer) *end {
	for _, e := range h.ends {
		if e.layer == l {
			return e
		}
	}
	count := &h.peer.sfu.count
	e := &end{layer: l, tally: newTally(l.source.clockRate()), gaps: gaps{found: &count.missing, lost: &count.givenUp}}
	h.ends = append(h.ends, e)
	return e
}

// take hears a packet of a layer, or one that repairs it; of no layer, a probe.
func (h *hearing) take(raw []byte, l *layer, repair bool) {
	n, err := h.header.Unmarshal(raw)
	if err != nil {
		return
	}
	now := h.peer.sfu.now()
	if number := h.header.GetExtension(h.number); h.number != 0 && len(number) == 2 {
		h.recorder.Record(h.header.SSRC, binary.BigEndian.Uint16(number), now.Microseconds())
		h.fresh++
	}
	if l != nil {
		e := h.of(l)
		if repair {
			e.mend(raw, n, h.header.Padding)
		} else {
			e.take(raw, n, &h.header, now)
		}
		h.ask(e, now)
	}
	h.tell(now)
}

// take counts a packet, and what is missing before it. Behind a closed gate
// nothing is missed, and sound is not asked for again.
func (e *end) take(raw []byte, n int, header *rtp.Header, now time.Duration) {
	moment := e.tally.count(header.SequenceNumber, header.Timestamp, now)
	switch {
	case e.layer.source.key.Kind.Audio():
	case !e.layer.source.gate.open():
		e.gaps.forget()
	default:
		e.gaps.note(header.SequenceNumber, moment, now)
		if len(e.gaps.missing) > 0 && e.layer.begins(raw, n, header.Padding) {
			e.gaps.overtake(header.SequenceNumber)
		}
	}
}

// mend takes what a repair brings (RFC 4588 §4); one that is all padding is a probe.
func (e *end) mend(raw []byte, header int, padded bool) {
	if payload, ok := unpad(raw, header, padded); ok && len(payload) >= osnBytes {
		e.gaps.mend(binary.BigEndian.Uint16(payload))
	}
}

// ask lets the writer send for what is missing and due.
func (h *hearing) ask(e *end, now time.Duration) {
	if len(e.gaps.missing) == 0 {
		return
	}
	if due := e.gaps.ask(h.trip(), now); len(due) > 0 {
		h.reply(&rtcp.TransportLayerNack{
			SenderSSRC: reporterSSRC, MediaSSRC: e.layer.ssrc.Load(), Nacks: rtcp.NackPairsFromSequenceNumbers(due),
		})
	}
}

// tell lets the writer send what is due on what has come.
func (h *hearing) tell(now time.Duration) {
	if h.fresh > 0 && now-h.told >= hearingEvery {
		h.fresh, h.told = 0, now
		h.reply(h.recorder.BuildFeedbackPacket()...)
	}
	if now-h.tallied >= tallyEvery {
		h.tallied = now
		h.report(now)
	}
}

// trip is the round trip to the client, as far as it is known.
func (h *hearing) trip() time.Duration {
	if seen := h.peer.writer.line.sight.Load(); seen != nil && seen.Trip > 0 {
		return seen.Trip
	}
	return tripGuess
}

// report tells how much has come of each layer that sends.
func (h *hearing) report(now time.Duration) {
	rr := &rtcp.ReceiverReport{SSRC: reporterSSRC}
	for _, e := range h.ends {
		r, ok := e.tally.report()
		if !ok {
			continue
		}
		r.SSRC = e.layer.ssrc.Load()
		if said := e.layer.report.Load(); said != nil {
			r.LastSenderReport = uint32(said.NTP / ntpMiddle)
			r.Delay = uint32((now - said.at) * ntpMiddle / time.Second)
		}
		rr.Reports = append(rr.Reports, r)
	}
	if len(rr.Reports) > 0 {
		h.reply(rr)
	}
}

// reply gives the writer what to send. A client whose line is so slow that it
// cannot keep up with this is not helped by more of it.
func (h *hearing) reply(packets ...rtcp.Packet) {
	for _, p := range packets {
		h.peer.writer.replies.push(p)
	}
	h.peer.writer.wakeUp()
}

// probes is where packets end up that are of no stream: they only tell what the
// line takes.
type probes struct{ peer *Peer }

func (p probes) Read([]byte) (int, error) { return 0, io.EOF }
func (p probes) Close() error             { return nil }

func (p probes) Write(b []byte) (int, error) {
	p.peer.buffers.hearing.take(b, nil, false)
	return len(b), nil
}

// senderReport is what a publisher last said of a layer's clock.
type senderReport struct {
	rewrite.Clock
	at time.Duration // when it came
}

// reports is where the RTCP ends up that a client sends about a stream it
// sends: its sender reports tell the clock of a layer.
type reports struct {
	from *buffers
	ssrc uint32
}

func (r *reports) Read([]byte) (int, error) { return 0, io.EOF }
func (r *reports) Close() error             { return nil }

func (r *reports) Write(b []byte) (int, error) {
	defer r.from.peer.recovered()
	if l, repair := r.from.layerOf(r.ssrc); l != nil && !repair {
		l.learnClock(b)
	}
	return len(b), nil
}

func (l *layer) learnClock(b []byte) {
	packets, err := rtcp.Unmarshal(b)
	if err != nil {
		return
	}
	for _, p := range packets {
		if sr, ok := p.(*rtcp.SenderReport); ok && sr.SSRC == l.ssrc.Load() {
			l.report.Store(&senderReport{Clock: rewrite.Clock{NTP: sr.NTPTime, RTP: sr.RTPTime}, at: l.source.sfu.now()})
		}
	}
}
