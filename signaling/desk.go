package signaling

import (
	"maps"
	"slices"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// encodeCommon encodes the sections that are the same for all who have them.
func (b *board) encodeCommon() {
	b.common[sectionMeeting] = b.meeting
	b.common[sectionFloor] = b.floor
	b.common[sectionLayouts] = mustJSON(b.layoutViews())
	b.common[sectionBanners] = mustJSON(b.bannerViews(func(meeting.Audience) bool { return true }))
	b.common[sectionMessages] = mustJSON(b.allMessages())
	b.common[sectionIncidents] = mustJSON(b.incidentViews(""))
	b.common[sectionProgramme] = mustJSON(b.programmeView())
	if !b.state.RollCall.StartedAt.IsZero() {
		b.common[sectionRollCall] = mustJSON(b.rollCallView())
	}
	b.common[sectionRotation] = mustJSON(b.rotationView())
	b.common[sectionSaved] = mustJSON(b.savedViews())
	b.common[sectionUndo] = mustJSON(b.undoable())
}

func (b *board) layoutViews() map[meeting.Audience]wire.LayoutView {
	views := make(map[meeting.Audience]wire.LayoutView, len(b.state.Layouts))
	for audience, layout := range b.state.Layouts {
		views[audience] = wire.LayoutView{Layout: layout, Seq: b.state.LayoutSeqs[audience]}
	}
	return views
}

// undoable are the audiences whose last take layout.undo would undo, in order.
func (b *board) undoable() []meeting.Audience {
	list := []meeting.Audience{}
	for _, a := range slices.Sorted(maps.Keys(b.state.Before)) {
		if b.state.CanUndo(a) {
			list = append(list, a)
		}
	}
	return list
}

func (b *board) savedViews() []wire.SavedView {
	list := make([]wire.SavedView, len(b.state.Saved))
	for i, s := range b.state.Saved {
		list[i] = wire.SavedView(s)
	}
	return list
}

func (b *board) rotationView() wire.RotationView {
	r := b.state.Rotation
	view := wire.RotationView{Points: r.Points, Seconds: r.Seconds, Paused: r.Paused, SinceMs: millis(r.Since)}
	if view.Points == nil {
		view.Points = []meeting.PointID{}
	}
	if r.At < len(r.Points) {
		view.Current = r.Points[r.At]
	}
	return view
}

// bannerViews lists the banners of the audiences that belong.
func (b *board) bannerViews(belongs func(meeting.Audience) bool) []wire.BannerView {
	list := []wire.BannerView{}
	for _, each := range b.state.Banners {
		if belongs(each.Audience) {
			list = append(list, wire.BannerView{Audience: each.Audience, Text: each.Text, UntilMs: millis(each.Until)})
		}
	}
	return list
}

// incidentViews lists the incidents of a point, of all if it is "", the newest
// first.
func (b *board) incidentViews(of meeting.PointID) []wire.IncidentView {
	list := []wire.IncidentView{}
	for _, i := range slices.Backward(b.state.Incidents) {
		p := b.points[i.Point]
		if p == nil || of != "" && i.Point != of {
			continue
		}
		list = append(list, wire.IncidentView{
			ID: i.ID, Point: i.Point, Name: p.Name, Parent: p.Parent, Why: i.Why,
			OpenedAtMs: millis(i.OpenedAt), ClosedAtMs: millis(i.ClosedAt),
			Cause: i.Cause, Remedy: i.Remedy, ExpectedAtMs: millis(i.ExpectedAt),
		})
	}
	return list
}

func (b *board) programmeView() wire.ProgrammeView {
	view := wire.ProgrammeView{Entries: make([]wire.EntryView, len(b.state.Programme))}
	for i, e := range b.state.Programme {
		view.Entries[i] = wire.EntryView{
			ID: e.ID, Point: e.Point, Delegate: e.Delegate, Subject: e.Subject, Minutes: e.Minutes, State: e.State,
		}
	}
	if next := b.state.NextEntry(); next != nil {
		view.Next = next.ID
	}
	return view
}

func (b *board) rollCallView() wire.RollCallView {
	r := b.state.RollCall
	view := wire.RollCallView{
		StartedAtMs: millis(r.StartedAt), FinishedAtMs: millis(r.FinishedAt),
		Paused: r.Paused, Current: r.Current, Marks: make([]wire.MarkView, len(r.Marks)),
	}
	if next := b.state.NextToCall(); next != nil && r.Running() {
		view.Next = next.ID
	}
	for i, k := range r.Marks {
		view.Marks[i] = wire.MarkView{Point: k.Point, State: k.State, Remark: k.Remark, AtMs: millis(k.At)}
	}
	return view
}

// allMessages is what controllers see of the messages.
func (b *board) allMessages() wire.MessagesView {
	view := b.messages(func(meeting.Message) bool { return true })
	view.UpTo = b.state.ReadUpTo
	view.Points = map[meeting.PointID]meeting.Seq{}
	for id, p := range b.points {
		if p.ReadUpTo > 0 {
			view.Points[id] = p.ReadUpTo
		}
	}
	return view
}

// messagesOf is what a point sees of the messages.
func (b *board) messagesOf(p *meeting.PointState) wire.MessagesView {
	view := b.messages(func(m meeting.Message) bool { return m.Reaches(p.ID) })
	view.UpTo, view.Desk = p.ReadUpTo, b.state.ReadUpTo
	return view
}

func (b *board) messages(seen func(meeting.Message) bool) wire.MessagesView {
	view := wire.MessagesView{List: []wire.MessageView{}}
	for _, m := range b.state.Messages {
		if seen(m) {
			view.List = append(view.List, wire.MessageView{
				ID: m.ID, AtMs: millis(m.At), From: m.From, Name: m.Name, To: m.To, Text: m.Text,
			})
		}
	}
	return view
}
