package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
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
	want = append(want, `{"events":2}`, "")
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

// lines is the export of a meeting of five facts, split into its lines.
func lines(t testing.TB) []string {
	t.Helper()
	s := memory.New()
	if err := s.Append(t.Context(), "m", 1, storetest.Played(t, "m", 4)); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := store.Export(t.Context(), &out, s, "m"); err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(strings.TrimSpace(out.String())+"\n", "\n")[:7]
}

func TestWrongFileImportsNothing(t *testing.T) {
	with := func(at int, line string) func([]string) []string {
		return func(l []string) []string { l[at] = line + "\n"; return l }
	}
	replace := func(at int, from, to string) func([]string) []string {
		return func(l []string) []string { l[at] = strings.Replace(l[at], from, to, 1); return l }
	}
	for name, c := range map[string]struct {
		spoil func(lines []string) []string
		want  string
	}{
		"nothing":                 {func([]string) []string { return nil }, "line 1: .*unexpected EOF"},
		"no header":               {func(l []string) []string { return l[1:] }, "line 1: .*unknown field"},
		"a newer format":          {with(0, `{"format":2,"meeting":"m"}`), "line 1: .*format 2, want 1"},
		"no meeting":              {with(0, `{"format":1,"meeting":""}`), "line 1: .*invalid name"},
		"more in the header":      {with(0, `{"format":1,"meeting":"m","x":1}`), "line 1: .*unknown field"},
		"a gap":                   {func(l []string) []string { return slices.Delete(l, 3, 4) }, "line 4: .*gap|line 4: .*4 after 2"},
		"an event twice":          {func(l []string) []string { return slices.Insert(l, 3, l[3]) }, "line 5: .*3 after 3"},
		"events that changed":     {func(l []string) []string { l[2], l[3] = l[3], l[2]; return l }, "line 3: .*3 after 1"},
		"no beginning":            {func(l []string) []string { return append(l[:1], l[2:]...) }, "line 2: .*2 after 0"},
		"an unknown fact":         {replace(3, "floor.modeSet", "mode.lost"), `line 4: .*unknown fact "mode.lost"`},
		"an unknown version":      {replace(3, `"v":1`, `"v":99`), "line 4: .*version 99"},
		"a fact that cannot be":   {replace(3, `"limit":3`, `"limit":300`), "line 4: .*does not follow"},
		"a torn line":             {func(l []string) []string { l[5] = l[5][:40]; return l[:6] }, "line 6: .*unexpected EOF"},
		"cut off after a line":    {func(l []string) []string { return l[:6] }, "line 7: .*unexpected EOF"},
		"events left out":         {func(l []string) []string { return append(l[:5], l[6]) }, "line 6: .*counts 5 events, the file has 4"},
		"an empty line":           {with(3, ""), "line 4: .*EOF"},
		"a line too long":         {with(3, strings.Repeat(" ", 1<<20)), "line 4: .*too long"},
		"more after the footer":   {func(l []string) []string { return append(l, l[1]) }, "line 8: .*after the footer"},
		"a log without any event": {func(l []string) []string { return []string{l[0], `{"events":0}`} }, "line 2: .*counts 0"},
	} {
		t.Run(name, func(t *testing.T) {
			s := memory.New()
			_, err := store.Import(t.Context(), strings.NewReader(strings.Join(c.spoil(lines(t)), "")), s)
			if !errors.Is(err, store.ErrFile) || !regexp.MustCompile(c.want).MatchString(err.Error()) {
				t.Errorf("import: %v, want ErrFile at %q", err, c.want)
			}
			if ids, err := s.Meetings(t.Context()); len(ids) != 0 || err != nil {
				t.Errorf("it left %v, %v", ids, err)
			}
		})
	}
	s := memory.New()
	if id, err := store.Import(t.Context(), strings.NewReader(strings.Join(lines(t), "")), s); id != "m" || err != nil {
		t.Errorf("the whole file: %q, %v", id, err)
	}
}

// Whatever a file holds, an import ends in an error and nothing, or in a log
// that folds.
func FuzzImport(f *testing.F) {
	whole := lines(f)
	for n := range len(whole) + 1 {
		f.Add([]byte(strings.Join(whole[:n], "")))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := memory.New()
		id, err := store.Import(t.Context(), bytes.NewReader(text), s)
		if err != nil {
			if ids, _ := s.Meetings(t.Context()); len(ids) != 0 {
				t.Errorf("a refused file left %v", ids)
			}
			return
		}
		if storetest.Folded(t, s, id).Seq == 0 {
			t.Error("an import brought nothing")
		}
	})
}
