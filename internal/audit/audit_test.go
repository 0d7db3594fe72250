package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/store/memory"
)

func begin(t *testing.T, records Records) *Log {
	t.Helper()
	return beginIn(t, Config{Records: records, Now: func() time.Time { return time.Unix(1e9, 0) }})
}

func beginIn(t *testing.T, cfg Config) *Log {
	t.Helper()
	l, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func all(t *testing.T, records Records) []Entry {
	t.Helper()
	entries, err := Read(t.Context(), records, 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestEntriesStayInOrderOverRestarts(t *testing.T) {
	records := memory.New()
	for range 3 {
		l := begin(t, records)
		for i := range 5 {
			if err := l.Append(t.Context(), Entry{Who: "lan", Act: fmt.Sprint("act ", i)}); err != nil {
				t.Fatal(err)
			}
		}
		l.Close()
	}
	entries := all(t, records)
	for i, e := range entries {
		if e.N != uint64(i+1) || e.Act != fmt.Sprint("act ", i%5) {
			t.Errorf("entry %d is %+v", i, e)
		}
	}
	if n, err := Last(t.Context(), records); len(entries) != 15 || n != 15 || err != nil {
		t.Errorf("%d entries, last %d, %v", len(entries), n, err)
	}
	some, err := Read(t.Context(), records, 7, 3)
	if err != nil || len(some) != 3 || some[0].N != 8 || some[2].N != 10 {
		t.Errorf("%+v, %v", some, err)
	}
}

// Two nodes of one store write one log.
func TestTwoWritersMakeOneLog(t *testing.T) {
	records := memory.New()
	logs := []*Log{begin(t, records), begin(t, records)}
	var writers sync.WaitGroup
	for _, l := range logs {
		writers.Go(func() {
			for i := range 50 {
				if err := l.Append(context.Background(), Entry{Who: "x", Act: fmt.Sprint("y", i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if n := len(all(t, records)); n != 100 {
		t.Errorf("%d entries, want 100", n)
	}
}

// Whatever was given before Close is there after it.
func TestCloseWritesWhatWaits(t *testing.T) {
	records := memory.New()
	l := begin(t, records)
	for i := range 200 {
		if err := l.Note(t.Context(), Entry{Who: "x", Act: fmt.Sprint("y", i%100)}); err != nil {
			t.Fatal(err)
		}
	}
	l.Close()
	if n := len(all(t, records)); n != 200 {
		t.Errorf("%d entries, want 100 and the second of each", n)
	}
	if err := l.Note(t.Context(), Entry{}); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestTamperingIsFound(t *testing.T) {
	for name, tamper := range map[string]func(records *memory.Store, body []byte, rev uint64) error{
		"a word changed": func(r *memory.Store, body []byte, rev uint64) error {
			_, err := r.Put(t.Context(), key(2), bytes.Replace(body, []byte("lan"), []byte("mai"), 1), rev)
			return err
		},
		"a page removed": func(r *memory.Store, _ []byte, rev uint64) error { return r.Delete(t.Context(), key(2), rev) },
		"a page made up": func(r *memory.Store, _ []byte, rev uint64) error {
			_, err := r.Put(t.Context(), key(2), []byte(`{"n":2}`), rev)
			return err
		},
		"a page emptied": func(r *memory.Store, _ []byte, rev uint64) error {
			_, err := r.Put(t.Context(), key(2), nil, rev)
			return err
		},
	} {
		records := memory.New()
		l := begin(t, records)
		for i := range 3 {
			if err := l.Append(t.Context(), Entry{Who: "lan", Act: fmt.Sprint("x", i)}); err != nil {
				t.Fatal(err)
			}
		}
		body, rev, err := records.Get(t.Context(), key(2))
		if err != nil {
			t.Fatal(err)
		}
		if err := tamper(records, body, rev); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(t.Context(), records, 0, 100); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFieldsAreBounded(t *testing.T) {
	records := memory.New()
	l := begin(t, records)
	if err := l.Append(t.Context(), Entry{Who: strings.Repeat("ă", 1000), Act: "x"}); err != nil {
		t.Fatal(err)
	}
	if e := all(t, records)[0]; len(e.Who) > maxField || !strings.HasPrefix(e.Who, "ăă") {
		t.Errorf("%d bytes", len(e.Who))
	}
}

// The first version's lines stay readable: they are the golden form.
func TestGoldenPageIsRead(t *testing.T) {
	records := memory.New()
	const golden = `{"n":1,"at":"2026-11-25T01:00:00Z","who":"lan","role":"operator","from":"10.0.0.1","act":"session.open","target":"t","code":"rights.denied","note":"n","prev":""}` + "\n"
	if _, err := records.Put(t.Context(), "audit/000000000001", []byte(golden), 0); err != nil {
		t.Fatal(err)
	}
	e := all(t, records)[0]
	if string(e.line()) != golden {
		t.Errorf("%s", e.line())
	}
}

type failing struct{ *memory.Store }

func (failing) Put(context.Context, string, []byte, uint64) (uint64, error) {
	return 0, errors.New("disk full")
}

func TestWhoWaitsIsToldThatNothingWasWritten(t *testing.T) {
	l := begin(t, failing{memory.New()})
	if err := l.Append(t.Context(), Entry{Who: "x", Act: "y"}); err == nil {
		t.Error("no error")
	}
}
