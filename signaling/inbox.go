package signaling

import (
	"maps"
	"sync"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/sfu"
)

// news is what a peer has told, the newest of each kind. It is level, not
// edge: telling it twice is telling it once, so it needs no queue.
type news struct {
	gates  map[meeting.SourceKey]sfu.Gate // of the client's own sources
	live   map[int]sfu.Live               // by slot
	slots  *sfu.Slots
	demand *sfu.Demand
	state  sfu.State
}

func emptyNews() news {
	return news{gates: map[meeting.SourceKey]sfu.Gate{}, live: map[int]sfu.Live{}}
}

// add takes a notice in; bounded by the sources of a point and its slots.
func (n *news) add(notice sfu.Notice) {
	switch {
	case notice.Gate != nil:
		n.gates[notice.Gate.Source] = *notice.Gate
	case notice.Live != nil:
		n.live[notice.Live.Slot] = *notice.Live
	case notice.Slots != nil:
		n.slots = notice.Slots
	case notice.Demand != nil:
		n.demand = notice.Demand
	case notice.State != "":
		n.state = notice.State
	}
}

// merge takes newer news in.
func (n *news) merge(newer news) {
	maps.Copy(n.gates, newer.gates)
	maps.Copy(n.live, newer.live)
	if newer.slots != nil {
		n.slots = newer.slots
	}
	if newer.demand != nil {
		n.demand = newer.demand
	}
	if newer.state != "" {
		n.state = newer.state
	}
}

// inbox hands a peer's notices to its session without ever blocking the peer.
type inbox struct {
	wake chan struct{} // holds a token while there is news

	mu    sync.Mutex
	fresh news
}

func newInbox() *inbox {
	return &inbox{wake: make(chan struct{}, 1), fresh: emptyNews()}
}

// notify is the peer's Notify.
func (i *inbox) notify(n sfu.Notice) {
	i.mu.Lock()
	i.fresh.add(n)
	i.mu.Unlock()
	select {
	case i.wake <- struct{}{}:
	default: // the session has not taken the last token yet and will see this too
	}
}

// take empties the inbox.
func (i *inbox) take() news {
	i.mu.Lock()
	defer i.mu.Unlock()
	fresh := i.fresh
	i.fresh = emptyNews()
	return fresh
}
