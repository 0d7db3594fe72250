package signaling

import (
	"errors"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/rights"
)

// record puts a command on record if it is one of control, or was refused for
// want of a right. What a room does for itself is in the meeting's journal.
func (s *Server) record(a Act) {
	refused := new(meeting.Error)
	denied := errors.As(a.Err, &refused) && refused.Code == meeting.CodeRights
	if denied || controls(a.Who.Role) {
		s.cfg.Audit(a)
	}
}

// controls reports whether a role acts on others.
func controls(role meeting.Role) bool {
	switch role {
	case meeting.RoleChair, meeting.RoleController, meeting.RoleOperator, meeting.RoleCarrier:
		return true
	}
	return false
}

// covers reports whether a client's token reaches a meeting.
func (s *Server) covers(who Identity, f *focus.Focus) bool {
	hold := holdOf(who)
	now := f.Current()
	return hold.Everywhere() || now != nil && hold.Covers(now.State.System, s.cfg.Directory.Under)
}

func holdOf(who Identity) rights.Hold {
	return rights.Hold{Role: string(who.Role), System: who.System, Point: string(who.Point)}
}

// mayMove reports whether a client may move a meeting to a system: one that there
// is, and that it runs too. The machine knows no catalogue.
func (s *Server) mayMove(who Identity, c meeting.Command) error {
	to, moves := c.(meeting.Rehome)
	switch {
	case !moves:
		return nil
	case !s.cfg.Directory.Under(to.System, to.System):
		return &meeting.Error{Code: catalog.CodeSystemUnknown, Args: map[string]any{"system": to.System}}
	case !holdOf(who).Runs(to.System, s.cfg.Directory.Under):
		return refusal(meeting.CodeRights)
	}
	return nil
}

// idOf names a meeting for the record, "" for none.
func idOf(f *focus.Focus) string {
	if f == nil {
		return ""
	}
	return string(f.ID())
}

// address is where the client is, "" while it is away.
func (s *session) address() string {
	if s.socket == nil {
		return ""
	}
	return s.socket.address
}
