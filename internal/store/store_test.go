package store_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/memory"
	"github.com/giaoban/giaoban/internal/store/storetest"
)

func TestExportIsOneLinePerEvent(t *testing.T) {
	s := memory.New()
	if err := s.Append(t.Context(), "m", 1, storetest.Events(1, 2)); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := store.Export(t.Context(), &out, s, "m"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"format":1,"meeting":"m"}`,
		`{"seq":1,"at":"2026-11-23T08:00:00.000000001Z","by":{"role":"controller","point":"hg-01","name":"Kỹ thuật điều khiển"},` +
			`"cause":{"session":"s","id":1},"fact":"floor.requested","v":1,"d":{"floor":"speech","point":"hg-1"}}`,
		`{"seq":2,"at":"2026-11-23T08:00:00.000000002Z","by":{"role":"controller","point":"hg-01","name":"Kỹ thuật điều khiển"},` +
			`"cause":{"session":"s","id":2},"fact":"floor.requested","v":1,"d":{"floor":"speech","point":"hg-2"}}`,
		"",
	}
	if diff := cmp.Diff(want, strings.Split(out.String(), "\n")); diff != "" {
		t.Error(diff)
	}
}

func TestExportSaysWhatItCouldNotWrite(t *testing.T) {
	s := memory.New()
	if err := store.Export(t.Context(), refusing{}, s, "m"); !errors.Is(err, errRefused) {
		t.Errorf("export to a full disk: %v, want its error", err)
	}
	if err := store.Export(t.Context(), new(bytes.Buffer), s, ""); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("export of no meeting: %v, want ErrInvalid", err)
	}
}

var errRefused = errors.New("disk full")

type refusing struct{}

func (refusing) Write([]byte) (int, error) { return 0, errRefused }
