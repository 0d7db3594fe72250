package sfu

import (
	"bytes"
	"slices"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtp"
)

// voiceView shows a's camera and gives its microphone voice 0.
func voiceView() meeting.View {
	return meeting.View{Tiles: []meeting.SourceKey{camera("a")}, Voices: [meeting.Voices]meeting.SourceKey{mic("a")}}
}

func TestClosedGateLetsNothingPast(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 1, voices: 6})
	a.play(meeting.Microphone, 9)
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, voiceView(), camera("a"))) // the view names the microphone; the gate is closed

	b.until("pictures", func() bool { return b.video(0).packets.Load() > 30 })
	a.until("sound arrives", func() bool { return sourceStats(s, mic("a")).Packets > 50 })
	st := sourceStats(s, mic("a"))
	if st.Passed != 0 || st.Open || st.Dropped["not_permitted"] == 0 {
		t.Errorf("closed gate: %+v", st)
	}
	for i := range meeting.Voices {
		if n := b.voice(i).packets.Load(); n != 0 {
			t.Errorf("voice %d got %d packets past a closed gate", i, n)
		}
	}
}

func TestGateOpensAndCloses(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", voices: 6})
	f := a.play(meeting.Microphone, 9)
	for round := range meeting.Seq(3) {
		before := b.voice(0).packets.Load()
		s.Carry("m", planOf(10*round+1, voiceView(), mic("a")))
		a.await("gate open", func(n Notice) bool {
			return n.Gate != nil && *n.Gate == Gate{Source: mic("a"), Open: true, Seq: 10*round + 1}
		})
		b.until("sound", func() bool { return b.voice(0).packets.Load() > before+10 })
		silence := s.Stats().Silence
		s.Carry("m", planOf(10*round+2, voiceView()))
		a.await("gate closed", func(n Notice) bool {
			return n.Gate != nil && *n.Gate == Gate{Source: mic("a"), Seq: 10*round + 2}
		})
		b.until("silence", func() bool { return s.Stats().Silence == silence+tailFrames })
		sent := f.sent.Load()
		a.until("more is sent", func() bool { return f.sent.Load() > sent+10 })
	}
	if n := s.Stats().Silence; n != 3*tailFrames {
		t.Errorf("%d frames of silence after 3 closings, want %d", n, 3*tailFrames)
	}
	b.until("everything has come", func() bool { return b.voice(0).packets.Load() == s.Stats().PacketsOut })
	checkVoice(t, b.voice(0).packetsSoFar())
}

// checkVoice checks what a receiver of a gated voice relies on: no hole, time
// that only grows, silence of one frame each, a marker where sound begins.
func checkVoice(t *testing.T, packets []rtp.Packet) {
	t.Helper()
	silent := func(p rtp.Packet) bool { return string(p.Payload) == opusSilence }
	for i, p := range packets {
		if i == 0 {
			if !p.Marker {
				t.Error("the first packet has no marker")
			}
			continue
		}
		before := packets[i-1]
		if p.SequenceNumber != before.SequenceNumber+1 {
			t.Errorf("packet %d: number %d after %d", i, p.SequenceNumber, before.SequenceNumber)
		}
		step := p.Timestamp - before.Timestamp
		switch {
		case step == 0 || step > 1<<31:
			t.Errorf("packet %d: time went from %d to %d", i, before.Timestamp, p.Timestamp)
		case silent(p) && step != opusTicks:
			t.Errorf("packet %d: silence after %d ticks, want %d", i, step, opusTicks)
		case !silent(p) && p.Marker != silent(before):
			t.Errorf("packet %d: marker %v after silence %v", i, p.Marker, silent(before))
		}
	}
	if !slices.ContainsFunc(packets, silent) {
		t.Error("no silence")
	}
}

// A microphone removed from a view while its gate is open stops at once, with
// the same silence.
func TestVoiceTakenFromAViewStops(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", voices: 6})
	a.play(meeting.Microphone, 9)
	s.Carry("m", planOf(1, voiceView(), mic("a")))
	b.until("sound", func() bool { return b.voice(0).packets.Load() > 10 })
	plan := planOf(1, meeting.View{}, mic("a"))
	plan.Seq = 2
	s.Carry("m", plan)
	b.until("silence", func() bool { return s.Stats().Silence == tailFrames })
	out, passed := s.Stats().PacketsOut, sourceStats(s, mic("a")).Passed
	a.until("more passes the gate", func() bool { return sourceStats(s, mic("a")).Passed > passed+10 })
	if n := s.Stats().PacketsOut; n != out {
		t.Errorf("%d packets sent to a view without the voice", n-out)
	}
}

func TestNobodyHearsItself(t *testing.T) {
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true, video: 2, voices: 6})
	b := dial(t, s, clientConfig{point: "b", video: 2, voices: 6})
	a.play(meeting.Microphone, 9)
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, voiceView(), mic("a"), camera("a")))
	b.until("sound and pictures", func() bool { return b.voice(0).packets.Load() > 10 && b.video(0).packets.Load() > 10 })
	for i := range meeting.Voices {
		if n := a.voice(i).packets.Load(); n != 0 {
			t.Errorf("its own voice came back on %d: %d packets", i, n)
		}
	}
	if n := a.video(0).packets.Load() + a.video(1).packets.Load(); n != 0 {
		t.Errorf("its own picture came back: %d packets", n)
	}
}

// What a client sends with another's m-line, codec or stream does not pass.
func TestHostileStreams(t *testing.T) {
	t.Parallel()
	opus := []byte{0xfc, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	tests := []struct {
		name   string
		reason string
		write  func(a *client, seq uint16)
	}{
		{"opus on the camera's line", "wrong_payload_type", func(a *client, seq uint16) {
			a.raw(meeting.Camera, func(h *rtp.Header) { h.PayloadType = 111; h.SequenceNumber = seq }, opus)
		}},
		{"a payload type nobody negotiated", "wrong_payload_type", func(a *client, seq uint16) {
			a.raw(meeting.Camera, func(h *rtp.Header) { h.PayloadType = 77; h.SequenceNumber = seq }, opus)
		}},
		{"opus called vp8 on the camera's line", "malformed", func(a *client, seq uint16) {
			a.raw(meeting.Camera, func(h *rtp.Header) { h.SequenceNumber = seq }, []byte(opusSilence))
		}},
		{"opus on an undeclared stream", "unbound_ssrc", func(a *client, seq uint16) {
			a.raw(meeting.Microphone, func(h *rtp.Header) { h.SSRC = 4711; h.SequenceNumber = seq }, opus)
		}},
		{"opus on an undeclared stream that claims a line", "unbound_ssrc", func(a *client, seq uint16) {
			a.raw(meeting.Microphone, func(h *rtp.Header) {
				h.SSRC, h.SequenceNumber = 4712, seq
				_ = h.SetExtension(1, []byte("0"))
				_ = h.SetExtension(2, []byte("q"))
			}, opus)
		}},
		{"opus as a repair of the camera", "unasked_repair", func(a *client, seq uint16) {
			a.raw(meeting.Camera, func(h *rtp.Header) { h.SSRC, h.PayloadType, h.SequenceNumber = a.rtxOf(meeting.Camera), 97, seq },
				append([]byte{byte(seq >> 8), byte(seq)}, opus...))
		}},
		{"the microphone, not invited", "not_permitted", func(a *client, seq uint16) {
			a.raw(meeting.Microphone, func(h *rtp.Header) { h.SequenceNumber = seq }, opus)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newTestSFU(t)
			a := dial(t, s, clientConfig{point: "a", publish: true})
			b := dial(t, s, clientConfig{point: "b", video: 1, voices: 6})
			s.Carry("m", planOf(1, voiceView(), camera("a")))
			a.play(meeting.Camera, 7)
			b.until("pictures", func() bool { return b.video(0).packets.Load() > 10 })
			seq := uint16(62000) // a little behind the picture's own numbers
			a.until("it arrives and is counted", func() bool {
				seq++
				tt.write(a, seq)
				return s.Stats().Dropped[tt.reason] > 20
			})
			came := b.video(0).packets.Load()
			b.until("pictures go on", func() bool { return b.video(0).packets.Load() > came+10 })
			for _, p := range b.video(0).packetsSoFar() {
				if bytes.Contains(p.Payload, opus[1:]) || bytes.Contains(p.Payload, []byte(opusSilence)) {
					t.Fatalf("it came through on the picture: % x", p.Payload)
				}
			}
			for i := range meeting.Voices {
				if n := b.voice(i).packets.Load(); n != 0 {
					t.Errorf("%d packets of it came through on voice %d", n, i)
				}
			}
		})
	}
}

func TestTooManyUndeclaredStreamsEndThePeer(t *testing.T) {
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	ssrc := uint32(100000)
	a.until("the peer is given up", func() bool {
		ssrc++
		a.raw(meeting.Microphone, func(h *rtp.Header) { h.SSRC = ssrc }, []byte{1, 2, 3})
		return s.Stats().Failed == 1
	})
	a.await("told", func(n Notice) bool { return n.State == StateFailed })
	if n := s.Stats().Dropped["unbound_ssrc"]; n < unboundStreams {
		t.Errorf("%d packets counted, want at least %d", n, unboundStreams)
	}
}

// The second session of a point that publishes replaces the first.
func TestSecondPublisherReplacesTheFirst(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	b := dial(t, s, clientConfig{point: "b", voices: 6})
	first := dial(t, s, clientConfig{point: "a", publish: true})
	first.play(meeting.Microphone, 1)
	s.Carry("m", planOf(1, voiceView(), mic("a")))
	b.until("the first is heard", func() bool { return b.voice(0).packets.Load() > 10 })

	second := dial(t, s, clientConfig{point: "a", publish: true})
	first.await("told", func(n Notice) bool { return n.State == StateFailed })
	second.play(meeting.Microphone, 2)
	heard := func(payload byte) (n int) {
		for _, p := range b.voice(0).packetsSoFar() {
			if p.Payload[0] == 0xfc && p.Payload[1] == payload {
				n++
			}
		}
		return n
	}
	b.until("the second is heard", func() bool { return heard(2) > 10 })
	before := heard(1)
	b.until("the second goes on", func() bool { return heard(2) > 40 })
	if n := heard(1); n != before {
		t.Errorf("%d more packets of the first", n-before)
	}
}

// A microphone open when its path was lost stays closed until a newer fact.
func TestLostPeerNeedsANewOpening(t *testing.T) {
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	s.Carry("m", planOf(5, voiceView(), mic("a")))
	open := func() bool { return sourceStats(s, mic("a")).Open }
	a.until("open", open)
	a.peer.lost.Store(true)
	a.peer.router.wake()
	a.until("closed by the loss", func() bool { return !open() })
	a.peer.lost.Store(false)
	a.forget()
	s.Carry("m", planOf(5, voiceView(), mic("a"), camera("a")))
	a.await("the plan is carried", func(n Notice) bool { return n.Gate != nil && n.Gate.Source == camera("a") })
	if open() {
		t.Error("open again by the fact that opened it before the loss")
	}
	s.Carry("m", planOf(6, voiceView(), mic("a")))
	a.until("open by a newer fact", open)
}
