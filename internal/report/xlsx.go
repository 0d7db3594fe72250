package report

import (
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"
)

// WriteXLSX writes the tables as one workbook, a sheet each, row by row. Times
// and durations are real ones, that can be sorted and added up.
func (m *Minutes) WriteXLSX(w io.Writer, f Format) error {
	book := excelize.NewFile()
	defer book.Close() // it holds nothing of ours; Write has the error that counts
	styles, err := newStyles(book)
	if err != nil {
		return fmt.Errorf("minutes of %q: %w", m.Meeting, err)
	}
	for i, t := range m.Tables(f) {
		if i == 0 {
			err = book.SetSheetName(book.GetSheetName(0), t.Title)
		} else {
			_, err = book.NewSheet(t.Title)
		}
		if err == nil {
			err = t.sheet(book, styles, f)
		}
		if err != nil {
			return fmt.Errorf("minutes of %q, sheet %s: %w", m.Meeting, t.ID, err)
		}
	}
	if err := book.Write(w); err != nil {
		return fmt.Errorf("minutes of %q: %w", m.Meeting, err)
	}
	return nil
}

// styles are the numbers of a workbook's styles.
type styles struct{ head, time, duration int }

func newStyles(book *excelize.File) (s styles, err error) {
	at, took := "dd/mm/yyyy hh:mm:ss", "[h]:mm:ss"
	for _, each := range []struct {
		to    *int
		style excelize.Style
	}{
		{&s.head, excelize.Style{Font: &excelize.Font{Bold: true}}},
		{&s.time, excelize.Style{CustomNumFmt: &at}},
		{&s.duration, excelize.Style{CustomNumFmt: &took}},
	} {
		if *each.to, err = book.NewStyle(&each.style); err != nil {
			return s, err
		}
	}
	return s, nil
}

// sheet streams a table into its sheet.
func (t Table) sheet(book *excelize.File, s styles, f Format) error {
	out, err := book.NewStreamWriter(t.Title)
	if err != nil {
		return err
	}
	if err := out.SetColWidth(1, len(t.Columns), 22); err != nil {
		return err
	}
	head := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = excelize.Cell{StyleID: s.head, Value: c}
	}
	if err := out.SetRow("A1", head, excelize.RowOpts{}); err != nil {
		return err
	}
	for i, row := range t.Rows {
		cells := make([]any, len(row))
		for c, v := range row {
			cells[c] = cellOf(v, s, f)
		}
		if err := out.SetRow(fmt.Sprintf("A%d", i+2), cells); err != nil {
			return err
		}
	}
	return out.Flush()
}

// cellOf is a value as a workbook has it. A workbook knows no time zone: its
// times are the wall clock's.
func cellOf(v any, s styles, f Format) any {
	switch v := v.(type) {
	case time.Time:
		if v.IsZero() {
			return nil
		}
		at := v.In(f.zone())
		wall := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
		return excelize.Cell{StyleID: s.time, Value: wall}
	case time.Duration:
		return excelize.Cell{StyleID: s.duration, Value: v.Round(time.Second).Hours() / 24}
	}
	return v
}
