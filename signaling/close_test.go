package signaling

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

func TestCloseTellsEveryoneAndLeavesNothingBehind(t *testing.T) {
	h := newHall(t, nil)
	room, _, peer := speaking(t, h)
	greeting, away := h.dial(), h.join("room-p3", "tv")
	away.conn.Close()
	before := h.meeting.Current().State.Seq
	h.server.Close()
	h.server.Close() // once more changes nothing
	for name, c := range map[string]*client{"a room": room, "one before its hello": greeting} {
		if code := c.ended(); code != wire.CodeServerDraining {
			t.Errorf("%s is told %q", name, code)
		}
	}
	if !peer.isClosed() {
		t.Error("a peer is left")
	}
	if now := h.meeting.Current().State.Seq; now != before {
		t.Error("a drain is no loss: the next start goes on from the journal")
	}
	if p := h.point("p2"); p.Presence != meeting.Present {
		t.Errorf("p2 is %s", p.Presence)
	}
	h.http.CloseClientConnections()
	left := waitForGoroutines()
	if left != "" {
		t.Errorf("goroutines are left:\n%s", left)
	}
}

// waitForGoroutines gives the stacks of this package's goroutines that do not end.
func waitForGoroutines() string {
	deadline := time.Now().Add(patience)
	for {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		var left []string
		for _, g := range strings.Split(string(stacks), "\n\n") {
			if strings.Contains(g, "giaoban/signaling.(*Server)") || strings.Contains(g, "giaoban/signaling.(*session)") ||
				strings.Contains(g, "giaoban/signaling.(*socket)") {
				left = append(left, g)
			}
		}
		if len(left) == 0 || time.Now().After(deadline) {
			return strings.Join(left, "\n\n")
		}
		runtime.Gosched()
	}
}

func TestSessionsOfManyReloadsAllEnd(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Limits = quick })
	for range 30 {
		c := h.join("room-p2", "tv")
		c.conn.Close()
	}
	h.await("the point lost", func() bool { return h.point("p2").Presence == meeting.Lost })
	h.server.mu.Lock()
	defer h.server.mu.Unlock()
	if n := len(h.server.seats); n > 1 {
		t.Errorf("%d seats remembered", n)
	}
}
