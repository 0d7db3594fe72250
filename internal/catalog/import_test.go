package catalog

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// emptied is the seeded book without its points, as before the import.
func emptied(t testing.TB) *Book {
	b := seeded(t)
	b.Points, b.Templates = nil, nil
	for i := range b.Systems {
		b.Systems[i].ChairPoint, b.Systems[i].Shared = "", nil
	}
	return b
}

// province is the table of all 217 points of the first tree, with two officers each.
func province(t testing.TB) []byte {
	points := seeded(t).Roster("ha-giang-tinh", true)
	for i := range points {
		for n := 1; n <= Enough; n++ {
			points[i].Officers = append(points[i].Officers, Officer{
				Name: fmt.Sprintf("Cán bộ %d của %s", n, points[i].Code), Phone: fmt.Sprintf("+84 219 %03d %04d", n, points[i].Number),
				Email: fmt.Sprintf("cb%d.%s@hagiang.example.vn", n, points[i].Code), Trained: true, Active: true,
			})
		}
	}
	return Table(points)
}

func TestProvinceIsImportedWhole(t *testing.T) {
	b := emptied(t)
	in := b.Import(province(t))
	if len(in.Faults) > 0 || in.Rows != 217 || len(in.Changes) != 217 || in.Short != 0 || len(in.Next.Points) != 217 {
		t.Fatalf("%d rows, %d changes, %d short, faults %+v", in.Rows, len(in.Changes), in.Short, in.Faults)
	}
	if len(b.Points) != 0 {
		t.Error("the book itself was changed")
	}
	again := in.Next.Import(province(t))
	if again.Same != 217 || len(again.Changes) != 0 {
		t.Errorf("the same table again changes %d points", len(again.Changes))
	}
	if diff := cmp.Diff(in.Next.Points, again.Next.Points); diff != "" {
		t.Error(diff)
	}
}

// plant changes a cell of the table; line and column count from 1, the heading
// being line 1.
func plant(t *testing.T, text []byte, cells map[[2]int]string) []byte {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for at, value := range cells {
		records[at[0]-1][at[1]-1] = value
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(records); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Must show 6: planted mistakes, each reported by line and column, nothing
// half-imported.
func TestElevenMistakesAreEachReported(t *testing.T) {
	const id, number, codeCol, unit, system, kind, kbps, phone1, email1, trained2 = 1, 2, 3, 4, 5, 9, 13, 15, 16, 21
	mistakes := map[[2]int]string{
		{3, number}:     "hai",
		{9, number}:     "401",
		{20, codeCol}:   "mã số",
		{31, unit}:      "",
		{47, system}:    "ha-giang-099",
		{66, id}:        string(seeded(t).Roster("ha-giang-tinh", true)[0].ID),
		{80, kind}:      "phòng",
		{90, kbps}:      "63",
		{101, phone1}:   "không có",
		{150, email1}:   "can.bo(at)hagiang",
		{217, trained2}: "có lẽ",
	}
	b := emptied(t)
	in := b.Import(plant(t, province(t), mistakes))
	if in.Next != nil || len(b.Points) != 0 {
		t.Error("something was taken from a table with mistakes")
	}
	var found [][2]int
	for _, f := range in.Faults {
		found = append(found, [2]int{f.Line, f.Column})
		if f.Vi == "" || f.En == "" || strings.Contains(f.Vi+f.En, "{") || f.Name == "" {
			t.Errorf("no words for %+v", f)
		}
		t.Logf("line %d, column %d (%s): %s / %s", f.Line, f.Column, f.Name, f.Vi, f.En)
	}
	want := [][2]int{{3, number}, {9, number}, {20, codeCol}, {31, unit}, {47, system}, {66, id}, {80, kind}, {90, kbps}, {101, phone1}, {150, email1}, {217, trained2}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
}

func TestFormOfATableIsJudged(t *testing.T) {
	const head = "number,code,unit,system\n"
	for name, c := range map[string]struct {
		text         string
		why          Why
		line, column int
	}{
		"nothing at all":         {"", WhyEmpty, 1, 0},
		"headings only":          {head, WhyEmpty, 1, 0},
		"an unknown column":      {"number,code,unit,system,colour\n1,2,A,ha-giang-tinh,red\n", WhyHeading, 1, 5},
		"a column twice":         {"number,code,unit,system,số\n1,2,A,ha-giang-tinh,2\n", WhyTwice, 1, 5},
		"a missing column":       {"number,code,unit\n1,2,A\n", WhyMissing, 1, 0},
		"a needed cell missing":  {head + "1,2,A\n", WhyNeeded, 2, 4},
		"a needed cell empty":    {head + ",2,A,ha-giang-tinh\n", WhyNeeded, 2, 1},
		"text beyond":            {head + "1,2,A,ha-giang-tinh,,x\n", WhyBeyond, 2, 6},
		"text without a heading": {"number,,code,unit,system\n1,x,2,A,ha-giang-tinh\n", WhyBeyond, 2, 2},
		"an open quote":          {head + "1,2,\"A,ha-giang-tinh\n", WhyQuotes, 2, 0},
		"another encoding":       {head + "1,2,\xc1\xe1,ha-giang-tinh\n", WhyEncoding, 2, 0},
		"an officer not named":   {"number,code,unit,system,phone 1\n1,2,A,ha-giang-tinh,0219\n", WhyNoOfficer, 2, 0},
		"an officer not reached": {"number,code,unit,system,officer 1,phone 1\n1,2,A,ha-giang-tinh,B,\n", WhyNoPhone, 2, 6},
		"a code twice":           {head + "1,2,A,ha-giang-tinh\n2,2,B,ha-giang-tinh\n", WhyTaken, 3, 2},
		"a control character":    {head + "1,2,A\x07B,ha-giang-tinh\n", WhyUnseen, 2, 3},
		"a turned text":          {head + "1,2,A,ha-giang-\u202etinh\n", WhyUnseen, 2, 4},
		"an unknown separator":   {"sep=|\nnumber|code\n", WhyHeading, 1, 1},
	} {
		in := emptied(t).Import([]byte(c.text))
		if len(in.Faults) == 0 || in.Next != nil {
			t.Errorf("%s is taken", name)
			continue
		}
		f := in.Faults[0]
		if f.Why != c.why || f.Line != c.line || f.Column != c.column {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// What a spreadsheet of a Vietnamese office writes is read: a mark in front,
// semicolons, Vietnamese headings with or without marks, empty lines.
func TestSpreadsheetsOfOfficesAreRead(t *testing.T) {
	text := "\xef\xbb\xbfSố;Mã;Đơn vị;He thong;Cán bộ 1;Điện thoại 1\r\n31;x-1;UBND xã Mới;ha-giang-tinh;Lò A;0219.386.1234\r\n;;;;;\r\n"
	in := seeded(t).Import([]byte(text))
	if len(in.Faults) > 0 || len(in.Changes) != 1 || !in.Changes[0].New || in.Changes[0].Point != "ha-giang-tinh-31" || !in.Changes[0].Short {
		t.Fatalf("%+v", in)
	}
}

func TestRowChangesOnlyWhatItsTableHas(t *testing.T) {
	b := emptied(t).Import(province(t)).Next
	in := b.Import([]byte("number,code,unit,system,circuit,Kbit/s tai xuong\n3,02-STC,Sở Tài chính,ha-giang-tinh,HG-0303,1500\n"))
	if len(in.Faults) > 0 || len(in.Changes) != 1 || in.Changes[0].New {
		t.Fatalf("%+v", in)
	}
	p := in.Next.Point("hg-03")
	if again := in.Next.Import([]byte("number,code,unit,system\n3,02-STC,Sở Tài chính,ha-giang-tinh\n")); again.Same != 1 {
		t.Errorf("a table without the column changes the limit: %+v", again)
	}
	if p.Circuit != "HG-0303" || p.DownKbps != 1500 || len(p.Officers) != 2 || p.Tier == "" {
		t.Errorf("%+v", p)
	}
}

// A row cannot take a number from a point that the table does not name.
func TestNumberOfAnotherPointIsNotTaken(t *testing.T) {
	in := seeded(t).Import([]byte("number,code,unit,system\n5,new,UBND xã Mới,ha-giang-tinh\n"))
	if len(in.Faults) != 1 || in.Faults[0].Why != WhyID || in.Faults[0].Line != 2 || in.Faults[0].Column != 1 {
		t.Errorf("%+v", in.Faults)
	}
}

func TestSearchIgnoresMarks(t *testing.T) {
	p := seeded(t).Point("hg-05")
	for search, want := range map[string]bool{"dong van": true, "Đồng Văn": true, "5 huyen": true, "ĐỒNG": true, "meo vac": false, "": true} {
		if p.Find(search) != want {
			t.Errorf("%q finds it: %v", search, !want)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add(province(f)[:900])
	f.Add([]byte("number,code,unit,system\n1,2,A,ha-giang-tinh\n"))
	f.Add([]byte("số;mã;đơn vị;hệ thống\n1;2;\"A\n\";x\n"))
	book := emptied(f)
	before := len(book.Points)
	f.Fuzz(func(t *testing.T, text []byte) {
		in := book.Import(text)
		if len(book.Points) != before {
			t.Fatal("the book itself was changed")
		}
		if (in.Next == nil) != (len(in.Faults) > 0) {
			t.Fatalf("%d faults, and a next book is %v", len(in.Faults), in.Next != nil)
		}
		for _, fault := range in.Faults {
			if fault.Line < 1 || fault.Vi == "" || fault.En == "" || len(fault.Value) > 200 {
				t.Fatalf("%+v", fault)
			}
		}
		if in.Next == nil {
			return
		}
		if err := in.Next.Check(); err != nil {
			t.Fatal(err)
		}
		body, err := in.Next.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(body); err != nil {
			t.Fatal(err)
		}
		if again := in.Next.Import(Table(in.Next.Points)); len(again.Faults) > 0 || len(again.Changes) > 0 {
			t.Fatalf("what is exported is not what is imported: %+v %+v", again.Faults, again.Changes)
		}
	})
}
