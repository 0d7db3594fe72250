package run

import (
	"context"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/loadtest"
	"github.com/giaoban/giaoban/loadtest/report"
	"github.com/giaoban/giaoban/loadtest/scenario"
)

// cheats is whether a point cheats in the script: it never has the floor.
func (p *play) cheats(number int) bool {
	for _, f := range p.script.Faults {
		if f.Do == scenario.Cheat && f.Point == number {
			return true
		}
	}
	return false
}

// floorScript lets the points speak in turn until the script is over.
func (p *play) floorScript(ctx context.Context) {
	if p.script.Floor.Every == 0 {
		return
	}
	next := time.Now()
	for number, turn := 1, 0; ; {
		number = number%p.script.Points + 1
		if number == 1 || number == p.script.Feed || p.cheats(number) || p.book.disturbed(number, time.Now()) {
			if !pause(ctx, time.Millisecond) {
				return
			}
			continue
		}
		if time.Until(next)+p.script.Floor.Speak.D()+soundGrace > left(ctx) || !pause(ctx, time.Until(next)) {
			return // a turn that cannot be finished proves nothing
		}
		next = time.Now().Add(p.script.Floor.Every.D())
		p.turn(ctx, p.point(number), turn%3 == 2)
		turn++
	}
}

// left is how long a script still has.
func left(ctx context.Context) time.Duration {
	end, ok := ctx.Deadline()
	if !ok {
		return time.Hour
	}
	return time.Until(end)
}

// turn is one point's speech: it asks, is invited, presses OK, speaks, and
// gives the floor back or is cut.
func (p *play) turn(ctx context.Context, a *actor, release bool) {
	epoch, name := p.epoch.Load(), p.book.names[a.number-1]
	if !p.order(ctx, a, meeting.RequestFloor{Floor: meeting.FloorSpeech}) {
		return
	}
	granted := time.Now()
	if !p.order(ctx, p.watch, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: name}) {
		return
	}
	wait, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	if _, err := a.bot.Wait(wait, "the invitation", func(s loadtest.State) bool { return s.Mic() == wire.MicInvited }); err != nil {
		return // the audible measure, or the lack of any, tells
	}
	p.book.measure(report.GrantToInvited, time.Since(granted))
	p.speak(ctx, a, epoch)
	p.finish(ctx, a, epoch, release)
}

// speak presses OK and demands that everybody else hears it.
func (p *play) speak(ctx context.Context, a *actor, epoch int64) {
	source, listeners, since := p.microphone(a.number), p.cast(true), time.Now()
	who := a.eye.who
	p.floor.Store(&who)
	p.book.permit(source, true)
	for _, l := range listeners {
		if l != a && l.bot.State().Media == "connected" {
			l.eye.await(source, since)
		}
	}
	pressed := p.order(ctx, a, meeting.SwitchOn{})
	pause(ctx, p.script.Floor.Speak.D())
	for _, l := range listeners {
		missed := l.eye.giveUp(source)
		if missed && pressed && p.calmSince(epoch, since, l.number, a.number) && time.Since(since) >= soundGrace {
			p.book.find(report.NotHeard, l.eye.who, "it does not hear %s %v after OK", who, time.Since(since).Round(time.Millisecond))
		}
	}
}

// finish ends a speech and measures when each of the others heard the last of it.
func (p *play) finish(ctx context.Context, a *actor, epoch int64, release bool) {
	source, since := p.microphone(a.number), time.Now()
	p.book.permit(source, false)
	var done bool
	if release {
		done = p.order(ctx, a, meeting.ReleaseFloor{Floor: meeting.FloorSpeech})
	} else {
		done = p.order(ctx, p.watch, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: source.Point})
	}
	p.floor.Store(nil)
	pause(ctx, soundGrace)
	if !done || !p.calmSince(epoch, since, 0, a.number) {
		return
	}
	for _, l := range p.cast(true) {
		at := l.eye.lastHeard(source)
		if l != a && since.Sub(at) < p.script.Floor.Speak.D() { // it heard this turn
			p.book.measure(report.RevokeToSilent, max(at.Sub(since), 0))
		}
	}
	p.book.note(&p.book.turns, 1)
}

// calmSince is whether nothing was disturbed on purpose that these two points
// have to do with, since a time in an epoch.
func (p *play) calmSince(epoch int64, since time.Time, one, other int) bool {
	return p.epoch.Load() == epoch && !p.down.Load() && !p.book.disturbed(one, since) && !p.book.disturbed(other, since)
}
