package scenario

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// The bounds of a scenario.
const (
	// Least is how many points a meeting has.
	Least       = 3
	mostPoints  = 250
	mostConsole = 25
	longest     = 12 * time.Hour
	slowest     = 10
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
	case s.Points < Least || s.Points > mostPoints:
		return keyError("points", "want %d to %d, got %d", Least, mostPoints, s.Points)
	case s.Tree != OneNode && !slices.Contains(Trees(), s.Tree):
		return keyError("tree", "want one of %v, got %q", Trees(), s.Tree)
	case s.Pace < 0 || s.Pace > slowest:
		return keyError("pace", "want 1 to %d, got %d", slowest, s.Pace)
	case s.Duration.D() < time.Second || s.Duration.D() > longest:
		return keyError("duration", "want 1s to %v, got %v", longest, s.Duration)
	case s.Join.Over < 0 || s.Join.Over.D() > longest:
		return keyError("join.over", "want 0s to %v, got %v", longest, s.Join.Over)
	case s.Console < 0 || s.Console > mostConsole:
		return keyError("console", "want 0 to %d, got %d", mostConsole, s.Console)
	case s.Content < 0 || s.Content > s.Points:
		return keyError("content", "want the number of a point, 1 to %d, got %d", s.Points, s.Content)
	case s.Feed < 0 || s.Feed > s.Points || s.Feed == 1 || s.Feed != 0 && s.Tree == OneNode:
		return keyError("feed", "want the number of a point of a tree, 2 to %d, got %d", s.Points, s.Feed)
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
	if s.Tree == Districts && len(s.Faults) > 0 {
		return keyError("faults", "meetings of districts at once have none")
	}
	return s.checkFaults()
}

// wants is what a fault must say besides when.
type wants struct{ point, node, span, share bool }

var actions = map[Action]wants{
	KillNode:    {node: true},
	CutLine:     {node: true, span: true},
	LosePackets: {node: true, span: true, share: true},
	DropSocket:  {point: true},
	Reload:      {point: true},
	Rush:        {span: true},
	Cheat:       {point: true, span: true},
}

func (s *Scenario) checkFaults() error {
	for i, f := range s.Faults {
		key := fmt.Sprintf("faults[%d]", i)
		w, known := actions[f.Do]
		switch {
		case !known:
			return keyError(key+".do", "want one of %v, got %q", slices.Sorted(maps.Keys(actions)), f.Do)
		case f.At < 0 || f.At > s.Duration:
			return keyError(key+".at", "want 0s to the duration, %v, got %v", s.Duration, f.At)
		case w.point != (f.Point != 0) || f.Point < 0 || f.Point > s.Points:
			return keyError(key+".point", "want the number of a point, 1 to %d, for what has one, got %d for %s", s.Points, f.Point, f.Do)
		case f.Node != "" && (!w.node || s.Tree == OneNode):
			return keyError(key+".node", "%s has none here", f.Do)
		case w.span != (f.For > 0):
			return keyError(key+".for", "want how long, for what lasts, got %v for %s", f.For, f.Do)
		case w.share != (f.Share > 0) || f.Share > 1:
			return keyError(key+".share", "want a share of the packets up to 1, for %s alone, got %v", LosePackets, f.Share)
		case f.Do == Cheat && f.Point <= Base:
			return keyError(key, "a cheat needs a point after the first %d", Base)
		}
	}
	return nil
}

// Lines reports whether the scenario does something to a line.
func (s *Scenario) Lines() bool {
	return slices.ContainsFunc(s.Faults, func(f Fault) bool { return f.Do == CutLine || f.Do == LosePackets })
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
