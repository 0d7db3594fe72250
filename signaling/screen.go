package signaling

import (
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// screenOf is what a client chooses to see, from its hello. Only a page that
// shows a picture and belongs to nobody may choose: a room sees what the
// controller decides. A screen bound to a point, such as a room's second one,
// shows that point's view.
func screenOf(who Identity, hello *wire.Hello) (*meeting.Screen, error) {
	screen := &meeting.Screen{Audience: hello.Audience, Exclude: hello.Exclude, Part: hello.Part}
	chooses := who.Role == meeting.RoleObserver || who.Role == meeting.RoleController
	switch {
	case screen.IsZero() && (who.Role != meeting.RoleObserver || who.Point == ""):
		return nil, nil
	case !chooses:
		return nil, refusal(meeting.CodeRights)
	case !screen.Valid():
		return nil, &meeting.Error{Code: meeting.CodeValueInvalid, Args: map[string]any{"field": "audience"}}
	}
	if who.Point != "" && who.Role == meeting.RoleObserver {
		screen.Audience = meeting.AudiencePoint(who.Point)
	}
	return screen, nil
}

// presents reports whether the session is the screen of a point that shows its
// presentation.
func (s *session) presents() bool {
	return s.screen != nil && s.screen.Part == meeting.PartContent && s.who.Role == meeting.RoleObserver && s.who.Point != ""
}

// beside notes that a point's screen for presentations has come (1) or gone
// (-1). Server.mu is held.
func (s *Server) beside(sess *session, n int) {
	if !sess.presents() {
		return
	}
	if s.screens[sess.who.Point] += n; s.screens[sess.who.Point] == 0 {
		delete(s.screens, sess.who.Point)
	}
}

// arrange lets a room that has a second screen for the presentation show
// people, and one that no longer has show both again.
func (s *session) arrange() {
	if s.who.Role != meeting.RoleRoom {
		return
	}
	s.srv.mu.Lock()
	two := s.srv.screens[s.who.Point] > 0
	s.srv.mu.Unlock()
	if two == (s.screen != nil) {
		return
	}
	s.screen = nil
	if two {
		s.screen = &meeting.Screen{Part: meeting.PartPeople}
	}
	if s.media != nil {
		s.media.peer.Show(s.screen)
	}
}
