package store

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/giaoban/giaoban/internal/meeting"
)

// ExportFormat is the version of the form Export writes.
const ExportFormat = 1

// maxLine bounds a line of an export, in bytes; maxEvents bounds its events, of
// which a day's meeting has some 20 000.
const (
	maxLine   = 1 << 20
	maxEvents = 1 << 18
)

// The errors of Import.
var (
	// ErrExists is a meeting that has a log already.
	ErrExists = errors.New("store: meeting exists")
	// ErrFile is a file that is no whole export of one meeting.
	ErrFile = errors.New("store: not a whole export of a meeting")
)

// exportHeader is the first line of an export.
type exportHeader struct {
	Format  int        `json:"format"`
	Meeting meeting.ID `json:"meeting"`
}

// exportFooter is the last line, by which a file that was cut off is known.
type exportFooter struct {
	Events int `json:"events"`
}

// Export writes the log of one meeting as JSON lines: a header that names the
// format and the meeting, one line per event, and a footer that counts them.
func Export(ctx context.Context, w io.Writer, j Journal, id meeting.ID) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	n := 0
	err := lines.Encode(exportHeader{Format: ExportFormat, Meeting: id})
	for e, failed := range j.Read(ctx, id, 0) {
		if err = errors.Join(err, failed); err == nil {
			err = lines.Encode(e)
		}
		if err != nil {
			break
		}
		n++
	}
	if err == nil {
		err = lines.Encode(exportFooter{Events: n})
	}
	if err != nil {
		return fmt.Errorf("export %q: %w", id, err)
	}
	return nil
}

// Import reads an export into a store that has no log of its meeting, whole or
// not at all, and returns the meeting. It takes only a log that folds, so that
// no file can bring in a meeting which then cannot be opened. The meeting is
// closed, before its log is there: it goes on only once it is reopened. An error
// of the file names its line and wraps ErrFile.
func Import(ctx context.Context, r io.Reader, j Shelf) (meeting.ID, error) {
	f := &file{lines: bufio.NewScanner(r)}
	f.lines.Buffer(nil, maxLine)
	id, events, err := f.read()
	if err != nil {
		return "", fmt.Errorf("import: line %d: %w: %w", f.line, ErrFile, err)
	}
	for _, err := range j.Read(ctx, id, 0) {
		if err == nil {
			err = ErrExists
		}
		return "", fmt.Errorf("import %q: %w", id, err)
	}
	why := WhyImported
	if ends(events) {
		why = WhyEnded
	}
	if err := Shut(ctx, j, id, why); err != nil {
		return "", fmt.Errorf("import %q: %w", id, err)
	}
	if err := j.Append(ctx, id, 1, events); err != nil {
		return "", fmt.Errorf("import %q: %w", id, err)
	}
	return id, nil
}

// Shelf is where a meeting is imported to.
type Shelf interface {
	Catalog
	Journal
}

// CheckMeeting refuses an id that no meeting of this program has: it stands in
// file names, headers and addresses.
func CheckMeeting(id meeting.ID) error {
	if err := CheckName(string(id)); err != nil {
		return err
	}
	for i, r := range string(id) {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && (i == 0 || !strings.ContainsRune("-_.~", r)) || r == unicode.ReplacementChar {
			return fmt.Errorf("%w: a meeting's id has letters, digits, and behind the first \"-\", \"_\", \".\" and \"~\": %q", ErrInvalid, id)
		}
	}
	return nil
}

// file is an export being read.
type file struct {
	lines *bufio.Scanner
	line  int // number of the current one, from 1
}

// read gives the meeting and its events.
func (f *file) read() (meeting.ID, []meeting.Event, error) {
	var head exportHeader
	if err := f.next(&head); err != nil {
		return "", nil, err
	}
	if head.Format != ExportFormat {
		return "", nil, fmt.Errorf("format %d, want %d", head.Format, ExportFormat)
	}
	if err := CheckMeeting(head.Meeting); err != nil {
		return "", nil, err
	}
	events, err := f.events(meeting.New(head.Meeting))
	if err == nil && f.lines.Scan() {
		f.line++
		err = errors.New("data after the footer")
	}
	return head.Meeting, events, errors.Join(err, f.lines.Err())
}

// events reads up to the footer and folds what it reads.
func (f *file) events(machine *meeting.Meeting) (events []meeting.Event, err error) {
	for len(events) <= maxEvents {
		var line json.RawMessage
		if err := f.next(&line); err != nil {
			return nil, err
		}
		var foot exportFooter
		if strict(line, &foot) == nil {
			if foot.Events != len(events) || foot.Events == 0 {
				return nil, fmt.Errorf("the footer counts %d events, the file has %d", foot.Events, len(events))
			}
			return events, nil
		}
		var e meeting.Event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, err
		}
		if err := machine.Apply(e); err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return nil, fmt.Errorf("more than %d events", maxEvents)
}

// next decodes the next line.
func (f *file) next(v any) error {
	f.line++
	if !f.lines.Scan() {
		if err := f.lines.Err(); err != nil {
			return err
		}
		return io.ErrUnexpectedEOF
	}
	return strict(f.lines.Bytes(), v)
}

// strict decodes one value without unknown fields.
func strict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("data after the value")
	}
	return nil
}
