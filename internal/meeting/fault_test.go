package meeting

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFaults plants each fault of testdata/faults in a copy of the code and
// demands that the test it names fails. Each is a build, so make test plays every
// fourth, by GIAOBAN_FAULTS=1, and make prove-rules all, by GIAOBAN_PROVE_FAULTS=1;
// that every patch still applies is checked always.
func TestFaults(t *testing.T) {
	patches, err := filepath.Glob("testdata/faults/*.patch")
	if err != nil || len(patches) == 0 {
		t.Fatalf("no faults: %v", err)
	}
	some, all := os.Getenv("GIAOBAN_FAULTS") == "1", os.Getenv("GIAOBAN_PROVE_FAULTS") == "1"
	if !all {
		t.Logf("ATTENTION: most of %d planted faults only checked to apply; make prove-rules builds and runs them", len(patches))
	}
	atOnce := make(chan struct{}, 2)
	for n, patch := range patches {
		t.Run(strings.TrimSuffix(filepath.Base(patch), ".patch"), func(t *testing.T) {
			t.Parallel()
			overlay, catcher := plant(t, patch)
			if !all && !(some && n%4 == 0) {
				return
			}
			atOnce <- struct{}{}
			defer func() { <-atOnce }()
			mustCatch(t, overlay, catcher)
		})
	}
}

// mustCatch runs the catcher on the faulty code.
func mustCatch(t *testing.T, overlay, catcher string) {
	t.Helper()
	pattern := "^" + strings.ReplaceAll(catcher, "/", "$/^") + "$"
	run := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-count=1", "-overlay", overlay, "-run", pattern,
		".", "-rapid.nofailfile", "-rapid.shrinktime=1ms")
	out, err := run.CombinedOutput()
	if err == nil {
		t.Fatalf("%s passes with the fault in place", catcher)
	}
	if !strings.Contains(string(out), "--- FAIL: "+catcher+" ") {
		t.Fatalf("%s did not fail, but: %s", catcher, out)
	}
}

// plant writes the patched file and the overlay that puts it in the place of
// the original, and names the test that must catch it.
func plant(t *testing.T, patch string) (overlay, catcher string) {
	t.Helper()
	text := mustRead(t, patch)
	head := regexp.MustCompile(`(?s)^Fault: .+\nCaught by: (\S+)\n.*\n--- a/(\S+)\n\+\+\+ b/\S+\n`).FindStringSubmatch(text)
	if head == nil {
		t.Fatalf("%s: want Fault:, Caught by: and a unified diff of one file", patch)
	}
	catcher = head[1]
	faulty, err := patched(mustRead(t, head[2]), text[len(head[0]):])
	if err != nil {
		t.Fatalf("%s: no longer applies: %v", patch, err)
	}
	original, err := filepath.Abs(head[2])
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, head[2])
	mustWrite(t, file, faulty)
	list, err := json.Marshal(map[string]map[string]string{"Replace": {original: file}})
	if err != nil {
		t.Fatal(err)
	}
	overlay = filepath.Join(dir, "overlay.json")
	mustWrite(t, overlay, string(list))
	return overlay, catcher
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

func mustRead(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func mustWrite(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
