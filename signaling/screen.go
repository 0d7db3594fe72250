package signaling

import (
	"slices"
	"strings"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// screenOf is what a client chooses to see, from its hello. Only a page that
// shows a picture and belongs to nobody may choose: a room sees what the
// controller decides. A screen bound to a point, such as a room's second one,
// shows that point's view.
func screenOf(who Identity, hello *wire.Hello) (*meeting.Screen, error) {
	screen := &meeting.Screen{Audience: hello.Audience, Exclude: hello.Exclude, Part: hello.Part}
	if who.Role == meeting.RoleObserver {
		if who.Audience != "" && hello.Audience == "" {
			screen.Audience = who.Audience
		}
		screen.Exclude = who.leavesOut(hello.Exclude)
	}
	chooses := who.Role == meeting.RoleObserver || who.Role == meeting.RoleController
	switch {
	case screen.IsZero() && (who.Role != meeting.RoleObserver || who.Point == ""):
		return nil, nil
	case !chooses:
		return nil, refusal(meeting.CodeRights)
	case !screen.Valid():
		return nil, &meeting.Error{Code: meeting.CodeValueInvalid, Args: map[string]any{"field": "audience"}}
	case who.Role == meeting.RoleObserver && !who.shows(hello.Audience):
		return nil, refusal(meeting.CodeRights)
	}
	if who.Point != "" && who.Role == meeting.RoleObserver {
		screen.Audience = meeting.AudiencePoint(who.Point)
	}
	return screen, nil
}

// shows reports whether an observer may show an audience: everyone's, or the one
// its link was given for. What another audience is shown is not for it to choose.
func (who Identity) shows(a meeting.Audience) bool {
	return a == who.Audience || a == "" || who.Audience == "" && a == meeting.AudienceAll
}

// leavesOut are the points whose sound an observer is not sent: its link's, and
// those it asks to leave out besides.
func (who Identity) leavesOut(asked []meeting.PointID) []meeting.PointID {
	out := slices.Clone(asked)
	for name := range strings.SplitSeq(who.Exclude, ",") {
		if p := meeting.PointID(name); p != "" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
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
