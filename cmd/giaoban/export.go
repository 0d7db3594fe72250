package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/giaoban/giaoban/internal/config"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/report"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/memory"
)

// logs lets the journals of a vault be read and exported.
type logs struct{ vault }

// Export writes a meeting's journal.
func (l logs) Export(ctx context.Context, w io.Writer, id meeting.ID) error {
	return store.Export(ctx, w, l.vault, id)
}

// offline is where a command that works without the server finds the store.
type offline struct {
	Config string  `placeholder:"FILE" help:"Configuration file of the server."`
	Data   *string `placeholder:"DIR" help:"Directory of everything that is kept (./data)."`
}

func (o offline) config() (config.Config, error) {
	cfg := config.Default()
	if o.Config != "" {
		var err error
		if cfg, err = config.Load(o.Config); err != nil {
			return cfg, err
		}
	}
	set(&cfg.Data, o.Data)
	return cfg, nil
}

// server is the server that runs on the data directory, nil if none does.
func (o offline) server() (*client, error) {
	cfg, err := o.config()
	if err != nil {
		return nil, err
	}
	return dial(cfg.Data), nil
}

// use opens the store for one piece of work. A bolt file that a server has open
// is refused with a sentence that says so.
func (o offline) use(work func(ctx context.Context, v vault) error) error {
	cfg, err := o.config()
	if err != nil {
		return err
	}
	ctx := context.Background()
	var v vault
	if cfg.Store == "bolt" {
		if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
			return fmt.Errorf("data directory: %w", err)
		}
		v, err = openBolt(cfg.Data, false, newLog(cfg.Log, os.Stderr))
	} else {
		v, err = tryRedis(ctx, cfg.Redis)
	}
	if err != nil {
		return err
	}
	return errors.Join(work(ctx, v), v.Close())
}

// exportCommand is "giaoban export MEETING [FILE]".
type exportCommand struct {
	offline
	Meeting string `arg:"" help:"The meeting's id."`
	File    string `arg:"" optional:"" help:"Where to write it; standard output if left out."`
}

// Run writes the journal, and says on standard error what it folds to.
func (c exportCommand) Run(t terminal) error {
	text, err := c.log()
	if err != nil {
		return err
	}
	said, err := foldsTo(text)
	if err != nil {
		return err
	}
	fmt.Fprintln(t.err, "exported", said)
	return writeOut(t, c.File, text)
}

// log is the journal as the running server has it, or the store.
func (c exportCommand) log() ([]byte, error) {
	server, err := c.server()
	if err != nil {
		return nil, err
	}
	if server != nil {
		a, err := server.ask(http.MethodGet, "meetings/"+url.PathEscape(c.Meeting)+"/export", nil)
		return a.body, err
	}
	var b bytes.Buffer
	err = c.use(func(ctx context.Context, v vault) error { return store.Export(ctx, &b, v, meeting.ID(c.Meeting)) })
	return b.Bytes(), err
}

// importCommand is "giaoban import FILE".
type importCommand struct {
	offline
	File string `arg:"" help:"A file that export wrote."`
}

// Run takes the file whole or not at all, and says what it folds to.
func (c importCommand) Run(t terminal) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	said, err := foldsTo(text)
	if err != nil {
		return err
	}
	server, err := c.server()
	switch {
	case err != nil:
	case server != nil:
		_, err = server.ask(http.MethodPost, "meetings/import", text)
	default:
		err = c.use(func(ctx context.Context, v vault) error {
			_, err := store.Import(ctx, bytes.NewReader(text), v)
			return err
		})
	}
	if err == nil {
		fmt.Fprintln(t.err, "imported", said)
	}
	return err
}

// minutesCommand is "giaoban minutes MEETING".
type minutesCommand struct {
	offline
	Meeting string `arg:"" help:"The meeting's id."`
	Format  string `enum:"html,xlsx,csv" default:"html" help:"html, a page to print; xlsx; or csv (${enum})."`
	Table   string `enum:"attendance,speakers,rollcall,incidents,acts" default:"attendance" help:"Of csv (${enum})."`
	Lang    string `enum:"vi,en" default:"vi" help:"Language (${enum})."`
	Out     string `placeholder:"FILE" help:"Where to write them; standard output if left out."`
}

// Run folds the meeting's journal, and those of its islands.
func (c minutesCommand) Run(t terminal) error {
	return c.use(func(ctx context.Context, v vault) error {
		m, err := minutes(ctx, v, meeting.ID(c.Meeting))
		if err != nil {
			return err
		}
		f := report.Format{Language: report.Language(c.Lang), Zone: time.Local}
		var b bytes.Buffer
		switch c.Format {
		case "xlsx":
			err = m.WriteXLSX(&b, f)
		case "csv":
			for _, table := range m.Tables(f) {
				if table.ID == c.Table {
					err = table.WriteCSV(&b, f)
				}
			}
		default:
			err = m.WriteHTML(&b, f)
		}
		if err != nil {
			return err
		}
		return writeOut(t, c.Out, b.Bytes())
	})
}

// minutes folds a meeting; an id nobody knows is an error that lists those there are.
func minutes(ctx context.Context, v vault, id meeting.ID) (*report.Minutes, error) {
	m, err := report.Read(ctx, v, id)
	if !errors.Is(err, report.ErrEmpty) {
		return m, err
	}
	ids, err := v.Meetings(ctx)
	if err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("no meeting %q; there are: %s", id, strings.Trim(fmt.Sprint(ids), "[]"))
}

// foldsTo says what an exported journal folds to: two logs that fold to the
// same state say the same.
func foldsTo(text []byte) (string, error) {
	ctx, desk := context.Background(), memory.New()
	id, err := store.Import(ctx, bytes.NewReader(text), desk)
	if err != nil {
		return "", err
	}
	machine := meeting.New(id)
	for e, err := range desk.Read(ctx, id, 0) {
		if err == nil {
			err = machine.Apply(e)
		}
		if err != nil {
			return "", err
		}
	}
	state, err := json.Marshal(machine.Snapshot())
	if err != nil {
		return "", fmt.Errorf("encode the state of %q: %w", id, err)
	}
	return fmt.Sprintf("%s: %d events, state %x", id, machine.Seq(), sha256.Sum256(state)), nil
}

// writeOut writes to a file, whole or not at all, or to standard output.
func writeOut(t terminal, file string, b []byte) error {
	if file == "" {
		_, err := t.out.Write(b)
		return err
	}
	part := file + ".part"
	if err := os.WriteFile(part, b, 0o600); err != nil {
		return err
	}
	return os.Rename(part, file)
}
