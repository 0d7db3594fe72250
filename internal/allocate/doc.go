// Package allocate decides how the room on one client's line is shared: which
// layer each picture slot gets, and which get none. Sound is taken off first;
// it is never paused.
//
// It owns no goroutine, no lock and no clock; times are durations since an
// instant the caller chose. An Allocator has one owner.
package allocate
