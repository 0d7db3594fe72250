package bolt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/storetest"
)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func shut(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, filepath.Join(t.TempDir(), "giaoban.db")) })
}

func TestEverythingIsThereAfterAReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "giaoban.db")
	s := open(t, path)
	if err := s.Append(t.Context(), "m", 4, storetest.Events(1, 3)); err != nil {
		t.Fatal(err)
	}
	rev, err := s.Put(t.Context(), "k/a", []byte("one"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), "k/a", rev); err != nil {
		t.Fatal(err)
	}
	shut(t, s)

	s = open(t, path)
	if diff := cmp.Diff(storetest.Events(1, 3), storetest.Log(t, s, "m", 0)); diff != "" {
		t.Error(diff)
	}
	if err := s.Append(t.Context(), "m", 3, storetest.Events(4, 1)); !errors.Is(err, store.ErrFenced) {
		t.Errorf("an older epoch after a reopen: %v, want ErrFenced", err)
	}
	again, err := s.Put(t.Context(), "k/a", []byte("two"), 0)
	if err != nil || again <= rev {
		t.Errorf("revision %d, %v after a reopen, want one above %d", again, err, rev)
	}
}

// testdata/format1.db was written by writeGolden when Format was 1. It must be
// readable for ever; a new format adds a file.
func TestFormat1IsReadable(t *testing.T) {
	golden, err := os.ReadFile("testdata/format1.db")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "giaoban.db")
	if err := os.WriteFile(path, golden, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	if diff := cmp.Diff(storetest.Events(1, 3), storetest.Log(t, s, "m", 0)); diff != "" {
		t.Error(diff)
	}
	if body, rev, err := s.Get(t.Context(), "k/a"); err != nil || string(body) != "one" || rev != 1 {
		t.Errorf("document %q at %d, %v", body, rev, err)
	}
	if err := s.Append(t.Context(), "m", 1, storetest.Events(4, 1)); !errors.Is(err, store.ErrFenced) {
		t.Errorf("an older epoch: %v, want ErrFenced", err)
	}
}

// The file this program writes is of the form the golden file has.
func TestFormatIsTheGoldenOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "giaoban.db")
	writeGolden(t, path)
	if diff := cmp.Diff(dump(t, "testdata/format1.db"), dump(t, path)); diff != "" {
		t.Errorf("the form of the file has changed; raise Format and keep the old file:\n%s", diff)
	}
}

func writeGolden(t *testing.T, path string) {
	t.Helper()
	s := open(t, path)
	if err := s.Append(t.Context(), "m", 2, storetest.Events(1, 3)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "k/a", []byte("one"), 0); err != nil {
		t.Fatal(err)
	}
	shut(t, s)
}

// dump gives every key of a file with its value, but for events, whose form is
// internal/meeting's.
func dump(t *testing.T, path string) map[string]string {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	err = errors.Join(db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error { return dumpBucket(all, string(name), b) })
	}), db.Close())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func dumpBucket(all map[string]string, prefix string, b *bbolt.Bucket) error {
	return b.ForEach(func(k, v []byte) error {
		name := fmt.Sprintf("%s/%q", prefix, k)
		if v == nil {
			return dumpBucket(all, name, b.Bucket(k))
		}
		if all[name] = fmt.Sprintf("%q", v); strings.HasPrefix(prefix, bucketJournal) {
			all[name] = "an event"
		}
		return nil
	})
}

func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "giaoban.db")
	open(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("mode %o, want 600", mode)
	}
}

func TestFileInUseIsSaidSo(t *testing.T) {
	t.Parallel() // Open waits for the other process to end
	path := filepath.Join(t.TempDir(), "giaoban.db")
	open(t, path)
	if _, err := Open(path); !errors.Is(err, ErrInUse) {
		t.Errorf("a second open: %v, want ErrInUse", err)
	}
}

func TestNewerFormatIsRefusedUntouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "giaoban.db")
	s := open(t, path)
	err := s.update(func(tx *bbolt.Tx) error { return bucket(tx, bucketMeta).Put([]byte(keyFormat), encode(Format+1)) })
	if err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, ErrFormat) {
		t.Errorf("open: %v, want ErrFormat", err)
	}
	if after, err := os.ReadFile(path); err != nil || !cmp.Equal(before, after) {
		t.Errorf("a refused file was changed, or %v", err)
	}
}

func TestNotAStoreIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "giaoban.db")
	if err := os.WriteFile(path, []byte("this is no store\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil {
		t.Error("a text file opens as a store")
	}
}

// Damage is an error where it is met, never a shorter log.
func TestDamageIsNotSilence(t *testing.T) {
	for name, value := range map[string]string{
		"not JSON":         "{",
		"an unknown fact":  `{"seq":2,"at":"2026-11-23T08:00:00Z","by":{"role":"node"},"fact":"no.such","v":1,"d":{}}`,
		"another position": `{"seq":3,"at":"2026-11-23T08:00:00Z","by":{"role":"node"},"fact":"meeting.ended","v":1,"d":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, filepath.Join(t.TempDir(), "giaoban.db"))
			if err := s.Append(t.Context(), "m", 1, storetest.Events(1, 3)); err != nil {
				t.Fatal(err)
			}
			err := s.update(func(tx *bbolt.Tx) error {
				return bucket(tx, bucketJournal).Bucket([]byte("m")).Put(encode(2), []byte(value))
			})
			if err != nil {
				t.Fatal(err)
			}
			var seen []meeting.Seq
			for e, err2 := range s.Read(t.Context(), "m", 0) {
				if err = err2; err == nil {
					seen = append(seen, e.Seq)
				}
			}
			if err == nil || !cmp.Equal(seen, []meeting.Seq{1}) {
				t.Errorf("read %v and then %v, want the first event and an error", seen, err)
			}
		})
	}
}

func TestDamagedDocumentIsAnError(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "giaoban.db"))
	rev, err := s.Put(t.Context(), "k/a", []byte("one"), 0)
	if err != nil {
		t.Fatal(err)
	}
	err = s.update(func(tx *bbolt.Tx) error {
		return bucket(tx, bucketCatalog).Put([]byte("k/a"), []byte("short"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Get(t.Context(), "k/a"); !errors.Is(err, errDocument) {
		t.Errorf("get: %v, want errDocument", err)
	}
	if _, err := s.Put(t.Context(), "k/a", nil, rev); !errors.Is(err, errDocument) {
		t.Errorf("put: %v, want errDocument", err)
	}
}
