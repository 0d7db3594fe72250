package signaling

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/sfu"
)

// fakeMedia stands for the SFU at the edge of the signaling tests.
type fakeMedia struct {
	mu      sync.Mutex
	peers   []*fakePeer
	pressed []string // sources OK was pressed for, and taken back
}

type fakePeer struct {
	cfg    sfu.PeerConfig
	sight  sfu.Sight
	mu     sync.Mutex
	offers []string
	watch  []meeting.PointID
	screen *meeting.Screen
	closed bool
}

func (m *fakeMedia) Port() int { return 10000 }

func (m *fakeMedia) Press(_ meeting.ID, source meeting.SourceKey) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pressed = append(m.pressed, source.String())
	return true
}

func (m *fakeMedia) Unpress(_ meeting.ID, source meeting.SourceKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pressed = append(m.pressed, "not "+source.String())
}

func (m *fakeMedia) Join(cfg sfu.PeerConfig) (Peer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.peers {
		if cfg.Publish && p.cfg.Publish && p.cfg.Point == cfg.Point && !p.isClosed() {
			return nil, errors.New("the point publishes already")
		}
	}
	p := &fakePeer{cfg: cfg}
	m.peers = append(m.peers, p)
	return p, nil
}

func (m *fakeMedia) last(t *testing.T) *fakePeer {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.peers) == 0 {
		t.Fatal("nobody has joined media")
	}
	return m.peers[len(m.peers)-1]
}

func (m *fakeMedia) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.peers)
}

func (p *fakePeer) Offer(sdp string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !strings.Contains(sdp, "m=") {
		return "", fmt.Errorf("%w: no media in it", sfu.ErrOffer)
	}
	p.offers = append(p.offers, sdp)
	return fmt.Sprintf("answer %d", len(p.offers)), nil
}

func (p *fakePeer) Restart(fragment string) (string, error) {
	if !strings.Contains(fragment, "a=ice-ufrag:") {
		return "", fmt.Errorf("%w: no credentials in it", sfu.ErrOffer)
	}
	if strings.Contains(fragment, "a=ice-ufrag:same") {
		return "", nil
	}
	return "a=ice-ufrag:fresh", nil
}

func (p *fakePeer) Watch(points []meeting.PointID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watch = points
}

func (p *fakePeer) Show(screen *meeting.Screen) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.screen = screen
}

func (p *fakePeer) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return nil
}

func (p *fakePeer) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

type deafMedia struct{}

func (deafMedia) Carry(meeting.ID, *meeting.Plan) {}
func (deafMedia) End(meeting.ID)                  {}

func (p *fakePeer) Sight() sfu.Sight {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sight
}
