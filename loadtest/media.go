package loadtest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// The codecs of bridge.v1 and their payload types in a bot's offer.
const (
	payloadOpus   = 111
	payloadVP8    = 96
	payloadVP8RTX = 97
	payloadH264   = 102

	levelURI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level" // RFC 6464
	midURI   = "urn:ietf:params:rtp-hdrext:sdes:mid"
	ridURI   = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"

	gatherWait = 3 * time.Second
)

// media is one PeerConnection. run owns it; outlets and sink are shared with
// the player and with Pion.
type media struct {
	pc      *webrtc.PeerConnection
	outlets map[meeting.Kind]*outlet // empty for a bot that publishes nothing
	layers  []*outlet                // of the camera, its outlet first; empty for one encoding
	mids    map[meeting.Kind]string  // of the outlets
	sink    *sink
	offer   uint64 // id of the message that carried the offer
	player  *player
	stop    context.CancelFunc
}

// offer makes a PeerConnection and sends its offer.
func (b *Bot) offer() {
	m, sdp, err := b.newMedia()
	if err != nil {
		b.log.Warn("media cannot be offered", "err", err)
		return
	}
	id, err := b.post("media.offer", wire.MediaOffer{SDP: sdp}, nil)
	if err != nil {
		m.close()
		return
	}
	m.offer, b.media = id, m
	b.mu.Lock()
	b.playing = m
	b.mu.Unlock()
}

// answered completes the PeerConnection with the server's answer.
func (b *Bot) answered(frame wire.Envelope, a wire.MediaAnswer) {
	m := b.media
	if m == nil || frame.Re != m.offer {
		return
	}
	err := m.sink.learn(a.SDP, len(m.outlets))
	if err == nil {
		err = m.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: a.SDP})
	}
	if err != nil {
		b.log.Warn("media answer refused", "err", err)
		b.dropMedia()
		return
	}
	b.update(func(s *State) { s.Offers++ })
}

// mediaChanged is called by run after the PeerConnection changed state.
func (b *Bot) mediaChanged() {
	if b.media == nil {
		return
	}
	state := b.media.pc.ConnectionState()
	b.update(func(s *State) { s.Media = state.String() })
	switch state {
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		b.dropMedia()
		b.join()
	}
	b.updatePlayer()
}

// updatePlayer tells the player what it may send.
func (b *Bot) updatePlayer() {
	if b.media == nil || b.media.player == nil {
		return
	}
	s := b.State()
	open := func(k meeting.Kind) bool { return s.Gates[meeting.SourceKey{Point: s.You.Point, Kind: k}] }
	b.media.player.direct(direction{
		connected: b.media.pc.ConnectionState() == webrtc.PeerConnectionStateConnected,
		camera:    s.Publish.Camera,
		layers:    strings.Join(s.Publish.Layers, ","),
		content:   s.Publish.Content && open(meeting.Content),
		speaking:  open(meeting.Microphone),
	})
}

// dropMedia closes the PeerConnection, if there is one, and waits.
func (b *Bot) dropMedia() {
	m := b.media
	if m == nil {
		return
	}
	b.media = nil
	b.mu.Lock()
	b.playing = nil
	b.mu.Unlock()
	m.close()
	b.update(func(s *State) { s.Media, s.Gates, s.Live = "", nil, nil })
}

func (m *media) close() {
	m.stop()
	if m.player != nil {
		m.player.wait()
	}
	m.pc.GracefulClose()
	m.sink.close()
}

// newMedia makes a PeerConnection with the m-lines of bridge.v1 and its offer.
func (b *Bot) newMedia() (*media, string, error) {
	m := &media{outlets: map[meeting.Kind]*outlet{}, mids: map[meeting.Kind]string{}}
	m.sink = newSink(b)
	pc, err := newPeerConnection(m, b.cfg)
	if err != nil {
		return nil, "", err
	}
	m.pc = pc
	ctx, stop := context.WithCancel(b.ctx)
	m.stop = stop
	if b.cfg.Clip != nil {
		m.player = newPlayer(ctx, b.cfg, m)
	}
	pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) {
		select {
		case b.nudge <- struct{}{}:
		default: // a token waits already; run reads the newest state
		}
	})
	sdp, err := m.describe(b.cfg, b.State().Limits)
	if err != nil {
		m.close()
		return nil, "", err
	}
	return m, sdp, nil
}

// describe adds the m-lines in the order of bridge.v1 and gathers candidates.
func (m *media) describe(cfg Config, limits wire.Limits) (string, error) {
	if cfg.Clip != nil {
		for _, kind := range cfg.kinds() {
			if err := m.send(kind, cfg); err != nil {
				return "", fmt.Errorf("add %s: %w", kind, err)
			}
		}
	}
	tiles := cfg.MaxTiles
	if limits.MaxTiles > 0 {
		tiles = min(tiles, limits.MaxTiles)
	}
	receive := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	for range tiles {
		if _, err := m.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, receive); err != nil {
			return "", fmt.Errorf("add video slot: %w", err)
		}
	}
	for range limits.Voices {
		if _, err := m.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, receive); err != nil {
			return "", fmt.Errorf("add voice: %w", err)
		}
	}
	return m.gather()
}

// send adds a sending m-line; the camera's may have layers.
func (m *media) send(kind meeting.Kind, cfg Config) error {
	var first string
	if kind == meeting.Camera && len(cfg.Layers) > 0 {
		first = cfg.Layers[0]
	}
	o := newOutlet(kind, first, cfg.h264())
	m.outlets[kind] = o
	t, err := m.pc.AddTransceiverFromTrack(o, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil || first == "" {
		return err
	}
	m.layers = []*outlet{o}
	for _, rid := range cfg.Layers[1:] {
		o := newOutlet(kind, rid, false)
		m.layers = append(m.layers, o)
		if err := t.Sender().AddEncoding(o); err != nil {
			return fmt.Errorf("layer %s: %w", rid, err)
		}
	}
	return nil
}

func (m *media) gather() (string, error) {
	offer, err := m.pc.CreateOffer(nil)
	if err != nil {
		return "", fmt.Errorf("create offer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(m.pc)
	if err := m.pc.SetLocalDescription(offer); err != nil {
		return "", fmt.Errorf("set local description: %w", err)
	}
	select {
	case <-gathered:
	case <-time.After(gatherWait):
		return "", fmt.Errorf("no candidates within %v", gatherWait)
	}
	for i, t := range m.pc.GetTransceivers()[:len(m.outlets)] {
		m.mids[meeting.Kinds[i]] = t.Mid() // a visitor's two are the first two
	}
	return m.pc.LocalDescription().SDP, nil
}

// newPeerConnection makes a PeerConnection of a webrtc.API of its own: the
// buffer factory is a closure over this client's sink.
func newPeerConnection(m *media, cfg Config) (*webrtc.PeerConnection, error) {
	engine, err := codecs(cfg.h264())
	if err != nil {
		return nil, err
	}
	// Pion logs by the packet, into the log of whoever plays the bot: a server with
	// simulated points. What matters of it is in the bot's state.
	settings := webrtc.SettingEngine{LoggerFactory: &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}}
	settings.SetReceiveMTU(receiveMTU)
	settings.BufferFactory = m.buffer
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeTCP4})
	if cfg.TCPOnly {
		settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	}
	reports, err := report.NewSenderInterceptor()
	if err != nil {
		return nil, fmt.Errorf("sender reports: %w", err)
	}
	var registry interceptor.Registry
	registry.Add(reports)
	api := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings), webrtc.WithInterceptorRegistry(&registry))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, fmt.Errorf("peer connection: %w", err)
	}
	return pc, nil
}

// receiveMTU is the largest packet a bot takes, bytes: larger than any that crosses
// an Ethernet, where Pion's own bound of 1460 is not.
const receiveMTU = 2048

// codecs registers what a bot can have; H.264 only for one that sends it, as
// its eyes read VP8.
func codecs(h264 bool) (*webrtc.MediaEngine, error) {
	var engine webrtc.MediaEngine
	feedback := []webrtc.RTCPFeedback{{Type: "ccm", Parameter: "fir"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"}}
	type entry struct {
		kind  webrtc.RTPCodecType
		codec webrtc.RTPCodecParameters
	}
	all := []entry{
		{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecParameters{PayloadType: payloadOpus, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
		}}},
		{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecParameters{PayloadType: payloadVP8, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: feedback,
		}}},
		{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecParameters{PayloadType: payloadVP8RTX, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: fmt.Sprintf("apt=%d", payloadVP8),
		}}},
	}
	if h264 {
		all = append(all, entry{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecParameters{PayloadType: payloadH264, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeH264, ClockRate: 90000, RTCPFeedback: feedback,
			SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
		}}})
	}
	for _, c := range all {
		if err := engine.RegisterCodec(c.codec, c.kind); err != nil {
			return nil, fmt.Errorf("register %s: %w", c.codec.MimeType, err)
		}
	}
	for _, uri := range []string{levelURI, midURI} {
		if err := engine.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeAudio); err != nil {
			return nil, fmt.Errorf("register %s: %w", uri, err)
		}
	}
	for _, uri := range []string{midURI, ridURI} {
		if err := engine.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, fmt.Errorf("register %s: %w", uri, err)
		}
	}
	return &engine, nil
}

// same compares MIME types as RFC 2045 §5.1 wants it.
func same(a, b string) bool { return strings.EqualFold(a, b) }
