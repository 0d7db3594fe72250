package bolt

import (
	"bytes"
	"context"
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

// stocked makes a file of two meetings with pages of their own and of documents.
func stocked(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "giaoban.db")
	s := open(t, path)
	for _, id := range []meeting.ID{"bad", "good"} {
		if err := s.Append(t.Context(), id, 1, storetest.Events(1, 600)); err != nil {
			t.Fatal(err)
		}
	}
	err := s.update(func(tx *bbolt.Tx) error {
		for i := range 300 {
			if err := bucket(tx, bucketCatalog).Put(fmt.Appendf(nil, "token/%03d", i), append(encode(1), bytes.Repeat([]byte("x"), 100)...)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	return path
}

// rootOf gives where the first page of a bucket lies in a file.
func rootOf(t *testing.T, path string, names ...string) int64 {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	at := int64(0)
	err = errors.Join(db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(names[0]))
		for _, name := range names[1:] {
			b = b.Bucket([]byte(name))
		}
		at = int64(b.RootPage()) * int64(db.Info().PageSize)
		return nil
	}), db.Close())
	if err != nil || at == 0 {
		t.Fatalf("page of %v: %d, %v", names, at, err)
	}
	return at
}

// spoil writes bytes over a file, as a failing disk does.
func spoil(t *testing.T, path string, at int64, with []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		_, err = f.WriteAt(with, at)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// readable reads a log to its end.
func readable(s *Store, id meeting.ID) (n int, err error) {
	for _, err := range s.Read(context.Background(), id, 0) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

var pageFaults = map[string]struct {
	at   int64
	with []byte
}{
	"a page of zeros":      {0, make([]byte, 4096)},
	"another number":       {0, []byte{0xee, 0xee}},
	"no known kind":        {8, []byte{0xff, 0xff}},
	"elements without end": {10, []byte{0xff, 0xff}},
	"an element outside":   {16, bytes.Repeat([]byte{0xf7}, 64)},
}

// Damage of a meeting's own pages is that meeting's alone, at rest and while
// the file is open, whoever meets it; nothing panics.
func TestADamagedPageIsItsMeetingsAlone(t *testing.T) {
	for name, fault := range pageFaults {
		for _, running := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", running ", running), func(t *testing.T) {
				path := stocked(t)
				at := rootOf(t, path, bucketJournal, "bad")
				if !running {
					spoil(t, path, at+fault.at, fault.with)
				}
				s := open(t, path)
				if running {
					spoil(t, path, at+fault.at, fault.with)
				}
				if n, err := readable(s, "bad"); !errors.Is(err, store.ErrDamaged) {
					t.Errorf("the damaged log: %d events, %v", n, err)
				}
				if err := s.Append(t.Context(), "bad", 1, storetest.Events(601, 1)); err == nil {
					t.Error("a damaged log takes an event")
				}
				for range 3 {
					if err := s.Append(t.Context(), "good", 1, storetest.Events(601, 1)); err != nil {
						t.Errorf("the other log: %v", err)
					}
				}
				if n, err := readable(s, "good"); n != 601 || err != nil {
					t.Errorf("the other log: %d events, %v", n, err)
				}
				if keys, err := s.List(t.Context(), "token/"); len(keys) != 300 || err != nil {
					t.Errorf("%d documents, %v", len(keys), err)
				}
				c := &store.Check{}
				if err := s.Inspect(t.Context(), c); err != nil || !strings.Contains(fmt.Sprint(c.Found), "meeting bad: store.damaged: ") ||
					strings.Count(fmt.Sprint(c.Found), "store.damaged: ") != 1 { // the events of these tests do not fold
					t.Errorf("check found %v, %v", c.Found, err)
				}
			})
		}
	}
}

// Damage of what all stand on is found at Open, before anything is written, and
// the file written anew has all that can be read.
func TestDamageOfTheListsIsFoundAtOpenAndRebuilt(t *testing.T) {
	whole := func(t *testing.T, path string, documents int) {
		t.Helper()
		s := open(t, path)
		for _, id := range []meeting.ID{"bad", "good"} {
			if n, err := readable(s, id); n != 600 || err != nil {
				t.Errorf("%s: %d events, %v", id, n, err)
			}
			if err := s.Append(t.Context(), id, 1, storetest.Events(601, 1)); err != nil {
				t.Error(err)
			}
		}
		if keys, err := s.List(t.Context(), "token/"); len(keys) < documents || err != nil {
			t.Errorf("%d documents, %v, want %d", len(keys), err, documents)
		}
	}
	for name, c := range map[string]struct {
		spoil     func(t *testing.T, path string)
		documents int
	}{
		"a page of the documents": {func(t *testing.T, path string) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for at := 0; at < len(b); at += 4096 { // a leaf that has it, in use or not
				if page := b[at : at+4096]; page[8] == kindLeaf && bytes.Contains(page, []byte("token/150")) {
					spoil(t, path, int64(at), make([]byte, 4096))
				}
			}
		}, 240},
		"the list of free pages": {func(t *testing.T, path string) {
			m := metaOf(t, path)
			spoil(t, path, int64(m.free)*m.pageSize+8, []byte{0xff, 0xff})
		}, 300},
		"pages in use among the free": {func(t *testing.T, path string) {
			m := metaOf(t, path)
			spoil(t, path, int64(m.free)*m.pageSize+10, []byte{2, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 9})
		}, 300},
	} {
		t.Run(name, func(t *testing.T) {
			path := stocked(t)
			c.spoil(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if s, err := Open(path); !errors.Is(err, store.ErrDamaged) {
				t.Fatalf("open: %v, %v", s, err)
			}
			if after, err := os.ReadFile(path); err != nil || !cmp.Equal(before, after) {
				t.Error("a damaged file was changed")
			}
			if err := Rebuild(path, path+".new", func(string, meeting.ID) bool { return false }); err != nil {
				t.Fatal(err)
			}
			whole(t, path+".new", c.documents)
		})
	}
}

func metaOf(t *testing.T, path string) meta {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, _, err := newestMeta(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A file that is cut short while it is open fails its callers, and leaves the
// process alive; nobody waits for ever.
func TestAFileCutShortWhileOpenIsAnError(t *testing.T) {
	for _, left := range []int64{0, 4096, 16384} {
		path := stocked(t)
		s := open(t, path)
		if err := os.Truncate(path, left); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := readable(s, "good"); err == nil {
				t.Errorf("%d bytes left: a log is read", left)
			}
			_, _ = s.List(t.Context(), "token/")
			if err := s.Append(t.Context(), "good", 1, storetest.Events(601, 1)); err == nil {
				t.Errorf("%d bytes left: a log is written", left)
			}
		}
	}
}

// An end of a log that was cut off is found, though what is left folds.
func TestACutEndIsFound(t *testing.T) {
	path := stocked(t)
	s := open(t, path)
	err := s.update(func(tx *bbolt.Tx) error {
		return bucket(tx, bucketJournal).Bucket([]byte("bad")).Delete(encode(600))
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := readable(s, "bad"); n > 599 || !errors.Is(err, store.ErrDamaged) {
		t.Errorf("%d events, %v", n, err)
	}
	if err := s.Append(t.Context(), "bad", 1, storetest.Events(600, 1)); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("append over the cut: %v", err)
	}
}

// A bucket that an older file must have had is told as lost, not made again in
// silence.
func TestALostBucketIsTold(t *testing.T) {
	path := stocked(t)
	s := open(t, path)
	if err := s.update(func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(bucketEpochs)) }); err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	if s = open(t, path); !cmp.Equal(s.Lost(), []string{bucketEpochs}) || !strings.Contains(fmt.Sprint(s.Lost()), "epochs") {
		t.Errorf("lost: %v", s.Lost())
	}
}
