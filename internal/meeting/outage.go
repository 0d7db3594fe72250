package meeting

import (
	"slices"
	"time"
)

// maxOutages bounds the outages of the log that a meeting remembers; the older
// ones stay in the log.
const maxOutages = 50

// Outage is a time in which a meeting's log could not be written, and every
// microphone was closed.
type Outage struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	Why   OutageWhy `json:"why"`
}

// OutageWhy is what kept a meeting from its log.
type OutageWhy string

// The kinds of outage.
const (
	OutageJournal OutageWhy = "journal" // the store took nothing
	OutageCrash   OutageWhy = "crash"   // the meeting's machine broke and was folded anew
)

// JournalRestored is the first fact after an outage of the log. From the failure
// on every node was silent, whatever the log said; with this fact the log says so
// too: microphones, presentations and the relay source are switched off, grants
// are kept. So nothing opens by the recovery itself, only by an act after it.
type JournalRestored struct {
	Since time.Time `json:"since"`
	Why   OutageWhy `json:"why"`
}

func (JournalRestored) fact() string { return "journal.restored" }

func (f JournalRestored) fold(m *Meeting, e Event) error {
	if f.Why != OutageJournal && f.Why != OutageCrash || f.Since.IsZero() || !validTime(f.Since) {
		return errIllegal
	}
	for i := range m.s.Points {
		m.s.Points[i].closeMicrophone()
	}
	for i := range m.s.Requests {
		if r := &m.s.Requests[i]; r.Floor == FloorContent && r.State == Granted {
			r.SoundOff = true
		}
	}
	m.closeFeed(e, m.s.Feed.Point)
	m.s.Outages = append(m.s.Outages, Outage{From: canonical(f.Since), Until: e.At, Why: f.Why})
	m.s.Outages = slices.Delete(m.s.Outages, 0, max(0, len(m.s.Outages)-maxOutages))
	return nil
}

// Restored is the fact that ends an outage, nil before the meeting's creation
// and after its end.
func (m *Meeting) Restored(since time.Time, why OutageWhy) []Fact {
	if m.s.Seq == 0 || !m.s.EndedAt.IsZero() {
		return nil
	}
	return []Fact{JournalRestored{Since: canonical(since), Why: why}}
}

// Shut are the facts that switch a source of sound off, if the opening that began
// with a fact is still open: what a node closed ahead of the log is put on record.
func (m *Meeting) Shut(k SourceKey, since Seq) []Fact {
	tag, open := m.Plan().Open[k]
	switch {
	case !open || tag.Since > since:
		return nil
	case k.Kind == ContentSound:
		return []Fact{ContentSoundSet{Point: k.Point}}
	case m.s.Feed.Point == k.Point:
		return []Fact{FeedClosed{Point: k.Point}}
	case k.Kind == Microphone:
		return []Fact{SwitchedOff{Point: k.Point}}
	}
	return nil
}

// Closes reports whether a command can do nothing but take sound away. Such a
// command is owed when the log cannot take it: it has its effect at once, and is
// put on record as soon as that can be done.
func Closes(c Command) bool {
	switch c := c.(type) {
	case RevokeFloor, ReleaseFloor, CloseAll, SwitchOff, CloseFeed, Lose, LoseNode, LeavePoint, EndMeeting:
		return true
	case SetContentSound:
		return !c.On
	case SetMode:
		return c.Mode == ModeChairOnly
	}
	return false
}

func (m *Meeting) checkOutages() error {
	if len(m.s.Outages) > maxOutages {
		return errIllegal
	}
	for _, o := range m.s.Outages {
		if o.Why != OutageJournal && o.Why != OutageCrash {
			return errIllegal
		}
	}
	return nil
}
