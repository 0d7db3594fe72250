package catalog

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
)

func load(t *testing.T, id string) *Tree {
	t.Helper()
	tree, err := LoadTree(id)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// byType counts units, the province left out.
func byType(units []Unit) map[string]int {
	n := map[string]int{}
	for _, u := range units[1:] {
		n[u.Type]++
	}
	return n
}

func TestHaGiangHasThreeTiers(t *testing.T) {
	tree := load(t, TreeHaGiang)
	want := map[string]int{"Thành phố": 1, "Huyện": 10, "Phường": 5, "Xã": 177, "Thị trấn": 13}
	if diff := cmp.Diff(want, byType(tree.Units)); diff != "" {
		t.Error(diff)
	}
	communes := map[string]int{}
	for _, d := range tree.Children(tree.Province().Code) {
		communes[d.Name] = len(tree.Children(d.Code))
	}
	want = map[string]int{
		"Hà Giang": 8, "Đồng Văn": 19, "Mèo Vạc": 18, "Yên Minh": 18, "Quản Bạ": 13, "Vị Xuyên": 24,
		"Bắc Mê": 13, "Hoàng Su Phì": 25, "Xín Mần": 19, "Bắc Quang": 23, "Quang Bình": 15,
	}
	if diff := cmp.Diff(want, communes); diff != "" {
		t.Error(diff)
	}
}

func TestTuyenQuangHasTwoTiers(t *testing.T) {
	tree := load(t, TreeTuyenQuang)
	if diff := cmp.Diff(map[string]int{"Phường": 7, "Xã": 117}, byType(tree.Units)); diff != "" {
		t.Error(diff)
	}
	if n := len(tree.Children(tree.Province().Code)); n != 124 {
		t.Errorf("%d units below the province, want 124", n)
	}
}

func TestUnitsAreATree(t *testing.T) {
	for _, id := range Trees() {
		tree := load(t, id)
		if p := tree.Province(); p.Type != "Tỉnh" || p.Parent != "" {
			t.Errorf("%s: first unit is %+v, want the province", id, p)
		}
		seen := map[string]bool{}
		for i, u := range tree.Units {
			if seen[u.Code] {
				t.Errorf("%s: code %s twice", id, u.Code)
			}
			if i > 0 && !seen[u.Parent] {
				t.Errorf("%s: %s comes before its parent %q", id, u.Code, u.Parent)
			}
			seen[u.Code] = true
		}
		if len(tree.Sources) == 0 || tree.AsOf == "" || tree.About == "" {
			t.Errorf("%s does not say where it is from", id)
		}
	}
}

func TestSystemsNumberTheirPoints(t *testing.T) {
	for id, want := range map[string]struct {
		points int
		form   string
	}{TreeHaGiang: {22, "hg-%02d"}, TreeTuyenQuang: {125, "tq-%03d"}} {
		s, err := DemoSystem(id)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Points) != want.points {
			t.Errorf("%s: %d points, want %d", id, len(s.Points), want.points)
		}
		codes, names := map[string]bool{}, map[string]bool{}
		for i, p := range s.Points {
			if p.Number != i+1 || p.ID != meeting.PointID(fmt.Sprintf(want.form, i+1)) {
				t.Errorf("%s: point %d is %s, number %d", id, i+1, p.ID, p.Number)
			}
			codes[p.Code], names[p.Name] = true, true
		}
		if len(codes) != want.points || len(names) != want.points {
			t.Errorf("%s: %d codes and %d captions for %d points", id, len(codes), len(names), want.points)
		}
		if p := s.Points[0]; p.ID != s.ChairPoint || p.Name != "UBND tỉnh" {
			t.Errorf("%s: number 1 is %+v, want the chair point", id, p)
		}
	}
}

// The names of the 22 points are those of Art 1.1.a of Decision 1373.
func TestHaGiangSystemIsTheRegulations(t *testing.T) {
	tree := load(t, TreeHaGiang)
	var got []string
	for _, p := range tree.System.Points {
		got = append(got, p.Name)
	}
	want := []string{"UBND tỉnh", "Văn phòng Tỉnh ủy", "Sở Tài chính"}
	for _, d := range tree.Children("02") {
		want = append(want, "UBND "+d.Title())
	}
	for c := range strings.SplitSeq("Thanh Thủy; Xín Mần; Tùng Vài; Bạch Đích; Ma Lé; Phó Bảng; Xín Cái; Thàng Tín", "; ") {
		want = append(want, "Cụm xã biên giới "+c)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A cluster point carries its commune's code and says its district.
func TestClusterPointsAreCommunes(t *testing.T) {
	tree := load(t, TreeHaGiang)
	for _, p := range tree.System.Points[14:] {
		u, ok := tree.Unit(p.Code)
		district, _ := tree.Unit(u.Parent)
		name := strings.TrimPrefix(p.Name, "Cụm xã biên giới ")
		if !ok || p.Parent != "H. "+district.Name || (u.Name != name && name != "Ma Lé") {
			t.Errorf("%+v does not match unit %+v of %+v", p, u, district)
		}
	}
}

func TestTuyenQuangSystemIsEveryCommune(t *testing.T) {
	tree := load(t, TreeTuyenQuang)
	for i, u := range tree.Units[1:] {
		if p := tree.System.Points[i+1]; p.Code != u.Code || p.Name != "UBND "+u.Title() {
			t.Errorf("%+v does not match unit %+v", p, u)
		}
	}
}

func TestDemoMeeting(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, id := range Trees() {
		c, err := DemoMeeting(id, at)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Points) != 22 || c.ChairPoint != c.Points[0].ID || !c.StartsAt.Equal(at) {
			t.Errorf("%s: %+v", id, c)
		}
		if c.Title == "" || c.HostUnit == "" || c.System == "" {
			t.Errorf("%s has no title, host unit or system: %+v", id, c)
		}
	}
}

func TestUnknownTreeNamesTheKnown(t *testing.T) {
	_, err := DemoMeeting("hanoi", time.Time{})
	if err == nil || !strings.Contains(err.Error(), "ha-giang, tuyen-quang") {
		t.Errorf("error %v, want the known trees", err)
	}
}
