package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/memory"
)

func TestBookBeginsAsTheSeedAndIsKept(t *testing.T) {
	ctx, docs := context.Background(), memory.New()
	b, rev, err := store.LoadBook(ctx, docs)
	if err != nil || rev != 0 || len(b.Systems) == 0 {
		t.Fatalf("revision %d, %v", rev, err)
	}
	b.Point("hg-03").Circuit = "HG-0303"
	if rev, err = store.SaveBook(ctx, docs, b, 0); err != nil {
		t.Fatal(err)
	}
	again, at, err := store.LoadBook(ctx, docs)
	if err != nil || at != rev || again.Point("hg-03").Circuit != "HG-0303" {
		t.Errorf("revision %d, want %d; %v", at, rev, err)
	}
	if _, err := store.SaveBook(ctx, docs, b, 0); !errors.Is(err, store.ErrConflict) {
		t.Errorf("an old revision: %v", err)
	}
	b.Points[0].Number = -1
	if _, err := store.SaveBook(ctx, docs, b, rev); err == nil {
		t.Error("a broken book is kept")
	}
}

// Two who change the book at once both have their change.
func TestChangesAreMadeAgainOnAConflict(t *testing.T) {
	ctx, docs := context.Background(), memory.New()
	meddled := false
	err := store.ChangeBook(ctx, docs, func(b *catalog.Book) error {
		if !meddled {
			meddled = true
			return store.ChangeBook(ctx, docs, func(b *catalog.Book) error {
				b.Point("hg-02").Circuit = "other"
				b.Point("hg-03").Circuit = ""
				return nil
			})
		}
		b.Point("hg-03").Circuit = "mine"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := store.LoadBook(ctx, docs)
	if err != nil || b.Point("hg-02").Circuit != "other" || b.Point("hg-03").Circuit != "mine" {
		t.Errorf("%v", err)
	}
	failed := errors.New("no")
	if err := store.ChangeBook(ctx, docs, func(b *catalog.Book) error { b.Points = nil; return failed }); !errors.Is(err, failed) {
		t.Errorf("%v", err)
	}
}
