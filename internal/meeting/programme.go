package meeting

import "slices"

// Bounds of the programme.
const (
	MaxProgramme = 300 // entries of the speaking order
	maxMinutes   = 180 // of one turn
	maxEntryID   = 1 << 30
)

// EntryState is how far an entry of the programme has come.
type EntryState string

// The states of an entry. A lost speaker's entry waits again.
const (
	EntryWaiting  EntryState = "waiting"
	EntrySpeaking EntryState = "speaking" // its point was granted the floor for it
	EntryDone     EntryState = "done"
	EntrySkipped  EntryState = "skipped" // its point was not present at its turn
)

// Entry is one turn of the programme (Thứ tự phát biểu). A point may have several.
type Entry struct {
	ID       int     `json:"id,omitempty"` // given by the machine, kept over changes of the programme; 0 for a new entry
	Point    PointID `json:"point"`
	Delegate string  `json:"delegate,omitempty" max:"800"` // one line of 200 runes
	Subject  string  `json:"subject,omitempty" max:"800"`  // likewise
	Minutes  int     `json:"minutes,omitempty"`            // 0: the meeting's own limit
}

// ProgrammeEntry is an entry and how far it has come.
type ProgrammeEntry struct {
	Entry
	State EntryState `json:"state"`
}

// Commands on the programme.
type (
	// SetProgramme replaces the speaking order. An entry with its id and point
	// kept keeps its state, so that the order can change while the meeting runs.
	SetProgramme struct {
		Entries []Entry `json:"entries" most:"300"`
	}
	// InviteNext invites the first waiting entry's point. Absent points before
	// it are skipped.
	InviteNext struct{}
	// MarkEntry sets an entry that is not speaking to waiting, done or skipped.
	MarkEntry struct {
		Entry int        `json:"entry"`
		State EntryState `json:"state"`
	}
)

func (SetProgramme) command() string { return "programme.set" }
func (InviteNext) command() string   { return "programme.next" }
func (MarkEntry) command() string    { return "programme.mark" }

// Facts of the programme. A grant and its end move an entry by themselves.
type (
	// ProgrammeSet replaces the speaking order; every entry has its id.
	ProgrammeSet struct {
		Entries []Entry `json:"entries"`
	}
	// EntryMarked sets an entry that is not speaking to waiting, done or skipped.
	EntryMarked struct {
		Entry int        `json:"entry"`
		State EntryState `json:"state"`
	}
)

func (ProgrammeSet) fact() string { return "programme.set" }
func (EntryMarked) fact() string  { return "programme.marked" }

func (c SetProgramme) decide(m *Meeting, _ moment) ([]Fact, error) {
	entries := slices.Clone(c.Entries)
	next := m.s.LastEntry
	for i := range entries {
		if e := &entries[i]; e.ID == 0 {
			next++
			e.ID = next
		} else if m.entry(e.ID) == nil {
			return nil, refuse(CodeValueInvalid, "field", "id", "row", i+1)
		}
	}
	f := ProgrammeSet{Entries: entries}
	if err := f.check(m.knows); err != nil {
		return nil, err
	}
	for _, e := range entries {
		if err := byOrder(m.point(e.Point), FloorSpeech); err != nil {
			return nil, err
		}
	}
	if slices.EqualFunc(entries, m.s.Programme, func(e Entry, p ProgrammeEntry) bool { return e == p.Entry }) {
		return nil, nil
	}
	return []Fact{f}, nil
}

func (f ProgrammeSet) check(known func(PointID) bool) error {
	if len(f.Entries) > MaxProgramme {
		return refuse(CodeValueInvalid, "field", "entries", "max", MaxProgramme)
	}
	ids := make(map[int]bool, len(f.Entries))
	for i, e := range f.Entries {
		invalid := func(field string) error { return refuse(CodeValueInvalid, "field", field, "row", i+1) }
		switch {
		case e.ID < 1 || e.ID > maxEntryID || ids[e.ID]:
			return invalid("id")
		case !known(e.Point):
			return unknownPoint(e.Point)
		case !validTitle(e.Delegate):
			return invalid("delegate")
		case !validTitle(e.Subject):
			return invalid("subject")
		case e.Minutes < 0 || e.Minutes > maxMinutes:
			return invalid("minutes")
		}
		ids[e.ID] = true
	}
	return nil
}

func (InviteNext) decide(m *Meeting, _ moment) ([]Fact, error) {
	var facts []Fact
	for _, e := range m.s.Programme {
		p := m.point(e.Point)
		switch {
		case e.State != EntryWaiting:
			continue
		case p.Presence != Present:
			facts = append(facts, EntryMarked{Entry: e.ID, State: EntrySkipped})
			continue
		case m.isChair(p.ID) && m.speaks(p.ID): // speaks when it likes
			return append(facts, EntryMarked{Entry: e.ID, State: EntryDone}), nil
		}
		granted, err := m.grant(invitation{p: p, floor: FloorSpeech, again: true})
		if err != nil {
			return nil, err
		}
		return append(facts, granted...), nil
	}
	return nil, refuse(CodeProgrammeEmpty)
}

func (c MarkEntry) decide(m *Meeting, _ moment) ([]Fact, error) {
	f := EntryMarked(c)
	e := m.entry(c.Entry)
	switch {
	case e == nil:
		return nil, refuse(CodeValueInvalid, "field", "entry")
	case e.State == c.State:
		return nil, nil
	case !f.follows(m):
		return nil, refuse(CodeValueInvalid, "field", "state")
	}
	return []Fact{f}, nil
}

// follows reports whether the mark can be made.
func (f EntryMarked) follows(m *Meeting) bool {
	e := m.entry(f.Entry)
	return e != nil && e.State != EntrySpeaking &&
		(f.State == EntryWaiting || f.State == EntryDone || f.State == EntrySkipped)
}

// entry is the programme's entry of that id, nil if there is none.
func (m *Meeting) entry(id int) *ProgrammeEntry {
	for i := range m.s.Programme {
		if e := &m.s.Programme[i]; e.ID == id {
			return e
		}
	}
	return nil
}

// turn is the point's first entry in a state, nil if it has none.
func (m *Meeting) turn(p PointID, state EntryState) *ProgrammeEntry {
	for i := range m.s.Programme {
		if e := &m.s.Programme[i]; e.Point == p && e.State == state {
			return e
		}
	}
	return nil
}

// takeTurn lets the point's first waiting entry speak.
func (m *Meeting) takeTurn(p PointID) {
	if e := m.turn(p, EntryWaiting); e != nil {
		e.State = EntrySpeaking
	}
}

// endTurn ends the point's speaking entry. A speaker who was lost waits for
// another turn.
func (m *Meeting) endTurn(p PointID, why Why) {
	e := m.turn(p, EntrySpeaking)
	switch {
	case e == nil:
	case why == WhyLost || why == WhyTakeover:
		e.State = EntryWaiting
	default:
		e.State = EntryDone
	}
}

func (f ProgrammeSet) fold(m *Meeting, _ Event) error {
	if err := f.check(m.knows); err != nil {
		return err
	}
	programme := slices.Grow([]ProgrammeEntry(nil), len(f.Entries))
	for _, e := range f.Entries {
		state := EntryWaiting
		if old := m.entry(e.ID); old != nil && old.Point == e.Point {
			state = old.State
		}
		programme = append(programme, ProgrammeEntry{Entry: e, State: state})
		m.s.LastEntry = max(m.s.LastEntry, e.ID)
	}
	m.s.Programme = programme
	return nil
}

func (f EntryMarked) fold(m *Meeting, _ Event) error {
	if !f.follows(m) {
		return errIllegal
	}
	m.entry(f.Entry).State = f.State
	return nil
}

// checkProgramme reports why the programme cannot be one that a log leads to:
// whoever speaks for an entry holds the floor, for one entry.
func (m *Meeting) checkProgramme() error {
	entries := make([]Entry, len(m.s.Programme))
	for i, e := range m.s.Programme {
		entries[i] = e.Entry
		speaking := m.turn(e.Point, EntrySpeaking)
		switch e.State {
		case EntryWaiting, EntryDone, EntrySkipped:
		case EntrySpeaking:
			if speaking.ID != e.ID || !m.speaks(e.Point) {
				return errIllegal
			}
		default:
			return errIllegal
		}
		if e.ID > m.s.LastEntry {
			return errIllegal
		}
	}
	return ProgrammeSet{Entries: entries}.check(m.knows)
}
