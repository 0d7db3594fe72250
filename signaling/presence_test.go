package signaling

import (
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/sfu"
)

// speaking brings p2 to an open microphone with media.
func speaking(t *testing.T, h *hall) (room, chair *client, peer *fakePeer) {
	t.Helper()
	room, chair = h.join("room-p2", "tv"), h.join("chair", "tablet")
	room.answer(room.send("media.offer", sdp("7", 1)), "media.answer", nil)
	peer = h.media.last(t)
	peer.cfg.Notify(sfu.Notice{State: sfu.StateConnected})
	chair.do("floor.give", meeting.GiveFloor{Point: "p2"})
	room.do("mic.on", meeting.SwitchOn{})
	room.sees("its open microphone", func(v wire.View) bool { return v.Own.Mic == wire.MicOn })
	return room, chair, peer
}

func TestASocketBlipChangesNothing(t *testing.T) {
	h := newHall(t, nil)
	room, _, peer := speaking(t, h)
	mic := meeting.SourceKey{Point: "p2", Kind: meeting.Microphone}
	peer.cfg.Notify(sfu.Notice{Gate: &sfu.Gate{Source: mic, Open: true, Seq: 5}})
	room.news("gate", new(wire.Gate))
	before := h.meeting.Current().State.Seq
	room.conn.Close()
	back := h.dial()
	back.answer(back.send("hello", wire.Hello{Token: "room-p2", Device: "tv", Resume: room.welcome.Session}), "welcome", &back.welcome)
	if !back.welcome.Resumed || back.welcome.Session != room.welcome.Session {
		t.Fatalf("welcome %+v", back.welcome)
	}
	back.sees("the open microphone", func(v wire.View) bool { return v.Own != nil && v.Own.Mic == wire.MicOn })
	var gate wire.Gate
	if back.news("gate", &gate); !gate.Open || gate.Source != mic {
		t.Errorf("the gate is told again to a page that came back, not %+v", gate)
	}
	if peer.isClosed() || h.media.count() != 1 {
		t.Error("the peer goes on")
	}
	if now := h.meeting.Current().State.Seq; now != before {
		t.Errorf("the log went from %d to %d", before, now)
	}
}

func TestAnotherTokenCannotResume(t *testing.T) {
	h := newHall(t, nil)
	room, _, peer := speaking(t, h)
	for _, hello := range []wire.Hello{
		{Token: "room-p3", Device: "tv", Resume: room.welcome.Session},
		{Token: "room-p2", Device: "thief", Resume: room.welcome.Session},
	} {
		c := h.hello(hello)
		if c.welcome.Resumed || c.welcome.Session == room.welcome.Session {
			t.Errorf("%+v resumed another's session", hello)
		}
	}
	if peer.isClosed() || h.point("p2").SwitchedOn == false {
		t.Error("the session it named goes on")
	}
}

func TestAReloadClosesTheMicrophoneAndHoldsTheGrant(t *testing.T) {
	h := newHall(t, nil)
	room, _, peer := speaking(t, h)
	back := h.join("room-p2", "tv")
	back.sees("the grant held", func(v wire.View) bool { return v.Own != nil && v.Own.Mic == wire.MicBack })
	if !peer.isClosed() || back.welcome.Resumed {
		t.Error("a reloaded page has a new peer")
	}
	if code := room.ended(); code != wire.CodeSessionReplaced {
		t.Errorf("the old page is told %q", code)
	}
}

func TestALostSocketLosesThePoint(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Limits = quick })
	room, _, peer := speaking(t, h)
	room.conn.Close()
	h.await("the point lost", func() bool { return h.point("p2").Presence == meeting.Lost })
	if !peer.isClosed() {
		t.Error("its peer is gone with the session")
	}
	late := h.hello(wire.Hello{Token: "room-p2", Device: "tv", Resume: room.welcome.Session})
	if late.welcome.Resumed {
		t.Error("the session is over")
	}
	late.sees("the grant held", func(v wire.View) bool { return v.Own != nil && v.Own.Mic == wire.MicBack })
}

func TestAHalfOpenSocketCountsAsGone(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Limits = quick })
	room := h.join("room-p2", "tv")
	if h.point("p2").Presence != meeting.Present {
		t.Fatal("not here")
	}
	_ = room // it never reads again, so it never answers a ping; TCP stays up
	h.await("the point lost", func() bool { return h.point("p2").Presence == meeting.Lost })
}

func TestAQuietClientThatAnswersPingsStays(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Limits = Limits{Silence: time.Second, Beat: 20 * time.Millisecond} })
	room := h.join("room-p2", "tv")
	for range 75 { // a second and a half of ticks
		room.news("tick", new(wire.Tick))
	}
	room.do("floor.request", meeting.RequestFloor{Floor: meeting.FloorSpeech})
}

func TestASecondDeviceWaitsAndAsks(t *testing.T) {
	h := newHall(t, nil)
	room, _, peer := speaking(t, h)
	second := h.dial()
	second.answer(second.send("hello", wire.Hello{Token: "room-p2", Device: "laptop"}), "welcome", nil)
	var f wire.Failure
	if second.news("error", &f); f.Code != meeting.CodePointInUse || f.Closed {
		t.Fatalf("told %+v", f)
	}
	second.sees("nothing but that it waits", func(v wire.View) bool { return v.Idle != nil && v.Idle.InUse && v.Own == nil })
	for name, d := range map[string]any{
		"mic.on": meeting.SwitchOn{}, "floor.release": meeting.ReleaseFloor{Floor: meeting.FloorSpeech}, "media.offer": sdp("9", 1),
	} {
		if code := second.refused(name, d); code != meeting.CodePointInUse {
			t.Errorf("%s from a waiting device: %s", name, code)
		}
	}
	second.do("point.askTakeover", meeting.AskTakeover{Point: "p3", Device: "tv"}) // the server knows better
	second.sees("that it has asked", func(v wire.View) bool { return v.Idle != nil && v.Idle.Asked })
	controller := h.join("controller", "desk")
	controller.sees("who asks", func(v wire.View) bool { return v.Roster["p2"].Asking && !v.Roster["p3"].Asking })
	controller.do("point.allowTakeover", meeting.AllowTakeover{Point: "p2"})
	second.sees("its point", func(v wire.View) bool { return v.Own != nil && v.Own.Mic == wire.MicOff })
	if room.news("error", &f); f.Code != wire.CodeSessionTakenOver {
		t.Errorf("the first device is told %+v", f)
	}
	room.sees("that it waits now", func(v wire.View) bool { return v.Idle != nil && v.Idle.InUse && v.Own == nil && v.Meeting == nil })
	if !peer.isClosed() {
		t.Error("the first device's media is gone")
	}
}

func TestASimulatedDeviceGivesWayAndWaits(t *testing.T) {
	h := newHall(t, nil)
	bot := h.hello(wire.Hello{Token: "room-p2", Device: "bot", Simulated: true})
	bot.sees("its point", func(v wire.View) bool { return v.Own != nil && v.Own.Simulated })
	room := h.join("room-p2", "tv")
	room.sees("its point", func(v wire.View) bool { return v.Own != nil && !v.Own.Simulated })
	bot.sees("that it waits", func(v wire.View) bool { return v.Idle != nil && v.Idle.InUse })
	if p := h.point("p2"); p.Device != "tv" || p.Simulated {
		t.Errorf("point %+v", p)
	}
}

func TestAnEndedMeetingStaysInSightUntilTheNext(t *testing.T) {
	h := newHall(t, nil)
	room, controller, _ := speaking(t, h)
	controller.do("meeting.end", meeting.EndMeeting{})
	room.sees("the end", func(v wire.View) bool { return v.Meeting.Status == wire.StatusEnded && v.Own.Mic == wire.MicOff })
	if code := room.refused("media.offer", sdp("9", 1)); code != wire.CodeMeetingNone {
		t.Errorf("media after the end: %s", code)
	}
	h.open("hop-2")
	room.until("a whole view", func(e wire.Envelope) bool { return e.T == "view" })
	room.sees("the next meeting", func(v wire.View) bool { return v.Meeting.ID == "hop-2" && v.Own != nil })
	h.await("the room in it", func() bool { return h.point("p2").Presence == meeting.Present })
}

func TestAPointWithoutAMeetingIsIdle(t *testing.T) {
	h := newHall(t, func(c *Config) { c.SystemName = "Hệ thống GBTT" })
	c := h.join("room-p9", "tv")
	if v := c.whole(); v.Idle == nil || v.Idle.SystemName != "Hệ thống GBTT" || v.Meeting != nil {
		t.Errorf("view %+v", v)
	}
	if code := c.refused("floor.request", meeting.RequestFloor{Floor: meeting.FloorSpeech}); code != wire.CodeMeetingNone {
		t.Errorf("a command: %s", code)
	}
}

func TestALockedMeetingSaysWhyARoomWaits(t *testing.T) {
	h := newHall(t, nil)
	controller := h.join("controller", "desk")
	controller.do("meeting.lock", meeting.LockMeeting{On: true})
	room := h.hello(wire.Hello{Token: "room-p2", Device: "tv"})
	room.sees("why it waits", func(v wire.View) bool {
		return v.Idle != nil && v.Idle.Why == meeting.CodeMeetingLocked && v.Idle.NextTitle != "" && v.Own == nil && v.Roster == nil
	})
	if code := room.refused("media.offer", sdp("7", 1)); code != meeting.CodeMeetingLocked {
		t.Errorf("its media is refused with %s", code)
	}
	controller.do("meeting.lock", meeting.LockMeeting{})
	room.sees("the meeting, by itself", func(v wire.View) bool { return v.Meeting != nil && v.Own != nil })
}

// Art 9.2.c: who has left stays out until the controller calls.
func TestARoomThatLeftComesBackWhenCalled(t *testing.T) {
	h := newHall(t, nil)
	controller, room := h.join("controller", "desk"), h.join("room-p2", "tv")
	if code := room.refused("point.leave", meeting.LeavePoint{}); code != meeting.CodePointNotReleased {
		t.Errorf("leaving without release: %s", code)
	}
	controller.do("point.release", meeting.ReleasePoint{Point: "p2"})
	room.sees("that it may leave", func(v wire.View) bool { return v.Own.MayLeave })
	room.answer(room.send("media.offer", sdp("7", 1)), "media.answer", nil)
	room.do("point.leave", meeting.LeavePoint{})
	room.sees("that it has left", func(v wire.View) bool { return v.Idle != nil && v.Idle.Why == meeting.CodePointLeft && v.Own == nil })
	if !h.media.last(t).isClosed() {
		t.Error("its media goes on")
	}
	reloaded := h.join("room-p2", "tv")
	reloaded.sees("that it has left, after a reload too", func(v wire.View) bool { return v.Idle != nil && v.Idle.Why == meeting.CodePointLeft })
	controller.do("point.summon", meeting.SummonPoint{Point: "p2"})
	reloaded.sees("the meeting", func(v wire.View) bool { return v.Own != nil && v.Own.Presence == meeting.Present })
}

// The officer's telephone acts for the point while its room is dead (Art 2.5).
func TestAnOfficerActsForADeadRoom(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Limits = quick })
	room := h.join("room-p2", "tv")
	focal := h.join("focal-p2", "phone")
	focal.sees("its room", func(v wire.View) bool {
		return v.Own.Presence == meeting.Present && v.Picture == nil && len(v.Roster) == 1
	})
	focal.do("floor.request", meeting.RequestFloor{Floor: meeting.FloorSpeech, Delegate: "Ông Sùng", Subject: "Ngân sách"})
	room.sees("its officer's request", func(v wire.View) bool { return v.Own.Mic == wire.MicAsked && v.Own.Delegate == "Ông Sùng" })
	if code := focal.refused("mic.on", meeting.SwitchOn{}); code != meeting.CodeRights {
		t.Errorf("an officer opens no microphone from afar: %s", code)
	}
	if code := focal.refused("media.offer", sdp("7", 1)); code != meeting.CodeRights {
		t.Errorf("an officer needs no media: %s", code)
	}
	room.conn.Close()
	focal.sees("that the room is lost", func(v wire.View) bool { return v.Own.Presence == meeting.Lost })
	focal.do("message.send", meeting.SendMessage{Text: "Mất điện"})
	controller := h.join("controller", "desk")
	controller.sees("the message", func(v wire.View) bool { return len(v.Messages.List) == 1 && v.Messages.List[0].Name == "Cán bộ p2" })
	controller.do("message.read", meeting.ReadMessages{UpTo: controller.whole().Messages.List[0].ID})
	focal.sees("that it was read", func(v wire.View) bool { return len(v.Messages.List) == 1 && v.Messages.Desk >= v.Messages.List[0].ID })
}

// A carrier has incidents, an operator has no picture; neither has media, over
// the socket or over HTTP.
func TestOperatorsAndCarriersHaveNoMedia(t *testing.T) {
	h := newHall(t, nil)
	for token, code := range map[string]meeting.Code{"operator": meeting.CodeRights, "carrier": meeting.CodeRights} {
		c := h.join(token, "pc")
		if got := c.refused("media.offer", sdp("7", 1)); got != code {
			t.Errorf("%s offers media: %s", token, got)
		}
		if got := c.refused("floor.give", meeting.GiveFloor{Point: "p2"}); got != meeting.CodeRights {
			t.Errorf("%s gives the floor: %s", token, got)
		}
		if status, _, body := h.call("GET", "/api/v1/meetings", token, ""); status != 200 || !strings.Contains(body, "hop-1") {
			t.Errorf("%s over HTTP: %d %s", token, status, body)
		}
	}
	if status, _, _ := h.call("POST", commandsPath, "carrier", `{"t":"meeting.end"}`); status != 403 {
		t.Errorf("a carrier ends the meeting: %d", status)
	}
	if status, _, _ := h.call("POST", commandsPath, "operator", `{"t":"meeting.end"}`); status != 200 {
		t.Errorf("an operator cannot end the meeting: %d", status)
	}
}

func TestTwoControllersAndOneToken(t *testing.T) {
	h := newHall(t, nil)
	first, second := h.join("controller", "desk"), h.join("second", "desk-2")
	first.do("floor.closeAll", meeting.CloseAll{})
	first.do("content.lock", meeting.LockContent{On: true})
	second.sees("who is in control", func(v wire.View) bool { return v.Control.Held && !v.Control.Mine && v.Control.Holder == "Kỹ thuật" })
	if code := second.refused("content.lock", meeting.LockContent{}); code != meeting.CodeControlNotHeld {
		t.Errorf("without the token: %s", code)
	}
	second.do("control.take", meeting.TakeControl{})
	second.sees("its control, and both at hand", func(v wire.View) bool { return v.Control.Mine && len(v.Control.Present) == 2 })
	first.sees("that it was taken", func(v wire.View) bool { return !v.Control.Mine && v.Control.Holder == "Kỹ thuật 2" })
}

// Rooms say how many pictures they decode; the console is warned of layouts
// beyond that, with a smaller one of the same kind.
func TestTheConsoleIsWarnedOfLayoutsBeyondTheRooms(t *testing.T) {
	h := newHall(t, nil)
	controller := h.join("controller", "desk")
	if c := controller.whole().Capacity; len(c) != 0 {
		t.Errorf("without rooms there is nothing to warn of: %+v", c)
	}
	h.hello(wire.Hello{Token: "room-p2", Device: "tv", MaxTiles: 4})
	h.hello(wire.Hello{Token: "room-p3", Device: "tv", MaxTiles: 9})
	controller.sees("whom 3x3 and 1+12 are too much for", func(v wire.View) bool {
		warned := map[meeting.LayoutKind]wire.CapacityView{}
		for _, c := range v.Capacity {
			warned[c.Layout] = c
		}
		grid, strip := warned[meeting.Layout3x3], warned[meeting.Layout1p12]
		_, two := warned[meeting.Layout2x2]
		return grid.Rooms == 1 && grid.Instead == meeting.Layout2x2 && strip.Rooms == 2 && strip.Instead == meeting.Layout1p1 && !two
	})
}
