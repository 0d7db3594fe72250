package operator

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// beginPairing gives a kiosk that belongs to nobody yet a code to show.
func (s *Server) beginPairing(q *request) (any, error) {
	in, err := read[wire.PairingWanted](q)
	if err != nil {
		return nil, err
	}
	from, _ := netip.ParseAddr(addressOf(q.Request)) // an address nobody can read is one address
	code, secret, until, err := s.cfg.Pairings.Begin(from, in.Device)
	if err != nil {
		return nil, err
	}
	return wire.PairingCode{Code: code, Secret: secret, UntilMs: until.UnixMilli(), NowMs: s.cfg.Now().UnixMilli()}, nil
}

// collectPairing tells a kiosk what it has been given.
func (s *Server) collectPairing(q *request) (any, error) {
	in, err := read[wire.PairingCode](q)
	if err != nil {
		return nil, err
	}
	given, err := s.cfg.Pairings.Collect(in.Secret)
	if err != nil || given == nil {
		return wire.PairingState{}, err
	}
	return wire.PairingState{Token: given.Token, Point: meeting.PointID(given.Point), Name: given.Name}, nil
}

// renewToken gives a paired kiosk a new token in place of an old one.
func (s *Server) renewToken(q *request) (any, error) {
	in, err := read[wire.PairingWanted](q)
	if err != nil {
		return nil, err
	}
	token, _ := strings.CutPrefix(q.Header.Get("Authorization"), "Bearer ")
	renewed, err := s.cfg.Tokens.Rotate(q.Context(), token, in.Device)
	return wire.PairingState{Token: renewed}, err
}

// handing is the origin of what the caller hands out for good.
func (q *request) handing() auth.Origin {
	return auth.Origin{By: q.who.name, Parent: q.who.hands.parent}
}

func (s *Server) waitingForPairing(*request) (any, error) {
	rows := []wire.PairingRow{}
	for _, w := range s.cfg.Pairings.Waiting() {
		rows = append(rows, wire.PairingRow{From: w.From, SinceMs: w.Since.UnixMilli(), UntilMs: w.Until.UnixMilli()})
	}
	return rows, nil
}

// assignPairing gives the kiosk that shows a code its point.
func (s *Server) assignPairing(q *request) (any, error) {
	in, err := read[wire.PairingAct](q)
	if err != nil {
		return nil, err
	}
	q.target = string(in.Point)
	p, err := s.pointOfMine(q, in.Point)
	if err != nil {
		return nil, err
	}
	code := strings.NewReplacer(" ", "", "-", "").Replace(in.Code)
	w, err := s.cfg.Pairings.Assign(q.Context(), code, auth.Principal{Role: string(meeting.RoleRoom), Point: string(p.ID), Name: p.Name}, q.handing())
	if err != nil {
		return nil, err
	}
	if err := s.stillHands(q); err != nil {
		return nil, errors.Join(err, s.cfg.Tokens.RevokeWhere(context.WithoutCancel(q.Context()), func(g auth.Grant) bool { return g.Device == w.Device }))
	}
	q.note = "device at " + w.From
	return wire.PairingState{Point: p.ID, Name: p.Name}, nil
}

// pointOfMine is a point of the caller's systems.
func (s *Server) pointOfMine(q *request, id meeting.PointID) (*catalog.Point, error) {
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	p := b.Point(id)
	if p == nil {
		return nil, refuse(meeting.CodePointUnknown, "point", string(id))
	}
	if !q.who.within(b, p.System) {
		return nil, refuse(meeting.CodeRights)
	}
	return p, nil
}

// listLinks gives the tokens of the caller's systems.
func (s *Server) listLinks(q *request) (any, error) {
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	rows := []wire.TokenRow{}
	for _, g := range s.cfg.Tokens.List() {
		if q.who.manages(b, auth.Hold{Role: g.Role, System: g.System, Point: g.Point}) {
			rows = append(rows, wire.TokenRow{
				ID: g.ID, Role: meeting.Role(g.Role), System: g.System, Point: meeting.PointID(g.Point), Name: g.Name,
				Device: g.Device != "", IssuedAtMs: g.IssuedAt.UnixMilli(), IssuedBy: g.IssuedBy, UntilMs: millis(g.Until),
			})
		}
	}
	return rows, nil
}

// issueLink makes a link that lasts until it is revoked: the permanent link of
// a room, a tablet's, an observer's.
func (s *Server) issueLink(q *request) (any, error) {
	want, err := read[wire.LinkWanted](q)
	if err != nil {
		return nil, err
	}
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	p := auth.Principal{Role: string(want.Role), System: want.System, Point: string(want.Point), Name: want.Name}
	p.Audience, p.Exclude = string(want.Audience), listed(want.Exclude)
	q.target = strings.TrimSpace(string(want.Role) + " " + want.System + " " + string(want.Point))
	if pageOf[want.Role] == "" {
		return nil, refuse(catalog.CodeFieldInvalid, "field", "role")
	}
	if field := misfit(want); field != "" {
		return nil, refuse(catalog.CodeFieldInvalid, "field", field)
	}
	if want.System != "" && b.System(want.System) == nil {
		return nil, refuse(catalog.CodeSystemUnknown, "system", want.System)
	}
	point := b.Point(want.Point)
	needs := want.Role == meeting.RoleRoom || want.Role == meeting.RoleFocal || want.Role == meeting.RoleChair
	if point == nil && (needs || want.Point != "") {
		return nil, refuse(meeting.CodePointUnknown, "point", string(want.Point))
	}
	if point != nil && p.Name == "" {
		p.Name = point.Name
	}
	hold := given(b, auth.Hold{Role: p.Role, System: p.System, Point: p.Point})
	p.System = hold.System
	if !q.who.manages(b, hold) {
		return nil, refuse(meeting.CodeRights)
	}
	token, err := s.issue(q, p, q.handing())
	if err != nil {
		return nil, err
	}
	return wire.LinkMade{Path: pathOf(want, token)}, nil
}

func (s *Server) revokeLink(q *request) (any, error) {
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	for _, g := range s.cfg.Tokens.List() {
		if g.ID != q.PathValue("id") {
			continue
		}
		if !q.who.manages(b, auth.Hold{Role: g.Role, System: g.System, Point: g.Point}) {
			break
		}
		q.target = g.Role + " " + g.System + g.Point
		return nil, s.cfg.Tokens.Revoke(q.Context(), g.ID)
	}
	return nil, refuse(wire.CodeLinkUnknown)
}
