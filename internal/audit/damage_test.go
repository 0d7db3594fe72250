package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/giaoban/giaoban/internal/store/memory"
)

// filled is a log of so many entries, a page each, whose end is signed.
func filled(t *testing.T, n int) (*memory.Store, string) {
	t.Helper()
	records, dir := memory.New(), filepath.Join(t.TempDir(), "audit")
	l := beginIn(t, Config{Records: records, Dir: dir})
	more(t, l, n)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return records, dir
}

func more(t *testing.T, l *Log, n int) {
	t.Helper()
	for i := range n {
		if err := l.Append(t.Context(), Entry{Who: "lan", Act: fmt.Sprint("act ", i)}); err != nil {
			t.Fatal(err)
		}
	}
}

func verified(t *testing.T, records Records, dir string) []Fault {
	t.Helper()
	faults, err := Verify(t.Context(), records, dir)
	if err != nil {
		t.Fatal(err)
	}
	return faults
}

// Whoever does the same again and again fills a count, not the log; whoever
// invents names fills one too. What was carried out and is waited for is told
// apart all the same.
func TestWhatRepeatsIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memory.New()
		l := beginIn(t, Config{Records: records})
		time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute)))
		for i := range 5000 {
			if err := l.Note(t.Context(), Entry{Who: "observer", Act: "hello"}); err != nil {
				t.Fatal(err)
			}
			err := l.Append(t.Context(), Entry{Who: fmt.Sprint("stranger ", i), Act: "session.open", Code: "signin.wrong"})
			if err != nil {
				t.Fatal(err)
			}
		}
		for i := range 200 {
			if err := l.Append(t.Context(), Entry{Who: "lan", Act: "user.add", Target: fmt.Sprint(i)}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute + time.Second)
		l.Close()
		kinds, times := map[string]int{}, map[string]int{}
		for _, e := range all(t, records) {
			kinds[e.Act]++
			times[e.Act] += 1 + e.Count
		}
		if times["hello"] != 5000 || times["session.open"] != 5000 || times["user.add"] != 200 {
			t.Errorf("counted %v", times)
		}
		if kinds["hello"] != 2 || kinds["session.open"] > maxSame+2 || kinds["user.add"] != 200 {
			t.Errorf("entries %v", kinds)
		}
		if faults := verified(t, records, ""); len(faults) > 0 {
			t.Error(faults)
		}
	})
}

// sick takes nothing while it is told not to.
type sick struct {
	*memory.Store
	ill   atomic.Bool
	tries atomic.Int64
}

func (s *sick) Put(ctx context.Context, key string, body []byte, rev uint64) (uint64, error) {
	s.tries.Add(1)
	if s.ill.Load() {
		return 0, errors.New("disk full")
	}
	return s.Store.Put(ctx, key, body, rev)
}

// What the store does not take is kept until it does, as far as there is room,
// and the rest is counted, in the log itself too; it is said once, and the store
// is tried once a second.
func TestWhatTheStoreRefusesIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		records := &sick{Store: memory.New()}
		l := beginIn(t, Config{Records: records, Log: slog.New(slog.NewTextHandler(&said, nil))})
		records.ill.Store(true)
		for i := range maxKept + 500 {
			if err := l.Note(t.Context(), Entry{Who: "lan", Act: "floor.revoke", Target: fmt.Sprint(i % 100), Note: fmt.Sprint(i / 100)}); err != nil {
				t.Fatal(err)
			}
			if i%100 == 99 {
				time.Sleep(time.Minute) // a minute tells its own entries apart
			}
		}
		if err := l.Append(t.Context(), Entry{Who: "lan", Act: "user.add"}); err == nil {
			t.Error("who waits is told that it was written")
		}
		h := l.Health()
		if h.Failed == nil || h.Waiting != maxKept || h.Lost != 501 || l.Ready() == nil || time.Since(h.Since) < 15*time.Minute {
			t.Errorf("%+v, %v", h, l.Ready())
		}
		if n := records.tries.Load(); n > 16*60 {
			t.Errorf("tried %d times in 15 minutes", n)
		}
		records.ill.Store(false)
		time.Sleep(2 * time.Second)
		if h := l.Health(); h.Failed != nil || h.Waiting != 0 || l.Ready() != nil {
			t.Errorf("afterwards: %+v", h)
		}
		l.Close()
		entries := all(t, records)
		last := entries[len(entries)-1]
		if len(entries) != maxKept+1 || last.Act != ActLost || last.Count != 501 {
			t.Errorf("%d entries, the last %+v", len(entries), last)
		}
		if n := strings.Count(said.String(), "audit log not written"); n != 1 {
			t.Errorf("said %d times", n)
		}
	})
}

// An end that was cut off is found, and stays missing: the log goes on behind
// it. So is one that cannot be read.
func TestACutEndIsFound(t *testing.T) {
	for name, spoil := range map[string]func(r *memory.Store, key string, rev uint64) error{
		"cut off": func(r *memory.Store, key string, rev uint64) error { return r.Delete(t.Context(), key, rev) },
		"garbage": func(r *memory.Store, key string, rev uint64) error {
			_, err := r.Put(t.Context(), key, []byte("\x00\xff{"), rev)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			records, dir := filled(t, 5)
			if faults := verified(t, records, dir); len(faults) > 0 {
				t.Fatal(faults)
			}
			_, rev, err := records.Get(t.Context(), key(5))
			if err != nil {
				t.Fatal(err)
			}
			if err := spoil(records, key(5), rev); err != nil {
				t.Fatal(err)
			}
			if faults := verified(t, records, dir); len(faults) == 0 {
				t.Error("not found")
			}
			l := beginIn(t, Config{Records: records, Dir: dir})
			more(t, l, 2)
			l.Close()
			entries, faults, err := Scan(t.Context(), records, 0, 100)
			if n := len(entries); err != nil || n != 6 || entries[4].N != 6 || len(faults) == 0 {
				t.Fatalf("%d entries, %v, %v", n, faults, err)
			}
			if name == "garbage" { // a repair takes the page out first
				_, rev, _ := records.Get(t.Context(), key(5))
				if err := records.Delete(t.Context(), key(5), rev); err != nil {
					t.Fatal(err)
				}
			}
			if n, err := Patch(t.Context(), records, dir, time.Now()); n != 1 || err != nil {
				t.Errorf("%d marks, %v", n, err)
			}
			if faults := verified(t, records, dir); len(faults) > 0 {
				t.Error(faults)
			}
			if e := all(t, records)[4]; e.Act != ActAside || e.N != 5 || e.To != 5 {
				t.Errorf("the mark is %+v", e)
			}
		})
	}
}

// A head that was made elsewhere, or changed, is no head.
func TestAForgedEndIsFound(t *testing.T) {
	records, dir := filled(t, 3)
	forged := &seal{dir: dir}
	other, err := openSeal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	forged.private = other.private
	if err := forged.write(Head{N: 2, Hash: "00"}); err != nil {
		t.Fatal(err)
	}
	if faults := verified(t, records, dir); len(faults) != 1 {
		t.Error(faults)
	}
	if err := os.Remove(filepath.Join(dir, HeadFile)); err != nil {
		t.Fatal(err)
	}
	if faults := verified(t, records, dir); len(faults) != 1 {
		t.Error(faults)
	}
}

// A full log moves its oldest entries into a file; the chain holds over it, and
// a file can be read like a page.
func TestAFullLogIsMovedToFiles(t *testing.T) {
	records, dir := memory.New(), filepath.Join(t.TempDir(), "audit")
	l := beginIn(t, Config{Records: records, Dir: dir, Most: 40})
	more(t, l, 150)
	l.Close()
	entries := all(t, records)
	if n := len(entries); n > 42 || entries[n-1].N != 150 {
		t.Errorf("%d entries are left, the last %d", n, entries[n-1].N)
	}
	if faults := verified(t, records, dir); len(faults) > 0 {
		t.Error(faults)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	next := uint64(1)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		moved, err := decodePage(key(next), text)
		if err != nil {
			t.Fatal(err)
		}
		next += uint64(len(moved))
	}
	if next != entries[0].N {
		t.Errorf("the files end before %d, the store begins at %d", next, entries[0].N)
	}
	again := beginIn(t, Config{Records: records, Dir: dir, Most: 40})
	more(t, again, 3)
	again.Close()
	if faults := verified(t, records, dir); len(faults) > 0 {
		t.Error(faults)
	}
	entries = all(t, records)
	body, rev, err := records.Get(t.Context(), key(entries[0].N)) // the oldest that is left
	if err != nil || len(body) == 0 {
		t.Fatal(err)
	}
	if err := records.Delete(t.Context(), key(entries[0].N), rev); err != nil {
		t.Fatal(err)
	}
	if faults := verified(t, records, dir); len(faults) != 1 {
		t.Errorf("an entry between the files and the store was taken out: %v", faults)
	}
}
