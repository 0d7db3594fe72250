// Package rewrite holds the arithmetic of forwarding: it makes one continuous
// RTP stream (RFC 3550) out of pieces of many, so that a browser that watches
// a slot never notices that the slot was given to another camera.
//
// It owns no goroutine, no lock and no clock. Every value has exactly one
// owner; times are durations since an instant the caller chose.
package rewrite
