package report

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/giaoban/giaoban/loadtest/scenario"
)

// Schema is the version of the JSON form. Keys are only ever added to it.
const Schema = 1

// Report is one run. docs/loadtest.md documents every key.
type Report struct {
	Schema   int           `json:"schema"`
	Verdict  Verdict       `json:"verdict"`
	Scenario string        `json:"scenario"`
	Title    scenario.Text `json:"title"`
	Version  string        `json:"version"` // of the program that ran the load
	Started  time.Time     `json:"started"`
	Seconds  float64       `json:"seconds"` // from the first join to the end
	Points   int           `json:"points"`
	Server   string        `json:"server"`
	Figures  []Figure      `json:"figures"`
	Findings []Finding     `json:"findings"`
	Totals   Totals        `json:"totals"`
	Machine  Machine       `json:"machine"`
	Tiers    []Tier        `json:"tiers,omitempty"` // of a tree, from the top
	Nodes    []Node        `json:"nodes,omitempty"` // of a local run
	Lines    []Line        `json:"lines,omitempty"` // of a tree: that above each node but the root
	Series   []Sample      `json:"series"`
}

// Figure is the distribution of a measure, in milliseconds, with its limit.
type Figure struct {
	Name  string  `json:"name"`
	Count int     `json:"count"`
	P50   float64 `json:"p50"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
	Judge string  `json:"judge,omitempty"` // which of the above the limit is for
	Limit float64 `json:"limit,omitempty"` // 0 is none
	OK    bool    `json:"ok"`
}

// Tier is what the points of one level of a tree received, one way.
type Tier struct {
	Name     string `json:"name"`
	Points   int    `json:"points"`
	Pictures Figure `json:"pictures"`
	Sounds   Figure `json:"sounds"`
}

// Node is what one node of a local run has used.
type Node struct {
	Name   string  `json:"name"`
	Points int     `json:"points"`
	CPU    float64 `json:"cpu"`    // mean, in cores
	Memory float64 `json:"memory"` // largest, MB
}

// Line is what crossed the line above a node, as the sending nodes count it.
type Line struct {
	Node string `json:"node"` // its code
	Name string `json:"name"`
	Up   Way    `json:"up"`
	Down Way    `json:"down"`
}

// Way is one direction of a line.
type Way struct {
	Bytes            uint64  `json:"bytes"`   // UDP payload of all media
	Packets          uint64  `json:"packets"` // RTP, repairs included
	Streams          uint64  `json:"streams"` // begun over the run
	MostStreams      int     `json:"mostStreams"`
	PacketsPerStream float64 `json:"packetsPerStream"`
	Twice            int     `json:"twice"` // most looks in a row, 2 s apart, at which an encoding crossed twice
	MbitPerS         float64 `json:"mbitPerS"`
	Latency          float64 `json:"latency"` // ms, the median of the fastest path over it; 0 if nothing came
}

// MB is Bytes in millions.
func (w Way) MB() float64 { return float64(w.Bytes) / 1e6 }

// The names of figures.
const (
	JoinToPicture   = "join-to-picture"
	GrantToInvited  = "grant-to-invited"
	OKToAudible     = "ok-to-audible"
	RevokeToSilent  = "revoke-to-silent"
	LayoutToPicture = "layout-to-picture"
	PictureLatency  = "picture-latency"
	SoundLatency    = "sound-latency"
	Recovery        = "recovery"
)

// Finding is something that must not be, with the first instance in words.
type Finding struct {
	What     string  `json:"what"`     // a word of findings.go
	Where    string  `json:"where"`    // the point, and the slot, where it was seen
	Count    int     `json:"count"`    // how often
	AtS      float64 `json:"atS"`      // seconds into the run, the first time
	Instance string  `json:"instance"` // the first one, in words
}

// Totals are counts over the run.
type Totals struct {
	Joined       int     `json:"joined"` // points with a picture at the end, and the first
	Turns        int     `json:"turns"`  // completed turns of the speech floor
	Layouts      int     `json:"layouts"`
	Pictures     uint64  `json:"pictures"`     // whole frames that arrived
	Replayed     uint64  `json:"replayed"`     // of them of the past, to begin with; no latency of theirs counts
	Sounds       uint64  `json:"sounds"`       // packets of sound that arrived
	Packets      uint64  `json:"packets"`      // RTP packets that arrived
	Bytes        uint64  `json:"bytes"`        // of their payload
	Missing      uint64  `json:"missing"`      // sequence numbers skipped
	WorstMissing uint64  `json:"worstMissing"` // of them in the worst slot
	WorstSlot    string  `json:"worstSlot,omitempty"`
	ForeignSound uint64  `json:"foreignSound"` // sound nobody of this run sent
	Keyframes    uint64  `json:"keyframes"`    // keyframes the server asked for
	Cheated      int     `json:"cheated"`      // packets sent without a right
	CheatsHeard  int     `json:"cheatsHeard"`  // of them that arrived: 0 is a pass
	Control      int     `json:"control"`      // the same packets that arrived while the gate was open: 0 proves nothing
	Restarts     int     `json:"restarts"`     // kills of the server
	Refusals     int     `json:"refusals"`     // commands the server refused unexpectedly
	MbitPerS     float64 `json:"mbitPerS"`     // received by all bots together, mean
}

// Machine says what the run cost, and whether the bots kept up.
type Machine struct {
	Cores        int     `json:"cores"`
	ServerCPU    float64 `json:"serverCpu"`    // mean, in cores
	ServerMemory float64 `json:"serverMemory"` // largest, MB
	BotsCPU      float64 `json:"botsCpu"`      // mean, in cores
	BotsMemory   float64 `json:"botsMemory"`   // largest, MB
	OthersCPU    float64 `json:"othersCpu"`    // mean, in cores: neither server nor bots
	LateP50      float64 `json:"lateP50"`      // how late the bots' process woke from 10 ms of sleep, ms
	LateP99      float64 `json:"lateP99"`
	Bottleneck   bool    `json:"bottleneck"` // the bots were it: times are not the server's
}

// Sample is one second of the run.
type Sample struct {
	AtS          float64            `json:"atS"`
	Joined       int                `json:"joined"`
	MbitPerS     float64            `json:"mbitPerS"` // received by all bots
	LatencyP50   float64            `json:"latencyP50"`
	LatencyP95   float64            `json:"latencyP95"`
	LatencyP99   float64            `json:"latencyP99"`
	Missing      uint64             `json:"missing"`   // in this second
	Keyframes    uint64             `json:"keyframes"` // asked for in this second
	ServerCPU    float64            `json:"serverCpu"` // cores
	ServerMemory float64            `json:"serverMemory"`
	BotsCPU      float64            `json:"botsCpu"`
	OthersCPU    float64            `json:"othersCpu"`
	LateP99      float64            `json:"lateP99"`
	Findings     int                `json:"findings"`        // so far
	Lines        map[string]float64 `json:"lines,omitempty"` // of a tree: what each line carries both ways, Mbit/s
	Tiers        map[string]float64 `json:"tiers,omitempty"` // of a tree: median latency on each level, one way
	Floor        string             `json:"floor,omitempty"`
}

// Write writes the JSON form.
func (r *Report) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// Read reads the JSON form of this or an earlier version.
func Read(r io.Reader) (*Report, error) {
	var rep Report
	if err := json.NewDecoder(r).Decode(&rep); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if rep.Schema < 1 || rep.Schema > Schema {
		return nil, fmt.Errorf("read report: schema %d is not one this program knows", rep.Schema)
	}
	return &rep, nil
}

// Figure finds a figure by name; nil if the run has none.
func (r *Report) Figure(name string) *Figure {
	for i := range r.Figures {
		if r.Figures[i].Name == name {
			return &r.Figures[i]
		}
	}
	return nil
}
