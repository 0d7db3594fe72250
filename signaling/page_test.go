package signaling

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/sfu"
)

// stroll is a meeting moved about at random.
type stroll struct {
	machine *meeting.Meeting
	seq     meeting.Seq
	now     time.Time
}

func newStroll(t *rapid.T) *stroll {
	s := &stroll{machine: meeting.New(hallMeeting), now: time.UnixMilli(1_800_000_000_000).UTC()}
	s.do(t, meeting.Actor{Role: meeting.RoleNode}, create(5))
	return s
}

// do gives a command; a refusal changes nothing.
func (s *stroll) do(t *rapid.T, by meeting.Actor, c meeting.Command) {
	facts, err := s.machine.Decide(s.now, by, c)
	if err != nil {
		return
	}
	for _, f := range facts {
		s.seq++
		if err := s.machine.Apply(meeting.Event{Seq: s.seq, At: s.now, By: by, Fact: f}); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *stroll) board() *board {
	return newBoard(&focus.Update{State: s.machine.Snapshot(), Plan: s.machine.Plan()}, nobody{}.Card, "")
}

// step gives one random command, most of which are legal now and then.
func (s *stroll) step(t *rapid.T) {
	s.now = s.now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "seconds")) * time.Second)
	point := meeting.PointID(fmt.Sprintf("p%d", rapid.IntRange(1, 5).Draw(t, "point")))
	node, room := meeting.Actor{Role: meeting.RoleNode}, meeting.Actor{Role: meeting.RoleRoom, Point: point}
	desk := meeting.Actor{Role: meeting.RoleController}
	floor := rapid.SampledFrom([]meeting.Floor{meeting.FloorSpeech, meeting.FloorContent}).Draw(t, "floor")
	audience := rapid.SampledFrom([]meeting.Audience{meeting.AudienceAll, meeting.AudienceChair, meeting.AudiencePoint("p2")}).Draw(t, "audience")
	tile := meeting.Binding{Kind: meeting.BindPoint, Point: point}
	moves := []struct {
		by meeting.Actor
		c  meeting.Command
	}{
		{node, meeting.Connect{Point: point, Device: rapid.SampledFrom([]string{"tv", "pc"}).Draw(t, "device")}},
		{node, meeting.Lose{Point: point, Device: "tv", Why: meeting.LostMedia}},
		{room, meeting.AskTakeover{Point: point, Device: "pc"}},
		{room, meeting.RequestFloor{Floor: floor}},
		{room, meeting.CancelRequest{Floor: floor}},
		{room, meeting.SwitchOn{}},
		{room, meeting.SwitchOff{}},
		{room, meeting.SetCamera{On: rapid.Bool().Draw(t, "camera")}},
		{desk, meeting.GrantFloor{Floor: floor, Point: point}},
		{desk, meeting.DenyFloor{Floor: floor, Point: point}},
		{desk, meeting.GiveFloor{Point: point}},
		{desk, meeting.CloseAll{}},
		{desk, meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 3}},
		{desk, meeting.SetLayout{Audience: audience, Layout: meeting.Layout{Kind: meeting.Layout1p1, Tiles: []meeting.Binding{tile, {Kind: meeting.BindSpeaker}}}}},
		{desk, meeting.ClearLayout{Audience: audience}},
		{desk, meeting.SetBanner{Audience: audience, Text: "Nghỉ giải lao"}},
		{desk, meeting.ClearBanner{Audience: audience}},
		{desk, meeting.SendMessage{To: []meeting.PointID{point}, Text: "Kiểm tra tiếng"}},
		{room, meeting.SendMessage{Text: "Đã rõ"}},
		{room, meeting.ReadMessages{UpTo: s.seq}},
		{desk, meeting.SetProgramme{Entries: []meeting.Entry{{Point: point, Minutes: 5}}}},
		{desk, meeting.InviteNext{}},
		{desk, meeting.StartRollCall{Quick: true}},
		{desk, meeting.MarkPoint{Point: point, State: meeting.MarkLate}},
		{desk, meeting.FinishRollCall{}},
		{desk, meeting.SetRotation{Points: []meeting.PointID{point}, Seconds: 10}},
		{desk, meeting.SaveLayout{Name: "Một", Layout: meeting.Layout{Kind: meeting.Layout1, Tiles: []meeting.Binding{tile}}}},
		{desk, meeting.UndoLayout{Audience: audience}},
		{desk, meeting.AnnotateRequest{Floor: floor, Point: point, Note: "Gấp"}},
	}
	move := rapid.SampledFrom(moves).Draw(t, "move")
	s.do(t, move.by, move.c)
}

// viewers are one session of every kind, without sockets or goroutines.
func viewers() []*session {
	srv := &Server{cfg: Config{SystemName: "GBTT", Directory: nobody{}}}
	var all []*session
	for _, token := range []string{"chair", "controller", "observer", "operator", "carrier", "focal-p2", "room-p1", "room-p2", "room-p3"} {
		all = append(all, &session{srv: srv, who: tokens[token], device: "tv"})
	}
	return all
}

func TestPatchesAddUpToTheWhole(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, all := newStroll(rt), viewers()
		pages := make([]*page, len(all))
		views := make([]map[string]json.RawMessage, len(all))
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			s.step(rt)
			b := s.board()
			for i, each := range all {
				disturb(rt, each)
				now := each.view(b)
				if frame := now.since(pages[i]); frame != nil {
					views[i] = receiveFrame(t, views[i], frame)
				}
				pages[i] = now
				want := receiveFrame(t, nil, now.since(nil))
				if diff := difference(want, views[i]); diff != "" {
					rt.Fatalf("%s's patched view differs from the whole (-want +got)\n%s", each.who.Role, diff)
				}
			}
		}
	})
}

// disturb changes what of a session its view depends on.
func disturb(t *rapid.T, s *session) {
	s.seat = rapid.SampledFrom([]seat{seatTaken, seatTaken, seatTaken, seatWaiting}).Draw(t, "seat")
	if s.who.Role != meeting.RoleRoom {
		s.seat = seatNone
	}
	s.media = nil
	if rapid.Bool().Draw(t, "media") {
		source := meeting.SourceKey{Point: "p1", Kind: rapid.SampledFrom(meeting.Kinds[:]).Draw(t, "kind")}
		s.media = &media{known: news{slots: &sfu.Slots{Video: []meeting.SourceKey{source}}}}
	}
}

func receiveFrame(t *testing.T, old map[string]json.RawMessage, frame []byte) map[string]json.RawMessage {
	t.Helper()
	var e wire.Envelope
	if err := json.Unmarshal(frame, &e); err != nil {
		t.Fatalf("%s: %v", frame, err)
	}
	if e.T == "view" {
		old = nil
	}
	var v wire.View
	if err := wire.Decode(e.D, &v); err != nil {
		t.Fatalf("%s is not a view: %v", e.D, err)
	}
	return applyPatch(t, old, e.D)
}

// difference compares two views, by their bytes where these say enough.
func difference(want, got map[string]json.RawMessage) string {
	if maps.EqualFunc(want, got, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
		return ""
	}
	return cmp.Diff(texts(want), texts(got))
}

// texts makes a view comparable: rows are compared one by one.
func texts(view map[string]json.RawMessage) map[string]any {
	out := map[string]any{}
	for name, section := range view {
		var v any
		if json.Unmarshal(section, &v) == nil {
			out[name] = v
		}
	}
	return out
}

func TestAPatchCarriesOnlyWhatChanged(t *testing.T) {
	h := newHall(t, nil)
	desk, room := h.join("controller", "desk"), h.join("room-p2", "tv")
	desk.sees("the room", func(v wire.View) bool { return v.Roster["p2"].Presence == meeting.Present })
	room.do("camera.set", meeting.SetCamera{On: false})
	e := desk.until("the patch", func(e wire.Envelope) bool { return e.T == "patch" })
	var patch wire.View
	decode(t, e, &patch)
	if len(patch.Roster) != 1 || patch.Roster["p2"] == nil || patch.Meeting != nil || patch.Floor != nil || patch.Layouts != nil {
		t.Errorf("patch %s", e.D)
	}
	if e.Seq != h.meeting.Current().State.Seq {
		t.Errorf("seq %d", e.Seq)
	}
}

func TestOneBoardServesAll(t *testing.T) {
	h := newHall(t, nil)
	b := newBoards(nobody{}.Card, "", nil)
	first := b.of(h.meeting)
	if first == nil || b.of(h.meeting) != first {
		t.Error("the same state has the same board")
	}
	h.join("room-p2", "tv").do("floor.request", meeting.RequestFloor{Floor: meeting.FloorSpeech})
	if b.of(h.meeting) == first {
		t.Error("another state has another board")
	}
	for i := range 3 * boardsKept {
		b.entry(&focus.Update{State: meeting.Snapshot{ID: meeting.ID(fmt.Sprint(i))}})
	}
	if n := len(b.newest); n > boardsKept {
		t.Errorf("%d boards kept", n)
	}
}
