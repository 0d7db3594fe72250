package bolt

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/giaoban/giaoban/internal/store"
)

var errDocument = errors.New("bolt: document is damaged")

// Get is store.Catalog.
func (s *Store) Get(ctx context.Context, kind, id string) (body []byte, rev uint64, err error) {
	if err := check(ctx, kind, id); err != nil {
		return nil, 0, err
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		kinds := tx.Bucket(bucketCatalog).Bucket([]byte(kind))
		if kinds == nil {
			return nil
		}
		body, rev, err = document(kinds.Get([]byte(id)))
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("get %s %q: %w", kind, id, err)
	}
	return body, rev, nil
}

// Put is store.Catalog.
func (s *Store) Put(ctx context.Context, kind, id string, body []byte, rev uint64) (next uint64, err error) {
	if err := check(ctx, kind, id); err != nil {
		return 0, err
	}
	err = s.db.Update(func(tx *bbolt.Tx) error {
		catalog := tx.Bucket(bucketCatalog)
		kinds, err := catalog.CreateBucketIfNotExists([]byte(kind))
		if err != nil {
			return err
		}
		if err := expect(kinds, id, rev); err != nil {
			return err
		}
		if next, err = catalog.NextSequence(); err != nil {
			return err
		}
		return kinds.Put([]byte(id), append(key(next), body...))
	})
	if err != nil {
		return 0, fmt.Errorf("put %s %q: %w", kind, id, err)
	}
	return next, nil
}

// Delete is store.Catalog.
func (s *Store) Delete(ctx context.Context, kind, id string, rev uint64) error {
	if err := check(ctx, kind, id); err != nil {
		return err
	}
	err := s.db.Update(func(tx *bbolt.Tx) error {
		kinds := tx.Bucket(bucketCatalog).Bucket([]byte(kind))
		if kinds == nil || rev == 0 {
			return store.ErrConflict
		}
		if err := expect(kinds, id, rev); err != nil {
			return err
		}
		return kinds.Delete([]byte(id))
	})
	if err != nil {
		return fmt.Errorf("delete %s %q: %w", kind, id, err)
	}
	return nil
}

// List is store.Catalog.
func (s *Store) List(ctx context.Context, kind string) (ids []string, err error) {
	if err := check(ctx, kind); err != nil {
		return nil, err
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		kinds := tx.Bucket(bucketCatalog).Bucket([]byte(kind))
		if kinds == nil {
			return nil
		}
		return kinds.ForEach(func(id, _ []byte) error {
			ids = append(ids, string(id))
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", kind, err)
	}
	return ids, nil
}

// expect refuses a document whose revision is not rev.
func expect(kinds *bbolt.Bucket, id string, rev uint64) error {
	_, stored, err := document(kinds.Get([]byte(id)))
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
