package meeting

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of messages: the newest are in the state, all are in the log.
const (
	maxMessages = 200
	maxText     = 500 // runes of one message
)

// Message is a line between officers and controllers (Art 9.2.đ). It is never
// shown on a room's picture.
type Message struct {
	ID   Seq       `json:"id"` // the fact that sent it
	At   time.Time `json:"at"`
	From PointID   `json:"from,omitempty"` // the officer's point; empty: a controller
	Name string    `json:"name,omitempty"` // the sender's
	To   []PointID `json:"to,omitempty"`   // a controller's: these points, or all if empty; a point's goes to the controllers
	Text string    `json:"text"`
}

// Commands on messages.
type (
	// SendMessage sends a line: an officer's or room's to the controllers, a
	// controller's to some points, or to all if none is named.
	SendMessage struct {
		To   []PointID `json:"to,omitempty" most:"300"`
		Text string    `json:"text" max:"2000"` // one line of 500 runes
	}
	// ReadMessages marks the messages up to this one as read by the actor's
	// point, or by the controllers.
	ReadMessages struct {
		UpTo Seq `json:"upTo"`
	}
)

func (SendMessage) command() string  { return "message.send" }
func (ReadMessages) command() string { return "message.read" }

// Facts of messages.
type (
	// MessageSent is a line from Event.By.
	MessageSent struct {
		From PointID   `json:"from,omitempty"`
		To   []PointID `json:"to,omitempty"`
		Text string    `json:"text"`
	}
	// MessagesRead marks messages as read by a point, or by the controllers.
	MessagesRead struct {
		Point PointID `json:"point,omitempty"`
		UpTo  Seq     `json:"upTo"`
	}
)

func (MessageSent) fact() string  { return "message.sent" }
func (MessagesRead) fact() string { return "message.read" }

// desk is whose desk the actor sits at: a point's, or the controllers' (empty).
func desk(by Actor) PointID {
	if by.Role == RoleController {
		return ""
	}
	return by.Point
}

func (c SendMessage) decide(m *Meeting, at moment) ([]Fact, error) {
	f := MessageSent{From: desk(at.by), To: slices.Clone(c.To), Text: c.Text}
	switch {
	case at.by.Role != RoleController && !m.knows(at.by.Point):
		return nil, unknownPoint(at.by.Point)
	case f.From != "" && len(c.To) > 0:
		return nil, refuse(CodeValueInvalid, "field", "to", "max", 0)
	case len(c.To) > MaxPoints:
		return nil, refuse(CodeValueInvalid, "field", "to", "max", MaxPoints)
	case c.Text == "" || !validText(c.Text):
		return nil, refuse(CodeValueInvalid, "field", "text", "max", maxText)
	}
	for _, p := range c.To {
		if !m.knows(p) {
			return nil, unknownPoint(p)
		}
	}
	if f.From == "" && m.away(at.by) {
		return m.withinPart(at.by, f)
	}
	return []Fact{f}, nil
}

// withinPart keeps what a controller of a node below writes within their own part
// of the tree: they are not the desk of the meeting.
func (m *Meeting) withinPart(by Actor, f MessageSent) ([]Fact, error) {
	everybody := len(f.To) == 0
	for _, p := range m.s.Points {
		switch ours := p.Node.Within(by.Node); {
		case everybody && ours:
			f.To = append(f.To, p.ID)
		case !ours && slices.Contains(f.To, p.ID):
			return nil, refuse(CodeRights, "role", string(by.Role), "command", SendMessage{}.command())
		}
	}
	if len(f.To) == 0 {
		return nil, refuse(CodeRights, "role", string(by.Role), "command", SendMessage{}.command())
	}
	return []Fact{f}, nil
}

func (c ReadMessages) decide(m *Meeting, at moment) ([]Fact, error) {
	f := MessagesRead{Point: desk(at.by), UpTo: c.UpTo}
	if at.by.Role != RoleController && !m.knows(at.by.Point) {
		return nil, unknownPoint(at.by.Point)
	}
	if c.UpTo > m.s.Seq {
		return nil, refuse(CodeValueInvalid, "field", "upTo")
	}
	if f.Point == "" && m.away(at.by) {
		return nil, nil // the desk that has read is the leader's
	}
	if c.UpTo <= *m.read(f.Point) {
		return nil, nil
	}
	return []Fact{f}, nil
}

// read is up to which message a point, or the controllers, have read.
func (m *Meeting) read(p PointID) *Seq {
	if p == "" {
		return &m.s.ReadUpTo
	}
	return &m.point(p).ReadUpTo
}

// validText reports whether s is one line of at most maxText runes.
func validText(s string) bool {
	return len(s) <= maxText*utf8.UTFMax && utf8.RuneCountInString(s) <= maxText && printable(s)
}

func (f MessageSent) fold(m *Meeting, e Event) error {
	if f.Text == "" || !validText(f.Text) || len(f.To) > MaxPoints || f.From != "" && !m.knows(f.From) {
		return errIllegal
	}
	for _, p := range f.To {
		if f.From != "" || !m.knows(p) {
			return errIllegal
		}
	}
	if len(m.s.Messages) >= maxMessages {
		m.s.Messages = slices.Delete(m.s.Messages, 0, 1)
	}
	m.s.Messages = append(m.s.Messages, Message{
		ID: e.Seq, At: e.At, From: f.From, Name: m.signed(e.By), To: slices.Clone(f.To), Text: f.Text,
	})
	return nil
}

func (f MessagesRead) fold(m *Meeting, e Event) error {
	if f.Point != "" && !m.knows(f.Point) || f.UpTo >= e.Seq || f.UpTo <= *m.read(f.Point) {
		return errIllegal
	}
	*m.read(f.Point) = f.UpTo
	return nil
}

// signed is the name a message is read under. Of somebody at a node below the node
// is all that is known for sure, so it stands beside.
func (m *Meeting) signed(by Actor) string {
	if !m.away(by) || by.Role != RoleController {
		return by.Name
	}
	return strings.TrimSpace(by.Name + " (" + string(by.Node) + ")")
}

// cloneMessages copies messages and whom they are for.
func cloneMessages(list []Message) []Message {
	list = slices.Clone(list)
	for i := range list {
		list[i].To = slices.Clone(list[i].To)
	}
	return list
}
