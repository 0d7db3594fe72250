package loadtest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// encoder brings the encoder of a point in by WHIP.
func (b *bridge) encoder(n int) *Visitor {
	b.t.Helper()
	return b.visitor("/whip", "room:"+string(point(n)), func(c *Config) { c.Clip = clip(b.t, n) })
}

func (b *bridge) visitor(path, token string, change func(*Config)) *Visitor {
	b.t.Helper()
	base, _, _ := strings.Cut(strings.Replace(b.url, "ws://", "http://", 1), "/api/")
	cfg := Config{URL: base + path, Token: token, Device: path}
	change(&cfg)
	v, err := Visit(within(b.t), cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { v.Close() })
	return v
}

// pressOK is the encoder's button box.
func (v *Visitor) pressOK(ctx context.Context, point meeting.PointID) error {
	base, _, _ := strings.Cut(v.cfg.URL, "/whip")
	_, _, err := v.call(ctx, errand{"POST", base + "/api/v1/meetings/" + string(meetingID) + "/commands", "application/json", fmt.Sprintf(`{"t":"mic.on","d":{"point":%q}}`, point)})
	return err
}

// A whole round by the standard doors: an encoder is shown, is not heard, is
// invited, is heard, restarts ICE, is cut, goes.
func TestAnEncoderAndAPlayerHoldARoundOfAMeeting(t *testing.T) {
	t.Parallel()
	b := newBridge(t, 4)
	in, out, mix := newEars(t), newEars(t), newEars(t)
	room := b.room(3, hearing(in))
	seated(t, room)
	console := b.console()
	encoder := b.encoder(2)
	player := b.visitor("/whep", "observer:", func(c *Config) { c.OnPacket = out.listen })
	b.visitor("/whep?exclude=p-2", "observer:", func(c *Config) { c.OnPacket = mix.listen })
	must(t, console, show(meeting.Layout1, 2))
	shows(t, room, in, 2)
	eventually(t, "the player's picture", func() bool { return out.sees(0, 2) })

	arrived := func() bool { n, _ := b.arrived(microphone(2)); return n > 30 }
	eventually(t, "the encoder's sound at the ingress", arrived)
	must(t, console, meeting.GiveFloor{Point: "p-2"})
	if in.hears(2)+out.hears(2) > 0 {
		t.Errorf("heard before OK: %d and %d packets", in.hears(2), out.hears(2))
	}
	if err := encoder.pressOK(within(t), "p-2"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the encoder at the room and at the player", func() bool { return in.hears(2) > 10 && out.hears(2) > 10 })
	if voice := out.voiceOf(2); voice != 0 {
		t.Errorf("who speaks is on voice %d of the player", voice)
	}
	if mix.hears(2) > 0 {
		t.Errorf("a player that leaves p-2 out heard %d packets of it", mix.hears(2))
	}

	for _, v := range []*Visitor{encoder, player} {
		tag := v.tag
		if err := v.Restart(within(t)); err != nil || v.tag == tag {
			t.Fatalf("restart of ICE: %v, tag %s after %s", err, v.tag, tag)
		}
	}
	in.forget()
	out.forget()
	eventually(t, "sound and picture after the restart", func() bool {
		return in.hears(2) > 10 && out.hears(2) > 10 && out.sees(0, 2)
	})

	must(t, console, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: "p-2"})
	await(t, console, "the microphone closed", func(s State) bool { return s.View.Roster["p-2"].Mic == wire.MicOff })
	if err := encoder.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, console, "p-2 gone", func(s State) bool { return s.View.Roster["p-2"].Presence == meeting.Absent })
}

// The rule of the house holds at the door for encoders too (L9).
func TestNoCheatGetsPastTheGateOfAnEncoder(t *testing.T) {
	t.Parallel()
	b := newBridge(t, 4)
	var found Detector
	listen := func(c *Config) { c.OnPacket = found.Listen }
	room := b.room(3, listen)
	seated(t, room)
	b.visitor("/whep", "observer:", listen)
	console := b.console()
	encoder := b.encoder(2)
	must(t, console, show(meeting.Layout1p1, 2, 3))
	ways := []Way{
		WayMicrophone, WayRED, WayLevelForged, WayLevelStripped, WayCameraLine, WayUndeclared, WayUndeclaredMid,
		WayUndeclaredCam, WayRepairVideo, WayRepairOpus, WayRepairAudio, WayRepairInvented, WayLayerTwin,
	}
	for _, way := range ways {
		b.cheats(encoder.Bot, 2, way, "no grant/"+string(way))
	}
	must(t, console, meeting.GiveFloor{Point: "p-2"})
	b.cheats(encoder.Bot, 2, WayMicrophone, "invited, no OK")
	b.settled(2)
	if err := encoder.pressOK(within(t), "p-2"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the control at the room and the player", func() bool {
		_, err := encoder.Cheat(within(t), WayMicrophone, "control", 5)
		return err == nil && found.Heard("control") >= 10
	})
	must(t, console, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: "p-2"})
	eventually(t, "the gate closed", func() bool {
		before := b.dropped(2, WayMicrophone)
		_, err := encoder.Cheat(within(t), WayMicrophone, "control", 5)
		return err == nil && b.dropped(2, WayMicrophone) >= before+5
	})
	for _, way := range ways {
		b.cheats(encoder.Bot, 2, way, "after revoke/"+string(way))
	}
	for label, n := range found.Labels() {
		if label != "control" {
			t.Errorf("%q reached the others: %d packets", label, n)
		}
	}
}
