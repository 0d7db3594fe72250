package run

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
	"github.com/giaoban/giaoban/loadtest"
	"github.com/giaoban/giaoban/loadtest/report"
	"github.com/giaoban/giaoban/loadtest/scenario"
)

// comeByWHIP brings the relay source in (Art 5.4.a), as an encoder (RFC 9725):
// it sends picture and sound from the first moment, and sees nothing.
func (p *play) comeByWHIP(ctx context.Context, number int, clip *testmedia.Clip) error {
	room := p.cfg.Links.Rooms[number-1]
	ctx, cancel := context.WithTimeout(ctx, seatWait)
	defer cancel()
	v, err := loadtest.Visit(ctx, loadtest.Config{
		URL: strings.TrimSuffix(room.URL, "/") + "/whip", Token: room.Token, Clip: clip, Pace: p.script.Pace, Trace: p.book.trace(number),
	})
	if err != nil {
		return fmt.Errorf("the relay source %s did not get in: %w", room.Point, err)
	}
	p.mu.Lock()
	p.feed = v
	p.mu.Unlock()
	return nil
}

// openFeed gives the order on record that lets everybody hear the relay source.
// Until then its sound goes nowhere.
func (p *play) openFeed(ctx context.Context) error {
	if p.script.Feed == 0 {
		return nil
	}
	if p.script.Feed > scenario.Base {
		return fmt.Errorf("the relay source must be one of the first %d points", scenario.Base)
	}
	if !pause(ctx, soundGrace) {
		return ctx.Err()
	}
	source := p.microphone(p.script.Feed)
	p.book.permit(source, true)
	p.order(ctx, p.watch, meeting.OpenFeed{Point: source.Point, Who: "Văn phòng Trung ương", Document: "L5"})
	return nil
}

// hearFeed demands that everybody hears the relay source to the end.
func (p *play) hearFeed() {
	if p.script.Feed == 0 {
		return
	}
	source := p.microphone(p.script.Feed)
	for _, a := range p.cast(false) {
		if at := a.eye.lastHeard(source); time.Since(at) > dark && !p.book.disturbed(a.number, time.Now()) {
			p.book.find(report.NotHeard, a.eye.who, "it does not hear the relay source %s for %v", source.Point, dark)
		}
	}
}
