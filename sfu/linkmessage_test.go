package sfu

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
)

func TestLinkRefusesWhatIsNotItsProtocol(t *testing.T) {
	s := newTestSFU(t)
	l := newLink(t, s, LinkConfig{Name: "x", Beyond: beyondPrefix("p"), Send: func(LinkMessage) {}})
	l.Attach("m")
	many := `{"meeting":"m","wants":[` + strings.Repeat(`{"source":"p/camera","sizes":1},`, linkWantsMax) + `{"source":"q/camera","sizes":1}]}`
	for _, tt := range []struct{ name, kind, body string }{
		{"an unknown kind", "media.dance", `{}`},
		{"no body", linkWant, ``},
		{"an unknown field", linkWant, `{"meeting":"m","wants":[],"more":1}`},
		{"two values", linkWant, `{"meeting":"m","wants":[]}{}`},
		{"no meeting", linkWant, `{"wants":[]}`},
		{"an unknown source", linkWant, `{"meeting":"m","wants":[{"source":"p/tuba","sizes":1}]}`},
		{"no size", linkWant, `{"meeting":"m","wants":[{"source":"p/camera","sizes":0}]}`},
		{"a size there is not", linkWant, `{"meeting":"m","wants":[{"source":"p/camera","sizes":8}]}`},
		{"a source twice", linkWant, `{"meeting":"m","wants":[{"source":"p/camera","sizes":1},{"source":"p/camera","sizes":2}]}`},
		{"too many sources", linkWant, many},
		{"sound of three layers", linkAnnounce, `{"transport":1,"meeting":"m","source":"p/microphone","layers":7,"layer":0,"ssrc":5,"rtx":6}`},
		{"a layer the source has not", linkAnnounce, `{"transport":1,"meeting":"m","source":"p/camera","layers":3,"layer":2,"ssrc":5,"rtx":6}`},
		{"a repair that is the stream", linkAnnounce, `{"transport":1,"meeting":"m","source":"p/camera","layer":2,"ssrc":5,"rtx":5}`},
		{"no ssrc", linkAnnounce, `{"transport":1,"meeting":"m","source":"p/camera","layer":2,"ssrc":0,"rtx":5}`},
		{"a transport without a key", linkTransport, `{"number":1,"ufrag":"u","password":"p","fingerprint":""}`},
		{"a transport of long words", linkTransport, `{"number":1,"ufrag":"u","password":"` + strings.Repeat("p", 300) + `","fingerprint":"f"}`},
		{"a number that is none", linkWithdraw, `{"transport":-1,"ssrc":5}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := l.Receive(LinkMessage{T: tt.kind, D: json.RawMessage(tt.body)}); !errors.Is(err, ErrLinkMessage) {
				t.Errorf("got %v, want ErrLinkMessage", err)
			}
		})
	}
}

// FuzzLinkMessage feeds a link anything: it must not fall, and what it takes
// must be within its bounds.
func FuzzLinkMessage(f *testing.F) {
	seed := func(kind string, body any) { m := encodeLink(kind, body); f.Add(m.T, []byte(m.D)) }
	seed(linkWant, wantMessage{Meeting: "m", Wants: []want{{Source: camera("p"), Sizes: 5, Main: true}}})
	seed(linkAnnounce, announceMessage{Transport: 1, Meeting: "m", Source: camera("p"), Layers: 7, Layer: 1, SSRC: 1, RTX: 2})
	seed(linkAnnounce, announceMessage{Transport: 1, Meeting: "m", Source: mic("p"), Layer: rankFull, SSRC: 1, RTX: 2})
	seed(linkWithdraw, withdrawMessage{Transport: 1, SSRC: 1})
	seed(linkTransport, transportMessage{Number: 1, Ufrag: "u", Password: "p", Fingerprint: "f", Candidates: []string{"1 1 udp 1 127.0.0.1 9 typ host"}})
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		s := &SFU{meetings: map[meeting.ID]*router{}}
		r := &router{sfu: s, id: "m", token: make(chan struct{}, 1)}
		l := &Link{
			cfg: LinkConfig{Beyond: beyondPrefix("p"), Send: func(LinkMessage) {}}, sfu: s, token: make(chan struct{}, 1),
			branches: map[meeting.ID]*branch{}, early: map[meeting.ID]*[]want{},
		}
		b := newBranch(l, r)
		l.branches["m"] = b
		path := &transport{link: l, number: 1}
		path.arrivals.Store(&map[uint32]*arrival{})
		path.relays.Store(&map[uint32]*relay{})
		l.paths = []*transport{path}
		if !beyondAll(kind, body) {
			return // an alarm needs a log; the cheat test hears it
		}
		if err := l.Receive(LinkMessage{T: kind, D: body}); err != nil && !errors.Is(err, ErrLinkMessage) {
			t.Errorf("refused by %v", err)
		}
		if len(b.wanted()) > linkWantsMax {
			t.Errorf("%d wants", len(b.wanted()))
		}
		for _, src := range b.published() {
			if len(src.layers) == 0 || src.gate.open() || src.key.Kind.Audio() && len(src.layers) != 1 {
				t.Errorf("source %+v", src)
			}
		}
	})
}

// beyondAll reports whether a message announces nothing of a stranger.
func beyondAll(kind string, body []byte) bool {
	var a announceMessage
	if kind != linkAnnounce || decodeLink(LinkMessage{T: kind, D: body}, &a) != nil {
		return true
	}
	return strings.HasPrefix(string(a.Source.Point), "p")
}
