package sfu

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// offered is an offer of a client as another would write it.
func (c *client) offered(as func(string) string) (answer string) {
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
	if answer, err = c.peer.Offer(as(c.pc.LocalDescription().SDP)); err != nil {
		c.t.Fatal(err)
	}
	if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		c.t.Fatal(err)
	}
	c.await("connected", func(n Notice) bool { return n.State == StateConnected })
	return answer
}

// withoutRTX is an offer of a player that has NACK and no repairs.
func withoutRTX(offer string) string {
	for _, m := range regexp.MustCompile(`a=rtpmap:(\d+) rtx/90000\r\n`).FindAllStringSubmatch(offer, -1) {
		offer = strings.ReplaceAll(offer, m[0], "")
		offer = regexp.MustCompile(`a=(fmtp|rtcp-fb):`+m[1]+` [^\r]*\r\n`).ReplaceAllString(offer, "")
		offer = regexp.MustCompile(`(m=video [^\r]*) `+m[1]+`( |\r)`).ReplaceAllString(offer, "$1$2")
	}
	return offer
}

// writtenAs gives each repair of an offer other parameters; %s is its apt.
func writtenAs(form string) func(string) string {
	return func(offer string) string {
		return regexp.MustCompile(`(a=fmtp:\d+) apt=(\d+)`).ReplaceAllString(offer, "$1 "+fmt.Sprintf(form, "$2"))
	}
}

// A receiver that lost a packet has it again: by RTX (RFC 4588), however its
// parameters are written, or on the stream itself if it has no RTX.
func TestWhatIsLostComesAgainInTheFormTheReceiverHas(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		as  func(string) string
		rtx bool
	}{
		"apt alone":              {func(s string) string { return s }, true},
		"apt, then rtx-time":     {writtenAs("apt=%s;rtx-time=3000"), true},
		"rtx-time, then apt":     {writtenAs("rtx-time=200; apt=%s"), true},
		"capitals and spaces":    {writtenAs(" RTX-Time = 200 ; APT = %s ;"), true},
		"no repairs, only nacks": {withoutRTX, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTestSFU(t)
			a := dial(t, s, clientConfig{point: "a", publish: true})
			b := newClient(t, s, clientConfig{point: "b", video: 1, again: !tt.rtx})
			answer := b.offered(tt.as)
			if has := strings.Contains(answer, " rtx/90000"); has != tt.rtx || strings.Contains(answer, "FID ") != tt.rtx {
				t.Errorf("answer with rtx %v, want %v:\n%s", has, tt.rtx, answer)
			}
			a.play(meeting.Camera, 7)
			s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
			b.until("pictures", func() bool { return b.video(0).packets.Load() > 60 })
			for _, copies := range checkRepeats(t, s, b) {
				was, is := copies[0].Header, copies[1].Header
				if a, b := must(was.Marshal()), must(is.Marshal()); !tt.rtx && !bytes.Equal(a, b) {
					t.Errorf("the header was %x and is %x: SRTP must not have two texts under one number", a, b)
				}
			}
		})
	}
}

// checkRepeats asks for six packets and wants each again, once, as it was.
func checkRepeats(t *testing.T, s *SFU, b *client) (all [][]rtp.Packet) {
	t.Helper()
	seen := b.video(0).packetsSoFar()
	asked := seen[len(seen)-16 : len(seen)-10]
	nack := &rtcp.TransportLayerNack{MediaSSRC: asked[0].SSRC}
	for _, p := range asked {
		nack.Nacks = append(nack.Nacks, rtcp.NackPair{PacketID: p.SequenceNumber})
	}
	if err := b.pc.WriteRTCP([]rtcp.Packet{nack}); err != nil {
		t.Fatal(err)
	}
	again := func(p rtp.Packet) (copies []rtp.Packet) {
		for _, q := range b.video(0).packetsSoFar()[len(seen)-16:] {
			if q.SequenceNumber == p.SequenceNumber {
				copies = append(copies, q)
			}
		}
		return copies
	}
	b.until("six have come again", func() bool {
		return !slices.ContainsFunc(asked, func(p rtp.Packet) bool { return len(again(p)) < 2 })
	})
	if n := s.Stats().Resent; n != 6 {
		t.Errorf("sent again %d, want 6", n)
	}
	for _, p := range asked {
		copies := again(p)
		same := copies[1].Timestamp == p.Timestamp && copies[1].Marker == p.Marker && bytes.Equal(copies[1].Payload, p.Payload)
		if len(copies) != 2 || !same {
			t.Errorf("packet %d came %d times, the same: %v", p.SequenceNumber, len(copies), same)
		}
		all = append(all, copies)
	}
	return all
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// A publisher's repairs are undone, however their parameters are written.
func TestAPublishersRepairsAreUndone(t *testing.T) {
	t.Parallel()
	for name, as := range map[string]func(string) string{
		"apt, then rtx-time": writtenAs("apt=%s;rtx-time=3000"),
		"rtx-time, then apt": writtenAs("rtx-time=200; APT=%s"),
	} {
		o, err := readOffer(as(sdpOf(line("video", "0", "sendonly", "rtpmap:97 rtx/90000", "fmtp:97 apt=96", "ssrc-group:FID 1 2", "ssrc:1 c", "ssrc:2 c"))), roomOffer)
		if err != nil || o.publish[0].repairs[97] != 96 || o.publish[0].repair != 2 {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
		if err == nil && !strings.Contains(o.plain, "a=fmtp:97 apt=96\r\n") {
			t.Errorf("%s: Pion gets %s", name, o.plain)
		}
	}
}

// An answer has no pair of stream and repair where it has no type of repairs.
func TestAnAnswerNamesNoRepairsItHasNot(t *testing.T) {
	answer := sdpOf(line("video", "0", "sendonly", "ssrc-group:FID 1 2", "ssrc:1 cname:x", "ssrc:2 cname:x"),
		line("video", "1", "sendonly", "rtpmap:97 rtx/90000", "ssrc-group:FID 3 4", "ssrc:3 cname:x", "ssrc:4 cname:x"))
	got, err := withoutIdleRepairs(answer)
	if err != nil {
		t.Fatal(err)
	}
	var s sdp.SessionDescription
	if err := s.UnmarshalString(got); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 3} {
		n := 0
		for _, a := range s.MediaDescriptions[i].Attributes {
			if strings.HasPrefix(a.Key, "ssrc") {
				n++
			}
		}
		if n != want {
			t.Errorf("m-line %d has %d attributes of streams, want %d:\n%s", i, n, want, got)
		}
	}
}
