package scenario

import (
	"fmt"
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// The bounds of a scenario.
const (
	leastPoints = 3
	mostPoints  = 250
	mostConsole = 25
	longest     = 12 * time.Hour
	// Base is how many points, the chair point first, are in the meeting and on
	// everyone's screen before the others come and are measured.
	Base = 2
)

// Validate says what is wrong with a scenario, in the words of its keys.
func (s *Scenario) Validate() error {
	switch {
	case s.Name == "":
		return keyError("name", "is missing")
	case s.Title.Vi == "" || s.Title.En == "":
		return keyError("title", "want vi and en")
	case s.Points < leastPoints || s.Points > mostPoints:
		return keyError("points", "want %d to %d, got %d", leastPoints, mostPoints, s.Points)
	case s.Duration.D() < time.Second || s.Duration.D() > longest:
		return keyError("duration", "want 1s to %v, got %v", longest, s.Duration)
	case s.Join.Over < 0 || s.Join.Over.D() > longest:
		return keyError("join.over", "want 0s to %v, got %v", longest, s.Join.Over)
	case s.Console < 0 || s.Console > mostConsole:
		return keyError("console", "want 0 to %d, got %d", mostConsole, s.Console)
	case s.Content < 0 || s.Content > s.Points:
		return keyError("content", "want the number of a point, 1 to %d, got %d", s.Points, s.Content)
	case s.Floor.Every < 0 || s.Floor.Every > 0 && (s.Floor.Speak <= 0 || s.Floor.Speak >= s.Floor.Every):
		return keyError("floor.speak", "want less than every, and more than 0s")
	case s.Layout.Every < 0 || s.Layout.Every > 0 && len(s.Layout.Kinds) == 0:
		return keyError("layout.kinds", "is empty")
	}
	for _, kind := range s.Layout.Kinds {
		if meeting.LayoutKind(kind).Tiles() == 0 {
			return keyError("layout.kinds", "no arrangement is called %q", kind)
		}
	}
	return s.checkFaults()
}

func (s *Scenario) checkFaults() error {
	for i, f := range s.Faults {
		key := fmt.Sprintf("faults[%d]", i)
		if !slices.Contains([]Action{KillNode, DropSocket, Reload, Cheat}, f.Do) {
			return keyError(key+".do", "want kill-node, drop-socket, reload or cheat, got %q", f.Do)
		}
		if f.At < 0 || f.At > s.Duration {
			return keyError(key+".at", "want 0s to the duration, %v, got %v", s.Duration, f.At)
		}
		if f.Do == KillNode != (f.Point == 0) || f.Point < 0 || f.Point > s.Points {
			return keyError(key+".point", "want the number of a point, 1 to %d, or none for %s", s.Points, KillNode)
		}
		if f.Do == Cheat && (f.For <= 0 || f.Point <= Base) {
			return keyError(key, "a cheat needs a time (for), and a point after the first %d", Base)
		}
	}
	return nil
}

// Kills reports whether the scenario kills the server.
func (s *Scenario) Kills() bool {
	return slices.ContainsFunc(s.Faults, func(f Fault) bool { return f.Do == KillNode })
}

// Scale makes the scenario one of so many points over such a time; 0 leaves
// what it says. Faults of points that are no more, or after the end, go.
func (s *Scenario) Scale(points int, duration time.Duration) error {
	if points > 0 {
		s.Points = points
		s.Console = min(s.Console, points)
		if s.Content > points {
			s.Content = points
		}
	}
	if duration > 0 {
		s.Duration = Duration(duration)
	}
	s.Faults = slices.DeleteFunc(s.Faults, func(f Fault) bool { return f.Point > s.Points || f.At > s.Duration })
	return s.Validate()
}

// KeyError says which key is wrong, and how.
type KeyError struct{ Key, Why string }

// Error reads "floor.speak: want less than every".
func (e *KeyError) Error() string { return e.Key + ": " + e.Why }

func keyError(key, format string, args ...any) error {
	return &KeyError{Key: key, Why: fmt.Sprintf(format, args...)}
}
