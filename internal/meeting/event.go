package meeting

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Seq numbers the events of one meeting from 1 without a gap.
type Seq uint64

// Event is one fact of a meeting's log: what happened, when, by whom, why.
type Event struct {
	Seq   Seq
	At    time.Time
	By    Actor
	Cause Cause
	Fact  Fact
}

// eventForm is an Event in JSON. V is the version of the fact's form in D.
type eventForm struct {
	Seq   Seq             `json:"seq"`
	At    time.Time       `json:"at"`
	By    Actor           `json:"by"`
	Cause Cause           `json:"cause,omitzero"`
	Fact  string          `json:"fact"`
	V     int             `json:"v"`
	D     json.RawMessage `json:"d"`
}

// upcast turns the data of one version of a fact into the next version's.
type upcast func(json.RawMessage) (json.RawMessage, error)

// factForm is how a fact is read. upcasts[i] leads from version i+1 to i+2.
type factForm struct {
	upcasts []upcast
	decode  func(json.RawMessage) (Fact, error)
}

func (f factForm) version() int { return len(f.upcasts) + 1 }

// read decodes the data of any version up to the current one.
func (f factForm) read(version int, d json.RawMessage) (Fact, error) {
	if version < 1 || version > f.version() {
		return nil, fmt.Errorf("version %d: want 1 to %d", version, f.version())
	}
	for _, up := range f.upcasts[version-1:] {
		var err error
		if d, err = up(d); err != nil {
			return nil, err
		}
	}
	return f.decode(d)
}

func formOf[F Fact](upcasts ...upcast) factForm {
	return factForm{upcasts: upcasts, decode: func(d json.RawMessage) (Fact, error) {
		var f F
		err := decodeStrict(d, &f)
		return f, err
	}}
}

// added leads to a version that only adds optional fields.
func added(d json.RawMessage) (json.RawMessage, error) { return d, nil }

// factForms is every fact a log can hold.
var factForms = map[string]factForm{
	MeetingCreated{}.fact():    formOf[MeetingCreated](added, added, added),
	MeetingEnded{}.fact():      formOf[MeetingEnded](added),
	PointConnected{}.fact():    formOf[PointConnected](added),
	PointLost{}.fact():         formOf[PointLost](),
	PointFreed{}.fact():        formOf[PointFreed](),
	TakeoverAsked{}.fact():     formOf[TakeoverAsked](),
	PointTakenOver{}.fact():    formOf[PointTakenOver](),
	FloorRequested{}.fact():    formOf[FloorRequested](added),
	FloorCancelled{}.fact():    formOf[FloorCancelled](),
	FloorDenied{}.fact():       formOf[FloorDenied](),
	FloorGranted{}.fact():      formOf[FloorGranted](added, added),
	FloorRevoked{}.fact():      formOf[FloorRevoked](),
	FloorReleased{}.fact():     formOf[FloorReleased](),
	FloorAnnotated{}.fact():    formOf[FloorAnnotated](),
	FloorMoved{}.fact():        formOf[FloorMoved](),
	FloorAccepted{}.fact():     formOf[FloorAccepted](),
	FloorDeferred{}.fact():     formOf[FloorDeferred](),
	TimeLimitSet{}.fact():      formOf[TimeLimitSet](),
	FloorExtended{}.fact():     formOf[FloorExtended](),
	ProgrammeSet{}.fact():      formOf[ProgrammeSet](),
	EntryMarked{}.fact():       formOf[EntryMarked](),
	ContentLocked{}.fact():     formOf[ContentLocked](),
	ContentSoundSet{}.fact():   formOf[ContentSoundSet](added),
	ControlTaken{}.fact():      formOf[ControlTaken](),
	LobbyOpened{}.fact():       formOf[LobbyOpened](),
	MeetingStarted{}.fact():    formOf[MeetingStarted](),
	ClosingBegun{}.fact():      formOf[ClosingBegun](),
	ChairMoved{}.fact():        formOf[ChairMoved](),
	MeetingRehomed{}.fact():    formOf[MeetingRehomed](),
	MeetingLocked{}.fact():     formOf[MeetingLocked](),
	MeetingReleased{}.fact():   formOf[MeetingReleased](),
	PointKnocked{}.fact():      formOf[PointKnocked](),
	PointReadmitted{}.fact():   formOf[PointReadmitted](),
	PointReleased{}.fact():     formOf[PointReleased](),
	PointLeft{}.fact():         formOf[PointLeft](),
	PointSummoned{}.fact():     formOf[PointSummoned](),
	PointFinished{}.fact():     formOf[PointFinished](),
	PointChecked{}.fact():      formOf[PointChecked](),
	LayoutSaved{}.fact():       formOf[LayoutSaved](),
	SavedDeleted{}.fact():      formOf[SavedDeleted](),
	RotationSet{}.fact():       formOf[RotationSet](),
	RotationPaused{}.fact():    formOf[RotationPaused](),
	RotationStepped{}.fact():   formOf[RotationStepped](),
	BannerSet{}.fact():         formOf[BannerSet](),
	BannerCleared{}.fact():     formOf[BannerCleared](),
	FeedOpened{}.fact():        formOf[FeedOpened](),
	FeedClosed{}.fact():        formOf[FeedClosed](),
	RollCallStarted{}.fact():   formOf[RollCallStarted](),
	PointCalled{}.fact():       formOf[PointCalled](),
	PointMarked{}.fact():       formOf[PointMarked](),
	RollCallPaused{}.fact():    formOf[RollCallPaused](),
	RollCallFinished{}.fact():  formOf[RollCallFinished](),
	IncidentDescribed{}.fact(): formOf[IncidentDescribed](),
	MessageSent{}.fact():       formOf[MessageSent](),
	MessagesRead{}.fact():      formOf[MessagesRead](),
	ModeSet{}.fact():           formOf[ModeSet](),
	SwitchedOn{}.fact():        formOf[SwitchedOn](added),
	SwitchedOff{}.fact():       formOf[SwitchedOff](),
	CameraSet{}.fact():         formOf[CameraSet](),
	LayoutSet{}.fact():         formOf[LayoutSet](),
	LayoutCleared{}.fact():     formOf[LayoutCleared](),
	LinkLost{}.fact():          formOf[LinkLost](),
	LinkRestored{}.fact():      formOf[LinkRestored](),
	RelayOrdered{}.fact():      formOf[RelayOrdered](),
	Forked{}.fact():            formOf[Forked](added),
	IslandReported{}.fact():    formOf[IslandReported](),
	JournalRestored{}.fact():   formOf[JournalRestored](),
}

// MarshalJSON writes the event with its fact's name and version.
func (e Event) MarshalJSON() ([]byte, error) {
	if e.Fact == nil {
		return nil, errors.New("meeting: event without a fact")
	}
	form, ok := factForms[e.Fact.fact()]
	if !ok {
		return nil, fmt.Errorf("meeting: fact %q has no form", e.Fact.fact())
	}
	d, err := json.Marshal(e.Fact)
	if err != nil {
		return nil, fmt.Errorf("meeting: encode fact %q: %w", e.Fact.fact(), err)
	}
	return json.Marshal(eventForm{
		Seq: e.Seq, At: canonical(e.At), By: e.By, Cause: e.Cause,
		Fact: e.Fact.fact(), V: form.version(), D: d,
	})
}

// UnmarshalJSON reads an event of any version. It refuses what it does not
// know: an unknown fact must not be folded as if nothing had happened.
func (e *Event) UnmarshalJSON(b []byte) error {
	var f eventForm
	if err := decodeStrict(b, &f); err != nil {
		return fmt.Errorf("meeting: decode event: %w", err)
	}
	form, ok := factForms[f.Fact]
	if !ok {
		return fmt.Errorf("meeting: decode event %d: unknown fact %q", f.Seq, f.Fact)
	}
	fact, err := form.read(f.V, f.D)
	if err != nil {
		return fmt.Errorf("meeting: decode event %d, fact %q: %w", f.Seq, f.Fact, err)
	}
	*e = Event{Seq: f.Seq, At: canonical(f.At), By: f.By, Cause: f.Cause, Fact: fact}
	return nil
}

// decodeStrict reads exactly one JSON value of v's shape, no unknown fields.
func decodeStrict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("data after the value")
	}
	return nil
}

// canonical drops what does not survive JSON, so that a fold of the journal
// equals the state that wrote it.
func canonical(t time.Time) time.Time { return t.Round(0).UTC() }
