package run

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/loadtest/report"
)

// Every fault of testdata/faults applies, and a run finds each by its name, where
// a bridge without one passes. Each by itself is make prove-load-faults; make
// test, which sets GIAOBAN_FAULTS, has all that need one node in one bridge.
func TestFaults(t *testing.T) {
	beside(t)
	patches, err := filepath.Glob("../testdata/faults/*.patch")
	if err != nil || len(patches) == 0 {
		t.Fatalf("no faults: %v", err)
	}
	var together []string
	for _, patch := range patches {
		t.Run(strings.TrimSuffix(filepath.Base(patch), ".patch"), func(t *testing.T) {
			p := plant(t, patch)
			if allFaults() {
				p.mustBeFound(t)
			} else if p.script == short {
				together = append(together, patch)
			}
		})
	}
	if allFaults() {
		return
	}
	if os.Getenv("GIAOBAN_FAULTS") != "1" {
		t.Log("ATTENTION: only checked to apply; GIAOBAN_FAULTS=1 plays those of one node, make prove-load-faults each")
		return
	}
	plant(t, together...).mustBeFound(t)
}

// mustBeFound plays a faulty bridge, and demands that each fault is named.
func (p planted) mustBeFound(t *testing.T) {
	t.Helper()
	r := stage(t, bridge(t, "-overlay", p.overlay), p.script, false)
	if r.Verdict.Code == report.Passed {
		t.Errorf("passed: %s", r.Verdict.Line.En)
	}
	for _, what := range p.caught {
		if !slices.ContainsFunc(r.Findings, func(f report.Finding) bool { return f.What+" "+f.Where == what }) {
			t.Errorf("%s was not found, but: %+v", what, r.Findings)
		}
	}
}

// planted is faults in the source of a bridge.
type planted struct {
	overlay string   // that puts the patched files in the place of the originals
	caught  []string // what a run must find
	script  string   // the play that finds them
}

// plant writes the patched files; several patches may change one.
func plant(t *testing.T, patches ...string) planted {
	t.Helper()
	p, dir, replace := planted{script: short}, t.TempDir(), map[string]string{}
	p.overlay = filepath.Join(dir, "overlay.json")
	for _, patch := range patches {
		text := mustRead(t, patch)
		head := regexp.MustCompile(`(?s)^Fault: .+\nCaught by: ([^\n]+)\n(Played: tree\n)?.*\n--- a/(\S+)\n\+\+\+ b/\S+\n`).FindStringSubmatch(text)
		if head == nil {
			t.Fatalf("%s: want Fault:, Caught by: and a unified diff of one file", patch)
		}
		original, err := filepath.Abs(filepath.Join("../..", head[3]))
		if err != nil {
			t.Fatal(err)
		}
		faulty, err := patched(mustRead(t, cmp.Or(replace[original], original)), text[len(head[0]):])
		if err != nil {
			t.Fatalf("%s: no longer applies: %v", patch, err)
		}
		replace[original] = filepath.Join(dir, fmt.Sprintf("%d-%s", len(replace), filepath.Base(head[3])))
		mustWrite(t, replace[original], faulty)
		p.caught = append(p.caught, head[1])
		if head[2] != "" {
			p.script = overTree
		}
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	mustWrite(t, p.overlay, string(list))
	return p
}

// patched applies the hunks of a unified diff. Each hunk's old lines must be
// found exactly once: line numbers may drift, meanings may not.
func patched(source, hunks string) (string, error) {
	for _, hunk := range regexp.MustCompile(`(?m)^@@ .*\n`).Split(hunks, -1)[1:] {
		var before, after strings.Builder
		for line := range strings.Lines(hunk) {
			if line[0] != '+' {
				before.WriteString(line[1:])
			}
			if line[0] != '-' {
				after.WriteString(line[1:])
			}
		}
		if n := strings.Count(source, before.String()); n != 1 {
			return "", fmt.Errorf("found %d times: %q", n, before.String())
		}
		source = strings.Replace(source, before.String(), after.String(), 1)
	}
	return source, nil
}
