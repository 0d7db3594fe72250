package lines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/memory"
	"github.com/giaoban/giaoban/sfu"
)

func unlimited(meeting.PointID) uint64 { return 0 }

func open(t *testing.T, docs store.Catalog) *Memory {
	t.Helper()
	m, err := Open(t.Context(), docs, unlimited, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestALineIsRememberedOverARestart(t *testing.T) {
	docs := memory.New()
	m := open(t, docs)
	if got := m.Line("hg-02"); got != (sfu.Line{}) {
		t.Errorf("at first: %+v", got)
	}
	m.Learned("hg-02", 640_000)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, docs)
	defer again.Close()
	if got := again.Line("hg-02"); got != (sfu.Line{Estimate: 640_000}) {
		t.Errorf("after a restart: %+v", got)
	}
}

func TestTheOperatorsCeilingIsOfNow(t *testing.T) {
	ceiling := uint64(0)
	m, err := Open(t.Context(), memory.New(), func(p meeting.PointID) uint64 { return ceiling }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	ceiling = 1_000_000
	if got := m.Line("hg-02"); got != (sfu.Line{Cap: 1_000_000}) {
		t.Errorf("%+v", got)
	}
}

// counted counts the writes of a store, and may refuse them.
type counted struct {
	store.Catalog
	puts atomic.Int64
	full atomic.Bool
}

func (c *counted) Put(ctx context.Context, key string, body []byte, rev uint64) (uint64, error) {
	c.puts.Add(1)
	if c.full.Load() {
		return 0, errors.New("the disk is full")
	}
	return c.Catalog.Put(ctx, key, body, rev)
}

func TestItIsWrittenRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		docs := &counted{Catalog: memory.New()}
		m := open(t, docs)
		pass := func(d time.Duration, want int, what string) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if got := int(docs.puts.Load()); got != want {
				t.Errorf("%s: %d writes, want %d", what, got, want)
			}
		}
		for second := range uint64(writeEvery / time.Second) {
			m.Learned("hg-02", 500_000+second*1000)
			pass(time.Second, int(second+1)/int(writeEvery/time.Second), "a line that changes all the time")
		}
		pass(writeEvery, 1, "nothing learned")
		m.Learned("hg-02", m.Line("hg-02").Estimate*105/100)
		pass(writeEvery, 1, "hardly anything learned")
		m.Learned("hg-02", 300_000)
		docs.full.Store(true)
		pass(writeEvery, 2, "a store that takes nothing")
		docs.full.Store(false)
		pass(writeEvery, 3, "a store that takes it the next time")
		pass(writeEvery, 3, "nothing left to write")
		m.Close()
		pass(0, 3, "closed with nothing to write")
	})
}

func TestSoManyLinesAreRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := open(t, memory.New())
		defer m.Close()
		for n := range most + 1 {
			time.Sleep(time.Second)
			m.Learned(meeting.PointID(fmt.Sprint(n)), 1_000_000)
			if n == most-1 {
				m.Learned("0", 2_000_000) // so that it is no more the oldest
			}
		}
		if len(m.lines) != most || m.Line("1").Estimate != 0 || m.Line("0").Estimate != 2_000_000 || m.Line(meeting.PointID(fmt.Sprint(most))).Estimate == 0 {
			t.Errorf("%d lines; the oldest has %+v", len(m.lines), m.Line("1"))
		}
	})
}

// A document nobody can read costs a first guess and no meeting.
func TestADamagedDocumentIsBegunAnew(t *testing.T) {
	for name, body := range map[string]string{
		"no json":           "{",
		"a newer version":   `{"version":2,"lines":{}}`,
		"an unknown field":  `{"version":1,"lines":{},"more":1}`,
		"data after it":     `{"version":1,"lines":{}} {}`,
		"a negative amount": `{"version":1,"lines":{"a":{"bps":-1,"at":0}}}`,
	} {
		docs := memory.New()
		if _, err := docs.Put(t.Context(), key, []byte(body), 0); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		m, err := Open(t.Context(), docs, unlimited, slog.New(slog.NewTextHandler(&said, nil)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !strings.Contains(said.String(), "forgotten") {
			t.Errorf("%s: the log says %q", name, said.String())
		}
		m.Learned("a", 700_000)
		m.Close()
		again := open(t, docs)
		if got := again.Line("a").Estimate; got != 700_000 {
			t.Errorf("%s: %d after it", name, got)
		}
		again.Close()
	}
}

func FuzzMemory(f *testing.F) {
	f.Add([]byte(`{"version":1,"lines":{"hg-02":{"bps":640000,"at":1764142000}}}`))
	f.Add([]byte(`{"version":1,"lines":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if lines, err := decode(body); lines == nil || err != nil && len(lines) > 0 {
			t.Errorf("%v with %v", lines, err)
		}
	})
}
