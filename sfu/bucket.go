package sfu

import "time"

// bucket lets some events past at once and one per interval in the long run.
// It only knows when the events it let past would have been due one by one.
// The zero value is full.
type bucket struct{ due time.Duration }

// take reports whether an event may happen now.
func (b *bucket) take(now, interval time.Duration, atOnce int) bool {
	due := max(b.due, now) + interval
	if due-now > time.Duration(atOnce)*interval {
		return false
	}
	b.due = due
	return true
}
