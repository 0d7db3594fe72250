// Package run owns a load run: the cast of bots, the director who makes them
// speak and be shown, the inspectors who hold every packet against what was
// said, and the server process of a local run.
//
// Goroutines: those of the bots, the director's scripts (floor, layout,
// faults, cheats), the clerk, who audits and samples every second or so, and
// the heartbeat; Run awaits them all. A Server has one, which holds the thread
// the process was started from. book.mu and inspector.mu guard what is written
// above them, are never held over IO, and an inspector's comes before the book's.
package run
