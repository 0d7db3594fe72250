package tree

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/giaoban/giaoban/internal/meeting"
)

// columns are the columns of a table, in any order; those after "name" may be
// left out.
var columns = []string{"code", "parent", "tier", "name", "points", "from", "until", "relay"}

// Fault is what is wrong with a table, and where: a sentence for who keeps it.
type Fault struct {
	Line int
	Say  string
}

// Error reads "line 7: …".
func (f Fault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.Say) }

// Faults is everything that is wrong with a table, by line.
type Faults []Fault

// Error has a line for each fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// row is one row of the table, in force or not.
type row struct {
	Node
	from, until Date
}

// Read reads a table and gives the tree in force on a day. An error is Faults.
func Read(table []byte, on Date) (*Tree, error) {
	r := &reader{on: on}
	if len(table) > maxBytes {
		r.fault(1, "the file has more than %d bytes", maxBytes)
		return nil, r.faults
	}
	if !utf8.Valid(table) {
		r.fault(1, "the file is not UTF-8; save it as CSV UTF-8")
		return nil, r.faults
	}
	r.rows(bytes.TrimPrefix(table, []byte("\ufeff")))
	nodes := r.inForce()
	t := r.build(nodes)
	if len(r.faults) > 0 {
		slices.SortStableFunc(r.faults, func(a, b Fault) int { return a.Line - b.Line })
		return nil, r.faults
	}
	return t, nil
}

type reader struct {
	on     Date
	at     map[string]int // column of each name
	all    []row
	faults Faults
}

func (r *reader) fault(line int, format string, args ...any) {
	r.faults = append(r.faults, Fault{Line: line, Say: fmt.Sprintf(format, args...)})
}

func (r *reader) rows(table []byte) {
	c := csv.NewReader(bytes.NewReader(table))
	c.Comment, c.FieldsPerRecord, c.TrimLeadingSpace = '#', -1, true
	for {
		fields, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			r.fault(wrong.Line, "not a row of a CSV table: %v", wrong.Err)
			return
		}
		line, _ := c.FieldPos(0)
		if r.at == nil {
			if !r.header(fields, line) {
				return
			}
			continue
		}
		r.row(fields, line)
	}
	if r.at == nil {
		r.fault(1, "the table is empty; its first row names the columns: %s", strings.Join(columns, ","))
	}
}

func (r *reader) header(fields []string, line int) bool {
	r.at = map[string]int{}
	for i, f := range fields {
		name := strings.ToLower(strings.TrimSpace(f))
		if _, twice := r.at[name]; twice || !slices.Contains(columns, name) {
			r.fault(line, "column %.40q is unknown or there twice; the first row names the columns: %s", f, strings.Join(columns, ","))
			return false
		}
		r.at[name] = i
	}
	for _, name := range columns[:4] {
		if _, ok := r.at[name]; !ok {
			r.fault(line, "the column %q is missing", name)
			return false
		}
	}
	return true
}

func (r *reader) row(fields []string, line int) {
	get := func(name string) string {
		if i, ok := r.at[name]; ok && i < len(fields) {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	w := row{
		Node: Node{Code: Code(get("code")), Parent: Code(get("parent")), Tier: get("tier"), Name: get("name"), Line: line},
		from: Date(get("from")), until: Date(get("until")),
	}
	switch relay := get("relay"); relay {
	case "", "order":
		w.ByOrder = relay == "order"
	default:
		r.fault(line, "relay is %.40q; it is empty, or \"order\" if meetings from above are passed on by order only", relay)
	}
	for p := range strings.FieldsSeq(get("points")) {
		w.Points = append(w.Points, meeting.PointID(p))
	}
	r.judge(w, len(fields))
	r.all = append(r.all, w)
}

func (r *reader) judge(w row, fields int) {
	switch {
	case fields > len(r.at):
		r.fault(w.Line, "%d values for %d columns", fields, len(r.at))
	case !isCode(w.Code):
		r.fault(w.Line, "code %.40q: want 1 to 40 letters, digits, \"-\" or \"_\"", w.Code)
	case w.Parent != "" && !isCode(w.Parent):
		r.fault(w.Line, "parent %.40q: want the code of another row, or nothing for the root", w.Parent)
	case !isText(w.Name) || w.Name == "":
		r.fault(w.Line, "name: want a name of at most 200 characters")
	case !isText(w.Tier) || w.Tier == "" || utf8.RuneCountInString(w.Tier) > 64:
		r.fault(w.Line, "tier: want a word of at most 64 characters, like Tỉnh or Huyện")
	case !w.from.valid() || !w.until.valid():
		r.fault(w.Line, "from and until: want days like 2025-07-01")
	case w.from != "" && w.until != "" && w.until < w.from:
		r.fault(w.Line, "until %s is before from %s", w.until, w.from)
	}
	for _, p := range w.Points {
		if !isCode(Code(p)) {
			r.fault(w.Line, "point %.40q: want ids with blanks between, each of 1 to 40 letters, digits, \"-\" or \"_\"", p)
			return
		}
	}
}

func isCode(c Code) bool {
	return c != "" && len(c) <= 40 && !strings.ContainsFunc(string(c), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_'
	})
}

func isText(s string) bool {
	return utf8.RuneCountInString(s) <= 200 && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
