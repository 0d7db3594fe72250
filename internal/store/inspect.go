package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Visitor is shown everything of a store, damage included, and fails at none.
type Visitor interface {
	// Document is shown a document, or why it cannot be read.
	Document(key string, body []byte, rev uint64, err error)
	// Log is shown the events of one log after another, encoded, in order, and
	// what is wrong between them.
	Log(id meeting.ID, seq meeting.Seq, encoded []byte, err error)
	// Fault is told what is wrong with the store itself.
	Fault(where, why string)
}

// Inspector is a store that shows itself whole: the bolt file reads its own
// pages for it. Others are read by their Catalog and Journal.
type Inspector interface {
	Inspect(ctx context.Context, v Visitor) error
}

// Inspect shows a visitor everything of a store.
func Inspect(ctx context.Context, docs Catalog, logs Journal, v Visitor) error {
	if own, ok := docs.(Inspector); ok {
		return own.Inspect(ctx, v)
	}
	keys, err := docs.List(ctx, "")
	if err != nil {
		return err
	}
	for _, key := range keys {
		body, rev, err := docs.Get(ctx, key)
		if err != nil && !errors.Is(err, ErrDamaged) {
			return err
		}
		v.Document(key, body, rev, err)
	}
	ids, err := logs.Meetings(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		last := meeting.Seq(0)
		for e, err := range logs.Read(ctx, id, 0) {
			var encoded []byte
			if err == nil {
				encoded, err = json.Marshal(e)
			} else if !errors.Is(err, ErrDamaged) {
				return err
			}
			last++
			v.Log(id, last, encoded, err)
		}
	}
	return nil
}

// Damage is one thing of a store that cannot be used.
type Damage struct {
	Document string     `json:"document,omitempty"`
	Meeting  meeting.ID `json:"meeting,omitempty"`
	Part     string     `json:"part,omitempty"` // of the store itself
	Why      string     `json:"why"`
}

// String says what is damaged, in one line.
func (d Damage) String() string {
	switch {
	case d.Document != "":
		return fmt.Sprintf("document %s: %s", d.Document, d.Why)
	case d.Meeting != "":
		return fmt.Sprintf("meeting %s: %s", d.Meeting, d.Why)
	}
	return fmt.Sprintf("%s: %s", d.Part, d.Why)
}

// Check is a Visitor that finds damage: documents that do not pass the check
// of their kind, and logs that do not fold.
type Check struct {
	// Kinds gives the check of a document by its key; nil takes any.
	Kinds func(key string) func(body []byte) error
	// Found is what is damaged, each thing once.
	Found []Damage
	// Documents and Meetings count what was looked at.
	Documents, Meetings int

	at      meeting.ID
	machine *meeting.Meeting // of the log at hand; nil once it is damaged
	bad     map[meeting.ID]bool
}

// Document is Visitor.
func (c *Check) Document(key string, body []byte, _ uint64, err error) {
	c.Documents++
	if err == nil && c.Kinds != nil {
		if check := c.Kinds(key); check != nil {
			err = check(body)
		}
	}
	if err != nil {
		c.Found = append(c.Found, Damage{Document: key, Why: err.Error()})
	}
}

// Log is Visitor.
func (c *Check) Log(id meeting.ID, _ meeting.Seq, encoded []byte, err error) {
	if id != c.at || c.machine == nil && !c.bad[id] {
		c.at, c.machine = id, meeting.New(id)
		c.Meetings++
	}
	if c.bad[id] {
		return
	}
	if err == nil {
		err = fold(c.machine, encoded)
	}
	if err != nil {
		if c.bad == nil {
			c.bad = map[meeting.ID]bool{}
		}
		c.bad[id], c.machine = true, nil
		c.Found = append(c.Found, Damage{Meeting: id, Why: err.Error()})
	}
}

// fold applies an encoded event. The machine's panics are damage too.
func fold(m *meeting.Meeting, encoded []byte) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, broken)
		}
	}()
	var e meeting.Event
	if err := json.Unmarshal(encoded, &e); err != nil {
		return err
	}
	return m.Apply(e)
}

// Fault is Visitor.
func (c *Check) Fault(where, why string) { c.Found = append(c.Found, Damage{Part: where, Why: why}) }

// Salvage is a Visitor that writes what is set aside to a place beside the
// store, so that nothing is lost by it: a file for each document and log.
type Salvage struct {
	// Wanted says what is set aside.
	Wanted func(document string, log meeting.ID) bool
	// Keep takes the bytes of one of them; it is called again for each event.
	Keep func(document string, log meeting.ID, body []byte) error

	failed map[string]error
}

// Document is Visitor.
func (s *Salvage) Document(key string, body []byte, _ uint64, _ error) { s.keep(key, "", body) }

// Log is Visitor.
func (s *Salvage) Log(id meeting.ID, _ meeting.Seq, encoded []byte, _ error) {
	s.keep("", id, append(slices.Clone(encoded), '\n'))
}

// Fault is Visitor.
func (*Salvage) Fault(string, string) {}

func (s *Salvage) keep(document string, log meeting.ID, body []byte) {
	if !s.Wanted(document, log) {
		return
	}
	if err := s.Keep(document, log, body); err != nil {
		if s.failed == nil {
			s.failed = map[string]error{}
		}
		s.failed[document+string(log)] = err
	}
}

// Err is what could not be kept.
func (s *Salvage) Err() error { return errors.Join(slices.Collect(maps.Values(s.failed))...) }
