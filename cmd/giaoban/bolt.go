package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/bolt"
)

// storeName is the store's file in the data directory.
const storeName = "giaoban.db"

// usedMarks are the files that a server leaves beside its store at its first
// start: where one of them is and the store is missing or empty, the store has
// been lost, and is not to be replaced by an empty one without a word. (The
// node's own key is no such mark: it is made before the first start.)
var usedMarks = []string{filepath.Join("tls", "ca.pem"), filepath.Join("tls", "leaf.pem"), "audit"}

// openBolt opens the store's file. One that is missing or empty beside a used
// directory is refused, unless it is meant. One whose inner lists are damaged is
// written anew from what can be read, and kept beside.
func openBolt(data string, fresh bool, log *slog.Logger) (*bolt.Store, error) {
	path := filepath.Join(data, storeName)
	if err := lostStore(data, path); err != nil && !fresh {
		return nil, err
	}
	s, err := bolt.Open(path)
	if !errors.Is(err, store.ErrDamaged) {
		return s, err
	}
	log.Error("the store is damaged and is written anew from what can be read", "file", path, "err", err)
	kept, again := rebuild(path, func(string, meeting.ID) bool { return false }, time.Now())
	if again != nil {
		return nil, errors.Join(err, again)
	}
	log.Error("the store was written anew; \"giaoban check\" on the old file tells what is missing", "old", kept)
	return bolt.Open(path)
}

// lostStore says that a used directory has no store.
func lostStore(data, path string) error {
	info, err := os.Stat(path)
	if err == nil && info.Size() > 0 || err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil
	}
	what := "is missing"
	if err == nil {
		what = "is empty"
	}
	for _, mark := range usedMarks {
		if _, err := os.Stat(filepath.Join(data, mark)); err == nil {
			return fmt.Errorf("%s %s, but %s shows that this directory was used before. "+
				"Put the file back (\"giaoban restore\" does, from a backup). To begin with an empty one, start once with --fresh",
				path, what, filepath.Join(data, mark))
		}
	}
	return nil
}

// rebuild writes a store's file anew, without what is to be left out and what
// cannot be read, and keeps the old one beside it, under the name it returns.
func rebuild(path string, leave func(document string, log meeting.ID) bool, now time.Time) (kept string, err error) {
	made := path + ".new"
	if err := os.Remove(made); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if err := bolt.Rebuild(path, made, leave); err != nil {
		return "", fmt.Errorf("write %s anew: %w", path, errors.Join(err, os.Remove(made)))
	}
	kept, err = aside(path, "damaged", now)
	if err == nil {
		err = os.Rename(made, path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	return kept, err
}

// aside gives a file another name beside its own, which tells why and when.
func aside(path, why string, now time.Time) (string, error) {
	base := fmt.Sprintf("%s.%s-%s", path, why, now.UTC().Format("20060102-150405"))
	kept := base
	for n := 2; ; n++ {
		if _, err := os.Lstat(kept); errors.Is(err, os.ErrNotExist) {
			return kept, os.Rename(path, kept)
		}
		kept = fmt.Sprintf("%s-%d", base, n)
	}
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
