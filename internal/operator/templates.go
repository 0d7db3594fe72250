package operator

import (
	"crypto/rand"
	"strings"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

func (s *Server) listTemplates(q *request) (any, error) {
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	rows := []wire.TemplateRow{}
	for _, t := range b.Templates {
		if q.who.within(b, t.System) {
			rows = append(rows, wire.TemplateRow{ID: t.ID, Name: t.Name, Basis: t.Basis, Order: templateOrder(t)})
		}
	}
	return rows, nil
}

// templateOrder is what a template fills in.
func templateOrder(t catalog.Template) wire.OrderForm {
	return wire.OrderForm{Title: t.Title, HostUnit: t.HostUnit, System: t.System, Below: t.Below, Points: t.Points, ChairPoint: t.ChairPoint}
}

func (s *Server) listConsents(q *request) (any, error) {
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	rows := []wire.ConsentRow{}
	for _, c := range b.Consents {
		if q.who.within(b, c.System) {
			rows = append(rows, consentOut(c))
		}
	}
	return rows, nil
}

func consentOut(c catalog.Consent) wire.ConsentRow {
	return wire.ConsentRow{
		ID: c.ID, Point: c.Point, System: c.System, Meeting: c.Meeting, By: c.By, Document: c.Document, Date: c.Date,
		Decision: string(c.Decision), Reason: c.Reason,
	}
}

// recordConsent writes down that a point may, or may not, be lent to a system
// (Art 4.2). An operator's own override is recorded with the meeting it is for.
func (s *Server) recordConsent(q *request) (any, error) {
	in, err := read[wire.ConsentRow](q)
	if err != nil {
		return nil, err
	}
	c := catalog.Consent{
		ID: strings.ToLower(rand.Text()[:12]), Point: in.Point, System: in.System, By: in.By, Document: in.Document, Date: in.Date,
		Decision: catalog.Decision(in.Decision), Reason: in.Reason,
	}
	if c.Decision == catalog.Override {
		return nil, refuse(catalog.CodeFieldInvalid, "field", "decision")
	}
	q.target, q.note = string(in.Point), in.System+" "+in.Decision
	err = s.change(q.Context(), func(b *catalog.Book) error {
		if p := b.Point(c.Point); p == nil {
			return refuse(meeting.CodePointUnknown, "point", string(c.Point))
		} else if !q.who.within(b, p.System) { // the lender's side decides
			return refuse(meeting.CodeRights)
		}
		b.Consents = append(b.Consents, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return consentOut(c), nil
}
