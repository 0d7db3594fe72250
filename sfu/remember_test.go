package sfu

import (
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// remembered is a memory of lines.
type remembered struct {
	line Line

	mu      sync.Mutex
	learned map[meeting.PointID]uint64
}

func (r *remembered) Line(meeting.PointID) Line { return r.line }

func (r *remembered) Learned(point meeting.PointID, bps uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.learned[point] = bps
}

func TestAConnectionBeginsWithWhatItsLineTook(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		line Line
		want uint64
	}{
		{Line{}, 2_000_000},
		{Line{Estimate: 700_000}, 700_000},
		{Line{Estimate: 6_000_000}, 6_000_000},
		{Line{Estimate: 6_000_000, Cap: 1_500_000}, 1_500_000},
		{Line{Cap: 1_500_000}, 1_500_000},
		{Line{Cap: 4_000_000}, 2_000_000},
	} {
		s, err := New(Config{Addrs: []string{"127.0.0.1"}, Lines: &remembered{line: tt.line}})
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Join(PeerConfig{Meeting: "m", Point: "a"})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.writer.line.budget.Load(); got != tt.want {
			t.Errorf("%+v: begins with %d", tt.line, got)
		}
		p.writer.line.estimate.REMB(50_000_000, 0)
		if got := p.writer.line.estimate.Budget(); tt.line.Cap > 0 && got > tt.line.Cap {
			t.Errorf("%+v: a receiver's own estimate makes it %d", tt.line, got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// What a line took is handed over when its client leaves, by the room alone.
func TestWhatALineTookIsRemembered(t *testing.T) {
	t.Parallel()
	lines := &remembered{learned: map[meeting.PointID]uint64{}}
	s, err := New(Config{Addrs: []string{"127.0.0.1"}, Lines: lines})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cfg     PeerConfig
		learned uint64
	}{
		{PeerConfig{Point: "room", Publish: true}, 700_000},
		{PeerConfig{Point: "tablet"}, 900_000},
		{PeerConfig{Point: "nothing known", Publish: true}, 0},
	} {
		c.cfg.Meeting = "m"
		p, err := s.Join(c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		p.writer.line.learned.Store(c.learned)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if len(lines.learned) != 1 || lines.learned["room"] != 700_000 {
		t.Errorf("learned %v", lines.learned)
	}
}

// A line is remembered as it was over a minute or so: not before something has
// been found, not while nothing shows it, and not as its last bad moment.
func TestABadMomentIsNotWhatIsRemembered(t *testing.T) {
	w := newWriter(&Peer{}, Line{})
	var now time.Duration
	pass := func(seconds int, pictures bool, remb uint64) uint64 {
		for range seconds {
			now += time.Second
			w.line.estimate.Sent(400_000, 0, pictures, now)
			if remb > 0 {
				w.line.estimate.REMB(remb, now)
			}
			w.see(now)
		}
		return w.line.learned.Load()
	}
	if got := pass(30, true, 0); got != 0 {
		t.Errorf("of a receiver that says nothing %d is learned", got)
	}
	if got := pass(9, true, 3_000_000); got != 0 {
		t.Errorf("%d is learned within seconds", got)
	}
	if got := pass(90, true, 3_000_000); got != 3_000_000 {
		t.Errorf("a line of 3 Mbit/s is remembered as %d", got)
	}
	if got := pass(5, true, 600_000); got < 2_500_000 || got >= 3_000_000 {
		t.Errorf("after five bad seconds it is %d", got)
	}
	got := pass(300, true, 600_000)
	if got > 650_000 || got < 600_000 {
		t.Errorf("after five minutes of 600 kbit/s it is %d", got)
	}
	if after := pass(60, false, 5_000_000); after != got {
		t.Errorf("a line that is not used is remembered as %d", after)
	}
}
