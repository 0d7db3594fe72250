package meeting

import "time"

// Meeting is the machine of one meeting. It is not safe for concurrent use.
type Meeting struct{}

// New returns the machine of a meeting whose log is empty.
func New(id ID) *Meeting { panic("meeting: being built") }

// Restore returns the machine a snapshot was taken of.
func Restore(s Snapshot) (*Meeting, error) { panic("meeting: being built") }

// Decide judges a command at a time and returns the facts that carry it out.
// It changes nothing. A refusal is an *Error.
func (m *Meeting) Decide(now time.Time, by Actor, c Command) ([]Fact, error) {
	panic("meeting: being built")
}

// Apply folds the next event. It is the only mutator.
func (m *Meeting) Apply(e Event) error { panic("meeting: being built") }

// Deadline is when Expire next has something to say; zero means never.
func (m *Meeting) Deadline() time.Time { panic("meeting: being built") }

// Expire returns the facts that time alone brings. Leader only.
func (m *Meeting) Expire(now time.Time) []Fact { panic("meeting: being built") }

// Plan derives what the state means for media.
func (m *Meeting) Plan() *Plan { panic("meeting: being built") }

// Snapshot copies the whole state.
func (m *Meeting) Snapshot() Snapshot { panic("meeting: being built") }
