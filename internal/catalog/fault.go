package catalog

import (
	"fmt"
	"strings"
	"unicode"
)

// Fault is one thing that is wrong in a table: where, and what in words.
type Fault struct {
	Line   int    `json:"line"`            // of the file, from 1
	Column int    `json:"column"`          // of the table, from 1; 0 is the whole line
	Name   string `json:"name,omitempty"`  // the column's heading as the file has it
	Value  string `json:"value,omitempty"` // what stands there, shortened
	Why    Why    `json:"why"`
	Other  int    `json:"other,omitempty"` // the line it clashes with
	Vi     string `json:"vi"`
	En     string `json:"en"`
}

// Why names a kind of fault. The list is append-only.
type Why string

// The kinds of faults.
const (
	WhyHeading   Why = "heading"
	WhyMissing   Why = "missing"
	WhyTwice     Why = "twice"
	WhyQuotes    Why = "quotes"
	WhyFields    Why = "fields"
	WhyEncoding  Why = "encoding"
	WhyEmpty     Why = "empty"
	WhyTooMany   Why = "too_many"
	WhyNumber    Why = "number"
	WhyCode      Why = "code"
	WhyUnit      Why = "unit"
	WhySystem    Why = "system"
	WhyTaken     Why = "taken"
	WhyID        Why = "id"
	WhyKind      Why = "kind"
	WhyPhone     Why = "phone"
	WhyNoPhone   Why = "no_phone"
	WhyNoOfficer Why = "no_officer"
	WhyEmail     Why = "email"
	WhyText      Why = "text"
	WhyYes       Why = "yes"
	WhyBook      Why = "book"
	WhyKbps      Why = "kbps"
	WhyBeyond    Why = "beyond"
	WhyNeeded    Why = "needed"
	WhyUnseen    Why = "unprintable"
)

// reasons says each kind of fault in Vietnamese and English; {value}, {other},
// {name} and {kind} are filled in.
var reasons = map[Why][2]string{
	WhyHeading:   {"Không biết cột “{value}”.", "There is no column “{value}”."},
	WhyMissing:   {"Thiếu cột “{value}”.", "The column “{value}” is missing."},
	WhyTwice:     {"Cột “{value}” có hai lần.", "The column “{value}” is there twice."},
	WhyQuotes:    {"Dấu nháy kép chưa đóng hoặc đặt sai chỗ.", "A double quote is not closed, or stands where none may be."},
	WhyFields:    {"Số ô của dòng này khác dòng tiêu đề.", "This line has another number of fields than the heading."},
	WhyEncoding:  {"Tệp không phải UTF-8. Trong Excel chọn “CSV UTF-8” khi lưu.", "The file is not UTF-8. In Excel, save it as “CSV UTF-8”."},
	WhyEmpty:     {"Tệp không có điểm cầu nào.", "The file has no bridge point."},
	WhyTooMany:   {"Tệp dài hơn mức cho phép.", "The file is longer than allowed."},
	WhyNumber:    {"Số điểm cầu phải từ 1 đến 9999, ở đây là “{value}”.", "The point number must be 1 to 9999, here it is “{value}”."},
	WhyCode:      {"Mã đơn vị là một từ không dấu, ở đây là “{value}”.", "The unit's code is one word of plain letters and digits, here it is “{value}”."},
	WhyUnit:      {"Chưa có tên đơn vị, hoặc tên dài quá 200 chữ.", "The unit's name is missing, or longer than 200 letters."},
	WhySystem:    {"Không có hệ thống “{value}”.", "There is no system “{value}”."},
	WhyTaken:     {"“{value}” đã có ở dòng {other}.", "“{value}” stands in line {other} already."},
	WhyID:        {"“{value}” là mã của điểm cầu khác trong danh mục.", "“{value}” belongs to another bridge point of the catalogue."},
	WhyKind:      {"Loại phải là “room” hoặc “relay”, ở đây là “{value}”.", "The kind must be “room” or “relay”, here it is “{value}”."},
	WhyPhone:     {"“{value}” không phải số điện thoại.", "“{value}” is not a telephone number."},
	WhyNoPhone:   {"Cán bộ “{value}” chưa có số điện thoại.", "The officer “{value}” has no telephone number."},
	WhyNoOfficer: {"Có điện thoại hoặc thư điện tử nhưng chưa có tên cán bộ.", "There is a telephone or e-mail, but no officer's name."},
	WhyEmail:     {"“{value}” không phải địa chỉ thư điện tử.", "“{value}” is not an e-mail address."},
	WhyText:      {"Ô này dài quá 200 chữ.", "This field is longer than 200 letters."},
	WhyBeyond:    {"Có “{value}” ở cột không có tiêu đề.", "“{value}” stands in a column without a heading."},
	WhyNeeded:    {"Ô này không được để trống.", "This field must not be empty."},
	WhyUnseen:    {"Ô này có ký tự không in được: {value}, {kind}.", "This field has a character that cannot be printed: {value}, {kind}."},
	WhyBook:      {"Danh mục không nhận bảng này: {value}.", "The catalogue does not take this table: {value}."},
	WhyKbps:      {"Giới hạn tải xuống là 64 đến 1000000 kbit/s, để trống nếu không giới hạn; ở đây là “{value}”.", "The limit is 64 to 1000000 kbit/s, or nothing; here it is “{value}”."},
	WhyYes:       {"Ghi “x” nếu đã tập huấn, để trống nếu chưa; ở đây là “{value}”.", "Put “x” if trained, nothing if not; here it is “{value}”."},
}

// say puts the fault into words.
func (f Fault) say() Fault {
	kind := [2]string{}
	if r, found := unprintable(f.Value); found && f.Why == WhyUnseen {
		kind, f.Value = nameOf(r), fmt.Sprintf("U+%04X", r)
	}
	f.Value = shorten(f.Value)
	words := reasons[f.Why]
	for i, to := range []*string{&f.Vi, &f.En} {
		*to = strings.NewReplacer("{value}", f.Value, "{other}", fmt.Sprint(f.Other), "{name}", f.Name, "{kind}", kind[i]).Replace(words[i])
	}
	return f
}

// shorten keeps what a person needs to find the place, and nothing that a
// terminal would carry out.
func shorten(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}
