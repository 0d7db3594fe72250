package catalog

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/giaoban/giaoban/internal/meeting"
)

// read turns a row into a point and notes every fault of its cells.
func (in *importer) read(r row) Point {
	p := Point{Point: meeting.Point{
		ID: meeting.PointID(r.text("id")), Code: r.text("code"), Name: r.text("unit"), System: r.text("system"),
		Parent: r.text("parent"), Tier: r.text("tier"),
	}, Room: r.text("room"), Kind: Kind(r.text("kind")), Carrier: r.text("carrier"), Circuit: r.text("circuit"), Consent: r.text("auto open")}
	p.AutoOpen = p.Consent != ""
	number, err := strconv.Atoi(r.text("number"))
	bad := func(column string, why Why) {
		c := r.cells[column]
		if _, found := unprintable(c.text); found {
			why = WhyUnseen
		} else if c.text == "" && isNeeded(column) {
			why = WhyNeeded
		}
		in.fault(Fault{Line: max(c.line, r.line), Column: c.column, Value: c.text, Why: why})
	}
	if p.Number = number; err != nil || number < 1 || number > 9999 {
		bad("number", WhyNumber)
	}
	if p.ID != "" && !isWord(string(p.ID)) {
		bad("id", WhyCode)
	}
	if !isCode(p.Code) {
		bad("code", WhyCode)
	}
	if p.Name == "" || !isLine(p.Name) {
		bad("unit", WhyUnit)
	}
	if in.book.System(p.System) == nil {
		bad("system", WhySystem)
	}
	if p.Kind != "" && p.Kind != KindRoom && p.Kind != KindRelay {
		bad("kind", WhyKind)
	}
	if text := r.text("down kbps"); text != "" {
		if p.DownKbps, err = strconv.Atoi(text); err != nil || p.DownKbps == 0 || !isKbps(p.DownKbps) {
			bad("down kbps", WhyKbps)
		}
	}
	for _, column := range []string{"parent", "tier", "room", "carrier", "circuit", "auto open"} {
		if !isLine(r.text(column)) {
			bad(column, WhyText)
		}
	}
	for n := 1; n <= MaxOfficers; n++ {
		if o, any := in.officer(r, n, bad); any {
			p.Officers = append(p.Officers, o)
		}
	}
	return p
}

// officer reads the nth officer of a row. A table without the column counts
// those it lists as trained: that is who an office writes down.
func (in *importer) officer(r row, n int, bad func(column string, why Why)) (o Officer, any bool) {
	key := func(what string) string { return fmt.Sprintf("%s %d", what, n) }
	o = Officer{Name: r.text(key("officer")), Phone: r.text(key("phone")), Email: r.text(key("email")), Trained: true, Active: true}
	if o.Name == "" && o.Phone == "" && o.Email == "" {
		return o, false
	}
	switch {
	case o.Name == "":
		bad(key("officer"), WhyNoOfficer)
	case !isLine(o.Name):
		bad(key("officer"), WhyText)
	case o.Phone == "":
		c := r.cells[key("phone")]
		in.fault(Fault{Line: max(c.line, r.line), Column: c.column, Value: o.Name, Why: WhyNoPhone})
	case !isPhone(o.Phone):
		bad(key("phone"), WhyPhone)
	}
	if o.Email != "" && !isEmail(o.Email) {
		bad(key("email"), WhyEmail)
	}
	if c, there := r.cells[key("trained")]; there {
		switch Fold(c.text) {
		case "x", "yes", "co":
		case "", "no", "khong":
			o.Trained = false
		default:
			bad(key("trained"), WhyYes)
		}
	}
	return o, true
}

// cells is a point as a row, by column.
func (p *Point) cells() map[string]string {
	cells := map[string]string{
		"id": string(p.ID), "number": strconv.Itoa(p.Number), "code": p.Code, "unit": p.Name, "system": p.System,
		"parent": p.Parent, "tier": p.Tier, "room": p.Room, "kind": string(p.Kind), "carrier": p.Carrier,
		"circuit": p.Circuit, "auto open": p.Consent,
	}
	if p.DownKbps > 0 {
		cells["down kbps"] = strconv.Itoa(p.DownKbps)
	}
	listed := 0
	for _, o := range p.Officers {
		if !o.Active {
			continue // Import leaves those alone
		}
		listed++
		n := strconv.Itoa(listed)
		cells["officer "+n], cells["phone "+n], cells["email "+n] = o.Name, o.Phone, o.Email
		if o.Trained {
			cells["trained "+n] = "x"
		}
	}
	return cells
}

// Find reports whether a search finds the point: every word of it, without
// marks, in its number, code, unit, parent or an officer's name.
func (p *Point) Find(search string) bool {
	text := Fold(fmt.Sprint(p.Number, " ", p.Code, " ", p.Name, " ", p.Parent))
	for _, o := range p.Officers {
		text += Fold(" " + o.Name)
	}
	for word := range strings.FieldsSeq(search) {
		if !strings.Contains(text, Fold(word)) {
			return false
		}
	}
	return true
}
