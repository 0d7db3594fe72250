package catalog

import (
	"fmt"
	"strconv"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Change is what an import would do to one point.
type Change struct {
	Line   int             `json:"line"`
	Point  meeting.PointID `json:"point"`
	Number int             `json:"number"`
	Name   string          `json:"name"`
	System string          `json:"system"`
	New    bool            `json:"new,omitempty"`
	Short  bool            `json:"short,omitempty"` // fewer than two trained officers (Art 13.2)
	// Cells lists what a row changes, in the order of the columns; of a new point
	// only what has to be asked about.
	Cells []Difference `json:"cells,omitempty"`
}

// Import is a table read against a book.
type Import struct {
	Rows    int
	Changes []Change // new points, and those a row changes
	Same    int      // rows that change nothing
	Short   int      // points of the table with fewer than two trained officers
	Asked   int      // cells that only lost zeros in front: a person has to say they are meant
	Faults  []Fault  // none, or nothing may be taken
	Next    *Book    // the book with all of it; nil if there are faults
}

// Import reads a table of points. Rows name points by id, or by system and
// code; a point that no row names stays. With a single fault there is no Next:
// a table is taken whole or not at all.
func (b *Book) Import(text []byte) Import {
	t := readTable(text)
	in := &importer{table: t, book: b.Clone(), seen: map[place]int{}, at: map[meeting.PointID]int{}}
	for i := range in.book.Points {
		in.at[in.book.Points[i].ID] = i
	}
	for _, r := range t.rows {
		in.take(r)
	}
	in.clashes()
	out := Import{Rows: len(t.rows), Changes: in.changes, Same: in.same, Short: in.short, Faults: t.faults}
	for _, c := range in.changes {
		for _, d := range c.Cells {
			if d.Zeros {
				out.Asked++
			}
		}
	}
	if len(t.faults) > 0 {
		return out
	}
	in.book.sort()
	if err := in.book.Check(); err != nil { // what the rows alone could not show
		t.fault(Fault{Line: 1, Value: err.Error(), Why: WhyBook})
		out.Faults = t.faults
		return out
	}
	out.Next = in.book
	return out
}

// place is where something may stand only once: a number or a code of a
// system, or an id.
type place struct{ what, system, value string }

// importer takes rows into a copy of the book.
type importer struct {
	*table
	book    *Book
	at      map[meeting.PointID]int // of book.Points
	seen    map[place]int           // the line that took a place
	touched []touched
	changes []Change
	same    int
	short   int
}

// touched is a point a row has given its place.
type touched struct {
	row   row
	point int // of book.Points
}

// take reads a row into its point.
func (in *importer) take(r row) {
	before := len(in.faults)
	p := in.read(r)
	if !in.once(r, "id", "", string(p.ID)) || !in.once(r, "number", p.System, r.text("number")) || !in.once(r, "code", p.System, p.Code) ||
		len(in.faults) > before {
		return
	}
	i, known := in.match(r, p)
	if i < 0 {
		return
	}
	if !known {
		p.ID = in.book.Points[i].ID
	} else {
		p = in.keep(r, in.book.Points[i], p)
	}
	if p.Short() {
		in.short++
	}
	c := Change{Line: r.line, Point: p.ID, Number: p.Number, Name: p.Name, System: p.System, New: !known, Short: p.Short()}
	if known {
		c.Cells = differences(&in.book.Points[i], &p)
	} else {
		c.Cells = in.doubt(p)
	}
	if known && len(c.Cells) == 0 {
		in.same++
	} else {
		in.changes = append(in.changes, c)
		in.book.Points[i] = p
	}
	in.touched = append(in.touched, touched{r, i})
}

// once sees that no other row of the table has the same.
func (in *importer) once(r row, column, system, value string) bool {
	if value == "" {
		return true
	}
	at := place{column, system, value}
	if other, taken := in.seen[at]; taken {
		c := r.cells[column]
		in.fault(Fault{Line: c.line, Column: c.column, Value: value, Why: WhyTaken, Other: other})
		return false
	}
	in.seen[at] = r.line
	return true
}

// match finds the point of a row, or makes room for a new one; -1 is a fault.
func (in *importer) match(r row, p Point) (at int, known bool) {
	if p.ID != "" {
		if i, ok := in.at[p.ID]; ok {
			return i, true
		}
	} else {
		for i, q := range in.book.Points {
			if q.System == p.System && q.Code == p.Code {
				return i, true
			}
		}
		// A row of the same number, its code the same but for lost zeros, is the
		// point's: what becomes of its code is asked about.
		if i := in.likened(p); i >= 0 && in.book.Points[i].Number == p.Number {
			return i, true
		}
		p.ID = in.fresh(p)
	}
	in.book.Points = append(in.book.Points, p)
	at = len(in.book.Points) - 1
	in.at[p.ID] = at
	return at, false
}

// fresh is an id for a new point: its system and number, as they never change
// once people know them.
func (in *importer) fresh(p Point) meeting.PointID {
	base := fmt.Sprintf("%.50s-%d", p.System, p.Number)
	id := meeting.PointID(base)
	for n := 2; ; n++ {
		if _, taken := in.at[id]; !taken {
			return id
		}
		id = meeting.PointID(fmt.Sprintf("%s-%d", base, n))
	}
}

// keep leaves alone what the table has no column for.
func (in *importer) keep(r row, old, p Point) Point {
	p.ID = old.ID
	fields := []struct {
		column   string
		from, to *string
	}{
		{"parent", &old.Parent, &p.Parent}, {"tier", &old.Tier, &p.Tier}, {"room", &old.Room, &p.Room},
		{"carrier", &old.Carrier, &p.Carrier}, {"circuit", &old.Circuit, &p.Circuit},
	}
	for _, f := range fields {
		if _, there := r.cells[f.column]; !there {
			*f.to = *f.from
		}
	}
	if _, there := r.cells["kind"]; !there {
		p.Kind = old.Kind
	}
	if _, there := r.cells["down kbps"]; !there {
		p.DownKbps = old.DownKbps
	}
	if _, there := r.cells["auto open"]; !there {
		p.Consent, p.AutoOpen = old.Consent, old.AutoOpen
	}
	if _, there := r.cells["officer 1"]; !there {
		p.Officers = old.Officers
		return p
	}
	for _, o := range old.Officers {
		if !o.Active && len(p.Officers) < MaxOfficers {
			p.Officers = append(p.Officers, o)
		}
	}
	return p
}

// clashes finds a number or code that a row takes from a point of the book
// which the table does not name.
func (in *importer) clashes() {
	named := map[int]bool{}
	for _, t := range in.touched {
		named[t.point] = true
	}
	held := map[place]string{}
	for i, p := range in.book.Points {
		if !named[i] {
			held[place{"number", p.System, strconv.Itoa(p.Number)}] = p.Name
			held[place{"code", p.System, p.Code}] = p.Name
		}
	}
	for _, t := range in.touched {
		p := in.book.Points[t.point]
		for _, at := range []place{{"number", p.System, strconv.Itoa(p.Number)}, {"code", p.System, p.Code}} {
			if _, taken := held[at]; taken {
				c := t.row.cells[at.what]
				in.fault(Fault{Line: c.line, Column: c.column, Value: at.value, Why: WhyID})
			}
		}
	}
}

func (r row) text(column string) string { return r.cells[column].text }
