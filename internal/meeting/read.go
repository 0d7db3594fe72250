package meeting

import (
	"maps"
	"reflect"
	"slices"
	"time"
)

// What readers of a state ask of it, and the machine too.

// LateAfter is how long after the lobby's opening a point may connect and still
// be in time (Art 7.1).
const LateAfter = 5 * time.Minute

// LobbyAt is when the lobby opens by itself (Art 7.1); zero if there is none.
func (s *Snapshot) LobbyAt() time.Time {
	if s.LobbyMinutes == 0 {
		return time.Time{}
	}
	return s.StartsAt.Add(-time.Duration(s.LobbyMinutes) * time.Minute)
}

// DueAt is by when points are to be connected; zero if the meeting does not say.
func (s *Snapshot) DueAt() time.Time {
	at := s.LobbyAt()
	if at.IsZero() {
		return at
	}
	return at.Add(LateAfter)
}

// Late reports whether the point has come, and came after it was due.
func (s *Snapshot) Late(p *PointState) bool {
	due := s.DueAt()
	return !due.IsZero() && p.FirstAt.After(due)
}

// MayLeave reports whether the point is released (Art 9.2.c, e).
func (s *Snapshot) MayLeave(p *PointState) bool {
	return !s.ReleasedAt.IsZero() || !p.ReleasedAt.IsZero()
}

// NextToCall is the first point without a mark after the one the roll call
// called last, going round; that one comes last. A relay source is not called.
// Nil if every point is marked.
func (s *Snapshot) NextToCall() *PointState {
	n := len(s.Points)
	marked := make(map[PointID]bool, len(s.RollCall.Marks))
	for _, k := range s.RollCall.Marks {
		marked[k.Point] = true
	}
	from := slices.IndexFunc(s.Points, func(p PointState) bool { return p.ID == s.RollCall.Current })
	for i := 1; i <= n; i++ {
		if p := &s.Points[(from+i)%n]; !marked[p.ID] && !p.Feed {
			return p
		}
	}
	return nil
}

// NextEntry is the first entry of the programme that waits and whose point is
// present, nil if there is none.
func (s *Snapshot) NextEntry() *ProgrammeEntry {
	present := make(map[PointID]bool, len(s.Points))
	for i := range s.Points {
		present[s.Points[i].ID] = s.Points[i].Presence == Present
	}
	for i := range s.Programme {
		if e := &s.Programme[i]; e.State == EntryWaiting && present[e.Point] {
			return e
		}
	}
	return nil
}

// Reaches reports whether a point of the meeting belongs to an audience.
func (s *Snapshot) Reaches(a Audience, p *Point) bool {
	switch a {
	case AudienceAll, AudiencePoint(p.ID):
		return true
	case AudienceChair:
		return p.ID == s.ChairPoint
	case AudienceTier(p.Tier):
		return p.Tier != ""
	case AudienceSystem(p.System):
		return p.System != ""
	}
	return false
}

// CanUndo reports whether undoing an audience's last take would change what it
// is shown.
func (s *Snapshot) CanUndo(a Audience) bool {
	before, ok := s.Before[a]
	now, set := s.Layouts[a]
	if !ok || !before.Set {
		return ok && set
	}
	return !set || !now.equal(before.Layout)
}

// Reaches reports whether a point's officer reads the message: it is theirs, or
// sent to them.
func (m Message) Reaches(p PointID) bool {
	return m.From == p || m.From == "" && (len(m.To) == 0 || slices.Contains(m.To, p))
}

// Speaking is the programme's entry the point speaks for, if it does.
func (m *Meeting) Speaking(p PointID) (Entry, bool) {
	e := m.turn(p, EntrySpeaking)
	if e == nil {
		return Entry{}, false
	}
	return e.Entry, true
}

// FactNames lists the names of every fact a log can hold, in order.
func FactNames() []string { return slices.Sorted(maps.Keys(factForms)) }

// FactName is the fact's stable name in journals.
func FactName(f Fact) string { return f.fact() }

// FactPoint is the point a fact is about, if it is about one.
func FactPoint(f Fact) (PointID, bool) {
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Struct {
		return "", false
	}
	p, ok := v.FieldByName("Point"), false
	if p.IsValid() {
		_, ok = p.Interface().(PointID)
	}
	if !ok {
		return "", false
	}
	return PointID(p.String()), true
}
