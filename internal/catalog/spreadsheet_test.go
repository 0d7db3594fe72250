package catalog

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func file(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "tables", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Tables as spreadsheets and clipboards write them are taken, and say what they
// say whatever stands around it.
func TestTablesOfSpreadsheetsAreTaken(t *testing.T) {
	for name, want := range map[string][]string{
		"excel-trailing-cells-missing.csv":  {"901 901 Điểm cầu thử 1||huyện 1", "902 902 Điểm cầu thử 2||huyện 1", "903 903 Điểm cầu thử 3||huyện 1"},
		"excel-extra-empty-columns.csv":     {"901 901 Điểm cầu thử 1||huyện 1", "902 902 Điểm cầu thử 2||huyện 1", "903 903 Điểm cầu thử 3||huyện 1"},
		"excel-semicolons-quoted-lines.csv": {"901 901 Điểm cầu thử 1 (tầng 2)|Phòng họp| 0"},
		"clipboard-tabs.tsv":                {"901 901 Điểm cầu thử 1|| 0", "902 902 Điểm cầu thử 2|| 0"},
		"excel-sep-line.csv":                {"901 901 Điểm cầu thử 1, 2, 3, 4|| 0"},
		"excel-empty-rows.csv":              {"901 901 Điểm cầu thử 1||huyện 0"},
		"columns-reordered.csv":             {"901 901 Điểm cầu thử 1|| 1"},
		"headings-decomposed.csv":           {"901 901 Điểm cầu thử 1|Hội trường lớn| 0"},
		"word-spaces.csv":                   {"901 901 Điểm cầu thử 1|Phòng họp| 0"},
	} {
		in := seeded(t).Import(file(t, name))
		if len(in.Faults) > 0 || in.Next == nil {
			t.Errorf("%s: %+v", name, in.Faults)
			continue
		}
		var got []string
		for _, c := range in.Changes {
			p := in.Next.Point(c.Point)
			room := p.Room
			if strings.HasPrefix(name, "excel-trailing") || strings.HasPrefix(name, "excel-extra") {
				room = ""
			}
			got = append(got, fmt.Sprintf("%d %s %s|%s|%s %d", p.Number, p.Code, p.Name, room, p.Tier, len(p.Officers)))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// What is wrong in such a table is told by line and column, and in words.
func TestFaultsOfSpreadsheetsAreTold(t *testing.T) {
	for name, want := range map[string][]string{
		"merged-headings.csv":      {"2:6 “0219 386 1234” stands in a column without a heading.", "2:0 The officer “Lò A” has no telephone number."},
		"text-beyond-headings.csv": {"2:6 “ghi chú” stands in a column without a heading."},
		"needed-cell-missing.csv":  {"2:4 This field must not be empty.", "3:2 This field must not be empty."},
		"control-character.csv": {
			"2:5 This field has a character that cannot be printed: U+202E, a mark that turns the direction of writing.",
			"3:3 This field has a character that cannot be printed: U+0007, a control character.",
		},
	} {
		in := seeded(t).Import(file(t, name))
		var got []string
		for _, f := range in.Faults {
			got = append(got, fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.En))
			if strings.Contains(f.Vi, "{") || strings.ContainsAny(f.Vi+f.En, "\a\u202e") {
				t.Errorf("%s: the words are %q", name, f.Vi)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// saved is a table as Excel saves it: semicolons, the mark in front, CRLF, an
// empty column more, and from the 17th row on no empty cells at the end.
func saved(t *testing.T, text []byte) []byte {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = ';', true
	for i, record := range records {
		record = append(record, "")
		for i > 16 && record[len(record)-1] == "" {
			record = record[:len(record)-1]
		}
		if err := w.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return b.Bytes()
}

func TestOwnExportComesBackFromExcel(t *testing.T) {
	b := seeded(t)
	points := b.Roster("ha-giang-tinh", false)[:22]
	in := b.Import(saved(t, Table(points)))
	if len(in.Faults) > 0 || in.Same != 22 || len(in.Changes) != 0 {
		t.Errorf("%d the same, %d changes, faults %+v", in.Same, len(in.Changes), in.Faults)
	}
}

// A change lists its cells; digits that only lost zeros in front are asked about,
// whether the row names its point by id or by number and code.
func TestLostZerosAreAskedAbout(t *testing.T) {
	b := seeded(t)
	b.Point("hg-01").Officers = []Officer{{Name: "Lò A", Phone: "0219386", Trained: true, Active: true}}
	zeros := Difference{Column: "code", Vi: "mã", Old: "02", New: "2", Zeros: true}
	for name, c := range map[string]struct {
		text  string
		cells []Difference
		asked int
	}{
		"by id":               {string(file(t, "excel-leading-zero-lost.csv")), []Difference{zeros}, 1},
		"by number and code":  {"number,code,unit,system\n1,2,UBND tỉnh,ha-giang-tinh\n", []Difference{zeros}, 1},
		"a new point":         {"number,code,unit,system\n901,2,Mới,ha-giang-tinh\n", []Difference{zeros}, 1},
		"another code":        {"id,number,code,unit,system\nhg-01,1,20,UBND tỉnh,ha-giang-tinh\n", []Difference{{Column: "code", Vi: "mã", Old: "02", New: "20"}}, 0},
		"a telephone":         {"id,number,code,unit,system,officer 1,phone 1\nhg-01,1,02,UBND tỉnh,ha-giang-tinh,Lò A,219386\n", []Difference{{Column: "phone 1", Vi: "điện thoại 1", Old: "0219386", New: "219386", Zeros: true}}, 1},
		"a name and a number": {"id,number,code,unit,system\nhg-01,901,02,UBND,ha-giang-tinh\n", []Difference{{Column: "number", Vi: "số", Old: "1", New: "901"}, {Column: "unit", Vi: "đơn vị", Old: "UBND tỉnh", New: "UBND"}}, 0},
	} {
		in := b.Import([]byte(c.text))
		if len(in.Faults) > 0 || len(in.Changes) != 1 || in.Asked != c.asked {
			t.Errorf("%s: asked %d, %+v, %+v", name, in.Asked, in.Changes, in.Faults)
			continue
		}
		if diff := cmp.Diff(c.cells, in.Changes[0].Cells); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	for _, c := range []struct {
		old, text string
		want      bool
	}{{"02", "2", true}, {"000", "0", true}, {"02", "02", false}, {"2", "02", false}, {"02-A", "2-A", false}, {"0", "", false}, {"0012", "012", true}, {"", "2", false}, {"10", "1", false}} {
		if lostZeros(c.old, c.text) != c.want {
			t.Errorf("%q for %q: lost zeros %v", c.text, c.old, !c.want)
		}
	}
}

// No cell of an export is a formula to a spreadsheet, and the import takes back
// what was in front, so that a table comes back as it was.
func TestNoCellOfAnExportIsAFormula(t *testing.T) {
	b := seeded(t)
	texts := []string{
		`=HYPERLINK("http://x")`, "@SUM(1)", "-1+1", "+84 219", "'=1", "''@x", "'", "'x", "＝1", "'+", "=", "a=1",
	}
	for i, text := range texts {
		p := &b.Points[i]
		p.Room, p.Carrier = text, text
	}
	table := Table(b.Points)
	records, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records {
		for _, text := range record {
			if text != "" && strings.ContainsAny(text[:1], "=+-@\t\r") || strings.HasPrefix(text, "＝") {
				t.Errorf("exported %q", text)
			}
		}
	}
	for _, again := range [][]byte{table, saved(t, table)} {
		if in := b.Import(again); len(in.Faults) > 0 || len(in.Changes) > 0 {
			t.Errorf("%+v %+v", in.Faults, in.Changes)
		}
	}
	for _, text := range []string{"\t=1", "\r=1", "\n", " =1", "'\t"} {
		if got := Disarm(text); got != "'"+text || armed(got) != text {
			t.Errorf("%q disarmed is %q", text, got)
		}
	}
}

func TestCleanIsOneLineOfWhatIsSeen(t *testing.T) {
	for text, want := range map[string]string{
		"A\u00a0B": "A B", "A\u202fB": "A B", "A\r\nB": "A B", "A \n\t B": "A B", "A  B": "A  B", " A ": "A", "\ufeffA\u200bB\u00ad": "AB",
		"A\u2028B": "A B", "\u00a0": "", "A \u200b B": "A  B", "o\u031b\u0301": "ớ", "A\x07": "A\x07",
	} {
		if got := Clean(text); got != want || Clean(got) != got {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// Every letter of Vietnamese is composed from its marks, in either order.
func TestMarksAreComposed(t *testing.T) {
	marks := map[rune]string{'ă': "a\u0306", 'â': "a\u0302", 'ê': "e\u0302", 'ô': "o\u0302", 'ơ': "o\u031b", 'ư': "u\u031b"}
	tones := []rune{0, 0x300, 0x301, 0x309, 0x303, 0x323}
	n := 0
	for _, f := range families {
		family := []rune(f)
		for at, letter := range family {
			if family[0] == 'd' || at == 0 {
				continue
			}
			vowel, tone := family[at-at%6], tones[at%6]
			base, mark := string(vowel), ""
			if m, ok := marks[vowel]; ok {
				base, mark = m[:1], m[1:]
			}
			if at%6 > 0 {
				for _, form := range []string{base + mark + string(tone), base + string(tone) + mark, string(vowel) + string(tone)} {
					if got := compose(form); got != string(letter) || compose(strings.ToUpper(form)) != strings.ToUpper(string(letter)) {
						t.Errorf("%q is %q, want %q", form, got, string(letter))
					}
				}
				n++
			} else if got := compose(base + mark); got != string(letter) {
				t.Errorf("%q is %q", base+mark, got)
			}
		}
	}
	if n != 60 {
		t.Errorf("%d letters with a tone, want 60", n)
	}
	for _, s := range []string{"đ\u0301", "\u0301", "á\u0300", "ă\u0302", "Đồng Văn"} {
		if got := compose(s); got != s {
			t.Errorf("%q is %q", s, got)
		}
	}
}
