package sfu

import (
	"time"

	"github.com/giaoban/giaoban/internal/rewrite"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// alarmAfter is how long sound may come past a closed gate: two nodes' clocks
// differ by less.
const alarmAfter = time.Second

// arrival is the receiving end of one stream of a link: it asks for what is
// missing (RFC 4585 §6.2.1), undoes the repairs (RFC 4588) and hands packets to
// the stream, whose gate stands before anything else. It belongs to the reader
// of its transport.
type arrival struct {
	t         *transport
	branch    *branch
	stream    *stream
	ssrc, rtx uint32

	gaps    gaps
	strayed time.Duration
	alarmed bool
}

// newArrival makes the receiving end of what was announced.
func newArrival(t *transport, b *branch, l *layer, m announceMessage) *arrival {
	formats := map[uint8]codec{linkVideo: codecVP8, linkH264: codecH264}
	if l.source.key.Kind.Audio() {
		formats = map[uint8]codec{linkAudio: codecOpus}
	}
	count := &t.link.count
	return &arrival{
		t: t, branch: b, stream: newStream(l, formats, nil), ssrc: m.SSRC, rtx: m.RTX,
		gaps: gaps{found: &count.holes, lost: &count.givenUp},
	}
}

// room is where the next packet is decrypted to, capped so that a growing
// buffer is never one of the stream's own.
func (a *arrival) room() []byte { return a.stream.room.room(a.stream.size)[:0] }

// take takes a decrypted packet, and reports whether some are missing.
func (a *arrival) take(plain []byte, h *rtp.Header, now time.Duration) bool {
	if !a.stream.source.gate.open() {
		a.gaps.forget()
		a.stray(now)
		a.stream.take(plain, false) // counts and drops it
		return false
	}
	a.strayed = 0
	if h.SSRC == a.rtx {
		a.repaired(plain, h)
	} else {
		a.gaps.note(h.SequenceNumber, false, now)
		if len(a.gaps.missing) > 0 && a.stream.layer.begins(plain, h.MarshalSize(), h.Padding) {
			a.gaps.overtake(h.SequenceNumber)
		}
		a.stream.take(plain, false)
	}
	return len(a.gaps.missing) > 0
}

// stray raises the alarm over sound that the plan of this node does not allow
// and that does not stop: the stream drops it, as its gate is closed.
func (a *arrival) stray(now time.Duration) {
	switch {
	case !a.stream.source.key.Kind.Audio():
	case a.strayed == 0 || now-a.strayed > 2*alarmAfter && !a.alarmed:
		a.strayed = now
	case now-a.strayed >= alarmAfter && !a.alarmed:
		a.alarmed = true
		a.t.link.alarm(LinkAlarm{Meeting: a.branch.id, Source: a.stream.source.key, Why: AlarmNotPermitted})
	}
}

// repaired puts a packet together again: the header it had, with the number
// that stands before its payload. Only one that was asked for is taken.
func (a *arrival) repaired(plain []byte, h *rtp.Header) {
	n := h.MarshalSize()
	if n > len(plain) || len(plain)-n < 2 || h.Padding {
		a.stream.source.drop(dropMalformed)
		return
	}
	seq := uint16(plain[n])<<8 | uint16(plain[n+1])
	a.gaps.mend(seq)
	body := plain[n+2:]
	copy(plain[2:4], plain[n:n+2])
	plain[1] = plain[1]&0x80 | repairedType(plain[1]&0x7f)
	a.t.link.count.mended.Add(1)
	copy(plain[n:], body)
	a.stream.take(plain[:n+len(body)], true)
}

// request asks for what is missing and due, and reports whether anything is.
func (a *arrival) request(now time.Duration) bool {
	if due := a.gaps.ask(a.t.link.rtt(), now); len(due) > 0 {
		a.t.writer.report(&rtcp.TransportLayerNack{SenderSSRC: reporterSSRC, MediaSSRC: a.ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(due)})
	}
	return len(a.gaps.missing) > 0
}

// clock learns the course of time of the layer from a sender report.
func (a *arrival) clock(sr *rtcp.SenderReport) {
	a.stream.layer.report.Store(&senderReport{Clock: rewrite.Clock{NTP: sr.NTPTime, RTP: sr.RTPTime}, at: a.t.link.sfu.now()})
}
