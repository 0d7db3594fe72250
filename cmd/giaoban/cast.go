package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/loadtest"
)

// How simulated rooms behave, so that a newcomer sees a living briefing at
// once: the askers ask soon after the start and again some time after their
// turn; whoever is invited needs a moment to press OK, and speaks a while.
const (
	firstAsk  = 10 * time.Second
	secondAsk = 22 * time.Second
	askAgain  = 3 * time.Minute
	pressOK   = 2 * time.Second
	speak     = 90 * time.Second
)

// cast plays the absent points of a demo. It has one goroutine for each point,
// which close ends and awaits.
type cast struct {
	bots []*loadtest.Bot
	stop context.CancelFunc
	wg   sync.WaitGroup
}

// newCast starts a bot for each point. url is the WebSocket of the server.
func newCast(url string, points []meeting.Point, d *demo, log *slog.Logger) (*cast, error) {
	ctx, stop := context.WithCancel(context.Background())
	c := &cast{stop: stop}
	clips := map[int]*testmedia.Clip{}
	for i, p := range points {
		look := i % testmedia.Looks
		if clips[look] == nil {
			clip, err := testmedia.LoadClip(look)
			if err != nil {
				c.close()
				return nil, err
			}
			clips[look] = clip
		}
		bot, err := loadtest.New(loadtest.Config{
			URL: url, Token: d.Rooms[p.ID], Device: "simulated-" + string(p.ID), Simulated: true, Clip: clips[look],
			Log: log.With("point", string(p.ID)),
		})
		if err != nil {
			c.close()
			return nil, err
		}
		c.bots = append(c.bots, bot)
		c.wg.Go(func() { play(ctx, bot, asksAfter(i, len(points))) })
	}
	return c, nil
}

// asksAfter is when the i-th of n simulated rooms first asks to speak, 0 for
// one that never does. The first plays the chair point, which need not ask.
func asksAfter(i, n int) time.Duration {
	switch i {
	case 0:
		return 0
	case max(1, n/3):
		return firstAsk
	case max(2, 2*n/3):
		return secondAsk
	}
	return 0
}

// play is the behaviour of one simulated room. Its commands may be refused, as
// those of any room: it goes by the state it is shown.
func play(ctx context.Context, bot *loadtest.Bot, ask time.Duration) {
	var turn sync.WaitGroup
	defer turn.Wait()
	if ask > 0 {
		turn.Go(func() {
			for rest(ctx, ask) {
				if _, err := bot.Wait(ctx, "a closed microphone", mayAsk); err == nil {
					bot.Request(ctx)
				}
				ask = askAgain
			}
		})
	}
	for {
		if _, err := bot.Wait(ctx, "an invitation", invited); err != nil || !rest(ctx, pressOK) {
			return
		}
		bot.SwitchOn(ctx)
		speaking, enough := context.WithTimeout(ctx, speak)
		_, err := bot.Wait(speaking, "the end of the turn", turnOver)
		enough()
		if err != nil {
			bot.Release(ctx)
		}
	}
}

func mayAsk(s loadtest.State) bool { return s.Mic() == wire.MicOff && s.View.Own.MayAsk }

func invited(s loadtest.State) bool {
	return s.Mic() == wire.MicInvited || s.Mic() == wire.MicBack
}

func turnOver(s loadtest.State) bool { return s.Mic() == wire.MicOff }

// close makes every simulated room leave, and waits.
func (c *cast) close() {
	c.stop()
	for _, b := range c.bots {
		b.Close()
	}
	c.wg.Wait()
}

// rest waits, and reports whether the wait came to its end.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
