package main

import (
	"context"
	"sync/atomic"

	"github.com/giaoban/giaoban/internal/lines"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/sfu"
)

// recall is what the media remembers of lines. The media port opens before the
// store, and no client comes before both are open; until then it knows nothing.
type recall struct{ memory atomic.Pointer[lines.Memory] }

// Line is sfu.Lines.
func (r *recall) Line(point meeting.PointID) sfu.Line {
	if m := r.memory.Load(); m != nil {
		return m.Line(point)
	}
	return sfu.Line{}
}

// Learned is sfu.Lines.
func (r *recall) Learned(point meeting.PointID, bps uint64) {
	if m := r.memory.Load(); m != nil {
		m.Learned(point, bps)
	}
}

// openLines reads what the lines of points took before. It closes after the
// clients have left, which is when the last is learned.
func (n *node) openLines(ctx context.Context, o *office) error {
	m, err := lines.Open(ctx, n.store, o.directory.Ceiling, n.log)
	if err != nil {
		return err
	}
	n.recall.memory.Store(m)
	n.closers = append(n.closers, m.Close)
	return nil
}
