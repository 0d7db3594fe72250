package sfu

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
)

// wire is a link between two SFUs of one process: a control channel that keeps
// the order, and media over loopback.
type wire struct {
	parent, child *Link

	mu      sync.Mutex
	notices []LinkNotice // of both ends

	announced chan announceMessage // a copy of what both announce
}

// beyondPrefix says that the points whose names begin so are beyond.
func beyondPrefix(prefix string) func(meeting.PointID) bool {
	return func(p meeting.PointID) bool { return strings.HasPrefix(string(p), prefix) }
}

// connect links a child to a parent. The child's subtree are the points whose
// names begin with prefix.
func connect(t testing.TB, parent, child *SFU, prefix string) *wire {
	t.Helper()
	return connectBy(t, parent, child, wireConfig{prefix: prefix})
}

// wireConfig says how a link's line is.
type wireConfig struct {
	prefix string
	cap    int
	// udp gives the port at which the child finds the parent's; nil is its own.
	udp func(port int) int
}

func connectBy(t testing.TB, parent, child *SFU, cfg wireConfig) *wire {
	t.Helper()
	prefix := cfg.prefix
	w := &wire{announced: make(chan announceMessage, 1024)}
	toChild, toParent := newPost(t, w), newPost(t, w)
	if cfg.udp != nil {
		toChild.from, toChild.port = parent.Port(), cfg.udp(parent.Port())
	}
	under := beyondPrefix(prefix)
	note := func(n LinkNotice) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.notices = append(w.notices, n)
	}
	w.parent = newLink(t, parent, LinkConfig{Name: prefix, Cap: cfg.cap, Beyond: under, Send: toChild.send, Notify: note})
	w.child = newLink(t, child, LinkConfig{
		Name: "up", Child: true, Cap: cfg.cap, Send: toParent.send, Notify: note,
		Beyond: func(p meeting.PointID) bool { return !under(p) },
	})
	toChild.to(w.child)
	toParent.to(w.parent)
	w.parent.Attach("m")
	w.child.Attach("m")
	return w
}

func newLink(t testing.TB, s *SFU, cfg LinkConfig) *Link {
	t.Helper()
	l, err := s.Link(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func (w *wire) alarms() (all []LinkAlarm) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range w.notices {
		if n.Alarm != nil {
			all = append(all, *n.Alarm)
		}
	}
	return all
}

// await waits until media flows both ways.
func (w *wire) await(t testing.TB) {
	t.Helper()
	waitFor(t, "the link is up", nil, func() bool { return w.parent.Stats().Up && w.child.Stats().Up })
}

// post carries the messages one end sends, as text, in order.
type post struct {
	t    testing.TB
	box  chan []byte
	done chan struct{}
	wait sync.WaitGroup
	wire *wire

	from, port int // the port to say instead of another, for UDP
}

func newPost(t testing.TB, w *wire) *post {
	p := &post{t: t, wire: w, box: make(chan []byte, 4096), done: make(chan struct{})}
	t.Cleanup(func() { close(p.done); p.wait.Wait() })
	return p
}

func (p *post) send(m LinkMessage) {
	b, err := json.Marshal(m)
	if err != nil {
		p.t.Error(err)
	}
	if m.T == linkAnnounce {
		var a announceMessage
		if err := decodeLink(m, &a); err != nil {
			p.t.Error(err)
		}
		select {
		case p.wire.announced <- a:
		default: // more than any test looks at
		}
	}
	if m.T == linkTransport && p.port != 0 {
		udp := regexp.MustCompile(fmt.Sprintf(`( udp \d+ 127\.0\.0\.1) %d `, p.from))
		b = udp.ReplaceAll(b, fmt.Appendf(nil, "$1 %d ", p.port))
	}
	p.box <- b
}

func (p *post) to(l *Link) {
	p.wait.Go(func() {
		for {
			select {
			case b := <-p.box:
				var m LinkMessage
				if err := json.Unmarshal(b, &m); err != nil {
					p.t.Error(err)
				}
				if err := l.Receive(m); err != nil {
					p.t.Error(err)
				}
			case <-p.done:
				return
			}
		}
	})
}

// carry gives the same plan to every node, as the log does.
func carry(plan *meeting.Plan, nodes ...*SFU) {
	for _, s := range nodes {
		s.Carry("m", plan)
	}
}

func TestLinkCarriesACameraAndAVoice(t *testing.T) {
	t.Parallel()
	top, low := newTestSFU(t), newTestSFU(t)
	w := connect(t, top, low, "a")
	a := dial(t, low, clientConfig{point: "a", publish: true})
	b := dial(t, top, clientConfig{point: "b", video: 1, voices: 6})
	a.play(meeting.Camera, 7)
	a.play(meeting.Microphone, 9)
	w.await(t)
	carry(planOf(1, voiceView(), camera("a"), mic("a")), top, low)
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 30 })
	b.until("sound", func() bool { return b.voice(0).packets.Load() > 30 })
	b.await("caption", func(n Notice) bool { return n.Live != nil && n.Live.Source == camera("a") })
	st := w.parent.Stats()
	if st.Path != "udp" || st.Receiving != 2 || st.Undeclared != 0 || len(w.alarms()) != 0 {
		t.Errorf("parent: %+v, alarms %v", st, w.alarms())
	}
	checkContinuous(t, b.video(0).packetsSoFar())
	if st := low.Links()["up"]; st.Sending != 2 || st.Encodings != 2 || st.StreamsOut < 2 || st.BytesOut == 0 || len(top.Links()) != 1 {
		t.Errorf("the child's link: %+v", st)
	}
	if _ = w.child.Close(); len(low.Links()) != 0 {
		t.Error("a closed link has figures still")
	}
}
