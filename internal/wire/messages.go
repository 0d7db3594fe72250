package wire

import (
	"slices"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Direction says who sends a message.
type Direction string

// The two directions of bridge.v1.
const (
	FromClient Direction = "client→server"
	FromServer Direction = "server→client"
)

// Message is one session message of bridge.v1. Commands are listed apart, in
// Commands: they change a meeting, these only carry the session.
type Message struct {
	Name   string
	From   Direction
	Data   any    // zero value of the struct in "d"; nil if there is none
	Answer string // the message that answers it, for a client's; "" is "ok"
}

var messages = []Message{
	{Name: "hello", From: FromClient, Data: Hello{}, Answer: "welcome"},
	{Name: "media.offer", From: FromClient, Data: MediaOffer{}, Answer: "media.answer"},
	{Name: "media.watch", From: FromClient, Data: MediaWatch{}},
	{Name: "media.report", From: FromClient, Data: MediaReport{}},
	{Name: "welcome", From: FromServer, Data: Welcome{}},
	{Name: "view", From: FromServer, Data: View{}},
	{Name: "patch", From: FromServer, Data: View{}},
	{Name: "media.answer", From: FromServer, Data: MediaAnswer{}},
	{Name: "slot.live", From: FromServer, Data: SlotLive{}},
	{Name: "gate", From: FromServer, Data: Gate{}},
	{Name: "publish", From: FromServer, Data: Publish{}},
	{Name: "quality", From: FromServer, Data: Quality{}},
	{Name: "tick", From: FromServer, Data: Tick{}},
	{Name: "ok", From: FromServer},
	{Name: "error", From: FromServer, Data: Failure{}},
}

// commands holds the commands a client may give. Presence (point.connect,
// point.lose) is the server's own to say, links and islands are the nodes', and
// meetings are created by their schedule, so those are not here.
var commands = []command{
	accept[meeting.EndMeeting](),
	accept[meeting.AskTakeover](),
	accept[meeting.AllowTakeover](),
	accept[meeting.RequestFloor](),
	accept[meeting.CancelRequest](),
	accept[meeting.GrantFloor](),
	accept[meeting.DenyFloor](),
	accept[meeting.RevokeFloor](),
	accept[meeting.ReleaseFloor](),
	accept[meeting.GiveFloor](),
	accept[meeting.CloseAll](),
	accept[meeting.SetMode](),
	accept[meeting.SwitchOn](),
	accept[meeting.SwitchOff](),
	accept[meeting.SetCamera](),
	accept[meeting.SetLayout](),
	accept[meeting.ClearLayout](),
	accept[meeting.AnnotateRequest](),
	accept[meeting.MoveRequest](),
	accept[meeting.AcceptRequest](),
	accept[meeting.DeferRequest](),
	accept[meeting.SetTimeLimit](),
	accept[meeting.ExtendFloor](),
	accept[meeting.SetProgramme](),
	accept[meeting.InviteNext](),
	accept[meeting.MarkEntry](),
	accept[meeting.LockContent](),
	accept[meeting.SetContentSound](),
	accept[meeting.TakeControl](),
	accept[meeting.OpenLobby](),
	accept[meeting.StartMeeting](),
	accept[meeting.BeginClosing](),
	accept[meeting.MoveChair](),
	accept[meeting.Rehome](),
	accept[meeting.LockMeeting](),
	accept[meeting.ReleaseAll](),
	accept[meeting.ReadmitPoint](),
	accept[meeting.ReleasePoint](),
	accept[meeting.LeavePoint](),
	accept[meeting.SummonPoint](),
	accept[meeting.FinishPoint](),
	accept[meeting.CheckPoint](),
	accept[meeting.UndoLayout](),
	accept[meeting.SaveLayout](),
	accept[meeting.TakeSaved](),
	accept[meeting.DeleteSaved](),
	accept[meeting.SetRotation](),
	accept[meeting.PauseRotation](),
	accept[meeting.SetBanner](),
	accept[meeting.ClearBanner](),
	accept[meeting.OpenFeed](),
	accept[meeting.CloseFeed](),
	accept[meeting.StartRollCall](),
	accept[meeting.CallNext](),
	accept[meeting.MarkPoint](),
	accept[meeting.PauseRollCall](),
	accept[meeting.FinishRollCall](),
	accept[meeting.DescribeIncident](),
	accept[meeting.SendMessage](),
	accept[meeting.ReadMessages](),
	accept[meeting.OrderRelay](),
}

// nodeCommands holds what besides a node may say on a link.
var nodeCommands = []command{
	accept[meeting.Connect](),
	accept[meeting.Lose](),
	accept[meeting.LoseNode](),
	accept[meeting.FindNode](),
	accept[meeting.ReportIsland](),
}

// command is one row of the table: a name, the struct of its data, its decoder.
type command struct {
	name   string
	zero   meeting.Command
	decode func(d []byte) (meeting.Command, error)
}

func accept[C meeting.Command]() command {
	var zero C
	return command{
		name: meeting.CommandName(zero),
		zero: zero,
		decode: func(d []byte) (meeting.Command, error) {
			var c C
			if err := Decode(d, &c); err != nil {
				return nil, err
			}
			return c, nil
		},
	}
}

// Messages lists every session message.
func Messages() []Message { return slices.Clone(messages) }

// Commands lists the zero value of every command a client may give.
func Commands() []meeting.Command {
	list := make([]meeting.Command, len(commands))
	for i, c := range commands {
		list[i] = c.zero
	}
	return list
}
