package signaling

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/giaoban/giaoban/internal/meeting"
)

// section is one part of a wire.View but the roster, which is replaced by rows.
type section int

// The sections in the order of wire.View.
const (
	sectionMeeting section = iota
	sectionIdle
	sectionOwn
	sectionFloor
	sectionPicture
	sectionSlots
	sectionLayouts
	sectionBanners
	sectionMessages
	sectionIncidents
	sectionProgramme
	sectionRollCall
	sectionControl
	sectionRotation
	sectionSaved
	sectionUndo
	sectionCapacity
	sectionNodes
	sections
)

// sectionNames are the JSON names of the sections.
var sectionNames = [sections]string{
	"meeting", "idle", "own", "floor", "picture", "slots", "layouts",
	"banners", "messages", "incidents", "programme", "rollcall", "control", "rotation", "saved", "undo", "capacity", "nodes",
}

// page is one client's wire.View, encoded section by section; a nil section
// is absent. It is immutable, and shares what it can with other pages.
type page struct {
	seq      meeting.Seq
	sections [sections]json.RawMessage
	roster   map[meeting.PointID]json.RawMessage
}

// since is the frame that brings a client from an older page to this one, nil
// if nothing changed. A patch cannot take a section away, so then, and for a
// client that has nothing, it is the whole view.
func (p *page) since(old *page) []byte {
	if old == nil || p.lacks(old) {
		return p.frame("view", p)
	}
	patch := p.without(old)
	if patch.empty() {
		return nil
	}
	return p.frame("patch", patch)
}

// lacks reports whether a section of the older page is gone.
func (p *page) lacks(old *page) bool {
	for i, s := range old.sections {
		if s != nil && p.sections[i] == nil {
			return true
		}
	}
	return false
}

// without is what of the page an older one does not have. A row that is gone
// is null.
func (p *page) without(old *page) *page {
	patch := &page{roster: map[meeting.PointID]json.RawMessage{}}
	for i, s := range p.sections {
		if !bytes.Equal(s, old.sections[i]) {
			patch.sections[i] = s
		}
	}
	for id, row := range p.roster {
		if !bytes.Equal(row, old.roster[id]) {
			patch.roster[id] = row
		}
	}
	for id := range old.roster {
		if _, ok := p.roster[id]; !ok {
			patch.roster[id] = json.RawMessage("null")
		}
	}
	return patch
}

func (p *page) empty() bool {
	return len(p.roster) == 0 && !slices.ContainsFunc(p.sections[:], func(s json.RawMessage) bool { return s != nil })
}

// frame writes an envelope around the parts of body. They are JSON already,
// and many clients share them, so they are not encoded again.
func (p *page) frame(t string, body *page) []byte {
	b := append([]byte(`{"t":"`), t...)
	b = append(b, '"')
	if p.seq > 0 {
		b = strconv.AppendUint(append(b, `,"seq":`...), uint64(p.seq), 10)
	}
	b = append(b, `,"d":{`...)
	first := true
	for i, s := range body.sections {
		if s != nil {
			b = append(appendName(b, sectionNames[i], &first), s...)
		}
	}
	if len(body.roster) > 0 {
		b = append(appendName(b, "roster", &first), '{')
		row := true
		for _, id := range slices.Sorted(maps.Keys(body.roster)) {
			b = append(appendName(b, string(id), &row), body.roster[id]...)
		}
		b = append(b, '}')
	}
	return append(b, '}', '}')
}

func appendName(b []byte, name string, first *bool) []byte {
	if !*first {
		b = append(b, ',')
	}
	*first = false
	return append(append(b, mustJSON(name)...), ':')
}
