package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed page.html
var pageText string

//go:embed assets/uPlot.iife.min.js
var plotScript string

//go:embed assets/uPlot.min.css
var plotStyle string

//go:embed page.js
var pageScript string

// Page writes the report as one page that needs nothing from elsewhere.
func (r *Report) Page(w io.Writer) error {
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	data := struct {
		*Report
		Class           string
		Script, Library template.JS
		Style           template.CSS
		Charts          []chart
	}{
		Report: r, Class: map[int]string{Passed: "passed", Failed: "failed", Untrusted: "doubt"}[r.Verdict.Code],
		Script: template.JS(pageScript), Library: template.JS(plotScript), Style: template.CSS(plotStyle), Charts: r.charts(),
	}
	if err := page.Execute(w, data); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// chart is one drawing: values over the seconds of the run, or over what Axis
// names.
type chart struct {
	Axis   string    `json:"axis,omitempty"`
	Vi     string    `json:"vi"`
	En     string    `json:"en"`
	Unit   string    `json:"unit"`
	Lines  []curve   `json:"lines"`
	Second []float64 `json:"second"`
}

// curve is one line of a chart.
type curve struct {
	Name   string    `json:"name"`
	Values []float64 `json:"values"`
}

// MostMB is what the fullest way of any line carried.
func (r *Report) MostMB() (most float64) {
	for _, l := range r.Lines {
		most = max(most, l.Up.MB(), l.Down.MB())
	}
	return most
}

// treeCharts are the drawings of a run over a tree: latency by level, traffic
// by line.
func (r *Report) treeCharts(pick func(string, func(Sample) float64) curve) (list []chart) {
	if len(r.Tiers) > 0 {
		c := chart{Vi: "Độ trễ một chiều theo cấp, trung vị", En: "One-way latency by tier, median", Unit: "ms"}
		for _, t := range r.Tiers {
			c.Lines = append(c.Lines, pick(t.Name, func(s Sample) float64 { return s.Tiers[t.Name] }))
		}
		list = append(list, c)
	}
	if len(r.Lines) > 0 {
		c := chart{Vi: "Lưu lượng từng đường kết nối", En: "Traffic of each line, both ways", Unit: "Mbit/s"}
		for _, l := range r.Lines {
			c.Lines = append(c.Lines, pick(l.Node, func(s Sample) float64 { return s.Lines[l.Node] }))
		}
		list = append(list, c)
	}
	return list
}

func (r *Report) charts() []chart {
	pick := func(name string, of func(Sample) float64) curve {
		c := curve{Name: name}
		for _, s := range r.Series {
			c.Values = append(c.Values, of(s))
		}
		return c
	}
	list := []chart{
		{Vi: "Điểm cầu có hình", En: "Points with a picture", Lines: []curve{pick("points", func(s Sample) float64 { return float64(s.Joined) })}},
		{Vi: "Độ trễ một chiều", En: "One-way latency", Unit: "ms", Lines: []curve{
			pick("p50", func(s Sample) float64 { return s.LatencyP50 }),
			pick("p95", func(s Sample) float64 { return s.LatencyP95 }),
			pick("p99", func(s Sample) float64 { return s.LatencyP99 }),
		}},
		{Vi: "Lưu lượng mọi điểm cầu nhận", En: "Received by all points", Unit: "Mbit/s", Lines: []curve{pick("Mbit/s", func(s Sample) float64 { return s.MbitPerS })}},
		{Vi: "Bộ xử lý", En: "Processors", Unit: "cores", Lines: []curve{
			pick("server", func(s Sample) float64 { return s.ServerCPU }),
			pick("bots", func(s Sample) float64 { return s.BotsCPU }),
			pick("others", func(s Sample) float64 { return s.OthersCPU }),
		}},
		{Vi: "Bộ nhớ máy chủ", En: "Memory of the server", Unit: "MB", Lines: []curve{pick("MB", func(s Sample) float64 { return s.ServerMemory })}},
		{Vi: "Mất gói và yêu cầu khung hình khóa", En: "Packets missing, keyframes asked for", Lines: []curve{
			pick("missing", func(s Sample) float64 { return float64(s.Missing) }),
			pick("keyframes", func(s Sample) float64 { return float64(s.Keyframes) }),
		}},
	}
	list = append(list, r.treeCharts(pick)...)
	seconds := pick("", func(s Sample) float64 { return s.AtS }).Values
	for i := range list {
		list[i].Second = seconds
	}
	return list
}
