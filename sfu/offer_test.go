package sfu

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// line writes an m-line of an offer: what it is, its mid and its attributes.
func line(kind, mid, direction string, more ...string) string {
	codec := "111 opus/48000/2"
	if kind == "video" {
		codec = "96 VP8/90000"
	}
	pt, _, _ := strings.Cut(codec, " ")
	b := fmt.Sprintf("m=%s 9 UDP/TLS/RTP/SAVPF %s\r\nc=IN IP4 0.0.0.0\r\na=mid:%s\r\na=%s\r\na=rtpmap:%s\r\n", kind, pt, mid, direction, codec)
	for _, a := range more {
		b += "a=" + a + "\r\n"
	}
	return b
}

func sdpOf(lines ...string) string {
	return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" + strings.Join(lines, "")
}

func TestReadOffer(t *testing.T) {
	room := []string{
		line("video", "0", "sendonly", "ssrc-group:FID 10 11", "ssrc:10 cname:x", "ssrc:10 msid:- t", "ssrc:11 cname:x"),
		line("audio", "1", "sendonly", "ssrc:20 cname:x"), line("video", "2", "sendonly"), line("audio", "3", "sendonly"),
		line("video", "4", "recvonly"), line("video", "5", "recvonly"), line("audio", "6", "recvonly"),
	}
	o, err := readOffer(sdpOf(room...), roomOffer)
	if err != nil {
		t.Fatal(err)
	}
	camera := o.publish[0]
	if camera.kind != meeting.Camera || camera.primary != 10 || camera.repair != 11 || camera.payloadTypes[0] != 96 {
		t.Errorf("camera %+v", camera)
	}
	if o.publish[1].kind != meeting.Microphone || o.publish[2].kind != meeting.Content || o.publish[3].kind != meeting.ContentSound {
		t.Errorf("publish %+v", o.publish)
	}
	if fmt.Sprint(o.video, o.voices) != "[4 5] [6]" {
		t.Errorf("slots %v %v", o.video, o.voices)
	}
}

func TestOffersThatAreRefused(t *testing.T) {
	cam, recv := line("video", "0", "sendonly"), line("video", "9", "recvonly")
	many := func(n int, kind, direction string) (lines []string) {
		for i := range n {
			lines = append(lines, line(kind, fmt.Sprint("m", i), direction))
		}
		return lines
	}
	tests := []struct {
		name    string
		sdp     string
		because string
	}{
		{"empty", "", ""},
		{"not sdp", "hello", ""},
		{"no m-lines", sdpOf(), "0 m-lines"},
		{"too long", strings.Repeat("x", offerMax+1), "bytes"},
		{"too many lines", sdpOf(many(60, "video", "recvonly")...), "60 m-lines"},
		{"too many pictures", sdpOf(many(10, "video", "recvonly")...), "10 receiving video"},
		{"too many voices", sdpOf(many(7, "audio", "recvonly")...), "7 receiving audio"},
		{"too many sources", sdpOf(cam, line("audio", "1", "sendonly"), line("video", "2", "sendonly"), line("audio", "3", "sendonly"), line("video", "4", "sendonly")), "more than 4"},
		{"the microphone first", sdpOf(line("audio", "0", "sendonly")), "must be the camera"},
		{"sending after receiving", sdpOf(recv, cam), "out of order"},
		{"a voice before a picture", sdpOf(line("audio", "0", "recvonly"), recv), "out of order"},
		{"both ways", sdpOf(line("video", "0", "sendrecv")), "out of order"},
		{"no mid", sdpOf(strings.Replace(cam, "a=mid:0\r\n", "", 1)), "mid"},
		{"one mid twice", sdpOf(cam, strings.Replace(recv, "mid:9", "mid:0", 1)), "mid"},
		{"a data channel", sdpOf("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\n"), "not carried"},
		{"no vp8", sdpOf(strings.Replace(cam, "VP8", "VP9", 1)), "lacks vp8"},
		{"H.264 alone to receive", sdpOf(strings.Replace(recv, "VP8", "H264", 1)), "which every receiver must have"},
		{"a part in DTLS that it cannot have", sdpOf(line("video", "0", "sendonly", "setup:holdconn")), "want actpass, active or passive"},
		{"simulcast that packets do not name", sdpOf(line("video", "0", "sendonly", "rid:q send", "simulcast:send q")), "header extensions"},
		{"a layer whose name is none", sdpOf(line("video", "0", "sendonly", "rid:h.i send", "simulcast:send h.i")), "rid"},
		{"a layer with a name too long", sdpOf(line("video", "0", "sendonly", "rid:01234567890123456 send", "simulcast:send 01234567890123456")), "rid"},
		{"a layer twice", sdpOf(line("video", "0", "sendonly", "rid:q send", "rid:q send", "simulcast:send q")), "rid"},
		{"a layer to receive", sdpOf(line("video", "0", "sendonly", "rid:q recv", "simulcast:recv q")), "rid"},
		{"a simulcast of more than its layers", sdpOf(line("video", "0", "sendonly", "rid:q send", "simulcast:send q;f")), "bad simulcast"},
		{"alternative layers", sdpOf(line("video", "0", "sendonly", "rid:q send", "rid:f send", "simulcast:send q,f")), "bad simulcast"},
		{"layers of the content", sdpOf(cam, line("audio", "1", "sendonly"), line("video", "2", "sendonly", "rid:q send", "simulcast:send q")), "not carried"},
		{"one id for two extensions", sdpOf(line("video", "0", "sendonly", "extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid"), line("audio", "1", "sendonly", "extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level")), "bad extmap: id 1 is both"},
		{"one id for two extensions of one line", sdpOf(line("video", "0", "sendonly", "extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid", "extmap:1/sendonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id")), "bad extmap: id 1 is both"},
		{"two streams on a line", sdpOf(line("video", "0", "sendonly", "ssrc:1 cname:x", "ssrc:2 cname:x")), "2 streams"},
		{"one stream on two lines", sdpOf(line("video", "0", "sendonly", "ssrc:1 cname:x"), line("audio", "1", "sendonly", "ssrc:1 cname:x")), "two m-lines"},
		{"a repair that is another's stream", sdpOf(line("video", "0", "sendonly", "ssrc-group:FID 1 2", "ssrc:1 a", "ssrc:2 a"), line("audio", "1", "sendonly", "ssrc:2 cname:x")), "two m-lines"},
		{"stream number zero", sdpOf(line("video", "0", "sendonly", "ssrc:0 cname:x")), "bad ssrc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readOffer(tt.sdp, roomOffer)
			if !errors.Is(err, ErrOffer) || !strings.Contains(err.Error(), tt.because) {
				t.Errorf("got %v, want one about %q", err, tt.because)
			}
		})
	}
	if _, err := readOffer(sdpOf(cam), PeerConfig{MaxTiles: 9}); !errors.Is(err, ErrOffer) {
		t.Errorf("sending without the right: %v", err)
	}
}

// An offer Pion refuses is an error in good time, and the peer can be closed.
func TestOfferWithoutAPath(t *testing.T) {
	s := newTestSFU(t)
	p, err := s.Join(PeerConfig{Meeting: "m", Point: "a", Publish: true, MaxTiles: 9})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := p.Offer(sdpOf(line("video", "0", "sendonly"))); err == nil {
		t.Error("answered an offer without ice credentials or fingerprint")
	}
	if took := time.Since(began); took > 2*answerDeadline {
		t.Errorf("took %v", took)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestRestartWithOtherLinesIsRefused(t *testing.T) {
	a, _ := readOffer(sdpOf(line("video", "0", "sendonly", "ssrc:1 c"), line("video", "1", "recvonly")), roomOffer)
	same, _ := readOffer(sdpOf(line("video", "0", "sendonly", "ssrc:1 c"), line("video", "1", "recvonly")), roomOffer)
	stream, _ := readOffer(sdpOf(line("video", "0", "sendonly", "ssrc:2 c"), line("video", "1", "recvonly")), roomOffer)
	more, _ := readOffer(sdpOf(line("video", "0", "sendonly", "ssrc:1 c"), line("video", "1", "recvonly"), line("video", "2", "recvonly")), roomOffer)
	if !same.sameShape(a) || stream.sameShape(a) || more.sameShape(a) {
		t.Error("only the same lines are the same lines")
	}
}

// FuzzOffer checks that no SDP makes the reader panic, and that what it takes
// is within its bounds.
func FuzzOffer(f *testing.F) {
	f.Add(sdpOf(line("video", "0", "sendonly", "ssrc-group:FID 10 11", "ssrc:10 cname:x", "ssrc:11 cname:x"), line("audio", "1", "sendonly", "ssrc:20 cname:x"),
		line("video", "4", "recvonly"), line("audio", "6", "recvonly")))
	f.Add(sdpOf(line("audio", "0", "recvonly")))
	f.Add("v=0\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := readOffer(text, roomOffer)
		if err != nil {
			if !errors.Is(err, ErrOffer) {
				t.Fatalf("error without its kind: %v", err)
			}
			return
		}
		if len(o.publish) > len(meeting.Kinds) || len(o.video) > 9 || len(o.voices) > meeting.Voices {
			t.Fatalf("beyond its bounds: %d, %d, %d", len(o.publish), len(o.video), len(o.voices))
		}
		mids := map[string]bool{}
		for _, mid := range append(append([]string{}, o.video...), o.voices...) {
			mids[mid] = true
		}
		if len(mids) != len(o.video)+len(o.voices) {
			t.Fatal("a mid is there twice")
		}
	})
}
