package tree

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
)

const four = `code,parent,tier,name,points,from,until,relay
# the Centre first
tw,,Trung ương,Văn phòng Chính phủ,,,,
02,tw,Tỉnh,Tỉnh Hà Giang,hg-01 hg-02,,,order
024,02,Huyện,H. Xín Mần,hg-11,2025-01-01,2025-06-30,
030,02,Huyện,H. Vị Xuyên,hg-09,,,
00694,024,Xã,Xã Xín Mần,hg-16,2025-01-01,2025-06-30,
00694,02,Xã,Xã Xín Mần,hg-16,2025-07-01,,
`

func read(t *testing.T, table string, on Date) *Tree {
	t.Helper()
	tree, err := Read([]byte(table), on)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestATreeKnowsPlaces(t *testing.T) {
	tree := read(t, four, "2025-06-30")
	if got := tree.Path("00694"); got != "tw/02/024/00694" || tree.Depth() != 4 {
		t.Errorf("path %s, depth %d", got, tree.Depth())
	}
	if tree.Home("hg-16") != "tw/02/024/00694" || tree.Home("hg-99") != "" {
		t.Error("points are not at home")
	}
	for path, want := range map[meeting.NodePath]bool{"tw": true, "tw/02": true, "tw/02/024": true, "tw/02/030": false, "02": false} {
		if got := tree.Holds(path, "hg-16"); got != want {
			t.Errorf("%s holds hg-16: %v", path, got)
		}
	}
	if n, ok := tree.At("tw/02"); !ok || !n.ByOrder || n.Line != 4 {
		t.Errorf("%+v", n)
	}
	if _, ok := tree.At("02/024"); ok {
		t.Error("a path that is none")
	}
}

// A change of the tree is written down before it comes (01/07/2025).
func TestATreeHasDates(t *testing.T) {
	after := read(t, four, "2025-07-01")
	if after.Depth() != 3 || after.Path("00694") != "tw/02/00694" || after.Path("024") != "" {
		t.Errorf("depth %d, path %s", after.Depth(), after.Path("00694"))
	}
}

func TestWhatHasChangedIsTold(t *testing.T) {
	before, after := read(t, four, "2025-06-30"), read(t, four, "2025-07-01")
	if diff := cmp.Diff(Change{Removed: []Code{"024"}, Moved: []Code{"00694"}}, after.Since(before)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Change{Added: []Code{"024"}, Moved: []Code{"00694"}}, before.Since(after)); diff != "" {
		t.Error(diff)
	}
	for from, to := range map[string]string{"Văn phòng": "VP", "hg-01 hg-02,,,order": "hg-02,,,order", ",,,order": ",,,"} {
		if c := read(t, strings.Replace(four, from, to, 1), "2025-07-01").Since(after); len(c.Altered) != 1 || len(c.Added)+len(c.Removed)+len(c.Moved) > 0 {
			t.Errorf("%s to %s: %+v", from, to, c)
		}
	}
	if c := read(t, "\n# a line more\n"+four, "2025-07-01").Since(after); !c.Empty() {
		t.Errorf("a comment changes %+v", c)
	}
}

func TestWrongTreesAreExplained(t *testing.T) {
	const head = "code,parent,tier,name,points,from,until,relay\n"
	for name, c := range map[string]struct{ table, want string }{
		"unknown parent":  {head + "tw,,A,A\n02,xx,B,B\n", "line 3: 02 has the parent xx, which no row in force on 2026-11-23 has for its code"},
		"loop":            {head + "tw,,A,A\na,c,B,B\nb,a,B,B\nc,b,B,B\nd,c,B,B\n", "line 3: a, c, b stand below each other in a loop; one of them needs another parent"},
		"its own parent":  {head + "tw,,A,A\na,a,B,B\n", "line 3: a stand below each other"},
		"two roots":       {head + "tw,,A,A\n02,,B,B\n", "line 3: 02 has no parent, as tw of line 2; a tree has one root"},
		"no root":         {head + "a,b,A,A\nb,a,B,B\n", "line 2: a, b stand below each other"},
		"duplicate code":  {head + "tw,,A,A\n02,tw,B,B\n02,tw,C,C\n", "line 4: code 02 is that of line 3 too"},
		"duplicate point": {head + "tw,,A,A,p1\n02,tw,B,B,p2 p1\n", "line 3: point p1 connects to tw already"},
		"six tiers":       {head + "a,,A,A\nb,a,A,A\nc,b,A,A\nd,c,A,A\ne,d,A,A\nf,e,A,A\n", "line 7: f stands at tier 6; a tree has at most 5"},
		"not in force":    {head + "tw,,A,A,,2027-01-01\n", "line 1: no row is in force on 2026-11-23"},
		"a wrong day":     {head + "tw,,A,A,,1/7/2025\n", "line 2: from and until: want days like 2025-07-01"},
		"days turned":     {head + "tw,,A,A,,2025-07-01,2025-06-30\n", "line 2: until 2025-06-30 is before from 2025-07-01"},
		"a wrong relay":   {head + "tw,,A,A,,,,yes\n", `line 2: relay is "yes"`},
		"a blank code":    {head + " ,,A,A\n", `line 2: code "": want`},
		"a code of signs": {head + "t/w,,A,A\n", `line 2: code "t/w"`},
		"no name":         {head + "tw,,A,\n", "line 2: name: want"},
		"unknown column":  {"code,parent,tier,name,colour\n", `line 1: column "colour" is unknown`},
		"missing column":  {"code,parent,tier\n", `line 1: the column "name" is missing`},
		"too many values": {head + "tw,,A,A,,,,,x\n", "line 2: 9 values for 8 columns"},
		"a stray quote":   {head + "tw,,A,\"A\n", "line 2: not a row"},
		"empty":           {"", "line 1: the table is empty"},
		"only comments":   {"# nothing\n", "line 1: the table is empty"},
		"not UTF-8":       {"code\xff", "line 1: the file is not UTF-8"},
		"too large":       {strings.Repeat("x", maxBytes+1), "line 1: the file has more"},
	} {
		tree, err := Read([]byte(c.table), "2026-11-23")
		var faults Faults
		if tree != nil || !errors.As(err, &faults) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// Everything that is wrong is said at once.
func TestEveryFaultIsNamed(t *testing.T) {
	_, err := Read([]byte("code,parent,tier,name\ntw,,A,\n02,tw,,B\n03,tw,B,C\n"), "2026-11-23")
	if diff := cmp.Diff([]string{"line 2", "line 3"}, []string{err.Error()[:6], strings.Split(err.Error(), "\n")[1][:6]}); diff != "" {
		t.Error(diff)
	}
}

// Both provinces' data give a tree: three tiers with district nodes, two
// without, and every point has its place.
func TestBothProvincesAreTrees(t *testing.T) {
	for _, c := range []struct {
		id     string
		leaves bool
		nodes  int
		depth  int
	}{
		{catalog.TreeHaGiang, false, 12, 2}, {catalog.TreeHaGiang, true, 207, 3},
		{catalog.TreeTuyenQuang, false, 1, 1}, {catalog.TreeTuyenQuang, true, 125, 2},
	} {
		province, err := catalog.LoadTree(c.id)
		if err != nil {
			t.Fatal(err)
		}
		tree := read(t, Province(province, c.leaves), "2026-11-23")
		if len(tree.Nodes()) != c.nodes || tree.Depth() != c.depth {
			t.Errorf("%s: %d nodes, depth %d; want %d and %d", c.id, len(tree.Nodes()), tree.Depth(), c.nodes, c.depth)
		}
		for _, p := range province.System.Points {
			if tree.Home(p.ID) == "" {
				t.Errorf("%s: %s has no node", c.id, p.ID)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(four)
	f.Add("code,parent,tier,name\na,b,A,A\nb,a,B,B\n")
	f.Fuzz(func(t *testing.T, table string) {
		tree, err := Read([]byte(table), "2025-06-30")
		if err != nil {
			if faults := (Faults{}); !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("%v", err)
			}
			return
		}
		for i, n := range tree.Nodes() {
			if (n.Parent == "") != (i == 0) || tree.Path(n.Code) == "" || !tree.Path(n.Code).Within(tree.Path(n.Parent)) && i > 0 {
				t.Fatalf("%+v at %q", n, tree.Path(n.Code))
			}
		}
	})
}
