package report

import (
	"fmt"
	"slices"

	"github.com/giaoban/giaoban/loadtest/scenario"
)

// Verdict is the judgement on a run. Code is the exit code of the program.
type Verdict struct {
	Code int           `json:"code"` // 0 passed, 1 failed, 3 not trustworthy
	Line scenario.Text `json:"line"` // one sentence: pass or fail, and why
}

// The codes of a verdict, and of the program; 2 is wrong use.
const (
	Passed    = 0
	Failed    = 1
	WrongUse  = 2
	Untrusted = 3
)

// Judge sets the verdict. What is the server's fault for certain fails the run
// whatever the bots did; else a run whose bots were the bottleneck is not
// trustworthy, passed or not.
func (r *Report) Judge() {
	var certain, doubtful []scenario.Text
	for _, f := range r.Findings {
		reason := scenario.Text{
			Vi: fmt.Sprintf("%s (%s)", natures[f.What].name.Vi, f.Where), En: fmt.Sprintf("%s (%s)", natures[f.What].name.En, f.Where),
		}
		if natures[f.What].certain {
			certain = append(certain, reason)
		} else {
			doubtful = append(doubtful, reason)
		}
	}
	for _, f := range r.Figures {
		if !f.OK {
			doubtful = append(doubtful, scenario.Text{
				Vi: fmt.Sprintf("%s: %s %.0f ms, giới hạn %.0f ms", f.Title().Vi, f.Judge, f.judged(), f.Limit),
				En: fmt.Sprintf("%s: %s %.0f ms, limit %.0f ms", f.Title().En, f.Judge, f.judged(), f.Limit),
			})
		}
	}
	switch {
	case len(certain) > 0:
		r.Verdict = failed(slices.Concat(certain, doubtful))
	case r.Machine.Bottleneck:
		r.Verdict = Verdict{Untrusted, scenario.Text{
			Vi: fmt.Sprintf("KHÔNG ĐỦ TIN CẬY: máy chạy tải không theo kịp (chậm %.0f ms)", r.Machine.LateP99),
			En: fmt.Sprintf("NOT TRUSTWORTHY: the bots could not keep up (%.0f ms late)", r.Machine.LateP99),
		}}
	case len(doubtful) > 0:
		r.Verdict = failed(doubtful)
	default:
		r.Verdict = Verdict{Passed, scenario.Text{
			Vi: fmt.Sprintf("ĐẠT: %d điểm cầu trong %.0f giây, không có lỗi, mọi giới hạn đều đạt", r.Points, r.Seconds),
			En: fmt.Sprintf("PASSED: %d points for %.0f s, nothing wrong, every limit met", r.Points, r.Seconds),
		}}
	}
}

// failed is the verdict for the first reason and a count of the others.
func failed(reasons []scenario.Text) Verdict {
	line := scenario.Text{Vi: "KHÔNG ĐẠT: " + reasons[0].Vi, En: "FAILED: " + reasons[0].En}
	if more := len(reasons) - 1; more > 0 {
		line.Vi += fmt.Sprintf("; và %d lý do khác", more)
		line.En += fmt.Sprintf("; and %d more", more)
	}
	return Verdict{Failed, line}
}

// judged is the value the limit is for.
func (f Figure) judged() float64 {
	switch f.Judge {
	case "p95":
		return f.P95
	case "p99":
		return f.P99
	}
	return f.Max
}

// Within judges a figure by a limit in milliseconds; 0 is none.
func (f Figure) Within(judge string, limit float64) Figure {
	f.OK = true
	if limit > 0 {
		f.Judge, f.Limit = judge, limit
		f.OK = f.judged() <= limit
	}
	return f
}
