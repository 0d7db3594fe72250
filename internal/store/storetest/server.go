package storetest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// RedisServer is a real redis-server, or a Sentinel, in a directory of its own.
type RedisServer struct {
	t       *testing.T
	dir     string
	args    []string // of redis-server
	up      string   // what it prints when it takes clients
	port    int      // of TCP on 127.0.0.1, 0 for a socket alone
	running *exec.Cmd
	said    *strings.Builder // what the running server printed; complete when drained closes
	drained chan struct{}
}

// StartRedis starts a server that syncs its append-only file before every
// answer, and ends it with the test. Options, like "--appendonly", "no", come
// after those. Where there is no redis-server the test is skipped, but never
// under make test, which has installed it.
func StartRedis(t *testing.T, options ...string) *RedisServer {
	t.Helper()
	s := newServer(t)
	s.up = "eady to accept connections"
	s.args = append([]string{
		"--port", "0", "--unixsocket", filepath.Join(s.dir, "socket"), "--dir", s.dir,
		"--appendonly", "yes", "--appendfsync", "always", "--save", "",
	}, options...)
	s.Start()
	return s
}

// newServer is a server that does not run yet; it ends with the test.
func newServer(t *testing.T) *RedisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is missing; on Debian: apt-get install redis-server")
		}
		t.Skip("ATTENTION: not tested: redis-server is missing; on Debian: apt-get install redis-server")
	}
	dir, err := os.MkdirTemp("", "redis") // short: a socket's path has 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	s := &RedisServer{t: t, dir: dir}
	t.Cleanup(func() {
		s.Kill()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return s
}

// URL is where the server listens, the same after a restart.
func (s *RedisServer) URL() string { return "unix://" + filepath.Join(s.dir, "socket") }

// Start starts the server, on the data that is there, and returns when it
// takes clients.
func (s *RedisServer) Start() {
	s.t.Helper()
	s.running, s.said, s.drained = exec.Command("redis-server", s.args...), new(strings.Builder), make(chan struct{})
	out, err := s.running.StdoutPipe()
	if err == nil {
		err = s.running.Start()
	}
	if err != nil {
		s.t.Fatalf("start redis-server: %v", err)
	}
	ready := make(chan struct{})
	go func(said *strings.Builder, drained chan<- struct{}) {
		defer close(drained)
		up := false
		for lines := bufio.NewScanner(out); lines.Scan(); {
			fmt.Fprintln(said, lines.Text())
			if !up && strings.Contains(lines.Text(), s.up) {
				up = true
				close(ready)
			}
		}
	}(s.said, s.drained)
	select {
	case <-ready:
	case <-s.drained:
		s.t.Fatalf("redis-server ended: %v\n%s", s.running.Wait(), s.said)
	}
}

// Freeze stops the server as SIGSTOP does: it hangs, and its connections with
// it. Thaw lets it go on.
func (s *RedisServer) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw ends Freeze.
func (s *RedisServer) Thaw() { s.signal(syscall.SIGCONT) }

func (s *RedisServer) signal(what syscall.Signal) {
	s.t.Helper()
	if err := s.running.Process.Signal(what); err != nil {
		s.t.Fatalf("signal redis-server: %v", err)
	}
}

// Kill ends the server as kill -9 does, if it runs.
func (s *RedisServer) Kill() {
	s.t.Helper()
	if s.running == nil {
		return
	}
	if err := s.running.Process.Kill(); err != nil {
		s.t.Fatalf("kill redis-server: %v", err)
	}
	<-s.drained
	if s.running.Wait() == nil {
		s.t.Error("redis-server had ended before it was killed")
	}
	s.running = nil
}
