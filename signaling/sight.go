package signaling

import (
	"math"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/sfu"
)

const (
	sightEvery = time.Second
	reportAge  = 10 * time.Second // of a page's own report, then it tells nothing

	// A line is weak above these: a picture is seen to suffer.
	weakLoss = 0.05
	weakTrip = 600 * time.Millisecond
	weakHeld = 0.05 // of the sound, that the page had to make up
)

// playing is what a page says of what it plays.
type playing struct {
	wire.MediaReport
	at time.Time
}

// handleReport keeps what a page says of its playing, for the console.
func (s *session) handleReport(f wire.Frame) []byte {
	var r wire.MediaReport
	if err := wire.Decode(f.D, &r); err != nil {
		return s.failed(f, err)
	}
	if r.Freezes < 0 || r.FrozenMs < 0 || !(r.Concealed >= 0 && r.Concealed <= 100) {
		return s.failed(f, refusal(wire.CodeFrameMalformed))
	}
	s.played.Store(&playing{r, time.Now()})
	return encode("ok", wire.Envelope{Re: f.ID}, nil)
}

// look tells a controller how the lines are.
func (s *session) look() {
	if s.socket == nil || s.focus == nil {
		return
	}
	id := s.focus.ID()
	s.srv.below.watch(id, time.Now())
	s.send(s.srv.sights.of(id).get(sightEvery/2, func() []byte {
		lines := s.srv.Lines(id)
		if lines == nil {
			lines = []wire.LineView{}
		}
		return encode("quality", wire.Envelope{}, wire.Quality{AtMs: time.Now().UnixMilli(), Lines: lines})
	}))
}

// ownLines reads the line of every point of a meeting that has one on this node.
func (s *Server) ownLines(f *focus.Focus) (views []wire.LineView) {
	if f == nil {
		return nil
	}
	type line struct {
		point  meeting.PointID
		peer   Peer
		played *playing
	}
	var lines []line
	s.eachIn(f, func(each *session) {
		m := each.onAir.Load()
		if each.who.Role == meeting.RoleRoom && m != nil {
			lines = append(lines, line{each.who.Point, m.peer, each.played.Load()})
		}
	})
	s.mu.Lock()
	for _, v := range s.visits {
		if v.focus == f && v.door == sfu.DoorWHIP && v.peer != nil {
			lines = append(lines, line{v.who.Point, v.peer, nil})
		}
	}
	s.mu.Unlock()
	for _, l := range lines {
		views = append(views, lineView(l.point, l.peer.Sight(), l.played))
	}
	return views
}

// lineView is a line in figures, and in a word.
func lineView(point meeting.PointID, s sfu.Sight, played *playing) wire.LineView {
	v := wire.LineView{
		Point: point, Word: wire.LineGood,
		UpKbps: kbps(s.Up.Rate), DownKbps: kbps(s.Down.Rate), EstimateKbps: kbps(s.Estimate),
		LossUp: percent(s.Up.Loss), LossDown: percent(s.Down.Loss),
		RTTMs: s.Trip.Milliseconds(), JitterMs: max(s.Up.Jitter, s.Down.Jitter).Milliseconds(), QueueMs: s.Queue.Milliseconds(),
		Paused: s.Weak,
	}
	for _, src := range s.Sources {
		if src.Source.Kind == meeting.Camera && src.Layer != "" {
			v.Layers = append(v.Layers, src.Layer)
		}
	}
	concealed := 0.0
	if played != nil && time.Since(played.at) < reportAge {
		v.Freezes, v.FrozenMs, v.Concealed = played.Freezes, played.FrozenMs, played.Concealed
		concealed = played.Concealed / 100
	}
	if max(s.Up.Loss, s.Down.Loss) > weakLoss || s.Trip > weakTrip || s.Weak > 0 || concealed > weakHeld {
		v.Word = wire.LineWeak
	}
	return v
}

func kbps(bits uint64) int { return int(min(bits/1000, math.MaxInt32)) }

func percent(share float64) float64 { return math.Round(share*1000) / 10 }

// sights keeps the newest frame of each meeting, so that many controllers cost
// no more than one.
type sights struct {
	mu     sync.Mutex
	newest map[meeting.ID]*recent
}

func (k *sights) of(id meeting.ID) *recent {
	k.mu.Lock()
	defer k.mu.Unlock()
	seen := k.newest[id]
	if seen == nil {
		if len(k.newest) >= boardsKept {
			clear(k.newest) // most are of meetings long over
		}
		seen = &recent{}
		k.newest[id] = seen
	}
	return seen
}
