package bolt

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/giaoban/giaoban/internal/store"
)

var errDocument = fmt.Errorf("bolt: document is damaged: %w", store.ErrDamaged)

// Get is store.Catalog.
func (s *Store) Get(ctx context.Context, key string) (body []byte, rev uint64, err error) {
	if err := check(ctx, key); err != nil {
		return nil, 0, err
	}
	err = s.view(func(tx *bbolt.Tx) error {
		body, rev, err = document(bucket(tx, bucketCatalog).Get([]byte(key)))
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("get %q: %w", key, err)
	}
	return body, rev, nil
}

// Put is store.Catalog.
func (s *Store) Put(ctx context.Context, key string, body []byte, rev uint64) (next uint64, err error) {
	if err := check(ctx, key); err != nil {
		return 0, err
	}
	err = s.update(func(tx *bbolt.Tx) error {
		catalog := bucket(tx, bucketCatalog)
		if err := expect(catalog, key, rev); err != nil {
			return err
		}
		if next, err = catalog.NextSequence(); err != nil {
			return err
		}
		return catalog.Put([]byte(key), append(encode(next), body...))
	})
	if err != nil {
		return 0, fmt.Errorf("put %q: %w", key, err)
	}
	return next, nil
}

// Delete is store.Catalog.
func (s *Store) Delete(ctx context.Context, key string, rev uint64) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	err := s.update(func(tx *bbolt.Tx) error {
		if rev == 0 {
			return store.ErrConflict
		}
		catalog := bucket(tx, bucketCatalog)
		if err := expect(catalog, key, rev); err != nil {
			return err
		}
		return catalog.Delete([]byte(key))
	})
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
	err = s.view(func(tx *bbolt.Tx) error {
		cursor := bucket(tx, bucketCatalog).Cursor()
		for k, _ := cursor.Seek([]byte(prefix)); bytes.HasPrefix(k, []byte(prefix)) && k != nil; k, _ = cursor.Next() {
			keys = append(keys, string(k))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list %q: %w", prefix, err)
	}
	return keys, nil
}

// expect refuses a document whose revision is not rev.
func expect(catalog *bbolt.Bucket, key string, rev uint64) error {
	_, stored, err := document(catalog.Get([]byte(key)))
	if err == nil && stored != rev {
		err = store.ErrConflict
	}
	return err
}

// document splits a stored value; an absent one has revision 0. The body is a
// copy, since the value belongs to its transaction.
func document(value []byte) (body []byte, rev uint64, err error) {
	if value == nil {
		return nil, 0, nil
	}
	if len(value) < 8 {
		return nil, 0, errDocument
	}
	return slices.Clone(value[8:]), number(value[:8]), nil
}
