package catalog

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// column is one column of the table of points: its heading, the heading a
// Vietnamese office writes, and whether the table needs it.
type column struct {
	name, vi string
	needed   bool
}

// columns are those every table may have; officers follow, see officerColumns.
var columns = []column{
	{"id", "định danh", false},
	{"number", "số", true},
	{"code", "mã", true},
	{"unit", "đơn vị", true},
	{"system", "hệ thống", true},
	{"parent", "cấp trên", false},
	{"tier", "cấp", false},
	{"room", "phòng họp", false},
	{"kind", "loại", false},
	{"carrier", "nhà mạng", false},
	{"circuit", "số kênh", false},
	{"auto open", "tự bật micro theo văn bản", false},
	{"down kbps", "kbit/s tải xuống", false},
}

// officerColumns are the columns of the nth officer, from 1.
func officerColumns(n int) []column {
	return []column{
		{fmt.Sprintf("officer %d", n), fmt.Sprintf("cán bộ %d", n), false},
		{fmt.Sprintf("phone %d", n), fmt.Sprintf("điện thoại %d", n), false},
		{fmt.Sprintf("email %d", n), fmt.Sprintf("thư điện tử %d", n), false},
		{fmt.Sprintf("trained %d", n), fmt.Sprintf("đã tập huấn %d", n), false},
	}
}

// allColumns are the columns of a table with so many officers.
func allColumns(officers int) []column {
	all := append([]column(nil), columns...)
	for n := 1; n <= officers; n++ {
		all = append(all, officerColumns(n)...)
	}
	return all
}

// isNeeded reports whether every row must have something in a column.
func isNeeded(name string) bool {
	return slices.ContainsFunc(columns, func(c column) bool { return c.name == name && c.needed })
}

// headingOf finds the column a heading names, in either language, whatever its
// marks, capitals and spaces.
func headingOf(heading string) (name string, ok bool) {
	want := Fold(heading)
	for _, c := range allColumns(MaxOfficers) {
		if want == Fold(c.name) || want == Fold(c.vi) {
			return c.name, true
		}
	}
	return "", false
}

// Fold is a text without Vietnamese marks, capitals and spaces, for finding:
// "Đơn vị" and "don vi" are one.
func Fold(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == ' ' || r == '_' || r == '-': // marks written apart, and spaces
		default:
			b.WriteRune(plain(r))
		}
	}
	return b.String()
}

// families lists the letters of Vietnamese that are one without their marks: of
// each vowel the six tones: none, grave, acute, hook, tilde, dot below.
var families = []string{
	"aàáảãạăằắẳẵặâầấẩẫậ", "eèéẻẽẹêềếểễệ", "iìíỉĩị", "oòóỏõọôồốổỗộơờớởỡợ", "uùúủũụưừứửữự", "yỳýỷỹỵ", "dđ",
}

func plain(r rune) rune {
	if r < 0x80 {
		return r
	}
	for _, f := range families {
		if strings.ContainsRune(f, r) {
			return rune(f[0])
		}
	}
	return r
}
