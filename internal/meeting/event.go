package meeting

import "time"

// Seq numbers the events of one meeting from 1 without a gap.
type Seq uint64

// Event is one fact of a meeting's log: what happened, when, by whom, why.
type Event struct {
	Seq   Seq       `json:"seq"`
	At    time.Time `json:"at"`
	By    Actor     `json:"by"`
	Cause Cause     `json:"cause,omitzero"`
	Fact  Fact      `json:"-"`
}

// Fact is something that happened. The set is sealed and append-only.
type Fact interface{ fact() string }
