package operator

import (
	"slices"
	"strconv"

	"github.com/giaoban/giaoban/internal/audit"
	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// mayHand reports whether the caller may hand out, or take away, these roles:
// the operator of a part only those within it.
// Somebody without any role is the whole installation's.
func (c *caller) mayHand(b *catalog.Book, holds []auth.Hold) bool {
	return c.everywhere() || len(holds) > 0 && !slices.ContainsFunc(holds, func(h auth.Hold) bool { return !c.manages(b, h) })
}

func (s *Server) listUsers(q *request) (any, error) {
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	users, err := s.cfg.Users.List(q.Context())
	if err != nil {
		return nil, err
	}
	rows := []wire.UserRow{}
	for _, u := range users {
		if q.who.mayHand(b, u.Holds) {
			rows = append(rows, wire.UserRow{Name: u.Name, Display: u.Display, Holds: holdsOut(u.Holds), Disabled: u.Disabled, MadeAtMs: u.MadeAt.UnixMilli()})
		}
	}
	return rows, nil
}

// roles are those a person can hold.
var roles = []meeting.Role{
	meeting.RoleOperator, meeting.RoleController, meeting.RoleChair, meeting.RoleFocal, meeting.RoleObserver, meeting.RoleCarrier,
}

func (s *Server) addUser(q *request) (any, error) {
	in, err := read[wire.NewUser](q)
	if err != nil {
		return nil, err
	}
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	q.target = in.Name
	u := auth.User{Name: in.Name, Display: in.Display}
	if q.who.hands.parent == auth.Demo {
		u.Parent = auth.Demo
	}
	for _, h := range in.Holds {
		switch {
		case !slices.Contains(roles, h.Role):
			return nil, refuse(catalog.CodeFieldInvalid, "field", "role")
		case h.System != "" && b.System(h.System) == nil:
			return nil, refuse(catalog.CodeSystemUnknown, "system", h.System)
		case h.Point != "" && b.Point(h.Point) == nil:
			return nil, refuse(meeting.CodePointUnknown, "point", string(h.Point))
		}
		u.Holds = append(u.Holds, given(b, auth.Hold{Role: string(h.Role), System: h.System, Point: string(h.Point)}))
	}
	if !q.who.mayHand(b, u.Holds) {
		return nil, refuse(meeting.CodeRights)
	}
	return nil, s.cfg.Users.Add(q.Context(), u, in.Password)
}

// theirs is the user a request is about, who must be within what the caller runs.
func (s *Server) theirs(q *request) (auth.User, error) {
	b, _, err := s.book(q.Context())
	if err != nil {
		return auth.User{}, err
	}
	users, err := s.cfg.Users.List(q.Context())
	if err != nil {
		return auth.User{}, err
	}
	i := slices.IndexFunc(users, func(u auth.User) bool { return u.Name == q.PathValue("id") })
	if i < 0 || !q.who.mayHand(b, users[i].Holds) {
		return auth.User{}, refuse(wire.CodeUserUnknown)
	}
	return users[i], nil
}

func (s *Server) setPassword(q *request) (any, error) {
	in, err := read[wire.NewPassword](q)
	if err != nil {
		return nil, err
	}
	u, err := s.theirs(q)
	if err != nil {
		return nil, err
	}
	if q.who.hands.parent == auth.Demo && u.Parent != auth.Demo {
		return nil, refuse(meeting.CodeRights) // a password it sets would outlive the demo
	}
	return nil, s.cfg.Users.SetPassword(q.Context(), q.PathValue("id"), in.New)
}

func (s *Server) disableUser(q *request) (any, error) {
	if _, err := s.theirs(q); err != nil {
		return nil, err
	}
	return nil, s.cfg.Users.Disable(q.Context(), q.PathValue("id"))
}

// auditPage is how many entries one answer has at most.
const auditPage = 1000

// readAudit gives the newest entries of the audit log, or with ?after=N those
// after one, the oldest first.
func (s *Server) readAudit(q *request) (any, error) {
	if !q.who.everywhere() {
		return nil, refuse(meeting.CodeRights)
	}
	after, err := strconv.ParseUint(q.URL.Query().Get("after"), 10, 64)
	if err != nil {
		last, err := audit.Last(q.Context(), s.cfg.Docs)
		if err != nil {
			return nil, err
		}
		after = last - min(last, auditPage/2)
	}
	entries, faults, err := audit.Scan(q.Context(), s.cfg.Docs, after, auditPage)
	if err != nil {
		return nil, err
	}
	rows := make([]wire.AuditRow, len(entries))
	for i, e := range entries {
		rows[i] = wire.AuditRow{
			N: e.N, AtMs: e.At.UnixMilli(), Who: e.Who, Role: e.Role, From: e.From, Act: e.Act, Target: e.Target, Code: e.Code, Note: e.Note,
			Count: e.Count, To: e.To,
		}
	}
	for _, f := range faults { // what can be read is shown, and where the log is broken is said in it
		i := slices.IndexFunc(rows, func(r wire.AuditRow) bool { return r.N >= f.N })
		if i < 0 {
			i = len(rows)
		}
		rows = slices.Insert(rows, i, wire.AuditRow{N: f.N, Act: string(wire.CodeAuditBroken), Code: string(wire.CodeAuditBroken), Note: f.Why})
	}
	return rows, nil
}
