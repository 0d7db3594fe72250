package catalog

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/giaoban/giaoban/internal/meeting"
)

// The bounds of a table: its size, and how many faults are listed.
const (
	MaxTable  = 2 << 20 // bytes
	maxRows   = MaxPoints
	maxFaults = 200
)

// row is one line of a table, its cells by the name of their column.
type row struct {
	line  int
	cells map[string]cell
}

// cell is one field: what stands there, and where.
type cell struct {
	text   string
	column int // from 1
	line   int // a quoted field may begin lines below its row
}

// table is a file of comma-separated values being read (RFC 4180). Semicolons
// and tabs, which spreadsheets of some languages write, are taken as well.
type table struct {
	headings []string // as the file has them
	names    []string // of the columns, "" for one nobody knows
	rows     []row
	faults   []Fault
}

// fault notes what is wrong.
func (t *table) fault(f Fault) {
	if f.Column > 0 && f.Column <= len(t.headings) && f.Name == "" {
		f.Name = shorten(t.headings[f.Column-1])
	}
	if len(t.faults) < maxFaults {
		t.faults = append(t.faults, f.say())
	}
}

// readTable reads a file into rows. Every fault of its form is noted.
func readTable(text []byte) *table {
	t := &table{}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // the mark Excel puts first
	text, comma := declared(text)
	switch {
	case len(text) > MaxTable:
		t.fault(Fault{Line: 1, Why: WhyTooMany})
		return t
	case !utf8.Valid(text):
		t.fault(Fault{Line: 1 + bytes.Count(text[:invalidAt(text)], []byte("\n")), Why: WhyEncoding})
		return t
	}
	r := csv.NewReader(bytes.NewReader(text))
	if r.Comma = comma; comma == 0 {
		r.Comma = separator(text)
	}
	r.FieldsPerRecord = -1 // a line of another length is a fault of ours, with its own words
	for len(t.rows) <= maxRows {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if parse := new(csv.ParseError); errors.As(err, &parse) {
			t.fault(Fault{Line: parse.StartLine, Why: WhyQuotes})
			break // where the next line begins is anybody's guess
		}
		t.take(r, record)
	}
	if len(t.rows) > maxRows {
		t.fault(Fault{Line: t.rows[maxRows].line, Why: WhyTooMany})
	}
	if len(t.rows) == 0 && len(t.faults) == 0 {
		t.fault(Fault{Line: 1, Why: WhyEmpty})
	}
	return t
}

// invalidAt is where a text stops being UTF-8.
func invalidAt(text []byte) int {
	at := 0
	for at < len(text) {
		r, n := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		at += n
	}
	return at
}

// declared takes the line "sep=;" off, by which a file tells Excel its
// separator, and gives that; 0 if there is none. The line's end stays, so that
// the lines below keep their numbers.
func declared(text []byte) ([]byte, rune) {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	line := strings.TrimPrefix(string(first), `"`)
	const word = "sep="
	if len(line) <= len(word) || !strings.EqualFold(line[:len(word)], word) || strings.Trim(line[len(word):], "\r,;\t\"") != "" {
		return text, 0
	}
	if at := strings.IndexByte(",;\t", line[len(word)]); at >= 0 {
		return text[len(first):], rune(line[len(word)])
	}
	return text, 0
}

// separator is what stands most often, outside of quotes, in the first line
// that has anything else in it.
func separator(text []byte) rune {
	marks := []rune{',', ';', '\t'}
	count, quoted, other := map[rune]int{}, false, false
	for _, r := range string(text) {
		switch {
		case r == '"':
			quoted, other = !quoted, true
		case quoted:
		case r == '\n' && other:
			return most(marks, count)
		case r == '\n':
			clear(count)
		case slices.Contains(marks, r):
			count[r]++
		case !unicode.IsSpace(r):
			other = true
		}
	}
	return most(marks, count)
}

// most is the mark counted most often, the earlier of two that are even.
func most(marks []rune, count map[rune]int) rune {
	best := marks[0]
	for _, r := range marks {
		if count[r] > count[best] {
			best = r
		}
	}
	return best
}

// take reads a record: the headings first, then rows. A spreadsheet leaves out
// the empty cells at the end of a row and writes columns that nobody uses, so
// the number of separators means nothing: what is not there is an empty cell,
// and a column without a heading is one of no meaning while it is empty.
func (t *table) take(r *csv.Reader, record []string) {
	line, _ := r.FieldPos(0)
	for i := range record {
		record[i] = Clean(record[i])
	}
	if blank(record) {
		return
	}
	if t.names == nil {
		t.head(line, record)
		return
	}
	cells := make(map[string]cell, len(t.names))
	for i, text := range record {
		at, _ := r.FieldPos(i)
		switch {
		case i >= len(t.names) || t.headings[i] == "":
			if text != "" {
				t.fault(Fault{Line: at, Column: i + 1, Value: text, Why: WhyBeyond})
			}
		default:
			cells[t.names[i]] = cell{text: armed(text), column: i + 1, line: at}
		}
	}
	for i := len(record); i < len(t.names); i++ {
		if t.headings[i] != "" {
			cells[t.names[i]] = cell{column: i + 1, line: line}
		}
	}
	t.rows = append(t.rows, row{line: line, cells: cells})
}

func blank(record []string) bool {
	return !slices.ContainsFunc(record, func(s string) bool { return s != "" })
}

// head reads the headings.
func (t *table) head(line int, record []string) {
	t.headings = record
	t.names = make([]string, len(record))
	for i, heading := range record {
		name, ok := headingOf(heading)
		switch {
		case heading == "":
		case !ok:
			t.fault(Fault{Line: line, Column: i + 1, Value: heading, Why: WhyHeading})
		case slices.Contains(t.names[:i], name):
			t.fault(Fault{Line: line, Column: i + 1, Value: heading, Why: WhyTwice})
		default:
			t.names[i] = name
		}
	}
	for _, c := range columns {
		if c.needed && !slices.Contains(t.names, c.name) {
			t.fault(Fault{Line: line, Value: c.name, Why: WhyMissing})
		}
	}
}

// Table writes points as a table that Import reads again. A spreadsheet takes
// no cell of it for a formula, see Disarm.
func Table(points []Point) []byte {
	officers := Enough
	for _, p := range points {
		officers = max(officers, len(p.Officers))
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	record := func(write func(c column) string) {
		fields := []string{}
		for _, c := range allColumns(officers) {
			fields = append(fields, write(c))
		}
		_ = w.Write(fields) // into memory
	}
	record(func(c column) string { return c.name })
	for _, p := range points {
		cells := p.cells()
		record(func(c column) string { return Disarm(cells[c.name]) })
	}
	w.Flush()
	return b.Bytes()
}

// Named gives a roster's ids.
func Named(points []Point) []meeting.PointID {
	ids := make([]meeting.PointID, len(points))
	for i, p := range points {
		ids[i] = p.ID
	}
	return ids
}
