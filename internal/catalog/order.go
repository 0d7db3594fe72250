package catalog

import (
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Order is what an operator says of a meeting that is to be held: five fields,
// and what differs from the ordinary.
type Order struct {
	Title      string
	HostUnit   string // empty: the system's owner
	System     string
	StartsAt   time.Time
	ChairPoint meeting.PointID // empty: the system's

	Below          bool              // the points of the systems below too (Art 5.4)
	Points         []meeting.PointID // the roster; empty is the whole system
	LobbyMinutes   int               // how long before StartsAt the lobby opens (Art 7.1)
	ReadmitByClick bool
	Reason         string // why points are borrowed without a consent: the operator's override (Art 4.2)
}

// Call turns an order into the meeting to create. Points of other systems need
// a consent that is recorded, or the order's reason; borrowed lists those that
// stand on the reason alone. A refusal is a *meeting.Error.
func (b *Book) Call(o Order) (c meeting.CreateMeeting, borrowed []meeting.PointID, err error) {
	s := b.System(o.System)
	if s == nil {
		return c, nil, refuse(CodeSystemUnknown, "system", o.System)
	}
	if o.StartsAt.IsZero() {
		return c, nil, wrong("startsAt")
	}
	if !isLine(o.Reason) {
		return c, nil, wrong("reason")
	}
	roster, err := b.called(o)
	if err != nil {
		return c, nil, err
	}
	borrowed = b.without(o, roster)
	if len(borrowed) > 0 && o.Reason == "" {
		return c, nil, refuse(CodeConsentMissing, "points", len(borrowed), "point", b.Point(borrowed[0]).Name, "id", string(borrowed[0]))
	}
	c = meeting.CreateMeeting{
		Title: o.Title, HostUnit: o.HostUnit, System: s.ID, ChairPoint: o.ChairPoint, StartsAt: o.StartsAt,
		Points: numbered(roster), LobbyMinutes: o.LobbyMinutes, ReadmitByClick: o.ReadmitByClick,
	}
	if c.HostUnit == "" {
		c.HostUnit = s.Owner
	}
	if c.ChairPoint == "" {
		c.ChairPoint = s.ChairPoint
	}
	return c, borrowed, nil
}

// called is the roster of an order.
func (b *Book) called(o Order) ([]Point, error) {
	if len(o.Points) == 0 {
		return b.Roster(o.System, o.Below), nil
	}
	roster := make([]Point, 0, len(o.Points))
	for i, id := range o.Points {
		p := b.Point(id)
		if p == nil || slices.Contains(o.Points[:i], id) {
			return nil, refuse(meeting.CodePointUnknown, "point", string(id))
		}
		roster = append(roster, *p)
	}
	return roster, nil
}

// without lists the points of a roster that belong to another system and for
// which no consent is recorded. In a meeting of several tiers the systems
// below are called by order, not borrowed (Art 5.4).
func (b *Book) without(o Order, roster []Point) []meeting.PointID {
	own := b.Roster(o.System, o.Below)
	var borrowed []meeting.PointID
	for _, p := range roster {
		if find(own, func(q *Point) bool { return q.ID == p.ID }) == nil && !b.Consented(p.ID, o.System) {
			borrowed = append(borrowed, p.ID)
		}
	}
	return borrowed
}

// Consented reports whether the newest consent for lending a point to a
// system, not to one meeting, is a yes.
func (b *Book) Consented(p meeting.PointID, system string) bool {
	for _, c := range slices.Backward(b.Consents) {
		if c.Point == p && c.System == system && c.Meeting == "" {
			return c.Decision == Granted
		}
	}
	return false
}

// numbered are the points as a meeting has them. A number that is taken is
// replaced by the next free one above all others: people type it.
func numbered(roster []Point) []meeting.Point {
	top := 0
	for _, p := range roster {
		top = max(top, p.Number)
	}
	taken := map[int]bool{}
	points := make([]meeting.Point, len(roster))
	for i, p := range roster {
		points[i] = p.Point
		points[i].Feed = p.Kind == KindRelay
		if taken[p.Number] {
			top++
			points[i].Number = top
		}
		taken[points[i].Number] = true
	}
	return points
}

// CalledByOrder reports whether a roster reaches into the systems below, and
// no further.
func (b *Book) CalledByOrder(system string, roster []meeting.PointID) bool {
	own, below := Named(b.Roster(system, false)), Named(b.Roster(system, true))
	reaches := false
	for _, p := range roster {
		if !slices.Contains(below, p) {
			return false
		}
		reaches = reaches || !slices.Contains(own, p)
	}
	return reaches
}
