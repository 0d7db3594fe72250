package sfu

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// film is a camera with layers. Each counts its packets and time from another
// number, as a browser's do, and is whole again when it was asked.
type film struct {
	c       *client
	sender  *webrtc.RTPSender
	layers  []*filmLayer
	epoch   time.Time
	reports bool // sender reports are sent
}

type filmLayer struct {
	film    *film
	rid     string
	seq     uint16
	base    uint32
	plis    atomic.Uint64
	running atomic.Bool
}

// publishLayers offers a camera of these layers.
func (c *client) publishLayers(names []string) {
	c.t.Helper()
	c.film = &film{c: c, epoch: time.Now()}
	codec := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: videoRate}
	for i, name := range names {
		track, err := webrtc.NewTrackLocalStaticRTP(codec, "camera", "camera", webrtc.WithRTPStreamID(name))
		if err != nil {
			c.t.Fatal(err)
		}
		lender := &tap{TrackLocalStaticRTP: track}
		if i > 0 {
			err = c.film.sender.AddEncoding(lender)
		} else {
			var tr *webrtc.RTPTransceiver
			tr, err = c.pc.AddTransceiverFromTrack(lender, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
			c.taps, c.send = append(c.taps, lender), append(c.send, track)
			c.film.sender = tr.Sender()
		}
		if err != nil {
			c.t.Fatal(err)
		}
		l := &filmLayer{film: c.film, rid: name, seq: uint16(60000 + 2000*i), base: 1<<31 + uint32(i)*1_000_000_007}
		c.film.layers = append(c.film.layers, l)
		go l.listen()
	}
}

func (l *filmLayer) listen() {
	for {
		packets, _, err := l.film.sender.ReadSimulcastRTCP(l.rid)
		if err != nil {
			return
		}
		for _, p := range packets {
			if pli, ok := p.(*rtcp.PictureLossIndication); ok && pli.MediaSSRC == l.header().SSRC {
				l.plis.Add(1)
			}
		}
	}
}

// header is that of the layer's next packet, with its names on it.
func (l *filmLayer) header() rtp.Header {
	parameters := l.film.sender.GetParameters()
	h := rtp.Header{Version: 2, PayloadType: uint8(parameters.Codecs[0].PayloadType)}
	for _, e := range parameters.Encodings {
		if e.RID == l.rid {
			h.SSRC = uint32(e.SSRC)
		}
	}
	l.film.name(&h, l.rid)
	return h
}

// name puts the camera's m-line and a layer on a packet.
func (f *film) name(h *rtp.Header, rid string) {
	for _, e := range f.sender.GetParameters().HeaderExtensions {
		switch e.URI {
		case "urn:ietf:params:rtp-hdrext:sdes:mid":
			_ = h.SetExtension(uint8(e.ID), []byte(f.c.pc.GetTransceivers()[0].Mid()))
		case "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id":
			_ = h.SetExtension(uint8(e.ID), []byte(rid))
		}
	}
}

func (f *film) layer(rid string) *filmLayer {
	for _, l := range f.layers {
		if l.rid == rid {
			return l
		}
	}
	return nil
}

// play starts the layer's encoder, which ends with the test or by stop.
func (l *filmLayer) play() (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	var once sync.Once
	stop = func() { once.Do(func() { close(done) }); <-ended }
	l.film.c.t.Cleanup(stop)
	go func() {
		defer close(ended)
		tick := time.NewTicker(33 * time.Millisecond)
		defer tick.Stop()
		asked, n := l.plis.Load()-1, 0
		for {
			select {
			case at := <-tick.C:
				l.frame(at.Sub(l.film.epoch), l.plis.Load() != asked)
				asked = l.plis.Load()
				if n++; l.film.reports && n%10 == 1 {
					l.report(at)
				}
			case <-done:
				return
			}
		}
	}()
	return stop
}

// frame sends a picture of two packets, filled with the layer's name.
func (l *filmLayer) frame(at time.Duration, key bool) {
	h := l.header()
	h.Timestamp = l.base + uint32(at.Milliseconds()*90)
	head := []byte{0x90, 0x80, 0x80 | byte(h.Timestamp>>8&0x7f), byte(h.Timestamp)}
	mark := l.rid[0]
	body := []byte{1, mark, mark, 0, 0, 0, 0, 0, 0, mark}
	if key {
		body = []byte{0, mark, mark, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, mark}
	}
	l.write(h, append(head, body...))
	h.Marker = true
	l.write(h, []byte{0x80, 0x80, head[2], head[3], mark, mark, mark, mark})
}

func (l *filmLayer) write(h rtp.Header, payload []byte) {
	l.seq++
	h.SequenceNumber = l.seq
	_, _ = l.film.c.taps[0].write(&h, payload)
}

func (l *filmLayer) report(at time.Time) {
	passed := at.Sub(l.film.epoch).Truncate(time.Millisecond)
	_ = l.film.c.pc.WriteRTCP([]rtcp.Packet{&rtcp.SenderReport{
		SSRC: l.header().SSRC, NTPTime: ntp(l.film.epoch.Add(passed)), RTPTime: l.base + uint32(passed.Milliseconds()*90),
	}})
}

// switches lists the layers a slot received, as each began.
func switches(packets []rtp.Packet) (all []rtp.Packet) {
	for i, p := range packets {
		if i == 0 || body(p) != body(packets[i-1]) {
			all = append(all, p)
		}
	}
	return all
}

// layered is the view of one layout with cameras in its tiles.
func layered(kind meeting.LayoutKind, keys ...meeting.SourceKey) meeting.View {
	return meeting.View{Layout: kind, Tiles: keys}
}
