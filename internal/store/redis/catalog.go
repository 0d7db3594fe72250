package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/giaoban/giaoban/internal/store"
)

// The names of the catalogue's keys.
const (
	nameDocuments = "{catalog}:documents"
	nameNames     = "{catalog}:names"
	nameRevision  = "{catalog}:revision"
	nameMeetings  = "{catalog}:meetings"
)

var errDocument = fmt.Errorf("redis: document is damaged: %w", store.ErrDamaged)

// Get is store.Catalog.
func (s *Store) Get(ctx context.Context, key string) (body []byte, rev uint64, err error) {
	if err := check(ctx, key); err != nil {
		return nil, 0, err
	}
	var stored string
	err = s.patiently(ctx, func(ctx context.Context) (err error) {
		stored, err = s.client.HGet(ctx, s.key(nameDocuments), key).Result()
		return err
	})
	if err == redis.Nil { // itself: in another error it is a Sentinel's, which knows no such master
		return nil, 0, nil
	}
	if err == nil {
		body, rev, err = document(stored)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("get %q: %w", key, err)
	}
	return body, rev, nil
}

// document splits a stored value.
func document(stored string) (body []byte, rev uint64, err error) {
	digits, text, found := strings.Cut(stored, " ")
	if rev, err = strconv.ParseUint(digits, 10, 64); err != nil || !found || rev == 0 {
		return nil, 0, errDocument
	}
	return []byte(text), rev, nil
}

// Put is store.Catalog. It is repeated while the server says that it did
// nothing, and while no replica has confirmed it. If an answer is lost, whether
// the document was changed is for the caller to see.
func (s *Store) Put(ctx context.Context, key string, body []byte, rev uint64) (uint64, error) {
	if err := check(ctx, key); err != nil {
		return 0, err
	}
	var next uint64 // what an earlier attempt was given
	err := s.insist(ctx, repeatable, func(ctx context.Context) error {
		answer, err := s.attempt(ctx, change{
			script: s.put, keys: s.keys(nameDocuments, nameNames, nameRevision),
			args: []any{key, decimal(rev), body, decimal(next)},
		})
		given, err := verdict(answer, err)
		if given > 0 {
			next = given
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("put %q: %w", key, err)
	}
	return next, nil
}

// Delete is store.Catalog. It is repeated as Put is.
func (s *Store) Delete(ctx context.Context, key string, rev uint64) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	var gone uint64 // 1 if an earlier attempt has removed it
	err := s.insist(ctx, repeatable, func(ctx context.Context) error {
		answer, err := s.attempt(ctx, change{
			script: s.delete, keys: s.keys(nameDocuments, nameNames, nameRevision),
			args: []any{key, decimal(rev), gone},
		})
		found, err := verdict(answer, err)
		gone = max(gone, found)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete %q: %w", key, err)
	}
	return nil
}

// verdict reads what put.lua or delete.lua answered; err says what is missing
// besides. A conflict counts like everything else when a replica may know it:
// a master that was replaced sees one where there is none.
func verdict(answer *redis.Cmd, err error) (uint64, error) {
	if answer == nil {
		return 0, err
	}
	given, wrong := answer.Uint64()
	if wrong != nil {
		return 0, wrong
	}
	if given == 0 && err == nil {
		err = store.ErrConflict
	}
	return given, err
}

// repeatable reports whether a change that must not be made twice may be asked
// for again: it was not made, or it is known to be made and only confirmed.
func repeatable(err error) bool { return undone(err) || errors.Is(err, errUnreplicated) }

// List is store.Catalog.
func (s *Store) List(ctx context.Context, prefix string) (keys []string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	span := redis.ZRangeArgs{Key: s.key(nameNames), ByLex: true, Start: "[" + prefix, Stop: below(prefix)}
	err = s.patiently(ctx, func(ctx context.Context) (err error) {
		keys, err = s.client.ZRangeArgs(ctx, span).Result()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list %q: %w", prefix, err)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	return keys, nil
}

// below is the end of the range of names that begin with a prefix.
func below(prefix string) string {
	for end := []byte(prefix); len(end) > 0; end = end[:len(end)-1] {
		if last := len(end) - 1; end[last] < 0xff {
			end[last]++
			return "(" + string(end)
		}
	}
	return "+"
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }
