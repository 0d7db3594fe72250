package redis

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/storetest"
)

// testdata/format1.json was written by the keys of format 1. It must be
// readable for ever; a new format adds a file.
func TestFormat1IsReadable(t *testing.T) {
	s := open(t, storetest.StartRedis(t), prefix)
	s.load(t, golden(t))
	if diff := cmp.Diff(storetest.Events(1, 3), storetest.Log(t, s, "m", 0)); diff != "" {
		t.Error(diff)
	}
	if body, rev, err := s.Get(t.Context(), "k/a"); err != nil || string(body) != "one" || rev != 1 {
		t.Errorf("document %q at %d, %v", body, rev, err)
	}
	if keys, err := s.List(t.Context(), "k/"); err != nil || !cmp.Equal(keys, []string{"k/a"}) {
		t.Errorf("keys %q, %v", keys, err)
	}
	if ids, err := s.Meetings(t.Context()); err != nil || !cmp.Equal(ids, []meeting.ID{"m"}) {
		t.Errorf("meetings %q, %v", ids, err)
	}
	if err := s.Append(t.Context(), "m", 1, storetest.Events(4, 1)); !errors.Is(err, store.ErrFenced) {
		t.Errorf("an older epoch: %v, want ErrFenced", err)
	}
}

// What this program writes is of the form the golden file has, but for events,
// whose form is internal/meeting's.
func TestFormatIsTheGoldenOne(t *testing.T) {
	s := open(t, storetest.StartRedis(t), prefix)
	if err := s.Append(t.Context(), "m", 2, storetest.Events(1, 3)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "k/a", []byte("one"), 0); err != nil {
		t.Fatal(err)
	}
	want := golden(t)
	for i := range want {
		if want[i].Type == "list" {
			want[i].Values = []string{"event", "event", "event"}
		}
	}
	if diff := cmp.Diff(want, s.dump(t)); diff != "" {
		t.Errorf("the form has changed; raise Format and keep the old file:\n%s", diff)
	}
}

// entry is a key of Redis with what it holds.
type entry struct {
	Key    string
	Type   string
	Values []string
}

func golden(t *testing.T) (entries []entry) {
	t.Helper()
	text, err := os.ReadFile("testdata/format1.json")
	if err == nil {
		err = json.Unmarshal(text, &entries)
	}
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func (s *Store) load(t *testing.T, entries []entry) {
	t.Helper()
	write := map[string]string{"string": "SET", "list": "RPUSH", "set": "SADD", "hash": "HSET", "zset": "ZADD"}
	for _, e := range entries {
		command := []any{write[e.Type], s.key(e.Key)}
		for _, v := range e.Values {
			command = append(command, v)
		}
		if err := s.client.Do(t.Context(), command...).Err(); err != nil {
			t.Fatalf("%q: %v", command, err)
		}
	}
}

// dump gives every key in order.
func (s *Store) dump(t *testing.T) (entries []entry) {
	t.Helper()
	keys, err := s.client.Keys(t.Context(), s.key("*")).Result()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	for _, key := range keys {
		e := entry{Key: strings.TrimPrefix(key, prefix), Type: s.client.Type(t.Context(), key).Val()}
		switch e.Type {
		case "string":
			e.Values = []string{s.client.Get(t.Context(), key).Val()}
		case "list":
			e.Values = slices.Repeat([]string{"event"}, int(s.client.LLen(t.Context(), key).Val()))
		case "set":
			e.Values = s.client.SMembers(t.Context(), key).Val()
		case "hash":
			for field, value := range s.client.HGetAll(t.Context(), key).Val() {
				e.Values = append(e.Values, field, value)
			}
		case "zset":
			for _, name := range s.client.ZRange(t.Context(), key, 0, -1).Val() {
				e.Values = append(e.Values, "0", name)
			}
		}
		entries = append(entries, e)
	}
	return entries
}

// Damage is an error where it is met, never a shorter log or no document.
func TestDamageIsNotSilence(t *testing.T) {
	s := open(t, storetest.StartRedis(t), prefix)
	for name, value := range map[string]string{
		"not JSON":         "{",
		"an unknown fact":  `{"seq":2,"at":"2026-11-23T08:00:00Z","by":{"role":"node"},"fact":"no.such","v":1,"d":{}}`,
		"another position": `{"seq":3,"at":"2026-11-23T08:00:00Z","by":{"role":"node"},"fact":"meeting.ended","v":1,"d":{}}`,
	} {
		id := meeting.ID(name)
		if err := s.Append(t.Context(), id, 1, storetest.Events(1, 3)); err != nil {
			t.Fatal(err)
		}
		if err := s.client.LSet(t.Context(), s.key(nameLog(id)), 1, value).Err(); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range s.Read(t.Context(), id, 0) {
			if n++; (n == 2) != (err != nil) {
				t.Errorf("%s: read %d gives %v, want the first event and then an error", name, n, err)
			}
		}
		if n != 2 {
			t.Errorf("%s: %d reads, want 2", name, n)
		}
	}
	if err := s.client.HSet(t.Context(), s.key(nameDocuments), "k/a", "short").Err(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Get(t.Context(), "k/a"); !errors.Is(err, errDocument) {
		t.Errorf("get: %v, want errDocument", err)
	}
	if _, err := s.Put(t.Context(), "k/a", nil, 0); err == nil || errors.Is(err, store.ErrConflict) {
		t.Errorf("put: %v, want an error about the damage", err)
	}
}
