package report

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"text/tabwriter"
)

//go:embed growth.html
var growthText string

// Growth is how cost grows with the number of points: runs of the same script,
// one curve for each scenario.
type Growth struct{ runs []*Report }

// NewGrowth sorts runs by scenario and points.
func NewGrowth(runs []*Report) Growth {
	runs = slices.Clone(runs)
	slices.SortFunc(runs, func(a, b *Report) int {
		return cmp.Or(cmp.Compare(a.Scenario, b.Scenario), cmp.Compare(a.Points, b.Points))
	})
	return Growth{runs}
}

// measure is one curve of a growth.
type measure struct {
	vi, en, unit string
	of           func(r *Report) float64
}

func measures() []measure {
	p99 := func(name string) func(r *Report) float64 {
		return func(r *Report) float64 {
			if f := r.Figure(name); f != nil {
				return f.P99
			}
			return 0
		}
	}
	return []measure{
		{"Bộ xử lý máy chủ mỗi điểm cầu", "Server processor per point", "millicores", func(r *Report) float64 { return 1000 * r.Machine.ServerCPU / float64(r.Points) }},
		{"Bộ nhớ máy chủ mỗi điểm cầu", "Server memory per point", "MB", func(r *Report) float64 { return r.Machine.ServerMemory / float64(r.Points) }},
		{"Độ trễ hình p99", "Latency of pictures, p99", "ms", p99(PictureLatency)},
		{"Độ trễ tiếng p99", "Latency of sound, p99", "ms", p99(SoundLatency)},
	}
}

// Table writes the figures for a terminal.
func (g Growth) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "scenario\tpoints\t")
	for _, m := range measures() {
		fmt.Fprintf(t, "%s, %s\t", m.en, m.unit)
	}
	fmt.Fprint(t, "verdict\t\n")
	for _, r := range g.runs {
		fmt.Fprintf(t, "%s\t%d\t", r.Scenario, r.Points)
		for _, m := range measures() {
			fmt.Fprintf(t, "%.1f\t", m.of(r))
		}
		fmt.Fprintf(t, "%s\t\n", map[int]string{Passed: "passed", Failed: "failed", Untrusted: "not trusted"}[r.Verdict.Code])
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write growth: %w", err)
	}
	return nil
}

// Page writes the curves as one page that needs nothing from elsewhere.
func (g Growth) Page(w io.Writer) error {
	page, err := template.New("growth").Parse(growthText)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	data := struct {
		Script, Library template.JS
		Style           template.CSS
		Charts          []chart
	}{Script: template.JS(pageScript), Library: template.JS(plotScript), Style: template.CSS(plotStyle), Charts: g.charts()}
	if err := page.Execute(w, data); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// charts has a drawing for each measure, with a curve for each scenario. A
// scenario that was not played with so many points has a gap there.
func (g Growth) charts() []chart {
	var points []float64
	var scenarios []string
	for _, r := range g.runs {
		points, scenarios = append(points, float64(r.Points)), append(scenarios, r.Scenario)
	}
	slices.Sort(points)
	points, scenarios = slices.Compact(points), slices.Compact(scenarios)
	var list []chart
	for _, m := range measures() {
		c := chart{Vi: m.vi, En: m.en, Unit: m.unit, Second: points, Axis: "points"}
		for _, name := range scenarios {
			line := curve{Name: name, Values: make([]float64, len(points))}
			for _, r := range g.runs {
				if r.Scenario == name {
					line.Values[slices.Index(points, float64(r.Points))] = m.of(r)
				}
			}
			c.Lines = append(c.Lines, line)
		}
		list = append(list, c)
	}
	return list
}
