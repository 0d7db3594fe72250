package sfu

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/rewrite"
	"github.com/pion/rtcp"
)

const resendSaved = 64 << 10 // bytes of unused share of resends that are kept

// Payload types on a link: whose a packet is is settled by its SSRC. That of a
// repair is one more.
const (
	linkVideo       = 96
	linkVideoRepair = 97
	linkH264        = 98
	linkH264Repair  = 99
	linkAudio       = 111
	linkAudioRepair = 112
)

const (
	relayVideoHistory = 1024 // packets that can be sent again: a second of a large picture
	relayAudioHistory = 64
	relayResendMax    = 6 // of one packet
)

// repairedType is the payload type of what a repair of a type repairs.
func repairedType(repair byte) byte {
	switch repair {
	case linkVideoRepair, linkH264Repair, linkAudioRepair:
		return repair - 1
	}
	return repair
}

// linkKind is the payload type of a codec on a link.
func linkKind(c codec) byte {
	return [codecs]byte{codecOpus: linkAudio, codecVP8: linkVideo, codecH264: linkH264}[c]
}

// relay sends one layer of a source over a link, each packet once and as it
// is: sequence numbers, timestamps and picture ids are the publisher's. It
// lives for one opening of the gate, so that its numbers never jump far enough
// to lose the rollover counter of SRTP (RFC 3711 §3.3.1).
type relay struct {
	writer    *linkWriter
	branch    *branch
	layer     *layer
	ssrc, rtx uint32
	video     bool
	ended     atomic.Bool
	torn      atomic.Bool   // the publisher's numbers jumped; another relay must take over
	skipped   atomic.Uint64 // timestamp+1 of a picture that lost a packet to a full writer
	wanted    bucket        // keyframe requests; owned by the reader

	opened *permit // it was made for, or sent through; owned by the router

	// Owned by the writer.
	run     uint32
	begun   bool
	history rewrite.History[relayed]
	budget  int
	repair  uint16
	newest  *packet
	sent    rtpCount
}

// relayed is what must be known of a packet to send it again.
type relayed struct {
	packet *packet
	last   time.Duration
	times  uint8
}

func newRelay(t *transport, b *branch, l *layer, ssrc uint32) *relay {
	r := &relay{writer: t.writer, branch: b, layer: l, ssrc: ssrc, rtx: ssrc + 1, video: !l.source.key.Kind.Audio()}
	r.opened = l.source.gate.passes()
	return r
}

// wantsKeyframe passes a request of the other end on, a share of them, as one
// of a client here.
func (r *relay) wantsKeyframe(now time.Duration) {
	count := &r.layer.source.sfu.count
	count.keyframesWanted.Add(1)
	if !r.wanted.take(now, wantEvery/2, wantAtOnce) {
		count.keyframesRefused.Add(1)
		return
	}
	r.layer.askKeyframe()
}

// nacked queues what the other end has not got.
func (r *relay) nacked(nack *rtcp.TransportLayerNack) {
	for _, pair := range nack.Nacks {
		pair.Range(func(seq uint16) bool { return r.writer.resend(r, seq) })
	}
	r.writer.wakeUp()
}

// send sends a packet, and remembers it.
func (r *relay) send(p *packet) {
	if r.ended.Load() || r.torn.Load() {
		return
	}
	if r.begun && p.run != r.run {
		r.torn.Store(true)
		r.branch.router.wake()
		return
	}
	if !r.begun {
		r.begun, r.run = true, p.run
		size := relayAudioHistory
		if r.video {
			size = relayVideoHistory
		}
		r.history = rewrite.NewHistory[relayed](size)
	}
	r.newest = p
	r.history.Put(p.seq, relayed{packet: p})
	r.budget = min(r.budget+len(p.payload)/resendShare, resendSaved)
	r.sent.packets++
	r.sent.bytes += uint64(len(p.payload))
	r.writer.emit(outgoing{kind: linkKind(p.codec), marker: p.marker, seq: uint16(p.seq), ts: uint32(p.ts), ssrc: r.ssrc, payload: p.payload})
}

// resend answers a NACK by RTX (RFC 4588), within a share of what is sent.
func (r *relay) resend(seq uint16, now time.Duration) {
	past, ok := r.history.Get(seq)
	if r.ended.Load() || !ok || past.times >= relayResendMax || past.times > 0 && now-past.last < r.writer.again() {
		return
	}
	payload := past.packet.payload
	if len(payload) > r.budget+resendFree {
		return
	}
	r.budget -= len(payload)
	past.times++
	past.last = now
	r.repair++
	r.writer.t.link.count.resent.Add(1)
	r.writer.emit(outgoing{
		kind: linkKind(past.packet.codec) + 1, marker: past.packet.marker, seq: r.repair, ts: uint32(past.packet.ts), ssrc: r.rtx,
		original: seq, repair: true, payload: payload,
	})
}

// pad sends the newest packet again though nobody asked, and gives its size.
func (r *relay) pad() int {
	if !r.video || r.newest == nil || r.ended.Load() {
		return 0
	}
	p := r.newest
	r.repair++
	r.writer.emit(outgoing{
		kind: linkKind(p.codec) + 1, marker: p.marker, seq: r.repair, ts: uint32(p.ts), ssrc: r.rtx,
		original: uint16(p.seq), repair: true, payload: p.payload,
	})
	return len(p.payload) + linkHeader
}

func (r *relay) owner() clockOwner {
	return clockOwner{from: r.layer.source.from, point: r.layer.source.key.Point}
}

// report is the sender report of the relay at a time: the publisher's own
// clock shifted to this node's if it is known, else the course of arrivals.
func (r *relay) report(now time.Duration, wall time.Time) *rtcp.SenderReport {
	if r.newest == nil || r.ended.Load() {
		return nil
	}
	sr := &rtcp.SenderReport{SSRC: r.ssrc, PacketCount: uint32(r.sent.packets), OctetCount: uint32(r.sent.bytes)}
	if clock := r.layer.report.Load(); clock != nil {
		sr.NTPTime, sr.RTPTime = clock.NTP+r.writer.shift(r.owner(), clock.NTP, ntp(wall)), clock.RTP
		return sr
	}
	rate := time.Duration(audioRate)
	if r.video {
		rate = videoRate
	}
	sr.NTPTime = ntp(wall)
	sr.RTPTime = uint32(r.newest.ts) + uint32((now-r.newest.at)*rate/time.Second)
	return sr
}

// outgoing is one RTP packet of a link.
type outgoing struct {
	kind     byte
	marker   bool
	repair   bool
	original uint16 // number of the repaired packet
	seq      uint16
	ts, ssrc uint32
	payload  []byte
}

// marshal writes the packet with its transport-wide number (RFC 8285 §4.2) and
// gives its length.
func (o *outgoing) marshal(b []byte, number uint16) int {
	b[0], b[1] = 0x90, o.kind
	if o.marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], o.seq)
	binary.BigEndian.PutUint32(b[4:], o.ts)
	binary.BigEndian.PutUint32(b[8:], o.ssrc)
	copy(b[12:], []byte{0xbe, 0xde, 0, 1, linkExtension<<4 | 1, byte(number >> 8), byte(number), 0})
	n := linkHeader
	if o.repair {
		binary.BigEndian.PutUint16(b[n:], o.original)
		n += 2
	}
	return n + copy(b[n:], o.payload)
}

const (
	linkHeader = 20
	resendFree = 16 << 10 // bytes that may be sent again before any share is saved
)
