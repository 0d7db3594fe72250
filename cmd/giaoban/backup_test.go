package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// must runs a command of the program that must succeed, and gives what it said.
func must(t *testing.T, args ...string) string {
	t.Helper()
	status, out, errs := giaoban(args...)
	if status != 0 {
		t.Fatalf("%v: %d %s%s", args, status, out, errs)
	}
	return out
}

// A backup taken while commands are given is whole: it folds, and has all that
// was acknowledged before it was asked for. It is put into an empty directory,
// and over a used one only if that is said, which keeps what was there.
func TestABackupOfARunningServerIsWholeAndComesBack(t *testing.T) {
	data, to := t.TempDir(), t.TempDir()
	p := begin(t, "--data", data, "--demo-points", "0")
	id := meeting.ID("ha-giang-1")
	stop, stopped := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() {
		select {
		case <-stop:
		default:
			close(stop)
		}
		<-stopped
	})
	go func() {
		defer close(stopped)
		for n := 2; ; n = 2 + (n+1)%2 {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond): // within the rate of a controller
				p.command(t, id, meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 2 + n%2})
			}
		}
	}()
	for i := range 5 {
		before := p.command(t, id, meeting.SetTimeLimit{Minutes: 5 + i, AtZero: meeting.ZeroWarn})
		file := filepath.Join(to, "backup.tar")
		if said := must(t, "backup", "--data", data, file); !strings.Contains(said, "1 meetings, read again") {
			t.Errorf("it says %q", said)
		}
		copied := filepath.Join(t.TempDir(), "data")
		must(t, "restore", "--data", copied, file)
		if said := must(t, "check", "--data", copied); !strings.Contains(said, " 0 damaged") {
			t.Errorf("the copy: %s", said)
		}
		status, _, said := giaoban("export", "--data", copied, string(id), filepath.Join(to, "log.jsonl"))
		if n := events(said); status != 0 || n < int(before) {
			t.Errorf("%d acknowledged before the backup, it has %d: %s", before, n, said)
		}
	}
	close(stop)
	<-stopped
	if status, _, errs := giaoban("restore", "--data", data, filepath.Join(to, "backup.tar"), "--over"); status == 0 || !strings.Contains(errs, "a server runs") {
		t.Errorf("restored under a running server: %d %s", status, errs)
	}
	if err := p.interrupt(t); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := giaoban("restore", "--data", data, filepath.Join(to, "backup.tar")); status == 0 || !strings.Contains(errs, "--over") {
		t.Errorf("restored over a used directory without a word: %d %s", status, errs)
	}
	said := must(t, "restore", "--data", data, filepath.Join(to, "backup.tar"), "--over")
	_, beside, _ := strings.Cut(strings.TrimSpace(said), "is in ")
	for _, name := range []string{storeName, filepath.Join("tls", "ca.pem")} {
		for _, dir := range []string{data, beside} {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		}
	}
	again := begin(t, "--data", data, "--demo-points", "0")
	if again.console() != p.console() {
		t.Error("the links changed")
	}
}

// events is how many events "giaoban export" says that a log has.
func events(said string) (n int) {
	for _, word := range strings.Fields(said) {
		if word == "events," {
			return n
		}
		n = 0
		for _, c := range word {
			if c >= '0' && c <= '9' {
				n = n*10 + int(c-'0')
			}
		}
	}
	return n
}

func TestABackupThatWasCutIsNotRestored(t *testing.T) {
	file, data := filepath.Join(t.TempDir(), "b.tar"), held(t)
	must(t, "backup", "--data", data, file)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	into := t.TempDir()
	if status, _, errs := giaoban("restore", "--data", into, file); status == 0 {
		t.Error(errs)
	}
	if left, err := os.ReadDir(into); err != nil || len(left) != 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

// A store that is gone from a used directory stops the start in words, and
// every command that would make an empty one; it is begun anew if that is said.
func TestALostStoreStopsTheStart(t *testing.T) {
	for name, lose := range map[string]func(string) error{
		"missing": os.Remove,
		"empty":   func(path string) error { return os.Truncate(path, 0) },
	} {
		data := held(t)
		if err := os.MkdirAll(filepath.Join(data, "tls"), 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := openAuthority(filepath.Join(data, "tls"), nil, day()); err != nil {
			t.Fatal(err)
		}
		if err := lose(filepath.Join(data, storeName)); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"serve", "--http", "localhost:0", "--https", "", "--media", "0"}, {"meeting", "list"}, {"export", "gb-1"}, {"check"}, {"repair"},
		} {
			status, out, errs := giaoban(append(args, "--data", data)...)
			if said := out + errs; status == 0 || !strings.Contains(said, "is "+name) || !strings.Contains(said, "giaoban restore") || !strings.Contains(said, "--fresh") {
				t.Errorf("%s, %v: %d %s", name, args, status, said)
			}
		}
		p := begin(t, "--data", data, "--demo-points", "0", "--fresh")
		p.kill(t)
	}
}
