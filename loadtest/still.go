package loadtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/giaoban/giaoban/internal/testmedia"
	"github.com/giaoban/giaoban/internal/wire"
)

// A played point posts stills of its camera as a room does (web-client/src/room/still.ts).
const (
	stillWidth   = 192
	stillHeight  = 108
	stillQuality = 60
	firstStill   = 2 * time.Second
	stillRetry   = 30 * time.Second
)

// stills posts a point's picture for the wall of a console, as often as the
// server wants one.
type stills struct {
	url   string // of PUT /api/v1/snapshot
	token string
	look  int
	log   *slog.Logger
}

// newStills posts to the server of a WebSocket's address.
func newStills(cfg Config) *stills {
	base := strings.TrimSuffix("http"+strings.TrimPrefix(cfg.URL, "ws"), "/bridge")
	return &stills{url: base + "/snapshot", token: cfg.Token, look: cfg.Clip.Look, log: cfg.Log}
}

// run posts until the context ends, first a while after the point has come in. A
// still that is refused or lost is no trouble: another is taken later.
func (s *stills) run(ctx context.Context, delay time.Duration) {
	next := delay + firstStill
	for n := 0; ; n++ {
		select {
		case <-time.After(next):
		case <-ctx.Done():
			return
		}
		var err error
		if next, err = s.post(ctx, n); err != nil {
			next = stillRetry
			if s.log != nil {
				s.log.Debug("still not taken", "err", err)
			}
		}
	}
}

// post draws the n-th still, hands it in, and says when the next is wanted.
func (s *stills) post(ctx context.Context, n int) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var body bytes.Buffer
	scene := testmedia.Scene(s.look, stillWidth, stillHeight, float64(n%10)/10)
	if err := jpeg.Encode(&body, scene, &jpeg.Options{Quality: stillQuality}); err != nil {
		return 0, fmt.Errorf("encode still: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, s.url, &body)
	if err != nil {
		return 0, fmt.Errorf("still: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", "image/jpeg")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, fmt.Errorf("put still: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("put still: %s", response.Status)
	}
	var taken wire.SnapshotTaken
	if err := json.NewDecoder(io.LimitReader(response.Body, wire.MaxSnapshot)).Decode(&taken); err != nil {
		return 0, fmt.Errorf("answer to still: %w", err)
	}
	return max(time.Duration(taken.AfterMs)*time.Millisecond, time.Second), nil
}
