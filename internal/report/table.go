package report

import (
	"fmt"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Language is one of the two the minutes are written in.
type Language string

// Vietnamese comes first.
const (
	Vietnamese Language = "vi"
	English    Language = "en"
)

// Table is one sheet of the minutes. A cell is a string, an int, a time.Time
// (zero: empty) or a time.Duration.
type Table struct {
	ID      string // attendance, speakers, rollcall, incidents, acts
	Title   string
	Columns []string
	Rows    [][]any
}

// Format is how minutes are written.
type Format struct {
	Language Language
	Zone     *time.Location // of every time; nil is UTC
}

// words gives the words of a line "Tiếng Việt | English" in the language.
func (f Format) words(list ...[2]string) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = f.word(w)
	}
	return out
}

func (f Format) word(w [2]string) string {
	if f.Language == English {
		return w[1]
	}
	return w[0]
}

func (f Format) zone() *time.Location {
	if f.Zone == nil {
		return time.UTC
	}
	return f.Zone
}

// Tables are the sheets of the minutes, in order.
func (m *Minutes) Tables(f Format) []Table {
	return []Table{m.attendance(f), m.speakers(f), m.rollCalls(f), m.incidents(f), m.acts(f)}
}

func (m *Minutes) attendance(f Format) Table {
	t := Table{ID: "attendance", Title: f.word([2]string{"Điểm cầu tham dự", "Attendance"}), Columns: f.words(
		[2]string{"Số", "Number"}, [2]string{"Điểm cầu", "Bridge point"}, [2]string{"Thuộc", "Of"}, [2]string{"Kết nối lúc", "Connected"},
		[2]string{"Ngắt lúc", "Last there"}, [2]string{"Tham dự", "Present for"}, [2]string{"Số lần kết nối", "Joins"},
		[2]string{"Số lần mất kết nối", "Losses"}, [2]string{"Muộn", "Late"}, [2]string{"Tự ý hủy kết nối", "Left without release"},
	)}
	for i := range m.Attendance {
		a := &m.Attendance[i]
		t.Rows = append(t.Rows, []any{
			a.Point.Number, a.Point.Name, a.Point.Parent, a.FirstAt, a.LastAt, a.Present, a.Joins, a.Losses,
			f.mark(a.Late), f.mark(a.LeftEarly),
		})
	}
	return t
}

func (m *Minutes) speakers(f Format) Table {
	t := Table{ID: "speakers", Title: f.word([2]string{"Phát biểu", "Speakers"}), Columns: f.words(
		[2]string{"Mời lúc", "Invited"}, [2]string{"Điểm cầu", "Bridge point"}, [2]string{"Đại biểu", "Delegate"}, [2]string{"Nội dung", "Subject"},
		[2]string{"Bật micro lúc", "Microphone on"}, [2]string{"Kết thúc lúc", "Ended"}, [2]string{"Thời gian nói", "Spoke for"},
		[2]string{"Phút được mời", "Minutes allowed"}, [2]string{"Theo chỉ đạo của Chủ trì", "By direction of the chair"}, [2]string{"Lý do kết thúc", "Why it ended"},
	)}
	for _, s := range m.Speeches {
		t.Rows = append(t.Rows, []any{
			s.InvitedAt, s.Name, s.Delegate, s.Subject, s.OpenedAt, s.EndedAt, s.Spoke, s.Minutes,
			f.mark(s.ByDirection), f.why(s.Why),
		})
	}
	return t
}

func (m *Minutes) rollCalls(f Format) Table {
	t := Table{ID: "rollcall", Title: f.word([2]string{"Điểm danh", "Roll call"}), Columns: f.words(
		[2]string{"Lần", "Roll call"}, [2]string{"Điểm cầu", "Bridge point"}, [2]string{"Kết quả", "Result"}, [2]string{"Ghi chú", "Remark"}, [2]string{"Lúc", "At"},
	)}
	names := m.names()
	for i, r := range m.RollCalls {
		for _, k := range r.Marks {
			t.Rows = append(t.Rows, []any{i + 1, names[k.Point], f.result(k.State), k.Remark, k.At})
		}
	}
	return t
}

func (m *Minutes) incidents(f Format) Table {
	t := Table{ID: "incidents", Title: f.word([2]string{"Sự cố", "Incidents"}), Columns: f.words(
		[2]string{"Điểm cầu", "Bridge point"}, [2]string{"Mất kết nối lúc", "Disconnected"}, [2]string{"Kết nối lại lúc", "Back"}, [2]string{"Thời gian", "For"},
		[2]string{"Nguyên nhân", "Cause"}, [2]string{"Giải pháp", "Remedy"}, [2]string{"Dự kiến khắc phục xong lúc", "Expected repair"},
	)}
	for _, i := range m.Incidents {
		to := i.ClosedAt
		if to.IsZero() {
			to = m.Until
		}
		t.Rows = append(t.Rows, []any{i.Name, i.OpenedAt, i.ClosedAt, to.Sub(i.OpenedAt), i.Cause, i.Remedy, i.ExpectedAt})
	}
	return t
}

func (m *Minutes) acts(f Format) Table {
	t := Table{ID: "acts", Title: f.word([2]string{"Thao tác điều hành", "Acts of the chair's side"}), Columns: f.words(
		[2]string{"Lúc", "At"}, [2]string{"Vai trò", "Role"}, [2]string{"Người thực hiện", "By"}, [2]string{"Thao tác", "Act"}, [2]string{"Điểm cầu", "Bridge point"}, [2]string{"Chi tiết", "Detail"},
	)}
	for _, a := range m.Acts {
		t.Rows = append(t.Rows, []any{a.At, f.role(a.By.Role), a.By.Name, f.act(a.Fact), a.Name, a.Text})
	}
	return t
}

func (m *Minutes) names() map[meeting.PointID]string {
	names := make(map[meeting.PointID]string, len(m.Attendance))
	for i := range m.Attendance {
		names[m.Attendance[i].Point.ID] = m.Attendance[i].Point.Name
	}
	return names
}

// text is a cell in words.
func (f Format) text(cell any) string {
	switch v := cell.(type) {
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.In(f.zone()).Format("02/01/2006 15:04:05")
	case time.Duration:
		return clock(v)
	}
	return fmt.Sprint(cell)
}

// clock writes a duration as h:mm:ss.
func clock(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
