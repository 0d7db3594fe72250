package report

import "testing"

// Of meetings held at once, one that fails fails all; counts add up, times are
// the worst, and the machine, which they share, is not counted twice.
func TestMeetingsTogetherAreSumsAndTheWorst(t *testing.T) {
	a, b := sound(), sound()
	a.Machine = Machine{ServerCPU: 0.2, BotsCPU: 0.5, OthersCPU: 0.4, ServerMemory: 50, LateP99: 3}
	b.Machine = Machine{ServerCPU: 0.3, BotsCPU: 0.5, OthersCPU: 0.3, ServerMemory: 70, LateP99: 4}
	a.Totals, b.Totals = Totals{Joined: 22, WorstMissing: 1, WorstSlot: "x"}, Totals{Joined: 20, WorstMissing: 3, WorstSlot: "y"}
	b.Figures[0] = Figure{Name: OKToAudible, Count: 4, P50: 2, P95: 500, P99: 600, Max: 700}.Within("p95", 400)
	b.Series = b.Series[:1]
	r := Together([]*Report{a, b})
	if f := r.Figure(OKToAudible); f.Count != 13 || f.P50 != 4 || f.P95 != 500 || f.OK || r.Verdict.Code != Failed {
		t.Errorf("%+v, %+v", f, r.Verdict)
	}
	if r.Points != 44 || r.Totals.Joined != 42 || r.Totals.WorstSlot != "y" || len(r.Series) != 2 || r.Series[0].Joined != 6 || r.Series[1].Joined != 22 {
		t.Errorf("%d points, %+v, %+v", r.Points, r.Totals, r.Series)
	}
	m := r.Machine
	if m.ServerCPU != 0.5 || m.BotsCPU != 0.5 || m.ServerMemory != 120 || m.LateP99 != 4 || m.OthersCPU > 0.1001 || m.OthersCPU < 0.0999 {
		t.Errorf("%+v", m)
	}
	if a.Points != 22 || a.Totals.Joined != 22 || a.Figures[0].Count != 9 {
		t.Error("one of them was changed")
	}
	b.Findings = []Finding{{What: OtherMeeting, Where: "y"}}
	if r := Together([]*Report{sound(), b}); r.Verdict.Code != Failed || len(r.Findings) != 1 {
		t.Errorf("%+v", r.Verdict)
	}
}
