package sfu

import (
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

func tiles(keys ...meeting.SourceKey) meeting.View { return meeting.View{Tiles: keys} }

// body is what a test picture's packet is filled with.
func body(p rtp.Packet) byte { return p.Payload[len(p.Payload)-1] }

func TestSlotIsPointedAnewWithoutSDP(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	c := dial(t, s, clientConfig{point: "c", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 3})
	a.play(meeting.Camera, 0xa)
	c.play(meeting.Camera, 0xc)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a"), camera("c")))
	b.until("a is shown", func() bool { return b.video(0).packets.Load() > 30 })
	b.forget()
	s.Carry("m", planOf(1, tiles(camera("c")), camera("a"), camera("c")))
	var live *Live
	b.await("c is live", func(n Notice) bool { live = n.Live; return live != nil && live.Source == camera("c") })
	if live.Slot != 0 {
		t.Errorf("c took slot %d, want the one it takes the place of", live.Slot)
	}
	count := b.video(0).packets.Load()
	b.until("c is shown", func() bool { return b.video(0).packets.Load() > count+30 })

	packets := b.video(0).packetsSoFar()
	checkPicture(t, packets, live.RTPTS)
	if n := b.video(1).packets.Load() + b.video(2).packets.Load(); n != 0 {
		t.Errorf("%d packets on other slots", n)
	}
	// One request each, of whole pictures that nothing else asked for.
	for _, k := range []meeting.SourceKey{camera("a"), camera("c")} {
		if n := sourceStats(s, k).Keyframes; n > 2 {
			t.Errorf("%v was asked for %d keyframes", k, n)
		}
	}
}

// checkPicture checks what a decoder relies on: no hole, time and picture ids
// that go on over the switch, a key frame first, and the switch at its time.
func checkPicture(t *testing.T, packets []rtp.Packet, switched uint32) {
	t.Helper()
	checkContinuous(t, packets)
	for i, p := range packets {
		if first := i == 0 || p.Timestamp == switched && packets[i-1].Timestamp != switched; first && (p.Payload[0]&0x10 == 0 || p.Payload[4]&1 != 0) {
			t.Errorf("packet %d begins a source without a key frame", i)
		}
		want := byte(0xa)
		if int32(p.Timestamp-switched) >= 0 {
			want = 0xc
		}
		if p.Marker && body(p) != want {
			t.Errorf("packet %d is of %x, want %x", i, body(p), want)
		}
	}
}

// checkContinuous checks that numbers have no hole, and that time and pictures
// go on together.
func checkContinuous(t *testing.T, packets []rtp.Packet) {
	t.Helper()
	picture := func(p rtp.Packet) uint16 { return uint16(p.Payload[2]&0x7f)<<8 | uint16(p.Payload[3]) }
	for i, p := range packets {
		if i == 0 {
			continue
		}
		before := packets[i-1]
		if p.SequenceNumber != before.SequenceNumber+1 {
			t.Errorf("packet %d: number %d after %d", i, p.SequenceNumber, before.SequenceNumber)
		}
		frame, step := p.Timestamp != before.Timestamp, picture(p)-picture(before)
		if int32(p.Timestamp-before.Timestamp) < 0 || frame != (step&0x7fff != 0) {
			t.Errorf("packet %d: time %d after %d, picture %d after %d", i, p.Timestamp, before.Timestamp, picture(p), picture(before))
		}
	}
}

// The old picture flows until the new one's key frame, however long that takes.
func TestMakeBeforeBreak(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	c := dial(t, s, clientConfig{point: "c", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	a.play(meeting.Camera, 0xa)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a"), camera("c")))
	b.until("a is shown", func() bool { return b.video(0).packets.Load() > 10 })
	s.Carry("m", planOf(1, tiles(camera("c")), camera("a"), camera("c")))
	b.await("the slot is for c", func(n Notice) bool { return n.Slots != nil && n.Slots.Video[0] == camera("c") })
	count := b.video(0).packets.Load()
	b.until("a still flows", func() bool { return b.video(0).packets.Load() > count+20 })
	c.play(meeting.Camera, 0xc)
	b.await("c is live", func(n Notice) bool { return n.Live != nil && n.Live.Source == camera("c") })
	a.until("a is sent to nobody", func() bool { return sourceStats(s, camera("a")).Fan == 0 })
}

func TestBlankSlotStopsAtOnceAndSaysSo(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	a.play(meeting.Camera, 0xa)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	b.until("a is shown", func() bool { return b.video(0).packets.Load() > 10 })
	s.Carry("m", planOf(2, tiles(), camera("a")))
	b.await("nothing is live", func(n Notice) bool { return n.Live != nil && n.Live.Source == meeting.SourceKey{} })
	out, passed := s.Stats().PacketsOut, sourceStats(s, camera("a")).Passed
	a.until("more passes", func() bool { return sourceStats(s, camera("a")).Passed > passed+10 })
	if n := s.Stats().PacketsOut; n != out {
		t.Errorf("%d packets sent to a blank slot", n-out)
	}
	a.await("nobody watches", func(n Notice) bool { return n.Demand != nil && !n.Demand.Camera })
}

func TestCarryTwiceIsCarryOnce(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 2, voices: 6})
	a.play(meeting.Camera, 7)
	a.play(meeting.Microphone, 7)
	plan := planOf(1, voiceView(), camera("a"), mic("a"))
	s.Carry("m", plan)
	b.until("sound and pictures", func() bool { return b.video(0).packets.Load() > 10 && b.voice(0).packets.Load() > 10 })
	a.forget()
	b.forget()
	asked := s.Stats().KeyframesAsked
	for range 50 {
		s.Carry("m", plan)
		s.Carry("m", planOf(1, voiceView(), camera("a"), mic("a")))
	}
	count := b.voice(0).packets.Load()
	b.until("sound goes on", func() bool { return b.voice(0).packets.Load() > count+10 })
	for _, c := range []*client{a, b} {
		c.mu.Lock()
		if len(c.notices) > 0 {
			t.Errorf("said again: %+v", c.notices[0])
		}
		c.mu.Unlock()
	}
	if n := s.Stats().KeyframesAsked; n != asked {
		t.Errorf("%d keyframes asked for", n-asked)
	}
	checkNoHole(t, b.voice(0).packetsSoFar())
	checkNoHole(t, b.video(0).packetsSoFar())
}

func checkNoHole(t *testing.T, packets []rtp.Packet) {
	t.Helper()
	for i := 1; i < len(packets); i++ {
		if packets[i].SequenceNumber != packets[i-1].SequenceNumber+1 {
			t.Errorf("packet %d: number %d after %d", i, packets[i].SequenceNumber, packets[i-1].SequenceNumber)
		}
	}
}

func TestPrivateLook(t *testing.T) {
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{video: 2})
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(), camera("a")))
	b.peer.Watch([]meeting.PointID{"a"})
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 10 })
	a.await("somebody watches", func(n Notice) bool { return n.Demand != nil && n.Demand.Camera })
	b.peer.Watch(nil)
	b.await("nothing is live", func(n Notice) bool { return n.Live != nil && n.Live.Source == meeting.SourceKey{} })
}

// Requests of many receivers become few to the publisher.
func TestKeyframeRequestsAreCoalesced(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	b.until("the first keyframe is too old to be sent again", func() bool { return b.video(0).packets.Load() > 80 })
	var ssrc uint32
	for _, tr := range b.pc.GetTransceivers() {
		ssrc = uint32(tr.Receiver().Track().SSRC())
	}
	began, before := time.Now(), a.plis.Load()
	for range 60 {
		if err := b.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}}); err != nil {
			t.Fatal(err)
		}
	}
	b.until("all have come", func() bool { return s.Stats().KeyframesWanted == 60 })
	a.until("one is asked for", func() bool { return a.plis.Load() > before })
	most := uint64(time.Since(began)/keyframeInterval) + 1
	if n := a.plis.Load() - before; n > most {
		t.Errorf("%d requests sent on, want at most %d", n, most)
	}
}

// What a receiver lost it gets again, as RTX, within bounds.
func TestResends(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 60 })
	seen := b.video(0).packetsSoFar()
	lost := seen[len(seen)-5].SequenceNumber
	var ssrc uint32
	for _, tr := range b.pc.GetTransceivers() {
		ssrc = uint32(tr.Receiver().Track().SSRC())
	}
	for range 20 {
		nack := &rtcp.TransportLayerNack{MediaSSRC: ssrc, Nacks: []rtcp.NackPair{{PacketID: lost}}}
		if err := b.pc.WriteRTCP([]rtcp.Packet{nack}); err != nil {
			t.Fatal(err)
		}
	}
	times := func() (n int) {
		for _, p := range b.video(0).packetsSoFar() {
			if p.SequenceNumber == lost {
				n++
			}
		}
		return n
	}
	b.until("it has come again", func() bool { return times() == 2 && s.Stats().Nacked == 20 })
	if n := s.Stats().Resent; n != 1 {
		t.Errorf("sent again %d times in one gap, want once", n)
	}
	if n := times(); n != 2 {
		t.Errorf("came %d times", n)
	}
	if err := b.peer.Close(); err != nil {
		t.Error(err)
	}
	dial(t, s, clientConfig{point: "b", video: 1})
	if n := s.Stats().Feedback[Feedback{"b", "nack"}]; n != 20 {
		t.Errorf("%d of 20 requests are counted as the point's, which has left and come back", n)
	}
}

func TestMediaOverTCPOnly(t *testing.T) {
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true, tcp: true})
	b := dial(t, s, clientConfig{point: "b", video: 1, voices: 6, tcp: true})
	a.play(meeting.Camera, 7)
	a.play(meeting.Microphone, 7)
	s.Carry("m", planOf(1, voiceView(), camera("a"), mic("a")))
	b.until("sound and pictures", func() bool { return b.video(0).packets.Load() > 10 && b.voice(0).packets.Load() > 10 })
	pair, err := b.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	if err != nil || pair == nil || pair.Remote.Protocol != webrtc.ICEProtocolTCP || int(pair.Remote.Port) != s.Port() {
		t.Errorf("pair %v, %v: want tcp to port %d", pair, err, s.Port())
	}
}

func TestICERestartKeepsEverything(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	a := dial(t, s, clientConfig{point: "a", publish: true})
	b := dial(t, s, clientConfig{point: "b", video: 1})
	a.play(meeting.Camera, 7)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	b.until("pictures", func() bool { return b.video(0).packets.Load() > 10 })
	a.forget()
	b.forget()
	for _, c := range []*client{a, b} {
		offer, err := c.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: true})
		if err != nil {
			t.Fatal(err)
		}
		gathered := webrtc.GatheringCompletePromise(c.pc)
		if err := c.pc.SetLocalDescription(offer); err != nil {
			t.Fatal(err)
		}
		<-gathered
		answer, err := c.peer.Offer(c.pc.LocalDescription().SDP)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
			t.Fatal(err)
		}
	}
	count := b.video(0).packets.Load()
	b.until("pictures go on", func() bool { return b.video(0).packets.Load() > count+30 })
	for _, c := range []*client{a, b} {
		c.mu.Lock()
		for _, n := range c.notices {
			if n.State != "" && n.State != StateConnected || n.Gate != nil || n.Slots != nil {
				t.Errorf("a restart changed something: %+v", n)
			}
		}
		c.mu.Unlock()
	}
}
