package focus

import (
	"log/slog"
	"time"
)

// A step of the node's clock: how far it must be from the meeting's time to be
// one, and how long it must stay so before the meeting follows it.
const (
	clockStep   = 2 * time.Second
	clockSettle = time.Minute
)

// clock is a meeting's time. It runs with the node's monotonic clock, so that a
// turn lasts as long as it was given and an absence ends, whatever is done to the
// node's clock meanwhile: a clock set back does not stop it, and one that jumps
// ahead and back again is never followed. A clock that has been ahead for
// clockSettle is: an NTP that came late is right, and what is due then closes.
// It never runs backwards, nor behind the log.
type clock struct {
	wall    func() time.Time
	elapsed func() time.Duration // monotonic
	log     *slog.Logger

	at     time.Time     // the meeting's time
	then   time.Duration // when it was that
	since  time.Duration // of a step that is not followed yet; -1 is none
	behind bool          // and whether it is back, which never is
}

func newClock(cfg *Config, log *slog.Logger) clock {
	return clock{wall: cfg.Now, elapsed: cfg.Elapsed, log: log, since: -1}
}

// now is the meeting's time, as a journal gives it back, at or after floor, the
// time of the log's last event.
func (c *clock) now(floor time.Time) time.Time {
	wall, mono := c.wall().UTC().Round(0), c.elapsed()
	if c.at.IsZero() {
		c.at, c.then = wall, mono
	}
	c.at, c.then = c.at.Add(mono-c.then), mono
	switch off := wall.Sub(c.at); {
	case off >= clockStep:
		c.stepped(false, off, mono)
		if mono-c.since >= clockSettle {
			c.at, c.since = wall, -1
		}
	case off <= -clockStep:
		c.stepped(true, off, mono)
	case off > 0:
		c.at, c.since = wall, -1
	default:
		c.since = -1
	}
	if c.at.Before(floor) {
		c.at = floor
	}
	return c.at
}

// stepped notes that the node's clock is elsewhere than the meeting's time.
func (c *clock) stepped(behind bool, off, mono time.Duration) {
	if c.since >= 0 && c.behind == behind {
		return
	}
	c.since, c.behind = mono, behind
	c.log.Warn("the clock of this machine was stepped; the meeting's time runs on", "by", off)
}
