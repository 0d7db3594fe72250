package signaling

import (
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/sfu"
)

func TestARoomIsInvitedAndSpeaks(t *testing.T) {
	h := newHall(t, nil)
	room, chair := h.join("room-p2", "tv"), h.join("chair", "tablet")
	if room.welcome.You.Point != "p2" || room.welcome.Limits.MaxTiles != 9 || room.welcome.ICEPort != 10000 {
		t.Fatalf("welcome %+v", room.welcome)
	}
	room.do("floor.request", meeting.RequestFloor{Floor: meeting.FloorSpeech})
	room.sees("that it is first", func(v wire.View) bool { return v.Own.Mic == wire.MicAsked && v.Own.Place == 1 })
	chair.sees("the request", func(v wire.View) bool { return len(v.Floor.Requests) == 1 && v.Floor.Requests[0].Point == "p2" })
	chair.do("floor.grant", meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p2"})
	room.sees("the invitation", func(v wire.View) bool { return v.Own.Mic == wire.MicInvited && v.Own.Place == 0 })
	seq := room.do("mic.on", meeting.SwitchOn{})
	room.sees("its open microphone", func(v wire.View) bool { return v.Own.Mic == wire.MicOn && v.Own.SinceMs > 0 })
	chair.sees("who speaks", func(v wire.View) bool { return v.Roster["p2"].Mic == wire.MicOn })
	if at := h.meeting.Current().State.Seq; at != seq {
		t.Errorf("answered at %d, the meeting is at %d", seq, at)
	}
	chair.do("floor.closeAll", meeting.CloseAll{})
	room.sees("its closed microphone", func(v wire.View) bool { return v.Own.Mic == wire.MicOff })
}

func TestNotNowIsCounted(t *testing.T) {
	h := newHall(t, nil)
	room, chair := h.join("room-p2", "tv"), h.join("chair", "tablet")
	for n := range uint64(2) {
		room.do("floor.request", meeting.RequestFloor{Floor: meeting.FloorSpeech})
		chair.do("floor.deny", meeting.DenyFloor{Floor: meeting.FloorSpeech, Point: "p2"})
		room.sees("not now", func(v wire.View) bool { return v.Own.Denied == n+1 && v.Own.Mic == wire.MicOff })
	}
}

func TestEachRoleSeesWhatItMay(t *testing.T) {
	h := newHall(t, nil)
	room := h.join("room-p2", "tv")
	room.do("floor.request", meeting.RequestFloor{Floor: meeting.FloorSpeech})
	controller, chair := h.join("controller", "desk"), h.join("chair", "tablet")
	observer, other := h.join("observer", "phone"), h.join("room-p3", "tv")
	for _, c := range []*client{controller, chair} {
		c.sees("everyone and the queue", func(v wire.View) bool { return len(v.Roster) == 5 && len(v.Floor.Requests) == 1 })
	}
	for _, c := range []*client{observer, other} {
		c.sees("no queue", func(v wire.View) bool { return v.Floor != nil && len(v.Floor.Requests) == 0 })
		if c.whole().Layouts != nil {
			t.Error("layouts are the controllers' only")
		}
	}
	if controller.whole().Layouts == nil || chair.whole().Layouts != nil {
		t.Error("layouts are the controllers' only")
	}
	if v := other.whole(); v.Roster["p3"] == nil || v.Roster["p2"] != nil && !shows(v, "p2") {
		t.Errorf("a room sees itself and who it is shown, not %v", v.Roster)
	}
	if v := observer.whole(); v.Own != nil || v.Picture == nil {
		t.Errorf("an observer has a picture and no point of its own")
	}
}

func shows(v wire.View, p meeting.PointID) bool {
	for _, tile := range v.Picture.Tiles {
		if tile.Source.Point == p {
			return true
		}
	}
	return false
}

func TestLayoutReachesEveryPage(t *testing.T) {
	h := newHall(t, nil)
	controller, room, other := h.join("controller", "desk"), h.join("room-p2", "tv"), h.join("room-p3", "tv")
	layout := meeting.Layout{Kind: meeting.Layout1p1, Tiles: []meeting.Binding{
		{Kind: meeting.BindPoint, Point: "p2"}, {Kind: meeting.BindPoint, Point: "p4"},
	}}
	controller.do("layout.set", meeting.SetLayout{Audience: meeting.AudienceAll, Layout: layout})
	room.sees("itself by its own camera", func(v wire.View) bool {
		return len(v.Picture.Tiles) == 2 && v.Picture.Tiles[0].Own && !v.Picture.Tiles[1].Own
	})
	other.sees("the new picture", func(v wire.View) bool {
		return len(v.Picture.Tiles) == 2 && !v.Picture.Tiles[0].Own && v.Picture.Tiles[1].Note == wire.NoteAbsent
	})
	controller.sees("what is set", func(v wire.View) bool {
		return v.Layouts[meeting.AudienceAll].Layout.Kind == meeting.Layout1p1 && v.Layouts[meeting.AudienceAll].Seq > 0
	})
	room.do("camera.set", meeting.SetCamera{On: false})
	other.sees("that the camera is off", func(v wire.View) bool { return v.Picture.Tiles[0].Note == wire.NoteCameraOff })
}

func TestMediaOfferAndNews(t *testing.T) {
	h := newHall(t, nil)
	room := h.join("room-p2", "tv")
	var answer wire.MediaAnswer
	room.answer(room.send("media.offer", sdp("7", 1)), "media.answer", &answer)
	peer := h.media.last(t)
	if answer.SDP != "answer 1" || !peer.cfg.Publish || peer.cfg.Point != "p2" || peer.cfg.Meeting != hallMeeting {
		t.Fatalf("answer %q from %+v", answer.SDP, peer.cfg)
	}
	room.answer(room.send("media.offer", sdp("7", 2)), "media.answer", &answer)
	if answer.SDP != "answer 2" || h.media.count() != 1 {
		t.Fatal("an ICE restart is of the same peer")
	}
	mic := meeting.SourceKey{Point: "p2", Kind: meeting.Microphone}
	cam := meeting.SourceKey{Point: "p1", Kind: meeting.Camera}
	peer.cfg.Notify(sfu.Notice{Gate: &sfu.Gate{Source: mic, Open: true, Seq: 9}})
	var gate wire.Gate
	room.news("gate", &gate)
	if gate.Source != mic || !gate.Open || gate.Seq != 9 {
		t.Errorf("gate %+v", gate)
	}
	peer.cfg.Notify(sfu.Notice{Live: &sfu.Live{Slot: 3, Source: cam, RTPTS: 77}})
	var live wire.SlotLive
	room.news("slot.live", &live)
	if live.Slot != 3 || live.Source != cam || live.RTPTS != 77 {
		t.Errorf("slot.live %+v", live)
	}
	peer.cfg.Notify(sfu.Notice{Demand: &sfu.Demand{Camera: true}})
	var publish wire.Publish
	room.news("publish", &publish)
	if !publish.Camera || publish.Content {
		t.Errorf("publish %+v", publish)
	}
	peer.cfg.Notify(sfu.Notice{Slots: &sfu.Slots{Video: []meeting.SourceKey{cam}}})
	room.sees("its slots", func(v wire.View) bool { return v.Slots != nil && len(v.Slots.Video) == 1 && v.Slots.Voices != nil })
	room.answer(room.send("media.offer", sdp("8", 1)), "media.answer", &answer)
	if h.media.count() != 2 || !peer.isClosed() {
		t.Error("a new PeerConnection is a new peer, and the old one is gone")
	}
}

func TestMediaLostClosesTheMicrophone(t *testing.T) {
	h := newHall(t, nil)
	room, chair := h.join("room-p2", "tv"), h.join("chair", "tablet")
	room.answer(room.send("media.offer", sdp("7", 1)), "media.answer", nil)
	peer := h.media.last(t)
	peer.cfg.Notify(sfu.Notice{State: sfu.StateConnected})
	chair.do("floor.give", meeting.GiveFloor{Point: "p2"})
	room.do("mic.on", meeting.SwitchOn{})
	peer.cfg.Notify(sfu.Notice{State: sfu.StateLost})
	chair.sees("the loss", func(v wire.View) bool { return v.Roster["p2"].Presence == meeting.Lost })
	peer.cfg.Notify(sfu.Notice{State: sfu.StateConnected})
	room.sees("that its grant is held and its microphone off", func(v wire.View) bool { return v.Own.Mic == wire.MicBack })
}

func TestAPrivateLookIsAControllers(t *testing.T) {
	h := newHall(t, nil)
	controller, room := h.join("controller", "desk"), h.join("room-p2", "tv")
	controller.do("media.watch", wire.MediaWatch{Points: []meeting.PointID{"p3"}})
	controller.answer(controller.send("media.offer", sdp("7", 1)), "media.answer", nil)
	peer := h.media.last(t)
	if len(peer.watch) != 1 || peer.cfg.Point != "" || peer.cfg.Publish {
		t.Errorf("watch %v, config %+v", peer.watch, peer.cfg)
	}
	if code := controller.refused("media.watch", wire.MediaWatch{Points: []meeting.PointID{"p77"}}); code != meeting.CodePointUnknown {
		t.Errorf("an unknown point: %s", code)
	}
	if code := room.refused("media.watch", wire.MediaWatch{}); code != meeting.CodeRights {
		t.Errorf("a room's look: %s", code)
	}
}

func TestEveryCommandIsAnsweredOnce(t *testing.T) {
	h := newHall(t, nil)
	room := h.join("room-p2", "tv")
	room.do("floor.request", meeting.RequestFloor{Floor: meeting.FloorSpeech})
	seq := h.meeting.Current().State.Seq
	// The same number again: the same answer, nothing carried out, even an
	// answer that was a refusal.
	again := encode("floor.request", wire.Envelope{ID: room.id}, meeting.RequestFloor{Floor: meeting.FloorSpeech})
	room.write(again)
	if e := room.answer(room.id, "ok", nil); e.Seq != seq {
		t.Errorf("repeated at %d, want %d", e.Seq, seq)
	}
	if code := room.refused("floor.request", meeting.RequestFloor{Floor: meeting.FloorSpeech}); code != meeting.CodeFloorAlready {
		t.Errorf("a second request: %s", code)
	}
	refused := room.id
	room.do("floor.cancel", meeting.CancelRequest{Floor: meeting.FloorSpeech})
	room.write(encode("floor.request", wire.Envelope{ID: refused}, meeting.RequestFloor{Floor: meeting.FloorSpeech}))
	room.answer(refused, "error", nil)
	counts := map[uint64]int{}
	last := room.send("floor.cancel", meeting.CancelRequest{Floor: meeting.FloorSpeech})
	for id := last + 1; id < last+50; id++ {
		room.send([]string{"floor.request", "floor.cancel", "nonsense", "layout.set"}[id%4], struct{}{})
	}
	for done := last + 49; ; {
		e, err := room.read()
		if err != nil {
			t.Fatal(err)
		}
		counts[e.Re]++
		if e.Re == done {
			break
		}
	}
	for id := last; id < last+50; id++ {
		if counts[id] != 1 {
			t.Errorf("number %d answered %d times", id, counts[id])
		}
	}
}

// A number is a retry of the very same command, and of nothing else: none is
// acknowledged that is not carried out.
func TestAUsedNumberIsRefused(t *testing.T) {
	h := newHall(t, nil)
	h.join("room-p2", "tv")
	desk := h.join("controller", "desk")
	give := encode("floor.give", wire.Envelope{ID: 1000}, meeting.GiveFloor{Point: "p2"})
	desk.write(give)
	at := desk.answer(1000, "ok", nil).Seq
	desk.write(give)
	if again := desk.answer(1000, "ok", nil).Seq; again != at {
		t.Errorf("the same again: %d, want %d", again, at)
	}
	revoke := func(id uint64) []byte {
		return encode("floor.revoke", wire.Envelope{ID: id}, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: "p2"})
	}
	for _, used := range []uint64{999, 1000, 50, 1} {
		desk.write(revoke(used))
		var e wire.Failure
		if desk.answer(used, "error", &e); e.Code != meeting.CodeNumberUsed {
			t.Errorf("number %d after 1000: %q", used, e.Code)
		}
	}
	if now := h.meeting.Current().State.Seq; now != at {
		t.Error("one of them was carried out")
	}
	desk.write(revoke(1001))
	if desk.answer(1001, "ok", nil).Seq == at {
		t.Error("the next number did nothing")
	}
}

func TestTheChairsTabletShowsWhoSpeaksWhateverTheLayout(t *testing.T) {
	h := newHall(t, nil)
	chair, controller := h.join("chair", "tablet"), h.join("controller", "desk")
	h.join("room-p2", "tv")
	controller.do("layout.set", meeting.SetLayout{Audience: meeting.AudienceAll, Layout: meeting.Layout{
		Kind: meeting.Layout1p1, Tiles: []meeting.Binding{{Kind: meeting.BindPoint, Point: "p3"}, {Kind: meeting.BindSpeaker}},
	}})
	controller.sees("the layout", func(v wire.View) bool { return v.Picture.Layout == meeting.Layout1p1 })
	chair.do("floor.grant", meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p2"})
	speaker := meeting.SourceKey{Point: "p2", Kind: meeting.Camera}
	chair.sees("the speaker alone", func(v wire.View) bool {
		return v.Picture.Layout == meeting.Layout1 && v.Picture.Tiles[0].Source == speaker
	})
	chair.answer(chair.send("media.offer", sdp("5", 1)), "media.answer", nil)
	if !h.media.last(t).cfg.Speaker {
		t.Error("its media follows the layout")
	}
}

func TestTileSaysWhatItsClientCannotDecode(t *testing.T) {
	h := newHall(t, nil)
	controller, room := h.join("controller", "desk"), h.join("room-p2", "tv")
	h.join("room-p3", "tv")
	layout := meeting.Layout{Kind: meeting.Layout1, Tiles: []meeting.Binding{{Kind: meeting.BindPoint, Point: "p3"}}}
	controller.do("layout.set", meeting.SetLayout{Audience: meeting.AudienceAll, Layout: layout})
	room.answer(room.send("media.offer", sdp("7", 1)), "media.answer", nil)
	kit := meeting.SourceKey{Point: "p3", Kind: meeting.Camera}
	told := func(dark ...meeting.SourceKey) {
		h.media.last(t).cfg.Notify(sfu.Notice{Slots: &sfu.Slots{Video: []meeting.SourceKey{kit}, Undecodable: dark}})
	}
	says := func(note string) func(wire.View) bool {
		return func(v wire.View) bool {
			return len(v.Picture.Tiles) == 1 && v.Picture.Tiles[0].Source == kit && v.Picture.Tiles[0].Note == note
		}
	}
	told(kit)
	room.sees("why it is dark", says(wire.NoteCodec))
	if v := controller.whole(); v.Picture.Tiles[0].Note == wire.NoteCodec {
		t.Errorf("a client that can is told too: %+v", v.Picture)
	}
	told()
	room.sees("that it is not any more", says(""))
}

func TestATileTheLineHasNoRoomForSaysSo(t *testing.T) {
	h := newHall(t, nil)
	controller, room, other := h.join("controller", "desk"), h.join("room-p2", "tv"), h.join("room-p3", "tv3")
	layout := meeting.Layout{Kind: meeting.Layout1p1, Tiles: []meeting.Binding{
		{Kind: meeting.BindPoint, Point: "p2"}, {Kind: meeting.BindPoint, Point: "p3"},
	}}
	controller.do("layout.set", meeting.SetLayout{Audience: meeting.AudienceAll, Layout: layout})
	room.answer(room.send("media.offer", sdp("7", 1)), "media.answer", nil)
	cam := meeting.SourceKey{Point: "p3", Kind: meeting.Camera}
	told := sfu.Slots{Video: []meeting.SourceKey{cam}}
	note := func(v wire.View) string {
		if v.Picture == nil || len(v.Picture.Tiles) != 2 {
			return "no picture"
		}
		return v.Picture.Tiles[1].Note
	}
	weak := told
	weak.Weak = []meeting.SourceKey{cam}
	h.media.last(t).cfg.Notify(sfu.Notice{Slots: &weak})
	room.sees("that its line is weak", func(v wire.View) bool { return note(v) == wire.NoteWeak && v.Picture.Tiles[0].Own })
	other.sees("nothing of it", func(v wire.View) bool { return note(v) == "" })
	h.media.last(t).cfg.Notify(sfu.Notice{Slots: &told})
	room.sees("the picture again", func(v wire.View) bool { return note(v) == "" })
}

func TestATileThatCannotBeginSaysWhy(t *testing.T) {
	h := newHall(t, nil)
	controller, room := h.join("controller", "desk"), h.join("room-p2", "tv")
	h.join("room-p3", "tv")
	layout := meeting.Layout{Kind: meeting.Layout1, Tiles: []meeting.Binding{{Kind: meeting.BindPoint, Point: "p3"}}}
	controller.do("layout.set", meeting.SetLayout{Audience: meeting.AudienceAll, Layout: layout})
	room.answer(room.send("media.offer", sdp("7", 1)), "media.answer", nil)
	kit := meeting.SourceKey{Point: "p3", Kind: meeting.Camera}
	for _, tt := range []struct {
		slots sfu.Slots
		want  string
	}{
		{sfu.Slots{Unbegun: []meeting.SourceKey{kit}}, wire.NoteUnbegun},
		{sfu.Slots{Unbegun: []meeting.SourceKey{kit}, Undecodable: []meeting.SourceKey{kit}}, wire.NoteCodec},
		{sfu.Slots{}, ""},
	} {
		tt.slots.Video = []meeting.SourceKey{kit}
		h.media.last(t).cfg.Notify(sfu.Notice{Slots: &tt.slots})
		room.sees("why it is dark: "+tt.want, func(v wire.View) bool {
			return len(v.Picture.Tiles) == 1 && v.Picture.Tiles[0].Source == kit && v.Picture.Tiles[0].Note == tt.want
		})
	}
}
