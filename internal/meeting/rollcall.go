package meeting

import (
	"slices"
	"time"
)

// MarkState is what the roll call found (Điểm danh).
type MarkState string

// The marks: có mặt, vắng, muộn.
const (
	MarkPresent MarkState = "present"
	MarkAbsent  MarkState = "absent"
	MarkLate    MarkState = "late"
)

// Mark is one row of the roll call's sheet.
type Mark struct {
	Point  PointID   `json:"point"`
	State  MarkState `json:"state"`
	Remark string    `json:"remark,omitempty"`
	At     time.Time `json:"at"`
}

// RollCall is the meeting's last roll call. Its zero value is none.
type RollCall struct {
	StartedAt  time.Time `json:"startedAt,omitzero"`
	FinishedAt time.Time `json:"finishedAt,omitzero"`
	Paused     bool      `json:"paused,omitempty"`
	Current    PointID   `json:"current,omitempty"` // the point called last
	Marks      []Mark    `json:"marks,omitempty"`   // in the order they were first made
}

// Running reports whether the roll call was started and not finished.
func (r RollCall) Running() bool { return !r.StartedAt.IsZero() && r.FinishedAt.IsZero() }

// Commands of the roll call.
type (
	// StartRollCall begins a roll call; the last one's marks leave the state.
	// Quick marks every connected point present at once, for the exceptions to
	// be walked.
	StartRollCall struct {
		Quick bool `json:"quick,omitempty"`
	}
	// CallNext calls the next point without a mark, in the roster's order: it is
	// invited and shown as by GiveFloor, if it can be.
	CallNext struct{}
	// MarkPoint marks a point, or marks it anew.
	MarkPoint struct {
		Point  PointID   `json:"point"`
		State  MarkState `json:"state"`
		Remark string    `json:"remark,omitempty" max:"800"` // one line of 200 runes
	}
	// PauseRollCall interrupts the roll call, or resumes it.
	PauseRollCall struct {
		On bool `json:"on"`
	}
	// FinishRollCall ends the roll call; its sheet stays.
	FinishRollCall struct{}
)

func (StartRollCall) command() string  { return "rollcall.start" }
func (CallNext) command() string       { return "rollcall.next" }
func (MarkPoint) command() string      { return "rollcall.mark" }
func (PauseRollCall) command() string  { return "rollcall.pause" }
func (FinishRollCall) command() string { return "rollcall.finish" }

func (c MarkPoint) target() PointID { return c.Point }

// Facts of the roll call.
type (
	// RollCallStarted begins a roll call, with those marked present at once.
	RollCallStarted struct {
		Present []PointID `json:"present,omitempty"`
	}
	// PointCalled says which point is called.
	PointCalled struct {
		Point PointID `json:"point"`
	}
	// PointMarked marks a point, or marks it anew.
	PointMarked struct {
		Point  PointID   `json:"point"`
		State  MarkState `json:"state"`
		Remark string    `json:"remark,omitempty"`
	}
	// RollCallPaused interrupts the roll call, or resumes it.
	RollCallPaused struct {
		On bool `json:"on"`
	}
	// RollCallFinished ends the roll call.
	RollCallFinished struct{}
)

func (RollCallStarted) fact() string  { return "rollcall.started" }
func (PointCalled) fact() string      { return "rollcall.called" }
func (PointMarked) fact() string      { return "rollcall.marked" }
func (RollCallPaused) fact() string   { return "rollcall.paused" }
func (RollCallFinished) fact() string { return "rollcall.finished" }

func (c StartRollCall) decide(m *Meeting, _ moment) ([]Fact, error) {
	if m.s.RollCall.Running() {
		return nil, refuse(CodeRollCallRunning)
	}
	var f RollCallStarted
	for i := 0; c.Quick && i < len(m.s.Points); i++ {
		if p := &m.s.Points[i]; p.Presence == Present && !p.Feed {
			f.Present = append(f.Present, p.ID)
		}
	}
	return []Fact{f}, nil
}

func (CallNext) decide(m *Meeting, _ moment) ([]Fact, error) {
	if err := m.needRollCall(); err != nil {
		return nil, err
	}
	if m.s.RollCall.Paused {
		return nil, refuse(CodeRollCallPaused)
	}
	p := m.s.NextToCall()
	if p == nil {
		return nil, refuse(CodeRollCallDone)
	}
	facts := []Fact{PointCalled{Point: p.ID}}
	if given, err := m.giveFloor(p); err == nil {
		facts = append(facts, given...)
	}
	return facts, nil
}

func (c MarkPoint) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	if err := m.needRollCall(); err != nil {
		return nil, err
	}
	if !c.State.valid() {
		return nil, refuse(CodeValueInvalid, "field", "state")
	}
	if !validTitle(c.Remark) {
		return nil, refuse(CodeValueInvalid, "field", "remark", "max", maxTitle)
	}
	if i := m.mark(p.ID); i >= 0 && m.s.RollCall.Marks[i].State == c.State && m.s.RollCall.Marks[i].Remark == c.Remark {
		return nil, nil
	}
	return []Fact{PointMarked{Point: p.ID, State: c.State, Remark: c.Remark}}, nil
}

func (c PauseRollCall) decide(m *Meeting, _ moment) ([]Fact, error) {
	if err := m.needRollCall(); err != nil {
		return nil, err
	}
	if m.s.RollCall.Paused == c.On {
		return nil, nil
	}
	return []Fact{RollCallPaused(c)}, nil
}

func (FinishRollCall) decide(m *Meeting, _ moment) ([]Fact, error) {
	if err := m.needRollCall(); err != nil {
		return nil, err
	}
	return []Fact{RollCallFinished{}}, nil
}

func (m *Meeting) needRollCall() error {
	if !m.s.RollCall.Running() {
		return refuse(CodeRollCallNone)
	}
	return nil
}

func (s MarkState) valid() bool { return s == MarkPresent || s == MarkAbsent || s == MarkLate }

// mark is the index of the point's mark, -1 if it has none.
func (m *Meeting) mark(p PointID) int {
	return slices.IndexFunc(m.s.RollCall.Marks, func(k Mark) bool { return k.Point == p })
}

func (f RollCallStarted) fold(m *Meeting, e Event) error {
	if m.s.RollCall.Running() || len(f.Present) > len(m.s.Points) {
		return errIllegal
	}
	r := RollCall{StartedAt: e.At}
	seen := make(map[PointID]bool, len(f.Present))
	for _, p := range f.Present {
		if !m.knows(p) || seen[p] {
			return errIllegal
		}
		seen[p] = true
		r.Marks = append(r.Marks, Mark{Point: p, State: MarkPresent, At: e.At})
	}
	m.s.RollCall = r
	return nil
}

func (f PointCalled) fold(m *Meeting, _ Event) error {
	if !m.s.RollCall.Running() || m.s.RollCall.Paused || !m.knows(f.Point) {
		return errIllegal
	}
	m.s.RollCall.Current = f.Point
	return nil
}

func (f PointMarked) fold(m *Meeting, e Event) error {
	if !m.s.RollCall.Running() || !m.knows(f.Point) || !f.State.valid() || !validTitle(f.Remark) {
		return errIllegal
	}
	k := Mark{Point: f.Point, State: f.State, Remark: f.Remark, At: e.At}
	if i := m.mark(f.Point); i >= 0 {
		m.s.RollCall.Marks[i] = k
		return nil
	}
	m.s.RollCall.Marks = append(m.s.RollCall.Marks, k)
	return nil
}

func (f RollCallPaused) fold(m *Meeting, _ Event) error {
	if !m.s.RollCall.Running() {
		return errIllegal
	}
	m.s.RollCall.Paused = f.On
	return nil
}

func (RollCallFinished) fold(m *Meeting, e Event) error {
	if !m.s.RollCall.Running() {
		return errIllegal
	}
	m.s.RollCall.FinishedAt = e.At
	return nil
}

// checkRollCall reports why the roll call cannot be one that a log leads to.
func (m *Meeting) checkRollCall() error {
	r := m.s.RollCall
	for i, k := range r.Marks {
		if !m.knows(k.Point) || m.mark(k.Point) != i || !k.State.valid() || !validTitle(k.Remark) {
			return errIllegal
		}
	}
	if r.Current != "" && !m.knows(r.Current) || r.StartedAt.IsZero() && (len(r.Marks) > 0 || r.Paused || r.Current != "") {
		return errIllegal
	}
	return nil
}
