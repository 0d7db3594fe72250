package wire

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
)

func TestLimitsPageIsFresh(t *testing.T) {
	want := limit.Markdown(func(code string) int {
		info, ok := Explain(meeting.Code(code))
		if !ok {
			t.Errorf("the code %s has no words", code)
		}
		return info.Status
	})
	path := filepath.Join("..", "..", "docs", "limits.md")
	if *write {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/limits.md is old: run go test ./internal/wire -run LimitsPage -write (-want +got)\n%s", diff)
	}
}

func TestARefusalSaysWhenToComeAgain(t *testing.T) {
	over := &limit.Refusal{ID: limit.Messages, Code: "rate.limited", After: 1200 * time.Millisecond}
	w := httptest.NewRecorder()
	Refuse(w, over)
	if w.Code != 429 || w.Header().Get("Retry-After") != "2" {
		t.Errorf("status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	if coded := Coded(over); coded.Code != CodeRateLimited || coded.Args["afterMs"] != int64(1201) {
		t.Errorf("told %+v", coded)
	}
}
