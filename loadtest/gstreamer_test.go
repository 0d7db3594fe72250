package loadtest

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// gstreamer is one run of testdata/gstreamer/door.py.
type gstreamer struct {
	t     *testing.T
	stop  func() error
	ended chan struct{}

	mu  sync.Mutex
	now gstReport
}

// gstReport is what door.py has said last, and said at all.
type gstReport struct {
	State   string  `json:"state"`
	Frames  int     `json:"frames"`
	DB      float64 `json:"dB"`
	Refused string  `json:"refused"`
	Error   string  `json:"error"`
	Gone    bool    `json:"gone"`
}

// hears reports whether sound came within the last report: a tone of
// audiotestsrc is far above -40 dB, the silence of the bridge far below.
func (r gstReport) hears() bool { return r.DB > -40 }

const systemPython = "/usr/bin/python3" // Debian's, which has its gi

func newGStreamer(t *testing.T, b *bridge, args ...string) *gstreamer {
	t.Helper()
	base, _, _ := strings.Cut(strings.Replace(b.url, "ws://", "http://", 1), "/api/")
	args[1] = base + args[1]
	cmd := exec.Command(systemPython, append([]string{"testdata/gstreamer/door.py"}, args...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("gstreamer: %v", err)
	}
	g := &gstreamer{t: t, ended: make(chan struct{})}
	g.stop = sync.OnceValue(func() error {
		in.Close()
		<-g.ended
		return cmd.Wait()
	})
	t.Cleanup(func() { _ = g.stop() })
	go g.read(bufio.NewScanner(out))
	return g
}

func (g *gstreamer) read(lines *bufio.Scanner) {
	defer close(g.ended)
	for lines.Scan() {
		g.mu.Lock()
		if err := json.Unmarshal(lines.Bytes(), &g.now); err != nil {
			g.now.Error = lines.Text()
		}
		g.mu.Unlock()
	}
}

func (g *gstreamer) report() gstReport {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

func (g *gstreamer) await(what string, want func(gstReport) bool) {
	g.t.Helper()
	eventually(g.t, what, func() bool {
		r := g.report()
		if r.Error != "" || r.Refused != "" {
			g.t.Fatalf("%s: gstreamer says %+v", what, r)
		}
		return want(r)
	})
}

// needGStreamer skips the test where Debian's webrtcbin is not installed, which
// .ci/need does; a build machine without it fails.
func needGStreamer(t *testing.T) {
	t.Helper()
	err := exec.Command(systemPython, "-c", `import gi; gi.require_version("GstWebRTC", "1.0")`).Run()
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatalf("GStreamer's webrtcbin with Python: %v; .ci/need installs it", err)
	case err != nil:
		t.Skip("GStreamer's webrtcbin with Python is not installed; .ci/need installs it")
	}
}

// GStreamer's webrtcbin, in by WHIP and out by WHEP, holds a round of a
// meeting: shown, silent, invited, heard, cut, gone.
func TestGStreamerHoldsARoundOfAMeeting(t *testing.T) {
	needGStreamer(t)
	b := newBridge(t, 3)
	console := b.console()
	encoder := newGStreamer(t, b, "publish", "/whip", "room:p-2")
	await(t, console, "the encoder's point", func(s State) bool { return s.View.Roster["p-2"].Presence == meeting.Present })
	player := newGStreamer(t, b, "play", "/whep", "observer:")
	must(t, console, show(meeting.Layout1, 2))
	player.await("the encoder's picture at the player", func(r gstReport) bool { return r.Frames > 20 })

	eventually(t, "the encoder's sound at the ingress", func() bool { n, _ := b.arrived(microphone(2)); return n > 50 })
	must(t, console, meeting.GiveFloor{Point: "p-2"})
	if _, passed := b.arrived(microphone(2)); passed > 0 || player.report().hears() {
		t.Errorf("%d packets of an uninvited encoder passed, the player reports %+v", passed, player.report())
	}
	button := &Visitor{Bot: &Bot{cfg: Config{URL: strings.Replace(b.url, "ws://", "http://", 1), Token: "room:p-2"}}}
	button.cfg.URL, _, _ = strings.Cut(button.cfg.URL, "/api/")
	if err := button.pressOK(within(t), "p-2"); err != nil {
		t.Fatal(err)
	}
	player.await("the encoder's tone at the player", gstReport.hears)

	must(t, console, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: "p-2"})
	await(t, console, "the microphone closed", func(s State) bool { return s.View.Roster["p-2"].Mic == wire.MicOff })
	player.await("silence at the player", func(r gstReport) bool { return !r.hears() })
	frames := player.report().Frames
	player.await("the picture goes on", func(r gstReport) bool { return r.Frames > frames+10 })

	if err := encoder.stop(); err != nil || !encoder.report().Gone {
		t.Errorf("the encoder ended with %v, %+v", err, encoder.report())
	}
	await(t, console, "p-2 gone", func(s State) bool { return s.View.Roster["p-2"].Presence == meeting.Absent })
	if err := player.stop(); err != nil {
		t.Errorf("the player ended with %v", err)
	}
}
