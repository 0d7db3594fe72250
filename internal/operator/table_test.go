package operator

import (
	"bytes"
	"testing"

	"github.com/giaoban/giaoban/internal/wire"
)

// A code that only lost its zeros is not taken until somebody says it is meant;
// the report says what would change, cell by cell.
func TestLostZerosAreConfirmed(t *testing.T) {
	s := begin(t)
	v := s.operator()
	table := []byte("id,number,code,unit,system\nhg-01,1,2,UBND tỉnh,ha-giang-tinh\n")
	want := wire.ImportCell{Column: "code", Vi: "mã", Old: "02", New: "2", Zeros: true}
	for _, query := range []string{"?dry=1", "", "?dry=1&zeros=1"} {
		r := as[wire.ImportReport](t, v.do("POST", "points.csv"+query, table))
		if r.Taken || r.Asked != 1 || len(r.Changes) != 1 || len(r.Changes[0].Cells) != 1 || r.Changes[0].Cells[0] != want {
			t.Errorf("%q: %+v", query, r)
		}
	}
	code := func() string { return as[[]wire.PointRow](t, v.do("GET", "points?system=ha-giang-tinh", nil))[0].Code }
	if code() != "02" {
		t.Errorf("the code is %q before it was confirmed", code())
	}
	if r := as[wire.ImportReport](t, v.do("POST", "points.csv?zeros=1", table)); !r.Taken || code() != "2" {
		t.Errorf("confirmed: %+v, the code is %q", r, code())
	}
}

// What is typed or pasted into the form is cleaned like a table's cells, and no
// cell of the export is a formula; the export comes back as it was.
func TestPointsAreCleanAndHarmless(t *testing.T) {
	s := begin(t)
	v := s.operator()
	row := pointOut(*seeded(t).Point("hg-03"))
	row.Name, row.Room, row.Carrier = "Sở\u00a0Tài chính\u200b", `=HYPERLINK("http://x")`, "'@x"
	if got := as[wire.PointRow](t, v.do("PUT", "points/hg-03", row)); got.Name != "Sở Tài chính" {
		t.Errorf("the name is %q", got.Name)
	}
	table := v.do("GET", "points.csv?system=ha-giang-tinh", nil).body
	if bytes.Contains(table, []byte(`,"=HYPERLINK`)) || !bytes.Contains(table, []byte(`,"'=HYPERLINK`)) || !bytes.Contains(table, []byte(",''@x,")) {
		t.Errorf("%s", table)
	}
	if again := as[wire.ImportReport](t, v.do("POST", "points.csv", table)); len(again.Changes)+len(again.Faults) > 0 {
		t.Errorf("what was exported is not what is there: %+v", again)
	}
}
