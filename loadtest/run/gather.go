package run

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
	"github.com/giaoban/giaoban/loadtest"
	"github.com/giaoban/giaoban/loadtest/report"
	"github.com/giaoban/giaoban/loadtest/scenario"
)

const (
	seatWait   = 30 * time.Second // for the console and the first points
	answerWait = 10 * time.Second // for a command
)

// gather brings everybody in. The first points are there, and on the screen,
// before the clock of joining runs: whoever comes finds something to see.
func (p *play) gather(ctx context.Context) error {
	clips := make([]*testmedia.Clip, testmedia.Looks)
	for look := range clips {
		c, err := testmedia.LoadClip(look)
		if err != nil {
			return err
		}
		clips[look] = c
	}
	if err := p.seatConsole(ctx); err != nil {
		return err
	}
	for n := 1; n <= scenario.Base; n++ {
		if err := p.come(ctx, n, clips[n%len(clips)]); err != nil {
			return err
		}
	}
	for _, a := range p.cast(false) {
		if !until(ctx, seatWait, a.seated) {
			return fmt.Errorf("point %s did not get in: %s", a.eye.who, p.why(a))
		}
	}
	p.order(ctx, p.watch, meeting.CloseAll{}) // of an earlier run
	p.order(ctx, p.watch, p.arrange(meeting.Layout1p1, []int{1, 2}))
	p.openChair(ctx)
	if err := p.openFeed(ctx); err != nil {
		return err
	}
	var measuring sync.WaitGroup
	defer measuring.Wait()
	between := p.script.Join.Over.D() / time.Duration(max(p.script.Points-scenario.Base, 1))
	for n := scenario.Base + 1; n <= p.script.Points; n++ {
		if err := p.come(ctx, n, clips[n%len(clips)]); err != nil {
			return err
		}
		if n == p.script.Feed {
			continue
		}
		measuring.Go(func() { p.measureJoin(ctx, p.point(n)) })
		if !pause(ctx, between) {
			return fmt.Errorf("the run was stopped: %w", ctx.Err())
		}
	}
	measuring.Wait()
	p.openWatch(ctx)
	p.present(ctx)
	return nil
}

// seatConsole starts the controller, who gives the orders.
func (p *play) seatConsole(ctx context.Context) error {
	eye := newInspector(p.book, 0, &p.detector)
	bot, err := loadtest.New(loadtest.Config{
		URL: p.url, Dial: p.cfg.Links.Dial, Token: p.cfg.Links.Console, Device: "load-console", MaxTiles: 25,
		NoMedia: p.script.Console == 0, OnPacket: eye.take,
	})
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.watch = &actor{bot: bot, eye: eye, came: time.Now()}
	p.mu.Unlock()
	ready, cancel := context.WithTimeout(ctx, seatWait)
	defer cancel()
	if _, err := bot.Wait(ready, "the console's view", func(s loadtest.State) bool { return s.Up && s.View.Floor != nil }); err != nil {
		return fmt.Errorf("%w: %s", err, p.why(p.watch))
	}
	return nil
}

// come starts the bot of a point.
func (p *play) come(ctx context.Context, number int, clip *testmedia.Clip) error {
	if number == p.script.Feed {
		return p.comeByWHIP(ctx, number, clip)
	}
	eye, room, url := newInspector(p.book, number, &p.detector), p.cfg.Links.Rooms[number-1], p.url
	a := &actor{eye: eye, number: number, tier: room.Tier, came: time.Now()}
	var err error
	if room.URL != "" {
		if url, err = socket(room.URL); err != nil {
			return err
		}
	}
	a.bot, err = loadtest.New(loadtest.Config{
		URL: url, Dial: room.Dial, Token: room.Token, Device: fmt.Sprintf("load-%d", number),
		MaxTiles: p.tiles, Clip: clip, Pace: p.script.Pace, Trace: p.book.trace(number), OnPacket: eye.take,
	})
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.actors = append(p.actors, a)
	p.mu.Unlock()
	return nil
}

// seated is whether a point is in the meeting with media.
func (a *actor) seated() bool {
	s := a.bot.State()
	return s.Up && s.Media == "connected" && s.View.Own != nil
}

func (p *play) why(a *actor) string {
	if code := a.bot.State().Refused; code != "" {
		return "refused, " + string(code)
	}
	if p.cfg.Fleet != nil {
		return "the server says: " + p.cfg.Fleet.Errors()
	}
	return "no answer from " + p.url
}

// measureJoin waits for the first picture of a point that has just come.
func (p *play) measureJoin(ctx context.Context, a *actor) {
	var first time.Time
	came := until(ctx, seatWait, func() bool { first, _ = a.eye.sight(); return !first.IsZero() })
	switch {
	case came:
		p.book.measure(report.JoinToPicture, first.Sub(a.came))
	case ctx.Err() == nil:
		p.book.find(report.NotJoined, a.eye.who, "no picture %v after it came: %s", seatWait, p.why(a))
	}
}

// openChair switches the chair point's microphone on, if it is to be.
func (p *play) openChair(ctx context.Context) {
	if p.script.Chair {
		p.book.permit(p.microphone(1), true)
		p.order(ctx, p.point(1), meeting.SwitchOn{})
	}
}

// openWatch makes the console look at the first cameras.
func (p *play) openWatch(ctx context.Context) {
	if p.script.Console == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	limit := p.watch.bot.State().Limits.Watch
	number := min(p.script.Console, len(p.book.names), limit)
	if err := p.watch.bot.Watch(ctx, p.book.names[:number]); err != nil {
		p.refused(p.watch, "media.watch", err)
	}
}

// present gives the content floor to the point that presents.
func (p *play) present(ctx context.Context) {
	if p.script.Content > 0 {
		p.order(ctx, p.watch, meeting.GrantFloor{Floor: meeting.FloorContent, Point: p.book.names[p.script.Content-1]})
	}
}

// order gives a command that must be carried out; a refusal is a finding,
// unless the server or the one who gives it was being disturbed.
func (p *play) order(ctx context.Context, a *actor, c meeting.Command) bool {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	_, err := a.bot.Do(ctx, c)
	if err == nil || p.rushing.Load() && expected(err) { // who is not in the queue is invited unasked
		return true
	}
	if !errors.Is(err, context.Canceled) && !p.down.Load() && !p.book.disturbed(a.number, begun) {
		p.refused(a, meeting.CommandName(c), err)
	}
	return false
}

func (p *play) refused(a *actor, command string, err error) {
	p.book.note(&p.book.refusals, 1)
	p.book.find(report.Refused, a.eye.who+", "+command, "%v", err)
}
