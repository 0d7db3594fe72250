package loadtest

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

const (
	outboxFrames = 64 // of one socket; full means the server does not read
	inboxFrames  = 64
	writeWait    = 5 * time.Second
)

// session runs one socket from hello to its end. It reports whether the server
// welcomed it, and why it ended.
func (b *Bot) session() (welcomed bool, err error) {
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, HandshakeTimeout: patience, NetDialContext: b.cfg.Dial}
	conn, _, err := dialer.DialContext(b.ctx, b.cfg.URL, nil)
	if err != nil {
		return false, fmt.Errorf("dial: %w", err)
	}
	out, in := make(chan []byte, outboxFrames), make(chan wire.Envelope, inboxFrames)
	quit := make(chan struct{})
	var pumps sync.WaitGroup
	pumps.Go(func() { write(conn, out, quit) })
	pumps.Go(func() { read(conn, in, quit) })
	defer func() {
		b.hangUp()
		close(quit)
		conn.Close()
		pumps.Wait()
	}()
	b.mu.Lock()
	b.out = out
	b.mu.Unlock()
	joins := b.State().Joins
	err = b.converse(in)
	return b.State().Joins > joins, err
}

// hangUp takes the outbox away and fails every command without an answer.
func (b *Bot) hangUp() {
	b.mu.Lock()
	lost := b.waiting
	b.out, b.waiting = nil, map[uint64]chan answer{}
	b.mu.Unlock()
	for _, reply := range lost {
		reply <- answer{err: ErrDown}
	}
	b.update(func(s *State) { s.Up = false })
}

// write empties the outbox into the socket.
func write(conn *websocket.Conn, out <-chan []byte, quit <-chan struct{}) {
	for {
		select {
		case frame := <-out:
			conn.SetWriteDeadline(time.Now().Add(writeWait))
			if conn.WriteMessage(websocket.TextMessage, frame) != nil {
				conn.Close()
				return
			}
		case <-quit:
			return
		}
	}
}

// read passes the server's frames on until the socket ends or falls silent.
func read(conn *websocket.Conn, in chan<- wire.Envelope, quit <-chan struct{}) {
	defer close(in)
	conn.SetReadLimit(4 << 20)
	for {
		conn.SetReadDeadline(time.Now().Add(silence))
		_, data, err := conn.ReadMessage()
		if err != nil {
			return
		}
		var frame wire.Envelope
		if json.Unmarshal(data, &frame) != nil {
			return
		}
		select {
		case in <- frame:
		case <-quit:
			return
		}
	}
}

// converse greets the server and then lives by what it says.
func (b *Bot) converse(in <-chan wire.Envelope) error {
	state := b.State()
	hello := wire.Hello{
		Token: b.cfg.Token, Device: b.cfg.Device, MaxTiles: b.cfg.MaxTiles, Simulated: b.cfg.Simulated,
	}
	if b.media != nil {
		hello.Resume = state.Session
	}
	id, err := b.post("hello", hello, nil)
	if err != nil {
		return err
	}
	for {
		select {
		case <-b.ctx.Done():
			return b.ctx.Err()
		case o := <-b.orders:
			b.obey(o)
			return fmt.Errorf("ordered to leave")
		case <-b.nudge:
			b.mediaChanged()
		case frame, ok := <-in:
			if !ok {
				return fmt.Errorf("socket lost")
			}
			if err := b.heard(frame, id); err != nil {
				return err
			}
		}
	}
}

// heard obeys one frame of the server. An error ends the session.
func (b *Bot) heard(frame wire.Envelope, hello uint64) error {
	switch frame.T {
	case "welcome":
		return decode(frame, b.welcomed)
	case "view":
		return decode(frame, func(v wire.View) { b.seen(frame.Seq, v, false) })
	case "patch":
		return decode(frame, func(v wire.View) { b.seen(frame.Seq, v, true) })
	case "publish":
		return decode(frame, b.asked)
	case "gate":
		return decode(frame, b.gated)
	case "slot.live":
		return decode(frame, b.live)
	case "quality":
		return decode(frame, func(q wire.Quality) { b.update(func(s *State) { s.Lines = q.Lines }) })
	case "media.answer":
		return decode(frame, func(a wire.MediaAnswer) { b.answered(frame, a) })
	case "tick":
		b.join()
	case "ok":
		b.settle(frame, nil)
	case "error":
		return b.failed(frame, hello)
	}
	return nil
}

func decode[T any](frame wire.Envelope, use func(T)) error {
	var d T
	if err := json.Unmarshal(frame.D, &d); err != nil {
		return fmt.Errorf("frame %q: %w", frame.T, err)
	}
	use(d)
	return nil
}

func (b *Bot) welcomed(w wire.Welcome) {
	if !w.Resumed {
		b.dropMedia()
	}
	b.update(func(s *State) {
		s.Up, s.Session, s.Resumed, s.You, s.Limits = true, w.Session, w.Resumed, w.You, w.Limits
		s.Joins++
		if !w.Resumed {
			s.View, s.Gates, s.Live, s.Publish = wire.View{}, nil, nil, wire.Publish{Camera: true}
		}
	})
	b.updatePlayer()
}

// seen takes a view or a patch, and joins media when called to a meeting.
func (b *Bot) seen(seq meeting.Seq, v wire.View, patch bool) {
	var was, now meeting.ID
	b.update(func(s *State) {
		was = meetingOf(s.View)
		if patch {
			v = fold(s.View, v)
		}
		s.View, s.Seq = v, seq
		now = meetingOf(v)
	})
	if was != now && was != "" {
		b.dropMedia()
	}
	b.join()
}

// join offers media if the bot is called to a meeting and has none yet. A
// refused offer is made again with the server's next tick.
func (b *Bot) join() {
	called := meetingOf(b.State().View) != ""
	if b.media == nil && !b.cfg.NoMedia && (called || b.cfg.Eager) {
		b.offer()
	}
}

// meetingOf is the open meeting a view shows, "" if there is none.
func meetingOf(v wire.View) meeting.ID {
	if v.Meeting == nil || v.Meeting.Status == "ended" {
		return ""
	}
	return v.Meeting.ID
}

func (b *Bot) asked(p wire.Publish) {
	b.update(func(s *State) { s.Publish = p })
	b.updatePlayer()
}

func (b *Bot) gated(g wire.Gate) {
	b.update(func(s *State) {
		gates := map[meeting.SourceKey]bool{g.Source: g.Open}
		for k, open := range s.Gates {
			if k != g.Source {
				gates[k] = open
			}
		}
		s.Gates = gates
	})
	b.updatePlayer()
}

func (b *Bot) live(l wire.SlotLive) {
	if l.Slot < 0 || l.Slot >= b.cfg.MaxTiles {
		return
	}
	b.update(func(s *State) {
		slots := make([]meeting.SourceKey, b.cfg.MaxTiles)
		copy(slots, s.Live)
		slots[l.Slot] = l.Source
		s.Live = slots
	})
}

// failed takes an error frame: the answer to a command, or the session's end.
func (b *Bot) failed(frame wire.Envelope, hello uint64) error {
	var f wire.Failure
	if err := json.Unmarshal(frame.D, &f); err != nil {
		return fmt.Errorf("frame error: %w", err)
	}
	why := &meeting.Error{Code: f.Code, Args: f.Args}
	b.settle(frame, why)
	if b.media != nil && frame.Re == b.media.offer {
		b.dropMedia()
		b.update(func(s *State) { s.Refused = f.Code })
	}
	if f.Closed || frame.Re == 0 || frame.Re == hello {
		b.update(func(s *State) { s.Refused = f.Code })
	}
	if f.Closed || frame.Re == hello && frame.Re != 0 && f.Code != meeting.CodePointInUse {
		return why
	}
	return nil
}
