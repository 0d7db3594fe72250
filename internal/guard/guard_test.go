package guard

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestScope_APanicClosesWhatItWasAnswerableFor(t *testing.T) {
	var said bytes.Buffer
	var panics atomic.Uint64
	shut := 0
	s := Scope{Name: "router", Log: slog.New(slog.NewTextHandler(&said, nil)), Panics: &panics, Shut: func() { shut++ }}
	if !s.Try(func() {}) || shut != 0 {
		t.Fatal("what returned was closed")
	}
	var wait sync.WaitGroup
	wait.Go(s.Func(func() { panic("planted") }))
	wait.Wait()
	if s.Try(func() { panic("planted") }) || shut != 2 || panics.Load() != 2 {
		t.Errorf("closed %d times, %d counted, want 2", shut, panics.Load())
	}
	for _, want := range []string{"what=router", "planted", "guard_test.go"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	s.Shut = func() { panic("cannot be closed") }
	s.Run(func() { panic("planted") })
	(Scope{}).Run(func() { panic("of nobody") })
}

func TestKeep_RunsAnewOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		times := 0
		Scope{}.Keep(func() {
			if times++; times < 4 {
				time.Sleep(2 * Again)
				panic("now and then")
			}
		})
		if times != 4 {
			t.Errorf("ran %d times, want 4: the panics are far apart", times)
		}
		times = 0
		Scope{}.Keep(func() { times++; panic("at once") })
		if times != 2 {
			t.Errorf("ran %d times, want 2", times)
		}
	})
}
