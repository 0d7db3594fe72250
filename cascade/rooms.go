package cascade

import (
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

const (
	watchEvery = 5 * time.Second // what is looked at is said again, and at once when it changes
	linesEvery = 2 * time.Second

	// Stills go up after everything else: one part in so many of what the line
	// takes, none while it takes less than the media wants.
	stillShare = 32
	stillLeast = 64_000 // bits a second, of a line that is not known yet too
	stillBytes = 2 * wire.MaxSnapshot
	stillsOnce = 3
)

// Rooms is what a node knows of how its points look, and of who wants to see it.
type Rooms interface {
	Watch
	Looks
}

// Watch is what consoles look at: those of the node itself, and through the
// links those above.
type Watch interface {
	// Watched lists the meetings whose lines are looked at, here and above, and
	// whether a wall of stills is open.
	Watched() (meetings []meeting.ID, stills bool)
	// WatchAbove takes what is looked at above, for the next while.
	WatchAbove(meetings []meeting.ID, stills bool)
}

// Looks is how points look, those here and those below.
type Looks interface {
	// Lines reads how the lines of the points here and below are.
	Lines(id meeting.ID) []wire.LineView
	// LinesBelow takes those of the points below a node directly below.
	LinesBelow(from meeting.NodePath, id meeting.ID, lines []wire.LineView)
	// StillSince gives the oldest still newer than a number, and its own number.
	StillSince(seq uint64) (still wire.Snapshot, number uint64, ok bool)
	// StillBelow takes the still of a point below.
	StillBelow(still wire.Snapshot) error
}

// told is what the child was last told, and when.
type told struct {
	watchMsg
	at time.Time
}

// watch tells the child what is looked at, at once when it changes.
func (c *child) watch(now time.Time) {
	if c.sock == nil {
		return
	}
	ids, stills := c.d.cfg.Rooms.Watched()
	ids = slices.DeleteFunc(ids, func(id meeting.ID) bool { return c.attached[id] == nil }) // it has no part in
	ids = ids[:min(len(ids), maxMeetings)]
	same := stills == c.told.Stills && slices.Equal(ids, c.told.Meetings)
	if same && (now.Sub(c.told.at) < watchEvery || len(ids) == 0 && !stills) {
		return
	}
	c.told = told{watchMsg{Meetings: ids, Stills: stills}, now}
	c.sock.send(encode("watch", c.told.watchMsg))
}

// lines takes what the child reports of the points below it, and of no other.
func (c *child) lines(m *linesMsg) error {
	for _, l := range m.Lines {
		if !c.d.cfg.Tree().Holds(c.path, l.Point) {
			return violates(CodePlace, "the line of %.100s", l.Point)
		}
	}
	if c.attached[m.Meeting] != nil {
		c.d.cfg.Rooms.LinesBelow(c.path, m.Meeting, m.Lines)
	}
	return nil
}

// still takes the still of a point below the child.
func (c *child) still(m *stillMsg) error {
	if !c.d.cfg.Tree().Holds(c.path, m.Point) {
		return violates(CodePlace, "a still of %.100s", m.Point)
	}
	if err := c.d.cfg.Rooms.StillBelow(*m); err != nil {
		return violates(CodeMalformed, "a still of %.100s: %v", m.Point, err)
	}
	return nil
}

// window is what the child knows of the consoles above, and what it has shown
// them. It ends with the link.
type window struct {
	watchMsg
	linesAt time.Time
	still   uint64  // the newest sent
	room    float64 // bytes of stills that may go
	filled  time.Time
}

// watched takes what the parent says is looked at above.
func (s *upstate) watched(m *watchMsg) {
	s.window.watchMsg = *m
	s.cfg.Rooms.WatchAbove(m.Meetings, m.Stills)
}

// show sends up what consoles there look at.
func (s *upstate) show(now time.Time) {
	w := &s.window
	if s.sock == nil {
		return
	}
	if now.Sub(w.linesAt) >= linesEvery {
		w.linesAt = now
		for _, id := range w.Meetings {
			if lines := s.cfg.Rooms.Lines(id); len(lines) > 0 {
				s.sock.send(encode("lines", linesMsg{Meeting: id, Lines: lines[:min(len(lines), maxLines)]}))
			}
		}
	}
	if w.Stills {
		s.stills(now)
	}
}

// stills sends what stills there is room for.
func (s *upstate) stills(now time.Time) {
	w, rate := &s.window, uint64(stillLeast)
	if s.media != nil {
		stats := s.media.Stats()
		if stats.Starved {
			return
		}
		rate = max(rate, stats.Estimate/stillShare)
	}
	w.room = min(w.room+now.Sub(w.filled).Seconds()*float64(rate)/8, stillBytes)
	w.filled = now
	for range stillsOnce {
		if w.room <= 0 || len(s.sock.out) > 0 {
			return
		}
		still, number, ok := s.cfg.Rooms.StillSince(w.still)
		if !ok {
			return
		}
		frame := encode("still", still)
		w.still, w.room = number, w.room-float64(len(frame))
		s.sock.send(frame)
	}
}
