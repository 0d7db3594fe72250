package cascade

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// A node below that lies, with a valid key: whatever it sends in whose name, it
// moves nothing beyond its own points, opens nothing, and learns nothing of a
// meeting that does not call them.
func TestACompromisedChildMovesNothing(t *testing.T) {
	inBubble(t, village, func(t *testing.T, g *grove, _ *bubble) {
		alone := meeting.CreateMeeting{
			Title: "Hội ý", HostUnit: "UBND", StartsAt: time.Now(), ChairPoint: "p-1",
			Points: []meeting.Point{{ID: "p-1", Number: 1, Name: "A", Tier: "Trung ương"}},
		}
		if _, err := g.meetings["a"].Create(t.Context(), "alone", meeting.Actor{Role: meeting.RoleNode}, alone); err != nil {
			t.Fatal(err)
		}
		d := g.down["a"]
		d.mu.Lock()
		b := d.children["b"]
		d.mu.Unlock()

		before := map[meeting.ID]string{}
		for _, id := range []meeting.ID{"m", "alone"} {
			before[id] = g.at("a", id).Current().Plan.Digest()
		}
		seq, own := g.at("a", "m").Current().State.Seq, g.at("a", "alone").Current().State.Seq
		n := uint64(0)
		for name, act := range lies(alone) {
			n++
			m := &commandMsg{N: n, Meeting: act.in, By: act.by, Cause: meeting.Cause{Session: "s", ID: n}}
			if got := b.answer(m, act.cmd); got.Code == "" || got.Seq != 0 {
				t.Errorf("%s: answered %+v", name, got)
			} else if act.in != "m" && got.Code != meeting.CodeMeetingUnknown {
				t.Errorf("%s: %q tells it that there is a meeting", name, got.Code)
			}
		}
		for _, from := range []meeting.NodePath{"", "a", "a/c", "a/b/x", "x"} {
			if err := b.command(nil, &commandMsg{N: 1, Meeting: "m", By: meeting.Actor{Role: meeting.RoleNode, Node: from}, Name: "node.find"}); err == nil {
				t.Errorf("a command of %q was taken", from)
			}
		}
		if u := g.at("a", "m").Current(); u.State.Seq != seq || u.Plan.Digest() != before["m"] || len(u.Plan.Open) > 0 {
			t.Errorf("the meeting moved from %d to %d", seq, u.State.Seq)
		}
		if u := g.at("a", "alone").Current(); u.State.Seq != own || u.Plan.Digest() != before["alone"] {
			t.Errorf("the other meeting moved from %d to %d", own, u.State.Seq)
		}
		n++
		honest := &commandMsg{N: n, Meeting: "m", By: meeting.Actor{Role: meeting.RoleNode, Node: "a/b"}, Cause: meeting.Cause{Session: "s", ID: n}}
		if got := b.answer(honest, meeting.Connect{Point: "p-2", Device: "d"}); got.Code != "" {
			t.Errorf("its own point comes: %+v", got)
		}
	})
}

// A node below that floods is read no faster than an honest one needs, and what
// closes goes past its own flood.
func TestAFloodOfAChildWaits(t *testing.T) {
	inBubble(t, village, func(t *testing.T, g *grove, _ *bubble) {
		d := g.down["a"]
		d.mu.Lock()
		b := d.children["b"]
		d.mu.Unlock()
		room := meeting.Actor{Role: meeting.RoleRoom, Point: "p-2", Node: "a/b"}
		sink := &socket{gone: make(chan struct{})}
		close(sink.gone)
		send := func(name string, n int) time.Duration {
			began := time.Now()
			for range n {
				if err := b.command(sink, &commandMsg{Meeting: "m", By: room, Name: name, Data: json.RawMessage(`{"floor":"speech"}`)}); err != nil {
					t.Fatal(err)
				}
			}
			return time.Since(began)
		}
		if took := send("floor.request", 2500); took < 9*time.Second {
			t.Errorf("2500 commands were taken in %v", took)
		}
		if took := send("floor.release", 100); took > time.Second {
			t.Errorf("100 closing commands waited %v", took)
		}
	})
}

// lie is a command of a node below in somebody's name.
type lie struct {
	by  meeting.Actor
	in  meeting.ID
	cmd meeting.Command
}

// lies are what a node at a/b may not say, alone being the meeting it has no part in.
func lies(alone meeting.CreateMeeting) map[string]lie {
	const at = meeting.NodePath("a/b")
	node := meeting.Actor{Role: meeting.RoleNode, Node: at}
	desk := meeting.Actor{Role: meeting.RoleController, Name: "Trực", Node: at}
	keeper := meeting.Actor{Role: meeting.RoleOperator, Node: at}
	room := meeting.Actor{Role: meeting.RoleRoom, Point: "p-2", Node: at}
	other := meeting.Actor{Role: meeting.RoleRoom, Point: "p-1", Node: at}
	chair := meeting.Actor{Role: meeting.RoleChair, Point: "p-1", Node: at}
	relay := func(n meeting.NodePath) meeting.OrderRelay {
		return meeting.OrderRelay{Node: n, Who: "Ông A", Document: "01/CV"}
	}
	return map[string]lie{
		"the node grants the floor":                {node, "m", meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p-2"}},
		"the node closes everything":               {node, "m", meeting.CloseAll{}},
		"the node makes a meeting":                 {node, "m", alone},
		"the node ends an island":                  {node, "m", meeting.Rejoin{}},
		"the node ends the meeting":                {node, "m", meeting.EndMeeting{}},
		"the node connects a point elsewhere":      {node, "m", meeting.Connect{Point: "p-1", Device: "d"}},
		"the node loses a point elsewhere":         {node, "m", meeting.Lose{Point: "p-1"}},
		"the node takes a point out":               {node, "m", meeting.LeavePoint{Point: "p-1"}},
		"the node loses the root":                  {node, "m", meeting.LoseNode{Node: "a"}},
		"the node loses a node it invents":         {node, "m", meeting.LoseNode{Node: "a/b/x"}},
		"the node finds a node it invents":         {node, "m", meeting.FindNode{Node: "a/b/x"}},
		"its controller grants the floor":          {desk, "m", meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p-2"}},
		"its controller gives the floor":           {desk, "m", meeting.GiveFloor{Point: "p-2"}},
		"its controller checks a point":            {desk, "m", meeting.CheckPoint{Point: "p-2"}},
		"its controller sets the layout":           {desk, "m", meeting.SetLayout{Audience: meeting.AudienceAll, Layout: meeting.Layout{Kind: meeting.Layout1, Tiles: []meeting.Binding{{Kind: meeting.BindChair}}}}},
		"its controller takes the desk":            {desk, "m", meeting.TakeControl{}},
		"its controller moves the chair":           {desk, "m", meeting.MoveChair{Point: "p-2"}},
		"its controller writes to a point above":   {desk, "m", meeting.SendMessage{Text: "x", To: []meeting.PointID{"p-1"}}},
		"its controller dismisses a point above":   {desk, "m", meeting.FinishPoint{Point: "p-1"}},
		"its operator relays to a node it invents": {keeper, "m", relay("a/b/x")},
		"its operator relays for the root":         {keeper, "m", relay("a")},
		"a room of above asks":                     {other, "m", meeting.RequestFloor{Floor: meeting.FloorSpeech}},
		"a room switches a point above on":         {room, "m", meeting.SwitchOn{Point: "p-1"}},
		"a chair it does not have grants":          {chair, "m", meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p-2"}},
		"its controller writes in another meeting": {desk, "alone", meeting.SendMessage{Text: "x"}},
		"the node finds itself in another meeting": {node, "alone", meeting.FindNode{Node: at}},
		"its controller asks for what is not":      {desk, "none", meeting.SendMessage{Text: "x"}},
	}
}
