package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// userCommand is "giaoban user".
type userCommand struct {
	Add    userAdd    `cmd:"" help:"Make an account; the password is read from standard input."`
	List   userList   `cmd:"" help:"List accounts."`
	Passwd userPasswd `cmd:"" help:"Set a password, read from standard input. The user is signed out."`
	Revoke userRevoke `cmd:"" help:"End an account's rights and sessions."`
}

type userAdd struct {
	site
	Name    string   `arg:"" help:"To sign in by: small letters, digits, '.', '-', '_'."`
	Display string   `help:"The person's name."`
	Role    []string `required:"" placeholder:"ROLE[:SYSTEM]" help:"operator, controller, chair, focal, observer or carrier, everywhere or for a system and those below it; ROLE@POINT for one point."`
}

// Run makes an account.
func (u *userAdd) Run(t terminal) error {
	in := wire.NewUser{Name: u.Name, Display: u.Display}
	for _, text := range u.Role {
		role, point, _ := strings.Cut(text, "@")
		role, system, _ := strings.Cut(role, ":")
		in.Holds = append(in.Holds, wire.Hold{Role: meeting.Role(role), System: system, Point: meeting.PointID(point)})
	}
	return u.with(func(c *client) error {
		var err error
		if in.Password, err = c.password(t); err == nil {
			_, err = c.ask(http.MethodPost, "users", in)
		}
		return err
	})
}

// password reads a line of standard input.
func (c *client) password(t terminal) (string, error) {
	fmt.Fprint(t.err, c.say("Mật khẩu (hiện khi gõ): ", "Password (it shows as you type): "))
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.Join(errors.New("no password on standard input"), err)
	}
	return line, nil
}

type userList struct{ site }

// Run lists accounts.
func (u *userList) Run(t terminal) error {
	return u.with(func(c *client) error {
		rows, err := get[[]wire.UserRow](c, http.MethodGet, "users", nil)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 2, 8, 2, ' ', 0)
		for _, r := range rows {
			var holds []string
			for _, h := range r.Holds {
				holds = append(holds, strings.Trim(fmt.Sprintf("%s:%s@%s", h.Role, h.System, h.Point), ":@"))
			}
			state := ""
			if r.Disabled {
				state = c.say("đã thu hồi", "revoked")
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Name, r.Display, strings.Join(holds, " "), state)
		}
		return w.Flush()
	})
}

type userPasswd struct {
	site
	Name string `arg:"" help:"Whose."`
}

// Run sets a password.
func (u *userPasswd) Run(t terminal) error {
	return u.with(func(c *client) error {
		password, err := c.password(t)
		if err == nil {
			_, err = c.ask(http.MethodPut, "users/"+url.PathEscape(u.Name)+"/password", wire.NewPassword{New: password})
		}
		return err
	})
}

type userRevoke struct {
	site
	Name string `arg:"" help:"Whose."`
}

// Run ends an account.
func (u *userRevoke) Run(terminal) error {
	return u.with(func(c *client) error {
		_, err := c.ask(http.MethodDelete, "users/"+url.PathEscape(u.Name), nil)
		return err
	})
}

// auditCommand is "giaoban audit".
type auditCommand struct {
	site
	JSON bool `name:"json" help:"The whole log as JSON lines, for keeping elsewhere."`
	Tail int  `default:"50" help:"How many of the newest entries to show."`
}

// Run shows the audit log. Reading it whole checks it as well.
func (a *auditCommand) Run(t terminal) error {
	return a.with(func(c *client) error {
		var all []wire.AuditRow
		after := uint64(0)
		for {
			rows, err := get[[]wire.AuditRow](c, http.MethodGet, "audit?after="+strconv.FormatUint(after, 10), nil)
			if err != nil {
				return err
			}
			all = append(all, rows...)
			known := after
			for _, r := range rows {
				if r.Act != string(wire.CodeAuditBroken) {
					after = max(after, r.N, r.To)
				}
			}
			if after == known {
				break
			}
		}
		if a.JSON {
			lines := json.NewEncoder(t.out)
			for _, r := range all {
				if err := lines.Encode(r); err != nil {
					return err
				}
			}
			return broken(all)
		}
		w := tabwriter.NewWriter(t.out, 2, 8, 2, ' ', 0)
		for _, r := range all[max(0, len(all)-a.Tail):] {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.N, time.UnixMilli(r.AtMs).Format("02/01/2006 15:04:05"), r.Who, r.From, act(r), r.Target, r.Code, r.Note)
		}
		return errors.Join(w.Flush(), broken(all))
	})
}

// act is what was done, and how often.
func act(r wire.AuditRow) string {
	if r.Count > 0 {
		return fmt.Sprintf("%s ×%d", r.Act, r.Count+1)
	}
	return r.Act
}

// broken counts the places where the log is not what was written.
func broken(rows []wire.AuditRow) error {
	n := 0
	for _, r := range rows {
		if r.Act == string(wire.CodeAuditBroken) {
			n++
		}
	}
	if n > 0 {
		return fmt.Errorf("the audit log is broken at %d places; \"giaoban check\" names them", n)
	}
	return nil
}

// pairCommand is "giaoban pair".
type pairCommand struct {
	site
	Code  string `arg:"" help:"The six digits on the kiosk's screen."`
	Point string `arg:"" help:"The point it is to be."`
}

// Run gives a kiosk its point.
func (p *pairCommand) Run(t terminal) error {
	return p.with(func(c *client) error {
		given, err := get[wire.PairingState](c, http.MethodPost, "pairing/assign", wire.PairingAct{Code: p.Code, Point: meeting.PointID(p.Point)})
		if err == nil {
			_, err = fmt.Fprintf(t.out, "%s [%s]\n", given.Name, given.Point)
		}
		return err
	})
}

// linkCommand is "giaoban link".
type linkCommand struct {
	site
	Role   string `arg:"" help:"room, chair, controller, focal, observer, operator or carrier."`
	Point  string `help:"Of a room, a chair point or an officer; of an observer, a second display there."`
	System string `placeholder:"ID" help:"Of a controller, an observer or a carrier; else of all systems."`
	Name   string `help:"Who gets it."`
	Part   string `placeholder:"content|people" help:"Of an observer: all its display shows."`

	Audience string   `placeholder:"all|chair|tier:NAME|system:ID|point:ID" help:"Of an observer: whose view its display shows."`
	Exclude  []string `placeholder:"POINT,..." help:"Of an observer: the points whose sound it leaves out (mix-minus)."`
}

// Run makes a link. It is shown once.
func (l *linkCommand) Run(t terminal) error {
	return l.with(func(c *client) error {
		made, err := get[wire.LinkMade](c, http.MethodPost, "links", wire.LinkWanted{
			Role: meeting.Role(l.Role), Point: meeting.PointID(l.Point), System: l.System, Name: l.Name, Part: meeting.Part(l.Part),
			Audience: meeting.Audience(l.Audience), Exclude: pointIDs(l.Exclude),
		})
		if err == nil {
			_, err = fmt.Fprintf(t.out, "https://SERVER:8443%s\n", made.Path)
		}
		return err
	})
}

func pointIDs(names []string) []meeting.PointID {
	ids := make([]meeting.PointID, len(names))
	for i, name := range names {
		ids[i] = meeting.PointID(name)
	}
	return ids
}
