package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"
)

//go:embed minutes.html
var page string

//go:embed minutes.css
var style string

// StylePolicy is the content security policy under which the page's own style
// works and nothing else does.
func StylePolicy() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// sheet is a table in words.
type sheet struct {
	ID, Title string
	Columns   []string
	Rows      [][]string
	Numbers   []bool // which columns are figures
}

// WriteHTML writes the minutes as one page that prints on A4. It loads nothing.
func (m *Minutes) WriteHTML(w io.Writer, f Format) error {
	data := map[string]any{
		"Lang": f.Language, "Style": template.CSS(style), "Title": m.Title, "Kind": f.word([2]string{"Biên bản cuộc họp", "Minutes"}),
		"Facts": m.heading(f), "Sheets": m.sheets(f),
		"None": f.word([2]string{"Không có", "None"}),
	}
	t, err := template.New("minutes").Parse(page)
	if err == nil {
		err = t.Execute(w, data)
	}
	if err != nil {
		return fmt.Errorf("minutes of %q: %w", m.Meeting, err)
	}
	return nil
}

// heading is what stands above the tables.
func (m *Minutes) heading(f Format) [][2]string {
	lines := [][2]string{
		{f.word([2]string{"Đơn vị chủ trì", "Host unit"}), m.HostUnit},
		{f.word([2]string{"Điểm cầu chủ tọa", "Chair point"}), m.names()[m.ChairPoint]},
		{f.word([2]string{"Giờ họp", "Due to start"}), f.text(m.StartsAt)},
		{f.word([2]string{"Bắt đầu", "Opened"}), f.text(m.StartedAt)},
		{f.word([2]string{"Kết thúc", "Ended"}), f.text(m.EndedAt)},
		{f.word([2]string{"Điểm cầu tham dự", "Bridge points present"}), fmt.Sprintf("%d/%d", m.Came(), len(m.Attendance))},
		{f.word([2]string{"Lượt phát biểu", "Turns"}), fmt.Sprint(len(m.Speeches))},
		{f.word([2]string{"Sự cố", "Incidents"}), fmt.Sprint(len(m.Incidents))},
	}
	var told [][2]string
	for _, l := range lines {
		if l[1] != "" {
			told = append(told, l)
		}
	}
	return told
}

// Came counts the points that were there at all.
func (m *Minutes) Came() int {
	n := 0
	for i := range m.Attendance {
		if !m.Attendance[i].FirstAt.IsZero() {
			n++
		}
	}
	return n
}

func (m *Minutes) sheets(f Format) []sheet {
	var list []sheet
	for _, t := range m.Tables(f) {
		s := sheet{ID: t.ID, Title: t.Title, Columns: t.Columns, Numbers: make([]bool, len(t.Columns))}
		for _, row := range t.Rows {
			words := make([]string, len(row))
			for i, c := range row {
				words[i] = f.text(c)
				switch c.(type) {
				case int, time.Duration:
					s.Numbers[i] = true
				}
			}
			s.Rows = append(s.Rows, words)
		}
		list = append(list, s)
	}
	return list
}
