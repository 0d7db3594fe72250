package meeting

import "time"

// A relay source (Nguồn chuyển tiếp) is a central feed, by a capture device or
// an encoder. Nobody presses OK there: its sound is opened by an order of the
// leaders, which is on record (Art 5.4.a), and it is never sent its own sound.

// Feed is the relay source whose sound is open. Its zero value is none.
type Feed struct {
	Point    PointID   `json:"point,omitempty"`
	Who      string    `json:"who,omitempty"`      // the leader who ordered it
	Document string    `json:"document,omitempty"` // number and date of the order
	OpenedAt time.Time `json:"openedAt,omitzero"`
	Since    Seq       `json:"since,omitempty"` // the fact that opened it
}

// Commands on relay sources.
type (
	// OpenFeed lets everyone hear a relay source, by an order on record. The
	// one before it closes.
	OpenFeed struct {
		Point    PointID `json:"point"`
		Who      string  `json:"who" max:"800"`      // one line of 200 runes, as is Document
		Document string  `json:"document" max:"800"` // number and date of the order
	}
	// CloseFeed ends it.
	CloseFeed struct {
		Point PointID `json:"point"`
	}
)

func (OpenFeed) command() string  { return "feed.open" }
func (CloseFeed) command() string { return "feed.close" }

func (c OpenFeed) target() PointID  { return c.Point }
func (c CloseFeed) target() PointID { return c.Point }

// Facts of relay sources. A feed also closes when its point is no longer
// present, and with the meeting; only another order opens it again.
type (
	// FeedOpened lets everyone hear a relay source, in place of the one before.
	FeedOpened struct {
		Point    PointID `json:"point"`
		Who      string  `json:"who"`
		Document string  `json:"document"`
	}
	// FeedClosed ends it.
	FeedClosed struct {
		Point PointID `json:"point"`
	}
)

func (FeedOpened) fact() string { return "feed.opened" }
func (FeedClosed) fact() string { return "feed.closed" }

func (c OpenFeed) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	f := m.s.Feed
	switch {
	case !p.Feed:
		return nil, refuse(CodeFeedNone, "point", string(p.ID))
	case c.Who == "" || !validTitle(c.Who):
		return nil, refuse(CodeValueInvalid, "field", "who", "max", maxTitle)
	case c.Document == "" || !validTitle(c.Document):
		return nil, refuse(CodeValueInvalid, "field", "document", "max", maxTitle)
	case p.Presence != Present:
		return nil, refuse(CodePointAbsent, "point", string(p.ID))
	case !m.started():
		return nil, refuse(CodeMeetingNotStarted)
	case f.Point == p.ID && f.Who == c.Who && f.Document == c.Document:
		return nil, nil
	}
	return []Fact{FeedOpened(c)}, nil
}

func (c CloseFeed) decideFor(m *Meeting, _ moment, p *PointState) ([]Fact, error) {
	if m.s.Feed.Point != p.ID {
		return nil, nil
	}
	return []Fact{FeedClosed(c)}, nil
}

// byOrder refuses the speech floor to a relay source: it has nobody to press OK.
func byOrder(p *PointState, floor Floor) error {
	if p.Feed && floor == FloorSpeech {
		return refuse(CodeFeedByOrder, "point", string(p.ID))
	}
	return nil
}

func (f FeedOpened) fold(m *Meeting, e Event) error {
	feed := Feed{Point: f.Point, Who: f.Who, Document: f.Document, OpenedAt: e.At, Since: e.Seq}
	if !m.mayFeed(feed) {
		return errIllegal
	}
	m.s.Feed = feed
	m.s.Voices[voiceFeed] = VoiceState{Source: soundOf(f.Point, FloorSpeech)}
	return nil
}

func (f FeedClosed) fold(m *Meeting, e Event) error {
	if f.Point == "" || m.s.Feed.Point != f.Point {
		return errIllegal
	}
	m.closeFeed(e, f.Point)
	return nil
}

// mayFeed reports whether a relay source is there to be heard, by an order.
func (m *Meeting) mayFeed(f Feed) bool {
	p := m.point(f.Point)
	return p != nil && p.Feed && p.Presence == Present && m.started() && f.Since != 0 &&
		f.Who != "" && validTitle(f.Who) && f.Document != "" && validTitle(f.Document)
}

// closeFeed silences the point, if it is the relay source that is heard.
func (m *Meeting) closeFeed(e Event, p PointID) {
	if p != "" && m.s.Feed.Point == p {
		m.s.Feed = Feed{}
		m.s.Voices[voiceFeed] = VoiceState{FreeAt: e.Seq}
	}
}

// mixMinus gives the relay source that is heard a view without its own sound:
// its return.
func (m *Meeting) mixMinus(plan *Plan) {
	p := m.s.Feed.Point
	if p == "" {
		return
	}
	view := *plan.View(p)
	view.Voices[voiceFeed] = SourceKey{}
	plan.Views[AudiencePoint(p)] = &view
}

// checkFeed reports why the feed cannot be one that a log leads to.
func (m *Meeting) checkFeed() error {
	source := SourceKey{}
	if f := m.s.Feed; f != (Feed{}) {
		if !m.mayFeed(f) {
			return errIllegal
		}
		source = soundOf(f.Point, FloorSpeech)
	}
	if m.s.Voices[voiceFeed].Source != source {
		return errIllegal
	}
	return nil
}
