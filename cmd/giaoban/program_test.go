package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/loadtest"
)

// program is giaoban as a process of its own.
type program struct {
	cmd   *exec.Cmd
	out   *bufio.Reader
	links string // what it printed
	url   string // of plain http
	errs  *said
	ended chan error
}

// said is what a program has written so far; it may be read while it writes.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// begin starts the program on free ports and waits for its links.
func begin(t *testing.T, args ...string) *program {
	t.Helper()
	p := launch(t, args...)
	p.open(t)
	return p
}

// launch starts the program on free ports.
func launch(t *testing.T, args ...string) *program {
	t.Helper()
	args = append([]string{"serve", "--http", "localhost:0", "--https", "localhost:0", "--media", "0"}, args...)
	p := &program{cmd: exec.Command(os.Args[0], args...), errs: &said{}, ended: make(chan error, 1)}
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	p.cmd.Stderr = p.errs
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill() })
	p.out = bufio.NewReader(out)
	return p
}

// open waits for the links.
func (p *program) open(t *testing.T) {
	t.Helper()
	for line, err := "", error(nil); err == nil && !strings.HasPrefix(line, "Ctrl-C"); {
		p.links += line
		line, err = p.out.ReadString('\n')
	}
	p.url = regexp.MustCompile(`http://[^/\s]+:\d+`).FindString(p.links)
	go func() {
		io.Copy(io.Discard, p.out)
		p.ended <- p.cmd.Wait()
	}()
	if p.url == "" {
		t.Fatalf("no links but: %s%s", p.links, p.errs)
	}
}

func (p *program) get(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	res, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v: %s", url, res.Status, err, body)
	}
	return string(body)
}

// command gives a command as the console does, over HTTP, and returns where
// the log stands after it.
func (p *program) command(t *testing.T, id meeting.ID, c meeting.Command) meeting.Seq {
	t.Helper()
	body, err := json.Marshal(map[string]any{"t": meeting.CommandName(c), "d": c})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest("POST", p.url+"/api/v1/meetings/"+string(id)+"/commands", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.console())
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct{ Seq meeting.Seq }
	text, _ := io.ReadAll(res.Body)
	if err := json.Unmarshal(text, &answer); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s", meeting.CommandName(c), res.Status, text)
	}
	return answer.Seq
}

// bot is a client without media.
func (p *program) bot(t *testing.T, device, token string) *loadtest.Bot {
	t.Helper()
	b, err := loadtest.New(loadtest.Config{
		URL: "ws" + strings.TrimPrefix(p.url, "http") + "/api/v1/bridge", Token: token, Device: device, NoMedia: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func (p *program) console() string {
	_, after, _ := strings.Cut(p.links, "/console#t=")
	token, _, _ := strings.Cut(after, "\n")
	return token
}

func (p *program) token(point string) string {
	_, after, _ := strings.Cut(p.links, "["+point+"]")
	_, after, _ = strings.Cut(after, "/room#t=")
	token, _, _ := strings.Cut(after, "\n")
	return strings.TrimSuffix(token, "&picture=test")
}

func (p *program) kill(t *testing.T) {
	t.Helper()
	p.cmd.Process.Kill()
	p.wait(t)
}

func (p *program) interrupt(t *testing.T) error {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	return p.wait(t)
}

func (p *program) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-p.ended:
		return err
	case <-time.After(patience):
		t.Fatalf("still running\n%s", p.errs)
		return nil
	}
}
