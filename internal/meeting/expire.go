package meeting

import "time"

// Deadline is when Expire next has something to say; zero means never.
func (m *Meeting) Deadline() time.Time {
	var first time.Time
	if m.s.Seq == 0 || !m.s.EndedAt.IsZero() {
		return first
	}
	m.timers(func(at time.Time, _ func(time.Time) []Fact) {
		if first.IsZero() || at.Before(first) {
			first = at
		}
	})
	return first
}

// Expire returns the facts that time alone brings. Leader only; the actor of
// its events is RoleNode.
func (m *Meeting) Expire(now time.Time) []Fact {
	if m.s.Seq == 0 || !m.s.EndedAt.IsZero() {
		return nil
	}
	var facts []Fact
	m.timers(func(at time.Time, say func(now time.Time) []Fact) {
		if !now.Before(at) {
			facts = append(facts, say(now)...)
		}
	})
	return facts
}

// timers hands out every moment the state waits for and the facts it brings.
// What one brings, no other undoes: Apply accepts them together.
func (m *Meeting) timers(wait func(at time.Time, say func(now time.Time) []Fact)) {
	if at := m.lobbyDue(); !at.IsZero() {
		wait(at, func(time.Time) []Fact { return []Fact{LobbyOpened{}} })
	}
	for i := range m.s.Points {
		if p := &m.s.Points[i]; p.Presence == Lost {
			wait(p.Since.Add(AbsenceWindow), func(time.Time) []Fact { return m.free(p) })
		}
	}
	if at := m.stepAt(); !at.IsZero() {
		wait(at, func(time.Time) []Fact { return []Fact{RotationStepped{Point: m.nextRotated()}} })
	}
	for _, b := range m.s.Banners {
		if !b.Until.IsZero() {
			wait(b.Until, func(time.Time) []Fact { return []Fact{BannerCleared{Audience: b.Audience}} })
		}
	}
	for _, r := range m.s.Requests {
		if at := m.overAt(r); !at.IsZero() {
			wait(at, func(now time.Time) []Fact { return m.overtime(now, r) })
		}
	}
}
