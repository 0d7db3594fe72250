package scenario

import (
	"fmt"
	"time"
)

// Scenario is a rehearsal of a briefing: who comes, what is said and shown,
// what goes wrong, and what counts as a pass. docs/loadtest.md explains each key.
type Scenario struct {
	Name     string   `yaml:"name"`
	Title    Text     `yaml:"title"`
	Points   int      `yaml:"points"`   // 3 to 250; the first is the chair point
	Duration Duration `yaml:"duration"` // from the last join to the end
	Tree     Tree     `yaml:"tree"`     // the nodes of a local run; left out, one
	Pace     int      `yaml:"pace"`     // bots play so many times slower, 1 to 10; left out, 1
	Join     Join     `yaml:"join"`
	Console  int      `yaml:"console"` // cameras a controller watches, 0 to 25
	Chair    bool     `yaml:"chair"`   // the chair point's microphone is on throughout
	Feed     int      `yaml:"feed"`    // number of the point that is a relay source, 0 for none
	Content  int      `yaml:"content"` // number of the point that presents, 0 for none
	Floor    Floor    `yaml:"floor"`
	Layout   Layout   `yaml:"layout"`
	Faults   []Fault  `yaml:"faults"`
	Limits   Limits   `yaml:"limits"`
}

// Tree is the shape of the nodes a local run starts.
type Tree string

// The trees of REQUIREMENTS §8, from the data of the two provinces.
const (
	OneNode      Tree = ""
	ThreeTiers   Tree = "three-tiers"   // Hà Giang: the province and its 11 districts, before 1/7/2025
	WithCentre   Tree = "with-centre"   // the same below the centre
	TwoTiers     Tree = "two-tiers"     // Tuyên Quang: the province alone, 124 communes on it
	Districts    Tree = "districts"     // Hà Giang: 11 districts, each alone with a meeting of its own
	OneTier      Tree = "one-tier"      // Hà Giang: all 217 points on the province's node
	RelayedAreas Tree = "relayed-areas" // Tuyên Quang, with 4 nodes between, which have no authority
)

// Trees lists every tree with a name.
func Trees() []Tree {
	return []Tree{Districts, ThreeTiers, WithCentre, TwoTiers, OneTier, RelayedAreas}
}

// Text is a sentence in both languages.
type Text struct {
	Vi string `yaml:"vi" json:"vi"`
	En string `yaml:"en" json:"en"`
}

// Join says how the points come in: evenly over a time.
type Join struct {
	Over Duration `yaml:"over"`
}

// Floor is the script of the speech floor: the points speak in turn, each
// asking, being invited, pressing OK and finishing. Every is from one
// invitation to the next, 0 for silence; Speak is how long one speaks.
type Floor struct {
	Every Duration `yaml:"every"`
	Speak Duration `yaml:"speak"`
}

// Layout is the script of the picture: the arrangements in turn, filled with
// the points in turn.
type Layout struct {
	Every Duration `yaml:"every"`
	Kinds []string `yaml:"kinds"`
}

// Fault is something that goes wrong, At after the last join.
type Fault struct {
	At    Duration `yaml:"at"`
	Do    Action   `yaml:"do"`
	Point int      `yaml:"point"` // number of the point, where the fault has one
	Node  string   `yaml:"node"`  // code of the node, where the fault has one; left out, the root
	Share float64  `yaml:"share"` // of the packets that are lost, where they are
	For   Duration `yaml:"for"`   // how long, where the fault lasts
}

// Action is the kind of a fault.
type Action string

// What can go wrong.
const (
	KillNode    Action = "kill-node"    // kill -9 of the server and its restart; needs "loadtest local"
	DropSocket  Action = "drop-socket"  // a client loses its WebSocket and resumes
	Reload      Action = "reload"       // a page is reloaded
	CutLine     Action = "cut-line"     // the line above a node carries nothing; needs --netns
	LosePackets Action = "lose-packets" // a share of the packets a node gets from its points is lost; needs --netns
	Rush        Action = "rush"         // every point asks for the floor at once, and takes it back
	Cheat       Action = "cheat"        // a client sends sound by every way there is, without a grant
)

// Limits are what a pass needs. A limit left out is not judged.
type Limits struct {
	Join         Duration `yaml:"join"`         // p95, join to first picture
	Invited      Duration `yaml:"invited"`      // p95, grant to invitation
	Audible      Duration `yaml:"audible"`      // p95, OK to first sound at each other point
	Silent       Duration `yaml:"silent"`       // p95, revoke to last sound anywhere
	Layout       Duration `yaml:"layout"`       // p95, layout to first picture at each point
	Latency      Duration `yaml:"latency"`      // p99, one way
	Line         Duration `yaml:"line"`         // median of the fastest path over a line, one way
	Recover      Duration `yaml:"recover"`      // slowest, the killed server's return to every point's picture
	Missing      *int     `yaml:"missing"`      // packets missing in the worst slot
	ForeignSound *int     `yaml:"foreignSound"` // packets of sound nobody of this run sent
}

// Duration reads "1m30s".
type Duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("want a duration such as 1m30s, got %q", text)
	}
	*d = Duration(parsed)
	return nil
}

// D is the duration as the standard library has it.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String is the form UnmarshalText reads.
func (d Duration) String() string { return time.Duration(d).String() }
