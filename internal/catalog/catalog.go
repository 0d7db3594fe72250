package catalog

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// The trees that ship with the project.
const (
	TreeHaGiang    = "ha-giang"    // three tiers, to 30/06/2025
	TreeTuyenQuang = "tuyen-quang" // two tiers, since 01/07/2025
)

// Trees lists the ids LoadTree knows, the default first.
func Trees() []string { return []string{TreeHaGiang, TreeTuyenQuang} }

//go:embed ha-giang.json tuyen-quang.json
var files embed.FS

// Tree is the administrative units of one province at one date, the province
// first and every parent before its children. How many tiers it has is data.
type Tree struct {
	ID      string   `json:"id"`
	AsOf    string   `json:"asOf"`    // the date of the list, yyyy-mm-dd
	About   string   `json:"about"`   // what the list is, in a sentence
	Sources []string `json:"sources"` // where it is from and under which terms
	System  Seed     `json:"system"`
	Units   []Unit   `json:"units"`
}

// Unit is an administrative unit.
type Unit struct {
	Code   string `json:"code"`             // of the statistics office
	Parent string `json:"parent,omitempty"` // code; empty for the province
	Type   string `json:"type"`             // Tỉnh, Thành phố, Huyện, Phường, Xã, Thị trấn
	Name   string `json:"name"`
}

// Title is the unit with its type as written within a sentence: "huyện Xín Mần".
func (u Unit) Title() string { return strings.ToLower(u.Type) + " " + u.Name }

// Seed is a system that ships with a tree, its points, and the demo meeting
// that its owner hosts.
type Seed struct {
	System
	DemoTitle  string          `json:"demoTitle"`
	DemoPoints int             `json:"demoPoints"` // how many of Points the demo meeting calls, from the first on
	Points     []meeting.Point `json:"points"`     // by number, from 1
}

// LoadTree returns a tree of Trees. The caller owns it.
func LoadTree(id string) (*Tree, error) {
	if !slices.Contains(Trees(), id) {
		return nil, fmt.Errorf("tree %q: want one of %s", id, strings.Join(Trees(), ", "))
	}
	b, err := files.ReadFile(id + ".json")
	if err != nil {
		return nil, fmt.Errorf("tree %q: %w", id, err)
	}
	t := new(Tree)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(t); err != nil {
		return nil, fmt.Errorf("tree %q: %w", id, err)
	}
	return t, nil
}

// Province is the root of the tree.
func (t *Tree) Province() Unit { return t.Units[0] }

// Unit finds a unit by its code.
func (t *Tree) Unit(code string) (Unit, bool) {
	i := slices.IndexFunc(t.Units, func(u Unit) bool { return u.Code == code })
	if i < 0 {
		return Unit{}, false
	}
	return t.Units[i], true
}

// Children lists the units directly below one, in the order of the list.
func (t *Tree) Children(code string) []Unit {
	var below []Unit
	for _, u := range t.Units {
		if u.Parent == code {
			below = append(below, u)
		}
	}
	return below
}

// DemoSystem is the system a tree's demo meeting is held in.
func DemoSystem(tree string) (Seed, error) {
	t, err := LoadTree(tree)
	if err != nil {
		return Seed{}, err
	}
	return t.System, nil
}

// DemoMeeting is the meeting a first start opens: the system's owner hosts it
// and the chair sits at the chair point.
func DemoMeeting(tree string, startsAt time.Time) (meeting.CreateMeeting, error) {
	s, err := DemoSystem(tree)
	if err != nil {
		return meeting.CreateMeeting{}, err
	}
	return meeting.CreateMeeting{
		Title:      s.DemoTitle,
		HostUnit:   s.Owner,
		System:     s.ID,
		ChairPoint: s.ChairPoint,
		StartsAt:   startsAt,
		Points:     s.Points[:s.DemoPoints:s.DemoPoints],
	}, nil
}
