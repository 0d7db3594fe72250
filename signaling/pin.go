package signaling

import (
	"crypto/subtle"
	"io"
	"net/http"
	"net/netip"
	"time"

	"github.com/giaoban/giaoban/internal/wire"
)

// enterPin is POST /api/v1/pin: whether a room's page may open its settings.
// The PIN keeps idle hands off a television; what a room's token may do it
// does not change. An address that guesses is slowed down like one that
// guesses tokens.
func (s *Server) enterPin(w http.ResponseWriter, r *http.Request) {
	if _, err := s.bearer(r); err != nil {
		problem(w, err)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.cfg.Limits.Hello)) // a test's writer knows none
	body, err := io.ReadAll(io.LimitReader(r.Body, 1024))
	var entered wire.EnteredPin
	if err == nil {
		err = wire.Decode(body, &entered)
	}
	if err != nil {
		problem(w, refusal(wire.CodeFrameMalformed))
		return
	}
	if subtle.ConstantTimeCompare([]byte(entered.Pin), []byte(s.cfg.Pin)) == 1 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	from, err := netip.ParseAddr(addressOf(r))
	if err != nil || s.guesses.Wrong(from) {
		problem(w, refusal(wire.CodePinWrong))
		return
	}
	problem(w, refusal(wire.CodeRateLimited))
}
