package sfu

import "time"

// turnMost is how many passes whoever has other work makes for one client.
const turnMost = 8

// Who serves a writer.
const (
	unserved    uint32 = iota
	served             // somebody,
	servedTwice        // who has to look once more
)

// serve sends what is waiting, here and now, if that can hold up nobody.
func (w *writer) serve() {
	if w.swift.Load() {
		w.take()
	} else {
		w.wakeUp()
	}
}

// take sends what is waiting; if somebody else is at it, that one looks once more.
func (w *writer) take() {
	for {
		switch state := w.state.Load(); {
		case state == servedTwice:
			return
		case state == unserved && w.state.CompareAndSwap(unserved, served):
			w.turn()
			return
		case state == served && w.state.CompareAndSwap(served, servedTwice):
			return
		}
	}
}

// turn serves the writer, until nothing waits or it has taken long enough: then
// its own goroutine goes on.
func (w *writer) turn() {
	defer w.peer.recovered()
	for range turnMost {
		if w.pass() {
			continue
		}
		if w.ticks() {
			w.wait(w.tick(w.now))
		}
		if w.state.CompareAndSwap(served, unserved) {
			return
		}
		w.state.Store(served)
	}
	w.state.Store(unserved)
	w.wakeUp()
}

// ticks reports whether anything may be due, or may be due at another time than
// was said.
func (w *writer) ticks() bool {
	return w.stirred || w.now >= time.Duration(w.due.Load()) || w.now-w.ticked >= lineEvery || !w.line.heard.empty() || !w.noPictures()
}

// wait says how long nothing is due.
func (w *writer) wait(most time.Duration) {
	due := int64(w.now + most)
	w.due.Store(due)
	if due < w.alarm.Load() {
		w.ring()
	}
}

// wakeUp has the writer's own goroutine serve it.
func (w *writer) wakeUp() {
	if !w.called.Swap(true) {
		w.ring()
	}
}

func (w *writer) ring() {
	select {
	case w.token <- struct{}{}:
	default: // it is about to look anyway
	}
}

// touch tells the writer that what its slots are wanted for has changed.
func (w *writer) touch() {
	w.changed.Store(true)
	w.wakeUp()
}

// run serves the writer when it is called and when something is due, until the
// peer ends.
func (w *writer) run() {
	timer := time.NewTimer(idleWait)
	defer timer.Stop()
	for {
		now := w.peer.sfu.now()
		if w.called.Swap(false) || w.due.Load() <= int64(now) {
			w.take()
		}
		due := w.due.Load()
		w.alarm.Store(due)
		due = min(due, w.due.Load()) // it may have been served before it saw the alarm
		timer.Reset(max(time.Duration(due)-now, time.Millisecond))
		select {
		case <-w.token:
		case <-timer.C:
		case <-w.peer.done:
			return
		}
	}
}
