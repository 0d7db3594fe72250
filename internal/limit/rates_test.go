package limit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// clock is a time that stands still until it is moved.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }

func stopped() *clock { return &clock{at: time.Date(2026, 12, 1, 7, 0, 0, 0, time.UTC)} }

func few(id ID, burst int, every time.Duration) Table {
	return Standard().With(id, func(r *Row) { r.Burst, r.Every = burst, every })
}

func TestABurstThenOneAPeriod(t *testing.T) {
	c := stopped()
	r := NewRates[string](few(Messages, 3, time.Second), Messages, c.now)
	for range 3 {
		if err := r.Take("a"); err != nil {
			t.Fatal(err)
		}
	}
	var refused *Refusal
	if err := r.Take("a"); !errors.As(err, &refused) || refused.Code != codeRate || refused.After != time.Second {
		t.Errorf("over the burst: %v", err)
	}
	if err := r.Take("b"); err != nil {
		t.Errorf("another pays for it: %v", err)
	}
	c.pass(time.Second)
	if r.Take("a") != nil || r.Take("a") == nil {
		t.Error("a period did not earn one act")
	}
	r.GiveBack("a")
	if err := r.Take("a"); err != nil {
		t.Errorf("what was given back is refused: %v", err)
	}
	for range 9 {
		r.GiveBack("b")
	}
	for i := range 3 {
		if err := r.Take("b"); err != nil {
			t.Fatalf("act %d: %v", i, err)
		}
	}
	if r.Take("b") == nil {
		t.Error("giving back made a burst larger")
	}
}

func TestAFullTableForgetsNoDebt(t *testing.T) {
	c := stopped()
	r := NewRates[string](few(Messages, 2, time.Hour), Messages, c.now)
	for range 3 {
		_ = r.Take("debtor")
	}
	for i := range 10 * ratesKept {
		_ = r.Take(fmt.Sprint(i))
	}
	if r.Known() > ratesKept {
		t.Errorf("%d are known", r.Known())
	}
	if r.Take("debtor") == nil {
		t.Error("filling the table paid a debt")
	}
	if r.Take("0") != nil || r.Take("0") == nil {
		t.Error("an early sharer lost its bucket")
	}
	c.pass(3 * time.Hour)
	for i := range ratesKept {
		if err := r.Take(fmt.Sprint("new", i)); err != nil {
			t.Fatalf("a newcomer pays for those who are long done: %v", err)
		}
	}
}

func TestOnlyTheTableMakesLimiters(t *testing.T) {
	for name, make := range map[string]func(){
		"no such row":          func() { NewRate(Standard(), "invented") },
		"a rate of places":     func() { NewRate(Standard(), Greetings) },
		"places of a rate":     func() { NewPlaces[int](Standard(), Messages, nil) },
		"bytes of a rate":      func() { Standard().Bytes(Messages) },
		"a row that is not in": func() { Standard().With("invented", func(*Row) {}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: made", name)
				}
			}()
			make()
		}()
	}
}

func TestRowsAreWhole(t *testing.T) {
	seen := map[ID]bool{}
	for _, r := range standard {
		kinds := 0
		for _, is := range []bool{r.isRate(), r.Each > 0, r.Bytes > 0} {
			if is {
				kinds++
			}
		}
		if seen[r.ID] || kinds != 1 || r.What == "" || r.Per == "" || r.Code == "" && r.Note == "" {
			t.Errorf("row %+v", r)
		}
		if r.Each > 0 && r.Code != "" && r.After == 0 {
			t.Errorf("row %s says not when to come again", r.ID)
		}
		seen[r.ID] = true
	}
}

// A row nobody makes a limiter of would promise what is not so.
func TestEveryRowIsUsed(t *testing.T) {
	rows, err := os.ReadFile("rows.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, dir := range []string{"cmd/giaoban", "signaling", "sfu", "cascade", "internal/auth", "internal/operator", "internal/wire"} {
		files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil && !strings.HasSuffix(file, "_test.go") {
				source.Write(text)
			}
		}
	}
	names := regexp.MustCompile(`(?m)^\t(\w+)\s+ID = `).FindAllSubmatch(rows, -1)
	if len(names) != len(standard) {
		t.Errorf("%d names of %d rows", len(names), len(standard))
	}
	for _, name := range names {
		used := regexp.MustCompile(`\blimit\.` + string(name[1]) + `\b`)
		if string(name[1]) == "Frame" { // wire has the figure as a constant
			used = regexp.MustCompile(`\blimit\.FrameBytes\b`)
		}
		if !used.MatchString(source.String()) {
			t.Errorf("nothing is made of the row %s", name[1])
		}
	}
}
