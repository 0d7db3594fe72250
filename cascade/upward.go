package cascade

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
)

// maxPending bounds the commands that wait for an answer; more are refused.
const maxPending = 1000

// reportWait bounds the report of one island.
const reportWait = time.Minute

// Submit sends a command up and waits for its answer, over the loss of the link
// within its grace: it is then sent again. A severed link is CodeSevered.
func (u *Uplink) Submit(ctx context.Context, o focus.Order) (meeting.Seq, error) {
	p, n, err := u.post(o)
	if err != nil {
		return 0, err
	}
	defer u.settle(n, p)
	select {
	case a := <-p.answer:
		return a.seq, a.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// post queues a command and sends it if there is a link.
func (u *Uplink) post(o focus.Order) (*pending, uint64, error) {
	data, err := json.Marshal(o.Command)
	if err != nil {
		return nil, 0, fmt.Errorf("encode %s: %w", meeting.CommandName(o.Command), err)
	}
	u.mu.Lock()
	if u.severed || len(u.pending) >= maxPending {
		u.mu.Unlock()
		return nil, 0, &meeting.Error{Code: focus.CodeSevered}
	}
	u.number++
	n := u.number
	p := &pending{answer: make(chan answered, 1)}
	if o.Cause == (meeting.Cause{}) {
		p.lane = u.lanes.take()
		o.Cause = p.lane.next()
	}
	p.frame = encode("command", commandMsg{
		N: n, Meeting: o.Meeting, By: o.By, Cause: o.Cause, Name: meeting.CommandName(o.Command), Data: data,
	})
	u.pending[n] = p
	sock := u.sock
	u.mu.Unlock()
	if sock != nil {
		sock.send(p.frame)
	}
	return p, n, nil
}

// settle forgets a command that nobody waits for any more.
func (u *Uplink) settle(n uint64, p *pending) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.pending, n)
	if p.lane != nil {
		u.lanes.free = append(u.lanes.free, p.lane)
	}
}

// answer gives a command its answer.
func (u *Uplink) answer(m *answerMsg) {
	u.mu.Lock()
	p := u.pending[m.N]
	delete(u.pending, m.N)
	u.mu.Unlock()
	if p == nil {
		return // nobody waits any more, or it was answered before
	}
	if m.Code != "" {
		p.answer <- answered{err: &meeting.Error{Code: m.Code, Args: m.Args}}
		return
	}
	p.answer <- answered{seq: m.Seq}
}

// refuse answers everything that waits.
func (u *Uplink) refuse(err error) {
	u.mu.Lock()
	all := u.pending
	u.pending = map[uint64]*pending{}
	u.mu.Unlock()
	for _, p := range all {
		p.answer <- answered{err: err}
	}
}

// meetings follows what the parent lists. What it lists no more has ended, or
// ends in the log.
func (s *upstate) meetings(ids []meeting.ID) error {
	for _, id := range ids {
		if s.follows[id] != nil {
			continue
		}
		feed, err := s.cfg.Meetings.Follow(id, s.Uplink)
		if err != nil {
			s.log.Error("a meeting from above is not followed", "meeting", id, "err", err)
			continue
		}
		f := &followed{feed: feed, lost: true}
		s.follows[id] = f
		s.attach(id, f)
	}
	return nil
}

// attach asks for a meeting from where the replica stands. An island of it
// ends first: its rooms go back with their microphones closed.
func (s *upstate) attach(id meeting.ID, f *followed) {
	if s.sock == nil {
		return
	}
	if f.lost {
		s.rejoin(id)
	}
	ask := attachMsg{Meeting: id, Lost: f.lost}
	if u := f.feed.Focus().Current(); u != nil && f.heal == 0 {
		ask.Last = u.State.Seq
	}
	s.sock.send(encode("attach", ask))
	if s.media != nil {
		s.media.Attach(id)
	}
}

// fed gives a replica what came. One that does not fold to the leader's plan
// begins anew once; the second time in a row it stays silent, and says so.
func (s *upstate) fed(id meeting.ID, give func(*focus.Follower) error) {
	f := s.follows[id]
	if f == nil {
		return
	}
	err := give(f.feed)
	if err == nil {
		f.lost, f.heal = false, 0
		return
	}
	f.heal++
	s.mu.Lock()
	s.differs++
	s.mu.Unlock()
	if f.heal == 1 {
		s.log.Warn("replica begins anew", "meeting", id, "err", err)
		s.attach(id, f)
		return
	}
	s.log.Error("replica differs from the leader's again; it stays silent", "meeting", id, "err", err)
}

// rejoin ends the islands of a meeting and sends their reports up.
func (s *upstate) rejoin(id meeting.ID) {
	for _, island := range s.cfg.Meetings.Live() {
		if island.Current().State.ForkOf != id {
			continue
		}
		s.wait.Go(s.scope("island's report", nil).Func(func() {
			ctx, cancel := context.WithTimeout(s.ctx, reportWait)
			defer cancel()
			if _, err := island.Submit(ctx, meeting.Actor{Role: meeting.RoleNode}, meeting.Cause{}, meeting.Rejoin{}); err != nil {
				s.log.Error("island not ended", "meeting", island.ID(), "err", err)
				return
			}
			report, err := s.cfg.Report(ctx, island.ID())
			if err == nil {
				by := meeting.Actor{Role: meeting.RoleNode, Node: s.cfg.path()}
				_, err = s.Submit(ctx, focus.Order{Meeting: id, By: by, Command: meeting.ReportIsland{Island: report}})
			}
			if err != nil {
				s.log.Error("island not reported", "meeting", island.ID(), "err", err)
			}
		}))
	}
}

// resend sends again what waits for an answer. The leader knows each by its
// cause, and carries it out once.
func (u *Uplink) resend() {
	u.mu.Lock()
	sock := u.sock
	var frames [][]byte
	for _, n := range slices.Sorted(maps.Keys(u.pending)) {
		frames = append(frames, u.pending[n].frame)
	}
	u.mu.Unlock()
	for _, f := range frames {
		sock.send(f)
	}
}
