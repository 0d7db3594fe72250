package run

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/loadtest"
	"github.com/giaoban/giaoban/loadtest/report"
	"github.com/giaoban/giaoban/loadtest/scenario"
)

// Config says what to play, and against which bridge.
type Config struct {
	Scenario *scenario.Scenario
	Links    Links
	Fleet    *Fleet              // of a local run; nil for somebody else's bridge
	PID      int                 // of the bridge, if it runs on this machine; 0 measures no server
	Version  string              // of this program
	base     int                 // numbers of points that other meetings have in their traces
	lag      time.Duration       // after which the scripts begin: meetings at one time do not keep step
	Progress func(report.Sample) // called every second; it must not block
}

// play is one run.
type play struct {
	cfg      Config
	script   *scenario.Scenario
	url      string // of the console's node
	book     *book
	ledger   *ledger
	detector loadtest.Detector
	heart    heartbeat
	tiles    int // the most any arrangement of the script has

	down    atomic.Bool  // the server is being killed; scripts wait
	rushing atomic.Bool  // every point asks for the floor
	epoch   atomic.Int64 // kills so far: what began in an earlier one is not judged
	floor   atomic.Pointer[string]

	mu     sync.Mutex
	actors []*actor          // those who have come, in order
	watch  *actor            // the console
	feed   *loadtest.Visitor // the relay source
}

// actor is a bot and its inspector.
type actor struct {
	bot    *loadtest.Bot
	eye    *inspector
	number int    // of the point, 0 for the console
	tier   string // of its node; "" without a tree
	came   time.Time
}

// Run plays the scenario to its end and reports. The error says why there was
// no run; what went wrong in one is in its report.
func Run(ctx context.Context, cfg Config) (*report.Report, error) {
	p, err := newPlay(cfg)
	if err != nil {
		return nil, err
	}
	defer p.close()
	watched, stop := context.WithCancel(ctx)
	var staff sync.WaitGroup
	staff.Go(func() { p.heart.run(watched) })
	staff.Go(func() { p.ledger.run(watched) })
	k := newClerk(p)
	staff.Go(func() { k.run(watched) })
	err = p.perform(ctx)
	stop()
	staff.Wait()
	if err != nil {
		return nil, err
	}
	return k.report(), nil
}

func newPlay(cfg Config) (*play, error) {
	s := cfg.Scenario
	if len(cfg.Links.Rooms) < s.Points {
		return nil, fmt.Errorf("the scenario has %d points, the bridge %d rooms", s.Points, len(cfg.Links.Rooms))
	}
	if err := possible(s, cfg.Fleet); err != nil {
		return nil, err
	}
	url, err := socket(cfg.Links.URL)
	if err != nil {
		return nil, err
	}
	names := make([]meeting.PointID, s.Points)
	homes := make([]string, s.Points)
	for i := range names {
		names[i], homes[i] = cfg.Links.Rooms[i].Point, cfg.Links.Rooms[i].Node
	}
	p := &play{cfg: cfg, script: s, url: url, book: newBook(names), ledger: newLedger(cfg.Fleet), tiles: 4}
	p.book.homes, p.book.base = homes, cfg.base
	for _, kind := range s.Layout.Kinds {
		p.tiles = max(p.tiles, meeting.LayoutKind(kind).Tiles())
	}
	if cfg.Progress == nil {
		p.cfg.Progress = func(report.Sample) {}
	}
	return p, nil
}

// possible says why a scenario cannot be played against this bridge.
func possible(s *scenario.Scenario, f *Fleet) error {
	if f == nil && (s.Kills() || s.Lines() || s.Tree != scenario.OneNode) {
		return fmt.Errorf("scenario %s starts or harms nodes: only \"loadtest local\" can play it", s.Name)
	}
	for _, fault := range s.Faults {
		if fault.Do != scenario.CutLine && fault.Do != scenario.LosePackets && fault.Do != scenario.KillNode {
			continue
		}
		code, node := f.node(fault.Node)
		switch {
		case node == nil:
			return fmt.Errorf("scenario %s: the tree has no node %q", s.Name, fault.Node)
		case fault.Do == scenario.CutLine && f.line(code) == nil:
			return fmt.Errorf("scenario %s cuts the line above node %q: it needs --netns, and a node that has one above", s.Name, code)
		case fault.Do == scenario.LosePackets && f.access(code) == nil:
			return fmt.Errorf("scenario %s loses packets: it needs --netns", s.Name)
		}
	}
	return nil
}

// perform is the whole evening: the points come, the scripts run together, and
// those who cheated show at last that they would have been heard.
func (p *play) perform(ctx context.Context) error {
	if err := p.gather(ctx); err != nil {
		return err
	}
	end, cancel := context.WithTimeout(ctx, p.script.Duration.D())
	defer cancel()
	var scripts sync.WaitGroup
	for _, script := range []func(context.Context){p.floorScript, p.layoutScript, p.faultScript} {
		scripts.Go(func() {
			if pause(end, p.cfg.lag) {
				script(end)
			}
		})
	}
	<-end.Done()
	scripts.Wait()
	p.hearFeed()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("the run was stopped: %w", err)
	}
	p.control(ctx)
	return nil
}

// close sends everybody home, together.
func (p *play) close() {
	p.mu.Lock()
	all := append([]*actor{}, p.actors...)
	if p.watch != nil {
		all = append(all, p.watch)
	}
	feed := p.feed
	p.mu.Unlock()
	var leaving sync.WaitGroup
	if feed != nil {
		leaving.Go(func() { _ = feed.Close() }) // its visit is the server's to end
	}
	for _, a := range all {
		leaving.Go(func() { a.bot.Close() })
	}
	leaving.Wait()
}

// cast lists who has come; with the console, if it looks at anything.
func (p *play) cast(console bool) []*actor {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := append([]*actor{}, p.actors...)
	if console && p.script.Console > 0 && p.watch != nil {
		all = append(all, p.watch)
	}
	return all
}

// point is the actor with a number, once it has come.
func (p *play) point(number int) *actor {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.actors {
		if a.number == number {
			return a
		}
	}
	return nil
}

func (p *play) camera(number int) meeting.SourceKey {
	return meeting.SourceKey{Point: p.book.names[number-1], Kind: meeting.Camera}
}

func (p *play) microphone(number int) meeting.SourceKey {
	return meeting.SourceKey{Point: p.book.names[number-1], Kind: meeting.Microphone}
}

// pause waits, and reports false if the script is over.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// until asks again and again whether something is so, at most so long.
func until(ctx context.Context, most time.Duration, so func() bool) bool {
	const often = 20 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for !so() {
		if !pause(ctx, often) {
			return so()
		}
	}
	return true
}
