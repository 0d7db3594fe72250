package focus

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/giaoban/giaoban/internal/meeting"
)

// A turn of one minute that closes is over after one minute, whatever becomes of
// the node's clock while it lasts.
func TestClock_ATurnLastsAsLongAsItWasGiven(t *testing.T) {
	for name, jumps := range map[string][]time.Duration{
		"steady":                   {0},
		"set back":                 {-time.Hour},
		"a day ahead and back":     {24 * time.Hour, -24 * time.Hour},
		"back and ahead":           {-24 * time.Hour, 24 * time.Hour},
		"ahead, again and again":   {time.Hour, -time.Hour, time.Hour, -time.Hour},
		"a little back, ten times": {-time.Second, -time.Second, -time.Second, -time.Second, -time.Second, -time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			onStage(t, func(t *testing.T, s *stage) {
				var off atomic.Int64
				began := time.Now()
				s.registry.Close()
				s.registry = NewRegistry(Config{
					Journal: s.journal, Media: s.media,
					Now:     func() time.Time { return time.Now().Add(time.Duration(off.Load())).Round(0) },
					Elapsed: func() time.Duration { return time.Since(began) },
				})
				f := s.create()
				s.must(f, node, meeting.Connect{Point: "p2", Device: "d2"})
				off.Add(int64(jumps[0]))
				s.must(f, controller, meeting.SetTimeLimit{Minutes: 1, AtZero: meeting.ZeroClose})
				s.must(f, controller, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p2"})
				s.must(f, room, meeting.SwitchOn{})
				for _, jump := range jumps[1:] {
					s.pass(5 * time.Second)
					off.Add(int64(jump))
				}
				s.pass(time.Duration(55-5*(len(jumps)-1))*time.Second - time.Second)
				s.wantOpen(roomMic, true)
				s.pass(10 * time.Second)
				s.wantOpen(roomMic, false)
			})
		})
	}
}

// A clock that is put right for good is followed, once it has stayed so.
func TestClock_FollowsAStepThatStays(t *testing.T) {
	wall, mono := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Duration(0)
	c := newClock(&Config{Now: func() time.Time { return wall }, Elapsed: func() time.Duration { return mono }}, slog.New(slog.DiscardHandler))
	pass := func(d time.Duration) { wall, mono = wall.Add(d), mono+d }
	c.now(time.Time{})
	wall = wall.Add(300 * 24 * time.Hour)
	before := c.now(time.Time{})
	pass(clockSettle - time.Second)
	if got := c.now(time.Time{}); got.Sub(before) != clockSettle-time.Second {
		t.Errorf("%v passed, want a little less than a minute", got.Sub(before))
	}
	pass(time.Second)
	if got := c.now(time.Time{}); !got.Equal(wall) {
		t.Errorf("%v, want the clock that was put right, %v", got, wall)
	}
}

// Whatever the node's clock does: time never runs backwards nor behind the log,
// and at least as fast as time passes.
func TestClock_Property(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wall, mono := time.Date(2026, 12, 1, 7, 30, 0, 0, time.UTC), time.Duration(0)
		c := newClock(&Config{Now: func() time.Time { return wall }, Elapsed: func() time.Duration { return mono }}, slog.New(slog.DiscardHandler))
		floor := wall.Add(time.Duration(rapid.IntRange(-3600, 3600).Draw(t, "log")) * time.Second)
		last, at := c.now(floor), mono
		t.Repeat(map[string]func(*rapid.T){
			"pass": func(t *rapid.T) {
				d := time.Duration(rapid.IntRange(0, 90_000).Draw(t, "ms")) * time.Millisecond
				wall, mono = wall.Add(d), mono+d
			},
			"step": func(t *rapid.T) {
				wall = wall.Add(time.Duration(rapid.IntRange(-90_000, 90_000).Draw(t, "s")) * time.Second)
			},
			"": func(t *rapid.T) {
				now := c.now(floor)
				if now.Before(floor) || now.Sub(last) < mono-at {
					t.Fatalf("%v after %v passed since %v, log at %v", now, mono-at, last, floor)
				}
				last, at = now, mono
			},
		})
	})
}
