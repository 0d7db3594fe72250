package catalog

import "strings"

// Difference is one cell that a row of a table changes.
type Difference struct {
	Column string `json:"column"` // its English heading, see columns
	Vi     string `json:"vi"`     // its Vietnamese heading
	Old    string `json:"old"`
	New    string `json:"new"`
	// Zeros: the new text is the old without its leading zeros, as a spreadsheet
	// writes what it takes for a number. A person has to say that it is meant.
	Zeros bool `json:"zeros,omitempty"`
}

// differences lists the cells in which two versions of a point differ.
func differences(old, p *Point) []Difference {
	was, is := old.cells(), p.cells()
	var found []Difference
	for _, c := range allColumns(MaxOfficers) {
		if was[c.name] != is[c.name] {
			found = append(found, c.difference(was[c.name], is[c.name]))
		}
	}
	return found
}

func (c column) difference(old, text string) Difference {
	return Difference{Column: c.name, Vi: c.vi, Old: old, New: text, Zeros: lostZeros(old, text)}
}

// lostZeros reports whether text is what is left of the digits old when nothing
// but zeros in front is gone.
func lostZeros(old, text string) bool {
	return text != "" && text != old && strings.Trim(old, "0123456789") == "" &&
		strings.TrimLeft(old, "0") == strings.TrimLeft(text, "0") && strings.HasSuffix(old, text)
}

// likened finds a point of the system whose code a new code is, but for zeros
// lost in front; -1 if there is none.
func (in *importer) likened(p Point) int {
	for i, q := range in.book.Points {
		if q.System == p.System && q.ID != p.ID && lostZeros(q.Code, p.Code) {
			return i
		}
	}
	return -1
}

// doubt is what has to be asked about a new point: a code that another one has
// but for its zeros.
func (in *importer) doubt(p Point) []Difference {
	i := in.likened(p)
	if i < 0 {
		return nil
	}
	for _, c := range columns {
		if c.name == "code" {
			return []Difference{c.difference(in.book.Points[i].Code, p.Code)}
		}
	}
	return nil
}
