package store

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/giaoban/giaoban/internal/meeting"
)

// exportHeader is the first line of an export.
type exportHeader struct {
	Format  int        `json:"format"`
	Meeting meeting.ID `json:"meeting"`
}

// ExportFormat is the version of the form Export writes.
const ExportFormat = 1

// Export writes the log of one meeting as JSON lines: a header that names the
// format and the meeting, then one line per event.
func Export(ctx context.Context, w io.Writer, j Journal, id meeting.ID) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(exportHeader{Format: ExportFormat, Meeting: id}); err != nil {
		return fmt.Errorf("export %q: %w", id, err)
	}
	for e, err := range j.Read(ctx, id, 0) {
		if err == nil {
			err = lines.Encode(e)
		}
		if err != nil {
			return fmt.Errorf("export %q: %w", id, err)
		}
	}
	return nil
}
