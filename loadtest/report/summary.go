package report

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// mostListed findings are written out in a summary; the reports have them all.
const mostListed = 12

// Summary writes what a person at a terminal wants to know, the verdict first.
func (r *Report) Summary(w io.Writer) {
	fmt.Fprintf(w, "%s\n%s\n\n", r.Verdict.Line.Vi, r.Verdict.Line.En)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "ms\tn\tp50\tp95\tp99\tmax\tlimit\t\n")
	for _, f := range r.Figures {
		limit := "-"
		if f.Limit > 0 {
			limit = fmt.Sprintf("%s %.0f", f.Judge, f.Limit)
		}
		fmt.Fprintf(t, "%s\t%d\t%.1f\t%.1f\t%.1f\t%.1f\t%s\t\n", f.Name, f.Count, f.P50, f.P95, f.P99, f.Max, limit)
	}
	_ = t.Flush() // a terminal that takes nothing is not told so
	m, c := r.Machine, r.Totals
	fmt.Fprintf(w, "\n%d/%d points, %d turns, %d layouts; %.1f Mbit/s received in %d packets, %d missing; %d keyframes asked for\n",
		c.Joined, r.Points, c.Turns, c.Layouts, c.MbitPerS, c.Packets, c.Missing, c.Keyframes)
	if c.Cheated > 0 {
		fmt.Fprintf(w, "%d packets sent without a right, %d heard; %d heard with the gate open, as a control\n", c.Cheated, c.CheatsHeard, c.Control)
	}
	if c.Restarts > 0 {
		fmt.Fprintf(w, "the server was killed %d times\n", c.Restarts)
	}
	fmt.Fprintf(w, "server %.2f cores, %.0f MB; bots %.2f cores, %.0f MB, p99 %.0f ms late; others %.2f of %d cores\n",
		m.ServerCPU, m.ServerMemory, m.BotsCPU, m.BotsMemory, m.LateP99, m.OthersCPU, m.Cores)
	for _, x := range r.Tiers {
		fmt.Fprintf(w, "  %s: %d points, one way p50/p99: pictures %.0f/%.0f ms, sound %.0f/%.0f ms\n",
			x.Name, x.Points, x.Pictures.P50, x.Pictures.P99, x.Sounds.P50, x.Sounds.P99)
	}
	for _, l := range r.Lines {
		fmt.Fprintf(w, "  line above %s: up %s; down %s\n", l.Node, l.Up, l.Down)
	}
	for i, f := range r.Findings {
		if i == mostListed {
			fmt.Fprintf(w, "  and %d more\n", len(r.Findings)-i)
			break
		}
		fmt.Fprintf(w, "  %s ×%d  %s: %s\n", f.What, f.Count, f.Where, f.Instance)
	}
}

// String says what a way carried, and how fast.
func (w Way) String() string {
	return fmt.Sprintf("%.1f MB, %d packets of %d streams (%d at once), %.0f ms", w.MB(), w.Packets, w.Streams, w.MostStreams, w.Latency)
}

// Rates says how much a second carried, and how fast.
func (s Sample) Rates() string {
	return fmt.Sprintf("%.1f Mbit/s  p50 %.0f p95 %.0f p99 %.0f ms  missing %d", s.MbitPerS, s.LatencyP50, s.LatencyP95, s.LatencyP99, s.Missing)
}

// State says who speaks, what it costs, and what is wrong.
func (s Sample) State() string {
	floor := s.Floor
	if floor == "" {
		floor = "-"
	}
	return fmt.Sprintf("floor %s  server %.2f bots %.2f cores  findings %d", floor, s.ServerCPU, s.BotsCPU, s.Findings)
}
