package signaling

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/wire"
)

// nodesEvery is how often the map of a tree is drawn anew, however many
// consoles look and however often a meeting changes.
const nodesEvery = 2 * time.Second

// nodeMap is the section of a tree's nodes, encoded once for all consoles.
type nodeMap struct {
	ask func() []wire.NodeView // nil for a node that is alone

	mu    sync.Mutex
	drawn json.RawMessage
	at    time.Time
}

// now is the map as it was at most nodesEvery ago; nil without a tree.
func (n *nodeMap) now() json.RawMessage {
	if n.ask == nil {
		return nil
	}
	n.mu.Lock()
	fresh := !n.at.IsZero() && time.Since(n.at) < nodesEvery
	drawn := n.drawn
	if !fresh {
		n.at = time.Now()
	}
	n.mu.Unlock()
	if fresh && drawn != nil {
		return drawn
	}
	list := n.ask()
	if list == nil {
		list = []wire.NodeView{}
	}
	drawn = mustJSON(list)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.drawn = drawn
	return drawn
}
