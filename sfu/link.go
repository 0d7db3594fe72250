package sfu

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
)

// LinkConfig describes the media of one connection of two nodes.
type LinkConfig struct {
	// Name is the other node's, for logs and figures.
	Name string
	// Child says that this end dials; the parent waits on its one media port.
	Child bool
	// From is, at a parent, where the child is, as its control channel says; the
	// zero value is this machine.
	From netip.Addr
	// Beyond says whether a point's sources come from the other end: at a
	// parent the points of the child's subtree, at a child all but its own. It
	// is asked often, by many goroutines, and may change its answers.
	Beyond func(meeting.PointID) bool
	// Cap is the operator's limit of the line, bits a second; 0 is none.
	Cap int
	// Send takes a message for the other end. It must not block.
	Send func(LinkMessage)
	// Notify is called for every LinkNotice, never concurrently. It must not
	// block, and must not call Close. Nil discards them.
	Notify func(LinkNotice)
}

func (c *LinkConfig) validate() error {
	if c.Beyond == nil || c.Send == nil || c.Cap < 0 {
		return errors.New("link: Beyond and Send are needed, and a cap of 0 or more")
	}
	if c.Notify == nil {
		c.Notify = func(LinkNotice) {}
	}
	return nil
}

// LinkNotice is something the owner of a link must know. Exactly one field is set.
type LinkNotice struct {
	Up    *bool // media flows, or does not any more
	Alarm *LinkAlarm
}

// AlarmKind is what the other end did that an honest node does not.
type AlarmKind string

// The alarms of a link.
const (
	// AlarmNotPermitted is sound that this node's plan does not allow, and that
	// went on. None of it got further.
	AlarmNotPermitted AlarmKind = "not_permitted"
	// AlarmStranger is a source of a point that is not beyond the link.
	AlarmStranger AlarmKind = "stranger"
)

// LinkAlarm is one such thing. The same of one source is told once per period.
type LinkAlarm struct {
	Meeting meeting.ID
	Source  meeting.SourceKey
	Why     AlarmKind
}

const (
	alarmsEvery  = 10 * time.Second
	linkNotices  = 64
	lingerFor    = 2 * time.Second // of a transport that another has replaced
	retryFirst   = 500 * time.Millisecond
	retryMost    = 8 * time.Second
	meetingsMost = 64 // attached to one link
)

// Link is the media of one connection of two nodes. In each meeting it is
// attached to, the router treats it like a peer: it publishes what the other
// end sends, and is sent what the other end wants.
type Link struct {
	cfg      LinkConfig
	sfu      *SFU
	identity tls.Certificate
	count    linkCount
	current  atomic.Pointer[transport] // what is sent on; nil while there is none
	token    chan struct{}
	done     chan struct{}
	ending   sync.Once
	wait     sync.WaitGroup
	notices  chan LinkNotice

	mu       sync.Mutex
	branches map[meeting.ID]*branch
	early    map[meeting.ID]*[]want // of meetings not attached yet
	offered  *transportMessage      // what the other end has said and the minder has not read
	paths    []*transport           // all that are not closed
	next     uint32                 // SSRC
	alarms   map[AlarmKind]time.Duration
	ended    bool
}

// linkCount are the figures of a link.
type linkCount struct {
	packetsIn, bytesIn, packetsOut, bytesOut atomic.Uint64
	undeclared, strays                       atomic.Uint64
	holes, mended, givenUp, resent, stale    atomic.Uint64
	strangers, alarms                        atomic.Uint64
	estimate, loss                           atomic.Uint64
	rtt                                      atomic.Int64
	transports                               atomic.Uint64
	streamsIn, streamsOut                    atomic.Uint64
	starved                                  atomic.Bool // somebody wants more than the line takes
}

// Link begins the media of a connection to another node. A child dials at once,
// and again whenever the path is lost, until Close.
func (s *SFU) Link(cfg LinkConfig) (*Link, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	identity, err := selfsign.GenerateSelfSigned()
	if err != nil {
		return nil, fmt.Errorf("make dtls certificate: %w", err)
	}
	l := &Link{
		cfg: cfg, sfu: s, identity: identity, token: make(chan struct{}, 1), done: make(chan struct{}),
		notices: make(chan LinkNotice, linkNotices), branches: map[meeting.ID]*branch{}, early: map[meeting.ID]*[]want{},
		next: rand.Uint32() | 1, alarms: map[AlarmKind]time.Duration{},
	}
	s.mu.Lock()
	s.links[cfg.Name] = l
	s.mu.Unlock()
	l.wait.Go(l.sfu.scope("link minder", nil).Func(l.mind))
	l.wait.Go(l.sfu.scope("link notices", nil).KeepFunc(l.tell))
	return l, nil
}

// Receive takes what the other end says, in order. An error means that it does
// not keep to the protocol: the caller closes the link.
func (l *Link) Receive(m LinkMessage) error {
	switch m.T {
	case linkTransport:
		return l.receiveTransport(m)
	case linkWant:
		return l.receiveWant(m)
	case linkAnnounce:
		return l.receiveAnnounce(m)
	case linkWithdraw:
		return l.receiveWithdraw(m)
	}
	return fmt.Errorf("%w: unknown kind %.40q", ErrLinkMessage, m.T)
}

func (l *Link) receiveTransport(m LinkMessage) error {
	var offer transportMessage
	if err := decodeLink(m, &offer); err != nil {
		return err
	}
	l.mu.Lock()
	l.offered = &offer
	l.mu.Unlock()
	l.poke()
	return nil
}

func (l *Link) receiveWant(m LinkMessage) error {
	var w wantMessage
	if err := decodeLink(m, &w); err != nil {
		return err
	}
	l.mu.Lock()
	b := l.branches[w.Meeting]
	if b == nil && len(l.early) < meetingsMost {
		l.early[w.Meeting] = &w.Wants
	}
	l.mu.Unlock()
	if b != nil {
		b.wants.Store(&w.Wants)
		b.router.wake()
	}
	return nil
}

// Attach carries a meeting over the link. The other end attaches it too.
func (l *Link) Attach(id meeting.ID) {
	r := l.sfu.open(id)
	if r == nil {
		return
	}
	l.mu.Lock()
	old := l.branches[id]
	full := old == nil && len(l.branches) >= meetingsMost
	if l.ended || old != nil && old.router == r || full {
		l.mu.Unlock()
		if full {
			l.sfu.log.Warn("link carries too many meetings", "node", l.cfg.Name, "meeting", id, "most", meetingsMost)
		}
		return
	}
	b := newBranch(l, r)
	b.wants.Store(l.early[id])
	delete(l.early, id)
	l.branches[id] = b
	l.mu.Unlock()
	if old != nil {
		old.retire()
	}
	r.graft(b)
}

// Detach ends that: what came over the link in the meeting is closed at once.
func (l *Link) Detach(id meeting.ID) {
	l.mu.Lock()
	b := l.branches[id]
	delete(l.branches, id)
	l.mu.Unlock()
	if b != nil {
		b.retire()
	}
}

// Close ends the link and waits for its goroutines.
func (l *Link) Close() error {
	l.ending.Do(func() {
		l.mu.Lock()
		l.ended = true
		branches := maps.Clone(l.branches)
		clear(l.branches)
		l.mu.Unlock()
		for _, b := range branches {
			b.retire()
		}
		l.sfu.unlink(l)
		close(l.done)
	})
	l.wait.Wait()
	return nil
}

func (l *Link) branch(id meeting.ID) *branch {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.branches[id]
}

// attached lists the meetings' branches.
func (l *Link) attached() []*branch {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]*branch, 0, len(l.branches))
	for _, b := range l.branches {
		all = append(all, b)
	}
	return all
}

// poke wakes the minder.
func (l *Link) poke() {
	select {
	case l.token <- struct{}{}:
	default: // it is awake already
	}
}

// rtt is the round trip of the line, as far as it is known.
func (l *Link) rtt() time.Duration { return time.Duration(l.count.rtt.Load()) }

// tell passes notices on.
func (l *Link) tell() {
	for {
		select {
		case n := <-l.notices:
			l.cfg.Notify(n)
		case <-l.done:
			return
		}
	}
}

func (l *Link) notify(n LinkNotice) {
	select {
	case l.notices <- n:
	case <-l.done:
	default:
		l.sfu.log.Warn("link notice dropped", "node", l.cfg.Name)
	}
}

// alarm tells of something an honest node does not do, once per period.
func (l *Link) alarm(a LinkAlarm) {
	now := l.sfu.now()
	l.mu.Lock()
	last, known := l.alarms[a.Why] // whatever source it invents
	fresh := !known || now-last >= alarmsEvery
	if fresh {
		l.alarms[a.Why] = now
	}
	l.mu.Unlock()
	if !fresh {
		return
	}
	l.count.alarms.Add(1)
	l.sfu.log.Warn("link sent what it must not", "node", l.cfg.Name, "meeting", a.Meeting, "source", a.Source, "why", a.Why)
	l.notify(LinkNotice{Alarm: &a})
}

// ssrc gives the next free pair of SSRCs. They only count up, so none comes
// again before the whole range has been used.
func (l *Link) ssrc() uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next += 2
	return l.next
}
