package signaling

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

const (
	watchLasts = 5 * time.Second  // after a console was last told
	aboveLasts = 15 * time.Second // after the node above last said that it looks
	belowLasts = 6 * time.Second  // of lines that were reported
)

// below is what this node passes on in a tree: what consoles here and above look
// at goes down, and how the lines of the points below are comes up. Its lock is
// held over no IO.
type below struct {
	mu      sync.Mutex
	watched map[meeting.ID]time.Time // by consoles here, and when last
	above   []meeting.ID             // by those above
	aboveAt time.Time
	lines   map[meeting.ID]map[meeting.NodePath]reportedLines // by the node directly below
}

type reportedLines struct {
	at    time.Time
	lines []wire.LineView
}

// watch notes that a console looks at the lines of a meeting.
func (b *below) watch(id meeting.ID, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watched[id] = now
}

// all lists what is looked at, and forgets what is not any more.
func (b *below) all(now time.Time) []meeting.ID {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.watched, func(_ meeting.ID, at time.Time) bool { return now.Sub(at) > watchLasts })
	ids := slices.Collect(maps.Keys(b.watched))
	if now.Sub(b.aboveAt) <= aboveLasts {
		ids = append(ids, b.above...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// put keeps what a node below reports, in place of what it reported before.
func (b *below) put(from meeting.NodePath, id meeting.ID, lines []wire.LineView, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, nodes := range b.lines {
		maps.DeleteFunc(nodes, func(_ meeting.NodePath, r reportedLines) bool { return now.Sub(r.at) > belowLasts })
		if len(nodes) == 0 {
			delete(b.lines, id)
		}
	}
	if b.lines[id] == nil {
		b.lines[id] = map[meeting.NodePath]reportedLines{}
	}
	b.lines[id][from] = reportedLines{now, lines}
}

// of gives what the nodes below have reported of late.
func (b *below) of(id meeting.ID, now time.Time) (all []wire.LineView) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.lines[id] {
		if now.Sub(r.at) <= belowLasts {
			all = append(all, r.lines...)
		}
	}
	return all
}

// Watched lists the meetings whose lines consoles of this node or of one above
// look at, and whether a wall of stills is open there.
func (s *Server) Watched() (ids []meeting.ID, stills bool) {
	now := time.Now()
	return s.below.all(now), s.stills.watched(now)
}

// WatchAbove takes what the node above says is looked at. It holds for 15 s.
func (s *Server) WatchAbove(ids []meeting.ID, stills bool) {
	now := time.Now()
	s.below.mu.Lock()
	s.below.above, s.below.aboveAt = slices.Clone(ids), now
	s.below.mu.Unlock()
	if stills {
		s.stills.look(now)
	}
}

// Lines reads how the lines of a meeting's points are, of this node and of those
// below, by point.
func (s *Server) Lines(id meeting.ID) []wire.LineView {
	all := append(s.ownLines(s.cfg.Meetings.Get(id)), s.below.of(id, time.Now())...)
	slices.SortStableFunc(all, func(a, b wire.LineView) int { return cmp.Compare(a.Point, b.Point) })
	return slices.CompactFunc(all, func(a, b wire.LineView) bool { return a.Point == b.Point }) // one that has moved is here
}

// LinesBelow takes what a node directly below reports. Whose points they are is
// the caller's to judge.
func (s *Server) LinesBelow(from meeting.NodePath, id meeting.ID, lines []wire.LineView) {
	s.below.put(from, id, lines, time.Now())
}

// StillSince gives the oldest still that is newer than a number, and its own
// number; false is none.
func (s *Server) StillSince(seq uint64) (still wire.Snapshot, number uint64, ok bool) {
	return s.stills.next(seq, time.Now())
}

// StillBelow takes a still of a point below; one that is no small JPEG is
// refused, one that comes too soon after another is left out.
func (s *Server) StillBelow(still wire.Snapshot) error {
	body, err := readStill(bytes.NewReader(still.JPEG))
	if err != nil {
		return err
	}
	if now := time.Now(); s.stills.may(still.Point, now) {
		s.stills.put(still.Point, body, now)
	}
	return nil
}
