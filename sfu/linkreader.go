package sfu

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/transport/v5/packetio"
)

const (
	linkDatagram  = packetMax + 100       // bytes of the largest datagram read; larger ones are cut and fail
	feedbackEvery = 50 * time.Millisecond // between two reports of what arrived
	repairPause   = 10 * time.Millisecond // between two looks at what is missing
	linkTag       = 16                    // bytes of authentication after a packet (RFC 7714)
	linkExtension = 1                     // id of the transport-wide number (RFC 8285)
)

// linkReader is the one goroutine that reads a transport: it sorts datagrams
// (RFC 7983, RFC 5761), decrypts them, hands RTP to the arrival with its SSRC
// and RTCP to the relay it is about, and reports what arrived. What nobody
// announced is counted and dropped; it can hold up nothing.
type linkReader struct {
	t        *transport
	header   rtp.Header
	plain    [linkDatagram]byte
	recorder *twcc.Recorder
	fresh    int // packets recorded since the last report
	reported time.Duration
	looked   time.Duration // for missing packets
	missing  bool          // there are some
	armed    bool          // the read has a deadline
}

func newLinkReader(t *transport) linkReader {
	return linkReader{t: t, recorder: twcc.NewRecorder(reporterSSRC)}
}

func (r *linkReader) run() {
	buf := make([]byte, linkDatagram)
	expired := false
	for {
		if wait := r.fresh > 0 || r.missing; wait != r.armed || expired {
			r.arm(wait)
		}
		n, err := r.t.conn.Read(buf)
		now := r.t.link.sfu.now()
		expired = errors.Is(err, packetio.ErrTimeout)
		switch {
		case expired:
		case err != nil:
			r.t.phase.Store(int32(phaseDead))
			r.t.link.poke()
			return
		case n > 0:
			r.sort(buf[:n], now)
		}
		r.tick(now)
	}
}

// arm makes the read return soon though nothing comes, if something is owed.
func (r *linkReader) arm(wait bool) {
	at := time.Time{}
	if wait {
		at = time.Now().Add(feedbackEvery)
	}
	r.armed = r.t.conn.SetReadDeadline(at) == nil && wait
}

// sort hands a datagram to whom it is for, by its first bytes.
func (r *linkReader) sort(b []byte, now time.Duration) {
	r.t.link.count.bytesIn.Add(uint64(len(b)))
	switch keys := r.t.keys.Load(); {
	case b[0] >= 20 && b[0] <= 63:
		_, _ = r.t.hello.Write(b, nil) // a full one drops; DTLS repeats
	case b[0] < 128 || b[0] > 191 || len(b) < 12 || keys == nil:
		r.t.link.count.strays.Add(1)
	case b[1] >= 192 && b[1] <= 223:
		plain, err := keys.in.DecryptRTCP(r.plain[:0], b, nil)
		if err != nil {
			r.t.link.count.strays.Add(1)
			return
		}
		r.reports(plain, now)
	default:
		r.packet(keys, b, now)
	}
}

// packet hands an RTP packet to its arrival. The SSRC is looked up before
// anything is decrypted, so strangers cost next to nothing.
func (r *linkReader) packet(keys *srtpKeys, b []byte, now time.Duration) {
	in := (*r.t.arrivals.Load())[binary.BigEndian.Uint32(b[8:])]
	if in == nil {
		r.t.link.count.undeclared.Add(1)
		r.t.link.sfu.count.drop(dropUnbound, 1)
		return
	}
	if len(b) > packetMax+linkTag {
		in.stream.source.drop(dropOversize)
		return
	}
	plain, err := keys.in.DecryptRTP(in.room(), b, &r.header)
	if err != nil {
		r.t.link.count.strays.Add(1)
		return
	}
	if number := r.header.GetExtension(linkExtension); len(number) == 2 {
		r.recorder.Record(r.header.SSRC, binary.BigEndian.Uint16(number), now.Microseconds())
		r.fresh++
	}
	r.t.link.count.packetsIn.Add(1)
	if in.take(plain, &r.header, now) {
		r.missing = true
	}
}

// tick sends what is due: reports of what arrived, and requests for what did not.
func (r *linkReader) tick(now time.Duration) {
	if r.missing && now-r.looked >= repairPause {
		r.looked = now
		r.missing = false
		for ssrc, in := range *r.t.arrivals.Load() {
			if ssrc == in.ssrc {
				r.missing = in.request(now) || r.missing
			}
		}
	}
	if r.fresh > 0 && now-r.reported >= feedbackEvery {
		r.fresh, r.reported = 0, now
		r.t.writer.report(r.recorder.BuildFeedbackPacket()...)
	}
}

// reports takes RTCP: requests for relays of this end, reports on what it sent
// as a whole, and the clocks of what arrives.
func (r *linkReader) reports(b []byte, now time.Duration) {
	packets, err := rtcp.Unmarshal(b)
	if err != nil {
		r.t.link.count.strays.Add(1)
		return
	}
	relays, arrivals := *r.t.relays.Load(), *r.t.arrivals.Load()
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.PictureLossIndication:
			if out := relays[p.MediaSSRC]; out != nil {
				out.wantsKeyframe(now)
			}
		case *rtcp.TransportLayerNack:
			if out := relays[p.MediaSSRC]; out != nil {
				out.nacked(p)
			}
		case *rtcp.TransportLayerCC:
			r.t.writer.acknowledge(p, now)
		case *rtcp.SenderReport:
			if in := arrivals[p.SSRC]; in != nil {
				in.clock(p)
			}
		}
	}
}
