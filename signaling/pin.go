package signaling

import (
	"crypto/subtle"
	"io"
	"net/http"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/wire"
)

// enterPin is POST /api/v1/pin: whether a room's page may open its settings.
// The PIN keeps idle hands off a television; what a room's token may do it
// does not change. Who guesses is slowed down, and so is a neighbourhood.
func (s *Server) enterPin(w http.ResponseWriter, r *http.Request) {
	who, err := s.bearer(r)
	if err != nil {
		problem(w, err)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1024))
	var entered wire.EnteredPin
	if err == nil {
		err = wire.Decode(body, &entered)
	}
	if err != nil {
		problem(w, refusal(wire.CodeFrameMalformed))
		return
	}
	if err := who.held(); err != nil {
		problem(w, err)
		return
	}
	// The rate is judged before the PIN, or it would slow no guess that is right.
	near := limit.Of(r)
	if err := s.fair.pins.Take(principalOf(who.Identity)); err != nil {
		problem(w, err)
		return
	}
	if err := s.fair.pinNear.Take(near); err != nil {
		problem(w, err)
		return
	}
	if subtle.ConstantTimeCompare([]byte(entered.Pin), []byte(s.cfg.Pin)) != 1 {
		problem(w, refusal(wire.CodePinWrong))
		return
	}
	s.fair.pins.GiveBack(principalOf(who.Identity))
	s.fair.pinNear.GiveBack(near)
	w.WriteHeader(http.StatusNoContent)
}
