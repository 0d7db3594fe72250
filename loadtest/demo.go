package loadtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
	"github.com/giaoban/giaoban/internal/wire"
)

// DemoConfig says which points a demonstration plays, and where.
type DemoConfig struct {
	URL    string // of the WebSocket
	Points []DemoPoint
	Clips  []*testmedia.Clip // what they play, in turn; nil is what ships
	Layers []string          // of every camera,
	Films  []*testmedia.Clip // and their pictures, as in Config
	// Patient points ask for nothing, and speak until they are cut off.
	Patient bool
	Log     *slog.Logger // nil discards
}

// DemoPoint is one point to play.
type DemoPoint struct {
	ID    meeting.PointID
	Token string
}

// Demo plays the absent points of a meeting: every one of them shows a picture
// and speaks when it is invited, and two of them ask for the floor, again and
// again, so that a newcomer finds a briefing in progress. Two goroutines for
// each point, its own and that of its stills; Close waits for them all.
type Demo struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

const (
	demoPace = 60 * time.Millisecond // between joins, so that a start is not a storm
)

// Play starts a demonstration. The points come in over the first second or so.
func Play(cfg DemoConfig) (*Demo, error) {
	clips := cfg.Clips
	for look := 0; cfg.Clips == nil && look < testmedia.Looks; look++ {
		c, err := testmedia.LoadClip(look)
		if err != nil {
			return nil, err
		}
		clips = append(clips, c)
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &Demo{cancel: cancel}
	for i, point := range cfg.Points {
		bot := Config{
			URL: cfg.URL, Token: point.Token, Device: "simulated-" + string(point.ID), Simulated: true,
			Clip: clips[i%len(clips)], Layers: cfg.Layers, Films: cfg.Films, Log: cfg.Log,
		}
		if err := bot.validate(); err != nil {
			d.Close()
			return nil, fmt.Errorf("point %s: %w", point.ID, err)
		}
		p := newDelegate(firstAsk(i, len(cfg.Points)))
		if cfg.Patient {
			p.first, p.speech = 0, func() time.Duration { return math.MaxInt64 }
		}
		delay := time.Duration(i) * demoPace
		d.wg.Go(func() { p.attend(ctx, bot, delay) })
		if cfg.Films == nil {
			d.wg.Go(func() { newStills(bot).run(ctx, delay) })
		}
	}
	return d, nil
}

// Close takes every played point out of the meeting and waits.
func (d *Demo) Close() error {
	d.cancel()
	d.wg.Wait()
	return nil
}

// firstAsk is when the i-th of n points first asks, 0 for one that never does.
func firstAsk(i, n int) time.Duration {
	switch i {
	case n / 3:
		return 8 * time.Second
	case 2 * n / 3:
		return 20 * time.Second
	}
	return 0
}

// The manners of a delegate.
const (
	thinking   = 1500 * time.Millisecond // from the invitation to OK
	hesitation = 2 * time.Second         // after a refused command
)

// delegate is how the people of a played point behave.
type delegate struct {
	first    time.Duration        // until it asks the first time; 0 never asks
	speech   func() time.Duration // how long this one speaks: 20–40 s
	again    func() time.Duration // until it asks the next time: 45–75 s
	mic      wire.MicState
	since    time.Time // of mic
	turn     time.Duration
	askAt    time.Time
	notUntil time.Time
}

func newDelegate(first time.Duration) *delegate {
	between := func(least, most time.Duration) func() time.Duration {
		return func() time.Duration { return least + rand.N(most-least) }
	}
	return &delegate{
		first: first, speech: between(20*time.Second, 40*time.Second),
		again: between(45*time.Second, 75*time.Second),
	}
}

// decide says which command to give now, nil for none, and when to decide
// again at the latest.
func (d *delegate) decide(s State, now time.Time) (meeting.Command, time.Time) {
	const idle = time.Minute
	mic := s.Mic()
	if d.askAt.IsZero() && mic != "" {
		d.askAt = now.Add(d.first)
	}
	if mic != d.mic {
		d.mic, d.since, d.turn = mic, now, d.speech()
	}
	var due time.Time
	var act meeting.Command
	switch {
	case mic == wire.MicInvited || mic == wire.MicBack:
		due, act = d.since.Add(thinking), meeting.SwitchOn{}
	case mic == wire.MicOn:
		due, act = d.since.Add(d.turn), meeting.ReleaseFloor{Floor: meeting.FloorSpeech}
		d.askAt = now.Add(d.again())
	case mic == wire.MicOff && d.first > 0 && mayAsk(s):
		due, act = d.askAt, meeting.RequestFloor{Floor: meeting.FloorSpeech}
	default:
		if mic == wire.MicAsked || mic == wire.MicAccepted {
			d.askAt = now.Add(d.again()) // if it is not invited, it waits before it asks again
		}
		return nil, now.Add(idle)
	}
	if due.Before(d.notUntil) {
		due = d.notUntil
	}
	if now.Before(due) {
		return nil, due
	}
	d.notUntil = now.Add(hesitation)
	return act, d.notUntil
}

// attend plays one point until the context ends.
func (d *delegate) attend(ctx context.Context, cfg Config, delay time.Duration) {
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return
	}
	b, err := New(cfg)
	if err != nil {
		return // Play has validated the same configuration
	}
	defer b.Close()
	for ctx.Err() == nil {
		s := b.State()
		act, next := d.decide(s, time.Now())
		if act != nil {
			d.do(ctx, b, act)
		}
		until, cancel := context.WithDeadline(ctx, next)
		// An error is the deadline: time to decide again.
		_, _ = b.Wait(until, "a change", func(n State) bool { return n.Mic() != s.Mic() || mayAsk(n) != mayAsk(s) })
		cancel()
	}
}

// mayAsk: the chair point speaks without asking.
func mayAsk(s State) bool { return s.View.Own != nil && s.View.Own.MayAsk && !s.View.Own.Chair }

// do gives a command. A refusal is the meeting's right: the delegate looks
// again and finds out what is so.
func (d *delegate) do(ctx context.Context, b *Bot, c meeting.Command) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := b.Do(ctx, c); err != nil && !errors.Is(err, context.Canceled) {
		b.log.Debug("command refused", "err", err)
	}
}
