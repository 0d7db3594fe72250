package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/giaoban/giaoban/internal/audit"
	"github.com/giaoban/giaoban/internal/config"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/bolt"
)

// repairCommand is "giaoban repair".
type repairCommand struct{ offline }

// Run sets what is damaged aside: each document and log into a file of its own,
// as far as it can be read. Of bolt the file as it was is kept too.
func (c repairCommand) Run(t terminal) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	if dial(cfg.Data) != nil {
		return fmt.Errorf("a server runs on %s: stop it, then repair", cfg.Data)
	}
	found, err := checkSite(cfg)
	if err != nil {
		return err
	}
	if len(found.Found) == 0 {
		fmt.Fprintln(t.out, "nothing is damaged")
		return nil
	}
	r := &repair{cfg: cfg, now: time.Now(), bad: map[string]bool{}}
	for _, d := range found.Found {
		if d.Document != "" || d.Meeting != "" {
			r.bad[d.Document+"\x00"+string(d.Meeting)] = true
		}
		fmt.Fprintln(t.out, d)
	}
	if err := r.run(); err != nil {
		return err
	}
	for _, line := range r.did {
		fmt.Fprintln(t.out, line)
	}
	return nil
}

// repair is one repair on its way.
type repair struct {
	cfg config.Config
	now time.Time
	bad map[string]bool // document NUL meeting
	did []string
}

func (r *repair) wanted(document string, log meeting.ID) bool {
	return r.bad[document+"\x00"+string(log)]
}

func (r *repair) run() error {
	if r.cfg.Store != "bolt" {
		return r.shared()
	}
	path := filepath.Join(r.cfg.Data, storeName)
	if err := lostStore(r.cfg.Data, path); err != nil {
		return err // nothing is there that could be set aside
	}
	free, err := bolt.Lock(path)
	if err != nil {
		return err
	}
	defer free()
	if err := r.salvage(func(v store.Visitor) error { return bolt.Inspect(path, v) }); err != nil {
		return err
	}
	kept, err := rebuild(path, r.wanted, r.now)
	if err != nil {
		return err
	}
	r.did = append(r.did, "the store was written anew; as it was: "+kept)
	free() // the old file's lock: the new one is opened
	s, err := bolt.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(r.patch(s), s.Close())
}

// patch closes the gaps of the audit log with marks that say what is missing.
func (r *repair) patch(docs store.Catalog) error {
	ctx := context.Background()
	n, err := audit.Patch(ctx, docs, filepath.Join(r.cfg.Data, auditDir), r.now)
	if n > 0 {
		r.did = append(r.did, fmt.Sprintf("%d gaps of the audit log are marked in it", n))
	}
	return err
}

// shared repairs a store on another machine: documents are taken out, the logs
// of damaged meetings are marked and stay where they are.
func (r *repair) shared() error {
	ctx := context.Background()
	s, err := tryRedis(ctx, r.cfg.Redis)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := r.salvage(func(v store.Visitor) error { return store.Inspect(ctx, s, s, v) }); err != nil {
		return err
	}
	if err := store.Inspect(ctx, s, s, &remover{ctx: ctx, docs: s, wanted: r.wanted}); err != nil {
		return err
	}
	return r.patch(s)
}

// salvage writes the bytes of what is set aside to files.
func (r *repair) salvage(inspect func(store.Visitor) error) error {
	dir := filepath.Join(r.cfg.Data, "aside-"+r.now.UTC().Format("20060102-150405"))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	s := &store.Salvage{Wanted: r.wanted, Keep: func(document string, log meeting.ID, body []byte) error {
		name := "document-" + url.PathEscape(document)
		if log != "" {
			name = "meeting-" + url.PathEscape(string(log)) + ".jsonl"
		}
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = f.Write(body)
		return errors.Join(err, f.Sync(), f.Close())
	}}
	if err := errors.Join(inspect(s), s.Err(), syncDir(dir)); err != nil {
		return fmt.Errorf("set aside in %s: %w", dir, err)
	}
	r.did = append(r.did, fmt.Sprintf("%d things are set aside in %s", len(r.bad), dir))
	return nil
}

// remover takes what was set aside out of a store that has no file.
type remover struct {
	ctx    context.Context
	docs   store.Catalog
	wanted func(string, meeting.ID) bool
}

// Document is store.Visitor.
func (r *remover) Document(key string, _ []byte, rev uint64, err error) {
	if r.wanted(key, "") && err == nil {
		_ = r.docs.Delete(r.ctx, key, rev) // who is left is found by the next check
	}
}

// Log is store.Visitor.
func (r *remover) Log(id meeting.ID, _ meeting.Seq, _ []byte, err error) {
	if err != nil && r.wanted("", id) {
		_ = store.Shut(r.ctx, r.docs, id, store.WhyDamaged)
	}
}

// Fault is store.Visitor.
func (*remover) Fault(string, string) {}
