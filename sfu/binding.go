package sfu

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// Bind is called by Pion when the slot's m-line is negotiated. A slot carries
// every codec of its kind that its client has.
func (s *slot) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	b := &binding{out: ctx.WriteStream(), ssrc: uint32(ctx.SSRC()), sentAt: make([]byte, 3)}
	var usual webrtc.RTPCodecParameters
	for _, has := range ctx.CodecParameters() {
		if strings.EqualFold(has.MimeType, mimeRED) {
			b.red = s.newHeader(ctx, b, uint8(has.PayloadType))
		}
		c := codec(slices.IndexFunc(mimeTypes[1:], func(mime string) bool { return strings.EqualFold(mime, has.MimeType) }) + 1)
		if c == codecNone || b.carries(c) || c == codecH264 && !strings.Contains(has.SDPFmtpLine, "packetization-mode=1") {
			continue
		}
		b.lines[c].header = s.newHeader(ctx, b, uint8(has.PayloadType))
		if repair := repairType(ctx.CodecParameters(), has.PayloadType); repair != 0 {
			b.lines[c].rtx = s.newHeader(ctx, b, uint8(repair))
			b.lines[c].rtx.SSRC = uint32(ctx.SSRCRetransmission())
		}
		if c == s.usual() {
			usual = has
		}
	}
	if !b.carries(s.usual()) {
		return usual, fmt.Errorf("bind slot %d: %w", s.index, webrtc.ErrUnsupportedCodec)
	}
	s.bound.Store(b)
	s.writer.touch()
	s.writer.peer.router.wake()
	return usual, nil
}

// carries reports whether the client can decode a codec.
func (b *binding) carries(c codec) bool { return b.lines[c].header.Version != 0 }

// newHeader is the header every packet of the slot is sent with. It names the
// m-line (RFC 8843 §15.2) and when it was sent, built once so that no packet
// allocates it.
func (s *slot) newHeader(ctx webrtc.TrackLocalContext, b *binding, payloadType uint8) rtp.Header {
	h := rtp.Header{Version: 2, SSRC: b.ssrc, PayloadType: payloadType}
	for _, ext := range ctx.HeaderExtensions() {
		if !slices.Contains(s.extensions, ext.URI) {
			continue // Pion gives those of other m-lines too
		}
		switch ext.URI {
		case sdp.SDESMidURI:
			_ = h.SetExtension(uint8(ext.ID), []byte(s.mid)) // a mid too long for it is left out
		case sdp.ABSSendTimeURI:
			_ = h.SetExtension(uint8(ext.ID), b.sentAt)
		}
	}
	return h
}

// stamp writes a moment where the headers have it: 24 bits of seconds, 18 of
// them below the point (draft-alvestrand-rmcat-remb-03, abs-send-time).
func (b *binding) stamp(now time.Duration) {
	if len(b.sentAt) == 3 {
		t := uint64(now) << 18 / uint64(time.Second)
		b.sentAt[0], b.sentAt[1], b.sentAt[2] = byte(t>>16), byte(t>>8), byte(t)
	}
}

// repairType finds the RTX payload type of a codec (RFC 4588 §8.6); 0 is none.
func repairType(codecs []webrtc.RTPCodecParameters, of webrtc.PayloadType) webrtc.PayloadType {
	for _, codec := range codecs {
		if strings.EqualFold(codec.MimeType, webrtc.MimeTypeRTX) && codec.SDPFmtpLine == "apt="+strconv.Itoa(int(of)) {
			return codec.PayloadType
		}
	}
	return 0
}

// Unbind is called by Pion when the slot's m-line ends.
func (s *slot) Unbind(webrtc.TrackLocalContext) error {
	s.bound.Store(nil)
	return nil
}

// usual is the codec every client has.
func (s *slot) usual() codec {
	if s.video {
		return codecVP8
	}
	return codecOpus
}

// ID names the track in the SDP.
func (s *slot) ID() string {
	if s.video {
		return "video-" + strconv.Itoa(s.index)
	}
	return "voice-" + strconv.Itoa(s.index)
}

// StreamID is the track's own: slots are not synchronised by their msid.
func (s *slot) StreamID() string { return s.ID() }

// RID is empty: a slot has one encoding.
func (s *slot) RID() string { return "" }

// Kind is the kind of the m-line.
func (s *slot) Kind() webrtc.RTPCodecType {
	if s.video {
		return webrtc.RTPCodecTypeVideo
	}
	return webrtc.RTPCodecTypeAudio
}
