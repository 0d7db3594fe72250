package sfu

import (
	"io"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/estimate"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const (
	linkVideoLane  = 2048
	linkAudioLane  = 256
	linkResendLane = 512
	linkReportLane = 64
	linkReportEach = time.Second
	linkStale      = 400 * time.Millisecond // a picture that waited longer is of no use
	linkPaceBurst  = 8 * time.Millisecond   // of the rate may go at once
	linkShiftsMax  = 512
)

// linkWork is a packet and the relay it is for.
type linkWork struct {
	relay  *relay
	packet *packet
}

// linkAgain is a packet the other end has not got.
type linkAgain struct {
	relay *relay
	seq   uint16
}

// ack is one report of what arrived, and when it came.
type ack struct {
	feedback *rtcp.TransportLayerCC
	at       time.Duration
}

// linkWriter is the one goroutine that sends on a transport: reports and sound
// at once, repairs and pictures at the pace of the line. Every RTP packet has a
// transport-wide number, by which the other end reports what arrived.
type linkWriter struct {
	t       *transport
	video   *ring[linkWork]
	audio   *ring[linkWork]
	resends *ring[linkAgain]
	reports *ring[[]rtcp.Packet]
	acks    *ring[ack]
	parked  atomic.Bool
	token   chan struct{}

	// Owned by run.
	keys     *srtpKeys
	to       io.Writer // the other end
	number   uint16
	header   rtp.Header
	plain    [packetMax + 100]byte
	sealed   [packetMax + 150]byte
	pacer    estimate.Pacer
	control  congestion
	reported time.Duration
	shifts   map[clockOwner]uint64
}

// clockOwner is whose clock sender reports tell: all sources of a point that
// come the same way have one.
type clockOwner struct {
	from  origin
	point meeting.PointID
}

func newLinkWriter(t *transport) *linkWriter {
	return &linkWriter{
		t: t, video: newRing[linkWork](linkVideoLane), audio: newRing[linkWork](linkAudioLane),
		resends: newRing[linkAgain](linkResendLane), reports: newRing[[]rtcp.Packet](linkReportLane),
		acks: newRing[ack](linkReportLane), token: make(chan struct{}, 1), shifts: map[clockOwner]uint64{},
		control: newCongestion(t.link.cfg.Cap),
	}
}

// push takes a packet for a relay, or says that there is no room. Of a picture
// that lost one packet the rest is refused too.
func (w *linkWriter) push(r *relay, p *packet) bool {
	if !r.video {
		return w.audio.push(linkWork{r, p})
	}
	if r.skipped.Load() == p.ts+1 {
		return false
	}
	if w.video.push(linkWork{r, p}) {
		return true
	}
	r.skipped.Store(p.ts + 1)
	return false
}

func (w *linkWriter) resend(r *relay, seq uint16) bool { return w.resends.push(linkAgain{r, seq}) }

// report sends RTCP soon. A full lane drops it; what matters is said again.
func (w *linkWriter) report(packets ...rtcp.Packet) {
	if len(packets) > 0 && w.reports.push(packets) {
		w.wakeUp()
	}
}

// acknowledge takes a report of what arrived at the other end.
func (w *linkWriter) acknowledge(p *rtcp.TransportLayerCC, at time.Duration) {
	if w.acks.push(ack{p, at}) {
		w.wakeUp()
	}
}

// wakeUp wakes the writer if it sleeps.
func (w *linkWriter) wakeUp() {
	if w.parked.Load() && w.parked.CompareAndSwap(true, false) {
		select {
		case w.token <- struct{}{}:
		default: // it is about to look anyway
		}
	}
}

func (w *linkWriter) run() {
	w.keys, w.to = w.t.keys.Load(), w.t.conn
	timer := time.NewTimer(idleWait)
	defer timer.Stop()
	for {
		now := w.t.link.sfu.now()
		wait := w.drain(now)
		w.parked.Store(true)
		if !w.idle() {
			w.parked.Store(false)
			continue
		}
		timer.Reset(wait)
		select {
		case <-w.token:
		case <-timer.C:
		case <-w.t.done:
			return
		}
		w.parked.Store(false)
	}
}

// idle reports whether nothing waits but what is paced.
func (w *linkWriter) idle() bool {
	paced := w.video.empty() && w.resends.empty() || w.pacer.Wait(w.t.link.sfu.now()) > 0
	return paced && w.audio.empty() && w.reports.empty() && w.acks.empty()
}

// drain sends what may be sent now, and says how long to sleep at most.
func (w *linkWriter) drain(now time.Duration) time.Duration {
	for it, ok := w.acks.pop(); ok; it, ok = w.acks.pop() {
		w.control.feedback(it.feedback, it.at)
		w.publish()
	}
	w.control.starved = w.t.link.count.starved.Load()
	rate := w.control.pacingRate()
	w.pacer.Set(rate, max(int(rate*uint64(linkPaceBurst)/8/uint64(time.Second)), 2*packetMax), now)
	w.urgent()
	w.t.run.begin()
	for w.pacer.Wait(now) == 0 {
		if it, ok := w.resends.pop(); ok {
			it.relay.resend(it.seq, now)
			continue
		}
		it, ok := w.video.pop()
		if !ok {
			break
		}
		w.picture(it, now)
		if !w.audio.empty() {
			w.t.run.flush()
			w.urgent()
			w.t.run.begin()
		}
	}
	w.probe(now)
	w.t.run.flush()
	wait := idleWait
	if !w.video.empty() || !w.resends.empty() {
		wait = max(w.pacer.Wait(now), time.Millisecond)
	}
	if now-w.reported >= linkReportEach {
		w.reported = now
		w.senderReports(now)
	}
	return min(wait, w.control.wait())
}

// urgent sends reports and sound, whatever the pace.
func (w *linkWriter) urgent() {
	for packets, ok := w.reports.pop(); ok; packets, ok = w.reports.pop() {
		w.rtcp(packets)
	}
	for it, ok := w.audio.pop(); ok; it, ok = w.audio.pop() {
		it.relay.send(it.packet)
	}
}

// picture sends a packet of a picture, unless it has waited too long: then the
// line is behind, and the next whole picture is of more use.
func (w *linkWriter) picture(it linkWork, now time.Duration) {
	if now-it.packet.at > linkStale {
		it.relay.skipped.Store(it.packet.ts + 1)
		w.t.link.count.stale.Add(1)
		it.relay.layer.dropped()
		return
	}
	it.relay.send(it.packet)
}

// probe sends again what need not be, to learn whether the line takes more.
func (w *linkWriter) probe(now time.Duration) {
	for n := w.control.probe(now); n > 0; {
		sent := 0
		for _, r := range *w.t.relays.Load() {
			sent += r.pad()
		}
		if sent == 0 {
			return
		}
		n -= sent
	}
}

// emit seals and sends one packet. It does not allocate.
func (w *linkWriter) emit(o outgoing) {
	if len(o.payload) > packetMax {
		return
	}
	n := o.marshal(w.plain[:], w.number)
	sealed, err := w.keys.out.EncryptRTP(w.sealed[:0], w.plain[:n], &w.header)
	if err != nil {
		w.t.link.sfu.count.writeErrors.Add(1)
		return
	}
	now := w.t.link.sfu.now()
	w.control.sent(w.number, len(sealed), now)
	w.number++
	w.pacer.Send(len(sealed), now)
	w.write(sealed)
	w.t.link.count.packetsOut.Add(1)
}

func (w *linkWriter) write(b []byte) {
	if _, err := w.to.Write(b); err != nil {
		w.t.link.sfu.count.writeErrors.Add(1)
		return
	}
	w.t.link.count.bytesOut.Add(uint64(len(b)))
}

func (w *linkWriter) rtcp(packets []rtcp.Packet) {
	plain, err := rtcp.Marshal(packets)
	if err != nil || len(plain) > packetMax {
		w.t.link.sfu.count.writeErrors.Add(1)
		return
	}
	sealed, err := w.keys.out.EncryptRTCP(w.sealed[:0], plain, nil)
	if err != nil {
		w.t.link.sfu.count.writeErrors.Add(1)
		return
	}
	w.write(sealed)
}

// senderReports tells the clock of every relay (RFC 3550 §6.4.1).
func (w *linkWriter) senderReports(now time.Duration) {
	wall := time.Now()
	var packets []rtcp.Packet
	for _, r := range *w.t.relays.Load() {
		if sr := r.report(now, wall); sr != nil {
			packets = append(packets, sr)
		}
		if len(packets) == 20 { // a datagram's worth
			w.rtcp(packets)
			packets = nil
		}
	}
	if len(packets) > 0 {
		w.rtcp(packets)
	}
}

// shift is how far this node's clock is ahead of an owner's, as first seen. It
// is the same for all sources of the owner, so that lips stay in sync.
func (w *linkWriter) shift(of clockOwner, theirs, ours uint64) uint64 {
	shift, known := w.shifts[of]
	if !known {
		if len(w.shifts) >= linkShiftsMax {
			clear(w.shifts)
		}
		shift = ours - theirs
		w.shifts[of] = shift
	}
	return shift
}

// publish tells the link what the line is thought to take.
func (w *linkWriter) publish() {
	c := &w.t.link.count
	c.estimate.Store(w.control.estimate)
	c.rtt.Store(int64(w.control.rtt))
	c.loss.Store(uint64(w.control.lossPermille))
}

// again is how long to wait before one packet is sent again once more.
func (w *linkWriter) again() time.Duration { return max(w.control.rtt*3/4, missingLeast/2) }
