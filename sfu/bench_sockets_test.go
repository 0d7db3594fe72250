package sfu

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// benchEnv makes the test binary the clients of BenchmarkSockets, in a process
// of their own so that their work is not counted as the server's.
const benchEnv = "GIAOBAN_BENCH_RECEIVERS"

// benchBare makes them bare sockets, benchTCP clients behind a firewall.
const (
	benchBare = "GIAOBAN_BENCH_BARE"
	benchTCP  = "GIAOBAN_BENCH_TCP"
)

const (
	benchWarm  = time.Second
	benchTime  = 5 * time.Second
	benchFrame = 6    // packets of a picture, 30 pictures a second: 1.5 Mbit/s
	benchBytes = 1040 // of a packet of a picture
	benchTakes = 5e6  // bits a second, of each receiver's line
)

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(benchEnv)); err == nil {
		play := benchClients
		if os.Getenv(benchBare) != "" {
			play = benchSinks
		}
		if err := play(n, os.Stdin, os.Stdout); err != nil {
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
	CPUSeconds  float64    // user and kernel, per million forwarded packets
	UserSeconds float64    // the user part of it
	Allocs      float64    // per forwarded packet, the ingress and RTCP included
	Rate        float64    // forwarded packets a second
	Memory      float64    // kB of heap and stacks a peer
	Goroutines  float64    // a peer
	Residence   benchDelay // of ours alone: the bounds that half and 99 of 100 packets stayed within
	Delay       benchDelay
}

// benchDelay is ms; of Delay, how long pictures' packets took from the publisher
// to a receiver, one way.
type benchDelay struct{ P50, P99 float64 }

// String has nothing to say of nothing.
func (d benchDelay) String() string {
	if d == (benchDelay{}) {
		return "-"
	}
	return fmt.Sprintf("%.1f, %.1f", d.P50, d.P99)
}

// BenchmarkSockets is the cost of forwarding to genuine WebRTC receivers over
// loopback: ours with and without runs cut by the kernel, stock Pion beside it,
// and the bare loop that no server can beat. With JSON=path in the environment
// it adds its figures to that file.
func BenchmarkSockets(b *testing.B) {
	table := "\nserver      receivers   packets/s   CPU s/million (user + kernel)   allocs/packet   kB/peer   goroutines/peer   one way p50, p99 ms   in the server\n"
	for _, kind := range []string{"giaoban", "without-gso", "pion", "limit"} {
		for _, receivers := range []int{10, 50, 100, 200} {
			name := fmt.Sprintf("%s/%d", kind, receivers)
			b.Run(name, func(b *testing.B) {
				f := benchSockets(b, kind, receivers)
				b.ReportMetric(f.CPUSeconds, "cpu-s/Mpkt")
				b.ReportMetric(f.UserSeconds, "user-s/Mpkt")
				b.ReportMetric(f.Allocs, "allocs/pkt")
				b.ReportMetric(f.Rate, "pkt/s")
				b.ReportMetric(0, "ns/op")
				table += fmt.Sprintf("%-11s %9d   %9.0f   %10.1f (%.1f + %.1f)          %13.2f   %7.0f   %15.1f   %18v   %13v\n", kind, receivers, f.Rate,
					f.CPUSeconds, f.UserSeconds, f.CPUSeconds-f.UserSeconds, f.Allocs, f.Memory, f.Goroutines, f.Delay, f.Residence)
				if path := os.Getenv("JSON"); path != "" {
					if err := writeFigures(path, f.named(kind, receivers)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
	fmt.Fprintln(os.Stderr, table)
}

// named gives the figures their stable names; those of ours have had theirs
// since before there were others.
func (f benchFigures) named(kind string, receivers int) map[string]float64 {
	prefix := fmt.Sprintf("forward_%d_", receivers)
	if kind != "giaoban" {
		prefix = kind + "_" + prefix
	}
	all := map[string]float64{
		prefix + "cpu_seconds_per_million_packets":  f.CPUSeconds,
		prefix + "user_seconds_per_million_packets": f.UserSeconds,
		prefix + "nanoseconds_per_packet":           f.CPUSeconds * 1e3,
		prefix + "allocations_per_packet":           f.Allocs,
		prefix + "packets_per_second":               f.Rate,
		prefix + "kilobytes_per_peer":               f.Memory,
		prefix + "goroutines_per_peer":              f.Goroutines,
		prefix + "one_way_p50_ms":                   f.Delay.P50,
		prefix + "one_way_p99_ms":                   f.Delay.P99,
	}
	if f.Residence.P99 > 0 {
		all[prefix+"residence_p50_ms"], all[prefix+"residence_p99_ms"] = f.Residence.P50, f.Residence.P99
	}
	return all
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

// benchClients is the other process: one publisher and its receivers.
func benchClients(receivers int, in io.Reader, out io.Writer) error {
	answers, offers := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	var closing []*webrtc.PeerConnection
	defer func() {
		for _, pc := range closing {
			_ = pc.Close()
		}
	}()
	watch := &benchWatch{}
	for i := range receivers + 1 {
		pc, tracks, err := benchClient(i == 0, watch)
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
	if _, err := io.Copy(io.Discard, in); err != nil { // until the server has measured
		return err
	}
	return offers.Encode(watch.delay())
}

// benchWatch keeps how long some of the packets took.
type benchWatch struct {
	mu   sync.Mutex
	took []float64 // ms
}

const benchSamples = 200_000

// note takes the time at which a packet was sent.
func (w *benchWatch) note(sent []byte) {
	took := float64(time.Now().UnixNano()-int64(binary.BigEndian.Uint64(sent))) / 1e6
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.took = append(w.took, took); len(w.took) > benchSamples { // the newest: what came while they joined does not count
		w.took = append(w.took[:0], w.took[benchSamples/2:]...)
	}
}

func (w *benchWatch) delay() benchDelay {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.took) == 0 {
		return benchDelay{}
	}
	slices.Sort(w.took)
	return benchDelay{P50: w.took[len(w.took)/2], P99: w.took[len(w.took)*99/100]}
}

// benchClient is a publisher of camera and microphone, or a receiver of one
// picture and two voices.
func benchClient(publish bool, watch *benchWatch) (*webrtc.PeerConnection, []*webrtc.TrackLocalStaticRTP, error) {
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		return nil, nil, err
	}
	se := webrtc.SettingEngine{LoggerFactory: &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}}
	se.SetIncludeLoopbackCandidate(true)
	se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	if os.Getenv(benchTCP) != "" {
		se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	}
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
		if track.Kind() == webrtc.RTPCodecTypeVideo {
			go benchReport(pc, track)
		}
		b := make([]byte, packetMax)
		for {
			n, _, err := track.Read(b)
			if err != nil {
				return
			}
			if n > 0 && b[0]&0x20 != 0 { // padded (RFC 3550 §5.1)
				n -= int(b[n-1])
			}
			if n > benchBytes {
				watch.note(b[n-8 : n])
			}
		}
	})
	return pc, nil, nil
}

// benchReport tells what a browser does of a line that has room: what it takes,
// every second, until the connection ends.
func benchReport(pc *webrtc.PeerConnection, track *webrtc.TrackRemote) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	ssrcs := []uint32{uint32(track.SSRC())}
	for range tick.C {
		if pc.ConnectionState() == webrtc.PeerConnectionStateClosed {
			return
		}
		_ = pc.WriteRTCP([]rtcp.Packet{
			&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: ssrcs[0]}}},
			&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: benchTakes, SSRCs: ssrcs},
		}) // it has ended
	}
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
			binary.BigEndian.PutUint64(body[len(body)-8:], uint64(time.Now().UnixNano()))
			video.SequenceNumber++
			video.Marker = part == benchFrame-1
			_ = tracks[0].WriteRTP(&rtp.Packet{Header: video, Payload: append(head, body...)})
		}
	}
}
