package report

import "slices"

// Together is the report of several meetings that were held at once by one
// script: counts are sums, and each time is that of the worst meeting. What the
// bots and the rest of the machine used is theirs together in every report.
func Together(all []*Report) *Report {
	r := *all[0]
	r.Server, r.Points, r.Totals = "", 0, Totals{}
	r.Figures, r.Findings, r.Nodes, r.Tiers, r.Series = nil, nil, nil, nil, nil
	servers, longest := 0.0, 0
	for _, one := range all {
		r.Points += one.Points
		r.Seconds = max(r.Seconds, one.Seconds)
		r.Totals.add(one.Totals)
		r.Findings = append(r.Findings, one.Findings...)
		r.Nodes = append(r.Nodes, one.Nodes...)
		for _, f := range one.Figures {
			r.worsen(f)
		}
		servers += one.Machine.ServerCPU
		longest = max(longest, len(one.Series))
		r.Machine.BotsCPU = max(r.Machine.BotsCPU, one.Machine.BotsCPU)
		r.Machine.LateP99 = max(r.Machine.LateP99, one.Machine.LateP99)
		r.Machine.Bottleneck = r.Machine.Bottleneck || one.Machine.Bottleneck
		if one != all[0] {
			r.Machine.ServerMemory += one.Machine.ServerMemory
		}
	}
	r.Machine.OthersCPU = max(all[0].Machine.OthersCPU-(servers-all[0].Machine.ServerCPU), 0)
	r.Machine.ServerCPU = servers
	for second := range longest {
		var at []Sample
		for _, one := range all {
			if second < len(one.Series) {
				at = append(at, one.Series[second])
			}
		}
		r.Series = append(r.Series, Sum(at))
	}
	r.Judge()
	return &r
}

// worsen takes the worse of a figure and the one of the same name.
func (r *Report) worsen(f Figure) {
	i := slices.IndexFunc(r.Figures, func(g Figure) bool { return g.Name == f.Name })
	if i < 0 {
		r.Figures = append(r.Figures, f)
		return
	}
	g := &r.Figures[i]
	g.Count += f.Count
	g.P50, g.P95, g.P99, g.Max = max(g.P50, f.P50), max(g.P95, f.P95), max(g.P99, f.P99), max(g.Max, f.Max)
	g.OK = g.OK && f.OK
}

func (t *Totals) add(o Totals) {
	t.Joined += o.Joined
	t.Turns += o.Turns
	t.Layouts += o.Layouts
	t.Pictures += o.Pictures
	t.Replayed += o.Replayed
	t.Sounds += o.Sounds
	t.Packets += o.Packets
	t.Bytes += o.Bytes
	t.Missing += o.Missing
	if o.WorstMissing > t.WorstMissing {
		t.WorstMissing, t.WorstSlot = o.WorstMissing, o.WorstSlot
	}
	t.ForeignSound += o.ForeignSound
	t.Keyframes += o.Keyframes
	t.Cheated += o.Cheated
	t.CheatsHeard += o.CheatsHeard
	t.Control += o.Control
	t.Restarts += o.Restarts
	t.Refusals += o.Refusals
	t.MbitPerS += o.MbitPerS
}

// Sum is a second of several meetings: counts are sums, times the worst.
func Sum(all []Sample) Sample {
	s := Sample{}
	for _, o := range all {
		s.AtS = max(s.AtS, o.AtS)
		s.Joined += o.Joined
		s.MbitPerS += o.MbitPerS
		s.LatencyP50, s.LatencyP95 = max(s.LatencyP50, o.LatencyP50), max(s.LatencyP95, o.LatencyP95)
		s.LatencyP99, s.LateP99 = max(s.LatencyP99, o.LatencyP99), max(s.LateP99, o.LateP99)
		s.Missing += o.Missing
		s.Keyframes += o.Keyframes
		s.ServerCPU += o.ServerCPU
		s.ServerMemory += o.ServerMemory
		s.BotsCPU = max(s.BotsCPU, o.BotsCPU)
		s.Findings += o.Findings
		if s.Floor == "" {
			s.Floor = o.Floor
		}
	}
	if len(all) > 0 { // every meeting counts the servers of the others among them
		s.OthersCPU = max(all[0].OthersCPU-(s.ServerCPU-all[0].ServerCPU), 0)
	}
	return s
}
