package signaling

import (
	"errors"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
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

// covers reports whether a client's token is for the system a meeting is held in.
func (s *Server) covers(who Identity, f *focus.Focus) bool {
	now := f.Current()
	return who.System == "" || now != nil && s.cfg.Directory.Under(now.State.System, who.System)
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
