package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/giaoban/giaoban/internal/audit"
	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/operator"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/signaling"
)

// socketName is the socket file in the data directory through which the
// command line speaks to the running server. Whoever may open it is the
// operator, so it is the owner's alone.
const socketName = "giaoban.sock"

// office is the operator's side of a node.
type office struct {
	server    *operator.Server
	tokens    *auth.Tokens
	users     *auth.Users
	audit     *audit.Log
	directory *operator.Directory
	unnoted   *atomic.Uint64 // acts that found no way into the audit log
	first     string         // the password of the operator's account, if it was made just now
}

// auditDir is where the end of the audit log is signed and its old entries are
// moved to, in the data directory.
const auditDir = "audit"

// openOffice reads the people, tokens and catalogue of the node's store.
func (n *node) openOffice(ctx context.Context) (*office, error) {
	o := &office{unnoted: &n.unnoted}
	if err := n.sift(ctx); err != nil {
		return nil, err
	}
	var err error
	if o.tokens, err = auth.Open(ctx, n.store); err != nil {
		return nil, err
	}
	o.users = auth.NewUsers(n.store, o.tokens, nil)
	if o.audit, err = audit.Open(ctx, audit.Config{Records: n.store, Dir: filepath.Join(n.cfg.Data, auditDir), Log: n.log}); err != nil {
		return nil, err
	}
	n.closers = append(n.closers, o.audit.Close)
	ready := n.ready
	n.ready, n.audit = func() error { return errors.Join(ready(), o.audit.Ready()) }, o.audit
	if o.directory, err = operator.OpenDirectory(ctx, n.store, n.meetings); err != nil {
		return nil, err
	}
	if o.first, err = o.users.First(ctx, string(meeting.RoleOperator)); err != nil {
		return nil, err
	}
	o.server, err = operator.New(operator.Config{
		Docs: n.store, Journal: n.store, Meetings: n.meetings, Tokens: o.tokens, Users: o.users,
		Pairings: auth.NewPairings(o.tokens, nil), Audit: o.audit, Directory: o.directory,
		Store: keeperOf{n}, Fork: n.meetings.Fork, Lobby: n.cfg.Lobby, Version: version(), Log: n.log,
	})
	return o, err
}

// bearer says who a token of this node speaks for.
func (o *office) bearer(token string) (signaling.Bearer, bool) {
	who, ok := o.tokens.Lookup(token)
	return signaling.Bearer{
		Identity: signaling.Identity{
			Role: meeting.Role(who.Role), Point: meeting.PointID(who.Point), Name: who.Name, System: who.System, Device: who.Device,
			Audience: meeting.Audience(who.Audience), Exclude: who.Exclude,
		},
		Grant: who.ID, Life: who.Life,
	}, ok
}

// note puts what a client of bridge.v1 did on record.
func (o *office) note(a signaling.Act) {
	e := audit.Entry{Who: a.Who.Name, Role: string(a.Who.Role), From: a.From, Act: a.Act, Target: a.Target}
	if e.Who == "" {
		e.Who = string(a.Who.Role)
	}
	if a.Err != nil {
		e.Code = a.Err.Error()
		if coded := new(meeting.Error); errors.As(a.Err, &coded) {
			e.Code = string(coded.Code)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeCheck)
	defer cancel()
	if err := o.audit.Note(ctx, e); err != nil { // the writer is stopping, or stands still
		o.unnoted.Add(1)
	}
}

// openSocket lets the command line in.
func (n *node) openSocket(o *office) error {
	path := filepath.Join(n.cfg.Data, socketName)
	if c, err := net.Dial("unix", path); err == nil {
		c.Close()
		return fmt.Errorf("another giaoban uses the data directory %s", n.cfg.Data)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the old socket file: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		// A path too long for a socket is no reason not to hold meetings.
		n.log.Warn("the command line cannot reach this server", "socket", path, "err", err)
		return nil
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return fmt.Errorf("socket file: %w", err)
	}
	n.answer(&http.Server{Handler: o.server.Local()}, l)
	return nil
}

// openMeetings folds the meetings that go on.
func (n *node) openMeetings(ctx context.Context, media focus.Media) error {
	n.meetings = focus.NewRegistry(focus.Config{
		Journal: n.store, Media: media, Snapshots: n.store, Confirm: n.confirm, Log: n.log, Node: n.place.path(), Place: n.place.home,
	})
	n.closers = append(n.closers, func() error { n.meetings.Close(); return nil })
	ids, err := store.Open(ctx, n.store, n.store)
	if err != nil {
		return fmt.Errorf("list meetings: %w", err)
	}
	for _, id := range ids {
		if err := n.openMeeting(ctx, id); err != nil {
			return fmt.Errorf("open meeting %q: %w", id, err)
		}
	}
	return nil
}

// openMeeting opens one meeting. One whose log is damaged stays closed by
// itself; one that has ended is not asked again at the next start.
func (n *node) openMeeting(ctx context.Context, id meeting.ID) error {
	_, err := n.meetings.Open(ctx, id)
	switch {
	case errors.Is(err, focus.ErrEnded):
		return store.Shut(ctx, n.store, id, store.WhyEnded)
	case errors.Is(err, store.ErrDamaged), errors.Is(err, focus.ErrBroken), err != nil && n.store.Met(id):
		n.store.SetAside(store.Damage{Meeting: id, Why: err.Error()})
		return nil
	}
	return err
}

// sift looks at the documents that a start needs and tells which of them are
// damaged. Each is then left out by whom it is for.
func (n *node) sift(ctx context.Context) error {
	keys, err := n.store.List(ctx, "")
	if err != nil {
		return fmt.Errorf("list documents: %w", err)
	}
	for _, key := range keys {
		check := checkOf(key)
		if check == nil || strings.HasPrefix(key, audit.Prefix) || strings.HasPrefix(key, snapshotPrefix) {
			continue // the log looks at its own pages, and a snapshot is a cache
		}
		body, rev, err := n.store.Get(ctx, key) // the store tells of what it cannot read
		if err == nil && rev > 0 {
			if err := check(body); err != nil {
				n.store.SetAside(store.Damage{Document: key, Why: err.Error()})
			}
		}
	}
	return nil
}

// silent is the media of a node without rooms.
type silent struct{}

func (silent) Carry(meeting.ID, *meeting.Plan) {}
func (silent) End(meeting.ID)                  {}
