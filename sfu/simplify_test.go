package sfu

import (
	"strings"
	"testing"
	"time"

	"github.com/pion/sdp/v3"
)

const midURI, ridURI = "urn:ietf:params:rtp-hdrext:sdes:mid", "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"

// An extension may have two ids: the m-lines with the other one go without it.
func TestAnExtensionWithTwoIDs(t *testing.T) {
	layered := line("video", "1", "sendonly", "extmap:1 "+midURI, "extmap:2 "+ridURI, "rid:q send", "rid:f send", "simulcast:send f;q")
	tests := []struct {
		name     string
		offer    string
		mid, rid uint8
		answered []string // the mid extension, as each m-line has it for Pion
	}{
		{"neither is a simulcast", sdpOf(line("audio", "0", "sendonly", "extmap:2 "+midURI, "ssrc:1 c"), line("video", "1", "sendonly", "extmap:1 "+midURI, "ssrc:2 c")), 2, 0, []string{"2", ""}},
		{"the second is one", sdpOf(line("audio", "0", "sendonly", "extmap:9 "+midURI, "ssrc:1 c"), layered), 1, 2, []string{"", "1"}},
		{"two on one m-line", sdpOf(line("video", "0", "sendonly", "extmap:3 "+midURI, "extmap:4/sendrecv "+midURI, "ssrc:1 c")), 3, 0, []string{"3"}},
		{"of the session", strings.Replace(sdpOf(line("video", "0", "sendonly", "ssrc:1 c")), "t=0 0\r\n", "t=0 0\r\na=extmap:5 "+midURI+"\r\n", 1), 5, 0, []string{"5"}},
		{"an id out of the range of answers, unused", sdpOf(line("video", "0", "sendonly", "extmap:4097 urn:x:y", "extmap:1 "+midURI, "ssrc:1 c")), 1, 0, []string{"1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, err := readOffer(tt.offer, PeerConfig{Publish: true, Door: DoorWHIP})
			if err != nil {
				t.Fatal(err)
			}
			if o.names.mid != tt.mid || o.names.rid != tt.rid {
				t.Errorf("ids %+v, want mid %d, rid %d", o.names, tt.mid, tt.rid)
			}
			var s sdp.SessionDescription
			if err := s.UnmarshalString(o.plain); err != nil {
				t.Fatal(err)
			}
			for i, want := range tt.answered {
				got := ""
				for _, a := range s.MediaDescriptions[i].Attributes {
					if id, ok := strings.CutSuffix(a.Value, " "+midURI); ok && a.Key == "extmap" {
						got += id
					}
				}
				if got != want {
					t.Errorf("m-line %d has mid as %q, want %q", i, got, want)
				}
			}
		})
	}
}

// setupAs puts the part in DTLS where an offer has it: on each m-line, or for the
// whole session.
func setupAs(role string, session bool) func(string) string {
	return func(offer string) string {
		offer = strings.ReplaceAll(offer, "a=setup:actpass\r\n", "")
		if session {
			return strings.Replace(offer, "t=0 0\r\n", "t=0 0\r\na=setup:"+role+"\r\n", 1)
		}
		return strings.ReplaceAll(offer, "a=mid:", "a=setup:"+role+"\r\na=mid:")
	}
}

// The part in DTLS that is answered is the one that is played (RFC 8842 §5.3), on
// whichever level the offer has its own.
func TestThePartInDTLSIsTheOneAnswered(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ role, answer string }{
		"actpass": {"actpass", "passive"}, "active": {"active", "passive"}, "passive": {"passive", "active"},
	} {
		for _, session := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newTestSFU(t)
				c := newClient(t, s, clientConfig{point: "b", video: 1})
				began := time.Now()
				// offered applies the answer: a client that offered actpass plays the other part of it.
				answer := c.offered(setupAs(tt.role, session))
				if n := strings.Count(answer, "a=setup:"); n == 0 || strings.Count(answer, "a=setup:"+tt.answer+"\r\n") != n {
					t.Errorf("answered\n%s\nwant setup:%s", answer, tt.answer)
				}
				if took := time.Since(began); took > 2*time.Second {
					t.Errorf("connected after %v", took)
				}
				again := c.offered(func(offer string) string { return strings.ReplaceAll(offer, "a=setup:passive", "a=setup:actpass") })
				if !strings.Contains(again, "a=setup:"+tt.answer+"\r\n") {
					t.Errorf("a later answer changes the part:\n%s", again)
				}
			})
		}
	}
}
