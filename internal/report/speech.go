package report

import (
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// floor takes what happens on the speech floor.
func (f *folder) floor(e meeting.Event) {
	switch fact := e.Fact.(type) {
	case meeting.FloorRequested:
		if fact.Floor == meeting.FloorSpeech {
			f.asked[fact.Point] = fact
		}
	case meeting.FloorGranted:
		if fact.Floor == meeting.FloorSpeech && fact.Audience == "" {
			f.openTurn(e, fact)
		}
	case meeting.SwitchedOn:
		f.sounds(e.At, fact.Point)
	case meeting.SwitchedOff:
		f.shut(e.At, fact.Point)
	case meeting.JournalRestored: // nobody was heard since
		for id, p := range f.here {
			if at := fact.Since; at.Before(p.openAt) {
				f.shut(p.openAt, id)
			} else {
				f.shut(at, id)
			}
		}
	case meeting.FloorRevoked:
		if fact.Floor == meeting.FloorSpeech {
			f.closeTurn(e.At, fact.Point, fact.Why)
		}
	case meeting.FloorReleased:
		if fact.Floor == meeting.FloorSpeech {
			f.closeTurn(e.At, fact.Point, meeting.WhyOwn)
		}
	}
}

// openTurn begins a turn. Who speaks on what is the request's word, else the
// programme's.
func (f *folder) openTurn(e meeting.Event, fact meeting.FloorGranted) {
	s := &Speech{
		Point: fact.Point, Name: f.here[fact.Point].row.Point.Name, InvitedAt: e.At, Minutes: fact.Minutes,
		ByDirection: e.By.Role == meeting.RoleController,
		Delegate:    f.asked[fact.Point].Delegate, Subject: f.asked[fact.Point].Subject,
	}
	if entry, ok := f.machine.Speaking(fact.Point); ok && s.Delegate == "" && s.Subject == "" {
		s.Delegate, s.Subject = entry.Delegate, entry.Subject
	}
	f.turns[fact.Point] = s
}

// sounds notes that a speaker's microphone opened.
func (f *folder) sounds(at time.Time, id meeting.PointID) {
	s := f.turns[id]
	if s == nil {
		return // a technical check
	}
	if s.OpenedAt.IsZero() {
		s.OpenedAt = at
	}
	f.here[id].openAt = at
}

// shut notes that a microphone closed, if it was open.
func (f *folder) shut(at time.Time, id meeting.PointID) {
	p := f.here[id]
	if s := f.turns[id]; s != nil && !p.openAt.IsZero() {
		s.Spoke += at.Sub(p.openAt)
	}
	p.openAt = time.Time{}
}

func (f *folder) closeTurn(at time.Time, id meeting.PointID, why meeting.Why) {
	f.shut(at, id)
	if s := f.turns[id]; s != nil {
		s.EndedAt, s.Why = at, why
		f.out.Speeches = append(f.out.Speeches, *s)
		delete(f.turns, id)
	}
}
