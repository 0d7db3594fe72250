package cascade

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// commandWait bounds one command of a child, in this node's journal or on its
// way further up.
const commandWait = 12 * time.Second

// theNode is how a node speaks of its links.
var theNode = meeting.Actor{Role: meeting.RoleNode}

// list tells the child which meetings call a point of its part of the tree, if
// that has changed.
func (c *child) list() {
	if c.sock == nil {
		return
	}
	var ids []meeting.ID
	for _, f := range c.d.cfg.Meetings.Live() {
		if u := f.Current(); len(ids) < maxMeetings && c.calls(u) && c.passesOn(u) {
			ids = append(ids, f.ID())
		}
	}
	if c.listed == nil || !slices.Equal(ids, c.listed) {
		c.listed = append([]meeting.ID{}, ids...)
		c.sock.send(encode("meetings", meetingsMsg{Meetings: c.listed}))
	}
}

// calls reports whether a meeting calls a point of the child's part.
func (c *child) calls(u *focus.Update) bool {
	return slices.ContainsFunc(u.State.Points, func(p meeting.PointState) bool { return p.Node.Within(c.path) })
}

// passesOn reports whether this node may pass a meeting on: its own always, one
// from above only by order, if the tree says so (Art 5.4.a).
func (c *child) passesOn(u *focus.Update) bool {
	self, _ := c.d.cfg.Tree().Node(c.d.cfg.Self)
	return !self.ByOrder || u.State.Home == c.d.cfg.path() || u.State.Relay(c.d.cfg.path()) != nil
}

// shares reports whether a meeting is the child's to know, and to speak in.
func (c *child) shares(f *focus.Focus) bool {
	return f != nil && f.Current() != nil && c.calls(f.Current()) && c.passesOn(f.Current())
}

// attach begins, or begins anew, to send a meeting's facts down.
func (c *child) attach(m *attachMsg) error {
	f := c.d.cfg.Meetings.Get(m.Meeting)
	if !c.shares(f) {
		return violates(CodePlace, "attach to %.100q, which calls no point of %s", m.Meeting, c.path)
	}
	if end := c.attached[m.Meeting]; end != nil {
		end()
	}
	ctx, end := context.WithCancel(c.ctx)
	c.attached[m.Meeting] = end
	c.media.Attach(m.Meeting)
	a := &attachment{child: c, focus: f, sock: c.sock, last: m.Last}
	lost := m.Lost
	c.wait.Go(c.scope("meeting on a link", func() { a.sock.end(CodeClosing) }).Func(func() {
		defer end()
		a.greet(ctx, lost)
		a.run(ctx)
	}))
	return nil
}

// attachment is one meeting on one socket.
type attachment struct {
	*child
	focus   *focus.Focus
	sock    *socket
	last    meeting.Seq
	begun   bool
	severed bool          // and the child knows
	told    *focus.Update // the newest that the child knows of
}

// greet puts the child's return on record: its points are not here if it has
// been without the link, whatever the log says. One that comes for the first
// time has lost nothing.
func (a *attachment) greet(ctx context.Context, lost bool) {
	here := func(p meeting.PointState) bool { return p.Presence == meeting.Present && p.Node.Within(a.path) }
	if lost && slices.ContainsFunc(a.focus.Current().State.Points, here) {
		a.say(ctx, a.focus, meeting.LoseNode{Node: a.path})
	}
	a.say(ctx, a.focus, meeting.FindNode{Node: a.path})
}

// say tells a meeting about the link.
func (c *child) say(ctx context.Context, f *focus.Focus, cmd meeting.Command) {
	ctx, cancel := context.WithTimeout(ctx, commandWait)
	defer cancel()
	if _, err := f.Submit(ctx, theNode, meeting.Cause{}, cmd); err != nil {
		c.log.Info("link not told to the meeting", "meeting", f.ID(), "command", meeting.CommandName(cmd), "err", err)
	}
}

// run sends what is new until the socket or the attachment ends.
func (a *attachment) run(ctx context.Context) {
	changed, stop := a.focus.Watch()
	defer stop()
	for {
		select {
		case <-changed:
			a.send(ctx)
		case <-a.sock.gone:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (a *attachment) send(ctx context.Context) {
	u, events, ok := a.focus.Since(a.last)
	switch {
	case u == nil:
		return
	case u.Severed:
		if !a.severed {
			a.severed = true
			a.sock.send(encode("severed", severedMsg{Meeting: a.focus.ID()}))
		}
		return
	case a.begun && !a.severed && ok && len(events) == 0:
		if !sameAhead(a.told, u) {
			a.sock.send(encode("closed", closedMsg{Meeting: a.focus.ID(), Ahead: aheadOf(u)}))
		}
	case ok && len(events) <= maxEvents && a.last > 0:
		a.sock.send(encode("events", eventsMsg{Meeting: a.focus.ID(), Events: causeless(events), Plan: u.Log.Digest(), Ahead: aheadOf(u)}))
	case !a.snapshot(ctx, u):
		return
	}
	a.last, a.begun, a.severed, a.told = u.State.Seq, true, false, u
}

// aheadOf is what an update closes ahead of the log, for the nodes below.
func aheadOf(u *focus.Update) ahead { return ahead{Closed: u.Closed, Unwritten: u.Unwritten} }

// sameAhead reports whether two updates close the same ahead of the log.
func sameAhead(a, b *focus.Update) bool {
	return maps.Equal(a.Closed, b.Closed) && a.Unwritten.Equal(b.Unwritten)
}

func (a ahead) read() focus.Ahead { return focus.Ahead{Closed: a.Closed, Unwritten: a.Unwritten} }

// causeless copies facts without the sessions that caused them. Only the leader
// tells retries apart; a child that knew others' numbers could use them up.
func causeless(events []meeting.Event) []meeting.Event {
	events = slices.Clone(events)
	for i := range events {
		events[i].Cause = meeting.Cause{}
	}
	return events
}

// snapshot sends the whole state; few are made at once, so that a restart of
// this node with many children costs no storm.
func (a *attachment) snapshot(ctx context.Context, u *focus.Update) bool {
	select {
	case a.d.snapshots <- struct{}{}:
		defer func() { <-a.d.snapshots }()
	case <-ctx.Done():
		return false
	}
	state := u.State
	state.Answered = nil // as causeless
	return a.sock.send(encode("snapshot", snapshotMsg{Meeting: a.focus.ID(), Snapshot: state, Plan: u.Log.Digest(), Ahead: aheadOf(u)}))
}

// sever declares the child's part of the tree lost, in every meeting.
func (c *child) sever() {
	c.log.Warn("link severed; its points are lost")
	c.dropMedia()
	for _, f := range c.d.cfg.Meetings.Live() {
		if c.calls(f.Current()) {
			c.wait.Go(c.scope("loss of a child", nil).Func(func() { c.say(c.ctx, f, meeting.LoseNode{Node: c.path}) }))
		}
	}
}

// command carries out one command of a child, beside the others.
func (c *child) command(sock *socket, m *commandMsg) error {
	if _, known := c.d.cfg.Tree().At(m.By.Node); !known || !m.By.Node.Within(c.path) {
		return violates(CodePlace, "a command of %.100q", m.By.Node)
	}
	cmd, err := wire.ReadNodeCommand(m.Name, m.Data)
	if err != nil {
		return violates(CodeUpgrade, "%.100s: %v", m.Name, err)
	}
	if !meeting.Closes(cmd) {
		if err := c.pace.Await(c.ctx); err != nil {
			return violates(CodeClosing, "the node stops")
		}
	}
	select {
	case c.room <- struct{}{}:
	case <-c.ctx.Done():
		return violates(CodeClosing, "the node stops")
	}
	c.wait.Go(c.scope("command of a child", nil).Func(func() {
		defer func() { <-c.room }()
		sock.send(encode("answer", c.answer(m, cmd)))
	}))
	return nil
}

// answer carries a command out. One in a meeting the child has no part in is
// answered like one in a meeting there is not: it learns nothing by asking.
func (c *child) answer(m *commandMsg, cmd meeting.Command) answerMsg {
	f := c.d.cfg.Meetings.Get(m.Meeting)
	if !c.shares(f) {
		return answerMsg{N: m.N, Code: meeting.CodeMeetingUnknown}
	}
	ctx, cancel := context.WithTimeout(c.ctx, commandWait)
	defer cancel()
	seq, err := f.Submit(ctx, m.By, m.Cause.Below(string(c.node.Code)), cmd)
	if err == nil {
		return answerMsg{N: m.N, Seq: seq}
	}
	var refused *meeting.Error
	if errors.As(err, &refused) {
		return answerMsg{N: m.N, Code: refused.Code, Args: refused.Args}
	}
	return answerMsg{N: m.N, Code: wire.CodeServerBusy}
}
