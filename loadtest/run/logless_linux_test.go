package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/storetest"
	"github.com/giaoban/giaoban/internal/testmedia"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/loadtest"
)

// logless is a meeting of four rooms on one real node, whose log stops taking
// anything now and then.
type logless struct {
	*lab
	breakLog, mendLog func()
}

// TestLogless_SoundClosesWithoutTheLog: a room speaks, the store stops taking
// facts, and somebody closes the microphone. It is silent within the budget at
// every other room, stays so whatever is tried, and is on record as closed once
// the log can be written. The full form is make prove-logless.
func TestLogless_SoundClosesWithoutTheLog(t *testing.T) {
	rounds, inFull := 1, os.Getenv("GIAOBAN_PROVE_LOGLESS") != ""
	if inFull {
		rounds = 20
	} else {
		beside(t)
	}
	for name, begin := range map[string]func(*testing.T) *logless{
		"full disk":                  onFullDisk,
		"Redis without its replica":  onRedisAlone,
		"Redis that does not answer": onHungRedis,
	} {
		t.Run(name, func(t *testing.T) {
			if !inFull {
				t.Parallel()
			}
			l := begin(t)
			var took []time.Duration
			owed := 0
			for round := range rounds {
				for who, order := range l.closings() {
					d, late := l.closes(fmt.Sprint(who, " ", round), order)
					took = append(took, d)
					if late {
						owed++
					}
				}
			}
			slices.Sort(took)
			p95 := took[len(took)*95/100]
			t.Logf("%s: %d closings, %d of them while the log took nothing: silent after p50 %v, p95 %v, slowest %v", name, len(took), owed, took[len(took)/2], p95, took[len(took)-1])
			if p95 > revokeBudget || owed == 0 {
				t.Errorf("p95 %v, want at most %v; %d were given while the log took nothing", p95, revokeBudget, owed)
			}
		})
	}
}

// closing is an order to close the speaker's microphone.
type closing struct {
	by *loadtest.Bot
	c  meeting.Command
}

const (
	speaker  = meeting.PointID("hg-03")
	listener = meeting.PointID("hg-04")
)

func (l *logless) closings() map[string]closing {
	return map[string]closing{
		"revoke":    {l.watch, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: speaker}},
		"close all": {l.watch, meeting.CloseAll{}},
		"its own":   {l.seats[speaker].Bot, meeting.SwitchOff{}},
	}
}

// closes plays one closing and says how long the speaker was still heard, and
// whether the log took nothing at the time.
func (l *logless) closes(name string, order closing) (took time.Duration, owed bool) {
	l.t.Helper()
	l.arrives(listener, speaker, false, l.speak(speaker))
	l.breakLog()
	began := time.Now()
	answer := make(chan error, 1)
	go func() { answer <- l.tries(order.by, order.c) }()
	l.rest(2 * time.Second) // what is said meanwhile reaches nobody
	l.reload()              // nor by another connection
	heard := l.lastOf(speaker)
	if heard.After(began.Add(revokeBudget)) {
		l.t.Errorf("%s: still heard %v after the order", name, heard.Sub(began))
	}
	l.mendLog()
	err := <-answer
	owed = isCode(err, focus.CodeOwed) || isCode(err, focus.CodeJournal)
	l.await(l.watch, "the log to be written again", func(s loadtest.State) bool {
		return s.View.Meeting != nil && s.View.Meeting.UnwrittenSinceMs == 0 && !slices.ContainsFunc(s.View.Floor.Requests, speaks)
	})
	if last := l.lastOf(speaker); !last.Equal(heard) {
		l.t.Errorf("%s: heard again after the log could be written, without an OK", name)
	}
	if isCode(l.tries(l.watch, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: speaker}), focus.CodeJournal) {
		l.t.Errorf("%s: the log was said to be written again, and is not", name)
	}
	l.await(l.seats[speaker].Bot, "the floor to be taken back", func(s loadtest.State) bool { return inside(s) && s.Mic() == wire.MicOff })
	return max(heard.Sub(began), 0), owed
}

// tries gives a command that may be refused.
func (l *logless) tries(b *loadtest.Bot, c meeting.Command) error {
	ctx, cancel := context.WithTimeout(l.t.Context(), answerWait)
	defer cancel()
	_, err := b.Do(ctx, c)
	return err
}

func speaks(r wire.RequestView) bool { return r.Point == speaker && r.Mic == "on" }

// reload brings the speaker's room back on another connection, which the log may
// not hear of.
func (l *logless) reload() {
	l.t.Helper()
	s := l.seats[speaker]
	joins := s.Bot.State().Joins
	s.Bot.Reload()
	until(l.t.Context(), 3*time.Second, func() bool { st := s.Bot.State(); return st.Joins > joins && st.Media == "connected" })
	l.rest(500 * time.Millisecond)
}

// lastOf is when the listeners last heard a point, the zero time if never.
func (l *logless) lastOf(p meeting.PointID) (last time.Time) {
	for at, s := range l.seats {
		if at == p {
			continue
		}
		s.mu.Lock()
		for _, a := range s.sounds {
			if a.of == p && a.got.After(last) {
				last = a.got
			}
		}
		s.mu.Unlock()
	}
	return last
}

func isCode(err error, code meeting.Code) bool {
	var refused *meeting.Error
	return errors.As(err, &refused) && refused.Code == code
}

// begin starts the node and lets the rooms in.
func (l *logless) begin(s *Server) {
	l.t.Helper()
	l.t.Cleanup(func() {
		l.mendLog()
		for _, seat := range l.seats {
			_ = seat.Bot.Close() // it is a test's
		}
		if l.watch != nil {
			_ = l.watch.Close()
		}
		_ = s.Close()
	})
	if err := s.start(l.t.Context()); err != nil {
		l.t.Fatal(err)
	}
	l.Links = s.Links
	for i := range l.Links.Rooms {
		l.Links.Rooms[i].URL = l.Links.URL
	}
	var err error
	if l.clip, err = testmedia.LoadClip(0); err != nil {
		l.t.Fatal(err)
	}
	l.watch = l.bot(loadtest.Config{Token: l.Links.Console, Device: "lab-console", NoMedia: true}, l.Links.URL, l.Links.Dial)
	l.seat("hg-01", speaker, listener, "hg-05")
	l.await(l.watch, "the desk", func(s loadtest.State) bool { return s.View.Meeting != nil && s.View.Floor != nil })
}

func newLogless(t *testing.T) (*logless, *Server) {
	t.Helper()
	s, err := newServer(bridge(t), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := (loopback{}).place(tree.Node{}, s); err != nil {
		t.Fatal(err)
	}
	return &logless{lab: &lab{t: t, Fleet: &Fleet{}, seats: map[meeting.PointID]*seat{}}}, s
}

// onFullDisk keeps the node's data on a small file system of its own.
func onFullDisk(t *testing.T) *logless {
	l, s := newLogless(t)
	if err := os.MkdirAll(s.data(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", s.data(), "tmpfs", 0, "size=6m,mode=0700"); err != nil {
		t.Fatalf("mount a small file system: %v", err)
	}
	fill := filepath.Join(s.data(), "fill")
	l.breakLog = func() {
		f, err := os.Create(fill)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for block := make([]byte, 4096); err == nil; {
			_, err = f.Write(block)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	l.mendLog = func() { _ = os.Remove(fill) } // it may be gone already
	t.Cleanup(func() {
		if err := syscall.Unmount(s.data(), syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	l.begin(s)
	return l
}

// onRedisAlone has a Redis that now and then demands a replica it has not.
func onRedisAlone(t *testing.T) *logless {
	l, s := newLogless(t)
	redis := storetest.StartRedis(t)
	s.store = fmt.Sprintf("store: redis\nredis: {address: %q, prefix: logless}\n", redis.URL())
	demand := func(n string) func() {
		return func() {
			cmd := exec.Command("redis-cli", "-s", strings.TrimPrefix(redis.URL(), "unix://"), "config", "set", "min-replicas-to-write", n)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("redis-cli: %v: %s", err, out)
			}
		}
	}
	l.breakLog, l.mendLog = demand("1"), demand("0")
	l.begin(s)
	return l
}

// onHungRedis has a Redis that now and then does not answer.
func onHungRedis(t *testing.T) *logless {
	l, s := newLogless(t)
	redis := storetest.StartRedis(t)
	s.store = fmt.Sprintf("store: redis\nredis: {address: %q, prefix: logless}\n", redis.URL())
	l.breakLog, l.mendLog = redis.Freeze, redis.Thaw
	l.begin(s)
	return l
}
