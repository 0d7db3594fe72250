package tree

import (
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/giaoban/giaoban/internal/catalog"
)

// Province writes the table of a province's tree: a node for every unit that has
// units below it, or for every unit if leaves is set, each with the points of
// the system that stand in it.
func Province(t *catalog.Tree, leaves bool) string {
	points := map[string][]string{}
	for _, p := range t.System.Points {
		code := p.Code
		for !leaves && code != t.Province().Code && len(t.Children(code)) == 0 {
			u, ok := t.Unit(code)
			if !ok {
				code = t.Province().Code
				break
			}
			code = u.Parent
		}
		if _, ok := t.Unit(code); !ok {
			code = t.Province().Code // a department is no unit; it sits in the province's town
		}
		points[code] = append(points[code], string(p.ID))
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(columns) // a strings.Builder takes everything
	for _, u := range t.Units {
		if leaves || u.Parent == "" || len(t.Children(u.Code)) > 0 {
			_ = w.Write([]string{u.Code, u.Parent, u.Type, fmt.Sprintf("%s %s", u.Type, u.Name), strings.Join(points[u.Code], " "), "", "", ""})
		}
	}
	w.Flush()
	return b.String()
}
