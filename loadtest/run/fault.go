package run

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/loadtest"
	"github.com/giaoban/giaoban/loadtest/report"
	"github.com/giaoban/giaoban/loadtest/scenario"
)

const (
	socketTrouble = 6 * time.Second  // a lost socket: the server holds the session for 5 s
	reloadTrouble = 8 * time.Second  // a reloaded page
	killTrouble   = 2 * time.Second  // after everybody is back
	killWait      = 30 * time.Second // for everybody
	cheatsAtOnce  = 10               // packets of one way
	cheatLabel    = "cheat/"
	controlLabel  = "control/"
)

// faultScript lets happen what is to go wrong, each at its time.
func (p *play) faultScript(ctx context.Context) {
	var happening sync.WaitGroup
	defer happening.Wait()
	for _, f := range p.script.Faults {
		happening.Go(func() {
			if pause(ctx, f.At.D()) {
				p.happen(ctx, f)
			}
		})
	}
}

func (p *play) happen(ctx context.Context, f scenario.Fault) {
	switch f.Do {
	case scenario.KillNode:
		p.kill(ctx)
	case scenario.DropSocket:
		p.book.disturb(f.Point, time.Now().Add(socketTrouble))
		p.point(f.Point).bot.DropSocket()
	case scenario.Reload:
		p.book.disturb(f.Point, time.Now().Add(reloadTrouble))
		p.book.permit(p.microphone(f.Point), false)
		p.point(f.Point).bot.Reload()
	case scenario.Cheat:
		p.cheat(ctx, f)
	}
}

// kill kills the server, starts it again, and demands that everybody comes
// back by themselves, with their pictures.
func (p *play) kill(ctx context.Context) {
	p.down.Store(true)
	defer p.down.Store(false)
	p.epoch.Add(1)
	p.book.hush()
	p.book.disturb(0, time.Now().Add(time.Hour))
	defer func() { p.book.calm(time.Now().Add(killTrouble)) }()
	p.book.note(&p.book.restarts, 1)
	if err := p.cfg.Server.Restart(ctx); err != nil {
		p.book.find(report.NotBack, "server", "%v: %s", err, p.cfg.Server.Errors())
		return
	}
	returned := time.Now()
	var waiting sync.WaitGroup
	for _, a := range p.cast(true) {
		waiting.Go(func() {
			back := until(ctx, killWait, func() bool { return a.back(returned) })
			switch {
			case back:
				p.book.measure(report.Recovery, time.Since(returned))
			case ctx.Err() == nil:
				p.book.find(report.NotBack, a.eye.who, "no picture %v after the server was back", killWait)
			}
		})
	}
	waiting.Wait()
	p.order(ctx, p.watch, meeting.CloseAll{}) // whoever spoke has the floor still
	p.openChair(ctx)
	p.openWatch(ctx)
	p.present(ctx)
}

// back is whether an actor is connected again and sees what it is shown.
func (a *actor) back(since time.Time) bool {
	s := a.bot.State()
	_, newest := a.eye.sight()
	if !s.Up || s.Media != "connected" || s.View.Slots == nil {
		return false
	}
	for _, k := range s.View.Slots.Video {
		if k != (meeting.SourceKey{}) {
			return newest.After(since)
		}
	}
	return true
}

// cheat sends sound without a grant, by every way in turn, for a time. It goes
// on through lost sockets, reloads and kills.
func (p *play) cheat(ctx context.Context, f scenario.Fault) {
	ctx, cancel := context.WithTimeout(ctx, f.For.D())
	defer cancel()
	a := p.point(f.Point)
	for n := 0; ctx.Err() == nil; n++ {
		way := loadtest.Ways()[n%len(loadtest.Ways())]
		sent, err := a.bot.Cheat(ctx, way, fmt.Sprintf("%s%s/%s", cheatLabel, a.eye.who, way), cheatsAtOnce)
		p.book.note(&p.book.cheated, sent)
		if err != nil {
			pause(ctx, 100*time.Millisecond) // without media there is nothing to cheat with
		}
	}
}

// heard counts the packets of the detector whose label begins so.
func (p *play) heardCheats(prefix string) (n int) {
	for label, packets := range p.detector.Labels() {
		if strings.HasPrefix(label, prefix) {
			n += packets
		}
	}
	return n
}

// control gives the floor to each point that cheated: the same packets must be
// heard now, or their silence before proves nothing.
func (p *play) control(ctx context.Context) {
	for _, a := range p.cast(false) {
		if !p.cheats(a.number) {
			continue
		}
		source := p.microphone(a.number)
		p.order(ctx, p.watch, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: source.Point})
		p.book.permit(source, true)
		p.order(ctx, a, meeting.SwitchOn{})
		until(ctx, answerWait, func() bool { return a.bot.State().Speaking() })
		if _, err := a.bot.Cheat(ctx, loadtest.WayMicrophone, controlLabel+a.eye.who, cheatsAtOnce); err != nil {
			p.book.find(report.NothingMeasured, a.eye.who, "the control of the cheats could not be sent: %v", err)
		}
		if !until(ctx, viewGrace, func() bool { return p.heardCheats(controlLabel+a.eye.who) > 0 }) {
			p.book.find(report.NothingMeasured, a.eye.who, "its packets are not heard with the gate open either")
		}
		p.book.permit(source, false)
		p.order(ctx, p.watch, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: source.Point})
	}
}
