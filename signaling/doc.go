// Package signaling is the server's side of bridge.v1: it greets clients,
// gives their commands to the focus, sends each what its role may know, and
// joins their media to the SFU. It also serves the same commands over HTTP,
// the built pages, /healthz, /readyz and /metrics.
//
// A session is one client over its sockets: it outlives a socket by five
// seconds, so that a blip changes nothing.
//
// Goroutines: one per session (session.run), which owns everything of the
// session and needs no lock; per socket a reader, which is the goroutine of
// its HTTP request, and a writer. Server.Close ends and awaits all of them.
// Locks: Server.mu guards the tables of sessions, boards.mu the newest board
// of each meeting, inbox.mu what a peer has to tell, stills.mu the stills of the
// wall; none is held over a send,
// IO, or a call into another package.
package signaling
