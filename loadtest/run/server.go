package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
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

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
)

// Server is a node that the run starts as a process of its own, on free ports,
// with a directory of its own. It dies with the run, however that ends.
type Server struct {
	Links Links

	province string          // whose data it begins with
	feed     meeting.PointID // the relay source, "" for none
	code     tree.Code       // in its tree, "" if it is alone
	tree     string          // file of the tree
	parent   string          // door of the node above, "" for none
	address  netip.Addr
	up       netip.Addr                                                           // of the node above on the line between, if there is one
	launch   func(cmd *exec.Cmd) error                                            // starts the process; nil starts it here
	dial     func(ctx context.Context, network, address string) (net.Conn, error) // reaches it; nil from here
	binary   string
	dir      string
	http     string // its address, the same after a restart
	door     string // and that for the nodes below
	cmd      *exec.Cmd
	ended    chan error
	errs     *tail
	log      io.Writer // of what it writes to its log; errs, and maybe others
	level    string    // of that log
	store    string    // lines of the configuration about the store; "" is bolt
}

const (
	dirPrefix  = "giaoban-load-" // then the process id of the run
	startWait  = 20 * time.Second
	stopWait   = 12 * time.Second
	keptErrors = 32 << 10
)

// newServer makes the directory of a node, which is not started yet.
func newServer(binary string, code tree.Code) (*Server, error) {
	dir, err := os.MkdirTemp("", dirPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, fmt.Errorf("directory of the server: %w", err)
	}
	errs := &tail{}
	return &Server{binary: binary, dir: dir, code: code, errs: errs, log: errs, level: "warn"}, nil
}

// name is what the report calls the node.
func (s *Server) name() string {
	if s.code == "" {
		return "server"
	}
	return "node " + string(s.code)
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command runs another command of the program and gives what it prints.
func (s *Server) command(args ...string) (string, error) {
	out, err := exec.Command(s.binary, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("giaoban %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
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

// config is the configuration file: all points played by us. The ports are
// free ones at the first start and the same ones after.
func (s *Server) config() string {
	text := fmt.Sprintf("data: %q\nhttp: %q\nhttps: \"\"\nmedia: {port: 0, addresses: %s}\nlog: {level: %s}\ndemo: {points: 0, tree: %s, feed: %q}\n",
		s.data(), s.http, s.announced(), s.level, s.province, s.feed)
	text += s.store
	if s.code != "" {
		text += fmt.Sprintf("node:\n  id: %q\n  file: %q\n  listen: %q\n  parents: [%s]\n", s.code, s.tree, s.door, s.above())
	}
	return text
}

// announced are the addresses of the media: loopback, or all of the host's.
func (s *Server) announced() string {
	if s.address.IsLoopback() {
		return "[127.0.0.1]"
	}
	return "[]"
}

// above is the door of the node above, as it is reached from here.
func (s *Server) above() string {
	if s.parent == "" {
		return ""
	}
	addr := s.parent
	if s.up.IsValid() {
		_, port, _ := net.SplitHostPort(addr)
		addr = net.JoinHostPort(s.up.String(), port)
	}
	return strconv.Quote(addr)
}

// start runs the process from a thread that lives as long as it: a parent's
// death is that of the thread it was started by (prctl(2)).
func (s *Server) start(ctx context.Context) error {
	file, links := filepath.Join(s.dir, "giaoban.yaml"), filepath.Join(s.dir, "links.json")
	if err := errors.Join(os.WriteFile(file, []byte(s.config()), 0o600), os.RemoveAll(links)); err != nil {
		return fmt.Errorf("configure the server: %w", err)
	}
	s.cmd = exec.Command(s.binary, "serve", "--config", file, "--links", links)
	s.cmd.SysProcAttr = bound()
	s.cmd.Stderr = s.log
	launch := s.launch
	if launch == nil {
		launch = (*exec.Cmd).Start
	}
	started, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := launch(s.cmd)
		started <- err
		if err == nil {
			ended <- s.cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	s.ended = ended
	return s.ready(ctx, links)
}

// ready waits for the links, which the server writes when it serves.
func (s *Server) ready(ctx context.Context, links string) error {
	var text []byte
	written := until(ctx, startWait, func() bool {
		var err error
		text, err = os.ReadFile(links)
		return err == nil
	})
	if !written {
		return errors.Join(ctx.Err(), fmt.Errorf("the server does not serve after %v: %s", startWait, s.errs))
	}
	var err error
	if s.Links, err = readLinkFile(text); err != nil {
		return fmt.Errorf("the server did not begin (%w): %s", err, s.errs)
	}
	u, err := url.Parse(s.Links.URL)
	if err != nil {
		return fmt.Errorf("the server's url: %w", err)
	}
	if at := net.JoinHostPort("127.0.0.1", u.Port()); at != s.http { // else it may be read meanwhile
		s.http = at
	}
	if strings.HasSuffix(s.door, ":0") {
		s.door = s.Links.door
	}
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
