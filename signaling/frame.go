package signaling

import (
	"encoding/json"
	"fmt"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// encode makes a frame of one of our own structs.
func encode(t string, e wire.Envelope, data any) []byte {
	e.T = t
	if data != nil {
		e.D = mustJSON(data)
	}
	return mustJSON(e)
}

// mustJSON encodes a struct of package wire; those always can be.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("signaling: encode %T: %w", v, err))
	}
	return b
}

// failure is an "error" frame. re 0 answers nothing: it is news.
func failure(re uint64, err error, closed bool) []byte {
	coded := codedError(err)
	return encode("error", wire.Envelope{Re: re}, wire.Failure{Code: coded.Code, Args: coded.Args, Closed: closed})
}

// codedError gives any error a code a client can translate.
func codedError(err error) *meeting.Error { return wire.Coded(err) }

// refusal is a coded error without arguments.
func refusal(code meeting.Code) error { return &meeting.Error{Code: code} }
