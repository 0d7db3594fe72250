package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
)

// The bounds of what a client may send.
const (
	MaxFrame  = limit.FrameBytes
	MaxSDP    = 200_000 // bytes of one SDP, the max tag of MediaOffer.SDP
	MaxWatch  = 25      // points of one private look
	maxString = 256     // bytes of any string without a max tag
	maxList   = 25      // entries of any list without a most tag: no layout or look is longer
)

// bounds are those of one field: of a string, and of a list.
type bounds struct{ bytes, entries int }

// standard are the bounds of a field without tags.
var standard = bounds{bytes: maxString, entries: maxList}

// Frame is a client's frame before its data is read.
type Frame struct {
	T  string          `json:"t"`
	ID uint64          `json:"id,omitempty"`
	D  json.RawMessage `json:"d,omitempty"`
}

// ReadFrame decodes a client's frame strictly. A refusal is a *meeting.Error;
// the frame is then as far as it could be read, so that the refusal can still
// name its id.
func ReadFrame(data []byte) (Frame, error) {
	if len(data) > MaxFrame {
		return Frame{}, refuse(CodeFrameTooBig, "max", MaxFrame)
	}
	var f Frame
	if err := strict(data, &f); err != nil {
		return f, refuse(CodeFrameMalformed, "detail", detail(err))
	}
	if f.T == "" || len(f.T) > 64 {
		f.T = ""
		return f, refuse(CodeFrameMalformed, "detail", `"t" must be 1 to 64 bytes`)
	}
	if f.ID == 0 {
		return f, refuse(CodeFrameMalformed, "detail", `"id" must be a number from 1`)
	}
	if f.ID > maxID {
		return f, refuse(CodeFrameMalformed, "detail", `"id" must be at most 2^53-1`)
	}
	return f, nil
}

// maxID is the largest number every JSON reader keeps exactly.
const maxID = 1<<53 - 1

// ReadCommand decodes a command by its name. A refusal is a *meeting.Error.
func ReadCommand(name string, d []byte) (meeting.Command, error) {
	return readFrom(commands, name, d)
}

// ReadNodeCommand decodes a command that comes up a link: a client's, or the
// node's own.
func ReadNodeCommand(name string, d []byte) (meeting.Command, error) {
	return readFrom(slices.Concat(commands, nodeCommands), name, d)
}

func readFrom(commands []command, name string, d []byte) (meeting.Command, error) {
	for _, c := range commands {
		if c.name == name {
			return c.decode(d)
		}
	}
	return nil, refuse(CodeMessageUnknown, "t", shorten(name))
}

// Decode reads one JSON value into a struct: unknown fields, trailing data,
// strings and lists beyond their bounds are refused with a *meeting.Error.
// Missing data is the empty object.
func Decode(d []byte, into any) error {
	if len(d) == 0 {
		d = []byte("{}")
	}
	if len(d) > MaxFrame {
		return refuse(CodeFrameTooBig, "max", MaxFrame)
	}
	if err := strict(d, into); err != nil {
		return refuse(CodeFrameMalformed, "detail", detail(err))
	}
	return bounded(reflect.ValueOf(into).Elem(), "d", standard)
}

// strict reads exactly one JSON object and nothing after it.
func strict(data []byte, into any) error {
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return errors.New("want a JSON object")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("data after the JSON object")
	}
	return ExactKeys(data, reflect.TypeOf(into).Elem())
}

// bounded walks a decoded value and refuses the first string or list that is
// longer than its bound.
func bounded(v reflect.Value, path string, b bounds) error {
	switch v.Kind() {
	case reflect.String:
		if v.Len() > b.bytes {
			return refuse(CodeFrameTooBig, "field", path, "max", b.bytes)
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			return nil // not read yet; the frame bounds it
		}
		if v.Len() > b.entries {
			return refuse(CodeFrameTooBig, "field", path, "max", b.entries)
		}
		for i := range v.Len() {
			if err := bounded(v.Index(i), path, b); err != nil {
				return err
			}
		}
	case reflect.Struct:
		return boundedFields(v, path)
	}
	return nil
}

func boundedFields(v reflect.Value, path string) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		b := standard
		if n, err := strconv.Atoi(f.Tag.Get("max")); err == nil {
			b.bytes = n
		}
		if n, err := strconv.Atoi(f.Tag.Get("most")); err == nil {
			b.entries = n
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if err := bounded(v.Field(i), path+"."+name, b); err != nil {
			return err
		}
	}
	return nil
}

// refuse makes a coded error; args are pairs of name and value.
func refuse(code meeting.Code, args ...any) error {
	e := &meeting.Error{Code: code, Args: map[string]any{}}
	for i := 0; i+1 < len(args); i += 2 {
		e.Args[args[i].(string)] = args[i+1]
	}
	return e
}

// detail is what a developer is told of a decoding error; it is short and
// repeats nothing long of the input.
func detail(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("byte %d: %s", syntax.Offset, shorten(syntax.Error()))
	}
	return shorten(strings.TrimPrefix(err.Error(), "json: "))
}

// shorten keeps the first 64 bytes, cut at a whole character.
func shorten(s string) string {
	if len(s) <= 64 {
		return s
	}
	return strings.ToValidUTF8(s[:64], "") + "…"
}
