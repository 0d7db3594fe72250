package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/giaoban/giaoban/loadtest/report"
	"github.com/giaoban/giaoban/loadtest/scenario"
)

// listCommand is "loadtest list".
type listCommand struct{}

// Run explains the scenarios that ship.
func (listCommand) Run(t terminal) error {
	for _, name := range scenario.Names() {
		s, err := scenario.Load(name)
		if err != nil {
			return err
		}
		needs := ""
		if s.Kills() {
			needs = "; kills its server, so only for \"loadtest local\""
		}
		if s.Lines() {
			needs += "; harms lines, so it needs --netns"
		}
		fmt.Fprintf(t.out, "%-16s %s\n%17s%s\n%17s%d points, %v%s\n", name, s.Title.Vi, "", s.Title.En, "", s.Points, s.Duration, needs)
	}
	return nil
}

// compareCommand is "loadtest compare".
type compareCommand struct {
	A string `arg:"" placeholder:"A.json" help:"A report."`
	B string `arg:"" placeholder:"B.json" help:"Another."`
}

// Run sets two reports side by side.
func (c *compareCommand) Run(t terminal) error {
	a, err := readReport(c.A)
	if err != nil {
		return err
	}
	b, err := readReport(c.B)
	if err != nil {
		return err
	}
	return report.Compare(t.out, a, b)
}

// growthCommand is "loadtest growth".
type growthCommand struct {
	Reports []string `arg:"" placeholder:"FILE.json" help:"Reports of one script with different numbers of points."`
	HTML    string   `name:"html" placeholder:"FILE" help:"Write the curves as one page."`
}

// Run shows how cost grows with the number of points.
func (c *growthCommand) Run(t terminal) error {
	var runs []*report.Report
	for _, name := range c.Reports {
		r, err := readReport(name)
		if err != nil {
			return err
		}
		runs = append(runs, r)
	}
	g := report.NewGrowth(runs)
	return errors.Join(g.Table(t.out), save(c.HTML, g.Page))
}

func readReport(name string) (*report.Report, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open report: %w", err)
	}
	defer f.Close()
	r, err := report.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}
