package sfu

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/rewrite"
	"github.com/pion/rtcp"
)

const (
	videoLane   = 1024                   // packets of pictures waiting for one client
	audioLane   = 128                    // packets of sound, which go first
	resendLane  = 256                    // packets a client asked for again
	reportEvery = 3 * time.Second        // of every slot that has sent
	tripEvery   = 500 * time.Millisecond // of those that show something: an answer to one tells the round trip
	idleWait    = time.Second
	burst       = 16 // pictures' packets between two looks at the sound
)

// work is a packet and the slot it is for.
type work struct {
	slot   *slot
	packet *packet
}

// again is a packet a client asked for again.
type again struct {
	slot *slot
	seq  uint16
}

// writer sends to one client. Whoever has something for it pushes without
// blocking, and then serves it or wakes it; a full lane drops. One goroutine at a
// time serves it: one that brought something, one of the crew, or its own, which
// sees to what is due by the clock.
type writer struct {
	peer    *Peer
	video   *ring[work]
	audio   *ring[work]
	resends *ring[again]
	replies *ring[rtcp.Packet] // about what the client sends
	state   atomic.Uint32      // who serves it
	changed atomic.Bool        // a slot's want has changed
	called  atomic.Bool        // its own goroutine is to serve it
	swift   atomic.Bool        // the client is reached by UDP: no send ever waits, so anybody may serve it
	due     atomic.Int64       // when it is to be served by the clock,
	alarm   atomic.Int64       // and when its own goroutine will look
	token   chan struct{}
	line    *downlink

	// Owned by whoever serves it.
	slots    []*slot
	replays  int           // slots that send a past
	now      time.Duration // of what is being sent
	ticked   time.Duration // when it last saw to what is due
	stirred  bool          // by something that may be due soon
	reported time.Duration // all slots
	tripped  time.Duration // those in use
	scratch  [packetMax + 16]byte
	silence  []byte
	came     [burst]time.Duration // when the packets came that are being sent,
	leaving  int                  // so many
}

func newWriter(p *Peer, known Line) *writer {
	return &writer{
		line: newDownlink(known),
		peer: p, video: newRing[work](videoLane), audio: newRing[work](audioLane), resends: newRing[again](resendLane),
		replies: newRing[rtcp.Packet](repliesMax),
		token:   make(chan struct{}, 1), silence: []byte(opusSilence),
	}
}

// push takes a packet for a slot, or says that there is no room. Of a picture
// that lost one packet the rest is refused too.
func (w *writer) push(s *slot, p *packet) bool {
	if !s.video {
		return w.audio.push(work{s, p})
	}
	if s.skipped.Load() == p.ts+1 {
		return false
	}
	if w.video.push(work{s, p}) {
		return true
	}
	s.skipped.Store(p.ts + 1)
	return false
}

// resend queues a packet that was asked for again; false means full.
func (w *writer) resend(s *slot, seq uint16) bool { return w.resends.push(again{s, seq}) }

// idle reports whether nothing can be sent now.
func (w *writer) idle() bool {
	return w.audio.empty() && w.replies.empty() && !w.changed.Load() && (w.noPictures() || w.blocked())
}

// noPictures reports whether no picture waits to be sent, or sent again.
func (w *writer) noPictures() bool {
	return w.video.empty() && w.resends.empty() && !w.behind()
}

// behind reports whether a slot has some of a past to send.
func (w *writer) behind() bool {
	return w.replays > 0 && slices.ContainsFunc(w.slots, (*slot).behind)
}

// pass sends some of what is waiting: sound first, then what is sent again, for it
// lets pictures be shown that are there already, then pictures. It reports
// whether anything was.
func (w *writer) pass() bool {
	w.now = w.peer.sfu.now()
	if w.idle() {
		return false
	}
	if w.changed.Swap(false) {
		w.adjust()
	}
	for it, ok := w.audio.pop(); ok; it, ok = w.audio.pop() {
		w.send(it)
	}
	w.left()
	w.reply()
	for !w.resends.empty() && !w.blocked() {
		it, _ := w.resends.pop()
		it.slot.resend(it.seq, w.now)
	}
	w.pictures()
	return true
}

// reply sends what is to be said about what the client sends.
func (w *writer) reply() {
	var packets []rtcp.Packet
	for p, ok := w.replies.pop(); ok; p, ok = w.replies.pop() {
		packets = append(packets, p)
	}
	if len(packets) > 0 {
		_ = w.peer.writeRTCP(packets) // the next comes soon
	}
}

// pictures sends the next packets of pictures in one run.
func (w *writer) pictures() {
	w.peer.run.begin()
	if w.line.pacer.Wait(w.now) == 0 {
		w.catchUp()
	}
	for range burst {
		if w.line.pacer.Wait(w.now) > 0 {
			break
		}
		it, ok := w.video.pop()
		if !ok {
			break
		}
		w.send(it)
	}
	w.peer.run.flush()
	w.left()
}

// catchUp lets the slots that send a past go on, so many packets at a time that
// the sound does not wait.
func (w *writer) catchUp() {
	most := burst
	for i := 0; w.replays > 0 && i < len(w.slots); i++ {
		most -= w.slots[i].catchUp(most)
	}
}

func (w *writer) send(it work) {
	if w.peer.connected.Load() {
		it.slot.send(it.packet)
	}
}

// adjust lets every slot follow what it is wanted for.
func (w *writer) adjust() {
	w.stirred = true
	if !w.peer.connected.Load() {
		return
	}
	now := w.peer.sfu.now()
	for _, s := range w.slots {
		if s.bound.Load() != nil {
			s.adjust(now)
		}
	}
}

// tick sends what is due by the clock and says how long to sleep at most.
func (w *writer) tick(now time.Duration) time.Duration {
	wait := idleWait
	w.now, w.ticked, w.stirred = now, now, false
	if !w.peer.connected.Load() {
		return wait
	}
	w.step(now)
	w.see(now)
	if held := w.line.pacer.Wait(now); held > 0 && !w.noPictures() {
		wait = min(wait, held)
	}
	if due := w.pad(now); due > 0 {
		wait = min(wait, due-now)
	} else if w.line.need() > 0 {
		wait = min(wait, lineEvery)
	}
	for _, s := range w.slots {
		if s.video {
			continue
		}
		if due := s.breathe(now, w.silence); due > 0 {
			wait = min(wait, max(due-now, time.Millisecond))
		}
	}
	switch {
	case now-w.reported >= reportEvery:
		w.reported, w.tripped = now, now
		w.report(now, true)
	case now-w.tripped >= tripEvery:
		w.tripped = now
		w.report(now, false)
	}
	return wait
}

// report sends a sender report for every slot that shows something (RFC 3550
// §6.4.1), or for all that have sent, so that lip sync holds when they speak again.
func (w *writer) report(now time.Duration, all bool) {
	var packets []rtcp.Packet
	for _, s := range w.slots {
		b := s.bound.Load()
		if b == nil || s.sent.packets == 0 || !all && s.shown.Load() == nil {
			continue
		}
		packets = append(packets, &rtcp.SenderReport{
			SSRC: b.ssrc, NTPTime: w.peer.sfu.clock(now), RTPTime: uint32(s.munge.Now(now)),
			PacketCount: uint32(s.sent.packets), OctetCount: uint32(s.sent.bytes),
		})
	}
	if len(packets) > 0 {
		_ = w.peer.writeRTCP(packets) // the next one comes soon
	}
}

// clock is a moment since the SFU began as sender reports have it. A clock that
// somebody sets does not move it.
func (s *SFU) clock(at time.Duration) uint64 { return ntp(s.began.Round(0).Add(at)) }

// ntp is a time in the 64 bits of RFC 3550 §4.
func ntp(t time.Time) uint64 {
	const since1900 = 2208988800
	return uint64(t.Unix()+since1900)<<32 | uint64(t.Nanosecond())<<32/uint64(time.Second)
}

// frame gives the payload of a packet with another descriptor in front.
func (w *writer) frame(d rewrite.VP8, p *packet) []byte {
	n := d.Marshal(w.scratch[:])
	return w.scratch[:n+copy(w.scratch[n:], p.payload[p.vp8.Size:])]
}

// repair gives the payload of an RTX packet: the original number, then the
// original payload (RFC 4588 §4).
func (w *writer) repair(seq uint16, past *sent) []byte {
	w.scratch[0], w.scratch[1] = byte(seq>>8), byte(seq)
	n := 2
	if past.packet.codec == codecVP8 {
		n += past.vp8().Marshal(w.scratch[2:])
	}
	return w.scratch[:n+copy(w.scratch[n:], past.packet.payload[past.packet.vp8.Size:])]
}
