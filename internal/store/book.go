package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/giaoban/giaoban/internal/catalog"
)

// bookKey names the document of the installation's catalogue. It is one
// document, so that a table of points is taken whole or not at all.
const bookKey = "catalog/book"

// bookTries bounds how often a change is made anew because somebody else
// changed the book meanwhile.
const bookTries = 5

// LoadBook gives the installation's catalogue and its revision. An
// installation that has none yet gets the seed, at revision 0.
func LoadBook(ctx context.Context, docs Catalog) (*catalog.Book, uint64, error) {
	body, rev, err := docs.Get(ctx, bookKey)
	if err != nil {
		return nil, 0, fmt.Errorf("load catalogue: %w", err)
	}
	if rev == 0 {
		b, err := catalog.Seeded()
		return b, 0, err
	}
	b, err := catalog.Decode(body)
	if err != nil {
		return nil, 0, fmt.Errorf("load catalogue: %w: %w", ErrDamaged, err)
	}
	return b, rev, nil
}

// CheckBook is the check of the catalogue's document.
func CheckBook(body []byte) error {
	_, err := catalog.Decode(body)
	return err
}

// IsBook reports whether a key is the catalogue's.
func IsBook(key string) bool { return key == bookKey }

// SaveBook replaces the catalogue whose revision is rev, else ErrConflict, and
// returns the new revision. It refuses a book that does not pass its own check.
func SaveBook(ctx context.Context, docs Catalog, b *catalog.Book, rev uint64) (uint64, error) {
	if err := b.Check(); err != nil {
		return 0, err
	}
	body, err := b.Encode()
	if err != nil {
		return 0, err
	}
	next, err := docs.Put(ctx, bookKey, body, rev)
	if err != nil {
		return 0, fmt.Errorf("save catalogue: %w", err)
	}
	return next, nil
}

// ChangeBook makes a change to the catalogue as it stands; the change is made
// again if somebody else was quicker. A change that fails changes nothing.
func ChangeBook(ctx context.Context, docs Catalog, change func(*catalog.Book) error) error {
	for range bookTries {
		b, rev, err := LoadBook(ctx, docs)
		if err != nil {
			return err
		}
		if err := change(b); err != nil {
			return err
		}
		if _, err = SaveBook(ctx, docs, b, rev); !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return ErrConflict
}
