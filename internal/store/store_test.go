package store_test

import (
	"bytes"
	"encoding/json"
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
	want := []string{`{"format":1,"meeting":"m"}`}
	for _, e := range storetest.Events(1, 2) {
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, string(line))
	}
	want = append(want, "")
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
