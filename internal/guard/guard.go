// Package guard keeps a panic where it happened. Every goroutine of the product
// runs under it (a house rule that archtest holds): one that breaks is logged with
// its stack, counted, and closes what it was answerable for (the gates of its
// meeting, its link, its socket), while the rest of the node goes on.
//
// The package has no goroutine and no lock. A Scope may be used by many goroutines
// at once if its functions may.
package guard

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Scope is what a goroutine is answerable for.
type Scope struct {
	// Name says in the log what broke.
	Name string
	// Log receives one event for each panic; nil discards it.
	Log *slog.Logger
	// Panics counts them; nil counts nothing.
	Panics *atomic.Uint64
	// Shut closes what must not stay open behind a panic. It runs on the
	// goroutine that broke, before anything else goes on; nil closes nothing.
	Shut func()
}

// Again is how soon after a panic another ends what Keep keeps going.
const Again = time.Minute

// Try runs f and reports whether it returned. If it panicked, what the scope is
// answerable for is closed. Loops run each of their turns under it, and go on.
func (s Scope) Try(f func()) (whole bool) {
	defer func() {
		if broken := recover(); broken != nil {
			s.broke(broken)
		}
	}()
	f()
	return true
}

// Run runs f once: the body of a goroutine that ends if it breaks.
func (s Scope) Run(f func()) { s.Try(f) }

// Func is Run as the argument of WaitGroup.Go and its like.
func (s Scope) Func(f func()) func() { return func() { s.Try(f) } }

// Keep runs f until it returns. If it panics it is run anew, once: a second panic
// within Again is the end of it. f must be able to begin again.
func (s Scope) Keep(f func()) {
	for broke := (time.Time{}); ; broke = time.Now() {
		if s.Try(f) || !broke.IsZero() && time.Since(broke) < Again {
			return
		}
	}
}

// broke is called on the goroutine that panicked. What Shut does wrong is said too.
func (s Scope) broke(broken any) {
	if s.Panics != nil {
		s.Panics.Add(1)
	}
	log := s.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	log.Error("a goroutine broke", "what", s.Name, "panic", fmt.Sprint(broken), "stack", string(debug.Stack()))
	if s.Shut == nil {
		return
	}
	defer func() {
		if again := recover(); again != nil {
			log.Error("what broke could not be closed", "what", s.Name, "panic", fmt.Sprint(again))
		}
	}()
	s.Shut()
}

// KeepFunc is Keep as the argument of WaitGroup.Go and its like.
func (s Scope) KeepFunc(f func()) func() { return func() { s.Keep(f) } }
