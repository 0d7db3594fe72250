package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"text/tabwriter"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/wire"
)

// pointsCommand is "giaoban points".
type pointsCommand struct {
	Import pointsImport `cmd:"" help:"Read bridge points from a table of comma-separated values, whole or not at all."`
	Export pointsExport `cmd:"" help:"Write bridge points as a table that import reads again."`
	List   pointsList   `cmd:"" help:"List bridge points; a * marks those with fewer than two trained officers."`
}

type pointsImport struct {
	site
	File   string `arg:"" help:"The table, \"-\" for standard input. The first line names the columns: number, code, unit, system (needed), id, parent, tier, room, kind, carrier, circuit, auto open, down kbps, officer 1, phone 1, email 1, trained 1, ..."`
	DryRun bool   `help:"Only say what would change."`
	Zeros  bool   `help:"Take codes and numbers that only lost zeros in front, as Excel writes them; else such a table is refused."`
}

// Run reads a table in.
func (p *pointsImport) Run(t terminal) error {
	text, err := readFile(p.File)
	if err != nil {
		return err
	}
	return p.with(func(c *client) error {
		query := url.Values{}
		for key, is := range map[string]bool{"dry": p.DryRun, "zeros": p.Zeros} {
			if is {
				query.Set(key, "1")
			}
		}
		path := "points.csv?" + query.Encode()
		report, err := get[wire.ImportReport](c, http.MethodPost, path, text)
		if err != nil {
			return err
		}
		return c.showImport(t.out, report, p.DryRun)
	})
}

// readFile reads a file, or standard input as "-", within the bound of a table.
func readFile(name string) ([]byte, error) {
	f := os.Stdin
	if name != "-" {
		var err error
		if f, err = os.Open(name); err != nil {
			return nil, err
		}
		defer f.Close()
	}
	return io.ReadAll(io.LimitReader(f, catalog.MaxTable+1))
}

func (c *client) showImport(out io.Writer, r wire.ImportReport, dry bool) error {
	for _, f := range r.Faults {
		where := fmt.Sprintf(c.say("dòng %d", "line %d"), f.Line)
		if f.Column > 0 {
			where += fmt.Sprintf(c.say(", cột %d (%s)", ", column %d (%s)"), f.Column, f.Name)
		}
		fmt.Fprintf(out, "%s: %s\n", where, c.say(f.Vi, f.En))
	}
	if len(r.Faults) > 0 {
		return fmt.Errorf(c.say("%d lỗi; chưa nhập điểm cầu nào", "%d mistakes; nothing was imported"), len(r.Faults))
	}
	added := 0
	for _, ch := range r.Changes {
		sign := "~"
		if ch.New {
			sign, added = "+", added+1
		}
		fmt.Fprintf(out, "%s %4d  %s  [%s]\n", sign, ch.Number, ch.Name, ch.Point)
		for _, cell := range ch.Cells {
			c.showCell(out, cell)
		}
	}
	fmt.Fprintf(out, c.say("%d dòng: %d điểm cầu mới, %d thay đổi, %d giữ nguyên; %d điểm cầu chưa đủ hai cán bộ đã tập huấn\n",
		"%d rows: %d new bridge points, %d changed, %d the same; %d have fewer than two trained officers\n"),
		r.Rows, added, len(r.Changes)-added, r.Same, r.Short)
	if dry {
		fmt.Fprintln(out, c.say("Chạy thử: chưa nhập gì.", "A dry run: nothing was imported."))
		return nil
	}
	if !r.Taken {
		return fmt.Errorf(c.say("%d ô chỉ mất số 0 ở đầu, Excel tự bỏ các số này; chưa nhập gì. Sửa tệp, hoặc thêm --zeros nếu đúng như vậy",
			"%d cells only lost zeros in front, as Excel leaves them out by itself; nothing was imported. Mend the file, or add --zeros if it is meant"), r.Asked)
	}
	return nil
}

// showCell says what a row changes in one cell.
func (c *client) showCell(out io.Writer, cell wire.ImportCell) {
	note := ""
	if cell.Zeros {
		note = c.say("  (chỉ mất số 0 ở đầu?)", "  (only lost zeros in front?)")
	}
	fmt.Fprintf(out, "        %s: “%s” → “%s”%s\n", c.say(cell.Vi, cell.Column), cell.Old, cell.New, note)
}

// which selects points.
type which struct {
	System string `placeholder:"ID" help:"Only of this system."`
	Below  bool   `help:"And of the systems below it."`
	Find   string `placeholder:"WORDS" help:"Only those with these words in number, code, unit, parent or officers; marks do not matter."`
}

func (w which) query() string {
	q := url.Values{}
	for key, value := range map[string]string{"system": w.System, "q": w.Find} {
		if value != "" {
			q.Set(key, value)
		}
	}
	if w.Below {
		q.Set("below", "1")
	}
	return "?" + q.Encode()
}

type pointsExport struct {
	site
	which
}

// Run writes a table out.
func (p *pointsExport) Run(t terminal) error {
	return p.with(func(c *client) error {
		a, err := c.ask(http.MethodGet, "points.csv"+p.query(), nil)
		if err == nil {
			_, err = t.out.Write(a.body)
		}
		return err
	})
}

type pointsList struct {
	site
	which
}

// Run lists points.
func (p *pointsList) Run(t terminal) error {
	return p.with(func(c *client) error {
		rows, err := get[[]wire.PointRow](c, http.MethodGet, "points"+p.query(), nil)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 2, 8, 2, ' ', 0)
		for _, r := range rows {
			mark := " "
			if r.Short {
				mark = "*"
			}
			fmt.Fprintf(w, "%s %d\t%s\t%s\t%s\t%s\n", mark, r.Number, r.Name, r.Parent, r.System, r.ID)
		}
		return w.Flush()
	})
}
