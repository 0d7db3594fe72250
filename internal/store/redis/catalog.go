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
	err = patiently(ctx, func() (err error) {
		stored, err = s.client.HGet(ctx, s.key(nameDocuments), key).Result()
		return err
	})
	if errors.Is(err, redis.Nil) {
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

// Put is store.Catalog. It is not repeated: if the answer is lost, whether the
// document was changed is for the caller to see.
func (s *Store) Put(ctx context.Context, key string, body []byte, rev uint64) (uint64, error) {
	if err := check(ctx, key); err != nil {
		return 0, err
	}
	keys := s.keys(nameDocuments, nameNames, nameRevision)
	next, err := s.put.Run(ctx, s.client, keys, key, decimal(rev), body).Uint64()
	if err == nil && next == 0 {
		err = store.ErrConflict
	}
	if err != nil {
		return 0, fmt.Errorf("put %q: %w", key, err)
	}
	return next, nil
}

// Delete is store.Catalog. It is not repeated either.
func (s *Store) Delete(ctx context.Context, key string, rev uint64) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	found, err := s.delete.Run(ctx, s.client, s.keys(nameDocuments, nameNames), key, decimal(rev)).Bool()
	if err == nil && !found {
		err = store.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("delete %q: %w", key, err)
	}
	return nil
}

// List is store.Catalog.
func (s *Store) List(ctx context.Context, prefix string) (keys []string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	span := redis.ZRangeArgs{Key: s.key(nameNames), ByLex: true, Start: "[" + prefix, Stop: below(prefix)}
	err = patiently(ctx, func() (err error) {
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
