package meeting

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Snapshot copies the whole state.
func (m *Meeting) Snapshot() Snapshot { return m.s.clone() }

func (s Snapshot) clone() Snapshot {
	s.Points = slices.Clone(s.Points)
	s.Requests = slices.Clone(s.Requests)
	s.Programme = slices.Clone(s.Programme)
	s.Banners = slices.Clone(s.Banners)
	s.Incidents = slices.Clone(s.Incidents)
	s.Islands = slices.Clone(s.Islands)
	s.Relays = slices.Clone(s.Relays)
	s.Outages = slices.Clone(s.Outages)
	s.Messages = cloneMessages(s.Messages)
	s.RollCall.Marks = slices.Clone(s.RollCall.Marks)
	s.Rotation.Points = slices.Clone(s.Rotation.Points)
	s.Saved = slices.Clone(s.Saved)
	for i := range s.Saved {
		s.Saved[i].Layout = s.Saved[i].Layout.clone()
	}
	s.Before = maps.Clone(s.Before)
	for a, b := range s.Before {
		s.Before[a] = LayoutBefore{Layout: b.Layout.clone(), Set: b.Set}
	}
	s.Answered = maps.Clone(s.Answered)
	s.LayoutSeqs = maps.Clone(s.LayoutSeqs)
	layouts := s.Layouts
	s.Layouts = make(map[Audience]Layout, len(layouts))
	for a, l := range layouts {
		s.Layouts[a] = l.clone()
	}
	return s
}

// Restore returns the machine a snapshot was taken of. A snapshot is a cache:
// if it does not hold together, the log is folded instead.
func Restore(s Snapshot) (*Meeting, error) {
	if s.Version != SnapshotVersion {
		return nil, fmt.Errorf("meeting: restore snapshot: version %d, want %d", s.Version, SnapshotVersion)
	}
	m := &Meeting{s: s.clone(), index: make(map[PointID]int, len(s.Points))}
	for i, p := range m.s.Points {
		m.index[p.ID] = i
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("meeting: restore snapshot %q at %d: %w", s.ID, s.Seq, err)
	}
	return m, nil
}

// check reports why the state cannot be one that a log leads to.
func (m *Meeting) check() error {
	if m.s.Seq == 0 {
		if len(m.s.Points)+len(m.s.Requests)+len(m.s.Layouts) != 0 {
			return errors.New("state before the first fact")
		}
		return nil
	}
	points := make([]Point, len(m.s.Points))
	for i, p := range m.s.Points {
		points[i] = p.Point
	}
	if err := checkPoints(points, m.s.ChairPoint); err != nil {
		return err
	}
	for i := range m.s.Points {
		if err := m.checkPoint(&m.s.Points[i]); err != nil {
			return err
		}
	}
	if err := m.checkFloors(); err != nil {
		return err
	}
	if err := m.checkProgramme(); err != nil {
		return fmt.Errorf("programme: %w", err)
	}
	if err := m.checkPicture(); err != nil {
		return err
	}
	if err := m.checkRollCall(); err != nil {
		return fmt.Errorf("roll call: %w", err)
	}
	if err := m.checkFeed(); err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	if err := m.checkIncidents(); err != nil {
		return fmt.Errorf("incidents: %w", err)
	}
	if err := m.checkOutages(); err != nil {
		return fmt.Errorf("outages: %w", err)
	}
	if err := m.checkRelays(); err != nil {
		return fmt.Errorf("relays: %w", err)
	}
	return m.checkLayouts()
}

func (m *Meeting) checkPoint(p *PointState) error {
	fault := func(what string) error { return fmt.Errorf("point %q is %s %s", p.ID, p.Presence, what) }
	switch p.Presence {
	case Absent:
		if p.Device != "" || m.asks(p.ID) {
			return fault("with a device or a request")
		}
	case Present, Lost:
		if !validToken(p.Device) {
			return fault("without a device")
		}
	default:
		return fault("which is unknown")
	}
	if p.Presence != Present && p.HereSince != 0 || p.Presence == Present && p.HereSince == 0 {
		return fault("against its fact")
	}
	if p.Media != "" && (p.Presence != Present || !validToken(p.Media)) {
		return fault("with a media session that cannot be its")
	}
	if p.Checked != nil && !p.Checked.valid() {
		return fault("with a check that is none")
	}
	if p.Admitted && p.Presence != Absent || p.Asking != "" && !validToken(p.Asking) {
		return fault("and let in")
	}
	if r := m.request(p.ID, FloorSpeech); p.SwitchedOn &&
		(p.Presence != Present || r == nil || r.State != Granted || p.OpenSince == 0) {
		return fault("and switched on without a grant")
	}
	return nil
}

func (m *Meeting) checkFloors() error {
	if !validMode(m.s.Mode, m.s.Limit) || len(m.holders(FloorSpeech)) > m.s.Limit || len(m.holders(FloorContent)) > 1 || len(m.checks()) > 1 {
		return fmt.Errorf("mode %q with limit %d and more holders", m.s.Mode, m.s.Limit)
	}
	granted := 0
	for i, r := range m.s.Requests {
		fault := func(what string) error { return fmt.Errorf("request of %q: %s", r.Point, what) }
		switch {
		case !m.knows(r.Point) || !r.Floor.valid() || m.request(r.Point, r.Floor) != &m.s.Requests[i]:
			return fault("unknown or twice")
		case r.State == Granted:
			granted++
			if !m.mayHear(r.Audience, r.Point, r.Floor) || !validTime(r.EndsAt) {
				return fault("with a grant beyond the rules")
			}
			if r.Voice < 0 || r.Voice >= Voices || m.s.Voices[r.Voice].Source != soundOf(r.Point, r.Floor) {
				return fault("without its voice")
			}
		case !validNote(r.Note) || !validTitle(r.Delegate) || !validTitle(r.Subject):
			return fault("with a text out of bounds")
		case r.State != Pending && r.State != Accepted || r.Voice != -1 || granted > 0:
			return fault("out of order")
		}
	}
	if m.s.Feed.Point != "" {
		granted++
	}
	for _, v := range m.s.Voices {
		if v.Source != (SourceKey{}) {
			granted--
		}
	}
	if granted != 0 || !m.s.EndedAt.IsZero() && len(m.s.Requests) > 0 {
		return errors.New("voices and grants differ")
	}
	return nil
}

// checkPicture checks what is shown besides the layouts, and what was.
func (m *Meeting) checkPicture() error {
	r := m.s.Rotation
	if err := m.checkRotation(RotationSet{Points: r.Points, Seconds: r.Seconds}); err != nil {
		return err
	}
	if r.At < 0 || r.At > 0 && r.At >= len(r.Points) || len(m.s.Saved) > maxSaved || len(m.s.Banners) > maxBanners {
		return errors.New("rotation, saved layouts or banners out of bounds")
	}
	if m.s.Previous != "" && !m.knows(m.s.Previous) {
		return unknownPoint(m.s.Previous)
	}
	for i, s := range m.s.Saved {
		if err := m.checkSaved(s); err != nil || m.saved(s.Name) != i {
			return fmt.Errorf("saved layout %q: twice, or %w", s.Name, err)
		}
	}
	for i, b := range m.s.Banners {
		if err := m.checkBanner(b); err != nil || m.banner(b.Audience) != i {
			return fmt.Errorf("banner for %q: twice, or %w", b.Audience, err)
		}
	}
	for a, b := range m.s.Before {
		if b.Set {
			if err := b.Layout.check(m.knows); err != nil || !m.hasAudience(a) {
				return fmt.Errorf("layout before, for %q: %w", a, err)
			}
		}
	}
	return nil
}

func (m *Meeting) checkLayouts() error {
	if _, ok := m.s.Layouts[AudienceAll]; !ok || len(m.s.LayoutSeqs) != len(m.s.Layouts) {
		return errors.New("no layout for everyone")
	}
	for a, l := range m.s.Layouts {
		if _, ok := m.s.LayoutSeqs[a]; !ok || !m.hasAudience(a) {
			return fmt.Errorf("layout for unknown audience %q", a)
		}
		if err := l.check(m.knows); err != nil {
			return err
		}
	}
	return nil
}
