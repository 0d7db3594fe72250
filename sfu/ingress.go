package sfu

import (
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/estimate"
	"github.com/pion/rtcp"
	"github.com/pion/transport/v5/packetio"
)

const (
	quarantineMax  = 10 // packets of an undeclared stream that Pion may look at
	unboundStreams = 32 // undeclared streams before the peer is closed
	unboundReports = 64 // RTCP streams of unknown destinations before it is

	wantEvery  = 3 * time.Second // between two keyframe requests of one slot that count
	wantAtOnce = 4
)

// declared is where the packets of a stream that the offer named end up, of a
// layer or of what repairs it: on Pion's SRTP reader they are asked for by the
// gate and handed on. Pion itself reads none of them.
type declared struct {
	peer   *Peer
	stream *stream
	repair bool
	ended  chan struct{}
	once   sync.Once
}

func (f *buffers) declare(l *layer, repair bool) *declared {
	return &declared{peer: f.peer, stream: f.streams[l], repair: repair, ended: make(chan struct{})}
}

// Read waits for the end.
func (d *declared) Read([]byte) (int, error) {
	<-d.ended
	return 0, io.EOF
}

// Close ends the stream.
func (d *declared) Close() error {
	d.once.Do(func() { close(d.ended) })
	return nil
}

func (d *declared) Write(b []byte) (int, error) {
	defer d.peer.recovered()
	if len(b) > packetMax {
		d.peer.sfu.count.drop(dropOversize, 1)
		return 0, packetio.ErrFull
	}
	d.peer.buffers.hearing.take(b, d.stream.layer, d.repair)
	if d.repair {
		d.stream.mend(b)
	} else {
		d.stream.receive(b)
	}
	return len(b), nil
}

// buffers decides where the decrypted packets of each SSRC of a peer go. Pion
// calls it before any packet of the SSRC is written anywhere.
type buffers struct {
	peer    *Peer
	streams map[*layer]*stream
	bySSRC  map[uint32]*source // what the offer declared, RTX included
	byRID   []*layer           // what it declared by name only,
	mid     string             // on this m-line
	names   streamNames
	hearing *hearing
	unbound atomic.Int32
	reports atomic.Int32
}

func (f *buffers) open(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
	if kind == packetio.RTCPBufferPacket {
		return f.openReports(ssrc)
	}
	if ssrc == probeSSRC {
		return probes{f.peer}
	}
	if l, repair := f.layerOf(ssrc); l != nil {
		return f.declare(l, repair)
	}
	if f.unbound.Add(1) > unboundStreams {
		f.peer.fail("too many undeclared streams")
	}
	return newQuarantine(f, ssrc)
}

// layerOf finds the layer of a stream, or the one it repairs: by the offer, or
// by what its packets have said.
func (f *buffers) layerOf(ssrc uint32) (l *layer, repair bool) {
	if src := f.bySSRC[ssrc]; src != nil {
		return src.layers[0], src.layers[0].ssrc.Load() != ssrc
	}
	for _, l := range f.byRID {
		switch ssrc {
		case l.ssrc.Load():
			return l, false
		case l.repair.Load():
			return l, true
		}
	}
	return nil, false
}

func (f *buffers) openReports(ssrc uint32) io.ReadWriteCloser {
	switch {
	case f.bySSRC[ssrc] != nil:
		return &reports{from: f, ssrc: ssrc}
	case f.peer.slotOf(ssrc) != nil:
		return &feedback{peer: f.peer, ssrc: ssrc}
	case f.reports.Add(1) > unboundReports:
		f.peer.fail("too many reports on unknown streams")
	}
	return &reports{from: f, ssrc: ssrc}
}

// feedback is where the RTCP that a client sends about one slot ends up. It
// runs on Pion's SRTCP reader, so no slot needs a goroutine for it.
type feedback struct {
	peer   *Peer
	ssrc   uint32
	wanted bucket
}

func (f *feedback) Read([]byte) (int, error) { return 0, io.EOF }
func (f *feedback) Close() error             { return nil }

func (f *feedback) Write(b []byte) (int, error) {
	defer f.peer.recovered()
	out := f.peer.slotOf(f.ssrc)
	packets, err := rtcp.Unmarshal(b)
	if out == nil || err != nil {
		return len(b), nil
	}
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.PictureLossIndication:
			f.peer.said[saidPLI].Add(1)
			f.wants(out)
		case *rtcp.FullIntraRequest:
			f.peer.said[saidFIR].Add(1)
			f.wants(out)
		case *rtcp.TransportLayerNack:
			f.peer.said[saidNACK].Add(1)
			f.resend(out, p)
		case *rtcp.TransportLayerCC: // none is asked for
			f.peer.said[saidTransportCC].Add(1)
		case *rtcp.ReceiverReport:
			f.report(out, p.Reports)
		case *rtcp.SenderReport:
			f.report(out, p.Reports)
		case *rtcp.ReceiverEstimatedMaximumBitrate:
			f.estimate(out, p)
		}
	}
	return len(b), nil
}

// report passes on what a client says about this slot. A packet that is about
// several comes to each of them.
func (f *feedback) report(out *slot, reports []rtcp.ReceptionReport) {
	for _, r := range reports {
		if r.SSRC == f.ssrc {
			f.peer.said[saidReport].Add(1)
			f.tell(heard{slot: out, at: f.peer.sfu.now(), report: r})
		}
	}
}

// estimate passes on what the client's line takes, once for all slots it is about.
func (f *feedback) estimate(out *slot, remb *rtcp.ReceiverEstimatedMaximumBitrate) {
	first := slices.IndexFunc(remb.SSRCs, func(ssrc uint32) bool { return f.peer.slotOf(ssrc) != nil })
	if first < 0 || remb.SSRCs[first] != f.ssrc || !(remb.Bitrate >= 1) {
		return
	}
	f.peer.said[saidREMB].Add(1)
	f.tell(heard{slot: out, at: f.peer.sfu.now(), remb: uint64(min(remb.Bitrate, estimate.Most))})
}

// tell gives the writer a report. One there is no room for is like one that was lost.
func (f *feedback) tell(h heard) {
	if f.peer.writer.line.heard.push(h) {
		f.peer.writer.wakeUp()
	}
}

// wants lets the writer see to a keyframe request, a share of them: whoever
// watches the same picture pays for each.
func (f *feedback) wants(out *slot) {
	f.peer.sfu.count.keyframesWanted.Add(1)
	if !f.wanted.take(f.peer.sfu.now(), wantEvery, wantAtOnce) {
		f.peer.sfu.count.keyframesRefused.Add(1)
		return
	}
	if out.shown.Load() != nil {
		out.stale.Store(true)
		out.writer.touch()
	}
}

func (f *feedback) resend(out *slot, nack *rtcp.TransportLayerNack) {
	for _, pair := range nack.Nacks {
		pair.Range(func(seq uint16) bool {
			f.peer.sfu.count.nacked.Add(1)
			return out.writer.resend(out, seq)
		})
	}
	out.writer.wakeUp()
}
