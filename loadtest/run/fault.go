package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
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
		p.kill(ctx, f)
	case scenario.CutLine:
		p.cutLine(ctx, f)
	case scenario.LosePackets:
		p.losePackets(ctx, f)
	case scenario.Rush:
		p.rush(ctx, f)
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

// kill kills a node, starts it again, and demands that everybody whose way to
// the meeting it is comes back by themselves, with their pictures.
func (p *play) kill(ctx context.Context, f scenario.Fault) {
	code, server := p.cfg.Fleet.node(f.Node)
	victims := p.victims(code)
	end := p.harm(victims)
	defer end()
	p.book.note(&p.book.restarts, 1)
	if err := server.Restart(ctx); err != nil {
		p.book.find(report.NotBack, server.name(), "%v: %s", err, p.cfg.Fleet.Errors())
		return
	}
	p.awaitBack(ctx, victims, "the server")
}

// cutLine cuts the line above a node for a time, and demands the same.
func (p *play) cutLine(ctx context.Context, f scenario.Fault) {
	code, _ := p.cfg.Fleet.node(f.Node)
	victims := p.victims(code)
	end := p.harm(victims)
	defer end()
	line := p.cfg.Fleet.line(code)
	line.Cut()
	pause(ctx, f.For.D())
	line.Heal()
	p.awaitBack(ctx, victims, "the line")
}

// losePackets loses a share of what a node gets from its points. They are
// judged all the same, but for packets that are missing; a fault that harmed
// nothing has shown nothing.
func (p *play) losePackets(ctx context.Context, f scenario.Fault) {
	code, _ := p.cfg.Fleet.node(f.Node)
	for _, a := range p.victims(code) {
		a.eye.forgive()
	}
	access := p.cfg.Fleet.access(code)
	before := access.Lost()
	if err := access.Lose(f.Share); err != nil {
		p.book.find(report.NothingMeasured, "lose-packets", "%v", err)
	}
	pause(ctx, f.For.D())
	if err := access.Lose(0); err != nil {
		p.book.find(report.NothingMeasured, "lose-packets", "%v", err)
	}
	if access.Lost() == before && ctx.Err() == nil {
		p.book.find(report.NothingMeasured, "lose-packets", "no packet was lost")
	}
}

// rush makes every point ask for the floor over a time, and take it back: each
// is answered once, and none is lost.
func (p *play) rush(ctx context.Context, f scenario.Fault) {
	all := p.cast(false)
	p.rushing.Store(true)
	defer p.rushing.Store(false)
	var asking sync.WaitGroup
	defer asking.Wait()
	for _, a := range all {
		if a.number == 1 || p.cheats(a.number) || p.book.disturbed(a.number, time.Now()) {
			continue
		}
		asking.Go(func() {
			if _, err := a.bot.Do(ctx, meeting.RequestFloor{Floor: meeting.FloorSpeech}); err == nil {
				pause(ctx, f.For.D())
				_, _ = a.bot.Do(ctx, meeting.CancelRequest{Floor: meeting.FloorSpeech}) // it may have been invited meanwhile
			} else if !expected(err) && ctx.Err() == nil {
				p.refused(a, "floor.request", err)
			}
		})
		pause(ctx, f.For.D()/time.Duration(len(all)))
	}
}

// expected reports whether an answer to a request in a rush is a good one: the
// point has asked already, or the queue is full.
func expected(err error) bool {
	var why *meeting.Error
	return errors.As(err, &why) && (why.Code == meeting.CodeFloorAlready || why.Code == meeting.CodeFloorQueueFull)
}

// victims are the actors whose way to the meeting leads over a node: all, for
// the root.
func (p *play) victims(code tree.Code) []*actor {
	points := p.cfg.Fleet.beyond(code)
	all := p.cast(true)
	if points == nil {
		return all
	}
	return slices.DeleteFunc(all, func(a *actor) bool {
		return a.number == 0 && p.cfg.Fleet.above(code) || a.number > 0 && !slices.Contains(points, p.book.names[a.number-1])
	})
}

// harm begins a disturbance of actors on purpose, and gives what ends it.
func (p *play) harm(victims []*actor) (end func()) {
	whole := len(victims) == len(p.cast(true))
	p.epoch.Add(1)
	if whole {
		p.down.Store(true)
		p.book.hush()
	}
	for _, a := range victims {
		if a.number > 0 {
			p.book.permit(p.microphone(a.number), false)
			p.book.disturb(a.number, time.Now().Add(time.Hour))
		}
	}
	return func() {
		for _, a := range victims {
			if a.number > 0 {
				p.book.calm(a.number, time.Now().Add(killTrouble))
			}
		}
		p.down.Store(false)
	}
}

// awaitBack waits until all victims are back, and sets the stage anew.
func (p *play) awaitBack(ctx context.Context, victims []*actor, what string) {
	returned := time.Now()
	var waiting sync.WaitGroup
	for _, a := range victims {
		waiting.Go(func() {
			back := until(ctx, killWait, func() bool { return a.back(returned) })
			switch {
			case back:
				p.book.measure(report.Recovery, time.Since(returned))
			case ctx.Err() == nil:
				p.book.find(report.NotBack, a.eye.who, "no picture %v after %s was back", killWait, what)
			}
		})
	}
	waiting.Wait()
	if len(victims) == len(p.cast(true)) {
		p.order(ctx, p.watch, meeting.CloseAll{}) // whoever spoke has the floor still
		p.openChair(ctx)
		p.openWatch(ctx)
		p.present(ctx)
	}
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
