package loadtest

import (
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/wire"
)

func TestPlayedPointPostsStillsWhenTheyAreWanted(t *testing.T) {
	t.Parallel()
	posted := make(chan string, 4)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		size, err := jpeg.DecodeConfig(strings.NewReader(string(body)))
		if err != nil || size.Width != 192 || size.Height != 108 || len(body) > wire.MaxSnapshot {
			t.Errorf("still of %d bytes, %d x %d: %v", len(body), size.Width, size.Height, err)
		}
		if r.Header.Get("Authorization") == "Bearer wrong" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		posted <- r.Method + " " + r.URL.Path + " " + r.Header.Get("Content-Type")
		_, _ = io.WriteString(w, `{"afterMs":8000}`)
	}))
	t.Cleanup(server.Close)
	cfg := Config{URL: "ws" + strings.TrimPrefix(server.URL, "http") + "/api/v1/bridge", Token: "t", Clip: clip(t, 3)}

	next, err := newStills(cfg).post(t.Context(), 0)
	if err != nil || next != 8*time.Second {
		t.Errorf("next in %v, %v", next, err)
	}
	if got := <-posted; got != "PUT /api/v1/snapshot image/jpeg" {
		t.Errorf("asked for %s", got)
	}
	cfg.Token = "wrong"
	if _, err := newStills(cfg).post(t.Context(), 0); err == nil {
		t.Error("a refused still counts as taken")
	}
}
