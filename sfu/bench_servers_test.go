package sfu

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/webrtc/v4"
)

// benchServer is what the bench measures: it answers offers, the first of which
// is the publisher's, and counts what it sends.
type benchServer interface {
	answer(i int, line benchLine) (string, error)
	ready(receivers int) bool
	sent() uint64
	residence() Residence // nothing, if it is not ours
}

// benchPipe is the way to the other process and back.
type benchPipe struct {
	*json.Decoder
	*json.Encoder
	in      io.Closer
	process *os.Process
}

// benchProcess starts the other process.
func benchProcess(b testing.TB, receivers int, env ...string) benchPipe {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), append(env, fmt.Sprintf("%s=%d", benchEnv, receivers))...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	return benchPipe{json.NewDecoder(out), json.NewEncoder(in), in, cmd.Process}
}

func benchSockets(b *testing.B, kind string, receivers int) (f benchFigures) {
	b.Helper()
	if kind == "limit" {
		return benchLimit(b, receivers)
	}
	server := newBenchServer(b, kind)
	pipe := benchProcess(b, receivers)
	memory, goroutines := inUse(), runtime.NumGoroutine()
	for i := range receivers + 1 {
		var line benchLine
		if err := pipe.Decode(&line); err != nil {
			b.Fatal(err)
		}
		answer, err := server.answer(i, line)
		if err != nil {
			b.Fatal(err)
		}
		if err := pipe.Encode(benchLine{SDP: answer}); err != nil {
			b.Fatal(err)
		}
	}
	waitFor(b, "all receive", nil, func() bool { return server.ready(receivers) })
	<-time.After(benchWarm)
	began := server.residence()
	f = measure(server.sent)
	if stayed := server.residence().Since(began); stayed.Sum > 0 {
		f.Residence = benchDelay{P50: stayed.Quantile(0.5).Seconds() * 1e3, P99: stayed.Quantile(0.99).Seconds() * 1e3}
	}
	f.Memory = (inUse() - memory) / 1024 / float64(receivers+1)
	f.Goroutines = float64(runtime.NumGoroutine()-goroutines) / float64(receivers+1)
	_ = pipe.in.Close()
	if err := pipe.Decode(&f.Delay); err != nil {
		b.Fatal(err)
	}
	return f
}

func newBenchServer(b *testing.B, kind string) benchServer {
	b.Helper()
	if kind == "pion" {
		return newStock(b)
	}
	s := newTestSFU(b)
	if kind == "without-gso" {
		for _, socket := range s.ports.listens.Load().sockets {
			socket.udp.refused.Store(refusedMax)
		}
	}
	s.Carry("m", planOf(1, voiceView(), camera("a"), mic("a")))
	return ours{s}
}

// inUse is the bytes of heap and stacks after a collection.
func inUse() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse + m.StackInuse)
}

func measure(sent func() uint64) benchFigures {
	type reading struct {
		user, system time.Duration
		mallocs, out uint64
		at           time.Time
	}
	read := func() reading {
		var usage syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
		var mem runtime.MemStats
		runtime.ReadMemStats(&mem)
		return reading{time.Duration(usage.Utime.Nano()), time.Duration(usage.Stime.Nano()), mem.Mallocs, sent(), time.Now()}
	}
	before := read()
	<-time.After(benchTime)
	after := read()
	packets := float64(after.out - before.out)
	user, system := (after.user - before.user).Seconds(), (after.system - before.system).Seconds()
	return benchFigures{
		CPUSeconds: (user + system) / packets * 1e6, UserSeconds: user / packets * 1e6,
		Allocs: float64(after.mallocs-before.mallocs) / packets,
		Rate:   packets / after.at.Sub(before.at).Seconds(),
	}
}

// ours is the SFU.
type ours struct{ *SFU }

func (s ours) answer(i int, line benchLine) (string, error) {
	cfg := PeerConfig{Meeting: "m", Publish: line.Publish, MaxTiles: 9}
	if cfg.Point = meeting.PointID("p" + strconv.Itoa(i)); line.Publish {
		cfg.Point = "a"
	}
	p, err := s.Join(cfg)
	if err != nil {
		return "", err
	}
	return p.Offer(line.SDP)
}

func (s ours) ready(receivers int) bool {
	return s.Stats().Connected == receivers+1 && sourceStats(s.SFU, camera("a")).Fan == receivers
}

func (s ours) sent() uint64 { return s.Stats().PacketsOut }

func (s ours) residence() Residence { return s.Stats().Residence }

// stock is the forwarder that Pion's examples make: default codecs and
// interceptors, one TrackLocalStaticRTP for all, written by its reader.
type stock struct {
	b       *testing.B
	tracks  [2]*webrtc.TrackLocalStaticRTP // picture, sound
	forward atomic.Uint64
	joined  atomic.Int64
}

func newStock(b *testing.B) *stock {
	s := &stock{b: b}
	for i, codec := range []webrtc.RTPCodecCapability{
		{MimeType: webrtc.MimeTypeVP8, ClockRate: videoRate}, {MimeType: webrtc.MimeTypeOpus, ClockRate: audioRate, Channels: 2},
	} {
		track, err := webrtc.NewTrackLocalStaticRTP(codec, codec.MimeType[:5], "a")
		if err != nil {
			b.Fatal(err)
		}
		s.tracks[i] = track
	}
	return s
}

func (s *stock) answer(_ int, line benchLine) (string, error) {
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		return "", err
	}
	se := webrtc.SettingEngine{}
	se.SetIncludeLoopbackCandidate(true)
	se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	se.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(se)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", err
	}
	s.b.Cleanup(func() { _ = pc.Close() })
	pc.OnTrack(s.read)
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected && !line.Publish {
			s.joined.Add(1)
		}
	})
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: line.SDP}); err != nil {
		return "", err
	}
	for _, track := range s.tracks {
		if line.Publish {
			break
		}
		if _, err := pc.AddTrack(track); err != nil {
			return "", err
		}
	}
	reply, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(reply); err != nil {
		return "", err
	}
	<-gathered
	return pc.LocalDescription().SDP, nil
}

func (s *stock) read(in *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
	out := s.tracks[1]
	if in.Kind() == webrtc.RTPCodecTypeVideo {
		out = s.tracks[0]
	}
	for {
		p, _, err := in.ReadRTP()
		if err != nil {
			return
		}
		_ = out.WriteRTP(p)
		s.forward.Add(uint64(s.joined.Load()))
	}
}

func (s *stock) ready(receivers int) bool { return s.joined.Load() == int64(receivers) }

func (s *stock) sent() uint64 { return s.forward.Load() }

func (s *stock) residence() (none Residence) { return none }

// benchLimit is the bare loop: the same packets, sealed and sent to as many
// sockets, a picture's as one message, with nothing around it.
func benchLimit(b *testing.B, receivers int) benchFigures {
	b.Helper()
	pipe := benchProcess(b, receivers, benchBare+"=1")
	var ports []uint16
	if err := pipe.Decode(&ports); err != nil {
		b.Fatal(err)
	}
	listener, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	socket, err := newUDPConn(listener)
	if err != nil {
		b.Fatal(err)
	}
	block, err := aes.NewCipher(make([]byte, 16))
	if err != nil {
		b.Fatal(err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	var sent atomic.Uint64
	done := make(chan struct{})
	var wait sync.WaitGroup
	frame := func(port uint16, out []byte) {
		socket.writeRun(out, len(out)/benchFrame, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port))
		sent.Add(benchFrame)
	}
	wait.Go(func() { benchBareLoop(seal, ports, frame, done) })
	f := measure(sent.Load)
	close(done)
	wait.Wait()
	_ = socket.Close()
	return f
}

func benchBareLoop(seal cipher.AEAD, ports []uint16, send func(port uint16, frame []byte), done chan struct{}) {
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	plain, nonce, out := make([]byte, benchBytes), make([]byte, seal.NonceSize()), make([]byte, 0, runBytes)
	for {
		select {
		case <-tick.C:
		case <-done:
			return
		}
		for _, port := range ports {
			out = out[:0]
			for range benchFrame {
				nonce[0]++
				out = seal.Seal(out, nonce, plain, nil)
			}
			send(port, out)
		}
	}
}

// benchSinks is the other process of the bare loop: sockets that are read.
func benchSinks(receivers int, in io.Reader, out io.Writer) error {
	var ports []uint16
	for range receivers {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return err
		}
		defer func() { _ = c.Close() }()
		ports = append(ports, c.LocalAddr().(*net.UDPAddr).AddrPort().Port())
		go func() {
			for b := make([]byte, packetMax); ; {
				if _, _, err := c.ReadFromUDPAddrPort(b); err != nil {
					return
				}
			}
		}()
	}
	if err := json.NewEncoder(out).Encode(ports); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, in)
	return err
}
