package report

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/giaoban/giaoban/internal/catalog"
)

// WriteCSV writes a table as comma-separated values (RFC 4180), with the mark
// by which spreadsheets know UTF-8.
func (t Table) WriteCSV(w io.Writer, f Format) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write %s: %w", t.ID, err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	err := out.Write(t.Columns)
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = f.text(c)
			if s, ok := c.(string); ok {
				cells[i] = catalog.Disarm(s) // what people wrote is no formula
			}
		}
		if err == nil {
			err = out.Write(cells)
		}
	}
	if out.Flush(); err == nil {
		err = out.Error()
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", t.ID, err)
	}
	return nil
}
