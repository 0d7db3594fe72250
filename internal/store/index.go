package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/giaoban/giaoban/internal/meeting"
)

// closedPrefix begins the keys of the index of meetings that are not opened at
// a start: one document each, whose body says why. What is not in it is opened
// and found out, so an index that lacks some, as every older store's does,
// costs time and nothing else.
const closedPrefix = "closed/"

// Why is why a meeting is not opened at a start.
type Why string

// The reasons.
const (
	WhyEnded    Why = "ended"    // its log ends with its end
	WhyImported Why = "imported" // it came in as a file, and goes on only by an act
	WhyDamaged  Why = "damaged"  // a repair of a shared store has set it aside
)

// CheckIndex gives the check of a document of the index by its key, nil if it
// is of another kind.
func CheckIndex(key string) func(body []byte) error {
	if !strings.HasPrefix(key, closedPrefix) {
		return nil
	}
	return func(body []byte) error {
		switch Why(body) {
		case WhyEnded, WhyImported, WhyDamaged:
			return nil
		}
		return fmt.Errorf("no reason why a meeting is closed: %q", body)
	}
}

// Shut puts a meeting on the index. One that is on it stays as it is.
func Shut(ctx context.Context, docs Catalog, id meeting.ID, why Why) error {
	if _, err := docs.Put(ctx, closedPrefix+string(id), []byte(why), 0); err != nil && !errors.Is(err, ErrConflict) {
		return fmt.Errorf("index meeting %q: %w", id, err)
	}
	return nil
}

// Reopen takes a meeting off the index.
func Reopen(ctx context.Context, docs Catalog, id meeting.ID) error {
	_, rev, err := docs.Get(ctx, closedPrefix+string(id))
	if err == nil && rev > 0 {
		err = docs.Delete(ctx, closedPrefix+string(id), rev)
	}
	if err != nil {
		return fmt.Errorf("index meeting %q: %w", id, err)
	}
	return nil
}

// IsShut says why a meeting is on the index, "" if it is not.
func IsShut(ctx context.Context, docs Catalog, id meeting.ID) (Why, error) {
	body, _, err := docs.Get(ctx, closedPrefix+string(id))
	if err != nil {
		return "", fmt.Errorf("index of meeting %q: %w", id, err)
	}
	return Why(body), nil
}

// Open lists the meetings that are not on the index, in byte order. It reads no
// log.
func Open(ctx context.Context, docs Catalog, logs Journal) ([]meeting.ID, error) {
	ids, err := logs.Meetings(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := docs.List(ctx, closedPrefix)
	if err != nil {
		return nil, fmt.Errorf("index of meetings: %w", err)
	}
	shut := make(map[meeting.ID]bool, len(keys))
	for _, key := range keys {
		shut[meeting.ID(strings.TrimPrefix(key, closedPrefix))] = true
	}
	var open []meeting.ID
	for _, id := range ids {
		if !shut[id] {
			open = append(open, id)
		}
	}
	return open, nil
}

// ends reports whether events end their meeting.
func ends(events []meeting.Event) bool {
	for _, e := range events {
		if _, over := e.Fact.(meeting.MeetingEnded); over {
			return true
		}
	}
	return false
}
