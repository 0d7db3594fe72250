package sfu

import (
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	pion "github.com/pion/transport/v5"
	"github.com/pion/webrtc/v4"
)

const patience = 10 * time.Second // for a thing that must happen

// client is a browser, played by Pion: it offers like one and counts what it gets.
type client struct {
	t     testing.TB
	peer  *Peer
	pc    *webrtc.PeerConnection
	send  []*webrtc.TrackLocalStaticRTP // by the order of meeting.Kinds; nil if it does not publish
	taps  []*tap
	got   map[string]*received // by mid
	plis  atomic.Uint64        // keyframe requests from the server
	film  *film                // its camera, if that has layers
	blind bool                 // it keeps no packets
	seen  func(*rtp.Packet)    // looks at each packet before it is counted; nil does not

	weight int // more bytes in each picture it plays

	mu      sync.Mutex
	notices []Notice
	changed chan struct{}
}

// received is what came on one m-line.
type received struct {
	packets, bytes atomic.Uint64
	mu             sync.Mutex
	all            []rtp.Packet
}

type clientConfig struct {
	point         meeting.PointID
	publish       bool
	video, voices int
	tcp           bool
	layers        []string // of the camera; none is a single encoding
	h264          bool     // the camera is a room kit's
	vp8Only       bool     // as a browser without the other codec
	blind         bool     // counts what it gets and keeps none
	red           bool     // takes RED, as Chromium does
	meeting       meeting.ID
	again         bool // takes a packet that came already, which SRTP else drops
	seen          func(*rtp.Packet)
	net           pion.Net // nil is the host's
	from          string   // where the SFU thinks it is; "" is this machine
	media         string   // names the media session
	door          Door     // by which protocol it came
	presses       bool     // its sound opens by an OK alone, as a room's
}

func newTestSFU(t testing.TB) *SFU {
	t.Helper()
	s, err := New(Config{Addrs: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func clientAPI(t testing.TB, cfg clientConfig) *webrtc.API {
	t.Helper()
	m := &webrtc.MediaEngine{}
	register := m.RegisterDefaultCodecs
	if cfg.vp8Only {
		register = func() error {
			opus := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: audioRate, Channels: 2}
			return errors.Join(registerVideo(m, 96, webrtc.MimeTypeVP8, ""),
				m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: opus, PayloadType: 111}, webrtc.RTPCodecTypeAudio))
		}
	}
	if err := register(); err != nil {
		t.Fatal(err)
	}
	if cfg.red {
		red := webrtc.RTPCodecCapability{MimeType: mimeRED, ClockRate: audioRate, Channels: 2, SDPFmtpLine: "111/111"}
		if err := m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: red, PayloadType: 63}, webrtc.RTPCodecTypeAudio); err != nil {
			t.Fatal(err)
		}
	}
	if err := webrtc.ConfigureSimulcastExtensionHeaders(m); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
		if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.ABSSendTimeURI}, kind); err != nil {
			t.Fatal(err)
		}
	}
	m.RegisterFeedback(webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBTransportCC}, webrtc.RTPCodecTypeVideo)
	se := webrtc.SettingEngine{LoggerFactory: &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}}
	se.SetIncludeLoopbackCandidate(true)
	se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	if cfg.tcp {
		se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	}
	if cfg.again {
		se.DisableSRTPReplayProtection(true)
	}
	if cfg.net != nil {
		se.SetNet(cfg.net)
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(se), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
}

// dial joins a client and waits until its media path is up.
func dial(t testing.TB, s *SFU, cfg clientConfig) *client {
	t.Helper()
	c := newClient(t, s, cfg)
	c.offer()
	c.await("connected", func(n Notice) bool { return n.State == StateConnected })
	return c
}

func newClient(t testing.TB, s *SFU, cfg clientConfig) *client {
	t.Helper()
	if cfg.meeting == "" {
		cfg.meeting = "m"
	}
	c := &client{t: t, blind: cfg.blind, seen: cfg.seen, got: map[string]*received{}, changed: make(chan struct{}, 1)}
	from, _ := netip.ParseAddr(cfg.from)
	peer, err := s.Join(PeerConfig{
		From:    from,
		Meeting: cfg.meeting, Point: cfg.point, Media: cfg.media, OpensAlone: !cfg.presses, Door: cfg.door, Publish: cfg.publish, MaxTiles: 25, Notify: c.note,
	})
	if err != nil {
		t.Fatal(err)
	}
	c.peer = peer
	if c.pc, err = clientAPI(t, cfg).NewPeerConnection(webrtc.Configuration{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	c.pc.OnTrack(func(track *webrtc.TrackRemote, r *webrtc.RTPReceiver) { c.receive(track, r) })
	if cfg.publish {
		for _, kind := range meeting.Kinds {
			if kind == meeting.Camera && len(cfg.layers) > 0 {
				c.publishLayers(cfg.layers)
				continue
			}
			c.publish(kind, cfg.h264 && kind == meeting.Camera)
		}
	}
	for range cfg.video {
		c.slot(webrtc.RTPCodecTypeVideo)
	}
	for range cfg.voices {
		c.slot(webrtc.RTPCodecTypeAudio)
	}
	return c
}

func (c *client) publish(kind meeting.Kind, h264 bool) {
	c.t.Helper()
	codec := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: videoRate}
	if h264 {
		codec = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264, ClockRate: videoRate, SDPFmtpLine: h264Form{profile: profileBaseline, constraints: 0xe0, level: 0x1f, mode: "1", asymmetry: true}.String()}
	}
	if kind.Audio() {
		codec = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: audioRate, Channels: 2}
	}
	track, err := webrtc.NewTrackLocalStaticRTP(codec, string(kind), string(kind))
	if err != nil {
		c.t.Fatal(err)
	}
	lender := &tap{TrackLocalStaticRTP: track}
	c.taps = append(c.taps, lender)
	tr, err := c.pc.AddTransceiverFromTrack(lender, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		c.t.Fatal(err)
	}
	c.send = append(c.send, track)
	go func() {
		for {
			packets, _, err := tr.Sender().ReadRTCP()
			if err != nil {
				return
			}
			for _, p := range packets {
				if _, ok := p.(*rtcp.PictureLossIndication); ok {
					c.plis.Add(1)
				}
			}
		}
	}()
}

func (c *client) slot(kind webrtc.RTPCodecType) {
	c.t.Helper()
	if _, err := c.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) offer() {
	c.t.Helper()
	answer := c.offerOnly()
	if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		c.t.Fatal(err)
	}
}

// offerOnly offers, and does not apply the answer.
func (c *client) offerOnly() string {
	c.t.Helper()
	offer, err := c.pc.CreateOffer(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(c.pc)
	if err := c.pc.SetLocalDescription(offer); err != nil {
		c.t.Fatal(err)
	}
	<-gathered
	answer, err := c.peer.Offer(c.pc.LocalDescription().SDP)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer
}

func (c *client) receive(track *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	c.mu.Lock()
	got := c.line(r.RTPTransceiver().Mid())
	c.mu.Unlock()
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		if c.seen != nil {
			c.seen(p)
		}
		got.packets.Add(1)
		got.bytes.Add(uint64(len(p.Payload)))
		got.mu.Lock()
		if !c.blind && len(got.all) < 4096 {
			got.all = append(got.all, *p)
		}
		got.mu.Unlock()
		c.signal()
	}
}

func (c *client) line(mid string) *received {
	if c.got[mid] == nil {
		c.got[mid] = &received{}
	}
	return c.got[mid]
}

// video is what came on a video slot, voice on an audio slot.
func (c *client) video(slot int) *received { return c.at(len(c.send) + slot) }
func (c *client) voice(slot int) *received {
	videos := 0
	for _, t := range c.pc.GetTransceivers() {
		if t.Kind() == webrtc.RTPCodecTypeVideo && t.Sender() == nil {
			videos++
		}
	}
	return c.at(len(c.send) + videos + slot)
}

func (c *client) at(line int) *received {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.line(c.pc.GetTransceivers()[line].Mid())
}

func (r *received) packetsSoFar() []rtp.Packet {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]rtp.Packet(nil), r.all...)
}

func (c *client) note(n Notice) {
	c.mu.Lock()
	c.notices = append(c.notices, n)
	c.mu.Unlock()
	c.signal()
}

func (c *client) signal() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// await waits for a notice.
func (c *client) await(what string, ok func(Notice) bool) {
	c.t.Helper()
	c.until(what, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, n := range c.notices {
			if ok(n) {
				return true
			}
		}
		return false
	})
}

// forget drops the notices so far.
func (c *client) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notices = nil
}

// until waits for a condition that notices or packets of this client change.
func (c *client) until(what string, ok func() bool) {
	c.t.Helper()
	waitFor(c.t, what, c.changed, ok)
}

// waitFor waits for a condition, looking again whenever something changed.
func waitFor(t testing.TB, what string, changed <-chan struct{}, ok func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-changed:
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not in %v: %s", patience, what)
		}
	}
}

func (c *client) close() {
	if err := c.peer.Close(); err != nil {
		c.t.Error(err)
	}
	if err := c.pc.GracefulClose(); err != nil {
		c.t.Error(err)
	}
}
