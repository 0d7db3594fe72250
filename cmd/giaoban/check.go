package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/giaoban/giaoban/internal/audit"
	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/config"
	"github.com/giaoban/giaoban/internal/lines"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/bolt"
	"github.com/giaoban/giaoban/internal/store/memory"
	"github.com/giaoban/giaoban/internal/wire"
)

// snapshotPrefix begins the keys of the snapshots of meetings, a cache.
const snapshotPrefix = "snapshot/"

// errDamage is a check that found something.
var errDamage = errors.New("something is damaged")

// checkOf gives the check of a document by its key, nil if any body will do.
func checkOf(key string) func(body []byte) error {
	for _, of := range []func(string) func([]byte) error{
		auth.CheckRecord, lines.CheckRecord, audit.CheckRecord, store.CheckIndex,
	} {
		if check := of(key); check != nil {
			return check
		}
	}
	switch {
	case store.IsBook(key):
		return store.CheckBook
	case strings.HasPrefix(key, demoKey):
		return func(body []byte) error { return json.Unmarshal(body, &demo{}) }
	case strings.HasPrefix(key, snapshotPrefix):
		return checkSnapshot
	}
	return nil
}

// checkSnapshot is the check of a kept snapshot.
func checkSnapshot(body []byte) error {
	var kept struct {
		After    json.RawMessage  `json:"after"`
		Snapshot meeting.Snapshot `json:"snapshot"`
	}
	return json.Unmarshal(body, &kept)
}

// keeperOf is a node's store as the operator sees it.
type keeperOf struct{ *node }

// Damaged is operator.Keeper.
func (k keeperOf) Damaged() []store.Damage { return k.store.Damaged() }

// Backup is operator.Keeper.
func (k keeperOf) Backup(w io.Writer) error { return k.store.Backup(w) }

// Check is operator.Keeper.
func (k keeperOf) Check(ctx context.Context) (*store.Check, error) {
	c, err := checkAll(k.cfg.Data, func(v store.Visitor) error { return k.store.Inspect(ctx, v) })
	if err == nil {
		err = checkAudit(ctx, k.store, k.cfg.Data, c)
	}
	return c, err
}

// checkAll looks at everything of a store, and at the files beside it.
func checkAll(data string, inspect func(store.Visitor) error) (*store.Check, error) {
	c := &store.Check{Kinds: checkOf}
	if err := inspect(c); err != nil {
		return nil, err
	}
	checkKeys(data, c)
	return c, nil
}

// checkAudit looks at the chain of the audit log and at its signed end.
func checkAudit(ctx context.Context, docs store.Catalog, data string, c *store.Check) error {
	faults, err := audit.Verify(ctx, docs, filepath.Join(data, auditDir))
	for _, f := range faults {
		if !strings.Contains(f.Why, audit.Prefix) { // a page that cannot be read is named already
			c.Fault("audit log", f.Error())
		}
	}
	return err
}

// checkKeys looks at the keys beside the store. What was never made is no
// damage; a certificate without its authority is.
func checkKeys(data string, c *store.Check) {
	ca, leaf := filepath.Join(data, "tls", "ca.pem"), filepath.Join(data, "tls", "leaf.pem")
	if _, err := os.Stat(filepath.Join(data, "tls")); err == nil {
		for _, path := range []string{ca, leaf} {
			if _, _, err := readPair(path); err != nil {
				c.Fault(path, err.Error())
			}
		}
	}
	if _, err := os.Stat(filepath.Join(data, "node.key")); err == nil {
		if _, err := auth.OpenNodeKey(data); err != nil {
			c.Fault(filepath.Join(data, "node.key"), err.Error())
		}
	}
}

// checkCommand is "giaoban check [FILE]".
type checkCommand struct {
	offline
	File string `arg:"" optional:"" help:"A store's file to look at instead: one that was kept beside, or taken from a backup."`
}

// Run names every damage and ends with 1 if there is any.
func (c checkCommand) Run(t terminal) error {
	r, err := c.report()
	if err != nil {
		return err
	}
	for _, d := range r.Found {
		fmt.Fprintln(t.out, store.Damage{Document: d.Document, Meeting: d.Meeting, Part: d.Part, Why: d.Why})
	}
	fmt.Fprintf(t.out, "%d documents and %d meetings looked at; %d damaged\n", r.Documents, r.Meetings, len(r.Found))
	if len(r.Found) > 0 {
		return errDamage
	}
	return nil
}

// report is the check by the running server, or of what is there.
func (c checkCommand) report() (wire.CheckReport, error) {
	if c.File == "" {
		server, err := c.server()
		if err != nil {
			return wire.CheckReport{}, err
		}
		if server != nil {
			return get[wire.CheckReport](server, http.MethodGet, "check", nil)
		}
	}
	found, err := c.look()
	if err != nil {
		return wire.CheckReport{}, err
	}
	r := wire.CheckReport{Documents: found.Documents, Meetings: found.Meetings}
	for _, d := range found.Found {
		r.Found = append(r.Found, wire.DamageRow{Document: d.Document, Meeting: d.Meeting, Part: d.Part, Why: d.Why})
	}
	return r, nil
}

// look checks a store that no server has open.
func (c checkCommand) look() (*store.Check, error) {
	if c.File != "" {
		found := &store.Check{Kinds: checkOf}
		return found, bolt.Inspect(c.File, found)
	}
	cfg, err := c.config()
	if err != nil {
		return nil, err
	}
	return checkSite(cfg)
}

// checkSite checks a store that no server has open, whatever keeps it.
func checkSite(cfg config.Config) (*store.Check, error) {
	if cfg.Store == "bolt" {
		path := filepath.Join(cfg.Data, storeName)
		if err := lostStore(cfg.Data, path); err != nil {
			return &store.Check{Found: []store.Damage{{Part: path, Why: err.Error()}}}, nil
		}
		shelf := memory.New()
		c, err := checkAll(cfg.Data, func(v store.Visitor) error { return bolt.Inspect(path, both{v, shelf}) })
		if err == nil {
			err = checkAudit(context.Background(), shelf, cfg.Data, c)
		}
		return c, err
	}
	ctx := context.Background()
	s, err := tryRedis(ctx, cfg.Redis)
	if err != nil {
		return nil, err
	}
	found, err := checkAll(cfg.Data, func(v store.Visitor) error { return store.Inspect(ctx, s, s, v) })
	if err == nil {
		err = checkAudit(ctx, s, cfg.Data, found)
	}
	return found, errors.Join(err, s.Close())
}

// both shows a visitor a store and keeps the pages of the audit log at hand,
// whose chain is looked at when all of it is there.
type both struct {
	store.Visitor
	shelf *memory.Store
}

// Document is store.Visitor.
func (b both) Document(key string, body []byte, rev uint64, err error) {
	b.Visitor.Document(key, body, rev, err)
	if err == nil && strings.HasPrefix(key, "audit") {
		_, _ = b.shelf.Put(context.Background(), key, body, 0) // in memory, under a key that is a key
	}
}
