package loadtest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/transport/v5/packetio"
	"github.com/pion/webrtc/v4"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
	"github.com/giaoban/giaoban/internal/wire"
)

const deadline = time.Minute

// fakeBridge speaks just enough bridge.v1 for one bot: it sends the bot's own
// camera back in slot 0 and its microphone back in voice 0.
type fakeBridge struct {
	t      *testing.T
	server *httptest.Server
	hellos chan wire.Hello
	resume bool                // go on with a session when asked
	raw    func(packet []byte) // sees every decrypted RTP packet, if set before the offer

	mu    sync.Mutex
	conn  *websocket.Conn
	pc    *webrtc.PeerConnection
	keys  chan struct{} // a token when the camera's track is known
	cam   uint32        // SSRC of the camera
	heard map[meeting.Kind][]rtp.Packet
}

func newFakeBridge(t *testing.T) *fakeBridge {
	t.Helper()
	f := &fakeBridge{t: t, hellos: make(chan wire.Hello, 16), keys: make(chan struct{}, 1), heard: map[meeting.Kind][]rtp.Packet{}}
	f.server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(func() {
		f.mu.Lock()
		conn, pc := f.conn, f.pc
		f.mu.Unlock()
		if conn != nil {
			conn.Close()
		}
		if pc != nil {
			pc.Close()
		}
		f.server.Close()
	})
	return f
}

func (f *fakeBridge) url() string { return "ws" + strings.TrimPrefix(f.server.URL, "http") }

func (f *fakeBridge) serve(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{Subprotocols: []string{wire.Subprotocol}}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	f.mu.Lock()
	f.conn = conn
	f.mu.Unlock()
	for {
		var frame wire.Envelope
		if conn.ReadJSON(&frame) != nil {
			return
		}
		f.answer(frame)
	}
}

// push sends a frame of the server.
func (f *fakeBridge) push(t string, re uint64, d any) {
	data, err := json.Marshal(d)
	if err != nil {
		f.t.Error(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.conn.WriteJSON(wire.Envelope{T: t, Re: re, Seq: 7, D: data}); err != nil {
		f.t.Log("push:", err)
	}
}

func (f *fakeBridge) answer(frame wire.Envelope) {
	switch frame.T {
	case "hello":
		var h wire.Hello
		if err := json.Unmarshal(frame.D, &h); err != nil {
			f.t.Error(err)
		}
		f.hellos <- h
		if h.Token == "wrong" {
			f.push("error", frame.ID, wire.Failure{Code: wire.CodeTokenInvalid, Closed: true})
			return
		}
		f.push("welcome", frame.ID, wire.Welcome{
			You:     wire.You{Role: meeting.RoleRoom, Point: "hg-07"},
			Session: "s1", Resumed: f.resume && h.Resume == "s1",
			Limits: wire.Limits{MaxTiles: 9, Voices: 2},
		})
		f.push("view", 0, wire.View{
			Meeting: &wire.MeetingView{ID: "m1", Status: "open"},
			Own:     &wire.OwnView{Point: "hg-07", Mic: wire.MicOff},
			Roster:  map[meeting.PointID]*wire.RosterRow{"hg-01": {ID: "hg-01"}, "hg-07": {ID: "hg-07"}},
		})
	case "media.offer":
		var o wire.MediaOffer
		if err := json.Unmarshal(frame.D, &o); err != nil {
			f.t.Error(err)
		}
		f.push("media.answer", frame.ID, wire.MediaAnswer{SDP: f.negotiate(o.SDP)})
	case "floor.request":
		f.push("error", frame.ID, wire.Failure{Code: meeting.CodeFloorClosed})
	default:
		f.push("ok", frame.ID, struct{}{})
	}
}

// negotiate answers an offer, echoing camera and microphone.
func (f *fakeBridge) negotiate(offer string) string {
	must := func(err error) {
		if err != nil {
			f.t.Error(err)
		}
	}
	engine, err := codecs(false)
	must(err)
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetInterfaceFilter(func(name string) bool { return strings.HasPrefix(name, "lo") }) // other tests' lines come and go
	settings.BufferFactory = func(kind packetio.BufferPacketType, _ uint32) io.ReadWriteCloser {
		return &wiretap{Buffer: packetio.NewBuffer(), rtp: kind == packetio.RTPBufferPacket, bridge: f}
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	must(err)
	picture, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "slot", "slot")
	must(err)
	voice, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "voice", "voice")
	must(err)
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		kind, echo := meeting.Camera, picture
		if track.Kind() == webrtc.RTPCodecTypeAudio {
			kind, echo = meeting.Microphone, voice
		} else {
			f.mu.Lock()
			f.cam = uint32(track.SSRC())
			f.mu.Unlock()
			f.keys <- struct{}{}
		}
		for {
			p, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			f.mu.Lock()
			f.heard[kind] = append(f.heard[kind], *p)
			f.mu.Unlock()
			must(echo.WriteRTP(p))
		}
	})
	must(pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}))
	for _, track := range []webrtc.TrackLocal{picture, voice} {
		_, err := pc.AddTrack(track)
		must(err)
	}
	answer, err := pc.CreateAnswer(nil)
	must(err)
	gathered := webrtc.GatheringCompletePromise(pc)
	must(pc.SetLocalDescription(answer))
	<-gathered
	f.mu.Lock()
	old := f.pc
	f.pc = pc
	f.mu.Unlock()
	if old != nil {
		must(old.Close())
	}
	return pc.LocalDescription().SDP
}

// wiretap is a stream's buffer that shows each packet to the test.
type wiretap struct {
	*packetio.Buffer
	rtp    bool
	bridge *fakeBridge
}

// Write implements io.Writer for Pion.
func (w *wiretap) Write(p []byte) (int, error) {
	if w.rtp && w.bridge.raw != nil {
		w.bridge.raw(p)
	}
	return w.Buffer.Write(p, nil)
}

// Read implements io.Reader for Pion.
func (w *wiretap) Read(p []byte) (int, error) {
	n, _, err := w.Buffer.Read(p, nil)
	return n, err
}

// askKeyframe sends a PLI for the camera.
func (f *fakeBridge) askKeyframe() {
	f.mu.Lock()
	pc, ssrc := f.pc, f.cam
	f.mu.Unlock()
	if err := pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}}); err != nil {
		f.t.Error(err)
	}
}

// packets returns what came from one of the bot's sources.
func (f *fakeBridge) packets(k meeting.Kind) []rtp.Packet {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]rtp.Packet(nil), f.heard[k]...)
}

// eventually polls for something no channel tells of.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	limit := time.After(deadline)
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for !ok() {
		select {
		case <-limit:
			t.Fatalf("%s: not within %v", what, deadline)
		case <-poll.C:
		}
	}
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	t.Cleanup(cancel)
	return ctx
}

func clip(t *testing.T, look int) *testmedia.Clip {
	t.Helper()
	c, err := testmedia.LoadClip(look)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func start(t *testing.T, cfg Config) *Bot {
	t.Helper()
	b, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func await(t *testing.T, b *Bot, what string, want func(State) bool) State {
	t.Helper()
	s, err := b.Wait(within(t), what, want)
	if err != nil {
		t.Fatalf("%v; state %+v", err, s)
	}
	return s
}

func connected(s State) bool { return s.Media == "connected" }
