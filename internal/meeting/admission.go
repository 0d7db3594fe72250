package meeting

import "time"

// Coming and going (Art 9.2.c): nobody leaves or returns on their own.
type (
	// LockMeeting keeps points that are not in the meeting out of it, but for
	// those a controller readmits.
	LockMeeting struct {
		On bool `json:"on"`
	}
	// ReadmitPoint lets a point in that has to wait (Cho kết nối lại).
	ReadmitPoint struct {
		Point PointID `json:"point"`
	}
	// ReleasePoint allows a point to leave (Cho phép ngắt kết nối).
	ReleasePoint struct {
		Point PointID `json:"point"`
	}
	// ReleaseAll allows every point to leave.
	ReleaseAll struct{}
	// LeavePoint takes one's own point out of the meeting. Without a release it
	// is refused, unless forced, which is on record (Tự ý hủy kết nối).
	LeavePoint struct {
		Point PointID `json:"point,omitempty"`
		Force bool    `json:"force,omitempty"`
	}
	// SummonPoint calls a point that is not connected (Gọi điểm cầu): it may come
	// in, like one that was readmitted.
	SummonPoint struct {
		Point PointID `json:"point"`
	}
	// FinishPoint says that a point's closing check is done (Art 9.2.e).
	FinishPoint struct {
		Point PointID `json:"point,omitempty"`
	}
)

func (LockMeeting) command() string  { return "meeting.lock" }
func (ReadmitPoint) command() string { return "point.readmit" }
func (ReleasePoint) command() string { return "point.release" }
func (ReleaseAll) command() string   { return "meeting.release" }
func (LeavePoint) command() string   { return "point.leave" }
func (SummonPoint) command() string  { return "point.summon" }
func (FinishPoint) command() string  { return "point.finish" }

func (c ReadmitPoint) target() PointID { return c.Point }
func (c ReleasePoint) target() PointID { return c.Point }
func (c LeavePoint) target() PointID   { return c.Point }
func (c SummonPoint) target() PointID  { return c.Point }
func (c FinishPoint) target() PointID  { return c.Point }

// Facts of coming and going.
type (
	// MeetingLocked says whether absent points are kept out.
	MeetingLocked struct {
		On bool `json:"on"`
	}
	// PointKnocked says that a device waits to be let in.
	PointKnocked struct {
		Point  PointID `json:"point"`
		Device string  `json:"device"`
	}
	// PointReadmitted lets an absent point connect once.
	PointReadmitted struct {
		Point PointID `json:"point"`
	}
	// PointReleased allows a point to leave.
	PointReleased struct {
		Point PointID `json:"point"`
	}
	// MeetingReleased allows every point to leave.
	MeetingReleased struct{}
	// PointLeft says that a point left; without a release it is "left without release".
	PointLeft struct {
		Point    PointID `json:"point"`
		Released bool    `json:"released"`
	}
	// PointSummoned says that an absent point is called.
	PointSummoned struct {
		Point PointID `json:"point"`
	}
	// PointFinished says that a point's closing check is done.
	PointFinished struct {
		Point PointID `json:"point"`
	}
)

func (MeetingLocked) fact() string   { return "meeting.locked" }
func (PointKnocked) fact() string    { return "point.knocked" }
func (PointReadmitted) fact() string { return "point.readmitted" }
func (PointReleased) fact() string   { return "point.released" }
func (MeetingReleased) fact() string { return "meeting.released" }
func (PointLeft) fact() string       { return "point.left" }
func (PointSummoned) fact() string   { return "point.summoned" }
func (PointFinished) fact() string   { return "point.finished" }

// Admits refuses an absent point that may not come in now: before the lobby
// opens, into a locked meeting, again after it left, or after it was away if
// the meeting wants that confirmed (D3). A controller's call or click lets it in.
func (s *Snapshot) Admits(p *PointState) error {
	switch {
	case s.Phase() == PhaseWaiting:
		return refuse(CodeMeetingNotOpen, "startsAt", s.StartsAt)
	case p.Admitted:
		return nil
	case s.Locked:
		return refuse(CodeMeetingLocked)
	case p.Left:
		return refuse(CodePointLeft, "point", string(p.ID))
	case s.ReadmitByClick && p.Joins > 0:
		return refuse(CodePointWaits, "point", string(p.ID))
	}
	return nil
}

func (c LockMeeting) decide(m *Meeting, _ moment) ([]Fact, error) {
	if m.s.Locked == c.On {
		return nil, nil
	}
	return []Fact{MeetingLocked(c)}, nil
}

func (c ReadmitPoint) decideFor(_ *Meeting, _ moment, p *PointState) ([]Fact, error) {
	if p.Presence != Absent || p.Admitted {
		return nil, nil
	}
	return []Fact{PointReadmitted{Point: p.ID}}, nil
}

func (c ReleasePoint) decideFor(_ *Meeting, _ moment, p *PointState) ([]Fact, error) {
	if p.Presence == Absent {
		return nil, refuse(CodePointAbsent, "point", string(p.ID))
	}
	if !p.ReleasedAt.IsZero() {
		return nil, nil
	}
	return []Fact{PointReleased{Point: p.ID}}, nil
}

func (ReleaseAll) decide(m *Meeting, _ moment) ([]Fact, error) {
	if !m.s.ReleasedAt.IsZero() {
		return nil, nil
	}
	return []Fact{MeetingReleased{}}, nil
}

func (c LeavePoint) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	if p.Presence == Absent {
		return nil, nil
	}
	released := m.s.MayLeave(p)
	if !released && !c.Force {
		return nil, refuse(CodePointNotReleased, "point", string(p.ID))
	}
	var facts []Fact
	for _, r := range m.s.Requests {
		if r.Point == p.ID {
			facts = append(facts, endOf(r, WhyLeft))
		}
	}
	return append(facts, PointLeft{Point: p.ID, Released: released}), nil
}

func (c SummonPoint) decideFor(_ *Meeting, _ moment, p *PointState) ([]Fact, error) {
	if p.Presence == Present {
		return nil, nil
	}
	return []Fact{PointSummoned{Point: p.ID}}, nil
}

func (c FinishPoint) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	switch {
	case m.s.Phase() != PhaseClosing:
		return nil, refuse(CodeMeetingNotClosing)
	case !p.FinishedAt.IsZero():
		return nil, nil
	}
	return []Fact{PointFinished{Point: p.ID}}, nil
}

func (f MeetingLocked) fold(m *Meeting, _ Event) error {
	m.s.Locked = f.On
	return nil
}

func (f PointKnocked) fold(m *Meeting, _ Event) error {
	p := m.point(f.Point)
	if p == nil || p.Presence != Absent || !validToken(f.Device) {
		return errIllegal
	}
	p.Asking = f.Device
	return nil
}

func (f PointReadmitted) fold(m *Meeting, _ Event) error {
	p := m.point(f.Point)
	if p == nil || p.Presence != Absent {
		return errIllegal
	}
	p.Admitted, p.Asking = true, ""
	return nil
}

func (f PointReleased) fold(m *Meeting, e Event) error {
	p := m.point(f.Point)
	if p == nil || p.Presence == Absent {
		return errIllegal
	}
	p.ReleasedAt = e.At
	return nil
}

func (MeetingReleased) fold(m *Meeting, e Event) error {
	m.s.ReleasedAt = e.At
	return nil
}

func (f PointLeft) fold(m *Meeting, e Event) error {
	p := m.point(f.Point)
	if p == nil || p.Presence == Absent || m.asks(f.Point) {
		return errIllegal
	}
	p.Left, p.LeftAt, p.LeftEarly, p.LostWhy = true, e.At, !f.Released, ""
	m.closeFeed(e, p.ID)
	p.vacate(e)
	return nil
}

func (f PointSummoned) fold(m *Meeting, e Event) error {
	p := m.point(f.Point)
	if p == nil || p.Presence == Present {
		return errIllegal
	}
	p.SummonedAt = e.At
	if p.Presence == Absent {
		p.Admitted, p.Asking = true, ""
	}
	return nil
}

func (f PointFinished) fold(m *Meeting, e Event) error {
	p := m.point(f.Point)
	if p == nil || m.s.Phase() != PhaseClosing {
		return errIllegal
	}
	p.FinishedAt = e.At
	return nil
}

// vacate frees the seat.
func (p *PointState) vacate(e Event) {
	p.leave(e, Absent)
	p.Device, p.Simulated, p.Asking = "", false, ""
}

// arrive notes a point's coming into the meeting: its first time and how often.
func (p *PointState) arrive(e Event) {
	if p.FirstAt.IsZero() {
		p.FirstAt = e.At
	}
	p.Joins++
	p.Admitted, p.Asking, p.Left, p.LeftEarly, p.ReleasedAt = false, "", false, false, time.Time{}
}
