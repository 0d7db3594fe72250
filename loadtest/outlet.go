package loadtest

import (
	"sync/atomic"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/giaoban/giaoban/internal/meeting"
)

// outlet is a sending m-line: a webrtc.TrackLocal that keeps the writer Pion
// binds to it, and so can send any packet at all, honest or not.
type outlet struct {
	kind  meeting.Kind
	rid   string // of a layer of the camera; empty for the only encoding
	codec string // MIME type
	bound atomic.Pointer[binding]
}

// binding is what negotiation settled for an outlet.
type binding struct {
	writer     webrtc.TrackLocalWriter
	ssrc, rtx  uint32
	payload    uint8
	rtxPayload uint8
	level      uint8 // id of the audio level extension, 0 if it was not negotiated
	mid        uint8 // id of the mid extension
	rid        uint8 // id of the rid extension
}

func newOutlet(kind meeting.Kind, rid string, h264 bool) *outlet {
	o := &outlet{kind: kind, rid: rid, codec: webrtc.MimeTypeVP8}
	switch {
	case kind.Audio():
		o.codec = webrtc.MimeTypeOpus
	case kind == meeting.Camera && h264:
		o.codec = webrtc.MimeTypeH264
	}
	return o
}

// Bind implements webrtc.TrackLocal.
func (o *outlet) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	b := &binding{writer: ctx.WriteStream(), ssrc: uint32(ctx.SSRC()), rtx: uint32(ctx.SSRCRetransmission())}
	var codec webrtc.RTPCodecParameters
	for _, c := range ctx.CodecParameters() {
		switch {
		case same(c.MimeType, o.codec):
			codec, b.payload = c, uint8(c.PayloadType)
		case same(c.MimeType, webrtc.MimeTypeRTX):
			b.rtxPayload = uint8(c.PayloadType)
		}
	}
	if b.payload == 0 {
		return codec, webrtc.ErrUnsupportedCodec
	}
	for _, e := range ctx.HeaderExtensions() {
		switch e.URI {
		case levelURI:
			b.level = uint8(e.ID)
		case midURI:
			b.mid = uint8(e.ID)
		case ridURI:
			b.rid = uint8(e.ID)
		}
	}
	o.bound.Store(b)
	return codec, nil
}

// Unbind implements webrtc.TrackLocal.
func (o *outlet) Unbind(webrtc.TrackLocalContext) error {
	o.bound.Store(nil)
	return nil
}

// ID implements webrtc.TrackLocal.
func (o *outlet) ID() string { return string(o.kind) }

// RID implements webrtc.TrackLocal.
func (o *outlet) RID() string { return o.rid }

// StreamID implements webrtc.TrackLocal.
func (o *outlet) StreamID() string { return "bot" }

// Kind implements webrtc.TrackLocal.
func (o *outlet) Kind() webrtc.RTPCodecType {
	if o.kind.Audio() {
		return webrtc.RTPCodecTypeAudio
	}
	return webrtc.RTPCodecTypeVideo
}

// send writes one packet; it is dropped while the m-line is not bound.
func (b *binding) send(h *rtp.Header, payload []byte) {
	// A failed write is a lost packet: the connection's state tells the rest.
	_, _ = b.writer.WriteRTP(h, payload)
}
