package sfu

import (
	"time"

	"github.com/giaoban/giaoban/internal/rewrite"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const (
	missingMax   = 128                    // packets of one stream that are waited for
	missingTries = 8                      // requests for one packet
	missingAge   = 600 * time.Millisecond // then it is given up
	missingFirst = 8 * time.Millisecond   // it may only be late
	missingLeast = 20 * time.Millisecond  // between two requests for one
	alarmAfter   = time.Second            // of sound past a closed gate: more than two nodes' clocks differ
)

// arrival is the receiving end of one stream of a link: it asks for what is
// missing (RFC 4585 §6.2.1), undoes the repairs (RFC 4588) and hands packets to
// the stream, whose gate stands before anything else. It belongs to the reader
// of its transport.
type arrival struct {
	t         *transport
	branch    *branch
	stream    *stream
	ssrc, rtx uint32

	began   bool
	newest  uint16
	missing []missing
	strayed time.Duration
	alarmed bool
}

// newArrival makes the receiving end of what was announced.
func newArrival(t *transport, b *branch, l *layer, m announceMessage) *arrival {
	formats := map[uint8]codec{linkVideo: codecVP8, linkH264: codecH264}
	if l.source.key.Kind.Audio() {
		formats = map[uint8]codec{linkAudio: codecOpus}
	}
	return &arrival{t: t, branch: b, stream: newStream(l, formats), ssrc: m.SSRC, rtx: m.RTX}
}

// missing is a packet that has not come.
type missing struct {
	seq   uint16
	since time.Duration
	asked time.Duration
	tries int
}

// room is where the next packet is decrypted to, capped so that a growing
// buffer is never one of the stream's own.
func (a *arrival) room() []byte { return a.stream.room.room(a.stream.size)[:0] }

// take takes a decrypted packet, and reports whether some are missing.
func (a *arrival) take(plain []byte, h *rtp.Header, now time.Duration) bool {
	if a.stream.source.gate.Load() == nil {
		a.began, a.missing = false, a.missing[:0]
		a.stray(now)
		a.stream.take(plain, false) // counts and drops it
		return false
	}
	a.strayed = 0
	if h.SSRC == a.rtx {
		a.repaired(plain, h)
		return len(a.missing) > 0
	}
	a.note(h.SequenceNumber, now)
	a.stream.take(plain, false)
	return len(a.missing) > 0
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

// note follows the numbers and notes holes.
func (a *arrival) note(seq uint16, now time.Duration) {
	ahead := int16(seq - a.newest)
	switch {
	case !a.began || ahead > missingMax || ahead < -resyncOld*8:
		a.began, a.newest = true, seq
		a.missing = a.missing[:0]
	case ahead > 0:
		for s := a.newest + 1; s != seq; s++ {
			if len(a.missing) == missingMax {
				a.t.link.count.givenUp.Add(1)
				a.missing = a.missing[:copy(a.missing, a.missing[1:])]
			}
			a.missing = append(a.missing, missing{seq: s, since: now})
			a.t.link.count.holes.Add(1)
		}
		a.newest = seq
	case ahead < 0:
		a.found(seq)
	}
}

func (a *arrival) found(seq uint16) {
	for i := range a.missing {
		if a.missing[i].seq == seq {
			a.missing = append(a.missing[:i], a.missing[i+1:]...)
			return
		}
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
	a.found(seq)
	body := plain[n+2:]
	copy(plain[2:4], plain[n:n+2])
	plain[1] = plain[1]&0x80 | repairedType(plain[1]&0x7f)
	a.t.link.count.mended.Add(1)
	copy(plain[n:], body)
	a.stream.take(plain[:n+len(body)], true)
}

// request asks for what is missing and due, and reports whether anything is.
func (a *arrival) request(now time.Duration) bool {
	if len(a.missing) == 0 {
		return false
	}
	again := max(missingLeast, a.t.link.rtt()*5/4)
	var due []uint16
	kept := a.missing[:0]
	for _, m := range a.missing {
		if now-m.since > missingAge || m.tries == missingTries {
			a.t.link.count.givenUp.Add(1)
			continue
		}
		if m.tries == 0 && now-m.since >= missingFirst || m.tries > 0 && now-m.asked >= again {
			m.tries++
			m.asked = now
			due = append(due, m.seq)
		}
		kept = append(kept, m)
	}
	a.missing = kept
	if len(due) > 0 {
		a.t.writer.report(&rtcp.TransportLayerNack{SenderSSRC: linkReportSSRC, MediaSSRC: a.ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(due)})
	}
	return len(kept) > 0
}

// clock learns the course of time of the layer from a sender report.
func (a *arrival) clock(sr *rtcp.SenderReport) {
	a.stream.layer.report.Store(&rewrite.Clock{NTP: sr.NTPTime, RTP: sr.RTPTime})
}
