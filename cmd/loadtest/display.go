package main

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/giaoban/giaoban/loadtest/report"
	"github.com/giaoban/giaoban/loadtest/scenario"
)

// lineEvery is how many samples, of a second each, a plain line stands for.
const lineEvery = 10

// display shows how a run goes: bars on a terminal, else a line every ten
// seconds.
type display struct {
	out    io.Writer
	script *scenario.Scenario
	bars   *mpb.Progress // nil without a terminal
	points *mpb.Bar
	time   *mpb.Bar
	seen   int

	mu   sync.Mutex
	last report.Sample
}

func newDisplay(out io.Writer, s *scenario.Scenario) *display {
	d := &display{out: out, script: s}
	if !isTerminal(out) {
		return d
	}
	d.bars = mpb.New(mpb.WithOutput(out), mpb.WithWidth(40))
	expected := s.Duration.D() + s.Join.Over.D()
	d.points = d.bars.AddBar(int64(s.Points),
		mpb.PrependDecorators(decor.Name("điểm cầu · points", decor.WC{W: 20, C: decor.DindentRight}), decor.CountersNoUnit("%d/%d", decor.WC{W: 8})),
		mpb.AppendDecorators(decor.Any(d.words(report.Sample.Rates))))
	d.time = d.bars.AddBar(max(int64(expected.Seconds()), 1),
		mpb.PrependDecorators(decor.Name("giây · seconds", decor.WC{W: 20, C: decor.DindentRight}), decor.CountersNoUnit("%d/%d", decor.WC{W: 8})),
		mpb.AppendDecorators(decor.Any(d.words(report.Sample.State))))
	return d
}

// isTerminal: a character device that is not the null device.
func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// words is a decorator that says something of the newest sample.
func (d *display) words(say func(report.Sample) string) decor.DecorFunc {
	return func(decor.Statistics) string {
		d.mu.Lock()
		defer d.mu.Unlock()
		return say(d.last)
	}
}

// show takes a sample, once a second.
func (d *display) show(s report.Sample) {
	if d.bars == nil {
		d.seen++
		if d.seen%lineEvery == 0 {
			fmt.Fprintf(d.out, "%4.0f s  %d/%d points  %s  %s\n", s.AtS, s.Joined, d.script.Points, s.Rates(), s.State())
		}
		return
	}
	d.mu.Lock()
	d.last = s
	d.mu.Unlock()
	d.points.SetCurrent(int64(s.Joined))
	d.time.SetCurrent(int64(s.AtS))
}

// close leaves the bars as they are.
func (d *display) close() {
	if d.bars != nil {
		d.points.Abort(false)
		d.time.Abort(false)
		d.bars.Wait()
	}
}
