package signaling

import (
	"encoding/json"
	"time"

	"github.com/giaoban/giaoban/internal/wire"
)

// nodesEvery is how often the map of a tree is drawn anew, however many
// consoles look and however often a meeting changes.
const nodesEvery = 2 * time.Second

// nodeMap is the section of a tree's nodes, encoded once for all consoles.
type nodeMap struct {
	ask   func() []wire.NodeView // nil for a node that is alone
	drawn recent
}

// now is the map as it was at most nodesEvery ago; nil without a tree.
func (n *nodeMap) now() json.RawMessage {
	if n.ask == nil {
		return nil
	}
	return n.drawn.get(nodesEvery, func() []byte {
		list := n.ask()
		if list == nil {
			list = []wire.NodeView{}
		}
		return mustJSON(list)
	})
}
