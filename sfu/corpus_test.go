package sfu

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// foreignOffer is an offer as another's encoder or player writes it, and what is to
// become of it.
type foreignOffer struct {
	name    string   // what it stands for,
	file    string   // its text, in testdata/offers,
	change  []string // but for these: old, new, old, new
	door    Door
	has     []string // in the answer,
	lacks   []string // and not in it
	refused []string // in the refusal
}

var foreigns = []foreignOffer{
	{name: "FFmpeg's baseline", file: "h264-42001f", has: []string{"packetization-mode=1;profile-level-id=42001f", "setup:passive"}},
	{name: "FFmpeg's constrained baseline", file: "h264-422001f", has: []string{"profile-level-id=42c01f"}},
	{name: "FFmpeg 8, which is passive", file: "ffmpeg-8", has: []string{"setup:active", "profile-level-id=42c01f", "apt=106"}},
	{name: "high profile alone", file: "h264-640c1f", refused: []string{"H.264", "640c1f", "packetization-mode 1", "vp8/90000", "42xxxx"}},
	{name: "main profile alone", file: "h264-640c1f", change: []string{"640c1f", "4d001f"}, refused: []string{"4d001f", "42xxxx"}},
	{name: "a profile that is none", file: "h264-640c1f", change: []string{"640c1f", "xyz"}, refused: []string{"xyz", "42xxxx"}},
	{name: "interleaved packets", file: "h264-640c1f", change: []string{"640c1f;packetization-mode=1", "42e01f;packetization-mode=2"}, refused: []string{"packetization-mode 2", "packetization-mode 0 or 1"}},
	{name: "main profile that is constrained baseline", file: "h264-640c1f", change: []string{"640c1f", "4d801f"}, has: []string{"profile-level-id=4d801f"}},
	{name: "no parameters", file: "h264-no-fmtp", has: []string{"packetization-mode=0;profile-level-id=42000a"}},
	{name: "capitals", file: "h264-upper-case", has: []string{"profile-level-id=42e01f"}},
	{name: "a bundle-only m-line", file: "max-bundle-port-0", has: []string{"a=mid:0", "a=mid:1"}},
	{name: "one extension with two ids", file: "mid-extension-two-ids", has: []string{"a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:mid"}, lacks: []string{"a=extmap:1 "}},
	{name: "one id with two extensions", file: "mid-extension-two-ids", change: []string{"a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid", "a=extmap:2 urn:ietf:params:rtp-hdrext:toffset"}, refused: []string{"extmap", "id 2 is both"}},
	{name: "OBS 32's layers", file: "obs-simulcast-rids-0-1-2", has: []string{"a=rid:0 recv", "a=rid:1 recv", "a=rid:2 recv", "a=simulcast:recv "}},
	{name: "layers, and the extension of their names with two ids", file: "obs-simulcast-rids-0-1-2", change: []string{"a=ssrc:2001 cname:n", "a=extmap:7 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=ssrc:2001 cname:n"}, has: []string{"a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid"}, lacks: []string{"a=extmap:7"}},
	{name: "layers that packets do not name", file: "obs-simulcast-rids-0-1-2", change: []string{"a=extmap:2", "a=x-extmap:2"}, refused: []string{"mid and rid"}},
	{name: "repairs with rtx-time", file: "rtx-time", has: []string{"a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96\r\n"}},
	{name: "rtx-time before apt", file: "rtx-time", change: []string{"apt=96;rtx-time=3000", "RTX-Time=200; APT=96"}, has: []string{"a=fmtp:97 apt=96\r\n"}},
	{name: "repairs of nothing", file: "rtx-time", change: []string{"apt=96;rtx-time=3000", "rtx-time=3000"}, has: []string{"VP8/90000"}, lacks: []string{"rtx/90000", "FID"}},
	{name: "repairs of a word", file: "rtx-time", change: []string{"apt=96;rtx-time=3000", "apt=video"}, has: []string{"VP8/90000"}, lacks: []string{"rtx/90000"}},
	{name: "passive, on the m-lines", file: "setup-passive-media", has: []string{"setup:active"}, lacks: []string{"setup:passive"}},
	{name: "passive, for the session", file: "setup-passive-media", change: []string{"a=setup:passive\r\n", "", "t=0 0\r\n", "t=0 0\r\na=setup:passive\r\n"}, has: []string{"setup:active"}},
	{name: "no part in DTLS", file: "setup-passive-media", change: []string{"a=setup:passive\r\n", ""}, has: []string{"setup:passive"}},
	{name: "holdconn", file: "setup-passive-media", change: []string{"setup:passive", "setup:holdconn"}, refused: []string{"setup:holdconn", "actpass, active or passive"}},
	{name: "OBS 30", file: "obs-30", has: []string{"setup:passive", "profile-level-id=42e01f", "apt=96", "OPUS/48000/2"}},
	{name: "GStreamer's webrtcbin", file: "webrtcbin", has: []string{"a=mid:video0", "profile-level-id=42c015", "recvonly"}, lacks: []string{"sprop-parameter-sets"}},
	{name: "a camera that says all of the session, in capitals", file: "camera-sprop-capitals", has: []string{"profile-level-id=42c028", "a=rtcp-fb:102 nack", "recvonly"}},
	{name: "ends of lines without CR", file: "obs-30", change: []string{"\r", ""}, has: []string{"profile-level-id=42e01f"}},
	{name: "Chromium, which may send all", file: "chromium-whip", has: []string{"profile-level-id=42e01f", "apt=109"}, lacks: []string{"42001f", "64001f", "AV1", "packetization-mode=0"}},
	{name: "AV1 alone", file: "chromium-whip", change: []string{"H264", "H265"}, refused: []string{"lacks vp8/90000"}},
	{name: "a player with nacks and no repairs", file: "whep-nack-without-rtx", door: DoorWHEP, has: []string{"a=rtcp-fb:96 nack\r\n", "VP8/90000"}, lacks: []string{"FID", "rtx/90000"}},
	{name: "a player that has the high profile", file: "whep-libdatachannel", door: DoorWHEP, has: []string{"profile-level-id=640c1f", "VP8/90000"}, lacks: []string{"FID"}},
	{name: "a player that has H.264 alone", file: "whep-libdatachannel", change: []string{"VP8/90000", "VP9/90000"}, door: DoorWHEP, refused: []string{"lacks vp8/90000", "every receiver", "640c1f"}},
}

func (f foreignOffer) text(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "offers", f.file+".sdp"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(strings.ReplaceAll(string(b), "\r", ""), "\n", "\r\n")
	for pair := range slices.Chunk(f.change, 2) {
		if !strings.Contains(text, pair[0]) {
			t.Fatalf("%q is not in %s", pair[0], f.file)
		}
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	return text
}

// What others' encoders and players offer is answered as they can use it, or
// refused in words that name what was found and what is taken.
func TestOffersOfOthers(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	for _, f := range foreigns {
		t.Run(f.name, func(t *testing.T) {
			door := f.door
			if door == "" {
				door = DoorWHIP
			}
			p, err := s.Join(PeerConfig{Meeting: "m", Point: "a", Publish: door == DoorWHIP, MaxTiles: 1, Door: door})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = p.Close() }()
			answer, err := p.Offer(f.text(t))
			switch {
			case len(f.refused) > 0 && !errors.Is(err, ErrOffer):
				t.Fatalf("got %v and an answer, want a refusal:\n%s", err, answer)
			case len(f.refused) == 0 && err != nil:
				t.Fatal(err)
			}
			for _, want := range f.refused {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v: lacks %q", err, want)
				}
			}
			for _, want := range f.has {
				if !strings.Contains(answer, want) {
					t.Errorf("lacks %q:\n%s", want, answer)
				}
			}
			for _, never := range f.lacks {
				if strings.Contains(answer, never) {
					t.Errorf("has %q:\n%s", never, answer)
				}
			}
		})
	}
}
