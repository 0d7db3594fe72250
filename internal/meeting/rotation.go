package meeting

import (
	"slices"
	"time"
)

// Bounds of the rotation's step, in seconds.
const (
	minStep = 5
	maxStep = 300
)

// Rotation shows points in turn (Hiển thị luân phiên) wherever a tile is bound
// to it. Its steps are facts, so every node shows the same point.
type Rotation struct {
	Points  []PointID `json:"points,omitempty"`
	Seconds int       `json:"seconds,omitempty"` // of each point
	Paused  bool      `json:"paused,omitempty"`
	At      int       `json:"at,omitempty"`   // which of Points is shown
	Since   time.Time `json:"since,omitzero"` // when it came on
}

// Commands on the rotation.
type (
	// SetRotation sets whom the rotation shows and for how many seconds each;
	// no points end it.
	SetRotation struct {
		Points  []PointID `json:"points" most:"300"`
		Seconds int       `json:"seconds"`
	}
	// PauseRotation holds the rotation, or lets it go on.
	PauseRotation struct {
		On bool `json:"on"`
	}
)

func (SetRotation) command() string   { return "rotation.set" }
func (PauseRotation) command() string { return "rotation.pause" }

// Facts of the rotation.
type (
	// RotationSet sets whom the rotation shows, the first point first.
	RotationSet struct {
		Points  []PointID `json:"points"`
		Seconds int       `json:"seconds"`
	}
	// RotationPaused holds the rotation, or lets it go on.
	RotationPaused struct {
		On bool `json:"on"`
	}
	// RotationStepped shows another of the rotation's points.
	RotationStepped struct {
		Point PointID `json:"point"`
	}
)

func (RotationSet) fact() string     { return "rotation.set" }
func (RotationPaused) fact() string  { return "rotation.paused" }
func (RotationStepped) fact() string { return "rotation.stepped" }

func (c SetRotation) decide(m *Meeting, _ moment) ([]Fact, error) {
	f := RotationSet{Points: slices.Clone(c.Points), Seconds: c.Seconds}
	if err := m.checkRotation(f); err != nil {
		return nil, err
	}
	if slices.Equal(f.Points, m.s.Rotation.Points) && f.Seconds == m.s.Rotation.Seconds {
		return nil, nil
	}
	return []Fact{f}, nil
}

func (c PauseRotation) decide(m *Meeting, _ moment) ([]Fact, error) {
	if m.s.Rotation.Paused == c.On {
		return nil, nil
	}
	return []Fact{RotationPaused(c)}, nil
}

func (m *Meeting) checkRotation(f RotationSet) error {
	if len(f.Points) > MaxPoints {
		return refuse(CodeValueInvalid, "field", "points", "max", MaxPoints)
	}
	if len(f.Points) > 0 && (f.Seconds < minStep || f.Seconds > maxStep) {
		return refuse(CodeValueInvalid, "field", "seconds", "min", minStep, "max", maxStep)
	}
	if len(f.Points) == 0 && f.Seconds != 0 {
		return refuse(CodeValueInvalid, "field", "seconds", "max", 0)
	}
	seen := make(map[PointID]bool, len(f.Points))
	for i, p := range f.Points {
		if !m.knows(p) {
			return unknownPoint(p)
		}
		if seen[p] {
			return refuse(CodeValueInvalid, "field", "points", "row", i+1)
		}
		seen[p] = true
	}
	return nil
}

// rotated is the point the rotation shows, "" if it has none.
func (m *Meeting) rotated() PointID {
	if r := m.s.Rotation; r.At < len(r.Points) {
		return r.Points[r.At]
	}
	return ""
}

// nextRotated is the next present point after the one shown, "" if there is no other.
func (m *Meeting) nextRotated() PointID {
	r := m.s.Rotation
	for i := 1; i < len(r.Points); i++ {
		if p := r.Points[(r.At+i)%len(r.Points)]; m.point(p).Presence == Present {
			return p
		}
	}
	return ""
}

// stepAt is when the rotation steps; zero means never. It passes a point that
// is not present at once, and rests while no tile shows it.
func (m *Meeting) stepAt() time.Time {
	r := m.s.Rotation
	if r.Paused || m.nextRotated() == "" || !m.bound(BindRotation) {
		return time.Time{}
	}
	if m.point(m.rotated()).Presence != Present {
		return r.Since
	}
	return r.Since.Add(time.Duration(r.Seconds) * time.Second)
}

// bound reports whether some tile of some layout follows what kind says.
func (m *Meeting) bound(kind BindingKind) bool {
	for _, l := range m.s.Layouts {
		if slices.Contains(l.Tiles, Binding{Kind: kind}) {
			return true
		}
	}
	return false
}

func (f RotationSet) fold(m *Meeting, e Event) error {
	if err := m.checkRotation(f); err != nil {
		return err
	}
	m.s.Rotation = Rotation{}
	if len(f.Points) > 0 {
		m.s.Rotation = Rotation{Points: slices.Clone(f.Points), Seconds: f.Seconds, Since: e.At}
	}
	return nil
}

func (f RotationPaused) fold(m *Meeting, e Event) error {
	m.s.Rotation.Paused = f.On
	if len(m.s.Rotation.Points) > 0 {
		m.s.Rotation.Since = e.At
	}
	return nil
}

func (f RotationStepped) fold(m *Meeting, e Event) error {
	at := slices.Index(m.s.Rotation.Points, f.Point)
	if at < 0 {
		return errIllegal
	}
	m.s.Rotation.At, m.s.Rotation.Since = at, e.At
	return nil
}
