package operator

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// signIn opens a person's session.
func (s *Server) signIn(q *request) (any, error) {
	in, err := read[wire.SignIn](q)
	if err != nil {
		return nil, err
	}
	if err := checkOrigin(q.Request, q.Header.Get("Sec-Fetch-Site") != ""); err != nil {
		return nil, err // another site may not sign a browser in under its own name
	}
	q.target = in.Name
	session, who, err := s.cfg.Users.SignIn(q.Context(), addressOf(q.Request), in.Name, in.Password)
	if err != nil {
		return nil, err
	}
	q.who = caller{name: who.Name, display: who.Display, holds: who.Holds, session: session}
	q.header.Add("Set-Cookie", cookie(q.Request, session, int(auth.SessionLife/time.Second)).String())
	return s.meOf(q.who), nil
}

// cookie is the session's cookie; a life below nought removes it.
func cookie(r *http.Request, session string, life int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: session, Path: "/api/", MaxAge: life,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	}
}

func (s *Server) me(q *request) (any, error) { return s.meOf(q.who), nil }

func (s *Server) meOf(who caller) wire.Me {
	return wire.Me{Name: who.name, Display: who.display, Holds: holdsOut(who.holds), Version: s.cfg.Version}
}

// signOut ends the session of the request, and the links it opened.
func (s *Server) signOut(q *request) (any, error) {
	if q.who.session == "" {
		return nil, nil
	}
	q.header.Add("Set-Cookie", cookie(q.Request, "", -1).String())
	return nil, s.cfg.Users.SignOut(q.Context(), q.who.session)
}

func (s *Server) changePassword(q *request) (any, error) {
	in, err := read[wire.NewPassword](q)
	if err != nil {
		return nil, err
	}
	if q.who.session == "" {
		return nil, errNobody
	}
	if _, err := s.cfg.Users.Verify(q.Context(), addressOf(q.Request), q.who.name, in.Old); err != nil {
		return nil, err
	}
	return nil, s.cfg.Users.SetPassword(q.Context(), q.who.name, in.New)
}

// openLink makes a link for a page in a role the person holds. It ends with
// the sign-in that opened it: by signing out, or with the working day.
func (s *Server) openLink(q *request) (any, error) {
	want, err := read[wire.LinkWanted](q)
	if err != nil {
		return nil, err
	}
	b, _, err := s.book(q.Context())
	if err != nil {
		return nil, err
	}
	if want.Role == meeting.RoleChair && want.Point == "" {
		if sys := b.System(want.System); sys != nil {
			want.Point = sys.ChairPoint
		}
	}
	by := slices.IndexFunc(q.who.holds, func(h auth.Hold) bool {
		same := h.Role == string(want.Role) || h.Role == string(meeting.RoleOperator) && h.Point == ""
		there := h.System == "" && (holdOf(h).Everywhere() || !holdOf(h).Acts() || want.System == "") ||
			h.System != "" && (want.System != "" || want.Point != "") &&
				(want.System == "" || b.Under(want.System, h.System)) && (want.Point == "" || called(b, h.System, string(want.Point)))
		return same && there && (h.Point == "" || h.Point == string(want.Point))
	})
	if by < 0 || pageOf[want.Role] == "" {
		return nil, refuse(meeting.CodeRights)
	}
	if field := misfit(want); field != "" {
		return nil, refuse(catalog.CodeFieldInvalid, "field", field)
	}
	name := q.who.display
	if name == "" {
		name = q.who.name
	}
	p := auth.Principal{Role: string(want.Role), System: want.System, Point: string(want.Point), Name: name}
	p.Audience, p.Exclude = string(want.Audience), listed(want.Exclude)
	if holdOf(q.who.holds[by]).Point == "" { // of a system or everywhere: the point's system is within it
		p.System = given(b, auth.Hold{Role: p.Role, System: p.System, Point: p.Point}).System
	}
	q.target = string(want.Role) + " " + want.System + string(want.Point)
	day := q.who.hands
	token, err := s.issue(q, p, auth.Origin{By: q.who.name, Parent: day.day, Until: day.until})
	if err != nil {
		return nil, err
	}
	return wire.LinkMade{Path: pathOf(want, token), UntilMs: day.until.UnixMilli()}, nil
}

// issue makes a token. Who ended what it hangs on may have come before there
// was anything to end, so then it is ended here.
func (s *Server) issue(q *request, p auth.Principal, from auth.Origin) (string, error) {
	token, err := s.cfg.Tokens.Issue(q.Context(), p, from)
	if err != nil {
		return "", err
	}
	if err := s.stillHands(q); err != nil {
		return "", errors.Join(err, s.cfg.Tokens.Revoke(context.WithoutCancel(q.Context()), auth.IDOf(token)))
	}
	return token, nil
}

// stillHands refuses a person whose sign-in has ended since the request began.
func (s *Server) stillHands(q *request) error {
	if q.who.session == "" {
		return nil // the machine's own, or the demo's, of which the whole start is one
	}
	_, ok, err := s.cfg.Users.Session(q.Context(), q.who.session)
	if err == nil && !ok {
		err = errNobody
	}
	return err
}

// pageOf is the page of each role.
var pageOf = map[meeting.Role]string{
	meeting.RoleController: "/console",
	meeting.RoleChair:      "/chair",
	meeting.RoleRoom:       "/room",
	meeting.RoleFocal:      "/focal",
	meeting.RoleObserver:   "/wall",
	meeting.RoleOperator:   "/operator",
	meeting.RoleCarrier:    "/carrier",
}

// pathOf is the page a link opens, at the server's address.
func pathOf(want wire.LinkWanted, token string) string {
	path := pageOf[want.Role] + "#t=" + token
	if want.Part != "" {
		path += "&part=" + string(want.Part)
	}
	if want.Audience != "" {
		path += "&audience=" + url.QueryEscape(string(want.Audience))
	}
	separator := "&exclude="
	for _, point := range want.Exclude {
		path += separator + url.QueryEscape(string(point))
		separator = ","
	}
	return path
}

// listed are points as a token's document names them.
func listed(points []meeting.PointID) string {
	names := make([]string, len(points))
	for i, p := range points {
		names[i] = string(p)
	}
	return strings.Join(names, ",")
}

// misfit is the field that asks for what no page of that role can show, "" if
// none does: only an observer's chooses.
func misfit(want wire.LinkWanted) string {
	for _, asked := range []struct {
		field  string
		screen meeting.Screen
	}{
		{"part", meeting.Screen{Part: want.Part}},
		{"audience", meeting.Screen{Audience: want.Audience}},
		{"exclude", meeting.Screen{Exclude: want.Exclude}},
	} {
		if !asked.screen.IsZero() && (want.Role != meeting.RoleObserver || !asked.screen.Valid()) {
			return asked.field
		}
	}
	return ""
}

func holdsOut(holds []auth.Hold) []wire.Hold {
	out := make([]wire.Hold, len(holds))
	for i, h := range holds {
		out[i] = wire.Hold{Role: meeting.Role(h.Role), System: h.System, Point: meeting.PointID(h.Point)}
	}
	return out
}
