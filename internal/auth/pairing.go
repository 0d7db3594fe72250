package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/limit"
)

// The errors of Pairings.
var (
	ErrPairingBusy = errors.New("auth: too many devices wait for pairing")
	ErrCode        = errors.New("auth: no device shows this code")
)

// CodeLife is the life of a code.
const CodeLife = 10 * time.Minute

const codeDigits, maxCodes = 6, 1_000_000

// Pairings are the devices that show a code and wait to be given a point. They
// are of one node and do not outlive it: a device then shows a new code.
type Pairings struct {
	tokens *Tokens
	now    func() time.Time
	begin  *limit.Rates[limit.Neighbourhood]
	wrong  *limit.Rates[string] // codes nobody shows, by who typed them
	places *limit.Places[limit.Neighbourhood]

	mu      sync.Mutex
	waiting map[string]*pairing // by code
	secrets map[string]string   // code by the secret's hash
}

// pairing is one device.
type pairing struct {
	Waiting
	code   string
	secret string // hash
	given  *Given // nil while it waits
	place  *limit.Place[limit.Neighbourhood]
}

// Waiting is a device that shows a code, as an operator may list it: without
// the code, which only who stands before the device knows.
type Waiting struct {
	Device string
	From   string // address
	Since  time.Time
	Until  time.Time
}

// Given is what a device has been given.
type Given struct {
	Token string
	Principal
}

// NewPairings returns a table without devices. A nil clock is time.Now.
func NewPairings(tokens *Tokens, now func() time.Time) *Pairings {
	if now == nil {
		now = time.Now
	}
	t := limit.Standard()
	return &Pairings{
		tokens: tokens, now: now, begin: limit.NewRates[limit.Neighbourhood](t, limit.PairingBegun, now),
		wrong:   limit.NewRates[string](t, limit.PairingClaims, now),
		places:  limit.NewPlaces[limit.Neighbourhood](t, limit.Pairing, now),
		waiting: map[string]*pairing{}, secrets: map[string]string{},
	}
}

// Begin lets a device show a code of six digits. With the secret it asks for
// what it is given. A device that begins anew gives up its earlier code.
func (p *Pairings) Begin(from netip.Addr, device string) (code, secret string, until time.Time, err error) {
	if device == "" || len(device) > maxField {
		return "", "", until, ErrPrincipal
	}
	if err := p.begin.Take(limit.Near(from)); err != nil {
		return "", "", until, tooFast(err)
	}
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire(now)
	for _, w := range p.waiting {
		if w.Device == device {
			p.drop(w)
		}
	}
	w := &pairing{Waiting: Waiting{Device: device, From: from.Unmap().String(), Since: now, Until: now.Add(CodeLife)}}
	w.place, err = p.places.Enter(limit.Near(from), func() { p.drop(w) }) // under the lock, as Enter is
	if err != nil {
		return "", "", until, fmt.Errorf("%w: %w", ErrPairingBusy, err)
	}
	for code == "" || p.waiting[code] != nil {
		n, err := rand.Int(rand.Reader, big.NewInt(maxCodes))
		if err != nil {
			w.place.Leave()
			return "", "", until, fmt.Errorf("make a code: %w", err)
		}
		code = fmt.Sprintf("%0*d", codeDigits, n)
	}
	secret = newToken()
	w.code, w.secret = code, hash(secret)
	p.waiting[code], p.secrets[w.secret] = w, code
	return code, secret, w.Until, nil
}

// Assign gives the device that shows a code a token for a principal. from is who
// typed the code: somebody who guesses is soon told to wait. What the device
// had before ends, and so does every other device of the same role and point.
func (p *Pairings) Assign(ctx context.Context, code string, who Principal, from Origin) (Waiting, error) {
	p.mu.Lock()
	p.expire(p.now())
	w := p.waiting[code]
	if w != nil && w.given != nil {
		w = nil // a code works once
	}
	if w != nil {
		w.given = &Given{} // nobody else may give it anything meanwhile
	}
	p.mu.Unlock()
	if w == nil {
		if err := p.wrong.Take(from.By); err != nil {
			return Waiting{}, tooFast(err)
		}
		return Waiting{}, ErrCode
	}
	who.Device = w.Device
	token, err := p.tokens.Pair(ctx, who, from)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		w.given = nil
		return Waiting{}, err
	}
	w.given = &Given{Token: token, Principal: who}
	return w.Waiting, nil
}

// Collect tells a device what it has been given; nil while it waits. ErrCode
// says that its code is no more. What was given can be collected until the
// code's time is over, so that a lost answer can be asked for again.
func (p *Pairings) Collect(secret string) (*Given, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire(p.now())
	w := p.waiting[p.secrets[hash(secret)]]
	if w == nil {
		return nil, ErrCode
	}
	w.place.Speak() // a device that asks is there
	switch {
	case w.given == nil || w.given.Token == "":
		return nil, nil
	}
	return w.given, nil
}

// Waiting lists the devices that wait, the longest first.
func (p *Pairings) Waiting() []Waiting {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire(p.now())
	var list []Waiting
	for _, w := range p.waiting {
		if w.given == nil {
			list = append(list, w.Waiting)
		}
	}
	slices.SortFunc(list, func(a, b Waiting) int { return a.Since.Compare(b.Since) })
	return list
}

// expire forgets the codes whose time is over. The lock is held.
func (p *Pairings) expire(now time.Time) {
	for _, w := range p.waiting {
		if !now.Before(w.Until) {
			p.drop(w)
		}
	}
}

func (p *Pairings) drop(w *pairing) {
	delete(p.waiting, w.code)
	delete(p.secrets, w.secret)
	w.place.Leave()
}
