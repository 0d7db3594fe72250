package meeting

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxIslands bounds the islands a state remembers; the log keeps all.
const maxIslands = 100

// Island is what a part of the tree did while its link was lost (Họp tiếp), as
// reported when it came back: a meeting of its own, with its own log.
type Island struct {
	ID     ID        `json:"id"`
	Node   NodePath  `json:"node"` // that led it
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Facts  Seq       `json:"facts"`  // in its log
	Digest string    `json:"digest"` // SHA-256 of its log, in hex
}

// The acts of an island.
type (
	// Fork begins a meeting in a part of the tree whose link is lost, from the
	// state of the one it was in. Points above the node stay behind; nobody
	// holds a floor. It is the first command of the new meeting.
	Fork struct {
		Of   Snapshot `json:"of"`
		Node NodePath `json:"node"`
	}
	// Rejoin ends an island: the link is back.
	Rejoin struct{}
	// ReportIsland tells the meeting above what the island was.
	ReportIsland struct {
		Island Island `json:"island"`
	}
)

func (Fork) command() string         { return "island.fork" }
func (Rejoin) command() string       { return "island.rejoin" }
func (ReportIsland) command() string { return "island.report" }

// Facts of islands.
type (
	// Forked is the first fact of an island's log. Chair is its chair point
	// while the meeting's own is beyond the lost link.
	Forked struct {
		From     ID        `json:"from"`
		Seq      Seq       `json:"seq"` // the last fact of the other log that was known
		Node     NodePath  `json:"node"`
		Title    string    `json:"title"`
		HostUnit string    `json:"hostUnit"`
		System   string    `json:"system"`
		Chair    PointID   `json:"chair"`
		StartsAt time.Time `json:"startsAt,omitzero"`
		Points   []Point   `json:"points"`
	}
	// IslandReported puts an island on record in the log it was forked from.
	IslandReported struct {
		Island Island `json:"island"`
	}
)

func (Forked) fact() string         { return "meeting.forked" }
func (IslandReported) fact() string { return "island.reported" }

// IslandID names the n-th island, from 1, of a meeting at a node.
func IslandID(of ID, n NodePath, count int) ID {
	code := string(n)[strings.LastIndexByte(string(n), '/')+1:]
	return ID(string(of) + "~" + code + "~" + strconv.Itoa(count))
}

// fork judges the first command of an island.
func (m *Meeting) fork(c Fork) ([]Fact, error) {
	if m.s.Seq != 0 {
		return nil, refuse(CodeMeetingExists)
	}
	f := Forked{
		From: c.Of.ID, Seq: c.Of.Seq, Node: c.Node,
		Title: c.Of.Title, HostUnit: c.Of.HostUnit, System: c.Of.System, StartsAt: canonical(c.Of.StartsAt),
	}
	for _, p := range c.Of.Points {
		if p.Node.Within(c.Node) {
			f.Points = append(f.Points, p.Point)
		}
	}
	f.Chair = c.Of.ChairPoint
	if !slices.ContainsFunc(f.Points, func(p Point) bool { return p.ID == f.Chair }) {
		f.Chair = foremost(f.Points, c.Node)
	}
	return []Fact{f}, f.check()
}

// foremost is the point that takes the chair's place: of the node's own points,
// else of all, the one with the smallest number.
func foremost(points []Point, n NodePath) PointID {
	var first Point
	for _, p := range points {
		if p.Feed {
			continue
		}
		own, better := p.Node == n, first.Node == n
		if first.ID == "" || own && !better || own == better && p.Number < first.Number {
			first = p
		}
	}
	return first.ID
}

func (f Forked) created() MeetingCreated {
	return MeetingCreated{
		Title: f.Title, HostUnit: f.HostUnit, System: f.System, ChairPoint: f.Chair,
		StartsAt: f.StartsAt, Points: f.Points, Home: f.Node,
	}
}

func (f Forked) check() error {
	if f.From == "" || len(f.From) > maxPath || f.Seq == 0 || f.Node == "" {
		return refuse(CodeMeetingInvalid, "field", "from")
	}
	return f.created().check()
}

func (f Forked) fold(m *Meeting, _ Event) error {
	if err := f.check(); err != nil {
		return err
	}
	m.s.ForkOf = f.From
	return m.applyCreated(f.created())
}

func (Rejoin) decide(m *Meeting, _ moment) ([]Fact, error) {
	if m.s.ForkOf == "" {
		return nil, refuse(CodeMeetingUnknown)
	}
	return append(ends(m.s.Requests, WhyEnded), MeetingEnded{Why: WhyRejoined}), nil
}

func (c ReportIsland) decide(m *Meeting, at moment) ([]Fact, error) {
	island := c.Island
	if !island.Node.below(m.s.Home) || at.by.Node != "" && !island.Node.Within(at.by.Node) || !m.placed(island.Node) {
		return nil, refuse(CodeValueInvalid, "field", "node")
	}
	island.From, island.To = canonical(island.From), canonical(island.To)
	if !island.valid() {
		return nil, refuse(CodeValueInvalid, "field", "island")
	}
	if slices.ContainsFunc(m.s.Islands, func(i Island) bool { return i.ID == island.ID }) {
		return nil, nil
	}
	return []Fact{IslandReported{Island: island}}, nil
}

func (i Island) valid() bool {
	return i.ID != "" && len(i.ID) <= maxPath && validTitle(string(i.ID)) && i.Node != "" && i.Node.valid() && i.Facts > 0 &&
		validTime(i.From) && validTime(i.To) && len(i.Digest) == 64 && validToken(i.Digest)
}

func (f IslandReported) fold(m *Meeting, _ Event) error {
	if !f.Island.valid() || !f.Island.Node.below(m.s.Home) {
		return errIllegal
	}
	if len(m.s.Islands) >= maxIslands {
		m.s.Islands = slices.Delete(m.s.Islands, 0, 1)
	}
	m.s.Islands = append(m.s.Islands, f.Island)
	return nil
}
