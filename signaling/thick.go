package signaling

import (
	"bytes"
	"time"
)

// thickEvery is how often a long section goes at most: each change of it is sent
// whole, and a flood of small changes must not become a flood of bytes.
const thickEvery = time.Second

// thick holds long sections back that went a moment ago. The zero value holds
// none.
type thick struct {
	C     <-chan time.Time // when what was held back is due
	timer *time.Timer
	went  [sections]time.Time
}

// thin leaves the long sections of a page that went a moment ago as the client
// has them. What is held back is the newest when it goes.
func (t *thick) thin(next, sent *page, most int) {
	now, due := time.Now(), thickEvery
	held := false
	for i, s := range next.sections {
		if len(s) <= most || sent != nil && bytes.Equal(s, sent.sections[i]) {
			continue
		}
		if wait := thickEvery - now.Sub(t.went[i]); wait > 0 && sent != nil && sent.sections[i] != nil {
			next.sections[i] = sent.sections[i]
			due, held = min(due, wait), true
			continue
		}
		t.went[i] = now
	}
	if held {
		t.arm(due)
	}
}

func (t *thick) arm(due time.Duration) {
	if t.timer == nil {
		t.timer = time.NewTimer(due)
		t.C = t.timer.C
		return
	}
	t.timer.Reset(due)
}

func (t *thick) stop() {
	if t.timer != nil {
		t.timer.Stop()
	}
}
