package cascade

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// gallery is the rooms of one node: some points of its own, and what came up.
type gallery struct {
	mu      sync.Mutex
	looked  []meeting.ID // by a console of the node
	wall    bool
	aboveAt time.Time
	above   []meeting.ID
	hung    bool // above, a wall is open
	own     []meeting.PointID
	lines   map[meeting.PointID]int // of which a report came, and how many
	stills  []wire.Snapshot
	came    map[meeting.PointID]int
}

func (g *gallery) Watched() (ids []meeting.ID, stills bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	ids, stills = slices.Clone(g.looked), g.wall
	if time.Since(g.aboveAt) < 3*watchEvery {
		ids, stills = append(ids, g.above...), stills || g.hung
	}
	slices.Sort(ids)
	return slices.Compact(ids), stills
}

func (g *gallery) WatchAbove(ids []meeting.ID, stills bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.above, g.hung, g.aboveAt = ids, stills, time.Now()
}

func (g *gallery) Lines(meeting.ID) (all []wire.LineView) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range g.own {
		all = append(all, wire.LineView{Point: p, Word: wire.LineWeak, RTTMs: 40})
	}
	for p := range g.lines {
		all = append(all, wire.LineView{Point: p, Word: wire.LineWeak, RTTMs: 40})
	}
	return all
}

func (g *gallery) LinesBelow(_ meeting.NodePath, _ meeting.ID, lines []wire.LineView) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range lines {
		g.lines[l.Point]++
	}
}

func (g *gallery) StillSince(seq uint64) (still wire.Snapshot, number uint64, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if seq >= uint64(len(g.stills)) {
		return wire.Snapshot{}, 0, false
	}
	return g.stills[seq], seq + 1, true
}

func (g *gallery) StillBelow(still wire.Snapshot) error {
	if len(still.JPEG) == 0 {
		return errors.New("no picture")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stills = append(g.stills, still)
	g.came[still.Point]++
	return nil
}

// take puts a still of a point of the node on its wall.
func (g *gallery) take(p meeting.PointID, bytes int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stills = append(g.stills, wire.Snapshot{Point: p, JPEG: make([]byte, bytes)})
}

func (g *gallery) look(wall bool, ids ...meeting.ID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.looked, g.wall = ids, wall
}

// reports is how often a line of a point was reported, and how many stills of it came.
func (g *gallery) reports(p meeting.PointID) (lines, stills int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.lines[p], g.came[p]
}

// pass lets so much time of the bubble go by.
func pass(d time.Duration) { time.Sleep(d) }

// What a console looks at comes up from every tier, while it looks and no longer;
// what is at another node goes nowhere but up.
func TestAConsoleSeesThePointsOfTheNodesBelow(t *testing.T) {
	inBubble(t, village, func(t *testing.T, g *grove, _ *bubble) {
		top, second, last := g.rooms["a"], g.rooms["b"], g.rooms["d"]
		last.take("p-4", 9000)
		g.rooms["c"].take("p-3", 9000)
		pass(20 * time.Second)
		if lines, stills := top.reports("p-4"); lines+stills > 0 {
			t.Errorf("nobody looks, and %d reports and %d stills came", lines, stills)
		}
		top.look(false, "m")
		pass(10 * time.Second)
		if lines, stills := top.reports("p-4"); lines == 0 || stills > 0 {
			t.Errorf("no wall is open: %d reports and %d stills came", lines, stills)
		}
		top.look(true, "m")
		pass(10 * time.Second)
		for _, p := range []meeting.PointID{"p-2", "p-3", "p-4"} {
			if lines, _ := top.reports(p); lines < 2 {
				t.Errorf("%s: %d reports in 10 s, want some", p, lines)
			}
		}
		for _, p := range []meeting.PointID{"p-3", "p-4"} {
			if _, stills := top.reports(p); stills != 1 {
				t.Errorf("%s: %d stills, want the one there is", p, stills)
			}
		}
		if lines, stills := last.reports("p-3"); lines+stills > 0 {
			t.Error("something went down")
		}
		if lines, _ := second.reports("p-2"); lines > 0 {
			t.Error("the own came back")
		}
		top.look(false)
		pass(time.Minute)
		before, _ := top.reports("p-4")
		last.take("p-4", 9000)
		pass(time.Minute)
		if lines, stills := top.reports("p-4"); lines != before || stills != 1 {
			t.Errorf("nobody looks any more, and %d reports and %d stills came", lines-before, stills-1)
		}
	})
}

// Stills go by a small share of the line, one after another.
func TestStillsLeaveTheLineToOthers(t *testing.T) {
	inBubble(t, village, func(t *testing.T, g *grove, _ *bubble) {
		for range 100 {
			g.rooms["d"].take("p-4", wire.MaxSnapshot)
		}
		g.rooms["c"].look(true, "m")
		pass(30 * time.Second)
		_, early := g.rooms["c"].reports("p-4")
		pass(30 * time.Second)
		_, late := g.rooms["c"].reports("p-4")
		const frame = wire.MaxSnapshot*4/3 + 100
		if most := 30*stillLeast/8/frame + 2; late-early > most || late == early {
			t.Errorf("%d stills in 30 s, want some and %d at most", late-early, most)
		}
	})
}

// A node that reports on points that are not below it loses its link.
func TestANodeReportsOnItsOwnPointsOnly(t *testing.T) {
	for name, report := range map[string]func(*gallery){
		"a line":  func(g *gallery) { g.own = append(g.own, "p-1") },
		"a still": func(g *gallery) { g.take("p-1", 100) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, village, func(t *testing.T, g *grove, _ *bubble) {
				report(g.rooms["d"])
				g.rooms["c"].look(true, "m")
				pass(10 * time.Second)
				if g.down["c"].Refused()[CodePlace] == 0 {
					t.Error("the link was not closed")
				}
				if lines, stills := g.rooms["c"].reports("p-1"); lines+stills > 0 {
					t.Error("it was taken")
				}
			})
		})
	}
}
