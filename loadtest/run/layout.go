package run

import (
	"context"
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/loadtest"
	"github.com/giaoban/giaoban/loadtest/report"
)

// arrange is a layout of an arrangement with points in its tiles; a tile for a
// presentation shows it if there is one.
func (p *play) arrange(kind meeting.LayoutKind, numbers []int) meeting.SetLayout {
	l := meeting.Layout{Kind: kind}
	for i := range kind.Tiles() {
		switch {
		case kind == meeting.LayoutContent1 && i == 0 && p.script.Content > 0:
			l.Tiles = append(l.Tiles, meeting.Binding{Kind: meeting.BindContent})
		case i < len(numbers):
			l.Tiles = append(l.Tiles, meeting.Binding{Kind: meeting.BindPoint, Point: p.book.names[numbers[i]-1]})
		default:
			l.Tiles = append(l.Tiles, meeting.Binding{Kind: meeting.BindBlank})
		}
	}
	return meeting.SetLayout{Audience: meeting.AudienceAll, Layout: l}
}

// sources are what the tiles of a layout have to show.
func (p *play) sources(l meeting.Layout) []meeting.SourceKey {
	shown := make([]meeting.SourceKey, len(l.Tiles))
	for i, b := range l.Tiles {
		switch b.Kind {
		case meeting.BindPoint:
			shown[i] = meeting.SourceKey{Point: b.Point, Kind: meeting.Camera}
		case meeting.BindContent:
			shown[i] = meeting.SourceKey{Point: p.book.names[p.script.Content-1], Kind: meeting.Content}
		}
	}
	return shown
}

// layoutScript changes the picture again and again until the script is over.
func (p *play) layoutScript(ctx context.Context) {
	if p.script.Layout.Every == 0 {
		return
	}
	first := 0
	for n := 0; ; n++ {
		if !until(ctx, time.Hour, func() bool { return !p.down.Load() }) || left(ctx) < viewGrace {
			return
		}
		kind := meeting.LayoutKind(p.script.Layout.Kinds[n%len(p.script.Layout.Kinds)])
		numbers := make([]int, min(kind.Tiles(), p.script.Points))
		for i := range numbers {
			numbers[i] = (first+i)%p.script.Points + 1
		}
		first += len(numbers)
		p.show(ctx, p.arrange(kind, numbers))
	}
}

// show sets a layout, leaves it for its time, and then demands that everybody
// was told of it and saw it.
func (p *play) show(ctx context.Context, l meeting.SetLayout) {
	cast, s := p.cast(false), showing{epoch: p.epoch.Load(), since: time.Now(), sources: p.sources(l.Layout)}
	for _, a := range cast {
		for _, source := range s.sources {
			if source != (meeting.SourceKey{}) && p.number(source) != a.number && !carried(a.bot.State(), source) {
				a.eye.await(source, s.since)
			}
		}
	}
	set := p.order(ctx, p.watch, l)
	pause(ctx, p.script.Layout.Every.D())
	for _, a := range cast {
		var missed []meeting.SourceKey
		for _, source := range s.sources {
			if a.eye.giveUp(source) {
				missed = append(missed, source)
			}
		}
		if set && time.Since(s.since) >= viewGrace {
			p.judge(a, s, missed)
		}
	}
	if set {
		p.book.note(&p.book.layouts, 1)
	}
}

// showing is a layout that everybody is to show, since a time in an epoch.
type showing struct {
	epoch   int64
	since   time.Time
	sources []meeting.SourceKey
}

// judge demands that a point shows a layout.
func (p *play) judge(a *actor, s showing, missed []meeting.SourceKey) {
	if !p.calmSince(s.epoch, s.since, a.number, a.number) {
		return
	}
	if len(s.sources) == 1 && p.number(s.sources[0]) == a.number {
		return // alone on the screen, a room is shown the chair point instead of itself
	}
	if shown := tiles(a.bot.State()); !slices.Equal(shown, s.sources) {
		p.book.find(report.LayoutMissed, a.eye.who, "its view shows %v, the layout is %v", shown, s.sources)
		return
	}
	for _, source := range missed {
		if !p.book.disturbedPoint(source.Point, s.since) {
			p.book.find(report.LayoutMissed, a.eye.who, "no picture of %s %v after the layout", source, time.Since(s.since).Round(time.Millisecond))
		}
	}
}

// number is that of a source's point, 0 for a stranger.
func (p *play) number(k meeting.SourceKey) int { return slices.Index(p.book.names, k.Point) + 1 }

func tiles(s loadtest.State) []meeting.SourceKey {
	var list []meeting.SourceKey
	if s.View.Picture != nil {
		for _, t := range s.View.Picture.Tiles {
			list = append(list, t.Source)
		}
	}
	return list
}

// carried is whether one of the bot's slots is for a source.
func carried(s loadtest.State, k meeting.SourceKey) bool {
	return s.View.Slots != nil && slices.Contains(s.View.Slots.Video, k)
}
