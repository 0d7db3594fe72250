package report

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// ErrEmpty is a log without events.
var ErrEmpty = errors.New("report: the log has no events")

// Log is one journal of a meeting: its own, or that of an island of it.
type Log struct {
	ID     meeting.ID
	Events iter.Seq2[meeting.Event, error]
}

// Fold reads the logs of one meeting into its minutes, its own log first. Those
// of islands add what happened there; a point that was in both was present in
// either.
func Fold(logs ...Log) (*Minutes, error) {
	var minutes *Minutes
	for _, l := range logs {
		f, err := foldLog(l)
		if err != nil {
			return nil, fmt.Errorf("report of %q: %w", l.ID, err)
		}
		if minutes == nil {
			minutes = f
			continue
		}
		minutes.merge(f)
	}
	if minutes == nil {
		return nil, ErrEmpty
	}
	minutes.finish()
	return minutes, nil
}

// Shelf is where logs stand.
type Shelf interface {
	Read(ctx context.Context, id meeting.ID, after meeting.Seq) iter.Seq2[meeting.Event, error]
	Meetings(ctx context.Context) ([]meeting.ID, error)
}

// Read folds a meeting's log and those of its islands, whose ids begin with the
// meeting's and a tilde.
func Read(ctx context.Context, from Shelf, id meeting.ID) (*Minutes, error) {
	ids, err := from.Meetings(ctx)
	if err != nil {
		return nil, fmt.Errorf("report of %q: %w", id, err)
	}
	logs := []Log{{ID: id, Events: from.Read(ctx, id, 0)}}
	for _, each := range ids {
		if strings.HasPrefix(string(each), string(id)+"~") {
			logs = append(logs, Log{ID: each, Events: from.Read(ctx, each, 0)})
		}
	}
	return Fold(logs...)
}

// folder is the fold of one log.
type folder struct {
	out     *Minutes
	machine *meeting.Meeting
	at      time.Time
	here    map[meeting.PointID]*presence
	asked   map[meeting.PointID]meeting.FloorRequested
	turns   map[meeting.PointID]*Speech
}

// presence is where a point stands while a log is read.
type presence struct {
	row       *Attendance
	since     time.Time // present since; zero while it is not
	lost      bool      // within the absence window
	simulated bool
	why       meeting.LostWhy
	openAt    time.Time // the microphone open since; zero while it is not
}

func foldLog(l Log) (*Minutes, error) {
	f := &folder{
		out: &Minutes{Meeting: l.ID, Logs: []meeting.ID{l.ID}}, machine: meeting.New(l.ID),
		here:  map[meeting.PointID]*presence{},
		asked: map[meeting.PointID]meeting.FloorRequested{},
		turns: map[meeting.PointID]*Speech{},
	}
	for e, err := range l.Events {
		if err != nil {
			return nil, err
		}
		if err := f.machine.Apply(e); err != nil {
			return nil, err
		}
		if e.Seq == 1 {
			f.begin()
		}
		f.at = e.At
		f.read(e)
	}
	if f.machine.Seq() == 0 {
		return nil, ErrEmpty
	}
	f.end()
	return f.out, nil
}

// begin takes the roster the log begins with.
func (f *folder) begin() {
	state := f.machine.Snapshot()
	f.out.Attendance = make([]Attendance, len(state.Points))
	for i, p := range state.Points {
		row := &f.out.Attendance[i]
		row.Point = p.Point
		f.here[p.ID] = &presence{row: row, simulated: p.Simulated}
	}
}

// read takes what one event means for the minutes.
func (f *folder) read(e meeting.Event) {
	switch fact := e.Fact.(type) {
	case meeting.PointConnected:
		f.came(e, fact)
	case meeting.PointLost:
		f.lost(e, fact.Point, fact.Why)
	case meeting.PointTakenOver:
		f.lost(e, fact.Point, meeting.LostReload)
	case meeting.PointFreed:
		f.freed(e, fact.Point)
	case meeting.PointLeft:
		f.gone(e.At, fact.Point)
		f.here[fact.Point].row.LeftEarly = !fact.Released
	case meeting.PointFinished:
		f.here[fact.Point].row.Finished = e.At
	case meeting.IncidentDescribed:
		f.described(fact)
	case meeting.RollCallStarted, meeting.PointMarked, meeting.RollCallFinished:
		f.called(e)
	default:
		f.floor(e)
	}
	f.act(e)
}

func (f *folder) came(e meeting.Event, fact meeting.PointConnected) {
	p := f.here[fact.Point]
	if !fact.Resumed && !p.lost {
		p.row.Joins++
	}
	if p.row.FirstAt.IsZero() {
		p.row.FirstAt = e.At
	}
	p.row.LeftEarly = false
	p.since, p.lost, p.simulated = e.At, false, fact.Simulated
	for i := range f.out.Incidents {
		if it := &f.out.Incidents[i]; it.Point == fact.Point && it.ClosedAt.IsZero() {
			it.ClosedAt = e.At
		}
	}
}

func (f *folder) lost(e meeting.Event, id meeting.PointID, why meeting.LostWhy) {
	p := f.here[id]
	if !p.lost {
		p.row.Losses++
	}
	f.gone(e.At, id)
	p.lost, p.why = true, why
}

// freed ends the absence window: from the loss on the point has an incident.
func (f *folder) freed(e meeting.Event, id meeting.PointID) {
	p := f.here[id]
	p.lost = false
	if p.simulated {
		return
	}
	f.out.Incidents = append(f.out.Incidents, Incident{Name: p.row.Point.Name, Incident: meeting.Incident{
		ID: e.Seq, Point: id, Why: p.why, OpenedAt: p.row.LastAt,
	}})
}

func (f *folder) described(fact meeting.IncidentDescribed) {
	for i := range f.out.Incidents {
		if it := &f.out.Incidents[i]; it.ID == fact.Incident {
			it.Cause, it.Remedy, it.ExpectedAt = fact.Cause, fact.Remedy, fact.ExpectedAt
		}
	}
}

// gone ends a stay.
func (f *folder) gone(at time.Time, id meeting.PointID) {
	p := f.here[id]
	f.shut(at, id)
	p.lost = false
	if p.since.IsZero() {
		return
	}
	p.row.Stays = append(p.row.Stays, Span{From: p.since, To: at})
	p.row.LastAt, p.since = at, time.Time{}
}

func (f *folder) called(e meeting.Event) {
	if fact, ok := e.Fact.(meeting.RollCallStarted); ok {
		r := RollCall{StartedAt: e.At}
		for _, p := range fact.Present {
			r.Marks = append(r.Marks, meeting.Mark{Point: p, State: meeting.MarkPresent, At: e.At})
		}
		f.out.RollCalls = append(f.out.RollCalls, r)
		return
	}
	r := &f.out.RollCalls[len(f.out.RollCalls)-1]
	switch fact := e.Fact.(type) {
	case meeting.PointMarked:
		mark := meeting.Mark{Point: fact.Point, State: fact.State, Remark: fact.Remark, At: e.At}
		if i := slices.IndexFunc(r.Marks, func(k meeting.Mark) bool { return k.Point == fact.Point }); i >= 0 {
			r.Marks[i] = mark
		} else {
			r.Marks = append(r.Marks, mark)
		}
	case meeting.RollCallFinished:
		r.FinishedAt = e.At
	}
}

// end counts what still runs to the last event, and takes what the state knows.
func (f *folder) end() {
	for id := range f.here {
		f.gone(f.at, id)
	}
	for id := range f.turns {
		f.closeTurn(f.at, id, "")
	}
	s := f.machine.Snapshot()
	f.out.Title, f.out.HostUnit, f.out.System, f.out.ChairPoint = s.Title, s.HostUnit, s.System, s.ChairPoint
	f.out.StartsAt, f.out.DueAt, f.out.StartedAt, f.out.EndedAt = s.StartsAt, s.DueAt(), s.StartedAt, s.EndedAt
	f.out.Until = f.at
}
