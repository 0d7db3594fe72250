package meeting

import (
	"strings"
	"testing"
)

// repairGrid says which commands of the root's grid a controller and an
// operator of a node below keep: for a point of their own part of the tree,
// never for another. Like rightsGrid it is written out a second time.
const repairGrid = `
point.allowTakeover  controller
point.readmit        controller
point.summon         controller
point.finish         controller
incident.describe    controller
message.send         controller
message.read         controller
relay.order          controller operator
`

// presenceGrid is all a node below may say of itself.
const presenceGrid = `
point.connect
point.lose
point.leave
node.lose
node.find
island.report
`

// The third dimension of the rights table: role × command × own or other point
// × tier. An actor at tw/02 has p2 for its own, p5 in its part of the tree, p4
// beyond it.
func TestRightsOfTiers(t *testing.T) {
	keeps := map[string]string{}
	for row := range strings.Lines(strings.TrimSpace(repairGrid)) {
		command, roles, _ := strings.Cut(row, " ")
		keeps[command] = roles
	}
	m := newMeeting(t, 6, 6)
	root := map[Role]bool{}
	for _, role := range []Role{RoleChair, RoleController, RoleRoom, RoleFocal, RoleObserver, RoleOperator, RoleCarrier, RoleNode} {
		root[role] = true
		for _, point := range []PointID{"p2", "p5", "p4"} {
			for _, c := range everyCommand(point) {
				here := Actor{Role: role, Point: "p2"}
				below := here
				below.Node = "tw/02"
				_, pointed := c.(pointCommand)
				want := permitted(t, m, here, c)
				switch {
				case role == RoleNode && !strings.Contains(presenceGrid, "\n"+c.command()+"\n"):
					want = false
				case role == RoleController || role == RoleOperator:
					want = want && strings.Contains(keeps[c.command()], string(role)) && !(pointed && point == "p4")
				case role != RoleChair && pointed && point == "p4":
					want = false
				}
				if got := permitted(t, m, below, c); got != want {
					t.Errorf("%s by %s at tw/02 for %s: permitted %v, want %v", c.command(), role, point, got, want)
				}
			}
		}
	}
	if len(keeps) != len(repair) || len(strings.Fields(presenceGrid)) != len(presence) || len(root) != 8 {
		t.Errorf("%d commands in the grid, %d in the table", len(keeps), len(repair))
	}
}

// The chair's rights are the same wherever the chair point is.
func TestChairBelowTheRoot(t *testing.T) {
	m := newMeeting(t, 6, 6)
	m.s.ChairPoint = "p2"
	grant := GrantFloor{Floor: FloorSpeech, Point: "p4"}
	if !permitted(t, m, Actor{Role: RoleChair, Point: "p2", Node: "tw/02"}, grant) {
		t.Error("the chair at tw/02 may not invite p4")
	}
	if permitted(t, m, Actor{Role: RoleChair, Point: "p2", Node: "tw/03"}, grant) {
		t.Error("a node that does not have the chair point speaks for the chair")
	}
}

func TestNodePaths(t *testing.T) {
	for _, c := range []struct {
		n, top NodePath
		within bool
	}{
		{"tw", "tw", true}, {"tw/02", "tw", true}, {"tw/024", "tw/02", false}, {"tw", "tw/02", false},
		{"", "", true}, {"tw", "", false}, {"", "tw", false},
	} {
		if got := c.n.Within(c.top); got != c.within {
			t.Errorf("%q within %q: %v", c.n, c.top, got)
		}
	}
	for _, wrong := range []NodePath{"/", "tw/", "tw//02", "a b", NodePath(strings.Repeat("x", 201))} {
		if wrong.valid() {
			t.Errorf("%q is valid", wrong)
		}
	}
}

// What an island begins with is the subtree of the snapshot, and nothing open.
func TestIslandBeginsWithItsPart(t *testing.T) {
	parent := newMeeting(t, 6, 6)
	of := parent.Snapshot()
	m := New(IslandID(of.ID, "tw/02", 1))
	facts, err := m.Decide(dawn(), Actor{Role: RoleController}, Fork{Of: of, Node: "tw/02"})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Apply(Event{Seq: 1, At: dawn(), Fact: facts[0]}); err != nil {
		t.Fatal(err)
	}
	s := m.Snapshot()
	if s.ID != "gb-1~02~1" || s.ForkOf != of.ID || s.Home != "tw/02" || s.ChairPoint != "p2" || len(s.Points) != 3 {
		t.Errorf("island %+v", s)
	}
	if len(m.Plan().Open) != 0 {
		t.Errorf("gates %v at the beginning", m.Plan().Open)
	}
	if facts, err = m.Decide(dawn(), Actor{Role: RoleNode}, Rejoin{}); err != nil || facts[len(facts)-1] != (MeetingEnded{Why: WhyRejoined}) {
		t.Errorf("rejoin: %v, %v", facts, err)
	}
	if _, err := New("x").Decide(dawn(), Actor{Role: RoleController}, Fork{Of: of, Node: "tw/09"}); code(err) != CodeMeetingInvalid {
		t.Errorf("an island without points: %v", err)
	}
}
