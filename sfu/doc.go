// Package sfu carries the media of this node's meetings: a selective
// forwarding middlebox (RFC 7667 §3.7) on Pion, one PeerConnection per client.
//
// It is told the whole Plan of each meeting (Carry) and makes reality match:
// it opens and closes the gates of what clients publish and points the fixed
// slots of every client at the sources its view names. It decides nothing.
//
// The way of a packet: the goroutine on which Pion decrypts it hands it to the
// stream of its SSRC (ingress.go), which asks the gate, validates it, stores it
// once and pushes a reference to each slot of the source's fan, those of a
// picture together (stream.go). Each client's writer numbers it for the slot,
// remembers it and sends it (writer.go, slot.go), a picture's packets as one run
// that the kernel cuts (run.go, conn.go). A writer is served by whoever brings
// the packets, with the help of a crew where there are many, for no send over
// UDP ever waits; one reached by TCP, and what is due by the clock, by a
// goroutine of its own (serve.go, crew.go). Who comes to watch begins with what
// the layer keeps since its last keyframe (opening.go). That path takes no mutex,
// logs nothing and allocates only chunks of packets.
//
// A link to another node (link.go) is to the router what a client is: an origin
// of sources and a receiver of what the other end wants (branch.go). Its path is
// raw ICE, DTLS and SRTP (transport.go) with one reader (linkreader.go), which
// hands each announced stream to the same code as a client's, and one writer
// (linkwriter.go), which sends each layer once, as it is, for all who want it
// beyond (relay.go), at the pace of the line (congestion.go, sharing.go).
//
// Goroutines: a crew, one for each processor; per meeting a router, which alone
// changes gates, fans and slots (router.go); per client a writer and a minder,
// which sends keyframe requests and calls Notify (minder.go). Per link there is a
// minder (linkmind.go), one that calls Notify, and a reader and a writer of each
// path. Each is waited for by the Close of what started it.
//
// Locks: SFU.mu guards the table of meetings, router.mu the list of its peers,
// Peer.mu the PeerConnection's pointer, Link.mu a link's tables, police.mu and vouched.mu who is known
// at the socket (police.go). None is held over a call out of here.
package sfu
