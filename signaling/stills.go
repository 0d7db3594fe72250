package signaling

import (
	"bytes"
	"image/jpeg"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// Stills of the points' cameras, for the wall of a console: at most one of a
// point, so that memory is bounded by the number of points that have a token.
const (
	stillEvery  = 5 * time.Second  // a point may post this often
	stillSlack  = time.Second      // for a clock or a line that is not even
	stillWanted = 8 * time.Second  // how often one is wanted while a console looks
	stillIdle   = 30 * time.Second // and while none does
	stillFades  = 90 * time.Second // an older one says nothing about the room
	lookLasts   = 20 * time.Second // a console that asked this lately is looking
	maxPixels   = 640 * 360
)

// stills holds the newest still of each point. Its lock is held over no IO.
type stills struct {
	mu     sync.Mutex
	seq    uint64
	looked time.Time // when a console last asked
	points map[meeting.PointID]still
}

type still struct {
	seq  uint64
	at   time.Time
	jpeg []byte
}

// may reports whether a point may post now.
func (s *stills) may(point meeting.PointID, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, ok := s.points[point]
	return !ok || now.Sub(last.at) >= stillEvery-stillSlack
}

// put keeps a point's still and says when the next is wanted.
func (s *stills) put(point meeting.PointID, jpeg []byte, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	s.points[point] = still{seq: s.seq, at: now, jpeg: jpeg}
	if now.Sub(s.looked) < lookLasts {
		return stillWanted
	}
	return stillIdle
}

// after lists the stills newer than seq that have not faded, and forgets those that have.
func (s *stills) after(seq uint64, now time.Time, sees func(meeting.PointID) bool) wire.SnapshotList {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = now
	if seq > s.seq {
		seq = 0 // of another life of this server
	}
	list := wire.SnapshotList{Seq: s.seq, Snapshots: []wire.Snapshot{}}
	for point, each := range s.points {
		switch {
		case now.Sub(each.at) > stillFades:
			delete(s.points, point)
		case each.seq > seq && sees(point):
			list.Snapshots = append(list.Snapshots, wire.Snapshot{Point: point, AtMs: millis(each.at), JPEG: each.jpeg})
		}
	}
	return list
}

// look notes that a wall is open.
func (s *stills) look(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = now
}

// watched reports whether one is.
func (s *stills) watched(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Sub(s.looked) < lookLasts
}

// next gives the oldest still that is newer than seq and has not faded.
func (s *stills) next(seq uint64, now time.Time) (oldest wire.Snapshot, number uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq > s.seq {
		seq = 0 // of another life of this server
	}
	for point, each := range s.points {
		if each.seq > seq && (!ok || each.seq < number) && now.Sub(each.at) <= stillFades {
			oldest, number, ok = wire.Snapshot{Point: point, AtMs: millis(each.at), JPEG: each.jpeg}, each.seq, true
		}
	}
	return oldest, number, ok
}

// putStill is PUT /api/v1/snapshot: a room's own still.
func (s *Server) putStill(w http.ResponseWriter, r *http.Request) {
	who, err := s.bearer(r)
	switch {
	case err != nil:
	case who.Role != meeting.RoleRoom:
		err = refusal(meeting.CodeRights)
	case !s.stills.may(who.Point, time.Now()):
		err = refusal(wire.CodeRateLimited)
	}
	if err != nil {
		problem(w, err)
		return
	}
	body, err := readStill(r.Body)
	if err == nil {
		err = who.held()
	}
	if err != nil {
		problem(w, err)
		return
	}
	next := s.stills.put(who.Point, body, time.Now())
	reply(w, http.StatusOK, wire.SnapshotTaken{AfterMs: next.Milliseconds()})
}

// readStill reads a body that is a small JPEG, and nothing else.
func readStill(from io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(from, wire.MaxSnapshot+1))
	if err != nil {
		return nil, refuseBody("not read")
	}
	if len(body) > wire.MaxSnapshot {
		return nil, refusal(wire.CodeFrameTooBig)
	}
	size, err := jpeg.DecodeConfig(bytes.NewReader(body))
	if err != nil {
		return nil, refuseBody("not a JPEG")
	}
	if size.Width*size.Height > maxPixels {
		return nil, &meeting.Error{Code: meeting.CodeValueInvalid, Args: map[string]any{"field": "pixels", "max": maxPixels}}
	}
	return body, nil
}

func refuseBody(detail string) error {
	return &meeting.Error{Code: wire.CodeFrameMalformed, Args: map[string]any{"detail": detail}}
}

// seenBy says whose stills a client may have: those of the points that are called
// to the meetings it covers.
func (s *Server) seenBy(who Identity) func(meeting.PointID) bool {
	if holdOf(who).Everywhere() {
		return func(meeting.PointID) bool { return true }
	}
	points := map[meeting.PointID]bool{}
	for _, f := range s.within(who) {
		for _, p := range f.Current().State.Points {
			points[p.ID] = true
		}
	}
	return func(p meeting.PointID) bool { return points[p] }
}

// listStills is GET /api/v1/snapshots?after=SEQ, for controllers.
func (s *Server) listStills(w http.ResponseWriter, r *http.Request) {
	who, err := s.bearer(r)
	if err == nil && who.Role != meeting.RoleController {
		err = refusal(meeting.CodeRights)
	}
	if err == nil {
		err = s.fair.calls.Take(principalOf(who.Identity))
	}
	after := uint64(0)
	if text := r.URL.Query().Get("after"); err == nil && text != "" {
		if after, err = strconv.ParseUint(text, 10, 53); err != nil {
			err = &meeting.Error{Code: meeting.CodeValueInvalid, Args: map[string]any{"field": "after", "max": uint64(1) << 53}}
		}
	}
	if err != nil {
		problem(w, err)
		return
	}
	reply(w, http.StatusOK, s.stills.after(after, time.Now(), s.seenBy(who.Identity)))
}
