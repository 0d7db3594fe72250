package main

import (
	"math"

	"github.com/giaoban/giaoban/cascade"
	"github.com/giaoban/giaoban/internal/wire"
)

// nodeMap is what a console is shown of the tree: the line above, then the nodes
// below. It is nil for a node that is alone.
func (n *node) nodeMap() func() []wire.NodeView {
	p := n.place
	if p == nil {
		return nil
	}
	return func() []wire.NodeView {
		var list []wire.NodeView
		if p.up != nil {
			s, self := p.up.Sight(), p.atlas.node()
			s.Node, s.Name, s.Tier, s.Version = p.path(), self.Name, self.Tier, version()
			list = append(list, nodeView(s))
		}
		if p.down != nil {
			for _, s := range p.down.Sights() {
				list = append(list, nodeView(s))
			}
		}
		return list
	}
}

func nodeView(s cascade.Sight) wire.NodeView {
	return wire.NodeView{
		Node: s.Node, Name: s.Name, Tier: s.Tier, State: s.State, SinceMs: s.SinceMs, UpBps: s.UpBps, DownBps: s.DownBps,
		LossPercent: math.Round(1000*s.Loss) / 10, RTTMs: s.RTTMs, StreamsUp: s.StreamsUp, StreamsDown: s.StreamsDn,
		Path: s.Path, Version: s.Version, ClockMs: s.ClockMs, Alarms: s.Alarms, Redialled: s.Redialled, Diverged: s.Diverged,
	}
}
