package sfu

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
)

// diary is what a node has logged of its gates.
type diary struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps one line of the log.
func (d *diary) Write(line []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.Write(line)
}

func (d *diary) gates() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []string
	for line := range strings.Lines(d.text.String()) {
		if _, gate, ok := strings.Cut(line, `msg="gate `); ok {
			all = append(all, strings.TrimSpace(gate))
		}
	}
	return strings.Join(all, "\n")
}

func diarist(t *testing.T) (*SFU, *diary) {
	t.Helper()
	d := &diary{}
	s, err := New(Config{Addrs: []string{"127.0.0.1"}, Log: slog.New(slog.NewTextHandler(d, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, d
}

// Every node says by itself which gate of sound it opened, for which fact, and
// when it was closed: by a plan, or as the room was gone. Of pictures it is silent.
func TestEveryNodeLogsItsGates(t *testing.T) {
	t.Parallel()
	top, above := diarist(t)
	low, below := diarist(t)
	w := connect(t, top, low, "a")
	a := dial(t, low, clientConfig{point: "a", publish: true})
	b := dial(t, top, clientConfig{point: "b", video: 1, voices: 6})
	a.play(meeting.Microphone, 9)
	a.play(meeting.Camera, 7)
	w.await(t)
	shows := func(seq meeting.Seq, open ...meeting.SourceKey) {
		t.Helper()
		before := b.voice(0).packets.Load()
		carry(planOf(seq, voiceView(), append(open, camera("a"))...), top, low)
		b.until("sound", func() bool { return len(open) == 0 || b.voice(0).packets.Load() > before+5 })
	}
	want := ""
	said := func(format string, args ...any) {
		t.Helper()
		want = strings.TrimSpace(want + "\n" + fmt.Sprintf(format, args...))
		for _, d := range []*diary{above, below} {
			waitFor(t, "the log to say "+want, nil, func() bool { return d.gates() == want })
		}
	}
	shows(5, mic("a"))
	said(`opened" meeting=m source=a/microphone since=5 seq=5`)
	shows(6)
	said(`closed" meeting=m source=a/microphone since=5 seq=6`)
	shows(8, mic("a"))
	said(`opened" meeting=m source=a/microphone since=8 seq=8`)
	if err := a.peer.Close(); err != nil {
		t.Fatal(err)
	}
	said(`closed" meeting=m source=a/microphone since=8 seq=8`)
}
