package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/giaoban/giaoban/internal/store/storetest"
)

// A Redis that would lose facts is not used; the node lives and says why until
// it is put right, and says so again when it goes away.
func TestServeWaitsForARedisThatLosesNothing(t *testing.T) {
	server := storetest.StartRedis(t, "--appendfsync", "everysec")
	dir, addr := t.TempDir(), freeAddr(t)
	file := filepath.Join(dir, "giaoban.yaml")
	text := fmt.Sprintf("data: %s\nstore: redis\nredis:\n  address: %s\n", dir, server.URL())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--config", file, "--demo-points", "0", "--http", addr}
	url := "http://" + addr

	p := launch(t, args...)
	wait(t, url+"/readyz", http.StatusServiceUnavailable, `store.not_durable`, `appendfsync is "everysec"`)
	wait(t, url+"/healthz", http.StatusOK)
	wait(t, url+"/", http.StatusServiceUnavailable, "starting")
	options, err := goredis.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := goredis.NewClient(options)
	defer client.Close()
	if err := client.ConfigSet(t.Context(), "appendfsync", "always").Err(); err != nil {
		t.Fatal(err)
	}
	p.open(t)
	wait(t, url+"/readyz", http.StatusOK)

	p.kill(t)
	again := begin(t, args...)
	if again.token("hg-05") != p.token("hg-05") {
		t.Error("the links changed")
	}
	server.Kill()
	wait(t, url+"/readyz", http.StatusServiceUnavailable, "store.unavailable")
	wait(t, url+"/healthz", http.StatusOK)
}

// wait asks until the answer has the status and the words.
func wait(t *testing.T, url string, status int, words ...string) {
	t.Helper()
	last := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
		res, err := http.Get(url)
		if err != nil {
			last = err.Error()
			continue
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		last = fmt.Sprint(res.Status, " ", string(body), err)
		missing := res.StatusCode != status
		for _, w := range words {
			missing = missing || !strings.Contains(string(body), w)
		}
		if !missing {
			return
		}
	}
	t.Fatalf("%s: %s, want %d with %q", url, last, status, words)
}
