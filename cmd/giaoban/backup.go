package main

import (
	"archive/tar"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/giaoban/giaoban/internal/audit"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/bolt"
)

// backupCommand is "giaoban backup FILE".
type backupCommand struct {
	offline
	File string `arg:"" help:"Where to write it: a tar of the store, as it is at one moment, and of the keys beside it."`
}

// Run writes the backup, reads it again, and only then gives it its name.
func (c backupCommand) Run(t terminal) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	if cfg.Store != "bolt" {
		return store.ErrBackup
	}
	head, err := os.ReadFile(filepath.Join(cfg.Data, auditDir, audit.HeadFile)) // before the log it is the end of
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	db := c.File + ".db.part"
	defer os.Remove(db) // a failed backup leaves nothing behind
	if err := c.copyStore(cfg.Data, db); err != nil {
		return err
	}
	found := &store.Check{Kinds: checkOf}
	if err := bolt.Inspect(db, found); err != nil {
		return fmt.Errorf("the copy cannot be read: %w", err)
	}
	part := c.File + ".part"
	defer os.Remove(part)
	err = writeFile(part, func(w io.Writer) error { return pack(w, cfg.Data, db, head) })
	if err == nil {
		err = verify(part, db)
	}
	if err == nil {
		err = os.Rename(part, c.File)
	}
	if err == nil {
		err = syncDir(filepath.Dir(c.File))
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	fmt.Fprintf(t.out, "%s: %d documents and %d meetings, read again after writing\n", c.File, found.Documents, found.Meetings)
	for _, d := range found.Found {
		fmt.Fprintln(t.out, "damaged already in the store:", d)
	}
	return nil
}

// copyStore copies the store's file as it is at one moment: through the running
// server, or from the file where none runs.
func (c backupCommand) copyStore(data, to string) error {
	server := dial(data)
	return writeFile(to, func(w io.Writer) error {
		if server != nil {
			return server.download("backup", w)
		}
		path := filepath.Join(data, storeName)
		if err := lostStore(data, path); err != nil {
			return err
		}
		free, err := bolt.Lock(path)
		if err != nil {
			return err
		}
		defer free()
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	})
}

// download writes an answer that is a file, whole or with an error.
func (c *client) download(path string, w io.Writer) error {
	res, err := c.http.Get("http://giaoban/api/v1/" + path)
	if err != nil {
		return fmt.Errorf("reach the server: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answered %s", res.Status)
	}
	_, err = io.Copy(w, res.Body)
	return err
}

// writeFile writes a new file for its owner alone, and returns when it is on
// the disk.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Sync(), f.Close())
}

// kept reports whether a file of the data directory belongs into a backup: not
// the store, which is copied by itself, nor what was set aside before.
func kept(name string, d fs.DirEntry) bool {
	top, _, _ := strings.Cut(filepath.ToSlash(name), "/")
	for _, not := range []string{storeName, "aside-", "before-", "restore.part"} {
		if strings.HasPrefix(top, not) {
			return false
		}
	}
	return d.Type().IsRegular() && !strings.HasSuffix(name, ".part")
}

// pack writes the tar: the store first, then the rest of the directory.
func pack(w io.Writer, data, db string, head []byte) error {
	out := tar.NewWriter(w)
	if err := packFile(out, db, storeName); err != nil {
		return err
	}
	signed := filepath.Join(auditDir, audit.HeadFile)
	if len(head) > 0 {
		err := out.WriteHeader(&tar.Header{Name: filepath.ToSlash(signed), Mode: 0o600, Size: int64(len(head))})
		if _, failed := out.Write(head); err != nil || failed != nil {
			return errors.Join(err, failed)
		}
	}
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		name, bad := filepath.Rel(data, path)
		if err = errors.Join(err, bad); err != nil || !kept(name, d) || name == signed {
			return err
		}
		return packFile(out, path, filepath.ToSlash(name))
	})
	return errors.Join(err, out.Close())
}

func packFile(out *tar.Writer, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		err = out.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime()})
	}
	if err == nil {
		_, err = io.CopyN(out, f, info.Size())
	}
	return err
}

// verify reads a backup again: every entry, and the store byte for byte.
func verify(path, db string) error {
	want, err := sumOf(db)
	if err != nil {
		return err
	}
	n := 0
	err = unpack(path, func(name string, r io.Reader) error {
		sum := sha256.New()
		if _, err := io.Copy(sum, r); err != nil {
			return err
		}
		if n++; n == 1 && (name != storeName || [32]byte(sum.Sum(nil)) != want) {
			return errors.New("it is not what was written")
		}
		return nil
	})
	if err == nil && n == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return fmt.Errorf("read %s again: %w", path, err)
	}
	return nil
}

func sumOf(path string) (sum [32]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return [32]byte(h.Sum(nil)), err
}

// unpack gives the entries of a backup.
func unpack(path string, each func(name string, r io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for in := tar.NewReader(f); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(h.Name) {
			return fmt.Errorf("%q is not a file of a backup", h.Name)
		}
		if err := each(h.Name, in); err != nil {
			return err
		}
	}
}

// restoreCommand is "giaoban restore FILE".
type restoreCommand struct {
	offline
	File string `arg:"" help:"A file that backup wrote."`
	Over bool   `help:"The directory was used before: keep what is in it beside, under before-TIME, and put the copy in its place."`
}

// Run puts the backup into the data directory, checked before anything that is
// there is moved.
func (c restoreCommand) Run(t terminal) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	if cfg.Store != "bolt" {
		return store.ErrBackup
	}
	if dial(cfg.Data) != nil {
		return fmt.Errorf("a server runs on %s: stop it, then restore", cfg.Data)
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	there, err := os.ReadDir(cfg.Data)
	if err != nil {
		return err
	}
	if len(there) > 0 && !c.Over {
		return fmt.Errorf("%s is not empty; with --over what is in it is kept beside and the copy put in its place", cfg.Data)
	}
	part := filepath.Join(cfg.Data, "restore.part")
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	if err := c.extract(part); err != nil {
		return errors.Join(fmt.Errorf("restore: %w", err), os.RemoveAll(part))
	}
	before, err := swap(cfg.Data, part, time.Now())
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	fmt.Fprintln(t.out, "restored", cfg.Data)
	if before != "" {
		fmt.Fprintln(t.out, "what was there before is in", before)
	}
	return nil
}

// extract writes the files of a backup under a directory and checks the store.
func (c restoreCommand) extract(part string) error {
	err := unpack(c.File, func(name string, r io.Reader) error {
		path := filepath.Join(part, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		return writeFile(path, func(w io.Writer) error { _, err := io.Copy(w, r); return err })
	})
	if err != nil {
		return err
	}
	return bolt.Inspect(filepath.Join(part, storeName), &store.Check{Kinds: checkOf})
}

// swap moves what is in a data directory under a name of its own in it, and the
// files of a backup into its place. The directory itself may be a mount.
func swap(data, part string, now time.Time) (before string, err error) {
	there, err := os.ReadDir(data)
	if err != nil {
		return "", err
	}
	before = filepath.Join(data, "before-"+now.UTC().Format("20060102-150405"))
	moved := false
	for _, e := range there {
		if e.Name() == filepath.Base(part) || strings.HasPrefix(e.Name(), "before-") {
			continue
		}
		if err := errors.Join(os.MkdirAll(before, 0o700), os.Rename(filepath.Join(data, e.Name()), filepath.Join(before, e.Name()))); err != nil {
			return before, err
		}
		moved = true
	}
	fresh, err := os.ReadDir(part)
	if err != nil {
		return before, err
	}
	for _, e := range fresh {
		if err := os.Rename(filepath.Join(part, e.Name()), filepath.Join(data, e.Name())); err != nil {
			return before, err
		}
	}
	if !moved {
		before = ""
	}
	return before, errors.Join(os.Remove(part), syncDir(data))
}
