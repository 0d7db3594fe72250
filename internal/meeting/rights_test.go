package meeting

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// rightsGrid says who may give each command: for the actor's own point, for
// another point. "-" is nobody's right. It is written out a second time on
// purpose: the table in rights.go is checked against it cell by cell.
const rightsGrid = `
command              chair      controller  room       focal      observer   operator   carrier    node
meeting.create       -/-        own/other  -/-        -/-        -/-        own/other  -/-        own/other
meeting.openLobby    -/-        own/other  -/-        -/-        -/-        own/other  -/-        -/-
meeting.start        own/other  own/other  -/-        -/-        -/-        own/other  -/-        -/-
meeting.lock         -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
meeting.close        own/other  own/other  -/-        -/-        -/-        -/-        -/-        -/-
meeting.release      -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
meeting.end          own/other  own/other  -/-        -/-        -/-        own/other  -/-        -/-
meeting.moveChair    -/-        own/other  -/-        -/-        -/-        own/other  -/-        -/-
meeting.rehome       -/-        own/other  -/-        -/-        -/-        own/other  -/-        -/-
control.take         -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
point.connect        -/-        -/-        -/-        -/-        -/-        -/-        -/-        own/other
point.lose           -/-        -/-        -/-        -/-        -/-        -/-        -/-        own/other
point.askTakeover    -/-        -/-        own/-      -/-        -/-        -/-        -/-        own/other
point.allowTakeover  -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
point.readmit        -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
point.release        -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
point.summon         -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
point.leave          -/-        -/-        own/-      own/-      -/-        -/-        -/-        own/other
point.finish         -/-        own/other  own/-      own/-      -/-        -/-        -/-        -/-
point.check          -/-        -/-        own/-      own/-      -/-        -/-        -/-        -/-
floor.request        own/-      -/-        own/-      own/-      -/-        -/-        -/-        -/-
floor.cancel         own/-      -/-        own/-      own/-      -/-        -/-        -/-        -/-
floor.release        own/-      -/-        own/-      own/-      -/-        -/-        -/-        -/-
floor.annotate       -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
floor.move           -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
floor.accept         -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
floor.defer          own/other  own/other  -/-        -/-        -/-        -/-        -/-        -/-
floor.grant          own/other  own/other  -/-        -/-        -/-        -/-        -/-        -/-
floor.deny           own/other  own/other  -/-        -/-        -/-        -/-        -/-        -/-
floor.revoke         own/other  own/other  -/-        -/-        -/-        -/-        -/-        -/-
floor.give           own/other  own/other  -/-        -/-        -/-        -/-        -/-        -/-
floor.closeAll       own/other  own/other  -/-        -/-        -/-        -/-        -/-        -/-
floor.mode           own/other  own/other  -/-        -/-        -/-        -/-        -/-        -/-
floor.timeLimit      own/other  own/other  -/-        -/-        -/-        -/-        -/-        -/-
floor.extend         own/other  own/other  -/-        -/-        -/-        -/-        -/-        -/-
programme.set        -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
programme.next       own/other  own/other  -/-        -/-        -/-        -/-        -/-        -/-
programme.mark       own/other  own/other  -/-        -/-        -/-        -/-        -/-        -/-
mic.on               own/-      -/-        own/-      -/-        -/-        -/-        -/-        -/-
mic.off              own/-      -/-        own/-      own/-      -/-        -/-        -/-        -/-
camera.set           own/-      -/-        own/-      -/-        -/-        -/-        -/-        -/-
content.lock         -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
content.sound        own/-      -/-        own/-      -/-        -/-        -/-        -/-        -/-
layout.undo          -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
layout.save          -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
layout.takeSaved     -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
layout.deleteSaved   -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
rotation.set         -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
rotation.pause       -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
banner.set           -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
banner.clear         -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
feed.open           -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
feed.close          own/other  own/other  -/-        -/-        -/-        -/-        -/-        -/-
rollcall.start       -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
rollcall.next        -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
rollcall.mark        -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
rollcall.pause       -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
rollcall.finish      -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
incident.describe    -/-        own/other  own/-      own/-      -/-        -/-        own/other  -/-
message.send         own/other  own/other  own/other  own/other  -/-        -/-        -/-        -/-
message.read         -/-        own/other  own/other  own/other  -/-        -/-        -/-        -/-
layout.set           -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
layout.clear         -/-        own/other  -/-        -/-        -/-        -/-        -/-        -/-
node.lose            -/-        -/-        -/-        -/-        -/-        -/-        -/-        own/other
node.find            -/-        -/-        -/-        -/-        -/-        -/-        -/-        own/other
relay.order          -/-        own/other  -/-        -/-        -/-        own/other  -/-        -/-
island.fork          -/-        own/other  -/-        -/-        -/-        own/other  -/-        -/-
island.rejoin        -/-        -/-        -/-        -/-        -/-        -/-        -/-        own/other
island.report        -/-        -/-        -/-        -/-        -/-        -/-        -/-        own/other
`

func TestRightsTable(t *testing.T) {
	m := newMeeting(t, 3, 3)
	rows := strings.Split(strings.TrimSpace(rightsGrid), "\n")
	roles := strings.Fields(rows[0])[1:]
	grid := map[string][]string{}
	for _, row := range rows[1:] {
		words := strings.Fields(row)
		grid[words[0]] = words[1:]
	}
	for _, point := range []PointID{"p1", "p2"} {
		for _, c := range everyCommand(point) {
			cells, ok := grid[c.command()]
			if !ok {
				t.Fatalf("%s is not in the grid", c.command())
			}
			for i, role := range roles {
				ownCell, otherCell, _ := strings.Cut(cells[i], "/")
				cell := otherCell
				if point == "p1" {
					cell = ownCell
				}
				by := Actor{Role: Role(role), Point: "p1"}
				if got, want := permitted(t, m, by, c), cell != "-"; got != want {
					t.Errorf("%s by %s for point %s: permitted %v, want %v", c.command(), role, point, got, want)
				}
			}
		}
	}
	if len(grid) != len(rights) || len(everyCommand("")) != len(rights) {
		t.Errorf("%d commands in the grid, %d listed, %d in the table", len(grid), len(everyCommand("")), len(rights))
	}
}

// permitted reports whether Decide lets the command past the rights table.
func permitted(t *testing.T, m *Meeting, by Actor, c Command) bool {
	t.Helper()
	_, err := m.Decide(dawn(), by, c)
	var refused *Error
	if err != nil && !errors.As(err, &refused) {
		t.Fatalf("%s: error without a code: %v", c.command(), err)
	}
	return refused == nil || refused.Code != CodeRights
}

// A chair's rights are bound to the chair point (Art 2.2), and an actor whose
// role is unknown or empty has none.
func TestRightsOfOutsiders(t *testing.T) {
	m := newMeeting(t, 3, 3)
	outsiders := []Actor{{}, {Role: "root", Point: "p1"}, {Role: RoleChair}, {Role: RoleChair, Point: "p2"}}
	for _, by := range outsiders {
		for _, c := range slices.Concat(everyCommand("p1"), everyCommand("p2"), everyCommand("")) {
			if permitted(t, m, by, c) {
				t.Errorf("%+v may give %s", by, c.command())
			}
		}
	}
}

// An empty point is the actor's own.
func TestEmptyPointIsOwn(t *testing.T) {
	m := newMeeting(t, 3, 3)
	facts, err := m.Decide(dawn(), Actor{Role: RoleRoom, Point: "p2"}, RequestFloor{Floor: FloorSpeech})
	if want := (FloorRequested{Floor: FloorSpeech, Point: "p2"}); err != nil || len(facts) != 1 || facts[0] != want {
		t.Errorf("facts %v, error %v, want %v", facts, err, want)
	}
	if _, err = m.Decide(dawn(), Actor{Role: RoleController}, GrantFloor{Floor: FloorSpeech}); code(err) != CodePointUnknown {
		t.Errorf("a controller without a point: %v, want %s", err, CodePointUnknown)
	}
}

func code(err error) Code {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}
