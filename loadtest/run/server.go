package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Server is a bridge that the run starts as a process of its own, on free
// ports, with a directory of its own. It dies with the run, however that ends.
type Server struct {
	Links Links

	binary string
	dir    string
	http   string // its address, the same after a restart
	cmd    *exec.Cmd
	ended  chan error
	errs   *tail
}

const (
	dirPrefix  = "giaoban-load-" // then the process id of the run
	startWait  = 20 * time.Second
	stopWait   = 12 * time.Second
	keptErrors = 8 << 10
)

// StartServer starts a binary and waits until it serves.
func StartServer(ctx context.Context, binary string) (*Server, error) {
	sweep()
	dir, err := os.MkdirTemp("", dirPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, fmt.Errorf("directory of the server: %w", err)
	}
	s := &Server{binary: binary, dir: dir, http: "127.0.0.1:0", errs: &tail{}}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// sweep removes the directories of runs that were killed.
func sweep() {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*")) // the pattern is right
	for _, dir := range left {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), dirPrefix), "-")
		if pid, err := strconv.Atoi(owner); err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			// What cannot be removed is another user's.
			_ = os.RemoveAll(dir)
		}
	}
}

// config is the configuration file: loopback only, all points played by us.
func (s *Server) config() string {
	return fmt.Sprintf("data: %q\nhttp: %q\nhttps: \"\"\nmedia: {port: 0, addresses: [127.0.0.1]}\ndemo: {points: 0}\n",
		filepath.Join(s.dir, "data"), s.http)
}

// start runs the process from a thread that lives as long as it: a parent's
// death is that of the thread it was started by (prctl(2)).
func (s *Server) start(ctx context.Context) error {
	file := filepath.Join(s.dir, "giaoban.yaml")
	if err := os.WriteFile(file, []byte(s.config()), 0o600); err != nil {
		return fmt.Errorf("configure the server: %w", err)
	}
	s.cmd = exec.Command(s.binary, "serve", "--config", file)
	s.cmd.SysProcAttr = bound()
	s.cmd.Stderr = s.errs
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	started, ended := make(chan error, 1), make(chan error, 1)
	read := make(chan Links, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := s.cmd.Start()
		started <- err
		if err == nil {
			links, _ := ReadLinks(out) // without links the wait below says so
			read <- links
			_, _ = io.Copy(io.Discard, out)
			ended <- s.cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	s.ended = ended
	return s.ready(ctx, read)
}

// ready waits for the links, which the server prints when it serves.
func (s *Server) ready(ctx context.Context, read <-chan Links) error {
	timeout := time.NewTimer(startWait)
	defer timeout.Stop()
	select {
	case s.Links = <-read:
	case <-timeout.C:
		return fmt.Errorf("the server does not serve after %v: %s", startWait, s.errs)
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := s.Links.validate(); err != nil {
		return fmt.Errorf("the server did not begin (%w): %s", err, s.errs)
	}
	u, err := url.Parse(s.Links.URL)
	if err != nil {
		return fmt.Errorf("the server's url: %w", err)
	}
	s.http = net.JoinHostPort("127.0.0.1", u.Port())
	return nil
}

// PID is the process, 0 if none runs.
func (s *Server) PID() int {
	if s == nil || s.cmd == nil || s.cmd.Process == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

// Restart kills the process and starts it again on the same address.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.signal(syscall.SIGKILL); err != nil {
		return err
	}
	return s.start(ctx)
}

// signal sends a signal to the process and all it started, and waits.
func (s *Server) signal(sig syscall.Signal) error {
	if s.ended == nil {
		return nil
	}
	if err := syscall.Kill(-s.cmd.Process.Pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop the server: %w", err)
	}
	select {
	case <-s.ended: // how it ended is its last words' affair
		s.ended = nil
		return nil
	case <-time.After(stopWait):
		return fmt.Errorf("the server did not stop within %v", stopWait)
	}
}

// Close stops the process and removes its directory.
func (s *Server) Close() error {
	err := s.signal(syscall.SIGTERM)
	if err != nil {
		err = errors.Join(err, s.signal(syscall.SIGKILL))
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// Errors is the end of what the server wrote to its log.
func (s *Server) Errors() string { return s.errs.String() }

// tail keeps the last bytes written to it.
type tail struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kept.String()
}

// Write implements io.Writer for the process's log.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	if len(p) > keptErrors {
		p = p[len(p)-keptErrors:]
	}
	if over := t.kept.Len() + len(p) - keptErrors; over > 0 {
		t.kept.Next(over)
	}
	_, _ = t.kept.Write(p) // never fails
	return n, nil
}
