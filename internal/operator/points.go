package operator

import (
	"io"
	"slices"
	"strconv"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/wire"
)

// listSystems gives the systems the caller may run.
func (s *Server) listSystems(q *request) (any, error) {
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	rows := []wire.SystemRow{}
	for _, sys := range b.Systems {
		if !q.who.within(b, sys.ID) {
			continue
		}
		own := len(b.Roster(sys.ID, false))
		rows = append(rows, wire.SystemRow{
			ID: sys.ID, Name: sys.Name, Owner: sys.Owner, Basis: sys.Basis, Above: sys.Above, ChairPoint: sys.ChairPoint,
			Points: own, Below: len(b.Roster(sys.ID, true)) - own,
		})
	}
	return rows, nil
}

// selected are the points a request's query asks for: of a system, with those
// below it, that a search finds; of the caller's systems.
func (s *Server) selected(q *request) ([]catalog.Point, *catalog.Book, error) {
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, nil, err
	}
	points, query := b.Points, q.URL.Query()
	if system := query.Get("system"); system != "" {
		if b.System(system) == nil {
			return nil, nil, refuse(catalog.CodeSystemUnknown, "system", system)
		}
		points = b.Roster(system, query.Get("below") != "")
	}
	search := query.Get("q")
	points = slices.DeleteFunc(slices.Clone(points), func(p catalog.Point) bool {
		return !q.who.within(b, p.System) || !p.Find(search)
	})
	return points, b, nil
}

func (s *Server) listPoints(q *request) (any, error) {
	points, _, err := s.selected(q)
	if err != nil {
		return nil, err
	}
	devices := map[string]int{}
	for _, g := range s.cfg.Tokens.List() {
		if g.Role == string(meeting.RoleRoom) {
			devices[g.Point]++
		}
	}
	rows := make([]wire.PointRow, len(points))
	for i, p := range points {
		rows[i] = pointOut(p)
		rows[i].Devices = devices[string(p.ID)]
	}
	return rows, nil
}

func pointOut(p catalog.Point) wire.PointRow {
	row := wire.PointRow{
		ID: p.ID, Number: p.Number, Code: p.Code, Name: p.Name, Parent: p.Parent, System: p.System, Tier: p.Tier, Room: p.Room,
		Kind: string(p.Kind), Carrier: p.Carrier, Circuit: p.Circuit, DownKbps: p.DownKbps, Consent: p.Consent, Short: p.Short(),
		Officers: make([]wire.OfficerRow, len(p.Officers)),
	}
	for i, o := range p.Officers {
		row.Officers[i] = wire.OfficerRow(o)
	}
	return row
}

// changePoint replaces what people may change of a point, or makes it.
func (s *Server) changePoint(q *request) (any, error) {
	in, err := read[wire.PointRow](q)
	if err != nil {
		return nil, err
	}
	if in.ID != "" && string(in.ID) != q.PathValue("id") {
		return nil, refuse(catalog.CodeFieldInvalid, "field", "id")
	}
	p := catalog.Point{
		Point: meeting.Point{
			ID: meeting.PointID(q.PathValue("id")), Number: in.Number, Code: catalog.Clean(in.Code), Name: catalog.Clean(in.Name),
			Parent: catalog.Clean(in.Parent), System: in.System, Tier: catalog.Clean(in.Tier),
		},
		Room: catalog.Clean(in.Room), Kind: catalog.Kind(in.Kind), Carrier: catalog.Clean(in.Carrier), Circuit: catalog.Clean(in.Circuit),
		DownKbps: in.DownKbps, Consent: catalog.Clean(in.Consent),
	}
	p.AutoOpen = p.Consent != ""
	for _, o := range in.Officers {
		o.Name, o.Phone, o.Email = catalog.Clean(o.Name), catalog.Clean(o.Phone), catalog.Clean(o.Email)
		p.Officers = append(p.Officers, catalog.Officer(o))
	}
	err = s.change(q.Context(), func(b *catalog.Book) error {
		old := b.Point(p.ID)
		if b.System(p.System) == nil {
			return refuse(catalog.CodeSystemUnknown, "system", p.System)
		}
		if !q.who.within(b, p.System) || old != nil && !q.who.within(b, old.System) {
			return refuse(meeting.CodeRights)
		}
		b.Put(p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return pointOut(p), nil
}

func (s *Server) removePoint(q *request) (any, error) {
	id := meeting.PointID(q.PathValue("id"))
	return nil, s.change(q.Context(), func(b *catalog.Book) error {
		p := b.Point(id)
		if p == nil {
			return refuse(meeting.CodePointUnknown, "point", string(id))
		}
		if !q.who.within(b, p.System) {
			return refuse(meeting.CodeRights)
		}
		return b.Remove(id)
	})
}

func (s *Server) exportPoints(q *request) (any, error) {
	points, _, err := s.selected(q)
	if err != nil {
		return nil, err
	}
	q.note = strconv.Itoa(len(points)) + " points"
	table := catalog.Table(points)
	return file{kind: "text/csv; charset=utf-8", name: "points.csv", write: func(w io.Writer) error {
		// Excel takes a file for UTF-8 only with the mark in front.
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
		_, err := w.Write(table)
		return err
	}}, nil
}

// importPoints reads a table of points. With ?dry=1 it only tells what would
// be; with ?revision=N it takes the table only if the catalogue is still the
// one that was told of. Cells that only lost zeros in front are taken with
// ?zeros=1 alone: a spreadsheet drops them by itself, and nobody may have meant it.
func (s *Server) importPoints(q *request) (any, error) {
	b, rev, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	if asked := q.URL.Query().Get("revision"); asked != "" && asked != strconv.FormatUint(rev, 10) {
		return nil, store.ErrConflict
	}
	in := b.Import(q.body)
	report := reportOf(in, rev)
	for _, c := range in.Changes {
		old := b.Point(c.Point)
		if !q.who.within(b, c.System) || old != nil && !q.who.within(b, old.System) {
			return nil, refuse(meeting.CodeRights)
		}
	}
	dry := q.URL.Query().Get("dry") != ""
	q.note = strconv.Itoa(len(in.Changes)) + " changes, " + strconv.Itoa(len(in.Faults)) + " faults"
	if dry {
		q.note += ", dry run"
	}
	if in.Next == nil || dry || in.Asked > 0 && q.URL.Query().Get("zeros") == "" {
		return report, nil
	}
	if report.Revision, err = store.SaveBook(q.Context(), s.cfg.Docs, in.Next, rev); err != nil {
		return nil, err
	}
	report.Taken = true
	return report, s.cfg.Directory.Refresh(q.Context())
}

func reportOf(in catalog.Import, rev uint64) wire.ImportReport {
	report := wire.ImportReport{Rows: in.Rows, Same: in.Same, Short: in.Short, Asked: in.Asked, Changes: []wire.ImportChange{}, Faults: []wire.ImportFault{}, Revision: rev}
	for _, c := range in.Changes {
		row := wire.ImportChange{Line: c.Line, Point: c.Point, Number: c.Number, Name: c.Name, System: c.System, New: c.New, Short: c.Short}
		for _, cell := range c.Cells {
			row.Cells = append(row.Cells, wire.ImportCell(cell))
		}
		report.Changes = append(report.Changes, row)
	}
	for _, f := range in.Faults {
		report.Faults = append(report.Faults, wire.ImportFault{Line: f.Line, Column: f.Column, Name: f.Name, Vi: f.Vi, En: f.En})
	}
	return report
}
