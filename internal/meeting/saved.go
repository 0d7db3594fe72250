package meeting

import "slices"

// maxSaved bounds the saved layouts of a meeting.
const maxSaved = 30

// SavedLayout is a layout kept under a name (Bố cục đã lưu).
type SavedLayout struct {
	Name   string `json:"name"`
	Layout Layout `json:"layout"`
}

// LayoutBefore is what an audience was shown before the last take, for undo.
type LayoutBefore struct {
	Layout Layout `json:"layout,omitzero"`
	Set    bool   `json:"set,omitempty"` // it had a layout of its own
}

// Commands on layouts that are not on the air, or were.
type (
	// UndoLayout returns an audience to what it was shown before the last take;
	// given again, it redoes it.
	UndoLayout struct {
		Audience Audience `json:"audience"`
	}
	// SaveLayout keeps a layout under a name, in place of one of the same name.
	SaveLayout struct {
		Name   string `json:"name" max:"800"` // one line of 200 runes
		Layout Layout `json:"layout"`
	}
	// TakeSaved shows an audience a saved layout.
	TakeSaved struct {
		Audience Audience `json:"audience"`
		Name     string   `json:"name" max:"800"`
	}
	// DeleteSaved forgets a saved layout.
	DeleteSaved struct {
		Name string `json:"name" max:"800"`
	}
)

func (UndoLayout) command() string  { return "layout.undo" }
func (SaveLayout) command() string  { return "layout.save" }
func (TakeSaved) command() string   { return "layout.takeSaved" }
func (DeleteSaved) command() string { return "layout.deleteSaved" }

// Facts of saved layouts.
type (
	// LayoutSaved keeps a layout under a name.
	LayoutSaved struct {
		Name   string `json:"name"`
		Layout Layout `json:"layout"`
	}
	// SavedDeleted forgets a saved layout.
	SavedDeleted struct {
		Name string `json:"name"`
	}
)

func (LayoutSaved) fact() string  { return "layout.saved" }
func (SavedDeleted) fact() string { return "layout.savedDeleted" }

func (c UndoLayout) decide(m *Meeting, _ moment) ([]Fact, error) {
	if !m.hasAudience(c.Audience) {
		return nil, refuse(CodeLayoutInvalid, "field", "audience")
	}
	before := m.s.Before[c.Audience]
	switch {
	case !m.s.CanUndo(c.Audience):
		return nil, nil
	case before.Set:
		return m.setLayout(SetLayout{Audience: c.Audience, Layout: before.Layout})
	}
	return []Fact{LayoutCleared(c)}, nil
}

func (c SaveLayout) decide(m *Meeting, _ moment) ([]Fact, error) {
	if err := m.checkSaved(SavedLayout(c)); err != nil {
		return nil, err
	}
	switch old := m.saved(c.Name); {
	case old < 0 && len(m.s.Saved) >= maxSaved:
		return nil, refuse(CodeLayoutFull, "max", maxSaved)
	case old >= 0 && m.s.Saved[old].Layout.equal(c.Layout):
		return nil, nil
	}
	return []Fact{LayoutSaved{Name: c.Name, Layout: c.Layout.clone()}}, nil
}

func (c TakeSaved) decide(m *Meeting, _ moment) ([]Fact, error) {
	i := m.saved(c.Name)
	if i < 0 {
		return nil, refuse(CodeLayoutUnknown)
	}
	return m.setLayout(SetLayout{Audience: c.Audience, Layout: m.s.Saved[i].Layout})
}

func (c DeleteSaved) decide(m *Meeting, _ moment) ([]Fact, error) {
	if m.saved(c.Name) < 0 {
		return nil, refuse(CodeLayoutUnknown)
	}
	return []Fact{SavedDeleted(c)}, nil
}

func (m *Meeting) checkSaved(s SavedLayout) error {
	if s.Name == "" || !validTitle(s.Name) {
		return refuse(CodeValueInvalid, "field", "name", "max", maxTitle)
	}
	return s.Layout.check(m.knows)
}

// saved is the index of the saved layout of that name, -1 if there is none.
func (m *Meeting) saved(name string) int {
	return slices.IndexFunc(m.s.Saved, func(s SavedLayout) bool { return s.Name == name })
}

// keepBefore remembers what an audience is shown, before that changes.
func (m *Meeting) keepBefore(a Audience) {
	if m.s.Before == nil {
		m.s.Before = map[Audience]LayoutBefore{}
	}
	l, set := m.s.Layouts[a]
	m.s.Before[a] = LayoutBefore{Layout: l, Set: set}
}

func (f LayoutSaved) fold(m *Meeting, _ Event) error {
	if err := m.checkSaved(SavedLayout(f)); err != nil {
		return err
	}
	s := SavedLayout{Name: f.Name, Layout: f.Layout.clone()}
	if i := m.saved(f.Name); i >= 0 {
		m.s.Saved[i] = s
		return nil
	}
	if len(m.s.Saved) >= maxSaved {
		return errIllegal
	}
	m.s.Saved = append(m.s.Saved, s)
	return nil
}

func (f SavedDeleted) fold(m *Meeting, _ Event) error {
	i := m.saved(f.Name)
	if i < 0 {
		return errIllegal
	}
	if m.s.Saved = slices.Delete(m.s.Saved, i, i+1); len(m.s.Saved) == 0 {
		m.s.Saved = nil
	}
	return nil
}
