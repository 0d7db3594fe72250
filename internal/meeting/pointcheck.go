package meeting

import (
	"cmp"
	"time"
)

// Verdict is what one part of a point check came to.
type Verdict string

// The verdicts; the zero value is a part that was not checked.
const (
	VerdictGood Verdict = "good"
	VerdictWeak Verdict = "weak"
	VerdictBad  Verdict = "bad"
)

func (v Verdict) valid() bool {
	switch v {
	case "", VerdictGood, VerdictWeak, VerdictBad:
		return true
	}
	return false
}

// Bounds of what a check may have measured.
const (
	maxKbps  = 10_000_000
	maxDelay = 60_000 // milliseconds
)

// Check is what a point found when it checked itself (Kiểm tra điểm cầu,
// Art 8.2.a). A room measures; its officer answers for what no machine can tell.
type Check struct {
	Camera     Verdict `json:"camera,omitempty"`
	Microphone Verdict `json:"microphone,omitempty"`
	Speaker    Verdict `json:"speaker,omitempty"`
	Echo       Verdict `json:"echo,omitempty"`
	Line       Verdict `json:"line,omitempty"`
	Power      Verdict `json:"power,omitempty"`    // Điện dự phòng
	UpKbps     int     `json:"upKbps,omitempty"`   // through the real server; 0: not measured
	DownKbps   int     `json:"downKbps,omitempty"` // likewise
	DelayMs    int     `json:"delayMs,omitempty"`  // there and back
	Signed     string  `json:"signed,omitempty"`   // who answers for it: one line of 200 runes
}

func (c Check) valid() bool {
	for _, v := range []Verdict{c.Camera, c.Microphone, c.Speaker, c.Echo, c.Line, c.Power} {
		if !v.valid() {
			return false
		}
	}
	return min(c.UpKbps, c.DownKbps, c.DelayMs) >= 0 && max(c.UpKbps, c.DownKbps) <= maxKbps &&
		c.DelayMs <= maxDelay && validTitle(c.Signed)
}

// Checked is a point's newest check: what, when and by whom.
type Checked struct {
	Check
	At time.Time `json:"at"`
	By Role      `json:"by"`
}

// CheckPoint hands a point's check in. A later one stands over it; the log keeps both.
type CheckPoint struct {
	Point PointID `json:"point,omitempty"`
	Check Check   `json:"check"`
}

func (CheckPoint) command() string   { return "point.check" }
func (c CheckPoint) target() PointID { return c.Point }

// PointChecked is the fact of it; Event.At and Event.By time and sign it.
type PointChecked struct {
	Point PointID `json:"point"`
	Check Check   `json:"check"`
}

func (PointChecked) fact() string { return "point.checked" }

func (c CheckPoint) decideFor(_ *Meeting, _ moment, p *PointState) ([]Fact, error) {
	if !c.Check.valid() {
		return nil, refuse(CodeValueInvalid, "field", "check")
	}
	return []Fact{PointChecked{Point: p.ID, Check: c.Check}}, nil
}

func (f PointChecked) fold(m *Meeting, e Event) error {
	p := m.point(f.Point)
	if p == nil || !f.Check.valid() {
		return errIllegal
	}
	check := f.Check
	if p.Checked != nil {
		check = check.over(p.Checked.Check)
	}
	p.Checked = &Checked{Check: check, At: e.At, By: e.By.Role}
	return nil
}

// over lets what this check says nothing of stand as an earlier one has it: the
// room measures, and its officer adds what only a person knows.
func (c Check) over(old Check) Check {
	return Check{
		Camera: cmp.Or(c.Camera, old.Camera), Microphone: cmp.Or(c.Microphone, old.Microphone),
		Speaker: cmp.Or(c.Speaker, old.Speaker), Echo: cmp.Or(c.Echo, old.Echo),
		Line: cmp.Or(c.Line, old.Line), Power: cmp.Or(c.Power, old.Power),
		UpKbps: cmp.Or(c.UpKbps, old.UpKbps), DownKbps: cmp.Or(c.DownKbps, old.DownKbps),
		DelayMs: cmp.Or(c.DelayMs, old.DelayMs), Signed: cmp.Or(c.Signed, old.Signed),
	}
}
