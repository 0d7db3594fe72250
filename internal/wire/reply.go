package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
)

// Coded gives any error a code a client can translate; what the server knows
// more stays in its log.
func Coded(err error) *meeting.Error {
	var coded *meeting.Error
	var over *limit.Refusal
	switch {
	case errors.As(err, &over):
		return &meeting.Error{Code: meeting.Code(over.Code), Args: map[string]any{afterMs: over.After.Milliseconds() + 1}}
	case errors.As(err, &coded):
		return coded
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &meeting.Error{Code: CodeServerBusy}
	default:
		return &meeting.Error{Code: CodeServerFailed}
	}
}

// afterMs is the argument of a refusal that time mends: in how many
// milliseconds it is worth trying again. Over HTTP it is Retry-After too.
const afterMs = "afterMs"

// Refuse answers with an error's code and sentences (RFC 9457).
func Refuse(w http.ResponseWriter, err error) {
	coded := Coded(err)
	info, _ := Explain(coded.Code)
	p := info.Problem(coded.Args)
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	if ms, ok := coded.Args[afterMs].(int64); ok {
		w.Header().Set("Retry-After", strconv.FormatInt((ms+999)/1000, 10))
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	send(w, p.Status, p)
}

// Reply answers with one of our own structs as JSON.
func Reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	send(w, status, body)
}

// send writes an answer; a client that has gone away misses it, which is its
// own affair. Our structs can always be encoded.
func send(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Errorf("wire: encode %T: %w", body, err))
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
