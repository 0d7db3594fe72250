// Command loadtest rehearses a briefing with bots and says whether it would
// have worked: against a running bridge (run), or one it starts itself (local).
//
// Goroutines: those of the display; main awaits them. No lock.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"github.com/giaoban/giaoban/loadtest/report"
)

// commands is the table of subcommands.
type commands struct {
	Run     runCommand     `cmd:"" help:"Rehearse against a running bridge, whose links are in a file."`
	Local   localCommand   `cmd:"" help:"Start a bridge on free ports, rehearse, stop it and clean up."`
	Play    playCommand    `cmd:"" help:"Play points with films in several sizes until interrupted."`
	List    listCommand    `cmd:"" help:"Explain the scenarios that ship."`
	Compare compareCommand `cmd:"" help:"Set two reports side by side."`
	Growth  growthCommand  `cmd:"" help:"Plot how cost grows with the number of points, from several reports."`
}

// terminal is where a command runs.
type terminal struct {
	args []string
	out  io.Writer
	err  io.Writer
	code *int // the exit code of a command that ran
}

func main() {
	code := report.Passed
	os.Exit(execute(terminal{args: os.Args[1:], out: os.Stdout, err: os.Stderr, code: &code}))
}

// execute carries out a command line and returns the exit code: 0 passed, 1 a
// limit was missed, 2 wrong use or no run at all, 3 the run cannot be trusted.
func execute(t terminal) int {
	parser, err := kong.New(&commands{},
		kong.Name("loadtest"),
		kong.Description("Rehearses a briefing with bots. Exit codes: 0 passed, 1 a limit missed, 2 wrong use, 3 not trustworthy."),
		kong.Writers(t.out, t.err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.UsageOnError(),
		kong.Bind(t),
	)
	if err != nil {
		fmt.Fprintln(t.err, "loadtest:", err)
		return report.WrongUse
	}
	args := t.args
	if len(args) == 0 {
		args = []string{"--help"}
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(t.err, "loadtest: %v\nRun \"loadtest --help\" for what there is.\n", err)
		return report.WrongUse
	}
	if err := ctx.Run(t); err != nil {
		fmt.Fprintln(t.err, "loadtest:", err)
		return report.WrongUse
	}
	return *t.code
}

// version is what the build knows of its source.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
