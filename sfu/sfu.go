package sfu

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/logging"
	pion "github.com/pion/transport/v5"
	"github.com/pion/webrtc/v4"
)

// Errors of the SFU. Offers that are refused say why around ErrOffer.
var (
	ErrClosed = errors.New("media session is closed")
	ErrOffer  = errors.New("offer refused")
	ErrBusy   = errors.New("an offer is being answered")
)

// Config is what an SFU needs to run.
type Config struct {
	// Port is the one UDP and TCP port of all media; 0 takes a free one.
	Port int
	// Addrs are IP addresses announced as ICE candidates, each with :PORT if it
	// is another than the media port. Those of the host's are bound, and its
	// others left out; those of a router in front are announced besides. Empty, or
	// with none of the host's, means all of the host's.
	Addrs []string
	// Log receives events; nil discards them.
	Log *slog.Logger
	// Lines remembers what the lines of points take; nil knows nothing.
	Lines Lines
	// Net is the network that media goes over, of which Addrs are addresses; nil
	// is the host's. Any other has UDP alone.
	Net pion.Net
}

// Lines remembers what the lines of points take, over meetings and restarts.
// Its methods must not wait; they are called as clients join and leave, and once
// a minute for each, never on the way of a packet.
type Lines interface {
	// Line is what is known of a point's line.
	Line(meeting.PointID) Line
	// Learned says what the line has been found to take, bits a second.
	Learned(meeting.PointID, uint64)
}

// Line is what is known of a line, bits a second; 0 is nothing.
type Line struct {
	Estimate uint64 // what it took the last time
	Cap      uint64 // what the operator allows
}

// SFU carries the media of every meeting of this node.
type SFU struct {
	log       *slog.Logger
	pionLog   logging.LoggerFactory
	ports     *ports
	crew      crew
	lines     Lines
	identity  webrtc.Certificate // one DTLS certificate for all peers
	began     time.Time
	lostAfter time.Duration
	count     counters
	joined    atomic.Uint64  // peers ever
	wait      sync.WaitGroup // closings that nobody waits for

	mu       sync.Mutex
	meetings map[meeting.ID]*router
	links    map[string]*Link // by name, the newest of each
	said     map[meeting.PointID]*sayings
	closed   bool
}

// New opens the media port and returns a running SFU.
func New(cfg Config) (*SFU, error) {
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make dtls key: %w", err)
	}
	identity, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, fmt.Errorf("make dtls certificate: %w", err)
	}
	s := &SFU{
		log: log, pionLog: &pionLog{log: log}, identity: *identity, began: time.Now(),
		lostAfter: iceLost, lines: cfg.Lines, meetings: make(map[meeting.ID]*router),
		links: map[string]*Link{}, said: map[meeting.PointID]*sayings{},
	}
	if s.ports, err = openPorts(cfg, log, s.pionLog); err != nil {
		return nil, err
	}
	warnOfBuffers(log, s.ports.listens.Load().sockets)
	s.crew.start(s.scope("send pool", nil))
	return s, nil
}

// Port is the media port in use.
func (s *SFU) Port() int { return s.ports.port }

// now is the time since the SFU began, on the monotonic clock.
func (s *SFU) now() time.Duration { return time.Since(s.began) }

// Carry makes reality match the plan. It never blocks; carrying a plan twice is carrying it once.
func (s *SFU) Carry(id meeting.ID, plan *meeting.Plan) {
	if r := s.open(id); r != nil {
		r.plan.Store(plan)
		r.wake()
	}
}

// End drops a meeting and every peer of it. It does not wait for them.
func (s *SFU) End(id meeting.ID) {
	s.mu.Lock()
	r := s.meetings[id]
	delete(s.meetings, id)
	s.mu.Unlock()
	if r != nil {
		s.wait.Go(s.scope("closing of a meeting", r.shut).Func(r.close))
	}
}

// Close closes every peer and the port, and waits.
func (s *SFU) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		s.wait.Wait()
		return nil
	}
	s.closed = true
	all := s.meetings
	s.meetings = nil
	s.mu.Unlock()
	for _, r := range all {
		s.wait.Go(s.scope("closing of a meeting", r.shut).Func(r.close))
	}
	s.wait.Wait()
	s.crew.close()
	return s.ports.close()
}

// known is what is remembered of a point's line.
func (s *SFU) known(point meeting.PointID) Line {
	if s.lines == nil || point == "" {
		return Line{}
	}
	return s.lines.Line(point)
}

// open finds a meeting's router or begins it; nil if the SFU is closed.
func (s *SFU) open(id meeting.ID) *router {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	r := s.meetings[id]
	if r == nil {
		r = newRouter(s, id)
		s.meetings[id] = r
	}
	return r
}

func (s *SFU) router(id meeting.ID) *router {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.meetings[id]
}

func (s *SFU) routers() []*router {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*router, 0, len(s.meetings))
	for _, r := range s.meetings {
		all = append(all, r)
	}
	return all
}

// scope is what a goroutine of the media is answerable for.
func (s *SFU) scope(name string, shut func()) guard.Scope {
	return guard.Scope{Name: name, Log: s.log, Panics: &s.count.panics, Shut: shut}
}
