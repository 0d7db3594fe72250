package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
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
