package auth

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/limit"
)

// patience holds sign-ins to their limits: how many may fail, and how many
// hashes are worked out.
type patience struct {
	near   *limit.Rates[limit.Neighbourhood]
	pair   *limit.Rates[attempt]
	name   *limit.Rates[string]
	hashes *limit.Places[limit.Neighbourhood]
	turn   chan struct{} // one hash at a time
}

// attempt is a name tried from a neighbourhood.
type attempt struct {
	from limit.Neighbourhood
	name string
}

func newPatience(now func() time.Time) *patience {
	t := limit.Standard()
	return &patience{
		near: limit.NewRates[limit.Neighbourhood](t, limit.SignIns, now), pair: limit.NewRates[attempt](t, limit.SignInPairs, now),
		name: limit.NewRates[string](t, limit.SignInNames, now), hashes: limit.NewPlaces[limit.Neighbourhood](t, limit.Hashes, now),
		turn: make(chan struct{}, 1),
	}
}

// begin counts a sign-in as failed until it has not. Who is over one limit does
// not use up the others.
func (p *patience) begin(try attempt) error {
	if err := p.near.Take(try.from); err != nil {
		return tooFast(err)
	}
	if err := p.pair.Take(try); err != nil {
		p.near.GiveBack(try.from)
		return tooFast(err)
	}
	return nil
}

// strange counts a sign-in for a name from where it has never signed in.
func (p *patience) strange(try attempt) error {
	err := p.name.Take(try.name)
	if err != nil {
		p.forgive(try)
		return tooFast(err)
	}
	return nil
}

// forgive takes back what begin counted.
func (p *patience) forgive(try attempt) {
	p.near.GiveBack(try.from)
	p.pair.GiveBack(try)
}

// work does what hashes, when its turn has come: one at a time, so that it never
// takes more than one processor, and a bounded number that wait.
func (p *patience) work(ctx context.Context, from limit.Neighbourhood, hash func()) error {
	place, err := p.hashes.Enter(from, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrOverload, err)
	}
	defer place.Leave()
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return ErrOverload
	}
	defer func() { <-p.turn }()
	background(hash)
	return nil
}

// background does something on a thread of its own at low priority, and waits.
// The thread ends with it, for priority once given up does not come back.
func background(do func()) {
	done := make(chan any)
	go guard.Scope{Name: "hash"}.Run(func() {
		defer func() { done <- recover() }()
		runtime.LockOSThread()
		yieldToOthers()
		do()
	})
	if broken := <-done; broken != nil {
		panic(broken)
	}
}

func tooFast(err error) error { return fmt.Errorf("%w: %w", ErrTooFast, err) }

// familiarMost is how many neighbourhoods of an account are remembered.
const familiarMost = 16

// meet remembers that the account has signed in from a neighbourhood, the
// newest last, and reports whether that is news.
func (a *account) meet(from limit.Neighbourhood) bool {
	if slices.Contains(a.Near, from.String()) {
		return false
	}
	a.Near = append(a.Near, from.String())
	a.Near = a.Near[max(0, len(a.Near)-familiarMost):]
	return true
}
