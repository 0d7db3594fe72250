package sfu

import (
	"context"
	"fmt"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// Clock rates, Hz.
const (
	videoRate = 90000
	audioRate = 48000
)

const (
	iceLost      = 8 * time.Second  // without a packet: the path is lost
	iceFailed    = 12 * time.Second // after that: for good
	dtlsDeadline = 30 * time.Second
)

// newAPI makes the Pion API of one peer. Nothing of it is shared: the buffer
// factory is the peer's own, and a shared media engine would answer the second
// browser with the payload types of the first.
func (p *Peer) newAPI(o *offer) (*webrtc.API, error) {
	engine, err := newMediaEngine(o.forms)
	if err != nil {
		return nil, err
	}
	settings, err := p.newSettings(o)
	if err != nil {
		return nil, err
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{})), nil
}

// newSettings makes the SFU the lite ICE agent and, unless the client is it, the
// DTLS server, which chooses the cheapest SRTP cipher. What it is, is what its
// answer says (RFC 8842 §5.3).
func (p *Peer) newSettings(o *offer) (webrtc.SettingEngine, error) {
	se := webrtc.SettingEngine{LoggerFactory: p.sfu.pionLog}
	p.sfu.ports.use(&se, &p.run)
	se.DisableActiveTCP(true)
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	se.SetLite(true)
	se.SetICETimeouts(p.sfu.lostAfter, iceFailed, 2*time.Second)
	role := webrtc.DTLSRoleServer
	if o.passive {
		role = webrtc.DTLSRoleClient
	}
	if err := se.SetAnsweringDTLSRole(role); err != nil {
		return se, fmt.Errorf("take the dtls role: %w", err)
	}
	se.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	se.SetDTLSRetransmissionInterval(200 * time.Millisecond)
	se.SetDTLSConnectContextMaker(func() (context.Context, func()) {
		return context.WithTimeout(context.Background(), dtlsDeadline)
	})
	se.DisableCloseByDTLS(true)
	se.SetSRTPReplayProtectionWindow(4096)
	se.SetFireOnTrackBeforeFirstRTP(true)
	se.SetIgnoreRidPauseForRecv(true)
	se.SetReceiveMTU(packetMax)
	se.BufferFactory = p.buffers.open
	return se, nil
}

// newMediaEngine registers Opus with RED, and VP8 and H.264 in the forms of the
// offer, each with RTX. The header extensions for streams we receive let Pion
// name the m-line of a probe; slots send only mid and, for the receiver's
// estimate, when they sent.
func newMediaEngine(forms []h264Form) (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	opus := webrtc.RTPCodecParameters{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: audioRate, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1;usedtx=1",
	}}
	if err := m.RegisterCodec(opus, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("register %s: %w", opus.MimeType, err)
	}
	red := webrtc.RTPCodecParameters{PayloadType: 63, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: mimeRED, ClockRate: audioRate, Channels: 2, SDPFmtpLine: "111/111",
	}}
	if err := m.RegisterCodec(red, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("register %s: %w", red.MimeType, err)
	}
	if err := registerVideo(m, 96, webrtc.MimeTypeVP8, ""); err != nil {
		return nil, err
	}
	for i, form := range forms {
		if err := registerVideo(m, webrtc.PayloadType(112+2*i), webrtc.MimeTypeH264, form.String()); err != nil {
			return nil, err
		}
	}
	receive, send := webrtc.RTPTransceiverDirectionRecvonly, webrtc.RTPTransceiverDirectionSendonly
	extensions := []struct {
		uri  string
		kind webrtc.RTPCodecType
		dirs []webrtc.RTPTransceiverDirection
	}{
		{sdp.SDESMidURI, webrtc.RTPCodecTypeAudio, nil},
		{sdp.SDESMidURI, webrtc.RTPCodecTypeVideo, nil},
		{sdp.SDESRTPStreamIDURI, webrtc.RTPCodecTypeVideo, []webrtc.RTPTransceiverDirection{receive}},
		{sdp.SDESRepairRTPStreamIDURI, webrtc.RTPCodecTypeVideo, []webrtc.RTPTransceiverDirection{receive}},
		{sdp.TransportCCURI, webrtc.RTPCodecTypeVideo, []webrtc.RTPTransceiverDirection{receive}},
		{sdp.ABSSendTimeURI, webrtc.RTPCodecTypeAudio, []webrtc.RTPTransceiverDirection{send}},
		{sdp.ABSSendTimeURI, webrtc.RTPCodecTypeVideo, []webrtc.RTPTransceiverDirection{send}},
	}
	for _, e := range extensions {
		if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: e.uri}, e.kind, e.dirs...); err != nil {
			return nil, fmt.Errorf("register %s: %w", e.uri, err)
		}
	}
	return m, nil
}

// registerVideo registers a codec and its repair, which has the next payload type.
func registerVideo(m *webrtc.MediaEngine, pt webrtc.PayloadType, mime, form string) error {
	codec := webrtc.RTPCodecParameters{PayloadType: pt, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: mime, ClockRate: videoRate, SDPFmtpLine: form,
		RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}, {Type: "transport-cc"}, {Type: webrtc.TypeRTCPFBGoogREMB}},
	}}
	repair := webrtc.RTPCodecParameters{PayloadType: pt + 1, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeRTX, ClockRate: videoRate, SDPFmtpLine: fmt.Sprintf("apt=%d", pt),
	}}
	for _, c := range []webrtc.RTPCodecParameters{codec, repair} {
		if err := m.RegisterCodec(c, webrtc.RTPCodecTypeVideo); err != nil {
			return fmt.Errorf("register %s: %w", c.MimeType, err)
		}
	}
	return nil
}
