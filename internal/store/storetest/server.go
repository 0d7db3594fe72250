package storetest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// RedisServer is a real redis-server on a socket and a directory of its own.
type RedisServer struct {
	t       *testing.T
	dir     string
	options []string
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
	s := &RedisServer{t: t, dir: dir, options: options}
	t.Cleanup(func() {
		s.Kill()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	s.Start()
	return s
}

// URL is where the server listens, the same after a restart.
func (s *RedisServer) URL() string { return "unix://" + filepath.Join(s.dir, "socket") }

// Start starts the server, on the data that is there, and returns when it
// takes clients.
func (s *RedisServer) Start() {
	s.t.Helper()
	args := append([]string{
		"--port", "0", "--unixsocket", filepath.Join(s.dir, "socket"), "--dir", s.dir,
		"--appendonly", "yes", "--appendfsync", "always", "--save", "",
	}, s.options...)
	s.running, s.said, s.drained = exec.Command("redis-server", args...), new(strings.Builder), make(chan struct{})
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
			if !up && strings.Contains(lines.Text(), "eady to accept connections") {
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
