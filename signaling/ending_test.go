package signaling

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/memory"
	"github.com/giaoban/giaoban/internal/wire"
)

// soon is how long what was openedWith with a right may outlive it.
const soon = time.Second

// registry is a hall whose tokens are real ones.
type registry struct {
	*hall
	tokens *auth.Tokens
	users  *auth.Users
}

func newRegistry(t *testing.T) *registry {
	t.Helper()
	docs := memory.New()
	tokens, err := auth.Open(t.Context(), docs)
	if err != nil {
		t.Fatal(err)
	}
	r := &registry{tokens: tokens, users: auth.NewUsers(docs, tokens, nil)}
	r.hall = newHall(t, func(c *Config) {
		c.Limits = Limits{} // what ends within a second ends by the right, not by a short silence
		c.Auth = func(token string) (Bearer, bool) {
			held, ok := tokens.Lookup(token)
			return Bearer{
				Identity: Identity{Role: meeting.Role(held.Role), Point: meeting.PointID(held.Point), Name: held.Name, Device: held.Device},
				Grant:    held.ID, Life: held.Life,
			}, ok
		}
	})
	return r
}

func (r *registry) issue(p auth.Principal, from auth.Origin) string {
	r.t.Helper()
	token, err := r.tokens.Issue(r.t.Context(), p, from)
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// person makes an account and signs it in.
func (r *registry) person() (session string, signed auth.Session) {
	r.t.Helper()
	ctx := r.t.Context()
	err := r.users.Add(ctx, auth.User{Name: "lan", Holds: []auth.Hold{{Role: "operator"}}}, "một mật khẩu dài")
	if err == nil {
		session, _, err = r.users.SignIn(ctx, "10.0.0.1", "lan", "một mật khẩu dài")
	}
	if err == nil {
		signed, _, err = r.users.Session(ctx, session)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return session, signed
}

// ways are how a right ends: each gives a token of a principal, and what ends it.
var ways = map[string]func(r *registry, p auth.Principal) (token string, end func() error){
	"revoked": func(r *registry, p auth.Principal) (string, func() error) {
		token := r.issue(p, auth.Origin{By: "x", Parent: auth.Machine})
		return token, func() error { return r.tokens.Revoke(context.Background(), auth.IDOf(token)) }
	},
	"its time is over": func(r *registry, p auth.Principal) (string, func() error) {
		until := time.Now().Add(700 * time.Millisecond)
		token := r.issue(p, auth.Origin{By: "x", Parent: auth.Machine, Until: until})
		return token, func() error { <-time.After(time.Until(until) + soon/20); return nil }
	},
	"the person signs out": func(r *registry, p auth.Principal) (string, func() error) {
		session, signed := r.person()
		token := r.issue(p, auth.Origin{By: "lan", Parent: signed.Parent, Until: signed.Until})
		return token, func() error { return r.users.SignOut(context.Background(), session) }
	},
	"the person gets another password": func(r *registry, p auth.Principal) (string, func() error) {
		_, signed := r.person()
		token := r.issue(p, auth.Origin{By: "lan", Parent: signed.Parent, Until: signed.Until})
		return token, func() error { return r.users.SetPassword(context.Background(), "lan", "một mật khẩu khác") }
	},
	"the person is disabled": func(r *registry, p auth.Principal) (string, func() error) {
		_, signed := r.person()
		token := r.issue(p, auth.Origin{By: "lan", Parent: signed.Parent, Until: signed.Until})
		return token, func() error { return r.users.Disable(context.Background(), "lan") }
	},
	"the person who gave a permanent link is disabled": func(r *registry, p auth.Principal) (string, func() error) {
		r.person()
		token := r.issue(p, auth.Origin{By: "lan", Parent: auth.Person("lan")})
		return token, func() error { return r.users.Disable(context.Background(), "lan") }
	},
	"a link of the demo is revoked": func(r *registry, p auth.Principal) (string, func() error) {
		token := strings.Repeat("D", 26)
		if err := r.tokens.Host(token, p); err != nil {
			r.t.Fatal(err)
		}
		return token, func() error { return r.tokens.Revoke(context.Background(), auth.IDOf(token)) }
	},
	"the demo ends": func(r *registry, p auth.Principal) (string, func() error) {
		token := r.issue(p, auth.Origin{By: "operator", Parent: auth.Demo})
		return token, func() error { return r.tokens.EndOf(context.Background(), auth.Demo) }
	},
}

// openedWith is something that was openedWith with a token: after says what is wrong
// with it once the right has ended.
type openedWith struct {
	door  string
	after func() error
}

var roomTwo = auth.Principal{Role: "room", Point: "p2", Name: "Điểm cầu 2"}

// Whatever way a right ends, whatever was openedWith with it ends within a second,
// and nothing is done with it afterwards.
func TestARightEndsWhenItIsTaken(t *testing.T) {
	doors := map[string]struct {
		who  auth.Principal
		open func(r *registry, token string) openedWith
	}{
		"a room's page":         {roomTwo, openRoom},
		"a console":             {auth.Principal{Role: "controller", Name: "Kỹ thuật"}, openConsole},
		"a wall":                {auth.Principal{Role: "observer"}, openConsole},
		"an encoder":            {roomTwo, func(r *registry, token string) openedWith { return openVisit(r, "/whip", token) }},
		"a player":              {auth.Principal{Role: "observer"}, func(r *registry, token string) openedWith { return openVisit(r, "/whep", token) }},
		"a command half sent":   {auth.Principal{Role: "controller"}, openCommand},
		"a still half sent":     {roomTwo, openStill},
		"a PIN half sent":       {roomTwo, openPin},
		"a line being measured": {roomTwo, openLine},
		"an offer half sent":    {auth.Principal{Role: "observer"}, openOffer},
		"a page that is away":   {auth.Principal{Role: "controller"}, openAway},
	}
	for way, begin := range ways {
		for name, door := range doors {
			t.Run(way+"/"+name, func(t *testing.T) {
				t.Parallel()
				r := newRegistry(t)
				token, end := begin(r, door.who)
				what := door.open(r, token)
				if err := end(); err != nil {
					t.Fatal(err)
				}
				ended := time.Now()
				if err := what.after(); err != nil {
					t.Error(err)
				}
				if took := time.Since(ended); took > soon {
					t.Errorf("%s after the right ended", took)
				}
				if code := r.status("GET", "/api/v1/meetings", token); code != http.StatusUnauthorized {
					t.Errorf("the token is still taken: %d", code)
				}
			})
		}
	}
}

func (r *registry) status(method, path, token string) int {
	r.t.Helper()
	status, _, _ := r.knock(doorCall{method: method, path: path, token: token})
	return status
}

// acts are the facts of the meeting that a client brought about.
func (r *registry) acts() meeting.Seq { return r.meeting.Current().State.Seq }

// slowLog is a log whose appends wait at a gate.
type slowLog struct {
	*memory.Store
	waits chan struct{} // told when one waits
	gate  chan struct{} // closed lets all go on
}

func (l *slowLog) Append(ctx context.Context, id meeting.ID, epoch uint64, events []meeting.Event) error {
	select {
	case l.waits <- struct{}{}:
	default:
	}
	<-l.gate
	return l.Store.Append(ctx, id, epoch, events)
}

// While the log hangs, the end of a right reaches its page and its media all
// the same, and what it had asked for is not carried out when the log goes on.
func TestARightEndsWhileTheLogHangs(t *testing.T) {
	r := newRegistry(t)
	slow := &slowLog{Store: memory.New(), waits: make(chan struct{}, 1), gate: make(chan struct{})}
	close(slow.gate)
	reg := focus.NewRegistry(focus.Config{Journal: slow, Media: deafMedia{}})
	f, err := reg.Create(t.Context(), "cham", meeting.Actor{Role: meeting.RoleNode}, create(5))
	if err != nil {
		t.Fatal(err)
	}
	r.server.cfg.Meetings, r.meeting = reg, f
	issue := func(role string) string {
		return r.issue(auth.Principal{Role: role, Name: role}, auth.Origin{By: "x", Parent: auth.Machine})
	}
	token := issue("controller")
	c, other := r.join(token, "desk"), r.join(issue("operator"), "office")
	for len(slow.waits) > 0 {
		<-slow.waits
	}
	slow.gate = make(chan struct{})
	t.Cleanup(func() { reg.Close() })
	started := f.Current().State.Seq
	other.send("meeting.moveChair", meeting.MoveChair{Point: "p2"})
	<-slow.waits
	c.send("floor.mode", meeting.SetMode{Mode: meeting.ModeDiscussion})
	if err := r.tokens.Revoke(t.Context(), auth.IDOf(token)); err != nil {
		t.Fatal(err)
	}
	ended := time.Now()
	if code := c.ended(); code != wire.CodeTokenInvalid || time.Since(ended) > soon {
		t.Errorf("the page is told %q after %s", code, time.Since(ended))
	}
	close(slow.gate)
	other.answer(other.id, "ok", nil)
	other.do("meeting.moveChair", meeting.MoveChair{Point: "p1"})
	for e, err := range slow.Read(t.Context(), "cham", started) {
		if err != nil {
			t.Fatal(err)
		}
		if e.By.Role == meeting.RoleController {
			t.Errorf("carried out after the end: %T", e.Fact)
		}
	}
}

// Of a point that is paired anew the old computer's page ends.
func TestRePairingEndsTheOldComputersPage(t *testing.T) {
	r := newRegistry(t)
	pair := func(device string) string {
		who := roomTwo
		who.Device = device
		token, err := r.tokens.Pair(t.Context(), who, auth.Origin{By: "lan", Parent: auth.Person("lan")})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	old := r.join(pair("old"), "old")
	renewed := pair("new")
	ended := time.Now()
	if code := old.ended(); code != wire.CodeTokenInvalid || time.Since(ended) > soon {
		t.Errorf("the old page is told %q after %s", code, time.Since(ended))
	}
	r.await("the seat is lost", func() bool { return r.point("p2").Presence == meeting.Lost })
	r.join(renewed, "new")
}
