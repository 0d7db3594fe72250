package auth

import (
	"context"
	"errors"
	"time"
)

// RotateAfter is how old a device's token may grow before it is renewed.
const RotateAfter = 30 * 24 * time.Hour

// ErrDevice is a token used by another device than the one it was given to.
var ErrDevice = errors.New("auth: the token belongs to another device")

// Rotate renews a device's token once it is old; "" keeps the one it has. The
// old one stays valid until the device comes with the new one, so an answer
// that is lost locks nobody out.
func (t *Tokens) Rotate(ctx context.Context, token, device string) (renewed string, err error) {
	id := hash(token)
	t.mu.RLock()
	r, ok := t.known[id]
	var stale []string // renewals of this one that never came back
	for other, o := range t.known {
		if o.Replaces == id {
			stale = append(stale, other)
		}
	}
	_, before := t.known[r.Replaces]
	t.mu.RUnlock()
	switch {
	case !ok:
		return "", ErrUnknown
	case r.Device == "" || r.Device != device:
		return "", ErrDevice
	}
	if before {
		stale = append(stale, r.Replaces)
	}
	for _, old := range stale {
		if err := t.Revoke(ctx, old); err != nil && !errors.Is(err, ErrUnknown) {
			return "", err
		}
	}
	if t.now().Sub(r.IssuedAt) < RotateAfter {
		return "", nil
	}
	return t.renew(ctx, id, r)
}

func (t *Tokens) renew(ctx context.Context, id string, r record) (string, error) {
	renewed := newToken()
	return renewed, t.keep(ctx, renewed, record{Principal: r.Principal, IssuedBy: r.IssuedBy, Replaces: id})
}
