package focus

import (
	"slices"

	"github.com/giaoban/giaoban/internal/meeting"
)

// historySize is how many facts a meeting keeps at hand for links that were
// away for a moment; one that was away for longer begins with a snapshot.
const historySize = 512

// remember adds to the history; events that do not follow it begin a new one.
func (f *Focus) remember(events []meeting.Event) {
	if len(events) == 0 {
		return
	}
	if n := len(f.history); n > 0 && events[0].Seq != f.history[n-1].Seq+1 {
		f.history = nil
	}
	f.history = append(f.history, events...)
	if n := len(f.history); n > 2*historySize {
		f.history = slices.Clone(f.history[n-historySize:])
	}
}

// Since gives the newest update and the facts that lead to it from a log
// position; ok is false if they are not all at hand. The facts are shared and
// must not be changed.
func (f *Focus) Since(after meeting.Seq) (u *Update, events []meeting.Event, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	u = f.current.Load()
	switch n := len(f.history); {
	case u == nil || after > u.State.Seq:
		return u, nil, false
	case after == u.State.Seq:
		return u, nil, true
	case n == 0 || f.history[n-1].Seq != u.State.Seq || f.history[0].Seq > after+1:
		return u, nil, false
	default:
		return u, slices.Clip(f.history[after+1-f.history[0].Seq:]), true
	}
}
