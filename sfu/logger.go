package sfu

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/pion/logging"
)

// pionLog passes Pion's errors on, at most one per scope and period, because
// Pion logs by the packet. The rest is dropped.
type pionLog struct{ log *slog.Logger }

// NewLogger gives the logger of one part of Pion.
func (f *pionLog) NewLogger(scope string) logging.LeveledLogger {
	return &pionScope{log: f.log, scope: scope}
}

const pionPeriod = 10 * time.Second

type pionScope struct {
	log    *slog.Logger
	scope  string
	last   atomic.Int64 // unix nanoseconds
	unsaid atomic.Uint64
}

func (s *pionScope) say(text func() string) {
	now, last := time.Now().UnixNano(), s.last.Load()
	if now-last < int64(pionPeriod) || !s.last.CompareAndSwap(last, now) {
		s.unsaid.Add(1)
		return
	}
	s.log.Debug("pion error", "scope", s.scope, "text", text(), "unsaid", s.unsaid.Swap(0))
}

// Error and Errorf are passed on; every other level is dropped.
func (s *pionScope) Error(msg string) { s.say(func() string { return msg }) }

// Errorf is Error with a format.
func (s *pionScope) Errorf(format string, args ...any) {
	s.say(func() string { return fmt.Sprintf(format, args...) })
}

// Trace is dropped.
func (*pionScope) Trace(string) {}

// Tracef is dropped.
func (*pionScope) Tracef(string, ...any) {}

// Debug is dropped.
func (*pionScope) Debug(string) {}

// Debugf is dropped.
func (*pionScope) Debugf(string, ...any) {}

// Info is dropped.
func (*pionScope) Info(string) {}

// Infof is dropped.
func (*pionScope) Infof(string, ...any) {}

// Warn is dropped.
func (*pionScope) Warn(string) {}

// Warnf is dropped.
func (*pionScope) Warnf(string, ...any) {}
