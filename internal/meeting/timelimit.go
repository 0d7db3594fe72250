package meeting

import "time"

// WarnBefore is how long before the end of a turn its speaker is warned; the
// end is Request.EndsAt, so every reader of the state knows the moment.
const WarnBefore = 30 * time.Second

// AtZero is what the end of a speaker's time does.
type AtZero string

// Zero warns, which changes nothing, or closes the microphone.
const (
	ZeroWarn  AtZero = "warn"
	ZeroClose AtZero = "close"
)

// Commands on a speaker's time.
type (
	// SetTimeLimit sets what a turn takes when neither the invitation nor the
	// programme says so, 0 for no limit, and what its end does.
	SetTimeLimit struct {
		Minutes int    `json:"minutes"`
		AtZero  AtZero `json:"atZero"`
	}
	// ExtendFloor gives a speaker more minutes, from now if the time is over or
	// had no limit.
	ExtendFloor struct {
		Point   PointID `json:"point"`
		Minutes int     `json:"minutes"`
	}
)

func (SetTimeLimit) command() string { return "floor.timeLimit" }
func (ExtendFloor) command() string  { return "floor.extend" }

func (c ExtendFloor) target() PointID { return c.Point }

// Facts of a speaker's time.
type (
	// TimeLimitSet sets the limit of turns that have none of their own.
	TimeLimitSet struct {
		Minutes int    `json:"minutes"`
		AtZero  AtZero `json:"atZero"`
	}
	// FloorExtended sets when a holder's time on the speech floor ends.
	FloorExtended struct {
		Point  PointID   `json:"point"`
		EndsAt time.Time `json:"endsAt"`
	}
)

func (TimeLimitSet) fact() string  { return "floor.timeLimitSet" }
func (FloorExtended) fact() string { return "floor.extended" }

func (c SetTimeLimit) decide(m *Meeting, _ moment) ([]Fact, error) {
	f := TimeLimitSet(c)
	switch {
	case c.Minutes < 0 || c.Minutes > maxMinutes:
		return nil, refuse(CodeValueInvalid, "field", "minutes", "max", maxMinutes)
	case !c.AtZero.valid():
		return nil, refuse(CodeValueInvalid, "field", "atZero")
	case m.s.TurnMinutes == c.Minutes && m.s.AtZero == c.AtZero:
		return nil, nil
	}
	return []Fact{f}, nil
}

func (c ExtendFloor) decideFor(m *Meeting, at moment, p *PointState) ([]Fact, error) {
	switch {
	case c.Minutes < 1 || c.Minutes > maxMinutes:
		return nil, refuse(CodeValueInvalid, "field", "minutes", "max", maxMinutes)
	case !m.speaks(p.ID):
		return nil, refuse(CodeFloorNotGranted, "point", string(p.ID))
	}
	from := m.request(p.ID, FloorSpeech).EndsAt
	if from.Before(at.now) {
		from = canonical(at.now)
	}
	return []Fact{FloorExtended{Point: p.ID, EndsAt: from.Add(time.Duration(c.Minutes) * time.Minute)}}, nil
}

func (z AtZero) valid() bool { return z == ZeroWarn || z == ZeroClose }

// minutesFor is what a turn takes: what the invitation says, else the
// programme, else the meeting. The chair and content have no limit.
func (m *Meeting) minutesFor(inv invitation) int {
	if inv.floor != FloorSpeech || inv.audience != "" || m.isChair(inv.p.ID) {
		return 0
	}
	if inv.minutes > 0 {
		return inv.minutes
	}
	if e := m.turn(inv.p.ID, EntryWaiting); e != nil && e.Minutes > 0 {
		return e.Minutes
	}
	return m.s.TurnMinutes
}

// overAt is when the request's microphone is closed by time; zero means never.
func (m *Meeting) overAt(r Request) time.Time {
	if m.s.AtZero != ZeroClose || r.State != Granted {
		return time.Time{}
	}
	return r.EndsAt
}

// overtime closes a microphone whose time is over, unless its point is given
// up at the same moment.
func (m *Meeting) overtime(now time.Time, r Request) []Fact {
	if p := m.point(r.Point); p.Presence == Lost && !now.Before(p.Since.Add(AbsenceWindow)) {
		return nil
	}
	return []Fact{FloorRevoked{Floor: r.Floor, Point: r.Point, Why: WhyTime}}
}

func (f TimeLimitSet) fold(m *Meeting, _ Event) error {
	if f.Minutes < 0 || f.Minutes > maxMinutes || !f.AtZero.valid() {
		return errIllegal
	}
	m.s.TurnMinutes, m.s.AtZero = f.Minutes, f.AtZero
	return nil
}

func (f FloorExtended) fold(m *Meeting, _ Event) error {
	if !m.speaks(f.Point) || f.EndsAt.IsZero() || !validTime(f.EndsAt) {
		return errIllegal
	}
	m.request(f.Point, FloorSpeech).EndsAt = canonical(f.EndsAt)
	return nil
}
