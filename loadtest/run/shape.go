package run

import (
	"fmt"
	"strings"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/loadtest/scenario"
)

// centre is the code of the node above a province, and of its one point.
const centre = "tw"

// areas is how many nodes without authority stand between a province of two
// tiers and its communes (REQUIREMENTS §8, L6).
const areas = 4

// nodesOf is the table of a scenario's tree with so many points: the real units of a
// province, the points of its provincial system first, then those of its
// communes, whose ids are the codes of their units.
func nodesOf(shape scenario.Tree, points int) (table string, err error) {
	units, err := catalog.LoadTree(provinceOf(shape))
	if err != nil {
		return "", err
	}
	var rows []row
	switch shape {
	case scenario.ThreeTiers, scenario.WithCentre:
		rows = districts(units)
	case scenario.OneTier:
		rows = gathered(districts(units))
	default:
		rows = communes(units, shape == scenario.RelayedAreas)
	}
	if shape == scenario.WithCentre {
		rows[0].parent = centre
		rows = append([]row{{code: centre, tier: "Trung ương", name: "Trung ương", points: []string{centre}}}, rows...)
	}
	return write(rows, points), nil
}

// row is one node of the table.
type row struct {
	code, parent, tier, name string
	points                   []string
}

// districts are a province and its districts: the points of the provincial
// system on the nodes of their units, the communes on their districts' nodes.
func districts(units *catalog.Tree) []row {
	province := units.Province()
	rows := []row{{code: province.Code, tier: province.Type, name: title(province)}}
	home := map[string]int{province.Code: 0}
	for _, d := range units.Children(province.Code) {
		home[d.Code] = len(rows)
		rows = append(rows, row{code: d.Code, parent: province.Code, tier: d.Type, name: title(d)})
	}
	for _, p := range units.System.Points {
		at := 0
		if u, ok := units.Unit(p.Code); ok {
			at = max(home[u.Code], home[u.Parent])
		}
		rows[at].points = append(rows[at].points, string(p.ID))
	}
	for _, d := range units.Children(province.Code) {
		for _, c := range units.Children(d.Code) {
			rows[home[d.Code]].points = append(rows[home[d.Code]].points, c.Code)
		}
	}
	return rows
}

// gathered are the points of every node on the first.
func gathered(rows []row) []row {
	top := rows[0]
	for _, r := range rows[1:] {
		top.points = append(top.points, r.points...)
	}
	return []row{top}
}

// communes are a province of two tiers: alone, or with nodes between.
func communes(units *catalog.Tree, relayed bool) []row {
	province := units.Province()
	rows := []row{{code: province.Code, tier: province.Type, name: title(province)}}
	for _, p := range units.System.Points {
		if _, commune := units.Unit(p.Code); !commune || p.Code == province.Code {
			rows[0].points = append(rows[0].points, string(p.ID))
		}
	}
	if relayed {
		for n := 1; n <= areas; n++ {
			rows = append(rows, row{code: fmt.Sprintf("kv-%d", n), parent: province.Code, tier: "Khu vực", name: fmt.Sprintf("Khu vực %d", n)})
		}
	}
	for i, c := range units.Children(province.Code) {
		at := 0
		if relayed {
			at = 1 + i%areas
		}
		rows[at].points = append(rows[at].points, c.Code)
	}
	return rows
}

func title(u catalog.Unit) string { return u.Type + " " + u.Name }

// write writes the table with so many points, the same share of each node's. A
// root without any gets the first, for the chair point is there.
func write(rows []row, points int) string {
	total := 0
	for _, r := range rows {
		total += len(r.points)
	}
	var b strings.Builder
	b.WriteString("code,parent,tier,name,points\n")
	seen, kept := 0, 0
	for _, r := range rows {
		var here []string
		for _, p := range r.points {
			if seen++; seen*points/total > kept || kept == 0 {
				kept++
				here = append(here, p)
			}
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s\n", r.code, r.parent, r.tier, r.name, strings.Join(here, " "))
	}
	return b.String()
}

// below lists the nodes of a subtree, its top first.
func below(t *tree.Tree, top tree.Code) []tree.Code {
	path := t.Path(top)
	var codes []tree.Code
	for _, n := range t.Nodes() {
		if p := t.Path(n.Code); p == path || strings.HasPrefix(string(p), string(path)+"/") {
			codes = append(codes, n.Code)
		}
	}
	return codes
}
