package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/redis"
	"github.com/giaoban/giaoban/internal/store/storetest"
)

// A second server on a store waits and says who leads. It takes over from one
// that hangs, which begins anew when it notices, waits in its turn, and leads
// again, without a restart, when the second is gone.
func TestSecondServerWaitsForTheLease(t *testing.T) {
	server := storetest.StartRedis(t)
	args := func() ([]string, string) {
		dir, addr := t.TempDir(), freeAddr(t)
		file := filepath.Join(dir, "giaoban.yaml")
		text := fmt.Sprintf("data: %s\nstore: redis\nredis:\n  address: %s\n", dir, server.URL())
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{"--config", file, "--demo-points", "0", "--http", addr}, "http://" + addr
	}
	own, first := args()
	a := begin(t, own...)
	own, second := args()
	b := launch(t, own...)
	wait(t, second+"/readyz", http.StatusServiceUnavailable, "meeting.led_elsewhere", fmt.Sprintf("process %d", a.cmd.Process.Pid))
	wait(t, second+"/api/v1/meetings", http.StatusConflict, "meeting.led_elsewhere", fmt.Sprintf("process %d", a.cmd.Process.Pid))
	wait(t, first+"/readyz", http.StatusOK)
	a.command(t, "ha-giang-1", meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 3})

	if err := a.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	b.open(t)
	b.command(t, "ha-giang-1", meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 2})
	if err := a.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	wait(t, first+"/readyz", http.StatusServiceUnavailable, "meeting.led_elsewhere", fmt.Sprintf("process %d", b.cmd.Process.Pid))
	wait(t, second+"/readyz", http.StatusOK)
	b.kill(t)
	wait(t, first+"/readyz", http.StatusOK)
	a.command(t, "ha-giang-1", meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 3})
}

// other is another server on the store.
const other = "another server"

// leading is a node that has the lease of a store.
func leading(t *testing.T, cfg redis.Config) (*node, *redis.Store) {
	t.Helper()
	s, err := redis.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	n := &node{log: slog.New(slog.DiscardHandler), unseated: make(chan string, 1)}
	if err := n.lead(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return n, s
}

func alone(server *storetest.RedisServer) redis.Config {
	return redis.Config{URL: server.URL(), Prefix: "lease:"}
}

// resign closes what the node has opened, as node.close does.
func (n *node) resign(t *testing.T) {
	t.Helper()
	for _, c := range n.closers {
		if err := c(); err != nil {
			t.Error(err)
		}
	}
}

// A server that does not get the lease says which one has it, and gets it as
// soon as that one gives it back.
func TestLeaseIsTakenGivenBackAndTakenAgain(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	first, s := leading(t, alone(server))
	second := &node{log: first.log, unseated: make(chan string, 1)}
	var led ledElsewhere
	if err := second.lead(t.Context(), s); !errors.As(err, &led) || len(second.closers) != 0 {
		t.Fatalf("a second server: %v, and holds %d things", err, len(second.closers))
	}
	answer := httptest.NewRecorder()
	led.refuse(answer)
	var told struct {
		Code string            `json:"code"`
		Args map[string]string `json:"args"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &told); err != nil {
		t.Fatalf("%v: %s", err, answer.Body)
	}
	if answer.Code != http.StatusConflict || told.Code != string(focus.CodeLed) || told.Args["by"] != led.by || answer.Header().Get("Retry-After") == "" {
		t.Errorf("refused with %d, %v: %+v", answer.Code, answer.Header(), told)
	}
	first.resign(t)
	if err := second.lead(t.Context(), s); err != nil {
		t.Errorf("after the first has given the lease back: %v", err)
	}
	second.resign(t)
}

// The lease is renewed for as long as the node runs, also over a time in which
// the store does not answer; losing the answer is not losing the lease.
func TestLeaseIsRenewed(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	n, s := leading(t, alone(server))
	defer n.resign(t)
	server.Freeze()
	<-time.After(2 * leaseRenew)
	server.Thaw()
	for end := time.Now().Add(leaseFor + leaseRenew); time.Now().Before(end); <-time.After(100 * time.Millisecond) {
		if lease, err := s.Hold(t.Context(), "", other, time.Minute); err != nil || lease.By == other {
			t.Fatalf("another server is told %+v, %v", lease, err)
		}
	}
	select {
	case by := <-n.unseated:
		t.Errorf("unseated by %q", by)
	default:
	}
}

// A server whose lease another has, or had for a moment, is told to begin anew.
func TestLostLeaseBeginsAnew(t *testing.T) {
	t.Parallel()
	for name, lasts := range map[string]bool{"another has it": true, "another had it": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := storetest.StartRedis(t)
			n, s := leading(t, alone(server))
			defer n.resign(t)
			own, err := s.Hold(t.Context(), "", other, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Release(t.Context(), "", own.By); err != nil {
				t.Fatal(err) // as when it has expired
			}
			if lease, err := s.Hold(t.Context(), "", other, time.Minute); err != nil || lease.By != other || !lease.Anew {
				t.Fatalf("%+v, %v", lease, err)
			}
			want := other
			if !lasts {
				want = own.By
				if err := s.Release(t.Context(), "", other); err != nil {
					t.Fatal(err)
				}
			}
			select {
			case by := <-n.unseated:
				if by != want {
					t.Errorf("unseated by %q, want %q", by, want)
				}
			case <-time.After(5 * leaseRenew):
				t.Error("not noticed")
			}
		})
	}
}

// The lease outlasts a switch of the master: nobody else gets it meanwhile, and
// who has it need not begin anew.
func TestLeaseSurvivesASwitch(t *testing.T) {
	t.Parallel()
	g := storetest.StartSentinels(t)
	n, s := leading(t, redis.Config{
		URL: "redis://nobody/0", Prefix: "lease:", Sentinels: g.Addrs(), Master: storetest.MasterName,
	})
	defer n.resign(t)
	g.Master().Kill()
	for end := time.Now().Add(2 * leaseFor); time.Now().Before(end); <-time.After(20 * time.Millisecond) {
		if lease, err := s.Hold(t.Context(), "", other, time.Minute); err == nil && lease.By == other {
			t.Fatal("another server got the lease")
		}
	}
	select {
	case by := <-n.unseated:
		t.Errorf("unseated by %q", by)
	default:
	}
	if lease, err := s.Hold(t.Context(), "", other, time.Minute); err != nil || lease.By == other {
		t.Errorf("after the switch: %+v, %v", lease, err)
	}
}
