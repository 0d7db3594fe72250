package run

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// TestMain keeps the bridge all tests share until they are over. Most of their
// time they wait for what happens in a meeting's own time, so more of them are
// played side by side than there are processors.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(shared); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// allFaults is whether each planted fault is asked for by itself.
func allFaults() bool { return os.Getenv("GIAOBAN_PROVE_FAULTS") == "1" }

// inFull is whether the long forms are asked for.
func inFull() bool { return os.Getenv("GIAOBAN_PROVE_CASCADE") != "" }

// shown is inFull, for what takes builds or minutes of its own; the short forms
// of it are tests of sfu's links and cascade's transcripts.
func shown(t *testing.T) bool {
	if !inFull() {
		t.Log("ATTENTION: played in its full form alone, make prove-cascade; here its planted faults are only checked to apply")
	}
	return inFull()
}

// beside lets a test be played beside others, but not where its figures count.
func beside(t *testing.T) {
	t.Helper()
	if !inFull() && !allFaults() {
		t.Parallel()
	}
}

// bridge builds giaoban, faulty or not; the one that is not, once for all tests.
func bridge(t *testing.T, flags ...string) string {
	t.Helper()
	if len(flags) == 0 {
		binary, err := honest()
		if err != nil {
			t.Fatal(err)
		}
		return binary
	}
	binary := filepath.Join(t.TempDir(), "giaoban")
	if err := build(binary, flags...); err != nil {
		t.Fatal(err)
	}
	return binary
}

var (
	shared = filepath.Join(os.TempDir(), fmt.Sprintf("%sshared-%d", dirPrefix, os.Getpid()))
	honest = sync.OnceValues(func() (string, error) {
		binary := filepath.Join(shared, "giaoban")
		return binary, build(binary)
	})
)

func build(binary string, flags ...string) error {
	args := append(append([]string{"build", "-ldflags=-s -w"}, flags...), "-o", binary, "github.com/giaoban/giaoban/cmd/giaoban")
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("go %v: %w: %s", args, err, out)
	}
	return nil
}
