package operator

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/rights"
	"github.com/giaoban/giaoban/internal/wire"
)

// open marks a route for anybody, signed in or not.
const open meeting.Role = "anybody"

// cookieName is the cookie that holds a person's session.
const cookieName = "giaoban_session"

// errNobody is a request that says nothing about who sends it.
var errNobody = &meeting.Error{Code: wire.CodeSignInNeeded}

// caller is who sends a request.
type caller struct {
	name    string
	display string
	from    string // address, "" if the request's own says it
	holds   []auth.Hold
	acting  []meeting.Role // the roles that count for this request; nil is staff
	session string         // of a person's cookie
	local   bool           // through the socket file
	hands   *handing       // nil for who may hand out no rights: a link does not
}

// handing is what the grants of a caller hang on: those for good, and links for
// a working day, which end with the sign-in that opened them.
type handing struct {
	parent string
	day    string
	until  time.Time // the end of the working day
}

// any reports whether the caller holds one of some roles, wherever.
func (c *caller) any(roles []meeting.Role) bool {
	if len(roles) == 0 || roles[0] == open {
		return true
	}
	return slices.ContainsFunc(c.holds, func(h auth.Hold) bool { return slices.Contains(roles, meeting.Role(h.Role)) })
}

// within reports whether the caller runs a system, in a role that counts for
// the request.
func (c *caller) within(b *catalog.Book, system string) bool {
	return c.runs(func(h auth.Hold) bool { return holdOf(h).Runs(system, b.Under) })
}

// reaches reports whether a point belongs to a system the caller runs.
func (c *caller) reaches(b *catalog.Book, point string) bool {
	return c.runs(func(h auth.Hold) bool {
		return holdOf(h).Everywhere() || h.System != "" && h.Point == "" && called(b, h.System, point)
	})
}

// runs reports whether a test accepts one of the caller's roles that count.
func (c *caller) runs(covers func(auth.Hold) bool) bool {
	acting := c.acting
	if acting == nil {
		acting = staff
	}
	return slices.ContainsFunc(c.holds, func(h auth.Hold) bool {
		return slices.Contains(acting, meeting.Role(h.Role)) && covers(h)
	})
}

func holdOf(h auth.Hold) rights.Hold {
	return rights.Hold{Role: h.Role, System: h.System, Point: h.Point}
}

// given is a role as it is handed out: one at a point takes the point's system.
func given(b *catalog.Book, h auth.Hold) auth.Hold {
	if p := b.Point(meeting.PointID(h.Point)); p != nil {
		h.System = holdOf(h).At(p.System).System
	}
	return h
}

// called reports whether a point is of a system or one below it.
func called(b *catalog.Book, system, point string) bool {
	return slices.Contains(catalog.Named(b.Roster(system, true)), meeting.PointID(point))
}

// manages reports whether the caller runs where a role is valid: its system, and
// its point; a role everywhere is for who is everywhere.
func (c *caller) manages(b *catalog.Book, h auth.Hold) bool {
	h = given(b, h)
	if holdOf(h).Everywhere() {
		return c.everywhere()
	}
	return (h.System == "" || c.within(b, h.System)) && (h.Point == "" || c.reaches(b, h.Point))
}

// everywhere reports whether the caller is an operator of the whole installation.
func (c *caller) everywhere() bool {
	return slices.ContainsFunc(c.holds, func(h auth.Hold) bool {
		return h.Role == string(meeting.RoleOperator) && holdOf(h).Everywhere()
	})
}

// role is the first role, for the log.
func (c *caller) role() string {
	if len(c.holds) == 0 {
		return ""
	}
	return c.holds[0].Role
}

// actor is the caller as a meeting knows it.
func (c *caller) actor() meeting.Actor {
	role := meeting.RoleController
	if c.any([]meeting.Role{meeting.RoleOperator}) {
		role = meeting.RoleOperator
	}
	return meeting.Actor{Role: role, Name: c.name}
}

// staff are the roles that run meetings.
var staff = []meeting.Role{meeting.RoleOperator, meeting.RoleController}

// operators are the roles that run the installation.
var operators = []meeting.Role{meeting.RoleOperator}

// identify says who sends a request. A page's own token outranks the browser's
// cookie, right or wrong: four roles live in four tabs.
func (s *Server) identify(r *http.Request) (caller, error) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		p, known := s.cfg.Tokens.Lookup(token)
		if !known {
			return caller{}, refuse(wire.CodeTokenInvalid)
		}
		name := p.Name
		if name == "" {
			name = p.Role
		}
		who := caller{name: name, holds: []auth.Hold{{Role: p.Role, System: p.System, Point: p.Point}}}
		if p.Parent == auth.Demo && p.Role == string(meeting.RoleOperator) {
			// The demo's operator stands for a person, so that everything can be shown.
			who.hands = &handing{parent: auth.Demo, day: auth.Demo, until: s.cfg.Now().Add(auth.SessionLife)}
		}
		return who, nil
	}
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return caller{}, errNobody
	}
	user, ok, err := s.cfg.Users.Session(r.Context(), cookie.Value)
	if err != nil {
		return caller{}, err
	}
	if !ok {
		return caller{}, errNobody
	}
	return caller{
		name: user.Name, display: user.Display, holds: user.Holds, session: cookie.Value,
		hands: &handing{parent: auth.Person(user.Name), day: user.Parent, until: user.Until},
	}, nil
}

// checkOrigin refuses what another site's page sends. A browser names the
// origin of every request that is not a GET; a script names none and has no
// cookie.
func checkOrigin(r *http.Request, cookie bool) error {
	origin := r.Header.Get("Origin")
	if origin == "" && !cookie {
		return nil
	}
	u, err := url.Parse(origin)
	if err != nil || origin == "" || u.Host != r.Host || (u.Scheme != "http" && u.Scheme != "https") {
		return refuse(wire.CodeOriginDenied)
	}
	return nil
}

func addressOf(r *http.Request) string { return limit.Address(r) }

// refuse makes a coded refusal; args are name, value pairs.
func refuse(code meeting.Code, args ...any) error {
	e := &meeting.Error{Code: code}
	for i := 0; i+1 < len(args); i += 2 {
		if e.Args == nil {
			e.Args = map[string]any{}
		}
		e.Args[args[i].(string)] = args[i+1]
	}
	return e
}

// coded gives the errors of the packages below a code.
func (s *Server) coded(err error) error {
	var already *meeting.Error
	if err == nil || errors.As(err, &already) {
		return err
	}
	var over *limit.Refusal
	if errors.As(err, &over) {
		return wire.Coded(over)
	}
	for _, known := range codes {
		if errors.Is(err, known.err) {
			return refuse(known.code)
		}
	}
	s.cfg.Log.Error("operator's request failed", "err", err)
	return err
}
