package audit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// Fault is a place where the log is not what was written.
type Fault struct {
	N   uint64 // the entry
	Why string
}

// Error says what is wrong, and wraps ErrBroken.
func (f Fault) Error() string { return fmt.Sprintf("%s at entry %d: %s", ErrBroken, f.N, f.Why) }

// Unwrap is ErrBroken.
func (f Fault) Unwrap() error { return ErrBroken }

// numberOf is the number of a page's first entry.
func numberOf(key string) uint64 {
	n, err := strconv.ParseUint(strings.TrimPrefix(key, prefix), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// end is the number and the hash that the entry after this one goes by.
func (e *Entry) end() (n uint64, hash string) {
	if e.To >= e.N {
		return e.To, e.Next
	}
	return e.N, e.hash()
}

// Read gives the entries after a number, the oldest first, at most so many. A
// chain that does not hold is an error of ErrBroken, beside everything that can
// be read.
func Read(ctx context.Context, records Records, after uint64, most int) ([]Entry, error) {
	entries, faults, err := Scan(ctx, records, after, most)
	for _, f := range faults {
		err = errors.Join(err, f)
	}
	return entries, err
}

// Scan is Read that tells what is wrong apart.
func Scan(ctx context.Context, records Records, after uint64, most int) ([]Entry, []Fault, error) {
	keys, err := records.List(ctx, prefix)
	if err != nil {
		return nil, nil, fmt.Errorf("read audit log: %w", err)
	}
	s := scan{after: after, most: most}
	first := 0
	for first+1 < len(keys) && keys[first+1] <= key(after+1) {
		first++
	}
	if s.free = first > 0; !s.free { // the chain before a later page is not looked at
		at, _, err := floor(ctx, records)
		if err != nil && !errors.Is(err, ErrBroken) {
			return nil, nil, fmt.Errorf("read audit log: %w", err)
		}
		s.n, s.prev, s.free = at.N, at.Hash, err != nil
	}
	for _, k := range keys[first:] {
		if s.last == 0 && !s.free && numberOf(k) <= s.n {
			continue // moved to a file, and not yet deleted
		}
		entries, err := page(ctx, records, k)
		switch {
		case errors.Is(err, ErrBroken), damaged(err):
			s.fault(max(numberOf(k), 1), err.Error())
			s.free = true
			continue
		case err != nil:
			return s.found, s.faults, err
		}
		for _, e := range entries {
			s.add(e)
		}
		if len(s.found) >= most {
			break
		}
	}
	return s.found, s.faults, nil
}

// damaged reports whether an error says that stored bytes are not what was written.
func damaged(err error) bool {
	var d interface{ Damaged() bool }
	return errors.As(err, &d) && d.Damaged()
}

// scan is a chain being read.
type scan struct {
	after  uint64
	most   int
	n      uint64 // of the entry before, and its hash
	prev   string
	free   bool // what the next entry follows is not known
	last   uint64
	found  []Entry
	faults []Fault
}

func (s *scan) fault(n uint64, why string) {
	if len(s.faults) < 100 {
		s.faults = append(s.faults, Fault{N: n, Why: why})
	}
}

func (s *scan) add(e Entry) {
	switch {
	case s.free:
		s.free = false
	case e.N != s.n+1:
		s.fault(s.n+1, fmt.Sprintf("entries %d to %d are missing", s.n+1, e.N-1))
	case e.Prev != s.prev:
		s.fault(e.N, "it does not follow the entry before it")
	}
	s.n, s.prev = e.end()
	s.last = e.N
	if e.N > s.after && len(s.found) < s.most {
		s.found = append(s.found, e)
	}
}

// Last is the number of the newest entry, 0 if there is none.
func Last(ctx context.Context, records Records) (uint64, error) {
	keys, err := records.List(ctx, prefix)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	at := keys[len(keys)-1]
	entries, err := page(ctx, records, at)
	if errors.Is(err, ErrBroken) || damaged(err) {
		return numberOf(at), nil
	}
	if err != nil {
		return 0, err
	}
	n, _ := entries[len(entries)-1].end()
	return n, nil
}

// Verify looks at the whole log, and whether it goes on to its signed end.
func Verify(ctx context.Context, records Records, dir string) ([]Fault, error) {
	entries, faults, err := Scan(ctx, records, 0, math.MaxInt)
	if err != nil || dir == "" {
		return faults, err
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return faults, nil // a log that no program with a seal has opened yet
	}
	s, err := readSeal(dir)
	if err != nil {
		return append(faults, Fault{Why: "the key that signs its end cannot be read: " + err.Error()}), nil
	}
	head, err := s.read()
	if err != nil {
		return append(faults, Fault{Why: "the signed end cannot be read: " + err.Error()}), nil
	}
	last := uint64(0)
	for i := range entries {
		var hash string
		last, hash = entries[i].end()
		if last == head.N && hash != head.Hash {
			faults = append(faults, Fault{N: last, Why: "it is not the entry that was signed"})
		}
	}
	switch at, _, err := floor(ctx, records); {
	case head.N > max(last, at.N):
		faults = append(faults, Fault{N: last + 1, Why: fmt.Sprintf("the log was signed up to entry %d and ends at %d", head.N, last)})
	default:
		return faults, err
	}
	return faults, nil
}

// Patch puts an entry of ActAside into each gap of the log, so that the chain
// holds again and says what is not in it. It returns how many there were.
// A missing end is one too: the signed one is what the log goes on from.
func Patch(ctx context.Context, records Records, dir string, now time.Time) (int, error) {
	entries, _, err := Scan(ctx, records, 0, math.MaxInt)
	if err != nil {
		return 0, err
	}
	at, _, err := floor(ctx, records)
	if err != nil {
		return 0, err
	}
	n, prev, patched := at.N, at.Hash, 0
	mark := func(to uint64, next string) error {
		if to <= n {
			return nil
		}
		gap := Entry{N: n + 1, To: to, Next: next, Prev: prev, At: now.UTC().Truncate(time.Millisecond), Who: "giaoban repair", Act: ActAside}
		if _, err := records.Put(ctx, key(gap.N), gap.line(), 0); err != nil {
			return fmt.Errorf("patch audit log: %w", err)
		}
		patched++
		return nil
	}
	for i := range entries {
		if err := mark(entries[i].N-1, entries[i].Prev); err != nil {
			return patched, err
		}
		n, prev = entries[i].end()
	}
	if s, err := readSeal(dir); err == nil {
		if head, err := s.read(); err == nil {
			return patched, mark(head.N, head.Hash)
		}
	}
	return patched, nil
}
