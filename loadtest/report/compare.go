package report

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Compare writes two runs side by side, figure by figure.
func Compare(w io.Writer, a, b *Report) error {
	fmt.Fprintf(w, "A  %s\n   %s\nB  %s\n   %s\n\n", a.Verdict.Line.Vi, a.Verdict.Line.En, b.Verdict.Line.Vi, b.Verdict.Line.En)
	if a.Scenario != b.Scenario || a.Points != b.Points {
		fmt.Fprintf(w, "Not alike: %s with %d points, %s with %d points.\n\n", a.Scenario, a.Points, b.Scenario, b.Points)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "\tA\tB\tchange\t\n")
	for _, f := range a.Figures {
		g := b.Figure(f.Name)
		if g == nil {
			continue
		}
		row(t, f.Name+" p50, ms", f.P50, g.P50)
		row(t, f.Name+" p95, ms", f.P95, g.P95)
	}
	row(t, "server, cores", a.Machine.ServerCPU, b.Machine.ServerCPU)
	row(t, "server, MB", a.Machine.ServerMemory, b.Machine.ServerMemory)
	row(t, "bots, cores", a.Machine.BotsCPU, b.Machine.BotsCPU)
	row(t, "others, cores", a.Machine.OthersCPU, b.Machine.OthersCPU)
	row(t, "received, Mbit/s", a.Totals.MbitPerS, b.Totals.MbitPerS)
	row(t, "packets missing", float64(a.Totals.Missing), float64(b.Totals.Missing))
	row(t, "keyframes asked", float64(a.Totals.Keyframes), float64(b.Totals.Keyframes))
	row(t, "findings", float64(len(a.Findings)), float64(len(b.Findings)))
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write comparison: %w", err)
	}
	return nil
}

func row(w io.Writer, what string, a, b float64) {
	change := "="
	switch {
	case a == b:
	case a == 0:
		change = "new"
	default:
		change = fmt.Sprintf("%+.0f %%", 100*(b-a)/a)
	}
	fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%s\t\n", what, a, b, change)
}
