// Package cascade joins nodes to a tree: it carries the control half of a link,
// cascade.v1, between a child, which dials, and its parent, and lets media have
// its messages in the same channel.
//
// A meeting is led on one node, the top one that has a point in it. Below it
// every node follows: facts come down its link in batches, each with the digest
// of the leader's plan after it, and commands go up. What the two ends know of
// each other is what the tree says and what the key proves: a node speaks for
// its own part of the tree and for nothing else.
//
// step.go is the state of one end of a link as a pure machine: connected, lost
// within its grace, severed. Everything else does what it says. A link that is
// lost for longer than Grace is severed at both ends by their own clocks: below,
// every follower is silenced; above, the part of the tree behind it is lost, in
// the log.
//
// Goroutines. Uplink: one that owns the machine and the socket, one dialler at a
// time. Downlinks: one for each child that is or was there, and one for each
// meeting it is attached to while it is. Each socket has a reader and a writer.
// All are awaited by Close. Locks: Uplink.mu guards the commands that wait for
// their answers, Downlinks.mu the table of children, child.mu what /metrics and
// the console read; none is held over IO, a send that can block, or a call into
// another package.
package cascade
