package sfu

import (
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/estimate"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
)

// ssrcOf is the stream that came on a video slot.
func ssrcOf(c *client, slot int) uint32 {
	all := c.video(slot).packetsSoFar()
	if len(all) == 0 {
		return 0
	}
	return all[0].SSRC
}

func (c *client) budget() uint64 { return c.peer.writer.line.budget.Load() }

func (c *client) report(packets ...rtcp.Packet) {
	c.t.Helper()
	if err := c.pc.WriteRTCP(packets); err != nil {
		c.t.Fatal(err)
	}
}

func TestSlotsAskForTheReceiversEstimateAndSayWhenTheySent(t *testing.T) {
	s := newTestSFU(t)
	c := newClient(t, s, clientConfig{point: "a", publish: true, video: 1, voices: 1})
	var session sdp.SessionDescription
	if err := session.UnmarshalString(c.offerOnly()); err != nil {
		t.Fatal(err)
	}
	for i, m := range session.MediaDescriptions {
		text := ""
		for _, a := range m.Attributes {
			text += a.Key + ":" + a.Value + "\n"
		}
		slot := i >= len(meeting.Kinds)
		video := m.MediaName.Media == "video"
		if has := strings.Contains(text, "transport-cc\n"); has != (video && !slot) {
			t.Errorf("m-line %d: transport-cc feedback: %v", i, has)
		}
		if has := strings.Contains(text, "goog-remb"); slot && has != video {
			t.Errorf("m-line %d: goog-remb: %v", i, has)
		}
		if has := strings.Contains(text, sdp.ABSSendTimeURI); has != slot {
			t.Errorf("m-line %d: abs-send-time: %v", i, has)
		}
	}
}

// watching is a client that is shown another's camera.
func watching(t *testing.T, s *SFU) (from, to *client) {
	t.Helper()
	from = dial(t, s, clientConfig{point: "a", publish: true})
	to = dial(t, s, clientConfig{point: "b", video: 1, voices: 1})
	from.play(meeting.Camera, 1)
	s.Carry("m", planOf(1, tiles(camera("a")), camera("a")))
	to.until("a picture", func() bool { return ssrcOf(to, 0) != 0 })
	return from, to
}

func TestPacketsOfSlotsSayWhenTheySent(t *testing.T) {
	_, to := watching(t, newTestSFU(t))
	var id uint8
	for _, ext := range to.pc.GetReceivers()[0].GetParameters().HeaderExtensions {
		if ext.URI == sdp.ABSSendTimeURI {
			id = uint8(ext.ID)
		}
	}
	got := to.video(0).packetsSoFar()
	stamp := got[len(got)-1].GetExtension(id)
	if len(stamp) != 3 || stamp[0]|stamp[1]|stamp[2] == 0 {
		t.Errorf("extension %d is %v", id, stamp)
	}
}

func TestTheReceiversEstimateIsHeard(t *testing.T) {
	_, to := watching(t, newTestSFU(t))
	remb := func(bps float32) {
		to.report(&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: bps, SSRCs: []uint32{7, ssrcOf(to, 0)}})
	}
	remb(3_000_000)
	to.until("the estimate to rise", func() bool { return to.budget() > 2_900_000 })
	remb(700_000)
	to.until("the estimate to fall", func() bool { return to.budget() < 710_000 })
}

func TestReportsTellLossAndRoundTrip(t *testing.T) {
	s := newTestSFU(t)
	_, to := watching(t, s)
	ssrc := ssrcOf(to, 0)
	report := func(highest, lost uint32) {
		sent := s.clock(s.now() - 300*time.Millisecond) // 200 ms of it at the receiver
		to.report(&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{
			SSRC: ssrc, LastSequenceNumber: highest, TotalLost: lost,
			LastSenderReport: uint32(sent >> 16), Delay: 200 << 16 / 1000,
		}}})
	}
	report(1000, 10)
	report(1100, 30)
	line := to.peer.writer.line
	to.until("the loss to be judged", func() bool {
		report(1100, 30)
		return line.budget.Load() < 1_000_000 // 20 % of loss: it tries less
	})
	if err := to.peer.Close(); err != nil { // so that the figures below are ours alone
		t.Fatal(err)
	}
	if trip := line.roundTrip(); trip < 90*time.Millisecond || trip > 500*time.Millisecond {
		t.Errorf("round trip %v, want 100 ms and a little", trip)
	}
	if line.loss != 0.2 {
		t.Errorf("loss %v, want 0.2", line.loss)
	}
}

func TestAQueueIsWhatAllRoundTripsWaited(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name  string
		trips []time.Duration // one each 100 ms, after ten of 50 ms
		want  time.Duration
	}{
		{"a machine that reads late now and then", []time.Duration{50 * ms, 400 * ms, 55 * ms, 300 * ms, 50 * ms, 500 * ms, 52 * ms, 350 * ms}, 5 * ms},
		{"a line that is full", []time.Duration{150 * ms, 250 * ms, 350 * ms, 340 * ms, 350 * ms, 345 * ms, 350 * ms, 340 * ms, 350 * ms, 341 * ms, 350 * ms, 342 * ms, 350 * ms}, 290 * ms},
	} {
		l, now := newDownlink(Line{}), time.Duration(0)
		for range 10 {
			now += 100 * ms
			l.measure(50*ms, now)
		}
		for _, trip := range tt.trips {
			now += 100 * ms
			l.measure(trip, now)
		}
		if got := l.queue(); got > tt.want || got < tt.want-5*ms {
			t.Errorf("%s: %v waiting, want %v", tt.name, got, tt.want)
		}
	}
}

// A line that was found narrow, became wide and needs less than it takes is
// shared anew as soon as it is narrow again.
func TestTheRouterIsTold(t *testing.T) {
	r := &router{token: make(chan struct{}, 1)}
	w := newWriter(&Peer{router: r}, Line{})
	told := func() bool {
		select {
		case <-r.token:
			return true
		default:
			return false
		}
	}
	for _, step := range []struct {
		budget uint64
		share  share
		want   bool
	}{
		{2_000_000, share{given: 1_500_000}, false},
		{1_000_000, share{given: 1_500_000}, true},
		{1_000_000, share{given: 900_000, need: 1_500_000}, false},
		{2_000_000, share{given: 900_000, need: 1_500_000}, true},
		{4_000_000, share{given: 1_500_000}, false},
		{3_500_000, share{given: 1_500_000}, false},
		{1_400_000, share{given: 1_500_000}, true},
	} {
		w.line.share.Store(&step.share)
		w.line.estimate = estimate.New(step.budget, 0)
		if w.settle(); told() != step.want {
			t.Errorf("%d, %+v: told %v", step.budget, step.share, !step.want)
		}
	}
}
