package signaling

import (
	"github.com/giaoban/giaoban/internal/limit"
)

// fair is everybody's share of this server; see docs/limits.md.
type fair struct {
	guesses *limit.Rates[limit.Neighbourhood] // wrong tokens
	pinNear *limit.Rates[limit.Neighbourhood]
	pins    *limit.Rates[principal]
}

func newFair(t limit.Table) fair {
	return fair{
		guesses: limit.NewRates[limit.Neighbourhood](t, limit.Guesses, nil),
		pinNear: limit.NewRates[limit.Neighbourhood](t, limit.PinNear, nil),
		pins:    limit.NewRates[principal](t, limit.Pins, nil),
	}
}

// principal is whose share something counts to.
type principal Identity

func principalOf(who Identity) principal { return principal(who) }
