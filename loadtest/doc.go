// Package loadtest owns Bot, the Go client of bridge.v1: it plays the absent
// points of a demonstration, it cheats on purpose in tests, and it is what a
// load is made of.
//
// A Bot has one goroutine (run) that owns its session and its media, a reader
// and a writer for each socket, and a player for each PeerConnection; Close
// ends and waits for all of them. Bot.mu guards what callers read (State, the
// answers they wait for) and is never held over IO. Received packets are
// counted where Pion decrypts them, without a goroutine or an allocation, so
// that twenty bots cost next to nothing; counters are atomics.
package loadtest
