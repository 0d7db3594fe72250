package loadtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// ErrDown is returned for a command while the bot has no session, or if the
// session ended before the answer: the command may have been carried out.
var ErrDown = errors.New("loadtest: no session")

// answer is an ok, an error or a data frame that answers a message.
type answer struct {
	frame wire.Envelope
	err   error
}

// Do gives a command and waits for its answer: the position in the log, or a
// *meeting.Error.
func (b *Bot) Do(ctx context.Context, c meeting.Command) (meeting.Seq, error) {
	frame, err := b.ask(ctx, meeting.CommandName(c), c)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", meeting.CommandName(c), err)
	}
	return frame.Seq, nil
}

// Request asks for the speech floor.
func (b *Bot) Request(ctx context.Context) error {
	_, err := b.Do(ctx, meeting.RequestFloor{Floor: meeting.FloorSpeech})
	return err
}

// Cancel withdraws the request.
func (b *Bot) Cancel(ctx context.Context) error {
	_, err := b.Do(ctx, meeting.CancelRequest{Floor: meeting.FloorSpeech})
	return err
}

// SwitchOn presses OK after an invitation.
func (b *Bot) SwitchOn(ctx context.Context) error {
	_, err := b.Do(ctx, meeting.SwitchOn{})
	return err
}

// SwitchOff closes the microphone and keeps the floor.
func (b *Bot) SwitchOff(ctx context.Context) error {
	_, err := b.Do(ctx, meeting.SwitchOff{})
	return err
}

// Release gives the speech floor back.
func (b *Bot) Release(ctx context.Context) error {
	_, err := b.Do(ctx, meeting.ReleaseFloor{Floor: meeting.FloorSpeech})
	return err
}

// Watch looks privately at the cameras of points, the whole set each time.
func (b *Bot) Watch(ctx context.Context, points []meeting.PointID) error {
	_, err := b.ask(ctx, "media.watch", wire.MediaWatch{Points: points})
	return err
}

// ask sends a message and waits for its one answer.
func (b *Bot) ask(ctx context.Context, t string, d any) (wire.Envelope, error) {
	reply := make(chan answer, 1)
	id, err := b.post(t, d, reply)
	if err != nil {
		return wire.Envelope{}, err
	}
	select {
	case a := <-reply:
		return a.frame, a.err
	case <-ctx.Done():
		b.forget(id)
		return wire.Envelope{}, ctx.Err()
	}
}

// post puts a message into the outbox of the live socket; its answer goes to
// reply, which must have room for it.
func (b *Bot) post(t string, d any, reply chan answer) (uint64, error) {
	data, err := json.Marshal(d)
	if err != nil {
		return 0, fmt.Errorf("encode %s: %w", t, err)
	}
	id, out := b.expect(reply)
	if out == nil {
		return 0, ErrDown
	}
	frame, err := json.Marshal(wire.Envelope{T: t, ID: id, D: data})
	if err != nil {
		return 0, fmt.Errorf("encode %s: %w", t, err)
	}
	select {
	case out <- frame:
		return id, nil
	default:
		b.forget(id)
		return 0, fmt.Errorf("%w: the outbox is full", ErrDown)
	}
}

// expect gives the next id, notes who waits for its answer, and returns the
// outbox of the live socket, nil if there is none.
func (b *Bot) expect(reply chan answer) (uint64, chan<- []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.out == nil {
		return 0, nil
	}
	b.last++
	if reply != nil {
		b.waiting[b.last] = reply
	}
	return b.last, b.out
}

// forget gives up an answer.
func (b *Bot) forget(id uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.waiting, id)
}

// settle hands an answer to whoever waits for it.
func (b *Bot) settle(frame wire.Envelope, err error) {
	b.mu.Lock()
	reply, ok := b.waiting[frame.Re]
	delete(b.waiting, frame.Re)
	b.mu.Unlock()
	if ok {
		reply <- answer{frame, err}
	}
}
