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
	g, ok := t.known[id]
	var stale []string // renewals of this one that never came back
	for other, o := range t.known {
		if o.Replaces == id {
			stale = append(stale, other)
		}
	}
	t.mu.RUnlock()
	switch {
	case !ok:
		return "", ErrUnknown
	case g.Device == "" || g.Device != device:
		return "", ErrDevice
	}
	if err := t.supersede(ctx, append(stale, g.Replaces)); err != nil {
		return "", err
	}
	if t.now().Sub(g.IssuedAt) < RotateAfter {
		return "", nil
	}
	renewed = newToken()
	r := record{Principal: g.Principal, IssuedBy: g.IssuedBy, Parent: g.parent(), Replaces: id}
	return renewed, t.keep(ctx, renewed, r)
}

// supersede ends tokens of a device that goes on with another one of the same
// grant: these alone, not their family.
func (t *Tokens) supersede(ctx context.Context, ids []string) error {
	var ended []string
	t.mu.Lock()
	for _, id := range ids {
		if t.known[id] != nil {
			t.dismiss(id)
			ended = append(ended, id)
		}
	}
	t.mu.Unlock()
	_, err := t.settle(ctx, ended)
	return err
}

// Pair makes the token of a device. The computer that had the place before is
// shut out, and this device out of the place it had: a spare one is given a
// link, or paired when it is needed.
func (t *Tokens) Pair(ctx context.Context, p Principal, from Origin) (token string, err error) {
	if token, err = t.Issue(ctx, p, from); err != nil {
		return "", err
	}
	paired := hash(token)
	err = t.RevokeWhere(ctx, func(g Grant) bool {
		same := g.Role == p.Role && g.Point == p.Point && g.System == p.System
		return g.ID != paired && g.Device != "" && (g.Device == p.Device || same)
	})
	if err != nil {
		return "", errors.Join(err, t.Revoke(ctx, paired)) // nobody knows it
	}
	return token, nil
}
