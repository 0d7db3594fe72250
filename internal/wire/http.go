package wire

import (
	"encoding/json"

	"github.com/giaoban/giaoban/internal/meeting"
)

// PostedCommand is the body of POST /api/v1/meetings/{id}/commands. ID makes
// retries safe; the ids of one token must rise. Without it a retry is a new
// command.
type PostedCommand struct {
	T  string          `json:"t"`
	ID uint64          `json:"id,omitempty"`
	D  json.RawMessage `json:"d,omitempty"`
}

// Done answers a command over HTTP.
type Done struct {
	Seq meeting.Seq `json:"seq"`
}

// LineUp answers POST /api/v1/line: what came of a point's measurement, and in
// what time.
type LineUp struct {
	Bytes int64 `json:"bytes"`
	Ms    int64 `json:"ms"`
}

// EnteredPin is the operator's PIN as a room's page sends it.
type EnteredPin struct {
	Pin string `json:"pin" max:"32"`
}

// MeetingList answers GET /api/v1/meetings: the open meetings the token
// belongs to, the one that starts first before the others.
type MeetingList struct {
	Meetings []MeetingView `json:"meetings"`
}

// Problem is an error over HTTP (RFC 9457), application/problem+json. Vi and
// En are the code's sentences with the arguments filled in.
type Problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Code   meeting.Code   `json:"code"`
	Args   map[string]any `json:"args,omitempty"`
	Vi     string         `json:"vi"`
	En     string         `json:"en"`
}

// Problem gives what a code means as an HTTP answer.
func (i CodeInfo) Problem(args map[string]any) Problem {
	en := Fill(i.En, args)
	return Problem{
		Type: "about:blank", Title: en, Status: i.Status, Code: i.Code, Args: args,
		Vi: Fill(i.Vi, args), En: en,
	}
}

// ReadPosted decodes the body of a posted command strictly, and the command
// in it. A refusal is a *meeting.Error.
func ReadPosted(body []byte) (PostedCommand, meeting.Command, error) {
	var p PostedCommand
	if err := Decode(body, &p); err != nil {
		return p, nil, err
	}
	if p.ID > maxID {
		return p, nil, refuse(CodeFrameMalformed, "detail", `"id" must be at most 2^53-1`)
	}
	c, err := ReadCommand(p.T, p.D)
	return p, c, err
}
