// Command giaoban is the bridge: one program that serves the pages, carries
// the media and keeps the meetings of one node. serve.go is the only place
// where the parts are put together; everything it starts it also ends.
//
// Goroutines: one for each listener, and one of the certificate keeper;
// node.close awaits them. No lock.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"github.com/giaoban/giaoban/internal/config"
)

// commands is the table of subcommands.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Serve meetings. Without flags: the demo, on localhost:8080, https on :8443, media on port 10000."`
	Minutes minutesCommand `cmd:"" help:"Write the minutes of a meeting: a page to print, a workbook, or a table."`
	Export  exportCommand  `cmd:"" help:"Write the journal of a meeting to a file."`
	Import  importCommand  `cmd:"" help:"Take in the journal of a meeting from such a file."`
	Meeting meetingCommand `cmd:"" help:"Hold, list, start, end and move meetings."`
	Points  pointsCommand  `cmd:"" help:"Import, export and list bridge points."`
	Consent consentCommand `cmd:"" help:"Consents for lending points to other systems."`
	User    userCommand    `cmd:"" help:"Accounts of people."`
	Pair    pairCommand    `cmd:"" help:"Give a kiosk that shows a code its bridge point."`
	Link    linkCommand    `cmd:"" help:"Make a link that opens a page in a role."`
	Check   checkCommand   `cmd:"" help:"Look at everything that is stored, and name what is damaged."`
	Repair  repairCommand  `cmd:"" help:"Set what is damaged aside into files beside the store, so that the rest goes on."`
	Backup  backupCommand  `cmd:"" help:"Write a checked copy of the data directory to a file, also while the server runs."`
	Restore restoreCommand `cmd:"" help:"Put such a copy into a data directory."`
	Audit   auditCommand   `cmd:"" help:"Show who did what, and check that the log is whole."`
	Node    nodeCommand    `cmd:"" help:"The key of this node, and the nodes it trusts."`
	Tree    treeCommand    `cmd:"" help:"Check or print the file of a tree of nodes."`
	Config  configCommand  `cmd:"" help:"Print a commented configuration file with every key at its default."`
	Version versionCommand `cmd:"" help:"Print the version."`
	Help    helpCommand    `cmd:"" help:"Show this help, or that of a command."`
}

// terminal is where a command runs: its command line and what it prints to.
type terminal struct {
	args []string
	out  io.Writer
	err  io.Writer
}

func main() {
	os.Exit(run(terminal{args: os.Args, out: os.Stdout, err: os.Stderr}))
}

// run carries out a command line and returns the exit status.
func run(t terminal) int {
	parser, err := kong.New(&commands{},
		kong.Name("giaoban"),
		kong.Description("A video bridge for briefings (giao ban trực tuyến)."),
		kong.Writers(t.out, t.err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Bind(t),
	)
	if err != nil {
		fmt.Fprintln(t.err, "giaoban:", err)
		return 1
	}
	args := t.args[1:]
	if len(args) == 0 {
		args = []string{"help"}
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(t.err, "giaoban: %v\nRun \"giaoban help\" for what there is.\n", err)
		return 2
	}
	if err := ctx.Run(t); err != nil {
		fmt.Fprintln(t.err, "giaoban:", err)
		return 1
	}
	return 0
}

type configCommand struct{}

// Run prints the commented example.
func (configCommand) Run(t terminal) error {
	_, err := io.WriteString(t.out, config.Example())
	return err
}

type versionCommand struct{}

// Run prints the version and what it was built with.
func (versionCommand) Run(t terminal) error {
	_, err := fmt.Fprintf(t.out, "giaoban %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

type helpCommand struct {
	Command []string `arg:"" optional:"" help:"The command to explain."`
}

// Run shows the help of the program or of a command.
func (h helpCommand) Run(ctx *kong.Context) error {
	target, err := kong.Trace(ctx.Kong, h.Command)
	if err != nil {
		return err
	}
	if target.Error != nil {
		return target.Error
	}
	return target.PrintUsage(false)
}

// version is what the build knows of its source: the module's version, which
// the Go command derives from the tag or commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
