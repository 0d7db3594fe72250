package limit

import (
	"fmt"
	"time"
)

// ID names a row of the table.
type ID string

// Per is whose share a row bounds.
type Per string

// Whose shares there are.
const (
	PerNeighbourhood Per = "neighbourhood"
	PerPrincipal     Per = "principal"
	PerPoint         Per = "point"
	PerSocket        Per = "socket"
	PerName          Per = "sign-in name"
	PerNode          Per = "node"
)

// Row is one bound. It is of one of three kinds: places, of which each may hold
// Each and everybody together All; a rate, Burst acts at once and then one
// every Every; or a size in bytes.
type Row struct {
	ID   ID
	What string // what is bounded
	Per  Per

	Each, All int           // places; All 0 is as many as there are sharers
	Burst     int           // acts at once
	Every     time.Duration // between acts in the long run
	Bytes     int

	Code  string        // what the refused are told, "" if they are told nothing
	After time.Duration // when a refused place may be asked for again
	Note  string        // why this figure; what else is done
}

// Refusal is what somebody over a bound is told.
type Refusal struct {
	ID    ID
	Code  string
	After time.Duration // until it is worth trying again, above 0
}

// Error names the bound.
func (r *Refusal) Error() string {
	return fmt.Sprintf("limit: %s: %s, again after %s", r.ID, r.Code, r.After)
}

// Table is a set of rows, of which limiters are made.
type Table struct{ changed map[ID]Row }

// Standard is the table of docs/limits.md.
func Standard() Table { return Table{} }

// With is the table with other figures in a row it has. It is for tests, and
// panics if there is no such row.
func (t Table) With(id ID, change func(*Row)) Table {
	row := t.Row(id)
	change(&row)
	next := Table{changed: map[ID]Row{id: row}}
	for other, r := range t.changed {
		if other != id {
			next.changed[other] = r
		}
	}
	return next
}

// Row gives a row. It panics if there is none: every bound is in the table.
func (t Table) Row(id ID) Row {
	if row, ok := t.changed[id]; ok {
		return row
	}
	for _, row := range standard {
		if row.ID == id {
			return row
		}
	}
	panic(fmt.Sprintf("limit: no row %q", id))
}

// Bytes is a row's size.
func (t Table) Bytes(id ID) int { return t.kind(id, func(r Row) bool { return r.Bytes > 0 }).Bytes }

// kind gives a row that is of a kind, and panics for another: a limiter made of
// the wrong row would bound nothing.
func (t Table) kind(id ID, is func(Row) bool) Row {
	row := t.Row(id)
	if !is(row) {
		panic(fmt.Sprintf("limit: row %q is of another kind", id))
	}
	return row
}
