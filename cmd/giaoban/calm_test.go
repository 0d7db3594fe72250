package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// A failure that repeats is said a few times, then counted and told with the
// next period; what is a record is written whole.
func TestALogSaysOnceWhatRepeats(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(1e9, 0)
	log := slog.New(newCalm(slog.NewTextHandler(&out, nil), func() time.Time { return now }))
	for i := range 1000 {
		log.With("n", i).Error("operator's request failed")
		log.Info("gate opened")
	}
	now = now.Add(calmPeriod)
	log.Error("operator's request failed")
	text := out.String()
	if n := strings.Count(text, "request failed"); n != calmBurst+1 || !strings.Contains(text, "repeated=995") {
		t.Errorf("written %d times", n)
	}
	if n := strings.Count(text, "gate opened"); n != 1000 {
		t.Errorf("%d of 1000 openings are written", n)
	}
}
