package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/giaoban/giaoban/loadtest/report"
	"github.com/giaoban/giaoban/loadtest/run"
	"github.com/giaoban/giaoban/loadtest/scenario"
)

// rehearsal are the flags of every run.
type rehearsal struct {
	Scenario string        `default:"L1" placeholder:"NAME|FILE" help:"A scenario of \"loadtest list\", or a file (${default})."`
	Points   int           `placeholder:"N" help:"How many points, instead of what the scenario says."`
	Duration time.Duration `placeholder:"TIME" help:"How long after the last join, instead of what the scenario says."`
	JSON     string        `name:"json" placeholder:"FILE" help:"Write the report as JSON."`
	HTML     string        `name:"html" placeholder:"FILE" help:"Write the report as one page."`
}

// load reads the scenario and makes it as large as it is asked for.
func (r *rehearsal) load() (*scenario.Scenario, error) {
	s, err := scenario.Load(r.Scenario)
	if err != nil {
		return nil, err
	}
	return s, s.Scale(r.Points, r.Duration)
}

// performance is run.Run, or the same of several meetings.
type performance func(context.Context, run.Config) (*report.Report, error)

// play runs the scenario with the display and writes the reports.
func (r *rehearsal) play(ctx context.Context, t terminal, cfg run.Config, perform performance) error {
	d := newDisplay(t.err, cfg.Scenario)
	cfg.Progress, cfg.Version = d.show, version()
	rep, err := perform(ctx, cfg)
	d.close()
	if err != nil {
		return err
	}
	*t.code = rep.Verdict.Code
	rep.Summary(t.out)
	return errors.Join(save(r.JSON, rep.Write), save(r.HTML, rep.Page))
}

// save writes a file whole or not at all; without a name it does nothing.
func save(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".loadtest-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // not there if all went well
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(f.Name(), name)
}

// interruptible ends with Ctrl-C; a second one ends the process, and the
// server with it.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// runCommand is "loadtest run".
type runCommand struct {
	rehearsal

	Links string `required:"" placeholder:"FILE" help:"What \"giaoban serve --demo-points 0\" printed; - is standard input."`
	URL   string `name:"url" placeholder:"URL" help:"http://host:port of the bridge, if not as in the links."`
	PID   int    `name:"pid" placeholder:"PID" help:"The bridge's process, if it runs on this machine, to measure it."`
}

// Run rehearses against somebody else's bridge.
func (c *runCommand) Run(t terminal) error {
	s, err := c.load()
	if err != nil {
		return err
	}
	links, err := c.links()
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	return c.play(ctx, t, run.Config{Scenario: s, Links: links, PID: c.PID}, run.Run)
}

func (c *runCommand) links() (run.Links, error) {
	in := io.Reader(os.Stdin)
	if c.Links != "-" {
		f, err := os.Open(c.Links)
		if err != nil {
			return run.Links{}, fmt.Errorf("read links: %w", err)
		}
		defer f.Close()
		in = f
	}
	links, err := run.ReadLinks(in)
	if c.URL != "" {
		links.URL = c.URL
	}
	return links, err
}

// localCommand is "loadtest local".
type localCommand struct {
	rehearsal

	Giaoban string `placeholder:"FILE" help:"The bridge's program (beside this one, or in PATH)."`
	Netns   bool   `help:"Give every node a network namespace of its own, with lines between them; needs root."`
}

// Run starts a bridge, rehearses and stops it.
func (c *localCommand) Run(t terminal) error {
	s, err := c.load()
	if err != nil {
		return err
	}
	binary, err := c.binary()
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	if s.Tree == scenario.Districts {
		return c.apart(ctx, t, binary, s)
	}
	fleet, err := run.StartFleet(ctx, binary, s, c.Netns)
	if err != nil {
		return err
	}
	err = c.play(ctx, t, run.Config{Scenario: s, Links: fleet.Links, Fleet: fleet}, run.Run)
	return errors.Join(err, fleet.Close())
}

// apart rehearses the meetings of several districts at once.
func (c *localCommand) apart(ctx context.Context, t terminal, binary string, s *scenario.Scenario) error {
	nodes, err := run.StartApart(ctx, binary, s)
	if err != nil {
		return err
	}
	err = c.play(ctx, t, run.Config{Scenario: s}, func(ctx context.Context, cfg run.Config) (*report.Report, error) {
		return run.RunApart(ctx, cfg, nodes)
	})
	return errors.Join(err, nodes.Close())
}

// binary finds the bridge's program.
func (c *localCommand) binary() (string, error) {
	if c.Giaoban != "" {
		return filepath.Abs(c.Giaoban)
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), "giaoban")
		if _, err := os.Stat(beside); err == nil {
			return beside, nil
		}
	}
	found, err := exec.LookPath("giaoban")
	if err != nil {
		return "", fmt.Errorf("no giaoban beside this program or in PATH; --giaoban names it: %w", err)
	}
	return found, nil
}
