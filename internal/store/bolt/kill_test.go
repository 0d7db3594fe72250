package bolt

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/storetest"
)

// writerEnv names the file a child process of this test writes to.
const writerEnv = "GIAOBAN_BOLT_WRITER"

// kills is how often the writer is killed; each time it goes on where it was.
const kills = 5

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		fmt.Fprintln(os.Stderr, writeForever(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForever appends batches of one to five events to a log and tells on its
// standard output how far the log is durable, until it is killed.
func writeForever(path string) error {
	s, err := Open(path)
	if err != nil {
		return err
	}
	next := meeting.Seq(1)
	for e, err := range s.Read(context.Background(), "m", 0) {
		if err != nil {
			return err
		}
		next = e.Seq + 1
	}
	for {
		n := 1 + rand.IntN(5)
		if err := s.Append(context.Background(), "m", 1, storetest.Events(next, n)); err != nil {
			return err
		}
		next += meeting.Seq(n)
		if _, err := fmt.Fprintln(os.Stdout, next-1); err != nil {
			return err
		}
	}
}

// killAfter runs the writer and kills it (SIGKILL) while it is at work, after
// it has acknowledged some batches. It returns what was acknowledged last.
func killAfter(t *testing.T, path string, batches int) meeting.Seq {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), writerEnv+"="+path)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var acked meeting.Seq
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		if _, err := fmt.Sscan(lines.Text(), &acked); err != nil {
			t.Fatalf("writer said %q: %v", lines.Text(), err)
		}
		if n == batches {
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Wait(); err == nil || c.ProcessState.ExitCode() != -1 {
		t.Fatalf("writer ended by itself: %v", err)
	}
	return acked
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "giaoban.db")
	for range kills {
		acked := killAfter(t, path, rand.IntN(100))
		s := open(t, path)
		log := storetest.Log(t, s, "m", 0)
		if n := meeting.Seq(len(log)); n < acked || n > acked+5 {
			t.Errorf("%d events after a kill, %d acknowledged: want those and at most one more batch", n, acked)
		}
		for i, e := range log {
			if want := meeting.Seq(i + 1); e.Seq != want || e.Cause.ID != uint64(want) {
				t.Fatalf("event %d (cause %d) stands at %d", e.Seq, e.Cause.ID, want)
			}
		}
		shut(t, s)
	}
}
