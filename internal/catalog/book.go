package catalog

import (
	"cmp"
	"slices"

	"github.com/giaoban/giaoban/internal/meeting"
)

// The bounds of a Book, so that it stays one small document.
const (
	MaxSystems   = 400
	MaxPoints    = 4000
	MaxTemplates = 200
	MaxConsents  = 2000
	MaxOfficers  = 5 // of one point
)

// The bounds of Point.DownKbps: below the least not even sound flows.
const (
	LeastKbps = 64
	MostKbps  = 1_000_000
)

// Enough is how many trained officers a point must have (Art 13.2).
const Enough = 2

// Book is the catalogue of one installation.
type Book struct {
	Systems   []System   `json:"systems"`
	Points    []Point    `json:"points"` // by system, then number
	Templates []Template `json:"templates,omitempty"`
	Consents  []Consent  `json:"consents,omitempty"`
}

// System is a fixed set of points with an owner and a chair point (Art 1).
type System struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Owner      string          `json:"owner"`           // the unit that runs it, and hosts a meeting unless told
	Basis      string          `json:"basis,omitempty"` // the clause or document that defines it
	ChairPoint meeting.PointID `json:"chairPoint"`

	Above  string            `json:"above,omitempty"`  // the system whose meetings may include this one's points (Art 5.4)
	Shared []meeting.PointID `json:"shared,omitempty"` // points of other systems that belong to its roster for good
}

// Kind is what stands in a point's place.
type Kind string

// The kinds of points.
const (
	KindRoom  Kind = "room"  // a room of a unit with its equipment (Art 2.4)
	KindRelay Kind = "relay" // a feed from the centre (Art 5.4.a)
)

// Point is a bridge point as the installation has it: what a meeting knows of
// it, and what people need to reach and repair it. Its System is its home.
type Point struct {
	meeting.Point
	Room     string    `json:"room,omitempty"` // where it is in the building
	Kind     Kind      `json:"kind,omitempty"` // empty is a room
	Carrier  string    `json:"carrier,omitempty"`
	Circuit  string    `json:"circuit,omitempty"`  // the carrier's number of the line
	DownKbps int       `json:"downKbps,omitempty"` // the most each of its screens is sent, kbit/s; 0 is no limit
	Consent  string    `json:"consent,omitempty"`  // the document by which the unit agreed to auto-open (D1)
	Officers []Officer `json:"officers,omitempty"`
}

// Officer is a focal officer of a point (Art 2.5, 13.2).
type Officer struct {
	Name    string `json:"name"`
	Phone   string `json:"phone"`
	Email   string `json:"email,omitempty"`
	Trained bool   `json:"trained,omitempty"`
	Active  bool   `json:"active,omitempty"`
}

// Short reports whether the point has fewer trained officers than Art 13.2
// asks for.
func (p *Point) Short() bool {
	n := 0
	for _, o := range p.Officers {
		if o.Trained && o.Active {
			n++
		}
	}
	return n < Enough
}

// Template is a kind of meeting that is held again and again (Art 5.1–5.3).
type Template struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Basis      string            `json:"basis,omitempty"` // the clause
	Title      string            `json:"title"`
	HostUnit   string            `json:"hostUnit"`
	System     string            `json:"system"`
	Below      bool              `json:"below,omitempty"`  // the points of the systems below too (Art 5.4)
	Points     []meeting.PointID `json:"points,omitempty"` // the roster; empty is the whole system
	ChairPoint meeting.PointID   `json:"chairPoint"`
}

// Decision is what a consent comes to.
type Decision string

// The decisions.
const (
	Granted  Decision = "granted"
	Refused  Decision = "refused"
	Override Decision = "override" // an operator's own, with a reason
)

// Consent is the recorded answer to borrowing a point for another system
// (Art 4.2).
type Consent struct {
	ID       string          `json:"id"`
	Point    meeting.PointID `json:"point"`
	System   string          `json:"system"`             // the borrower
	Meeting  meeting.ID      `json:"meeting,omitempty"`  // the only meeting it is for; empty is every one
	By       string          `json:"by"`                 // who decided
	Document string          `json:"document,omitempty"` // number of the document
	Date     string          `json:"date,omitempty"`     // of the document, yyyy-mm-dd
	Decision Decision        `json:"decision"`
	Reason   string          `json:"reason,omitempty"` // of an override
}

// System finds a system, nil if there is none.
func (b *Book) System(id string) *System {
	return find(b.Systems, func(s *System) bool { return s.ID == id })
}

// Point finds a point, nil if there is none.
func (b *Book) Point(id meeting.PointID) *Point {
	return find(b.Points, func(p *Point) bool { return p.ID == id })
}

// Template finds a template, nil if there is none.
func (b *Book) Template(id string) *Template {
	return find(b.Templates, func(t *Template) bool { return t.ID == id })
}

func find[T any](list []T, is func(*T) bool) *T {
	for i := range list {
		if is(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

// Roster lists the points of a system, those it shares among them, and with
// below those of every system under it; by number within a system.
func (b *Book) Roster(system string, below bool) []Point {
	ids := map[string]bool{system: true}
	if below {
		ids = b.under(system)
	}
	shared := map[meeting.PointID]bool{}
	for _, s := range b.Systems {
		for _, p := range s.Shared {
			shared[p] = shared[p] || ids[s.ID]
		}
	}
	var roster []Point
	for _, p := range b.Points {
		if ids[p.System] || shared[p.ID] {
			roster = append(roster, p)
		}
	}
	return roster
}

// under is a system and all below it.
func (b *Book) under(system string) map[string]bool {
	ids := map[string]bool{system: true}
	for grown := true; grown; {
		grown = false
		for _, s := range b.Systems {
			if ids[s.Above] && !ids[s.ID] {
				ids[s.ID], grown = true, true
			}
		}
	}
	return ids
}

// Under reports whether a system is another or stands below it.
func (b *Book) Under(system, top string) bool { return b.under(top)[system] }

// sort puts the points into the order of the book.
func (b *Book) sort() {
	slices.SortStableFunc(b.Points, func(x, y Point) int {
		return cmp.Or(cmp.Compare(x.System, y.System), cmp.Compare(x.Number, y.Number), cmp.Compare(x.ID, y.ID))
	})
}

// Clone is a copy that shares nothing which a change of either would touch.
func (b *Book) Clone() *Book {
	return &Book{
		Systems: slices.Clone(b.Systems), Points: slices.Clone(b.Points),
		Templates: slices.Clone(b.Templates), Consents: slices.Clone(b.Consents),
	}
}

// Put replaces a point, or adds it.
func (b *Book) Put(p Point) {
	if old := b.Point(p.ID); old != nil {
		*old = p
	} else {
		b.Points = append(b.Points, p)
	}
	b.sort()
}

// Remove takes a point out, unless a system, a template or a consent names it.
func (b *Book) Remove(id meeting.PointID) error {
	for _, s := range b.Systems {
		if s.ChairPoint == id || slices.Contains(s.Shared, id) {
			return refuse(CodeInUse)
		}
	}
	for _, t := range b.Templates {
		if t.ChairPoint == id || slices.Contains(t.Points, id) {
			return refuse(CodeInUse)
		}
	}
	for _, c := range b.Consents {
		if c.Point == id {
			return refuse(CodeInUse)
		}
	}
	b.Points = slices.DeleteFunc(b.Points, func(p Point) bool { return p.ID == id })
	return nil
}
