package sfu

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// benchEnv makes the test binary the clients of BenchmarkSockets, in a process
// of their own so that their work is not counted as the server's.
const benchEnv = "GIAOBAN_BENCH_RECEIVERS"

const (
	benchWarm  = 2 * time.Second
	benchTime  = 6 * time.Second
	benchFrame = 6    // packets of a picture, 30 pictures a second: 1.5 Mbit/s
	benchBytes = 1040 // of a packet of a picture
)

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(benchEnv)); err == nil {
		if err := benchClients(n, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// benchLine is one line between the two processes: an offer or its answer.
type benchLine struct {
	Publish bool   `json:"publish"`
	SDP     string `json:"sdp"`
}

// benchFigures is what one run measured of the server.
type benchFigures struct {
	CPUSeconds  float64 // user and kernel, per million forwarded packets
	UserSeconds float64 // the user part of it
	Nanoseconds float64 // CPU time per forwarded packet
	Allocs      float64 // per forwarded packet, the ingress and RTCP included
	Rate        float64 // forwarded packets a second
}

// BenchmarkSockets is the cost of forwarding to genuine WebRTC receivers over
// loopback. With JSON=path in the environment it adds its figures to that file.
func BenchmarkSockets(b *testing.B) {
	table := "\nreceivers   packets/s   ns/packet   allocs/packet   CPU s/million (user + kernel)\n"
	for _, receivers := range []int{10, 50, 100} {
		b.Run(strconv.Itoa(receivers), func(b *testing.B) {
			f := benchSockets(b, receivers)
			b.ReportMetric(f.CPUSeconds, "cpu-s/Mpkt")
			b.ReportMetric(f.UserSeconds, "user-s/Mpkt")
			b.ReportMetric(f.Nanoseconds, "ns/pkt")
			b.ReportMetric(f.Allocs, "allocs/pkt")
			b.ReportMetric(f.Rate, "pkt/s")
			b.ReportMetric(0, "ns/op")
			table += fmt.Sprintf("%9d   %9.0f   %9.0f   %13.2f   %.1f (%.1f + %.1f)\n", receivers, f.Rate, f.Nanoseconds, f.Allocs,
				f.CPUSeconds, f.UserSeconds, f.CPUSeconds-f.UserSeconds)
			if path := os.Getenv("JSON"); path != "" {
				if err := writeFigures(path, f.named(receivers)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	fmt.Fprintln(os.Stderr, table)
}

// named gives the figures their stable names.
func (f benchFigures) named(receivers int) map[string]float64 {
	prefix := fmt.Sprintf("forward_%d_", receivers)
	return map[string]float64{
		prefix + "cpu_seconds_per_million_packets":  f.CPUSeconds,
		prefix + "user_seconds_per_million_packets": f.UserSeconds,
		prefix + "nanoseconds_per_packet":           f.Nanoseconds,
		prefix + "allocations_per_packet":           f.Allocs,
		prefix + "packets_per_second":               f.Rate,
	}
}

// writeFigures adds figures to a JSON object of names and numbers.
func writeFigures(path string, figures map[string]float64) error {
	all := map[string]float64{}
	if old, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(old, &all); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
	}
	maps.Copy(all, figures)
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func benchSockets(b *testing.B, receivers int) benchFigures {
	b.Helper()
	s := newTestSFU(b)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", benchEnv, receivers))
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
	pipe := benchPipe{json.NewDecoder(out), json.NewEncoder(in)}
	s.Carry("m", planOf(1, voiceView(), camera("a"), mic("a")))
	for i := range receivers + 1 {
		answerNext(b, s, i, pipe)
	}
	waitFor(b, "all are connected", nil, func() bool { return s.Stats().Connected == receivers+1 })
	waitFor(b, "all receive", nil, func() bool { return sourceStats(s, camera("a")).Fan == receivers })
	<-time.After(benchWarm)
	return measure(s)
}

// benchPipe is the way to the other process and back.
type benchPipe struct {
	offers  *json.Decoder
	answers *json.Encoder
}

// answerNext answers the offer of client i of the other process.
func answerNext(b *testing.B, s *SFU, i int, pipe benchPipe) {
	b.Helper()
	var line benchLine
	if err := pipe.offers.Decode(&line); err != nil {
		b.Fatal(err)
	}
	cfg := PeerConfig{Meeting: "m", Publish: line.Publish, MaxTiles: 9}
	if cfg.Point = meeting.PointID("p" + strconv.Itoa(i)); line.Publish {
		cfg.Point = "a"
	}
	p, err := s.Join(cfg)
	if err != nil {
		b.Fatal(err)
	}
	answer, err := p.Offer(line.SDP)
	if err != nil {
		b.Fatal(err)
	}
	if err := pipe.answers.Encode(benchLine{SDP: answer}); err != nil {
		b.Fatal(err)
	}
}

func measure(s *SFU) benchFigures {
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
		return reading{time.Duration(usage.Utime.Nano()), time.Duration(usage.Stime.Nano()), mem.Mallocs, s.Stats().PacketsOut, time.Now()}
	}
	before := read()
	<-time.After(benchTime)
	after := read()
	packets := float64(after.out - before.out)
	user, system := (after.user - before.user).Seconds(), (after.system - before.system).Seconds()
	return benchFigures{
		CPUSeconds: (user + system) / packets * 1e6, UserSeconds: user / packets * 1e6,
		Nanoseconds: (user + system) / packets * 1e9, Allocs: float64(after.mallocs-before.mallocs) / packets,
		Rate: packets / after.at.Sub(before.at).Seconds(),
	}
}

// benchClients is the other process: one publisher and its receivers.
func benchClients(receivers int, in io.Reader, out io.Writer) error {
	answers, offers := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	var closing []*webrtc.PeerConnection
	defer func() {
		for _, pc := range closing {
			_ = pc.Close()
		}
	}()
	for i := range receivers + 1 {
		pc, tracks, err := benchClient(i == 0)
		if err != nil {
			return err
		}
		closing = append(closing, pc)
		offer, err := pc.CreateOffer(nil)
		if err != nil {
			return err
		}
		gathered := webrtc.GatheringCompletePromise(pc)
		if err := pc.SetLocalDescription(offer); err != nil {
			return err
		}
		<-gathered
		if err := offers.Encode(benchLine{Publish: i == 0, SDP: pc.LocalDescription().SDP}); err != nil {
			return err
		}
		var answer benchLine
		if err := answers.Decode(&answer); err != nil {
			return err
		}
		if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer.SDP}); err != nil {
			return err
		}
		if i == 0 {
			go benchPublish(tracks)
		}
	}
	_, err := io.Copy(io.Discard, in) // until the server has measured
	return err
}

// benchClient is a publisher of camera and microphone, or a receiver of one
// picture and two voices.
func benchClient(publish bool) (*webrtc.PeerConnection, []*webrtc.TrackLocalStaticRTP, error) {
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		return nil, nil, err
	}
	se := webrtc.SettingEngine{LoggerFactory: &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}}
	se.SetIncludeLoopbackCandidate(true)
	se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	se.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	api := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(se), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, nil, err
	}
	var tracks []*webrtc.TrackLocalStaticRTP
	if publish {
		for _, codec := range []webrtc.RTPCodecCapability{
			{MimeType: webrtc.MimeTypeVP8, ClockRate: videoRate}, {MimeType: webrtc.MimeTypeOpus, ClockRate: audioRate, Channels: 2},
		} {
			track, err := webrtc.NewTrackLocalStaticRTP(codec, codec.MimeType[:5], "a")
			if err != nil {
				return nil, nil, err
			}
			if _, err := pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
				return nil, nil, err
			}
			tracks = append(tracks, track)
		}
		return pc, tracks, nil
	}
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeAudio} {
		if _, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			return nil, nil, err
		}
	}
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		b := make([]byte, packetMax)
		for {
			if _, _, err := track.Read(b); err != nil {
				return
			}
		}
	})
	return pc, nil, nil
}

// benchPublish sends bursts of a picture's packets 30 times a second, every
// second picture whole, and sound between.
func benchPublish(tracks []*webrtc.TrackLocalStaticRTP) {
	tick := time.NewTicker(time.Second / 300)
	defer tick.Stop()
	body := make([]byte, benchBytes-10)
	video, audio := rtp.Header{Version: 2}, rtp.Header{Version: 2}
	for i := 0; ; i++ {
		<-tick.C
		if i%6 == 0 { // every 20 ms
			audio.SequenceNumber++
			audio.Timestamp += opusTicks
			_ = tracks[1].WriteRTP(&rtp.Packet{Header: audio, Payload: body[:80]})
		}
		if i%10 != 0 {
			continue
		}
		video.Timestamp += videoRate / 30
		for part := range benchFrame {
			head := []byte{0x80, 0x80, 0x80 | byte(i/10>>8&0x7f), byte(i / 10), 1}
			if part == 0 {
				head = []byte{0x90, 0x80, 0x80 | byte(i/10>>8&0x7f), byte(i / 10), byte(i / 10 & 1), 0, 0, 0x9d, 0x01, 0x2a}
			}
			video.SequenceNumber++
			video.Marker = part == benchFrame-1
			_ = tracks[0].WriteRTP(&rtp.Packet{Header: video, Payload: append(head, body...)})
		}
	}
}
