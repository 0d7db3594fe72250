package loadtest

import (
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// A central feed comes in by WHIP (Art 5.4.a): seen at once, heard only after
// the order, on the voice kept for it, by everyone but its own return.
func TestARelaySourceIsHeardByOrderAndNotByItself(t *testing.T) {
	t.Parallel()
	b := newBridge(t, 4, func(c *meeting.CreateMeeting) { c.Points[1].Feed = true })
	in, out, back := newEars(t), newEars(t), newEars(t)
	room := b.room(3, hearing(in))
	seated(t, room)
	console := b.console()
	feed := b.encoder(2)
	b.visitor("/whep", "observer:", func(c *Config) { c.OnPacket = out.listen })
	b.visitor("/whep", "observer:p-2", func(c *Config) { c.OnPacket = back.listen })
	must(t, console, show(meeting.Layout1, 2))
	shows(t, room, in, 2)

	eventually(t, "the feed's sound at the ingress", func() bool { n, _ := b.arrived(microphone(2)); return n > 30 })
	if _, err := console.Do(within(t), meeting.GiveFloor{Point: "p-2"}); err == nil {
		t.Error("a relay source was invited to speak")
	}
	if err := feed.pressOK(within(t), "p-2"); err == nil {
		t.Error("a relay source pressed OK")
	}
	if n, passed := b.arrived(microphone(2)); passed > 0 || in.hears(2)+out.hears(2) > 0 {
		t.Errorf("before the order %d of %d packets passed, %d and %d heard", passed, n, in.hears(2), out.hears(2))
	}

	must(t, console, meeting.OpenFeed{Point: "p-2", Who: "Bí thư Tỉnh ủy", Document: "123-CV/VPTU"})
	must(t, console, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p-3"})
	must(t, room, meeting.SwitchOn{Point: "p-3"})
	eventually(t, "the feed at the room and the player, the room in the feed's return", func() bool {
		return in.hears(2) > 50 && out.hears(2) > 50 && out.hears(3) > 50 && back.hears(3) > 50
	})
	if back.hears(2) > 0 {
		t.Errorf("the feed's return has %d packets of its own sound", back.hears(2))
	}
	if voice := out.voiceOf(2); voice != 4 {
		t.Errorf("the feed is on voice %d, want 4", voice)
	}

	must(t, console, meeting.CloseFeed{Point: "p-2"})
	await(t, console, "the feed closed", func(s State) bool {
		return s.View.Floor.Feed == nil && s.View.Roster["p-2"].Mic == wire.MicOff
	})
	eventually(t, "sound turned away at the ingress again", func() bool {
		n, passed := b.arrived(microphone(2))
		return n > passed+60
	})
	b.settled(2)
}
